//! What really goes over the network, and what does not.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]
#![cfg(target_os = "linux")]

mod denied;
mod interrupted;
