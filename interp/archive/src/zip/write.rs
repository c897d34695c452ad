//! From entries to a zip file, as a stream.

use std::io::{self, BufWriter, Read, Write};

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};
use perch_system::{Item, What};

use super::{
    BEHIND, CENTRAL, DEFLATED, ELSEWHERE, END, EXTRA_LARGE, EXTRA_TIME, IN_UTF8, KIND_DIRECTORY, KIND_FILE, KIND_LINK,
    LARGE_END, LARGE_END_AT, LOCAL, SAID_BEHIND, STORED,
};
use crate::{CHUNK, LEVEL, Trouble};

/// The first day that the format knows. The time to the second is in a field of its own, as this one has no time zone.
const DAY_ONE: u16 = 1 << 5 | 1;

/// Made where there are permission bits, by version 4.5 of the format.
const MADE_BY: u16 = 3 << 8 | 45;

/// A zip file that grows.
pub(crate) struct ZipFile<W: Write> {
    to: Counted<BufWriter<W>>,
    /// What is said in the directory, as it is written.
    directory: Vec<u8>,
    entries: u64,
}

/// What is said of an entry.
struct Entry<'e> {
    name: &'e [u8],
    mode: u32,
    time: i64,
    method: u16,
    /// Its sizes may need more room than they have.
    large: bool,
    behind: bool,
    begins: u64,
    crc: u32,
    packed: u64,
    size: u64,
}

impl<W: Write> ZipFile<W> {
    pub(crate) fn new(to: W) -> Self {
        let to = Counted { to: BufWriter::with_capacity(CHUNK, to), count: 0 };
        Self { to, directory: Vec::new(), entries: 0 }
    }

    pub(crate) fn add(&mut self, item: Item<'_>) -> Result<(), Trouble> {
        let begins = self.to.count;
        let named = |name, kind| Entry {
            name,
            mode: kind | item.mode,
            time: item.time,
            method: STORED,
            large: false,
            behind: false,
            begins,
            crc: 0,
            packed: 0,
            size: 0,
        };
        match item.what {
            What::Directory => self.add_whole(named(&[item.path, b"/"].concat(), KIND_DIRECTORY), b""),
            What::Link { target } => self.add_whole(named(item.path, KIND_LINK), target),
            // The format knows no second names.
            What::Again { of } => {
                let shown = crate::names::shown(of);
                Err(Trouble::garbled(format!("a zip file has no place for a second name of `{shown}`")))
            }
            What::File { size, content } => {
                let large = size >= u64::from(ELSEWHERE) / 2;
                let entry = Entry { method: DEFLATED, behind: true, large, ..named(item.path, KIND_FILE) };
                self.add_stream(entry, content)
            }
        }
    }

    /// An entry of which all is known.
    fn add_whole(&mut self, entry: Entry<'_>, content: &[u8]) -> Result<(), Trouble> {
        let mut crc = Crc::new();
        crc.update(content);
        let size = content.len() as u64;
        let entry = Entry { crc: crc.sum(), packed: size, size, ..entry };
        let mut write = || {
            self.to.write_all(&entry.local())?;
            self.to.write_all(content)
        };
        write().map_err(Trouble::Io)?;
        self.listed(&entry);
        Ok(())
    }

    /// An entry of which everything is known behind it.
    fn add_stream(&mut self, mut entry: Entry<'_>, content: &mut dyn Read) -> Result<(), Trouble> {
        self.to.write_all(&entry.local()).map_err(Trouble::Io)?;
        let from = self.to.count;
        let mut crc = Crc::new();
        let mut packed = DeflateEncoder::new(&mut self.to, Compression::new(LEVEL));
        let mut buffer = vec![0; CHUNK];
        loop {
            let read = match content.read(&mut buffer) {
                Ok(0) => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                read => read.map_err(Trouble::Io)?,
            };
            crc.update(&buffer[..read]);
            entry.size += read as u64;
            packed.write_all(&buffer[..read]).map_err(Trouble::Io)?;
        }
        packed.finish().map_err(Trouble::Io)?;
        (entry.crc, entry.packed) = (crc.sum(), self.to.count - from);
        if !entry.large && entry.size.max(entry.packed) >= u64::from(ELSEWHERE) {
            return Err(Trouble::garbled("a file became longer while it was packed"));
        }
        self.to.write_all(&entry.behind()).map_err(Trouble::Io)?;
        self.listed(&entry);
        Ok(())
    }

    fn listed(&mut self, entry: &Entry<'_>) {
        self.entries += 1;
        self.directory.extend(entry.central());
    }

