//! The few system calls that nobody offers safely.
#![allow(unsafe_code, reason = "there is no safe interface to these; everything unsafe of this crate is here")]

use std::mem::MaybeUninit;
use std::os::fd::RawFd;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::ptr;

use rustix::process::getpid;
use rustix::stdio::stdin;
use rustix::termios::tcsetpgrp;

/// True for a signal that whoever started us wants us to ignore, as `nohup` does.
pub(crate) fn is_ignored(signal: i32) -> bool {
    let mut action = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: without a new action this only asks for the present one, which is written into a struct of that type;
    // zeros are a valid value of it in any case.
    let action = unsafe {
        libc::sigaction(signal, ptr::null(), action.as_mut_ptr());
        action.assume_init()
    };
    action.sa_sigaction == libc::SIG_IGN
}

/// Sees to it that started programs do not get this handle.
pub(crate) fn close_on_exec(handle: RawFd) {
    // SAFETY: sets a flag of a handle by its number, which changes nothing for whoever owns it in this process. If
    // nothing is open under that number, the call fails.
    unsafe { libc::fcntl(handle, libc::F_SETFD, libc::FD_CLOEXEC) };
}

/// Does something to the terminal that would stop a process in the background.
pub(crate) fn unstopped<T>(act: impl FnOnce() -> T) -> T {
    let mut signals = MaybeUninit::<libc::sigset_t>::zeroed();
    let mut before = MaybeUninit::<libc::sigset_t>::zeroed();
    // SAFETY: the sets live on this stack and are initialised by `sigemptyset` and `pthread_sigmask`; only the mask of
    // this thread changes, and it is put back.
    unsafe {
        libc::sigemptyset(signals.as_mut_ptr());
        libc::sigaddset(signals.as_mut_ptr(), libc::SIGTTOU);
        libc::pthread_sigmask(libc::SIG_BLOCK, signals.as_ptr(), before.as_mut_ptr());
        let done = act();
        libc::pthread_sigmask(libc::SIG_SETMASK, before.as_ptr(), ptr::null_mut());
        done
    }
}

/// Lets the program, which is to lead a group, put it into the foreground of the terminal that is its standard input,
/// before it is a program: a program that looks finds itself there.
pub(crate) fn in_foreground(command: &mut Command) {
    let take = || {
        // Without the terminal the program still runs, as one in the background.
        let _ = unstopped(|| tcsetpgrp(stdin(), getpid()));
        Ok(())
    };
    // SAFETY: between fork and exec nothing is allocated and no lock is taken; there are only system calls, on this
    // stack.
    unsafe { command.pre_exec(take) };
}
