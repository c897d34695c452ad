//! Checksums of files.

use std::fmt::Write as _;
use std::io::{self, Write};

use sha2::Digest;

use crate::file::Content;

/// How a checksum is reckoned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// MD5.
    Md5,
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
}

impl Algorithm {
    /// The one of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "md5" => Some(Self::Md5),
            "sha1" => Some(Self::Sha1),
            "sha256" => Some(Self::Sha256),
            _ => None,
        }
    }

    /// The checksum of what is read, a piece at a time.
    pub(crate) fn of(self, content: Content<'_>) -> io::Result<String> {
        match self {
            Self::Md5 => sum::<md5::Md5>(content),
            Self::Sha1 => sum::<sha1::Sha1>(content),
            Self::Sha256 => sum::<sha2::Sha256>(content),
        }
    }
}

/// Takes what is written into a checksum.
struct Into<D>(D);

impl<D: Digest> Write for Into<D> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn sum<D: Digest>(content: Content<'_>) -> io::Result<String> {
    // Larger pieces than `io::copy` takes by itself.
    let mut target = io::BufWriter::with_capacity(1 << 18, Into(D::new()));
    content.fill(&mut target)?;
    let Into(digest) = target.into_inner().map_err(io::IntoInnerError::into_error)?;
    let mut digits = String::new();
    for byte in digest.finalize() {
        let _ = write!(digits, "{byte:02x}");
    }
    Ok(digits)
}
