//! From a tar file to entries.
//!
//! The format has grown: a header may be preceded by others that say more of the same entry. Programs that believe one or the other see two
//! different archives in one file, and that has been used to bring something past whoever looked first. So headers are read one by one here,
//! and where two of them speak of one thing, they must say the same.

use std::io::{self, Read};

use perch_system::{Item, What};
use tar::{Archive, Entry, EntryType};

use crate::body::Body;
use crate::names::{landing, shown, stays};
use crate::stream::Unpacked;
use crate::{Each, Limits, Trouble};

/// A header of more bytes has no honest reason.
const MOST_OF_A_HEADER: u64 = 1 << 20;

/// Hands on the entries of a tar file that is compressed by gzip or zstd.
///
/// # Errors
/// At the first entry that is not to be made, and where the archive is broken, says two things at once, or becomes too much.
pub(crate) fn untar(from: &mut dyn Read, limits: &Limits, each: Each<'_>) -> Result<(), Trouble> {
    let mut archive = Archive::new(Unpacked::by_either(from, limits)?);
    let mut said = Said::default();
    let (mut count, mut links) = (0, 0);
    for entry in archive.entries().map_err(Trouble::of)?.raw(true) {
        let mut entry = entry.map_err(Trouble::of)?;
        count += 1;
        if count > limits.entries {
            return Err(Trouble::TooLarge(format!("it has more than {} entries", limits.entries)));
        }
        if links > limits.links {
            return Err(Trouble::TooLarge("it has more links than anybody needs".to_owned()));
        }
        match entry.header().entry_type() {
            EntryType::XHeader => said.records(&content_of_header(&mut entry)?, false)?,
            EntryType::XGlobalHeader => Said::default().records(&content_of_header(&mut entry)?, true)?,
            EntryType::GNULongName => said.name(c_text(content_of_header(&mut entry)?))?,
            EntryType::GNULongLink => said.target(c_text(content_of_header(&mut entry)?))?,
            _ => links += member(entry, std::mem::take(&mut said), limits, each)?,
        }
    }
    if said != Said::default() {
        return Err(Trouble::garbled("it ends behind a header that speaks of an entry"));
    }
    nothing_more(&mut archive.into_inner())
}

/// Behind the end there is nothing but zeros, and the sum of the compression is right.
fn nothing_more(rest: &mut dyn Read) -> Result<(), Trouble> {
    let mut buffer = [0; 8 << 10];
    loop {
        match rest.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(read) if buffer[..read].iter().all(|byte| *byte == 0) => {}
            Ok(_) => return Err(Trouble::garbled("something stands behind its end")),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Trouble::of(error)),
        }
    }
}

/// What headers before an entry say of it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Said {
    name: Option<Vec<u8>>,
    target: Option<Vec<u8>>,
    size: Option<u64>,
    time: Option<i64>,
}

impl Said {
    fn name(&mut self, name: Vec<u8>) -> Result<(), Trouble> {
        once(self.name.replace(name).is_none())
    }

    fn target(&mut self, target: Vec<u8>) -> Result<(), Trouble> {
        once(self.target.replace(target).is_none())
    }

    /// Records of the form `LENGTH KEY=VALUE\n`. What is said of all entries at once may be nothing that matters.
    fn records(&mut self, mut bytes: &[u8], of_all: bool) -> Result<(), Trouble> {
        while !bytes.is_empty() {
            let (key, value, rest) =
                record(bytes).ok_or_else(|| Trouble::garbled("a header before an entry cannot be read"))?;
            let matters = matches!(key, b"path" | b"linkpath" | b"size") || key.starts_with(b"GNU.sparse");
            if matters && of_all {
                return Err(Trouble::garbled(format!("a header says `{}` of all entries", shown(key))));
            }
            match key {
                b"path" => self.name(value.to_owned())?,
                b"linkpath" => self.target(value.to_owned())?,
                b"size" => {
                    let size = number(value).ok_or_else(|| Trouble::garbled("the size of an entry is no number"))?;
                    once(self.size.replace(size).is_none())?;
                }
                b"mtime" => {
                    let whole = value.split(|byte| *byte == b'.').next().unwrap_or_default();
                    self.time = std::str::from_utf8(whole).ok().and_then(|whole| whole.parse().ok());
                }
                _ if key.starts_with(b"GNU.sparse") => return Err(sparse()),
                _ => {}
            }
            bytes = rest;
        }
        Ok(())
    }
}

