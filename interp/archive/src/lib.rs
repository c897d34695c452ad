//! Formats of archives: from bytes to entries, and back.
//!
//! * Nothing here opens a file. Bytes come from a reader and go to a writer, and entries are handed on one by one: whatever the size of an
//!   archive, it is never in memory.
//! * An archive was made by somebody else. What it says is believed only where all places that say it agree, and where it leads is decided
//!   by [`names`] before anybody hears of the entry. What is not sure is refused: [`Trouble`] says why.
//! * How much may come of an archive is limited ([`Limits`]), while it is read.

mod body;
mod format;
mod gzip;
mod limits;
pub mod names;
mod stream;
mod tar;
mod trouble;
mod zip;
mod zstd;

use std::io::{Read, Seek};

use perch_system::Item;

pub use format::{Format, Packing, unpack};
pub use gzip::{gzip, ungzip};
pub use limits::Limits;
pub use trouble::Trouble;

/// Bytes of which more can be asked for than the next ones.
pub trait Input: Read + Seek {}

impl<T: Read + Seek> Input for T {}

/// What is done with an entry.
pub type Each<'e> = &'e mut dyn FnMut(Item<'_>) -> Result<(), perch_system::Error>;

/// How much is taken at a time.
const CHUNK: usize = 128 << 10;

/// How hard it is tried to make something small: what `gzip` does unless it is told otherwise.
const LEVEL: u32 = 6;
