//! What the system knows of processes that we have started, or adopted.

use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, WaitIdStatus, waitid};

use crate::End;

/// How it has ended, if it has. It stays a zombie until it is [reaped](reap).
pub(crate) fn ended(id: Pid) -> Result<Option<End>, Errno> {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    let end = |status: WaitIdStatus| {
        status.exit_status().map(End::Status).or_else(|| status.terminating_signal().map(End::Signal))
    };
    Ok(waitid(WaitId::Pid(id), options)?.and_then(end))
}

/// What has stopped it, if something has since this was last asked.
pub(crate) fn stopped_by(id: Pid) -> Result<Option<Signal>, Errno> {
    let status = match waitid(WaitId::Pid(id), WaitIdOptions::STOPPED | WaitIdOptions::NOHANG) {
        // It has ended in the meantime, and can be stopped no more.
        Err(Errno::CHILD) => None,
        status => status?,
    };
    Ok(status.and_then(|status| status.stopping_signal()).and_then(Signal::from_named_raw))
}

/// Takes note of its end, if it has ended. From then on its number may be somebody else's.
pub(crate) fn reap(id: Pid) {
    let _ = waitid(WaitId::Pid(id), WaitIdOptions::EXITED | WaitIdOptions::NOHANG);
}

/// Whether there are any.
pub(crate) fn any() -> bool {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    !waitid(WaitId::All, options).is_err_and(|errno| errno == Errno::CHILD)
}
