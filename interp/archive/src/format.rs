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

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use perch_system::What;

    use super::*;

    const FORMATS: [Format; 2] = [Format::Tar, Format::Zip];

    fn item<'i>(path: &'i str, what: What<'i>) -> Item<'i> {
        Item { path: path.as_bytes(), mode: 0o644, time: 1, what }
    }

    /// An archive with files of that many zeros, and links.
    fn packed(format: Format, files: &[u64], links: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut packing = Packing::new(format, &mut bytes);
        for (at, size) in files.iter().enumerate() {
            let content = &mut std::io::Read::take(std::io::repeat(0), *size);
            packing.add(item(&format!("d/{at}"), What::File { size: *size, content })).unwrap();
        }
        for at in 0..links {
            packing.add(item(&format!("l{at}"), What::Link { target: b"d" })).unwrap();
        }
        packing.finish().unwrap();
        bytes
    }

    /// What is in it: how many entries, and bytes of files.
    fn unpacked(format: Format, bytes: &[u8], limits: &Limits) -> Result<(u64, u64), Trouble> {
        let (mut entries, mut sum) = (0, 0);
        let mut each = |item: Item<'_>| {
            entries += 1;
            if let What::File { content, .. } = item.what {
                // What cannot be read is noticed without us.
                sum += std::io::copy(content, &mut std::io::sink()).unwrap_or(0);
            }
            Ok(())
        };
        unpack(format, &mut Cursor::new(bytes), limits, &mut each)?;
        Ok((entries, sum))
    }

    #[test]
    fn what_is_packed_is_handed_on() {
        for format in FORMATS {
            let bytes = packed(format, &[0, 1, 300_000], 2);
            assert_eq!(unpacked(format, &bytes, &Limits::default()).unwrap(), (5, 300_001), "{format:?}");
        }
    }

    /// Z09.
    #[test]
    fn z09_limits_are_kept() {
        let usual = Limits { free: 1 << 20, ..Limits::default() };
        for format in FORMATS {
            let bytes = packed(format, &[1 << 20, 1 << 20], 3);
            assert!(unpacked(format, &bytes, &Limits { ratio: 2000, ..usual }).is_ok(), "{format:?}");
            let less = [
                Limits { ratio: 200, ..usual },
                Limits { ratio: 2000, bytes: (2 << 20) - 1, ..usual },
                Limits { ratio: 2000, entries: 4, ..usual },
                Limits { ratio: 2000, links: 4, ..usual },
                Limits { ratio: 2000, depth: 1, ..usual },
            ];
            for limits in less {
                let trouble = unpacked(format, &bytes, &limits);
                assert!(matches!(trouble, Err(Trouble::TooLarge(_))), "{format:?} {limits:?} {trouble:?}");
            }
        }
    }

    #[test]
    fn a_file_that_becomes_shorter_is_noticed() {
        let mut packing = Packing::new(Format::Tar, Vec::new());
        let content = &mut b"ab".as_slice();
        let trouble = packing.add(item("a", What::File { size: 3, content }));
        assert!(matches!(trouble, Err(Trouble::Garbled(_))));
    }
}
