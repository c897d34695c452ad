//! The few system calls that nobody offers safely, and memory, which the language itself asks for.
#![allow(unsafe_code, reason = "there is no safe interface to these; everything unsafe of this crate is here")]

use std::alloc::{GlobalAlloc, Layout};
use std::ffi::CStr;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::RawFd;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::ptr;

use rustix::process::{getpid, setsid};
use rustix::stdio::stdin;
use rustix::termios::tcsetpgrp;

/// Memory from mimalloc. Judging makes and forgets millions of small things, which takes a fifth less time than with the allocator of the system,
/// and is the same on every system.
///
/// What the crate of that name offers asks for an alignment each time, which takes twice as long as what it is asked for mostly: a word's, which all of its blocks
/// have.
pub struct Memory;

// SAFETY: every function does what is asked of it by one of mimalloc's, which all take and give blocks of the same kind. Its blocks are
// multiples of words in length, and stand behind each other from a place that is aligned as a page of the system is: so all are aligned as words are.
unsafe impl GlobalAlloc for Memory {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: mimalloc takes any size, and any alignment that a layout can have.
        let block = unsafe {
            if is_a_words(layout) {
                libmimalloc_sys::mi_malloc(layout.size())
            } else {
                libmimalloc_sys::mi_malloc_aligned(layout.size(), layout.align())
            }
        };
        block.cast()
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        let block = unsafe {
            if is_a_words(layout) {
                libmimalloc_sys::mi_zalloc(layout.size())
            } else {
                libmimalloc_sys::mi_zalloc_aligned(layout.size(), layout.align())
            }
        };
        block.cast()
    }

    unsafe fn dealloc(&self, block: *mut u8, _layout: Layout) {
        // SAFETY: whoever calls this gives back a block that one of the others gave.
        unsafe { libmimalloc_sys::mi_free(block.cast()) };
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as for both.
        let block = unsafe {
            if is_a_words(layout) {
                libmimalloc_sys::mi_realloc(block.cast(), size)
            } else {
                libmimalloc_sys::mi_realloc_aligned(block.cast(), size, layout.align())
            }
        };
        block.cast()
    }
}

/// Whether it need not be aligned better than a word.
fn is_a_words(layout: Layout) -> bool {
    layout.align() <= align_of::<usize>()
}

/// Whether that many bytes more can be had, which are given back untouched.
pub(crate) fn room_for(bytes: usize) -> io::Result<()> {
    let (access, kind) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
    // SAFETY: a new mapping at a place that the system chooses changes nothing that anybody uses, and is given back as it was got.
    unsafe {
        let place = libc::mmap(ptr::null_mut(), bytes, access, kind, -1, 0);
        if place == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        libc::munmap(place, bytes);
    }
    Ok(())
}

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

/// Lets the program lead a session of its own, which no terminal belongs to: a hang-up or Ctrl-C there is not for it.
pub(crate) fn in_own_session(command: &mut Command) {
    let leave = || {
        let _ = setsid();
        Ok(())
    };
    // SAFETY: between fork and exec there is only this system call.
    unsafe { command.pre_exec(leave) };
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

/// A user, as the database of users has it.
pub(crate) struct User {
    /// The name.
    pub(crate) name: String,
    /// The home directory.
    pub(crate) home: String,
}

/// An entry of the database of users that takes more bytes is none.
const MAX_USER: usize = 1 << 20;

/// The user of that number, if the database knows one.
pub(crate) fn user(uid: u32) -> Option<User> {
    let mut buffer: Vec<libc::c_char> = vec![0; 1 << 10];
    loop {
        let mut entry = MaybeUninit::<libc::passwd>::zeroed();
        let mut found = ptr::null_mut();
        // SAFETY: all pointers are to memory that lives until after the call, and the length is that of the buffer. The
        // entry is written into the struct, what it points to into the buffer.
        let failed =
            unsafe { libc::getpwuid_r(uid, entry.as_mut_ptr(), buffer.as_mut_ptr(), buffer.len(), &raw mut found) };
        if failed == libc::ERANGE && buffer.len() < MAX_USER {
            buffer.resize(buffer.len() * 2, 0);
            continue;
        }
        if failed != 0 || found.is_null() {
            return None;
        }
        // SAFETY: the call has succeeded and found somebody, so the struct is complete and its texts end with a NUL
        // within the buffer, which is still there.
        return unsafe {
            let entry = entry.assume_init();
            let text = |at: *const libc::c_char| CStr::from_ptr(at).to_string_lossy().into_owned();
            (!entry.pw_name.is_null() && !entry.pw_dir.is_null())
                .then(|| User { name: text(entry.pw_name), home: text(entry.pw_dir) })
        };
    }
}
