//! What zstd has compressed.
//!
//! It is only read: what perch packs, it packs so that everybody can unpack it. A stream is made of frames, one behind the other. Frames that are
//! to be skipped, and those for which one must have a dictionary, are refused: nobody packs a tree in such.

use std::io::{self, BufRead, ErrorKind, Read};

use ruzstd::decoding::errors::FrameDecoderError;
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use crate::Trouble;

/// How a frame begins. No text does.
pub(crate) const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// So much of what has come out may be referred to, and so must be kept: as much as `zstd` takes unless it is told otherwise.
const MOST_KEPT: u64 = 128 << 20;

/// A reader that remembers its last failure, which the decoder wraps up.
struct Remembering<R> {
    from: R,
    failed: Option<io::Error>,
    ended: bool,
}

impl<R: Read> Read for Remembering<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.from.read(buffer) {
            Ok(read) => {
                self.ended |= read == 0 && !buffer.is_empty();
                Ok(read)
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => Err(error),
            Err(error) => {
                let kind = error.kind();
                self.failed = Some(error);
                Err(kind.into())
            }
        }
    }
}

/// What comes out.
pub(crate) struct Unzstd<R> {
    from: Remembering<R>,
    decoder: FrameDecoder,
    /// What has come out of the frame that is being read, if one is.
    frame: Option<u64>,
    /// There was one.
    begun: bool,
}

impl<R: BufRead> Unzstd<R> {
    pub(crate) fn new(from: R) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(MOST_KEPT);
        Self { from: Remembering { from, failed: None, ended: false }, decoder, frame: None, begun: false }
    }

    /// Where the bytes come from.
    pub(crate) fn get_ref(&self) -> &R {
        &self.from.from
    }

    /// Begins the next frame, if there is one.
    fn next_frame(&mut self) -> io::Result<bool> {
        if self.begun && self.from.from.fill_buf()?.is_empty() {
            return Ok(false);
        }
        self.begun = true;
        let begun = self.decoder.reset(&mut self.from);
        begun.map_err(|error| self.broken(&error))?;
        self.frame = Some(0);
        Ok(true)
    }

    /// Ends a frame of which everything has come out.
    fn close(&mut self, given: u64) -> io::Result<()> {
        let said = self.decoder.get_checksum_from_data();
        if said.is_some() && said != self.decoder.get_calculated_checksum() {
            return Err(Trouble::garbled("it is damaged: what comes out has another checksum").through());
        }
        // Zero is said of what has no size, too.
        let size = self.decoder.content_size();
        if size > 0 && size != given {
            return Err(Trouble::garbled("it is damaged: what comes out has another size").through());
        }
        self.frame = None;
        Ok(())
    }

    fn broken(&mut self, error: &FrameDecoderError) -> io::Error {
        if let Some(failed) = self.from.failed.take() {
            return failed;
        }
        match error {
            FrameDecoderError::WindowSizeTooBig { .. } => {
                Trouble::TooLarge(format!("to unpack it takes more than {} MiB of memory", MOST_KEPT >> 20))
            }
            _ if self.from.ended => Trouble::garbled("it ends in the middle"),
            _ => Trouble::garbled("it is not compressed by zstd as it should be, or damaged"),
        }
        .through()
    }
}

impl<R: BufRead> Read for Unzstd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let Some(given) = self.frame else {
                if self.next_frame()? {
                    continue;
                }
                return Ok(0);
            };
            if self.decoder.can_collect() > 0 {
                let read = self.decoder.read(buffer)?;
                self.frame = Some(given + read as u64);
                return Ok(read);
            }
            if self.decoder.is_finished() {
                self.close(given)?;
                continue;
            }
            let decoded = self.decoder.decode_blocks(&mut self.from, BlockDecodingStrategy::UptoBlocks(1));
            decoded.map_err(|error| self.broken(&error))?;
        }
    }
}