fn once(first: bool) -> Result<(), Trouble> {
    if first { Ok(()) } else { Err(Trouble::garbled("headers say the same of an entry twice")) }
}

fn sparse() -> Trouble {
    Trouble::garbled("it has a file with holes, which perch does not read")
}

/// The first record, and what is behind it.
fn record(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let blank = bytes.iter().position(|byte| *byte == b' ')?;
    let length = usize::try_from(number(&bytes[..blank])?).ok()?;
    let (record, rest) = bytes.split_at_checked(length)?;
    let record = record.get(blank + 1..)?.strip_suffix(b"\n")?;
    let equals = record.iter().position(|byte| *byte == b'=')?;
    Some((&record[..equals], &record[equals + 1..], rest))
}

/// Digits alone.
fn number(bytes: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(bytes).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?;
    text.parse().ok()
}

fn c_text(mut bytes: Vec<u8>) -> Vec<u8> {
    if bytes.last() == Some(&0) {
        bytes.pop();
    }
    bytes
}

fn content_of_header<R: Read>(entry: &mut Entry<'_, R>) -> Result<Vec<u8>, Trouble> {
    let size = entry.header().entry_size().map_err(Trouble::of)?;
    if size > MOST_OF_A_HEADER {
        return Err(Trouble::TooLarge("a header before an entry is larger than anybody needs".to_owned()));
    }
    Body::new(entry, size).whole()
}

/// One entry, with what headers before it have said. Gives how much there is to remember of it.
fn member<R: Read>(mut entry: Entry<'_, R>, said: Said, limits: &Limits, each: Each<'_>) -> Result<usize, Trouble> {
    let header = entry.header().clone();
    let name = said.name.unwrap_or_else(|| header.path_bytes().into_owned());
    let wrong = |what: &str| Trouble::garbled(format!("entry `{}` {what}", shown(&name)));
    let size = header.entry_size().map_err(|_| wrong("has a size that cannot be read"))?;
    if said.size.is_some_and(|said| said != size) {
        return Err(wrong("has two different sizes"));
    }
    let mut kind = header.entry_type();
    // So old archives write directories.
    if kind == EntryType::Regular && name.ends_with(b"/") {
        kind = EntryType::Directory;
    }
    let names = landing(&name, limits)?;
    let path = names.join(&b'/');
    if names.is_empty() && kind != EntryType::Directory {
        return Err(wrong("has no name"));
    }
    if size > 0 && !matches!(kind, EntryType::Regular | EntryType::Continuous) {
        return Err(wrong("has content and is no file"));
    }
    let mode = header.mode().map_err(|_| wrong("has permission bits that cannot be read"))?;
    let time = said.time.or_else(|| i64::try_from(header.mtime().ok()?).ok()).unwrap_or(0);
    let target = said.target.or_else(|| header.link_name_bytes().map(|target| target.into_owned())).unwrap_or_default();
    let mut body = Body::new(&mut entry, size);
    let what = match kind {
        EntryType::Regular | EntryType::Continuous => What::File { size, content: &mut body },
        EntryType::Directory => What::Directory,
        EntryType::Symlink => {
            stays(&names, &target)?;
            What::Link { target: &target }
        }
        EntryType::Link => {
            let of = landing(&target, limits)?.join(&b'/');
            each(Item { path: &path, mode, time, what: What::Again { of: &of } })?;
            return Ok(0);
        }
        EntryType::Char | EntryType::Block | EntryType::Fifo => {
            let name = shown(&name);
            return Err(Trouble::Refused(format!("entry `{name}` is a device or a pipe")));
        }
        EntryType::GNUSparse => return Err(sparse()),
        _ => return Err(wrong("is of a kind that perch does not know")),
    };
    let remembered = if kind == EntryType::Symlink { path.len() + target.len() } else { 0 };
    let done = each(Item { path: &path, mode, time, what });
    body.finished(done)?;
    Ok(remembered)
}
