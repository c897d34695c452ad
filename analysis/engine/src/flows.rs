//! Where evaluation can go on.
//!
//! A [`World`] is the state in front of a statement: the [`Frame`], which belongs to the language and which
//! the evaluator alone scopes, and the host, which belongs to the domain. Evaluating a statement
//! consumes a world and gives [`Flows`]: at most one world per continuation. A concrete run has exactly one
//! world in exactly one of them; its host is not `Clone`, so it cannot be in two places.

use std::collections::BTreeMap;
use std::sync::Arc;

use imbl::OrdMap;
use perch_ops::ErrorKind;

use crate::Domain;

/// What names are bound to. A name that is missing is unbound. Maps share what they have in common until one of them changes; then names
/// are copied in great numbers, so they are shared, too.
pub type Bindings<V> = OrdMap<Arc<str>, V>;

/// What the language remembers: bindings and the working directory.
pub struct Frame<V> {
    /// Bindings.
    pub bindings: Bindings<V>,
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
    /// Elsewhere. Mostly there is nothing, and worlds are not small: what every statement hands on should be.
    pub(crate) stopped: Option<Box<Stopped<D>>>,
}

/// Where evaluation can go on other than with the next statement.
pub(crate) struct Stopped<D: Domain> {
    /// Nowhere, unless somebody rescues.
    failed: Failures<D>,
    /// Nowhere in the blocks around: a deadline has passed, that of `timeout` number N from the outside, through calls. What is
    /// within that block cannot rescue it; outside, it is a failure like any other.
    late: BTreeMap<usize, World<D>>,
    /// Nowhere: `exit`. The status is bound under a hidden name.
    exited: Option<World<D>>,
    /// Behind the loop around: it has what it wanted. Only from the body of a loop to the loop.
    done: Option<World<D>>,
}

impl<D: Domain> Default for Flows<D> {
    fn default() -> Self {
        Self { next: None, stopped: None }
    }
}

impl<D: Domain> Default for Stopped<D> {
    fn default() -> Self {
        Self { failed: BTreeMap::new(), late: BTreeMap::new(), exited: None, done: None }
    }
}

impl<D: Domain> Stopped<D> {
    fn filter_map(self, change: &mut impl FnMut(World<D>) -> Option<World<D>>) -> Self {
        Self {
            failed: self.failed.into_iter().filter_map(|(kind, world)| Some((kind, change(world)?))).collect(),
            late: self.late.into_iter().filter_map(|(block, world)| Some((block, change(world)?))).collect(),
            exited: self.exited.and_then(&mut *change),
            done: self.done.and_then(change),
        }
    }

    fn merge(&mut self, domain: &mut D, other: Self) {
        for (kind, world) in other.failed {
            add(domain, &mut self.failed, kind, world);
        }
        for (block, world) in other.late {
            add(domain, &mut self.late, block, world);
        }
        join_into(domain, &mut self.exited, other.exited);
        join_into(domain, &mut self.done, other.done);
    }
}

impl<D: Domain> Flows<D> {
    /// Only the next statement.
    pub fn next(world: World<D>) -> Self {
        Self { next: Some(world), stopped: None }
    }

    /// Only a failure.
    pub fn failed(kind: ErrorKind, world: World<D>) -> Self {
        let stopped = Stopped { failed: [(kind, world)].into(), ..Stopped::default() };
        Self { next: None, stopped: Some(Box::new(stopped)) }
    }

    /// Only an exit.
    pub fn exited(world: World<D>) -> Self {
        let stopped = Stopped { exited: Some(world), ..Stopped::default() };
        Self { next: None, stopped: Some(Box::new(stopped)) }
    }

    fn stopped_mut(&mut self) -> &mut Stopped<D> {
        self.stopped.get_or_insert_default()
    }

    /// Adds what does not go on in `other`, and gives its `next`.
    pub fn absorb(&mut self, domain: &mut D, other: Self) -> Option<World<D>> {
        if let Some(stopped) = other.stopped {
            match &mut self.stopped {
                Some(own) => own.merge(domain, *stopped),
                own => *own = Some(stopped),
            }
        }
        other.next
    }