    pub(crate) fn finish(mut self) -> Result<(), Trouble> {
        let at = self.to.count;
        let (size, entries) = (self.directory.len() as u64, self.entries);
        let mut end = Vec::new();
        let large = entries >= u64::from(u16::MAX) || at.max(size) >= u64::from(ELSEWHERE);
        if large {
            put(&mut end, &[&LARGE_END.to_le_bytes(), &44_u64.to_le_bytes(), &MADE_BY.to_le_bytes()]);
            put(&mut end, &[&45_u16.to_le_bytes(), &[0; 8]]);
            [entries, entries, size, at].iter().for_each(|number| end.extend(number.to_le_bytes()));
            put(&mut end, &[&LARGE_END_AT.to_le_bytes(), &[0; 4], &(at + size).to_le_bytes(), &1_u32.to_le_bytes()]);
        }
        let few = if large { u16::MAX } else { u16::try_from(entries).unwrap_or(u16::MAX) };
        put(&mut end, &[&END.to_le_bytes(), &[0; 4], &few.to_le_bytes(), &few.to_le_bytes()]);
        [size, at].iter().for_each(|number| end.extend(short(*number, large).to_le_bytes()));
        end.extend([0; 2]);
        let mut write = || {
            self.to.write_all(&self.directory)?;
            self.to.write_all(&end)?;
            self.to.flush()
        };
        write().map_err(Trouble::Io)
    }
}

fn put(to: &mut Vec<u8>, fields: &[&[u8]]) {
    fields.iter().for_each(|field| to.extend_from_slice(field));
}

/// A number in the room that is for it, or where else it is.
fn short(number: u64, elsewhere: bool) -> u32 {
    if elsewhere { ELSEWHERE } else { u32::try_from(number).unwrap_or(ELSEWHERE) }
}

impl Entry<'_> {
    /// What is said in both places, up to the lengths.
    fn common(&self) -> Vec<u8> {
        let mut flags = if std::str::from_utf8(self.name).is_ok() { IN_UTF8 } else { 0 };
        if self.behind {
            flags |= SAID_BEHIND;
        }
        let mut record = Vec::new();
        put(&mut record, &[&45_u16.to_le_bytes(), &flags.to_le_bytes(), &self.method.to_le_bytes()]);
        put(&mut record, &[&[0; 2], &DAY_ONE.to_le_bytes()]);
        record
    }

    /// What it is, for systems with permission bits and for the others.
    fn attributes(&self) -> u32 {
        let directory = if self.mode & KIND_DIRECTORY != 0 { 0x10 } else { 0 };
        self.mode << 16 | directory
    }

    fn time(&self) -> [u8; 9] {
        let mut field = [0; 9];
        field[..2].copy_from_slice(&EXTRA_TIME.to_le_bytes());
        field[2] = 5;
        field[4] = 1;
        let time = i32::try_from(self.time).unwrap_or(if self.time < 0 { i32::MIN } else { i32::MAX });
        field[5..].copy_from_slice(&time.to_le_bytes());
        field
    }

    fn lengths(&self, extra: usize) -> [u8; 4] {
        let [name, extra] = [self.name.len(), extra].map(|length| u16::try_from(length).unwrap_or(u16::MAX));
        let ([a, b], [c, d]) = (name.to_le_bytes(), extra.to_le_bytes());
        [a, b, c, d]
    }

    fn local(&self) -> Vec<u8> {
        let mut extra = self.time().to_vec();
        if self.large {
            put(&mut extra, &[&EXTRA_LARGE.to_le_bytes(), &16_u16.to_le_bytes(), &[0; 16]]);
        }
        let mut record = LOCAL.to_le_bytes().to_vec();
        record.extend(self.common());
        record.extend(self.crc.to_le_bytes());
        [self.packed, self.size].iter().for_each(|size| record.extend(short(*size, self.large).to_le_bytes()));
        put(&mut record, &[&self.lengths(extra.len()), self.name, &extra]);
        record
    }

    fn behind(&self) -> Vec<u8> {
        let mut record = Vec::new();
        put(&mut record, &[&BEHIND.to_le_bytes(), &self.crc.to_le_bytes()]);
        for size in [self.packed, self.size] {
            match self.large {
                true => record.extend(size.to_le_bytes()),
                false => record.extend(short(size, false).to_le_bytes()),
            }
        }
        record
    }

    fn central(&self) -> Vec<u8> {
        let numbers = [self.size, self.packed, self.begins];
        let large = self.large || self.begins >= u64::from(ELSEWHERE);
        let mut extra = self.time().to_vec();
        if large {
            put(&mut extra, &[&EXTRA_LARGE.to_le_bytes(), &24_u16.to_le_bytes()]);
            numbers.iter().for_each(|number| extra.extend(number.to_le_bytes()));
        }
        let mut record = Vec::new();
        put(&mut record, &[&CENTRAL.to_le_bytes(), &MADE_BY.to_le_bytes(), &self.common(), &self.crc.to_le_bytes()]);
        [self.packed, self.size].iter().for_each(|size| record.extend(short(*size, large).to_le_bytes()));
        put(&mut record, &[&self.lengths(extra.len()), &[0; 6], &self.attributes().to_le_bytes()]);
        put(&mut record, &[&short(self.begins, large).to_le_bytes(), self.name, &extra]);
        record
    }
}

/// A writer that knows how much it has written.
struct Counted<W> {
    to: W,
    count: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.count += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}
