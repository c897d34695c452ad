//! The one evaluator of the language.
//!
//! It knows control flow and nothing else: sequence, branches, loops, calls, `try`, chains. What a
//! value is, what the host is and what a primitive does to it come from a [`Domain`]. The evaluator
//! names no op and performs no input or output.
//!
//! Reading order: [`flows`] (what evaluating a statement gives), [`domain`] (what a domain
//! provides), then [`eval`] (the language, one function per construct).

pub mod arguments;
pub mod context;
pub mod domain;
pub mod eval;
pub mod faults;
pub mod flows;

pub use context::{CallPath, Context, Node};
pub use domain::{Domain, Outcome, Raised, Split, Test, Turn, Value};
pub use eval::Engine;
pub use flows::{Bindings, Failures, Flows, Frame, Way, World};
