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
    /// Nowhere in the blocks around: a deadline has passed, that of `timeout` number N from the outside, through calls. What is
    /// within that block cannot rescue it; outside, it is a failure like any other.
    pub late: BTreeMap<usize, World<D>>,
    /// Nowhere: `exit`. The status is bound under a hidden name.
    pub exited: Option<World<D>>,
    /// Behind the loop around: it has what it wanted. Only from the body of a loop to the loop.
    pub done: Option<World<D>>,
}

impl<D: Domain> Default for Flows<D> {
    fn default() -> Self {
        Self { next: None, failed: BTreeMap::new(), late: BTreeMap::new(), exited: None, done: None }
    }
}

impl<D: Domain> Flows<D> {
    /// Only the next statement.
    pub fn next(world: World<D>) -> Self {
        Self { next: Some(world), ..Self::default() }
    }

    /// Adds what does not go on in `other`, and gives its `next`.
    pub fn absorb(&mut self, domain: &mut D, other: Self) -> Option<World<D>> {
        // Mostly there is nothing else, and worlds are not small.
        if !other.fails() && other.exited.is_none() && other.done.is_none() {
            return other.next;
        }
        for (kind, world) in other.failed {
            self.add_failure(domain, kind, world);
        }
        for (block, world) in other.late {
            add(domain, &mut self.late, block, world);
        }
        join_into(domain, &mut self.exited, other.exited);
        join_into(domain, &mut self.done, other.done);
        other.next
    }

    /// Adds all of `other`.
    pub fn merge(&mut self, domain: &mut D, other: Self) {
        let next = self.absorb(domain, other);
        join_into(domain, &mut self.next, next);
    }

    /// Adds failed runs.
    pub fn add_failure(&mut self, domain: &mut D, kind: ErrorKind, world: World<D>) {
        add(domain, &mut self.failed, kind, world);
    }

    /// Whether something in it fails, in whatever way.
    pub fn fails(&self) -> bool {
        !self.failed.is_empty() || !self.late.is_empty()
    }

    /// What has failed, in whatever way, by kind.
    pub fn failures(&self) -> impl Iterator<Item = (ErrorKind, &World<D>)> {
        let late = self.late.values().map(|world| (ErrorKind::TimeoutExceeded, world));
        self.failed.iter().map(|(kind, world)| (*kind, world)).chain(late)
    }

    /// The worlds of all continuations, in the order in which [`Self::filter_map`] goes through them.
    pub fn worlds(&self) -> impl Iterator<Item = &World<D>> {
        let stopped = self.failed.values().chain(self.late.values());
        self.next.iter().chain(stopped).chain(&self.exited).chain(&self.done)
    }

    /// The same with other worlds, or without them.
    pub fn filter_map(self, mut change: impl FnMut(World<D>) -> Option<World<D>>) -> Self {
        Self {
            next: self.next.and_then(&mut change),
            failed: self.failed.into_iter().filter_map(|(kind, world)| Some((kind, change(world)?))).collect(),
            late: self.late.into_iter().filter_map(|(block, world)| Some((block, change(world)?))).collect(),
            exited: self.exited.and_then(&mut change),
            done: self.done.and_then(&mut change),
        }
    }

    /// Applies `change` to the frame of every continuation.
    pub fn each_frame(self, mut change: impl FnMut(&mut Frame<D::Value>)) -> Self {
        self.filter_map(|mut world| {
            change(&mut world.frame);
            Some(world)
        })
    }
}

fn add<D: Domain, K: Ord>(domain: &mut D, worlds: &mut BTreeMap<K, World<D>>, key: K, world: World<D>) {
    let joined = match worlds.remove(&key) {
        Some(there) => domain.join(there, world),
        None => world,
    };
    worlds.insert(key, joined);
}

/// Which way a run goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// With the next statement.
    Next,
    /// [`Flows::failed`]
    Failed(ErrorKind),
    /// [`Flows::late`]
    Late(usize),
    /// [`Flows::exited`]
    Exited,
}

impl Way {
    /// Its name, for what a frame carries.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Next => "next".to_owned(),
            Self::Failed(kind) => kind.name().to_owned(),
            Self::Late(block) => format!("late {block}"),
            Self::Exited => "exited".to_owned(),
        }
    }
}

impl<D: Domain> Flows<D> {
    /// The worlds, each with the way that it goes.
    pub fn ways(self) -> impl Iterator<Item = (Way, World<D>)> {
        let next = self.next.into_iter().map(|world| (Way::Next, world));
        let failed = self.failed.into_iter().map(|(kind, world)| (Way::Failed(kind), world));
        let late = self.late.into_iter().map(|(block, world)| (Way::Late(block), world));
        next.chain(failed).chain(late).chain(self.exited.into_iter().map(|world| (Way::Exited, world)))
    }

