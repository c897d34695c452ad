//! Reduced decision diagrams with many terminals.
//!
//! A diagram is a function from valuations of *atoms* (yes-or-no unknowns) to *leaves* (numbers that mean
//! something to the caller). Atoms are ordered by their number, equal subdiagrams are shared, and a node
//! whose branches are equal does not exist. So a function has exactly one diagram, and equality of
//! functions is equality of numbers: [`Dd`] is `Copy` and comparing two is comparing what they mean.
//!
//! Conditions are diagrams over the leaves [`Leaf::FALSE`] and [`Leaf::TRUE`].
//!
//! # The budget
//!
//! Diagrams can grow exponentially. When a manager holds more than its budget of nodes, [`Diagrams::over`] turns
//! true and stays so, and results are meaningless from then on. A user asks `over` before believing
//! anything, once, at the end.

mod memo;
mod table;

use rustc_hash::FxHashSet;

use memo::Memo;
use table::Table;

/// A diagram. Meaningful in the manager that made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Dd(u32);

/// A yes-or-no unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Atom(pub u32);

/// A terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Leaf(pub u32);

impl Leaf {
    /// The condition does not hold.
    pub const FALSE: Self = Self(0);
    /// The condition holds.
    pub const TRUE: Self = Self(1);
}

impl Dd {
    /// The condition that never holds.
    pub const FALSE: Self = Self(0);
    /// The condition that always holds.
    pub const TRUE: Self = Self(1);

    /// True for the condition that never holds.
    #[must_use]
    pub fn is_false(self) -> bool {
        self == Self::FALSE
    }

    /// True for the condition that always holds.
    #[must_use]
    pub fn is_true(self) -> bool {
        self == Self::TRUE
    }
}

const TERMINAL: u32 = u32::MAX;

#[derive(Clone, Copy)]
struct Node {
    /// The atom, or [`TERMINAL`].
    atom: u32,
    /// Where the atom holds; of a terminal, the leaf.
    yes: u32,
    no: u32,
}

impl Node {
    /// What the diagram with this node on top is where an atom holds, which is not below it, and where it does not.
    fn branches(self, dd: Dd, atom: u32) -> (Dd, Dd) {
        if self.atom == atom && atom != TERMINAL { (Dd(self.yes), Dd(self.no)) } else { (dd, dd) }
    }
}

/// The manager: all nodes, each once.
pub struct Diagrams {
    /// The value is how many nodes are in one, where shared ones count each time: nobody has to count those of small ones.
    nodes: Table,
    ite: Table,
    restrict: Table,
    /// Drafts that are open.
    drafts: usize,
    budget: usize,
    over: bool,
}

/// A part of the manager's life that leaves no trace: see [`Diagrams::draft`].
#[must_use]
pub struct Draft {
    nodes: usize,
    ite: usize,
    restrict: usize,
    budget: usize,
    over: bool,
}

/// How many nodes a manager holds before it gives up, unless told otherwise.
pub const DEFAULT_BUDGET: usize = 1 << 21;

impl Default for Diagrams {
    fn default() -> Self {
        Self::with_budget(DEFAULT_BUDGET)
    }
}

impl Diagrams {
    /// A manager that holds at most `budget` nodes.
    #[must_use]
    pub fn with_budget(budget: usize) -> Self {
        let mut new = Self {
            nodes: Table::default(),
            ite: Table::default(),
            restrict: Table::default(),
            drafts: 0,
            budget,
            over: false,
        };
        new.leaf(Leaf::FALSE);
        new.leaf(Leaf::TRUE);
        new
    }

    /// True once the budget has been exceeded: nothing that came after means anything.
    #[must_use]
    pub fn over(&self) -> bool {
        self.over
    }

    /// What `act` makes, unless that takes more new nodes than this. What it has made until then is lost, no more.
    pub fn attempt<T>(&mut self, nodes: usize, act: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.over {
            return None;
        }
        let limit = self.budget.min(self.nodes.len() + nodes);
        let budget = std::mem::replace(&mut self.budget, limit);
        let done = act(self);
        self.budget = budget;
        let failed = std::mem::replace(&mut self.over, self.nodes.len() > budget);
        (!failed).then_some(done)
    }

