//! Checksums, in lower-case hexadecimal digits.

use data_encoding::HEXLOWER;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};

pub(super) fn md5(text: &str) -> String {
    HEXLOWER.encode(&Md5::digest(text))
}

pub(super) fn sha1(text: &str) -> String {
    HEXLOWER.encode(&Sha1::digest(text))
}

pub(super) fn sha256(text: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(text))
}

pub(super) fn crc32(text: &str) -> String {
    format!("{:08x}", crc32fast::hash(text.as_bytes()))
}

/// Whether a checksum is the one that is wanted, which may be in upper case and have the name of its algorithm before it.
pub(super) fn is(sum: &str, wanted: &str) -> bool {
    let wanted = wanted.trim();
    let bare = wanted.get(..7).filter(|prefix| prefix.eq_ignore_ascii_case("sha256:")).map_or(wanted, |_| &wanted[7..]);
    sum.eq_ignore_ascii_case(bare)
}
