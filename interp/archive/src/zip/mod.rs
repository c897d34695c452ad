//! Zip files.
//!
//! Such a file says everything twice: before the content of each entry, and in a directory at its end, which also says where the former are. The
//! [writer](ZipFile) knows what to say of an entry only behind it, and so says it there; the [reader](unzip) wants to hear the same from all of them.

mod read;
mod record;
mod write;

pub(crate) use read::unzip;
pub(crate) use write::ZipFile;

/// Begins what stands before an entry,
const LOCAL: u32 = 0x0403_4b50;
/// behind it,
const BEHIND: u32 = 0x0807_4b50;
/// of it in the directory,
const CENTRAL: u32 = 0x0201_4b50;
/// behind the directory, where that is large,
const LARGE_END: u32 = 0x0606_4b50;
/// and where that begins,
const LARGE_END_AT: u32 = 0x0706_4b50;
/// and at the end.
const END: u32 = 0x0605_4b50;

/// Instead of a number that does not fit.
const ELSEWHERE: u32 = u32::MAX;

/// The content as it is,
const STORED: u16 = 0;
/// and compressed.
const DEFLATED: u16 = 8;

/// What is said of an entry is said behind it.
const SAID_BEHIND: u16 = 1 << 3;
/// Its name is in UTF-8.
const IN_UTF8: u16 = 1 << 11;
/// Nobody but who has the word can read it.
const ENCRYPTED: u16 = 1 | 1 << 6 | 1 << 13;

/// Which extra field has sizes that do not fit,
const EXTRA_LARGE: u16 = 1;
/// when it was changed, to the second and in which time zone,
const EXTRA_TIME: u16 = 0x5455;
/// and another name.
const EXTRA_NAME: u16 = 0x7075;

/// Bits of a mode that say what it is.
const KIND: u32 = 0o170_000;
const KIND_FILE: u32 = 0o100_000;
const KIND_DIRECTORY: u32 = 0o040_000;
const KIND_LINK: u32 = 0o120_000;