    /// From here until [`Diagrams::discard`], at most this many new nodes are made, and then they are all forgotten: for reading what
    /// has been built. What is read costs the same whatever was read before.
    pub fn draft(&mut self, nodes: usize) -> Draft {
        let limit = self.nodes.len() + nodes;
        let budget = std::mem::replace(&mut self.budget, limit);
        self.drafts += 1;
        let (nodes, ite, restrict) = (self.nodes.len(), self.ite.len(), self.restrict.len());
        Draft { nodes, ite, restrict, budget, over: self.over }
    }

    /// Forgets every diagram that was made since. True if all that was made was within the draft's limit: otherwise nothing of it
    /// means anything.
    pub fn discard(&mut self, draft: Draft) -> bool {
        self.drafts -= 1;
        self.nodes.truncate(draft.nodes);
        self.ite.truncate(draft.ite);
        self.restrict.truncate(draft.restrict);
        self.budget = draft.budget;
        !std::mem::replace(&mut self.over, draft.over)
    }

    /// Whether what is made now will be forgotten.
    #[must_use]
    pub fn is_drafting(&self) -> bool {
        self.drafts > 0
    }

    /// Room for that many more nodes, for reading what has been built. What is over budget stays so.
    pub fn make_room(&mut self, more: usize) {
        self.budget = self.nodes.len() + more;
    }

    /// How many nodes it may hold.
    #[must_use]
    pub fn budget(&self) -> usize {
        self.budget
    }

    /// Number of nodes made so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Never true: the two conditions exist from the start.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The constant function.
    pub fn leaf(&mut self, leaf: Leaf) -> Dd {
        self.intern(Node { atom: TERMINAL, yes: leaf.0, no: 0 })
    }

    /// The condition that `atom` holds.
    pub fn atom(&mut self, atom: Atom) -> Dd {
        self.node(atom.0, Dd::TRUE, Dd::FALSE)
    }

    /// `yes` where `cond` holds, `no` elsewhere.
    pub fn ite(&mut self, cond: Dd, yes: Dd, no: Dd) -> Dd {
        match cond {
            Dd::TRUE => return yes,
            Dd::FALSE => return no,
            _ if yes == no => return yes,
            _ => {}
        }
        // Where the condition is asked for again, the answer is known.
        let (yes, no) = (if yes == cond { Dd::TRUE } else { yes }, if no == cond { Dd::FALSE } else { no });
        match (yes, no) {
            (Dd::TRUE, Dd::FALSE) => return cond,
            (_, Dd::FALSE) => return self.and(cond, yes),
            (Dd::TRUE, _) => return self.or(cond, no),
            _ if self.over => return no,
            _ => {}
        }
        let key = [cond.0, yes.0, no.0];
        if let Some(done) = self.ite.get(key) {
            return Dd(done);
        }
        let [c, y, n] = [cond, yes, no].map(|dd| self.at(dd.0));
        let atom = c.atom.min(y.atom).min(n.atom);
        let (c, y, n) = (c.branches(cond, atom), y.branches(yes, atom), n.branches(no, atom));
        let high = self.ite(c.0, y.0, n.0);
        let low = self.ite(c.1, y.1, n.1);
        self.worked_out(key, atom, high, low)
    }

    /// Both hold. More generally, one of them is a condition, and the other is what there is where it holds.
    pub fn and(&mut self, a: Dd, b: Dd) -> Dd {
        match (a, b) {
            (Dd::FALSE, _) | (_, Dd::FALSE) => return Dd::FALSE,
            (Dd::TRUE, other) | (other, Dd::TRUE) => return other,
            _ if a == b => return a,
            _ if self.over => return Dd::FALSE,
            _ => {}
        }
        let (a, b) = (a.min(b), a.max(b));
        let key = [a.0, b.0, Dd::FALSE.0];
        if let Some(done) = self.ite.get(key) {
            return Dd(done);
        }
        let (atom, a, b) = self.both_branches(a, b);
        let high = self.and(a.0, b.0);
        let low = self.and(a.1, b.1);
        self.worked_out(key, atom, high, low)
    }

