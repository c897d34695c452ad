//! From a zip file to entries.

use std::io::{self, BufReader, Read, SeekFrom};

use flate2::Crc;
use flate2::bufread::DeflateDecoder;
use perch_system::{Item, What};

use super::record::{Fields, extra};
use super::{
    BEHIND, CENTRAL, DEFLATED, ELSEWHERE, ENCRYPTED, END, EXTRA_LARGE, EXTRA_NAME, EXTRA_TIME, IN_UTF8, KIND,
    KIND_DIRECTORY, KIND_FILE, KIND_LINK, LARGE_END, LARGE_END_AT, LOCAL, SAID_BEHIND, STORED,
};
use crate::body::Body;
use crate::names::{landing, shown, stays};
use crate::stream::{Source, size as shown_size};
use crate::{CHUNK, Each, Input, Limits, Trouble};

/// A directory of more bytes is not read: it is held in memory.
const MOST_OF_A_DIRECTORY: u64 = 128 << 20;

/// What stands before an entry has so many bytes, without its name and what is behind that.
const LOCAL_SIZE: u64 = 30;
/// What stands at the end, without its comment.
const END_SIZE: usize = 22;
/// What says where the end of a large directory begins.
const LARGE_END_AT_SIZE: u64 = 20;
/// A link of more bytes is none.
const MOST_OF_A_TARGET: u64 = 4096;

/// Hands on the entries of a zip file, in the order in which they stand in it.
///
/// # Errors
/// At the first entry that is not to be made, and where the archive is broken, says two things at once, or becomes too much.
pub(crate) fn unzip(from: &mut dyn Input, limits: &Limits, each: Each<'_>) -> Result<(), Trouble> {
    let end = End::found(from)?;
    if end.entries > limits.entries {
        return Err(Trouble::TooLarge(format!("it has more than {} entries", limits.entries)));
    }
    let mut listed = end.listed(from)?;
    listed.sort_by_key(|entry| entry.at);
    let ends: Vec<u64> = listed.iter().skip(1).map(|next| next.at).chain([end.at]).collect();
    let mut sum = Sum { given: 0, taken: 0, links: 0, limits: *limits };
    for (entry, end) in listed.iter().zip(ends) {
        let wrong = |what: &str| Trouble::garbled(format!("entry `{}` {what}", shown(&entry.name)));
        let from_here = entry.begins(from)?.ok_or_else(|| wrong("is not what the directory says"))?;
        if from_here.checked_add(entry.packed).is_none_or(|behind| behind > end) {
            return Err(wrong("overlaps what comes behind it"));
        }
        entry.hand_on(from, &mut sum, each)?;
        let behind = from_here + entry.packed;
        if entry.flags & SAID_BEHIND != 0 && entry.said_behind(from, behind)?.is_none_or(|behind| behind > end) {
            return Err(wrong("is not what stands behind it"));
        }
    }
    Ok(())
}

/// What has come of the archive up to here.
struct Sum {
    given: u64,
    taken: u64,
    links: usize,
    limits: Limits,
}

impl Sum {
    fn check(&self) -> Result<(), Trouble> {
        let Limits { bytes, free, ratio, links, .. } = self.limits;
        if self.given > bytes {
            return Err(Trouble::TooLarge(format!("unpacked it is more than {}", shown_size(bytes))));
        }
        if self.given > free && self.given / ratio > self.taken {
            return Err(Trouble::TooLarge(format!("unpacked it is more than {ratio} times as large")));
        }
        if self.links > links {
            return Err(Trouble::TooLarge("it has more links than anybody needs".to_owned()));
        }
        Ok(())
    }
}

fn no_zip() -> Trouble {
    Trouble::garbled("it is no zip file, or not a whole one")
}

fn bytes(from: &mut dyn Input, at: u64, length: u64) -> Result<Vec<u8>, Trouble> {
    from.seek(SeekFrom::Start(at)).map_err(Trouble::Io)?;
    let mut bytes = Vec::new();
    from.take(length).read_to_end(&mut bytes).map_err(Trouble::Io)?;
    if bytes.len() as u64 == length { Ok(bytes) } else { Err(no_zip()) }
}

/// Where the directory is.
struct End {
    entries: u64,
    at: u64,
    size: u64,
}

