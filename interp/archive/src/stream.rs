//! Streams of bytes, as they are read and as they come out when they are unpacked.

use std::io::{self, BufReader, Chain, Cursor, ErrorKind, Read};

use flate2::bufread::MultiGzDecoder;

use crate::zstd::{MAGIC, Unzstd};
use crate::{CHUNK, Limits, Trouble};

/// Where bytes come from. That it fails is not mistaken for something that is wrong with the bytes.
pub(crate) struct Source<'r> {
    from: &'r mut dyn Read,
    taken: u64,
}

impl<'r> Source<'r> {
    pub(crate) fn new(from: &'r mut dyn Read) -> Self {
        Self { from, taken: 0 }
    }
}

impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.from.read(buffer) {
            Ok(read) => {
                self.taken += read as u64;
                Ok(read)
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => Err(error),
            Err(error) => Err(Trouble::Io(error).through()),
        }
    }
}

/// The bytes of an archive, of which the first may have been looked at.
type Bytes<'r> = BufReader<Chain<Cursor<Vec<u8>>, Source<'r>>>;

/// Takes one way of compressing back.
enum Decoder<'r> {
    Gzip(Box<MultiGzDecoder<Bytes<'r>>>),
    Zstd(Box<Unzstd<Bytes<'r>>>),
}

impl<'r> Decoder<'r> {
    fn gzip(bytes: Bytes<'r>) -> Self {
        Self::Gzip(Box::new(MultiGzDecoder::new(bytes)))
    }
}

/// What was compressed, as long as it is not too much.
pub(crate) struct Unpacked<'r> {
    decoder: Decoder<'r>,
    /// By what it may be compressed.
    by: &'static str,
    given: u64,
    limits: Limits,
}

impl<'r> Unpacked<'r> {
    /// What gzip has compressed.
    pub(crate) fn by_gzip(from: &'r mut dyn Read, limits: &Limits) -> Self {
        let decoder = Decoder::gzip(bytes(Vec::new(), Source::new(from)));
        Self { decoder, by: "gzip", given: 0, limits: *limits }
    }

    /// What gzip or zstd has compressed: how it begins says which. What begins in neither way is left to gzip, which says so.
    pub(crate) fn by_either(from: &'r mut dyn Read, limits: &Limits) -> Result<Self, Trouble> {
        let (mut from, mut head) = (Source::new(from), Vec::new());
        (&mut from).take(MAGIC.len() as u64).read_to_end(&mut head).map_err(Trouble::of)?;
        let is_zstd = head == MAGIC;
        let bytes = bytes(head, from);
        let decoder = if is_zstd { Decoder::Zstd(Box::new(Unzstd::new(bytes))) } else { Decoder::gzip(bytes) };
        Ok(Self { decoder, by: "gzip or zstd", given: 0, limits: *limits })
    }

    /// Fails where more has come of it than is allowed.
    fn check(&self) -> Result<(), Trouble> {
        let Limits { bytes, free, ratio, .. } = self.limits;
        if self.given > bytes {
            return Err(Trouble::TooLarge(format!("unpacked it is more than {}", size(bytes))));
        }
        let from = match &self.decoder {
            Decoder::Gzip(decoder) => decoder.get_ref(),
            Decoder::Zstd(decoder) => decoder.get_ref(),
        };
        if self.given > free && self.given / ratio > from.get_ref().get_ref().1.taken {
            return Err(Trouble::TooLarge(format!("unpacked it is more than {ratio} times as large")));
        }
        Ok(())
    }

    fn take(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let decoder = match &mut self.decoder {
            Decoder::Zstd(decoder) => return decoder.read(buffer),
            Decoder::Gzip(decoder) => decoder,
        };
        decoder.read(buffer).map_err(|error| {
            let wrong = match error.kind() {
                ErrorKind::UnexpectedEof if self.given > 0 => "it ends in the middle".to_owned(),
                ErrorKind::UnexpectedEof => format!("it is not compressed by {}, or not whole", self.by),
                ErrorKind::InvalidInput | ErrorKind::InvalidData => {
                    format!("it is not compressed by {}, or damaged", self.by)
                }
                _ => return error,
            };
            Trouble::Garbled(wrong).through()
        })
    }
}

fn bytes(head: Vec<u8>, rest: Source<'_>) -> Bytes<'_> {
    BufReader::with_capacity(CHUNK, Cursor::new(head).chain(rest))
}

impl Read for Unpacked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.take(buffer)?;
        self.given += read as u64;
        self.check().map_err(Trouble::through)?;
        Ok(read)
    }
}

/// A size as people say it.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        _ if bytes >= 1 << 30 => format!("{} GiB", bytes >> 30),
        _ if bytes >= 1 << 20 => format!("{} MiB", bytes >> 20),
        _ => format!("{bytes} bytes"),
    }
}
