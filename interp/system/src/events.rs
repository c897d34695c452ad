//! Something has happened to a program that we have started: it has ended, or was stopped.

use std::io::Read;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

use signal_hook::SigId;
use signal_hook::consts::SIGCHLD;
use signal_hook::low_level::{pipe, unregister};

/// A handle that can be read from as soon as something has happened since it was last cleared.
pub(crate) struct Events {
    news: UnixStream,
    id: SigId,
}

impl Events {
    pub(crate) fn new() -> std::io::Result<Self> {
        let (news, told) = UnixStream::pair()?;
        news.set_nonblocking(true)?;
        Ok(Self { news, id: pipe::register(SIGCHLD, told)? })
    }

    /// What happens from now on is news.
    pub(crate) fn clear(&self) {
        let mut buffer = [0; 64];
        while (&self.news).read(&mut buffer).is_ok_and(|length| length == buffer.len()) {}
    }
}

impl AsFd for Events {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.news.as_fd()
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        unregister(self.id);
    }
}