impl End {
    /// There is one place that can be the end. Whoever puts another into the comment wants others to find that.
    fn found(from: &mut dyn Input) -> Result<Self, Trouble> {
        let length = from.seek(SeekFrom::End(0)).map_err(Trouble::Io)?;
        let tail = length.min((END_SIZE + usize::from(u16::MAX)) as u64);
        let tail = bytes(from, length - tail, tail)?;
        let is_end = |at: &usize| {
            let rest = &tail[*at..];
            let comment = rest.get(END_SIZE - 2..END_SIZE).map(|two| usize::from(u16::from_le_bytes([two[0], two[1]])));
            rest.starts_with(&END.to_le_bytes()) && comment.is_some_and(|comment| comment + END_SIZE == rest.len())
        };
        let mut places = (0..tail.len()).filter(is_end);
        let at = places.next().ok_or_else(no_zip)?;
        if places.next().is_some() {
            return Err(Trouble::garbled("it has two ends"));
        }
        let position = length - tail.len() as u64 + at as u64;
        Self::read(from, &tail[at + 4..], position)?.ok_or_else(no_zip)
    }

    fn read(from: &mut dyn Input, end: &[u8], position: u64) -> Result<Option<Self>, Trouble> {
        let mut fields = Fields(end);
        let mut read = || Some((fields.u32()?, fields.u16()?, fields.u16()?, fields.u32()?, fields.u32()?));
        let Some((disks, here, entries, size, at)) = read() else { return Ok(None) };
        let small = Self { entries: entries.into(), at: at.into(), size: size.into() };
        let Some((large, begins)) = Self::large(from, position)? else {
            let fits = disks == 0 && here == entries && small.at + small.size == position;
            return Ok(fits.then_some(small));
        };
        // What is said in the small record, too, must be the same.
        let agrees = |small: u64, large: u64, none: u64| small == large || small == none;
        let fits = agrees(small.entries, large.entries, u16::MAX.into())
            && agrees(small.size, large.size, ELSEWHERE.into())
            && agrees(small.at, large.at, ELSEWHERE.into())
            && here == entries
            && large.at.checked_add(large.size) == Some(begins);
        Ok(fits.then_some(large))
    }

    /// The record of a large directory, if there is one, and where it is.
    fn large(from: &mut dyn Input, position: u64) -> Result<Option<(Self, u64)>, Trouble> {
        let Some(before) = position.checked_sub(LARGE_END_AT_SIZE) else { return Ok(None) };
        let pointer = bytes(from, before, LARGE_END_AT_SIZE)?;
        let mut fields = Fields(&pointer);
        if fields.u32() != Some(LARGE_END_AT) {
            return Ok(None);
        }
        let (Some(0), Some(at), Some(1)) = (fields.u32(), fields.u64(), fields.u32()) else { return Err(no_zip()) };
        if at.checked_add(56).is_none_or(|end| end > before) {
            return Err(no_zip());
        }
        let record = bytes(from, at, 56)?;
        let mut fields = Fields(&record);
        let mut read = || {
            let is = fields.u32()? == LARGE_END;
            let length = fields.u64()?;
            let (_, disks) = (fields.u32()?, fields.u64()?);
            let (here, entries, size, directory) = (fields.u64()?, fields.u64()?, fields.u64()?, fields.u64()?);
            let fits = is && disks == 0 && here == entries && at.checked_add(length)?.checked_add(12)? == before;
            fits.then_some(Self { entries, at: directory, size })
        };
        read().map(|end| Some((end, at))).ok_or_else(no_zip)
    }

    /// What the directory says.
    fn listed(&self, from: &mut dyn Input) -> Result<Vec<Listed>, Trouble> {
        if self.size > MOST_OF_A_DIRECTORY {
            return Err(Trouble::TooLarge("its directory is larger than anybody needs".to_owned()));
        }
        let directory = bytes(from, self.at, self.size)?;
        let mut fields = Fields(&directory);
        let mut listed = Vec::new();
        for _ in 0..self.entries {
            listed.push(Listed::read(&mut fields).ok_or_else(|| Trouble::garbled("its directory cannot be read"))?);
        }
        if fields.0.is_empty() {
            Ok(listed)
        } else {
            Err(Trouble::garbled("its directory says more than it announces"))
        }
    }
}

/// What the directory says of an entry.
struct Listed {
    name: Vec<u8>,
    flags: u16,
    method: u16,
    crc: u32,
    packed: u64,
    size: u64,
    at: u64,
    /// Kind and permission bits, where the archive was made by a system that has them.
    mode: Option<u32>,
    time: i64,
    /// Some field says that it is called otherwise.
    two_names: bool,
}

