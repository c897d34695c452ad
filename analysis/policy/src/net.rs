//! Hosts, web addresses and the addresses of machines, as texts: the one reading of them, for analysis and run alike.
//!
//! What is asked about must be what is talked to. So there is one parser ([`Url::parse`], [`Host::parse`]), which writes each
//! host in one way (`127.1`, `0x7f000001` and `１２７.0.0.1` are all `127.0.0.1`); and one function that says which addresses
//! are nobody else's business ([`is_private`]), in whatever form they are embedded.

mod address;
mod answers;
mod host;
mod pattern;
mod web;

pub use address::{is_private, may_reach};
pub use answers::{Next, SHOWN, beginning, followed, leads};
pub use host::Host;
pub use pattern::Pattern;
pub use web::Url;