    /// Adds runs that go that way.
    pub fn add(&mut self, domain: &mut D, way: Way, world: World<D>) {
        match way {
            Way::Next => join_into(domain, &mut self.next, Some(world)),
            Way::Failed(kind) => self.add_failure(domain, kind, world),
            Way::Late(block) => add(domain, &mut self.late, block, world),
            Way::Exited => join_into(domain, &mut self.exited, Some(world)),
        }
    }
}

/// Adds `other` to `slot`.
pub fn join_into<D: Domain>(domain: &mut D, slot: &mut Option<World<D>>, other: Option<World<D>>) {
    let Some(other) = other else { return };
    *slot = Some(match slot.take() {
        Some(world) => domain.join(world, other),
        None => other,
    });
}

/// Names that no program can write, for what a frame carries through joins.
pub mod hidden {
    use perch_ir::construct::WORDS;

    use super::Frame;

    /// Message of the failure in flight.
    pub const MESSAGE: &str = " message";
    /// Its code.
    pub const CODE: &str = " code";
    /// The op that raised it.
    pub const OP: &str = " op";
    /// Its detail.
    pub const DETAIL: &str = " detail";
    /// Where it has shown itself, in the words of the domain, if that says it.
    pub const PLACE: &str = " place";
    /// Status of an `exit` in flight.
    pub const STATUS: &str = " status";
    /// Bound where the run has been told to end from outside: nothing that the program does keeps it from that.
    pub const TOLD: &str = " told";
    const IN_FLIGHT: [&str; 7] = [MESSAGE, CODE, OP, DETAIL, PLACE, STATUS, TOLD];

    /// The run has been told to end, with that status.
    pub fn tell_to_end<V: Clone>(bindings: &mut imbl::OrdMap<String, V>, status: V) {
        bindings.insert(TOLD.to_owned(), status.clone());
        bindings.insert(STATUS.to_owned(), status);
    }

    /// A variable of the environment that the program has set, for what it evaluates and starts from there on.
    #[must_use]
    pub fn variable(name: &str) -> String {
        format!("{VARIABLE}{name}")
    }

    /// The variable that a binding of that name is.
    #[must_use]
    pub fn as_variable(name: &str) -> Option<&str> {
        name.strip_prefix(VARIABLE)
    }

    const VARIABLE: &str = " variable ";

    /// Where this is bound, the program has taken away the variable of the environment that has that name.
    #[must_use]
    pub fn taken(name: &str) -> String {
        format!("{TAKEN}{name}")
    }

    /// The variable that a binding of that name says is taken away.
    #[must_use]
    pub fn as_taken(name: &str) -> Option<&str> {
        name.strip_prefix(TAKEN)
    }

    const TAKEN: &str = " taken ";

    /// Where this is bound, the program has set or taken away some variable of which nothing else is bound.
    pub const SOME_VARIABLE: &str = " taken";

    /// Whether a binding says something of the variables of the environment.
    #[must_use]
    pub fn is_environment(name: &str) -> bool {
        name == SOME_VARIABLE || as_variable(name).is_some() || as_taken(name).is_some()
    }

    /// Whether somebody sees a binding who does not name it: what has to do with the environment, and what programs that are started
    /// see.
    #[must_use]
    pub fn is_handed_on(name: &str) -> bool {
        is_environment(name) || name.starts_with(|c: char| c.is_ascii_uppercase())
    }

    /// Sets a variable, or takes it away; `mark` is any value.
    pub fn put_variable<V: Clone>(bindings: &mut imbl::OrdMap<String, V>, name: &str, value: Option<V>, mark: V) {
        match value {
            Some(value) => {
                bindings.insert(variable(name), value);
                bindings.remove(&taken(name));
            }
            None => {
                bindings.remove(&variable(name));
                bindings.insert(taken(name), mark);
            }
        }
    }

    /// Whether a binding is a word of a list that was given to the command.
    #[must_use]
    pub fn is_word(name: &str) -> bool {
        name.starts_with(WORDS)
    }

    /// Forgets the words of lists whose names begin so; of all of them, if that is empty.
    pub fn drop_words<V: Clone>(bindings: &mut imbl::OrdMap<String, V>, list: &str) {
        let start = format!("{WORDS}{list}");
        let words = bindings.range(start.clone()..).map(|(name, _)| name).take_while(|name| name.starts_with(&start));
        let words: Vec<String> = words.cloned().collect();
        words.iter().for_each(|name| drop(bindings.remove(name)));
    }