/// Sizes that do not fit stand in a field of their own, in this order, if they are not where they should be.
fn large<const N: usize>(extras: &[u8], small: [u32; N]) -> Option<[u64; N]> {
    let mut fields = Fields(extra(extras, EXTRA_LARGE).ok()?.unwrap_or_default());
    let mut large = [0; N];
    for (large, small) in large.iter_mut().zip(small) {
        *large = if small == ELSEWHERE { fields.u64()? } else { small.into() };
    }
    Some(large)
}

impl Listed {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let (CENTRAL, made_by, _) = (fields.u32()?, fields.u16()?, fields.u16()?) else { return None };
        let (flags, method, _) = (fields.u16()?, fields.u16()?, fields.u32()?);
        let (crc, packed, size) = (fields.u32()?, fields.u32()?, fields.u32()?);
        let [name, extras, comment] = [fields.u16()?, fields.u16()?, fields.u16()?].map(usize::from);
        let (0, _, attributes, at) = (fields.u16()?, fields.u16()?, fields.u32()?, fields.u32()?) else { return None };
        let (name, extras, _) = (fields.take(name)?, fields.take(extras)?, fields.take(comment)?);
        let [size, packed, at] = large(extras, [size, packed, at])?;
        let (unix, mode) = (matches!(made_by >> 8, 3 | 19), attributes >> 16);
        // One byte that says what is there, then the time.
        let time = extra(extras, EXTRA_TIME).ok()?.and_then(|time| time.get(1..5)?.try_into().ok());
        Some(Self {
            name: name.to_owned(),
            flags,
            method,
            crc,
            packed,
            size,
            at,
            mode: (unix && mode != 0).then_some(mode),
            time: time.map_or(0, |time| i32::from_le_bytes(time).into()),
            two_names: extra(extras, EXTRA_NAME).ok()?.is_some_and(|other| other.get(5..) != Some(name)),
        })
    }

    /// Where its content begins, if what stands there is what the directory says.
    fn begins(&self, from: &mut dyn Input) -> Result<Option<u64>, Trouble> {
        let head = bytes(from, self.at, LOCAL_SIZE)?;
        let mut fields = Fields(&head);
        let mut read = || {
            let (is, _) = (fields.u32()? == LOCAL, fields.u16()?);
            let (flags, method, _) = (fields.u16()?, fields.u16()?, fields.u32()?);
            let numbers = [fields.u32()?, fields.u32()?, fields.u32()?];
            Some((is, flags, method, numbers, [fields.u16()?, fields.u16()?].map(u64::from)))
        };
        let Some((is, flags, method, [crc, packed, size], [name, extras])) = read() else { return Ok(None) };
        let rest = bytes(from, self.at + LOCAL_SIZE, name + extras)?;
        let (called, extras_there) = rest.split_at(usize::try_from(name).unwrap_or(0));
        const MATTER: u16 = SAID_BEHIND | IN_UTF8 | ENCRYPTED;
        let Some([size, packed]) = large(extras_there, [size, packed]) else { return Ok(None) };
        let behind = flags & SAID_BEHIND != 0;
        // What is said behind it may be nothing here.
        let same = |here: u64, there: u64| here == there || behind && here == 0;
        let agrees = is
            && called == self.name
            && flags & MATTER == self.flags & MATTER
            && method == self.method
            && same(crc.into(), self.crc.into())
            && same(packed, self.packed)
            && same(size, self.size);
        Ok(agrees.then_some(self.at + LOCAL_SIZE + name + extras))
    }

    /// Where what stands behind its content ends, if that is what the directory says. It may begin with a sign, and has room for large sizes or not.
    fn said_behind(&self, from: &mut dyn Input, at: u64) -> Result<Option<u64>, Trouble> {
        from.seek(SeekFrom::Start(at)).map_err(Trouble::Io)?;
        let mut there = Vec::new();
        from.take(24).read_to_end(&mut there).map_err(Trouble::Io)?;
        let (crc, sizes) = (self.crc.to_le_bytes(), [self.packed, self.size]);
        let short: Vec<u8> = sizes.iter().flat_map(|size| size.to_le_bytes().into_iter().take(4)).collect();
        let long: Vec<u8> = sizes.iter().flat_map(|size| size.to_le_bytes()).collect();
        let is_short = sizes.iter().all(|size| *size < u64::from(ELSEWHERE));
        let forms = [(BEHIND.to_le_bytes().to_vec(), &short), (BEHIND.to_le_bytes().to_vec(), &long)];
        let bare = [(Vec::new(), &short), (Vec::new(), &long)];
        let mut forms = forms.into_iter().chain(bare).filter(|(_, sizes)| is_short || sizes.len() == long.len());
        let found = forms.find_map(|(sign, sizes)| {
            let said = [sign.as_slice(), &crc, sizes].concat();
            there.starts_with(&said).then_some(at + said.len() as u64)
        });
        Ok(found)
    }

    /// Makes it.
    fn hand_on(&self, from: &mut dyn Input, sum: &mut Sum, each: Each<'_>) -> Result<(), Trouble> {
        let wrong = |what: &str| Trouble::garbled(format!("entry `{}` {what}", shown(&self.name)));
        if self.flags & ENCRYPTED != 0 {
            return Err(wrong("is encrypted"));
        }
        if self.two_names {
            return Err(wrong("has two names"));
        }
        let names = landing(&self.name, &sum.limits)?;
        let path = names.join(&b'/');
        let slash = self.name.ends_with(b"/");
        let kind = match self.mode.map_or(0, |mode| mode & KIND) {
            0 if slash => KIND_DIRECTORY,
            0 => KIND_FILE,
            kind => kind,
        };
        if slash != (kind == KIND_DIRECTORY) && slash || names.is_empty() && kind != KIND_DIRECTORY {
            return Err(wrong("has the name of a directory and is none"));
        }
        let mode = self.mode.unwrap_or(if kind == KIND_DIRECTORY { 0o755 } else { 0o644 });
        let item = |what| Item { path: &path, mode, time: self.time, what };
        let mut packed = BufReader::with_capacity(CHUNK, Source::new(from).take(self.packed));
        let mut content = Content::of(&mut packed, self, sum)
            .ok_or_else(|| wrong("is compressed in a way that perch does not know"))?;
        match kind {
            KIND_DIRECTORY if self.size > 0 => return Err(wrong("has content and is no file")),
            KIND_DIRECTORY => each(item(What::Directory))?,
            KIND_FILE => {
                let mut body = Body::new(&mut content, self.size);
                let done = each(item(What::File { size: self.size, content: &mut body }));
                body.finished(done)?;
            }
            KIND_LINK if self.size > MOST_OF_A_TARGET => return Err(wrong("is no link, as long as it is")),
            KIND_LINK => {
                let target = Body::new(&mut content, self.size).whole()?;
                stays(&names, &target)?;
                each(item(What::Link { target: &target }))?;
                content.sum.links += path.len() + target.len();
            }
            _ => {
                let name = shown(&self.name);
                return Err(Trouble::Refused(format!("entry `{name}` is a device or a pipe")));
            }
        }
        if content.is_whole()? { sum.check() } else { Err(wrong("is damaged")) }
    }
}

