//! What is reckoned from the content of a file, of any size.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::PermissionsExt;

use sha2::Digest;

use crate::file::Content;

/// What is reckoned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// The MD5.
    Md5,
    /// The SHA-1.
    Sha1,
    /// The SHA-256.
    Sha256,
    /// How many bytes it has.
    Size,
    /// What is missing at the end of its last line: a newline, or nothing.
    LineEnd,
    /// Whether somebody may start it: `x`, or `-`.
    Executable,
}

impl Measure {
    /// The one of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "md5" => Self::Md5,
            "sha1" => Self::Sha1,
            "sha256" => Self::Sha256,
            "size" => Self::Size,
            "line_end" => Self::LineEnd,
            "executable" => Self::Executable,
            _ => return None,
        })
    }

    /// What comes of the content.
    pub(crate) fn of(self, content: Content<'_>) -> io::Result<String> {
        match self {
            Self::Md5 => sum::<md5::Md5>(content),
            Self::Sha1 => sum::<sha1::Sha1>(content),
            Self::Sha256 => sum::<sha2::Sha256>(content),
            Self::Size => size(content).map(|size| size.to_string()),
            Self::LineEnd => line_end(content).map(str::to_owned),
            Self::Executable => executable(content).map(str::to_owned),
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

/// The files of `/proc` say of themselves that they are empty, so an empty one is read.
fn size(content: Content<'_>) -> io::Result<u64> {
    match content {
        Content::File(file, _) => match file.metadata()?.len() {
            0 => io::copy(file, &mut io::sink()),
            size => Ok(size),
        },
        Content::Text(text) => Ok(text.len() as u64),
        Content::From(source) => io::copy(source, &mut io::sink()),
        Content::Waiting(mut source) => io::copy(&mut source, &mut io::sink()),
    }
}

fn executable(content: Content<'_>) -> io::Result<&'static str> {
    let is = match content {
        Content::File(file, _) => file.metadata()?.permissions().mode() & 0o111 != 0,
        Content::Text(_) | Content::From(_) | Content::Waiting(_) => false,
    };
    Ok(if is { "x" } else { "-" })
}

/// What is no regular file has no last line: what is written to it goes where nobody asks what was there.
fn line_end(content: Content<'_>) -> io::Result<&'static str> {
    let ends = match content {
        Content::File(file, _) => last_byte(file)?.is_none_or(|byte| byte == b'\n'),
        Content::Text(text) => text.is_empty() || text.ends_with('\n'),
        Content::From(_) | Content::Waiting(_) => true,
    };
    Ok(if ends { "" } else { "\n" })
}

fn last_byte(file: &mut File) -> io::Result<Option<u8>> {
    if file.metadata()?.len() == 0 {
        return Ok(None);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut byte = [0];
    file.read_exact(&mut byte)?;
    Ok(Some(byte[0]))
}