    /// One of them holds. More generally, one of them is a condition, and the other is what there is where it does not hold.
    pub fn or(&mut self, a: Dd, b: Dd) -> Dd {
        match (a, b) {
            (Dd::TRUE, _) | (_, Dd::TRUE) => return Dd::TRUE,
            (Dd::FALSE, other) | (other, Dd::FALSE) => return other,
            _ if a == b => return a,
            _ if self.over => return Dd::FALSE,
            _ => {}
        }
        let (a, b) = (a.min(b), a.max(b));
        let key = [a.0, Dd::TRUE.0, b.0];
        if let Some(done) = self.ite.get(key) {
            return Dd(done);
        }
        let (atom, a, b) = self.both_branches(a, b);
        let high = self.or(a.0, b.0);
        let low = self.or(a.1, b.1);
        self.worked_out(key, atom, high, low)
    }

    /// The upper of their atoms, and what they are where it holds and where it does not.
    fn both_branches(&self, a: Dd, b: Dd) -> (u32, (Dd, Dd), (Dd, Dd)) {
        let (x, y) = (self.at(a.0), self.at(b.0));
        let atom = x.atom.min(y.atom);
        (atom, x.branches(a, atom), y.branches(b, atom))
    }

    /// The node that this came to, which is noted.
    fn worked_out(&mut self, key: table::Key, atom: u32, high: Dd, low: Dd) -> Dd {
        let done = self.node(atom, high, low);
        if !self.over {
            self.ite.put(key, done.0);
        }
        done
    }

    /// It does not hold.
    pub fn not(&mut self, a: Dd) -> Dd {
        self.ite(a, Dd::FALSE, Dd::TRUE)
    }

    /// `a` holds and `b` does not.
    pub fn minus(&mut self, a: Dd, b: Dd) -> Dd {
        self.ite(b, Dd::FALSE, a)
    }

    /// A diagram that equals `dd` wherever `care` holds, and is often smaller.
    pub fn restrict(&mut self, dd: Dd, care: Dd) -> Dd {
        if care.is_true() || care.is_false() || self.top(dd) == TERMINAL || self.over {
            return dd;
        }
        let key = [dd.0, care.0, 0];
        if let Some(done) = self.restrict.get(key) {
            return Dd(done);
        }
        let atom = self.top(dd).min(self.top(care));
        let (d_yes, d_no) = self.branches(dd, atom);
        let (c_yes, c_no) = self.branches(care, atom);
        let done = if c_yes.is_false() {
            self.restrict(d_no, c_no)
        } else if c_no.is_false() {
            self.restrict(d_yes, c_yes)
        } else if d_yes == d_no {
            let either = self.or(c_yes, c_no);
            self.restrict(d_yes, either)
        } else {
            let high = self.restrict(d_yes, c_yes);
            let low = self.restrict(d_no, c_no);
            self.node(atom, high, low)
        };
        if !self.over {
            self.restrict.put(key, done.0);
        }
        done
    }

    /// Every leaf of `dd` that is possible where `care` holds, with the condition under which it is the
    /// value there. The conditions are disjoint and together make up `care`.
    pub fn cases(&mut self, dd: Dd, care: Dd) -> Vec<(Leaf, Dd)> {
        if care.is_false() {
            return Vec::new();
        }
        if let Some(leaf) = self.as_leaf(dd) {
            return vec![(leaf, care)];
        }
        let mut cases = Vec::new();
        for leaf in self.leaves(dd) {
            let here = self.equals(dd, leaf);
            let here = self.and(care, here);
            if !here.is_false() {
                cases.push((leaf, here));
            }
        }
        cases
    }

    /// The condition that `dd` is `leaf`.
    pub fn equals(&mut self, dd: Dd, leaf: Leaf) -> Dd {
        self.matching(dd, &|found| found == leaf)
    }

    /// The condition that it is one of those leaves.
    pub fn matching(&mut self, dd: Dd, is: &dyn Fn(Leaf) -> bool) -> Dd {
        self.matching_in(dd, is, &mut Memo::default())
    }

    fn matching_in(&mut self, dd: Dd, is: &dyn Fn(Leaf) -> bool, done: &mut Memo<Dd, Dd>) -> Dd {
        if let Some(leaf) = self.as_leaf(dd) {
            return if is(leaf) { Dd::TRUE } else { Dd::FALSE };
        }
        if let Some(known) = done.get(dd) {
            return known;
        }
        let Node { atom, yes, no } = self.at(dd.0);
        let high = self.matching_in(Dd(yes), is, done);
        let low = self.matching_in(Dd(no), is, done);
        let new = self.node(atom, high, low);
        done.put(dd, new);
        new
    }