/// The content of an entry, with what is reckoned from it.
struct Content<'c, R: Read> {
    from: Packed<'c, R>,
    crc: Crc,
    entry: &'c Listed,
    sum: &'c mut Sum,
}

enum Packed<'c, R: Read> {
    Stored(&'c mut BufReader<R>),
    Deflated(DeflateDecoder<&'c mut BufReader<R>>),
}

impl<'c, R: Read> Content<'c, R> {
    fn of(packed: &'c mut BufReader<R>, entry: &'c Listed, sum: &'c mut Sum) -> Option<Self> {
        let from = match entry.method {
            STORED => Packed::Stored(packed),
            DEFLATED => Packed::Deflated(DeflateDecoder::new(packed)),
            _ => return None,
        };
        sum.taken += entry.packed;
        Some(Self { from, crc: Crc::new(), entry, sum })
    }

    /// Nothing is left of it, here or there, and its sum is right.
    fn is_whole(&mut self) -> Result<bool, Trouble> {
        let rest = self.read(&mut [0; 1]).map_err(Trouble::of)?;
        let taken = match &self.from {
            Packed::Stored(_) => self.entry.size,
            Packed::Deflated(decoder) => decoder.total_in(),
        };
        Ok(rest == 0 && taken == self.entry.packed && self.crc.sum() == self.entry.crc)
    }
}

impl<R: Read> Read for Content<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match &mut self.from {
            Packed::Stored(from) => from.read(buffer)?,
            Packed::Deflated(from) => from.read(buffer)?,
        };
        self.crc.update(&buffer[..read]);
        self.sum.given += read as u64;
        self.sum.check().map_err(Trouble::through)?;
        Ok(read)
    }
}