#[cfg(test)]
mod tests {
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;
    use crate::Limits;
    use crate::stream::Unpacked;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        compress_to_vec(bytes, CompressionLevel::Fastest)
    }

    fn unpacked(mut bytes: &[u8], limits: &Limits) -> Result<Vec<u8>, Trouble> {
        let mut unpacked = Vec::new();
        let read = Unpacked::by_either(&mut bytes, limits)?.read_to_end(&mut unpacked);
        read.map(|_| unpacked).map_err(Trouble::of)
    }

    fn garbled(bytes: &[u8]) -> bool {
        matches!(unpacked(bytes, &Limits::default()), Err(Trouble::Garbled(_)))
    }

    /// A frame of which the header says all that, and nothing behind it is compressed.
    fn frame(header: &[u8], content: &[u8], checksum: &[u8]) -> Vec<u8> {
        let block = u32::try_from(content.len()).unwrap() << 3 | 1;
        [&MAGIC, header, &block.to_le_bytes()[..3], content, checksum].concat()
    }

    #[test]
    fn what_was_packed_comes_out_again() {
        for bytes in [b"".as_slice(), b"a", &[0xff; 5], &b"perch ".repeat(100_000)] {
            assert_eq!(unpacked(&packed(bytes), &Limits::default()).unwrap(), bytes);
        }
        let two = [packed(b"one "), packed(b"two")].concat();
        assert_eq!(unpacked(&two, &Limits::default()).unwrap(), b"one two");
    }

    #[test]
    fn what_is_not_whole_is_noticed() {
        let whole = packed(&b"perch".repeat(50));
        assert!((0..whole.len()).all(|end| garbled(&whole[..end])), "cut off somewhere");
        assert!(garbled(&[whole.clone(), b"rest".to_vec()].concat()), "something else behind it");
        assert!(garbled(&[whole, vec![0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]].concat()), "what is to be skipped");
    }

    #[test]
    fn what_a_frame_says_of_itself_is_compared() {
        // One byte of size; the same and a checksum; the same and a dictionary.
        assert_eq!(unpacked(&frame(&[0x20, 5], b"perch", b""), &Limits::default()).unwrap(), b"perch");
        assert!(garbled(&frame(&[0x20, 6], b"perch", b"")) && garbled(&frame(&[0x20, 4], b"perch", b"")));
        assert!(garbled(&frame(&[0x24, 5], b"perch", b"sums")) && garbled(&frame(&[0x21, 7, 5], b"perch", b"")));
    }

    /// Z09.
    #[test]
    fn z09_what_takes_much_memory_is_refused_before_it_is_taken() {
        // A window of 1 << (10 + 17) bytes, and of one step more.
        assert_eq!(unpacked(&frame(&[0x00, 17 << 3], b"perch", b""), &Limits::default()).unwrap(), b"perch");
        for window in [17 << 3 | 1, 30 << 3] {
            let trouble = unpacked(&frame(&[0x00, window], b"perch", b""), &Limits::default());
            assert!(matches!(trouble, Err(Trouble::TooLarge(_))), "{trouble:?}");
        }
    }

    /// Z09, Z16.
    #[test]
    fn z09_a_bomb_goes_off_before_it_fills_anything() {
        let bomb = packed(&vec![0; 16 << 20]);
        let limits = Limits { free: 1 << 20, ..Limits::default() };
        assert!(matches!(unpacked(&bomb, &limits), Err(Trouble::TooLarge(_))));
        let few = Limits { bytes: 10, ..Limits::default() };
        assert!(matches!(unpacked(&packed(b"eleven bytes"), &few), Err(Trouble::TooLarge(_))));
        assert!(unpacked(&packed(b"ten bytes."), &few).is_ok());
    }

    #[test]
    fn what_is_damaged_does_no_harm() {
        let limits = Limits { bytes: 4 << 20, ..Limits::default() };
        let text: Vec<u8> =
            (0..600_u32).flat_map(|number| number.wrapping_mul(number).to_string().into_bytes()).collect();
        let whole = packed(&text);
        for at in 0..whole.len() {
            for change in [1, 0x10, 0x80, 0xff] {
                let mut wrong = whole.clone();
                wrong[at] ^= change;
                // What comes out, if anything does, has the checksum that is packed with it.
                assert!(unpacked(&wrong, &limits).map_or(true, |came| came == text), "at {at}");
            }
        }
    }

    #[test]
    fn a_reader_that_fails_is_not_a_broken_archive() {
        struct Broken(&'static [u8]);
        impl Read for Broken {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                match self.0.read(buffer)? {
                    0 => Err(io::Error::from(ErrorKind::PermissionDenied)),
                    read => Ok(read),
                }
            }
        }
        for begun in [&MAGIC[..2], &MAGIC, &[0x28, 0xb5, 0x2f, 0xfd, 0x20]] {
            let mut from = Broken(begun);
            let read = Unpacked::by_either(&mut from, &Limits::default());
            let trouble = read.and_then(|mut read| read.read(&mut [0; 9]).map_err(Trouble::of));
            assert!(matches!(trouble, Err(Trouble::Io(error)) if error.kind() == ErrorKind::PermissionDenied));
        }
    }
}