    /// The exit status to which that name is bound, if it is one: it is true when it is 0, which no text is.
    #[must_use]
    pub fn status(name: &str) -> String {
        format!("{STATUS_OF}{name}")
    }

    /// Binds a name to a text. If it was an exit status, it is one no more.
    pub fn bind<V: Clone>(bindings: &mut imbl::OrdMap<String, V>, name: &str, value: V) {
        bindings.remove(&status(name));
        bindings.insert(name.to_owned(), value);
    }

    /// What a name is bound to, and whether that is an exit status.
    #[must_use]
    pub fn bound<V: Clone>(bindings: &imbl::OrdMap<String, V>, name: &str) -> [Option<V>; 2] {
        [name.to_owned(), status(name)].map(|name| bindings.get(&name).cloned())
    }

    /// Binds it to that again.
    pub fn rebind<V: Clone>(bindings: &mut imbl::OrdMap<String, V>, name: &str, before: &[Option<V>; 2]) {
        for (name, value) in [name.to_owned(), status(name)].into_iter().zip(before) {
            match value {
                Some(value) => bindings.insert(name, value.clone()),
                None => bindings.remove(&name),
            };
        }
    }

    /// Whether a binding says that another one is an exit status.
    #[must_use]
    pub fn is_status(name: &str) -> bool {
        name.starts_with(STATUS_OF)
    }

    const STATUS_OF: &str = " status of ";

    /// What is known of the store of cached blocks, under this name. It survives the frame in which it was learnt.
    #[must_use]
    pub fn stored(what: &str) -> String {
        format!("{STORED}{what}")
    }

    /// Whether a binding says something of the store.
    #[must_use]
    pub fn is_stored(name: &str) -> bool {
        name.starts_with(STORED)
    }

    const STORED: &str = " stored ";

    /// The frame `outer` with what `inner` says of a failure or exit in flight, and of the store.
    #[must_use]
    pub fn in_flight<V: Clone>(outer: &Frame<V>, inner: &Frame<V>) -> Frame<V> {
        let mut frame = outer.clone();
        for name in IN_FLIGHT {
            frame.bindings.extend(inner.bindings.get(name).map(|value| (name.to_owned(), value.clone())));
        }
        let stored = inner.bindings.range(STORED.to_owned()..).take_while(|(name, _)| is_stored(name));
        frame.bindings.extend(stored.map(|(name, value)| (name.clone(), value.clone())));
        frame
    }

    /// Puts what is known of a failure or exit in flight aside while `finally` number `depth` runs, which may have failures of
    /// its own.
    pub fn put_aside<V: Clone>(bindings: &mut imbl::OrdMap<String, V>, depth: usize) {
        for name in IN_FLIGHT {
            let value = bindings.remove(name);
            bindings.extend(value.map(|value| (aside(name, depth), value)));
        }
    }

    /// Under which name that of a failure in flight is put aside.
    #[must_use]
    pub fn aside(name: &str, depth: usize) -> String {
        format!("{name} {depth}")
    }

    /// Puts into `bindings` what a branch that ran elsewhere carries: which way it went, what it says of that, and what it has
    /// learnt of the store.
    pub fn carry<V: Clone>(
        bindings: &mut imbl::OrdMap<String, V>,
        number: usize,
        way: &V,
        inner: &imbl::OrdMap<String, V>,
    ) {
        bindings.insert(tag(number), way.clone());
        for name in IN_FLIGHT {
            bindings.extend(inner.get(name).map(|value| (aside(name, number), value.clone())));
        }
    }

    /// The reverse of [`put_aside`].
    pub fn take_up<V: Clone>(bindings: &mut imbl::OrdMap<String, V>, depth: usize) {
        for name in IN_FLIGHT {
            let value = bindings.remove(&aside(name, depth));
            bindings.extend(value.map(|value| (name.to_owned(), value)));
        }
    }

    /// Forgets what was put aside, and the tag.
    pub fn drop_aside<V: Clone>(bindings: &mut imbl::OrdMap<String, V>, depth: usize) {
        for name in IN_FLIGHT {
            bindings.remove(&aside(name, depth));
        }
        bindings.remove(&tag(depth));
    }

    /// A failure has been dealt with: nothing of it remains.
    pub fn settle<V: Clone>(bindings: &mut imbl::OrdMap<String, V>) {
        for name in [MESSAGE, CODE, OP, DETAIL, PLACE] {
            bindings.remove(name);
        }
    }

    /// Which continuation a world came from, while `finally` runs. One per nesting depth.
    #[must_use]
    pub fn tag(depth: usize) -> String {
        format!(" tag {depth}")
    }
}
