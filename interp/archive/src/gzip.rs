//! Compression of one stream of bytes.
//!
//! What is compressed says neither when nor from where: the same bytes always give the same.

use std::io::{ErrorKind, Read, Write};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::stream::{Source, Unpacked};
use crate::{CHUNK, LEVEL, Limits, Trouble};

/// Compresses everything.
///
/// # Errors
/// If reading or writing fails.
pub fn gzip(from: &mut dyn Read, to: &mut dyn Write) -> Result<(), Trouble> {
    let mut packed = compressed(to);
    pump(&mut Source::new(from), &mut packed)?;
    packed.finish().map(drop).map_err(Trouble::Io)
}

/// Takes that back. Parts one behind the other are one, as `gzip` has it.
///
/// # Errors
/// If it is not compressed, not whole, or becomes more than is allowed; if reading or writing fails.
pub fn ungzip(from: &mut dyn Read, to: &mut dyn Write, limits: &Limits) -> Result<(), Trouble> {
    pump(&mut Unpacked::by_gzip(from, limits), to)
}

pub(crate) fn compressed<W: Write>(to: W) -> GzEncoder<W> {
    GzEncoder::new(to, Compression::new(LEVEL))
}

fn pump(from: &mut dyn Read, to: &mut dyn Write) -> Result<(), Trouble> {
    let mut buffer = vec![0; CHUNK];
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(read) => to.write_all(&buffer[..read]).map_err(Trouble::Io)?,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(Trouble::of(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut packed = Vec::new();
        gzip(&mut &*bytes, &mut packed).unwrap();
        packed
    }

    fn unpacked(bytes: &[u8], limits: &Limits) -> Result<Vec<u8>, Trouble> {
        let mut unpacked = Vec::new();
        ungzip(&mut &*bytes, &mut unpacked, limits).map(|()| unpacked)
    }

    fn garbled(bytes: &[u8]) -> bool {
        matches!(unpacked(bytes, &Limits::default()), Err(Trouble::Garbled(_)))
    }

    #[test]
    fn what_was_packed_comes_out_again() {
        for bytes in [b"".as_slice(), b"a", &[0xff; 5], &b"perch ".repeat(100_000)] {
            assert_eq!(unpacked(&packed(bytes), &Limits::default()).unwrap(), bytes);
        }
    }

    #[test]
    fn parts_behind_each_other_are_one() {
        let two = [packed(b"one "), packed(b"two")].concat();
        assert_eq!(unpacked(&two, &Limits::default()).unwrap(), b"one two");
    }

    #[test]
    fn what_is_packed_says_neither_when_nor_where() {
        let header = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0];
        assert_eq!(packed(b"a")[..8], header);
        assert_eq!(packed(b"a"), packed(b"a"));
    }

    #[test]
    fn what_is_not_whole_or_not_packed_is_noticed() {
        let whole = packed(b"perch");
        assert!(garbled(b"") && garbled(b"plain text") && garbled(&[0x1f, 0x8b]));
        assert!((1..whole.len()).all(|end| garbled(&whole[..end])), "cut off somewhere");
        for at in [whole.len() - 1, whole.len() - 5] {
            let mut wrong = whole.clone();
            wrong[at] ^= 1;
            assert!(garbled(&wrong), "another sum or size at {at}");
        }
        assert!(garbled(&[whole, b"rest".to_vec()].concat()), "something else behind it");
    }

    /// Z09, Z16.
    #[test]
    fn z09_a_bomb_goes_off_before_it_fills_anything() {
        let bomb = packed(&vec![0; 64 << 20]);
        assert!(bomb.len() < 100_000);
        let limits = Limits { free: 1 << 20, ..Limits::default() };
        let mut given = Vec::new();
        let trouble = ungzip(&mut &*bomb, &mut given, &limits);
        assert!(matches!(trouble, Err(Trouble::TooLarge(_))));
        // What is read ahead of it counts as taken.
        assert!(given.len() < 40 << 20, "{}", given.len());
        let few = Limits { bytes: 10, ..Limits::default() };
        assert!(matches!(unpacked(&packed(b"eleven bytes"), &few), Err(Trouble::TooLarge(_))));
        assert!(unpacked(&packed(b"ten bytes."), &few).is_ok());
    }

    #[test]
    fn a_reader_that_fails_is_not_a_broken_archive() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::from(ErrorKind::PermissionDenied))
            }
        }
        let troubles = [ungzip(&mut Broken, &mut Vec::new(), &Limits::default()), gzip(&mut Broken, &mut Vec::new())];
        for trouble in troubles {
            assert!(matches!(trouble, Err(Trouble::Io(error)) if error.kind() == ErrorKind::PermissionDenied));
        }
    }
}
