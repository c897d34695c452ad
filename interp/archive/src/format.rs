//! The formats of archives that hold trees.

use std::io::Write;

use perch_system::Item;

use crate::tar::{TarFile, untar};
use crate::zip::{ZipFile, unzip};
use crate::{Each, Input, Limits, Trouble};

/// A format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Tar, compressed by gzip.
    Tar,
    /// Zip.
    Zip,
}

impl Format {
    /// The format of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "tar" => Some(Self::Tar),
            "zip" => Some(Self::Zip),
            _ => None,
        }
    }
}

/// Hands on the entries of an archive.
///
/// # Errors
/// At the first entry that is not to be made, and where the archive is broken, says two things at once, or becomes too much.
pub fn unpack(format: Format, from: &mut dyn Input, limits: &Limits, each: Each<'_>) -> Result<(), Trouble> {
    match format {
        Format::Tar => {
            let mut from = from;
            untar(&mut from, limits, each)
        }
        Format::Zip => unzip(from, limits, each),
    }
}

/// An archive that grows.
pub struct Packing<W: Write>(Growing<W>);

enum Growing<W: Write> {
    Tar(Box<TarFile<W>>),
    Zip(Box<ZipFile<W>>),
}

impl<W: Write> Packing<W> {
    /// An archive without entries.
    pub fn new(format: Format, to: W) -> Self {
        Self(match format {
            Format::Tar => Growing::Tar(Box::new(TarFile::new(to))),
            Format::Zip => Growing::Zip(Box::new(ZipFile::new(to))),
        })
    }

    /// Adds an entry.
    ///
    /// # Errors
    /// If reading or writing fails, or a file has become another while it was read.
    pub fn add(&mut self, item: Item<'_>) -> Result<(), Trouble> {
        match &mut self.0 {
            Growing::Tar(archive) => archive.add(item),
            Growing::Zip(archive) => archive.add(item),
        }
    }

    /// Writes the end of the archive.
    ///
    /// # Errors
    /// If writing fails.
    pub fn finish(self) -> Result<(), Trouble> {
        match self.0 {
            Growing::Tar(archive) => archive.finish(),
            Growing::Zip(archive) => archive.finish(),
        }
    }
}
