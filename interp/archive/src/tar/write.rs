//! From entries to an archive.

use std::ffi::OsStr;
use std::io::{self, BufWriter, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use flate2::write::GzEncoder;
use perch_system::{Item, What};
use tar::{Builder, EntryType, Header};

use crate::gzip::compressed;
use crate::{CHUNK, Trouble};

/// A tar file that grows, compressed by gzip. It says of each entry what it is, its permission bits and when it was changed, and of none
/// to whom it belongs: that is nobody's business elsewhere.
pub(crate) struct TarFile<W: Write> {
    archive: Builder<GzEncoder<BufWriter<W>>>,
}

impl<W: Write> TarFile<W> {
    /// An archive without entries.
    pub(crate) fn new(to: W) -> Self {
        Self { archive: Builder::new(compressed(BufWriter::with_capacity(CHUNK, to))) }
    }

    /// Adds an entry.
    pub(crate) fn add(&mut self, item: Item<'_>) -> Result<(), Trouble> {
        let mut header = Header::new_gnu();
        header.set_mode(item.mode);
        header.set_mtime(u64::try_from(item.time).unwrap_or(0));
        header.set_size(0);
        let done = match item.what {
            What::Directory => {
                header.set_entry_type(EntryType::Directory);
                let name = [item.path, b"/"].concat();
                self.archive.append_data(&mut header, path(&name), io::empty())
            }
            What::Link { target } => {
                header.set_entry_type(EntryType::Symlink);
                self.archive.append_link(&mut header, path(item.path), path(target))
            }
            What::Again { of } => {
                header.set_entry_type(EntryType::Link);
                self.archive.append_link(&mut header, path(item.path), path(of))
            }
            What::File { size, content } => {
                header.set_entry_type(EntryType::Regular);
                header.set_size(size);
                let mut content = Exactly { from: content, left: size };
                self.archive.append_data(&mut header, path(item.path), &mut content)
            }
        };
        done.map_err(|error| error.downcast::<Trouble>().unwrap_or_else(Trouble::Io))
    }

    /// Writes the end of the archive.
    pub(crate) fn finish(self) -> Result<(), Trouble> {
        let end = || self.archive.into_inner()?.finish()?.flush();
        end().map_err(Trouble::Io)
    }
}

fn path(name: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(name))
}

/// As many bytes as were announced: what comes after these came too late.
struct Exactly<'r> {
    from: &'r mut dyn io::Read,
    left: u64,
}

impl io::Read for Exactly<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let read = self.from.read(&mut buffer[..most])?;
        if read == 0 && most > 0 {
            return Err(Trouble::garbled("a file became shorter while it was packed").through());
        }
        self.left -= read as u64;
        Ok(read)
    }
}