    /// Replaces each leaf by a diagram.
    pub fn map(&mut self, dd: Dd, to: &mut dyn FnMut(Leaf) -> Dd) -> Dd {
        if let Some(leaf) = self.as_leaf(dd) {
            return to(leaf);
        }
        let mut by = Memo::default();
        for leaf in self.leaves(dd) {
            by.put(leaf, to(leaf));
        }
        self.replace(dd, &by, &mut Memo::default())
    }

    /// Replaces one leaf by a diagram.
    pub fn map_to(&mut self, dd: Dd, from: Leaf, to: Dd) -> Dd {
        let mut by = Memo::default();
        by.put(from, to);
        self.replace(dd, &by, &mut Memo::default())
    }

    fn replace(&mut self, dd: Dd, by: &Memo<Leaf, Dd>, done: &mut Memo<Dd, Dd>) -> Dd {
        if let Some(leaf) = self.as_leaf(dd) {
            return by.get(leaf).unwrap_or(dd);
        }
        if let Some(known) = done.get(dd) {
            return known;
        }
        let Node { atom, yes, no } = self.at(dd.0);
        let high = self.replace(Dd(yes), by, done);
        let low = self.replace(Dd(no), by, done);
        let new = self.by_atom(atom, high, low);
        done.put(dd, new);
        new
    }

    /// Combines two diagrams leaf by leaf.
    pub fn combine(&mut self, a: Dd, b: Dd, with: &mut dyn FnMut(Leaf, Leaf) -> Leaf) -> Dd {
        self.combine_in(a, b, with, &mut Memo::default())
    }

    fn combine_in(
        &mut self,
        a: Dd,
        b: Dd,
        with: &mut dyn FnMut(Leaf, Leaf) -> Leaf,
        done: &mut Memo<(Dd, Dd), Dd>,
    ) -> Dd {
        if let (Some(x), Some(y)) = (self.as_leaf(a), self.as_leaf(b)) {
            let leaf = with(x, y);
            return self.leaf(leaf);
        }
        if let Some(known) = done.get((a, b)) {
            return known;
        }
        if self.over {
            return a;
        }
        let atom = self.top(a).min(self.top(b));
        let (a_yes, a_no) = self.branches(a, atom);
        let (b_yes, b_no) = self.branches(b, atom);
        let high = self.combine_in(a_yes, b_yes, with, done);
        let low = self.combine_in(a_no, b_no, with, done);
        let new = self.node(atom, high, low);
        done.put((a, b), new);
        new
    }

    /// Replaces atoms by conditions. Atoms for which `by` gives nothing stay.
    pub fn substitute(&mut self, dd: Dd, by: &mut dyn FnMut(Atom) -> Option<Dd>) -> Dd {
        self.substitute_in(dd, by, &mut Memo::default())
    }

    fn substitute_in(&mut self, dd: Dd, by: &mut dyn FnMut(Atom) -> Option<Dd>, done: &mut Memo<Dd, Dd>) -> Dd {
        if self.as_leaf(dd).is_some() {
            return dd;
        }
        if let Some(known) = done.get(dd) {
            return known;
        }
        let Node { atom, yes, no } = self.at(dd.0);
        let new = match by(Atom(atom)) {
            // The other branch may be large, and nobody will see it.
            Some(Dd::TRUE) => self.substitute_in(Dd(yes), by, done),
            Some(Dd::FALSE) => self.substitute_in(Dd(no), by, done),
            cond => {
                let high = self.substitute_in(Dd(yes), by, done);
                let low = self.substitute_in(Dd(no), by, done);
                match cond {
                    Some(cond) => self.ite(cond, high, low),
                    None => self.by_atom(atom, high, low),
                }
            }
        };
        done.put(dd, new);
        new
    }

    /// Forgets atoms: leaves are combined over both values of every atom that `forget` names. `union` must be
    /// associative, commutative and idempotent.
    pub fn project(&mut self, dd: Dd, forget: &dyn Fn(Atom) -> bool, union: &mut dyn FnMut(Leaf, Leaf) -> Leaf) -> Dd {
        self.project_in(dd, forget, union, &mut Memo::default())
    }

