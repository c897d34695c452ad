//! What becomes of programs, and of the terminal, when somebody outside has something to say.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]
#![cfg(target_os = "linux")]

mod asking;
mod beside;
mod limits;
mod rig;
mod signals;
mod terminal;
