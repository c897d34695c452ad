//! Effects, restrictions, and the one function that decides whether an effect is permitted.
//!
//! Every effect of every op, in every domain, goes through [`Policy::decide`]. What it allows it
//! allows with a [`Permit`]: a value that nothing else can make and that the effectful methods of
//! the host take, so that check and use are one step.

mod bounds;
mod decide;
mod effect;
mod mask;
pub mod net;
pub mod path;
pub mod shell;
pub mod store;

pub use bounds::{Axis, Bounds, By, Lists, OpClause, Ops};
pub use decide::{Decision, Denial, Met, Permit, Policy, REFUSED, Redirects, Rule};
pub use effect::{Effect, Known};
pub use mask::{Mask, Right};