    fn project_in(
        &mut self,
        dd: Dd,
        forget: &dyn Fn(Atom) -> bool,
        union: &mut dyn FnMut(Leaf, Leaf) -> Leaf,
        done: &mut Memo<Dd, Dd>,
    ) -> Dd {
        if self.as_leaf(dd).is_some() {
            return dd;
        }
        if let Some(known) = done.get(dd) {
            return known;
        }
        let Node { atom, yes, no } = self.at(dd.0);
        let high = self.project_in(Dd(yes), forget, union, done);
        let low = self.project_in(Dd(no), forget, union, done);
        let new = if forget(Atom(atom)) { self.combine(high, low, union) } else { self.by_atom(atom, high, low) };
        done.put(dd, new);
        new
    }

    /// The leaf, if `dd` is constant.
    #[must_use]
    pub fn as_leaf(&self, dd: Dd) -> Option<Leaf> {
        let node = self.at(dd.0);
        (node.atom == TERMINAL).then_some(Leaf(node.yes))
    }

    /// All leaves, in order of number.
    #[must_use]
    pub fn leaves(&self, dd: Dd) -> Vec<Leaf> {
        if let Some(leaf) = self.as_leaf(dd) {
            return vec![leaf];
        }
        let mut leaves = Vec::new();
        self.walk(dd, |node| {
            if node.atom == TERMINAL {
                leaves.push(Leaf(node.yes));
            }
        });
        leaves.sort_unstable();
        leaves
    }

    /// All atoms, in order.
    #[must_use]
    pub fn support(&self, dd: Dd) -> Vec<Atom> {
        let mut atoms = Vec::new();
        if self.as_leaf(dd).is_some() {
            return atoms;
        }
        self.walk(dd, |node| {
            if node.atom != TERMINAL {
                atoms.push(Atom(node.atom));
            }
        });
        atoms.sort_unstable();
        atoms.dedup();
        atoms
    }

    /// Number of nodes.
    #[must_use]
    pub fn size(&self, dd: Dd) -> usize {
        let mut size = 0;
        self.walk(dd, |_| size += 1);
        size
    }

    /// So many nodes it has at most.
    #[must_use]
    pub fn size_at_most(&self, dd: Dd) -> usize {
        self.nodes.value(dd.0).map_or(usize::MAX, |nodes| nodes as usize)
    }

    /// True if it has more nodes than that.
    #[must_use]
    pub fn exceeds(&self, dd: Dd, limit: usize) -> bool {
        // Most are so small that they do not even exceed it when shared nodes are counted again and again.
        if self.size_at_most(dd) <= limit {
            return false;
        }
        let mut seen = FxHashSet::default();
        let mut todo = vec![dd.0];
        while let Some(at) = todo.pop() {
            if !seen.insert(at) {
                continue;
            }
            if seen.len() > limit {
                return true;
            }
            let node = self.at(at);
            if node.atom != TERMINAL {
                todo.push(node.yes);
                todo.push(node.no);
            }
        }
        false
    }

    /// The leaves that are possible when atoms have the given values; those without a value may have either.
    #[must_use]
    pub fn possible(&self, dd: Dd, value: &dyn Fn(Atom) -> Option<bool>) -> FxHashSet<Leaf> {
        let mut leaves = FxHashSet::default();
        let mut seen = FxHashSet::default();
        let mut todo = vec![dd];
        while let Some(dd) = todo.pop() {
            if !seen.insert(dd) {
                continue;
            }
            let node = self.at(dd.0);
            if node.atom == TERMINAL {
                leaves.insert(Leaf(node.yes));
                continue;
            }
            let value = value(Atom(node.atom));
            if value != Some(false) {
                todo.push(Dd(node.yes));
            }
            if value != Some(true) {
                todo.push(Dd(node.no));
            }
        }
        leaves
    }

    /// Whether a condition may hold when atoms have the given values; those without a value may have either.
    #[must_use]
    pub fn is_possible(&self, cond: Dd, value: &dyn Fn(Atom) -> Option<bool>) -> bool {
        self.is_possible_in(cond, value, &mut Memo::default())
    }

