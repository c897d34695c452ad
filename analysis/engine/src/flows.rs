//! Where evaluation can go on.
//!
//! A [`World`] is the state in front of a statement: the [`Frame`], which belongs to the language and which
//! the evaluator alone scopes, and the host, which belongs to the domain. Evaluating a statement
//! consumes a world and gives [`Flows`]: at most one world per continuation. A concrete run has exactly one
//! world in exactly one of them; its host is not `Clone`, so it cannot be in two places.

use std::collections::BTreeMap;

use imbl::OrdMap;
use perch_ops::ErrorKind;

use crate::Domain;

/// What the language remembers: bindings and the working directory.
pub struct Frame<V> {
    /// Bindings. A name that is missing is unbound.
    pub bindings: OrdMap<String, V>,
    /// The working directory, absolute and clean.
    pub cwd: V,
}

impl<V: Clone> Clone for Frame<V> {
    fn clone(&self) -> Self {
        Self { bindings: self.bindings.clone(), cwd: self.cwd.clone() }
    }
}

/// A state in front of a statement.
pub struct World<D: Domain> {
    /// What the language remembers.
    pub frame: Frame<D::Value>,
    /// What the domain knows or owns.
    pub host: D::Host,
}

/// Failed runs by kind. What else is known of a failure (message, code, op, detail) is bound in the frame
/// under hidden names, so that joining worlds joins it too.
pub type Failures<D> = BTreeMap<ErrorKind, World<D>>;

/// Where evaluation of a statement can go on.
pub struct Flows<D: Domain> {
    /// With the next statement.
    pub next: Option<World<D>>,
    /// Nowhere, unless somebody rescues.
    pub failed: Failures<D>,
    /// Nowhere: `exit`. The status is bound under a hidden name.
    pub exited: Option<World<D>>,
}

impl<D: Domain> Default for Flows<D> {
    fn default() -> Self {
        Self { next: None, failed: BTreeMap::new(), exited: None }
    }
}

impl<D: Domain> Flows<D> {
    /// Only the next statement.
    pub fn next(world: World<D>) -> Self {
        Self { next: Some(world), ..Self::default() }
    }

    /// Adds the failures and exits of `other`, and gives its `next`.
    pub fn absorb(&mut self, domain: &mut D, other: Self) -> Option<World<D>> {
        for (kind, world) in other.failed {
            self.add_failure(domain, kind, world);
        }
        join_into(domain, &mut self.exited, other.exited);
        other.next
    }

    /// Adds all of `other`.
    pub fn merge(&mut self, domain: &mut D, other: Self) {
        let next = self.absorb(domain, other);
        join_into(domain, &mut self.next, next);
    }

    /// Adds failed runs.
    pub fn add_failure(&mut self, domain: &mut D, kind: ErrorKind, world: World<D>) {
        let joined = match self.failed.remove(&kind) {
            Some(there) => domain.join(there, world),
            None => world,
        };
        self.failed.insert(kind, joined);
    }

    /// Applies `change` to the frame of every continuation.
    pub fn each_frame(mut self, mut change: impl FnMut(&mut Frame<D::Value>)) -> Self {
        let worlds = self.next.iter_mut().chain(self.failed.values_mut()).chain(self.exited.iter_mut());
        worlds.for_each(|world| change(&mut world.frame));
        self
    }
}

/// Adds `other` to `slot`.
pub fn join_into<D: Domain>(domain: &mut D, slot: &mut Option<World<D>>, other: Option<World<D>>) {
    *slot = match (slot.take(), other) {
        (Some(a), Some(b)) => Some(domain.join(a, b)),
        (a, b) => a.or(b),
    };
}

/// Names that no program can write, for what a frame carries through joins.
pub mod hidden {
    /// Message of the failure in flight.
    pub const MESSAGE: &str = " message";
    /// Its code.
    pub const CODE: &str = " code";
    /// The op that raised it.
    pub const OP: &str = " op";
    /// Its detail.
    pub const DETAIL: &str = " detail";
    /// Status of an `exit` in flight.
    pub const STATUS: &str = " status";
    const IN_FLIGHT: [&str; 5] = [MESSAGE, CODE, OP, DETAIL, STATUS];

    /// Puts what is known of a failure or exit in flight aside while `finally` number `depth` runs, which may have failures of
    /// its own.
    pub fn put_aside<V: Clone>(bindings: &mut imbl::OrdMap<String, V>, depth: usize) {
        for name in IN_FLIGHT {
            let value = bindings.remove(name);
            bindings.extend(value.map(|value| (format!("{name} {depth}"), value)));
        }
    }

    /// The reverse of [`put_aside`].
    pub fn take_up<V: Clone>(bindings: &mut imbl::OrdMap<String, V>, depth: usize) {
        for name in IN_FLIGHT {
            let value = bindings.remove(&format!("{name} {depth}"));
            bindings.extend(value.map(|value| (name.to_owned(), value)));
        }
    }

    /// Forgets what was put aside, and the tag.
    pub fn drop_aside<V: Clone>(bindings: &mut imbl::OrdMap<String, V>, depth: usize) {
        for name in IN_FLIGHT {
            bindings.remove(&format!("{name} {depth}"));
        }
        bindings.remove(&tag(depth));
    }

    /// A failure has been dealt with: nothing of it remains.
    pub fn settle<V: Clone>(bindings: &mut imbl::OrdMap<String, V>) {
        for name in [MESSAGE, CODE, OP, DETAIL] {
            bindings.remove(name);
        }
    }

    /// Which continuation a world came from, while `finally` runs. One per nesting depth.
    #[must_use]
    pub fn tag(depth: usize) -> String {
        format!(" tag {depth}")
    }
}
