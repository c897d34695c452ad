//! The network, as far as perch uses it.
//!
//! * Every act takes a [`Permit`](perch_policy::Permit) for the host and the port that it talks to, and refuses any other.
//! * A name is looked up once. Of its addresses those are left out that the permit does not reach; what is left is what is dialled, by
//!   number. So nobody can answer differently between the question and the use.
//! * Whatever waits takes an [`Until`](perch_system::Until): a deadline, and the signals to the run.
//! * A redirect is a request of its own, about which is asked as about the first.
//! * No variable of the environment changes where anything goes.

mod hops;
mod line;
mod names;
mod own;
mod ports;
mod trouble;

pub use hops::{Answer, MAX_BODY, Refused, Request, Stop, trouble_of};
pub use names::Names;
pub use own::{hardware_address, interfaces, local_address};
pub use ports::{free_port, port_free};
pub use trouble::Trouble;