    fn is_possible_in(&self, cond: Dd, value: &dyn Fn(Atom) -> Option<bool>, seen: &mut Memo<u32, ()>) -> bool {
        let node = self.at(cond.0);
        if node.atom == TERMINAL {
            return !cond.is_false();
        }
        if seen.get(cond.0).is_some() {
            return false;
        }
        seen.put(cond.0, ());
        let holds = value(Atom(node.atom));
        let ways = [(node.yes, Some(false)), (node.no, Some(true))];
        ways.into_iter().any(|(next, ruled_out)| holds != ruled_out && self.is_possible_in(Dd(next), value, seen))
    }

    /// Disjoint conjunctions of literals whose union is the condition, at most `limit` of them.
    #[must_use]
    pub fn cubes(&self, cond: Dd, limit: usize) -> Vec<Vec<(Atom, bool)>> {
        let mut cubes = Vec::new();
        let mut path = Vec::new();
        self.cubes_in(cond, limit, &mut path, &mut cubes);
        cubes
    }

    fn cubes_in(&self, dd: Dd, limit: usize, path: &mut Vec<(Atom, bool)>, cubes: &mut Vec<Vec<(Atom, bool)>>) {
        if cubes.len() >= limit || dd.is_false() {
            return;
        }
        let node = self.at(dd.0);
        if node.atom == TERMINAL {
            cubes.push(path.clone());
            return;
        }
        for (next, value) in [(node.yes, true), (node.no, false)] {
            path.push((Atom(node.atom), value));
            self.cubes_in(Dd(next), limit, path, cubes);
            path.pop();
        }
    }

    /// Sees every node once.
    fn walk(&self, dd: Dd, mut see: impl FnMut(Node)) {
        self.walk_in(dd.0, &mut see, &mut Memo::default());
    }

    fn walk_in(&self, at: u32, see: &mut impl FnMut(Node), seen: &mut Memo<u32, ()>) {
        if seen.get(at).is_some() {
            return;
        }
        seen.put(at, ());
        let node = self.at(at);
        see(node);
        if node.atom != TERMINAL {
            self.walk_in(node.yes, see, seen);
            self.walk_in(node.no, see, seen);
        }
    }

    fn top(&self, dd: Dd) -> u32 {
        self.at(dd.0).atom
    }

    fn branches(&self, dd: Dd, atom: u32) -> (Dd, Dd) {
        self.at(dd.0).branches(dd, atom)
    }

    fn node(&mut self, atom: u32, yes: Dd, no: Dd) -> Dd {
        if yes == no { yes } else { self.intern(Node { atom, yes: yes.0, no: no.0 }) }
    }

    /// `yes` where the atom holds, `no` elsewhere.
    fn by_atom(&mut self, atom: u32, yes: Dd, no: Dd) -> Dd {
        if atom < self.top(yes) && atom < self.top(no) {
            return self.node(atom, yes, no);
        }
        let cond = self.node(atom, Dd::TRUE, Dd::FALSE);
        self.ite(cond, yes, no)
    }

    fn intern(&mut self, node: Node) -> Dd {
        let key = [node.atom, node.yes, node.no];
        if let Some(known) = self.nodes.number(key) {
            return Dd(known);
        }
        self.over |= self.nodes.len() >= self.budget;
        let beneath = |dd: u32| self.nodes.value(dd).unwrap_or_default();
        let is_leaf = node.atom == TERMINAL;
        let both = if is_leaf { 0 } else { beneath(node.yes).saturating_add(beneath(node.no)) };
        if let Some(number) = self.nodes.put(key, both.saturating_add(1)) {
            return Dd(number);
        }
        self.over = true;
        Dd::FALSE
    }

