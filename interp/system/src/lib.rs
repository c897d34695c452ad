//! The real host, the only crate in which perch acts.
//!
//! * A [`Place`] is where a path leads: [`walk`](Host::walk) goes there with directory handles, resolves links
//!   itself and asks a gate about every path text on the way. Acts use the handles of a place, not its text, so
//!   that what was asked about is what is touched, whoever renames what meanwhile.
//! * An act takes a [`Permit`](perch_policy::Permit) for exactly what it does to exactly that place, and refuses
//!   any other.
//! * What may take as long as somebody else likes takes an [`Until`]: a deadline, and the signals to the run.
//! * Programs run in process groups of their own, and whoever stems from them ends with them when they are stopped.
//! * Nothing here changes the state of the process (working directory, environment, umask), so that many
//!   hosts can be used by many threads at once. The exception is [`signals::take_charge`], for a process that is
//!   one run.
//!
//! Each act checks its guards itself, on handles, in the order of the reference of ops. It knows nothing of the
//! contracts that describe the same acts to the analysis; tests compare the two.

mod beside;
mod child;
mod clock;
mod crew;
mod entry;
mod error;
mod events;
mod feed;
mod file;
mod host;
mod kin;
mod list;
pub mod look;
pub mod machine;
mod marks;
mod measure;
mod pack;
mod permit;
mod person;
mod print;
mod program;
mod raw;
mod roster;
mod running;
pub mod signals;
mod store;
mod terminal;
mod tree;
mod unpack;
mod until;
mod walk;

pub use clock::{now, now_everywhere};
pub use entry::new_name;
pub use error::{Cause, Error};
pub use feed::MAX_CAPTURED;
pub use file::Source;
pub use host::{Host, HostConfig, Output, arch, os};
pub use list::{Wanted, Wish};
pub use marks::Mode;
pub use measure::Measure;
pub use pack::{Item, What};
pub use person::Person;
pub use program::{End, Finished, Pipeline, Program, Start, Stdout};
pub use raw::Memory;
pub use running::Running;
pub use store::{Block, Entry, MAX_ENTRY};
pub use unpack::Staging;
pub use until::Until;
pub use walk::{Ancestors, Gate, Kind, Last, MAX_LINKS, MAX_PATH, Place, Stop};
