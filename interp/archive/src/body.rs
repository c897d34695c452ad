//! The content of an entry.

use std::io::{self, ErrorKind, Read};

use crate::Trouble;

/// The content of an entry: exactly as much as the archive says. Whoever reads it need not know why it cannot be read: it is remembered here.
pub(crate) struct Body<'e> {
    from: &'e mut dyn Read,
    left: u64,
    pub(crate) trouble: Option<Trouble>,
}

impl<'e> Body<'e> {
    pub(crate) fn new(from: &'e mut dyn Read, size: u64) -> Self {
        Self { from, left: size, trouble: None }
    }

    /// All of it.
    pub(crate) fn whole(mut self) -> Result<Vec<u8>, Trouble> {
        let mut content = Vec::new();
        match self.read_to_end(&mut content) {
            Ok(_) => Ok(content),
            Err(error) => Err(self.trouble.unwrap_or(Trouble::Io(error))),
        }
    }

    /// What has come of the entry. Where whoever took it failed because of its content, the content is the reason.
    pub(crate) fn finished(self, done: Result<(), perch_system::Error>) -> Result<(), Trouble> {
        match (self.trouble, done) {
            (Some(trouble), _) => Err(trouble),
            (None, done) => done.map_err(Trouble::System),
        }
    }
}

impl Read for Body<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let trouble = match self.from.read(buffer) {
            Ok(0) if self.left > 0 && !buffer.is_empty() => Trouble::garbled("it ends in the middle of an entry"),
            Ok(read) if read as u64 > self.left => Trouble::garbled("an entry is longer than it says"),
            Ok(read) => {
                self.left -= read as u64;
                return Ok(read);
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => return Err(error),
            Err(error) => Trouble::of(error),
        };
        let shown = trouble.to_string();
        self.trouble = Some(trouble);
        Err(io::Error::other(shown))
    }
}