    /// Adds all of `other`.
    pub fn merge(&mut self, domain: &mut D, other: Self) {
        let next = self.absorb(domain, other);
        join_into(domain, &mut self.next, next);
    }

    /// Adds failed runs.
    pub fn add_failure(&mut self, domain: &mut D, kind: ErrorKind, world: World<D>) {
        add(domain, &mut self.stopped_mut().failed, kind, world);
    }

    /// Adds runs that have exited.
    pub(crate) fn add_exited(&mut self, domain: &mut D, world: Option<World<D>>) {
        if world.is_some() {
            join_into(domain, &mut self.stopped_mut().exited, world);
        }
    }

    /// Those that go on are behind the loop around.
    pub(crate) fn leave_loop(&mut self) {
        if let Some(world) = self.next.take() {
            self.stopped_mut().done = Some(world);
        }
    }

    /// Takes the failures out, other than those by deadlines.
    pub(crate) fn take_failed(&mut self) -> Failures<D> {
        self.stopped.as_mut().map(|stopped| std::mem::take(&mut stopped.failed)).unwrap_or_default()
    }

    /// Takes one of them out.
    pub(crate) fn take_a_failure(&mut self) -> Option<World<D>> {
        Some(self.stopped.as_mut()?.failed.pop_first()?.1)
    }

    /// Takes those out whose deadline, that of the `timeout` with that number, has passed.
    /// The blocks whose deadlines have passed on some of these runs.
    pub fn late(&self) -> impl Iterator<Item = usize> {
        self.stopped.iter().flat_map(|stopped| stopped.late.keys().copied())
    }

    pub(crate) fn take_late(&mut self, number: usize) -> Option<World<D>> {
        self.stopped.as_mut()?.late.remove(&number)
    }

    /// Takes those out that have exited.
    pub fn take_exited(&mut self) -> Option<World<D>> {
        self.stopped.as_mut()?.exited.take()
    }

    /// Takes those out that are behind the loop around.
    pub(crate) fn take_done(&mut self) -> Option<World<D>> {
        self.stopped.as_mut()?.done.take()
    }

    /// Those that have exited.
    pub fn having_exited(&self) -> Option<&World<D>> {
        self.stopped.as_ref()?.exited.as_ref()
    }

    /// Failures by kind, other than those by deadlines.
    pub fn having_failed(&self) -> impl Iterator<Item = (ErrorKind, &World<D>)> {
        self.stopped.iter().flat_map(|stopped| &stopped.failed).map(|(kind, world)| (*kind, world))
    }

    /// What has failed, in whatever way, by kind.
    pub fn failures(&self) -> impl Iterator<Item = (ErrorKind, &World<D>)> {
        let late = self.stopped.iter().flat_map(|stopped| stopped.late.values());
        self.having_failed().chain(late.map(|world| (ErrorKind::TimeoutExceeded, world)))
    }

    /// The same, to be changed.
    pub fn failures_mut(&mut self) -> impl Iterator<Item = &mut World<D>> {
        let stopped = self.stopped.iter_mut();
        stopped.flat_map(|stopped| stopped.failed.values_mut().chain(stopped.late.values_mut()))
    }

    /// Whether something in it fails, in whatever way.
    pub fn fails(&self) -> bool {
        self.failures().next().is_some()
    }

    /// The worlds of all continuations, in the order in which [`Self::filter_map`] goes through them.
    pub fn worlds(&self) -> impl Iterator<Item = &World<D>> {
        let stopped = self.stopped.iter().flat_map(|stopped| {
            stopped.failed.values().chain(stopped.late.values()).chain(&stopped.exited).chain(&stopped.done)
        });
        self.next.iter().chain(stopped)
    }