    fn at(&self, number: u32) -> Node {
        let [atom, yes, no] = self.nodes.key(number);
        Node { atom, yes, no }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A small diagram from a random number, over four atoms and three leaves.
    fn arbitrary(dds: &mut Diagrams, seed: &mut u64, depth: u32) -> Dd {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let pick = (*seed >> 33) as u32;
        if depth == 0 || pick.is_multiple_of(5) {
            return dds.leaf(Leaf(pick / 5 % 3));
        }
        let cond = dds.atom(Atom(pick % 4));
        let yes = arbitrary(dds, seed, depth - 1);
        let no = arbitrary(dds, seed, depth - 1);
        dds.ite(cond, yes, no)
    }

    fn at(dds: &Diagrams, dd: Dd, bits: u32) -> Leaf {
        let all = dds.possible(dd, &|atom| Some(bits >> atom.0 & 1 == 1));
        assert_eq!(all.len(), 1);
        all.into_iter().next().unwrap_or(Leaf(99))
    }

    #[test]
    fn operations_agree_with_truth_tables() {
        let mut dds = Diagrams::default();
        let mut seed = 7;
        for _ in 0..2000 {
            let a = arbitrary(&mut dds, &mut seed, 4);
            let b = arbitrary(&mut dds, &mut seed, 4);
            let care = arbitrary(&mut dds, &mut seed, 4);
            let care = dds.equals(care, Leaf(1));
            let ite = dds.ite(care, a, b);
            let small = dds.restrict(a, care);
            let cases = dds.cases(a, care);
            let sum = dds.combine(a, b, &mut |x, y| Leaf(x.0 * 10 + y.0 + 100));
            for bits in 0..16 {
                let holds = at(&dds, care, bits) == Leaf::TRUE;
                assert_eq!(at(&dds, ite, bits), if holds { at(&dds, a, bits) } else { at(&dds, b, bits) });
                if holds {
                    assert_eq!(at(&dds, small, bits), at(&dds, a, bits));
                }
                let there = cases.iter().filter(|(_, cond)| at(&dds, *cond, bits) == Leaf::TRUE).collect::<Vec<_>>();
                assert_eq!(there.len(), usize::from(holds));
                assert!(there.iter().all(|(leaf, _)| *leaf == at(&dds, a, bits)));
                assert_eq!(at(&dds, sum, bits).0, at(&dds, a, bits).0 * 10 + at(&dds, b, bits).0 + 100);
            }
        }
    }

    #[test]
    fn equal_functions_are_equal_numbers() {
        let mut dds = Diagrams::default();
        let (p, q) = (dds.atom(Atom(0)), dds.atom(Atom(1)));
        let both = dds.and(p, q);
        let not_both = dds.not(both);
        let (np, nq) = (dds.not(p), dds.not(q));
        assert_eq!(not_both, dds.or(np, nq));
    }

    #[test]
    fn projection_collects_what_both_values_give() {
        let mut dds = Diagrams::default();
        let (p, q) = (dds.atom(Atom(0)), dds.atom(Atom(1)));
        let [a, b, c] = [2, 4, 8].map(|leaf| dds.leaf(Leaf(leaf)));
        let inner = dds.ite(q, a, b);
        let dd = dds.ite(p, inner, c);
        let sets = dds.project(dd, &|atom| atom == Atom(1), &mut |x, y| Leaf(x.0 | y.0));
        assert_eq!((at(&dds, sets, 1), at(&dds, sets, 0)), (Leaf(6), Leaf(8)));
    }

    #[test]
    fn drafts_leave_no_trace() {
        let mut dds = Diagrams::default();
        let mut seed = 11;
        let [a, b, care] = [(); 3].map(|()| arbitrary(&mut dds, &mut seed, 4));
        let care = dds.equals(care, Leaf(1));
        for _ in 0..3 {
            let before = (dds.len(), dds.ite.len(), dds.restrict.len());
            let draft = dds.draft(1000);
            let inner = dds.draft(1000);
            let drafted = dds.ite(care, a, b);
            let values = [0, 5, 15].map(|bits| at(&dds, drafted, bits));
            assert!(dds.discard(inner));
            let again = dds.ite(care, a, b);
            let small = dds.restrict(again, care);
            assert_eq!([0, 5, 15].map(|bits| at(&dds, again, bits)), values);
            assert!(small == again || dds.len() > before.0);
            assert!(dds.discard(draft));
            assert_eq!((dds.len(), dds.ite.len(), dds.restrict.len()), before);
        }
        let draft = dds.draft(0);
        let conds: Vec<Dd> = (20..40).map(|atom| dds.atom(Atom(atom))).collect();
        assert!(!dds.discard(draft) && !dds.over() && conds.len() == 20);
    }

    #[test]
    fn a_budget_is_noticed() {
        let mut dds = Diagrams::with_budget(8);
        let conds: Vec<Dd> = (0..16).map(|at| dds.atom(Atom(at))).collect();
        let _ = conds.into_iter().fold(Dd::FALSE, |all, cond| {
            let not = dds.not(all);
            dds.ite(cond, not, all)
        });
        assert!(dds.over());
    }
}