    /// The same with other worlds, or without them.
    pub fn filter_map(self, mut change: impl FnMut(World<D>) -> Option<World<D>>) -> Self {
        Self {
            next: self.next.and_then(&mut change),
            stopped: self.stopped.map(|stopped| Box::new(stopped.filter_map(&mut change))),
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
    /// It has failed.
    Failed(ErrorKind),
    /// The deadline of the `timeout` with that number has passed.
    Late(usize),
    /// `exit`.
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
        let Stopped { failed, late, exited, .. } = self.stopped.map(|stopped| *stopped).unwrap_or_default();
        let failed = failed.into_iter().map(|(kind, world)| (Way::Failed(kind), world));
        let late = late.into_iter().map(|(block, world)| (Way::Late(block), world));
        next.chain(failed).chain(late).chain(exited.into_iter().map(|world| (Way::Exited, world)))
    }

    /// Adds runs that go that way.
    pub fn add(&mut self, domain: &mut D, way: Way, world: World<D>) {
        match way {
            Way::Next => join_into(domain, &mut self.next, Some(world)),
            Way::Failed(kind) => self.add_failure(domain, kind, world),
            Way::Late(block) => add(domain, &mut self.stopped_mut().late, block, world),
            Way::Exited => self.add_exited(domain, Some(world)),
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
    use std::ops::Bound;
    use std::sync::Arc;

    use perch_ir::construct::WORDS;

    use super::{Bindings, Frame};

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
    pub fn tell_to_end<V: Clone>(bindings: &mut Bindings<V>, status: V) {
        put(bindings, TOLD, status.clone());
        put(bindings, STATUS, status);
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
    pub fn put_variable<V: Clone>(bindings: &mut Bindings<V>, name: &str, value: Option<V>, mark: V) {
        match value {
            Some(value) => {
                put(bindings, &variable(name), value);
                take(bindings, &taken(name));
            }
            None => {
                take(bindings, &variable(name));
                put(bindings, &taken(name), mark);
            }
        }
    }

    /// Whether a binding is a word of a list that was given to the command.
    #[must_use]
    pub fn is_word(name: &str) -> bool {
        name.starts_with(WORDS)
    }

    /// Forgets the words of lists whose names begin so; of all of them, if that is empty.
    pub fn drop_words<V: Clone>(bindings: &mut Bindings<V>, list: &str) {
        let start = format!("{WORDS}{list}");
        let words = starting_with(bindings, &start).map(|(name, _)| Arc::clone(name));
        let words: Vec<Arc<str>> = words.collect();
        words.iter().for_each(|name| drop(bindings.remove(name)));
    }

    /// What is bound to names that begin so.
    fn starting_with<'b, V: Clone>(
        bindings: &'b Bindings<V>,
        start: &'b str,
    ) -> impl Iterator<Item = (&'b Arc<str>, &'b V)> {
        let from = (Bound::Included(start), Bound::Unbounded);
        bindings.range::<_, str>(from).take_while(move |(name, _)| name.starts_with(start))
    }

    /// The exit status to which that name is bound, if it is one: it is true when it is 0, which no text is.
    #[must_use]
    pub fn status(name: &str) -> String {
        format!("{STATUS_OF}{name}")
    }

    /// Puts a value under a name. Mostly there is one already.
    pub fn put<V: Clone>(bindings: &mut Bindings<V>, name: &str, value: V) {
        match bindings.get_mut(name) {
            Some(there) => *there = value,
            None => drop(bindings.insert(name.into(), value)),
        }
    }

    /// Takes away what is under a name. Mostly nothing is, and then nothing must be copied in order to be changed.
    pub fn take<V: Clone>(bindings: &mut Bindings<V>, name: &str) -> Option<V> {
        if bindings.contains_key(name) { bindings.remove(name) } else { None }
    }

    /// Binds a name to a text. If it was an exit status, it is one no more.
    pub fn bind<V: Clone>(bindings: &mut Bindings<V>, name: &str, value: V) {
        with_status(name, |status| drop(take(bindings, status)));
        put(bindings, name, value);
    }

    /// What a name is bound to, and whether that is an exit status.
    #[must_use]
    pub fn bound<V: Clone>(bindings: &Bindings<V>, name: &str) -> [Option<V>; 2] {
        [bindings.get(name).cloned(), status_of(bindings, name)]
    }

    /// The exit status to which a name is bound.
    #[must_use]
    pub fn status_of<V: Clone>(bindings: &Bindings<V>, name: &str) -> Option<V> {
        with_status(name, |status| bindings.get(status).cloned())
    }

    /// Binds it to that again.
    pub fn rebind<V: Clone>(bindings: &mut Bindings<V>, name: &str, before: &[Option<V>; 2]) {
        let mut again = |name: &str, value: &Option<V>| match value {
            Some(value) => put(bindings, name, value.clone()),
            None => drop(take(bindings, name)),
        };
        let [value, of_status] = before;
        again(name, value);
        with_status(name, |status| again(status, of_status));
    }

    /// Does something with the name under which it stands that another is an exit status. That is asked whenever something is bound, so
    /// usual names are put together without asking for memory.
    fn with_status<T>(name: &str, act: impl FnOnce(&str) -> T) -> T {
        let mut room = [0; 64];
        let length = STATUS_OF.len() + name.len();
        let Some(both) = room.get_mut(..length) else { return act(&status(name)) };
        let (before, behind) = both.split_at_mut(STATUS_OF.len());
        before.copy_from_slice(STATUS_OF.as_bytes());
        behind.copy_from_slice(name.as_bytes());
        match std::str::from_utf8(both) {
            Ok(both) => act(both),
            Err(_) => act(&status(name)),
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

    /// What a binding of that name says of the store.
    #[must_use]
    pub fn as_stored(name: &str) -> Option<&str> {
        name.strip_prefix(STORED)
    }

    const STORED: &str = " stored ";

    /// The frame `outer` with what `inner` says of a failure or exit in flight, and of the store.
    #[must_use]
    pub fn in_flight<V: Clone>(outer: &Frame<V>, inner: &Frame<V>) -> Frame<V> {
        let mut frame = outer.clone();
        for name in IN_FLIGHT {
            inner.bindings.get(name).into_iter().for_each(|value| put(&mut frame.bindings, name, value.clone()));
        }
        let stored = starting_with(&inner.bindings, STORED);
        frame.bindings.extend(stored.map(|(name, value)| (Arc::clone(name), value.clone())));
        frame
    }

    /// Puts what is known of a failure or exit in flight aside while `finally` number `depth` runs, which may have failures of
    /// its own.
    pub fn put_aside<V: Clone>(bindings: &mut Bindings<V>, depth: usize) {
        for name in IN_FLIGHT {
            let value = take(bindings, name);
            value.into_iter().for_each(|value| put(bindings, &aside(name, depth), value));
        }
    }

    /// Under which name that of a failure in flight is put aside.
    #[must_use]
    pub fn aside(name: &str, depth: usize) -> String {
        format!("{name} {depth}")
    }

    /// Puts into `bindings` what a branch that ran elsewhere carries: which way it went, what it says of that, and what it has
    /// learnt of the store.
    pub fn carry<V: Clone>(bindings: &mut Bindings<V>, number: usize, way: &V, inner: &Bindings<V>) {
        put(bindings, &tag(number), way.clone());
        for name in IN_FLIGHT {
            inner.get(name).into_iter().for_each(|value| put(bindings, &aside(name, number), value.clone()));
        }
    }

    /// The reverse of [`put_aside`].
    pub fn take_up<V: Clone>(bindings: &mut Bindings<V>, depth: usize) {
        for name in IN_FLIGHT {
            let value = take(bindings, &aside(name, depth));
            value.into_iter().for_each(|value| put(bindings, name, value));
        }
    }

    /// Forgets what was put aside, and the tag.
    pub fn drop_aside<V: Clone>(bindings: &mut Bindings<V>, depth: usize) {
        for name in IN_FLIGHT {
            take(bindings, &aside(name, depth));
        }
        take(bindings, &tag(depth));
    }

    /// A failure has been dealt with: nothing of it remains.
    pub fn settle<V: Clone>(bindings: &mut Bindings<V>) {
        for name in [MESSAGE, CODE, OP, DETAIL, PLACE] {
            take(bindings, name);
        }
    }

    /// Which continuation a world came from, while `finally` runs. One per nesting depth.
    #[must_use]
    pub fn tag(depth: usize) -> String {
        format!(" tag {depth}")
    }
}
