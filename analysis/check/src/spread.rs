//! What spreads along uses.
//!
//! A called command sees what its callers have bound (language §4.8), and a template reads and binds where it is used. So whether a name
//! that a body reads is bound, and whether one that it binds is read, may be decided far away. Both are asked of few names, and
//! each is answered for all bodies at once.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use crate::program::{Body, Kind};

/// How many names are followed. Beyond them every name counts as bound and as read.
const MAX_NAMES: usize = 500;

/// Numbers of bodies, by number.
type Edges = Vec<Vec<usize>>;

/// For each body, whether something holds.
#[derive(Default)]
struct Marks(RefCell<HashMap<String, Rc<Vec<bool>>>>);

/// Who uses whom, and who reads and binds which names.
#[derive(Default)]
pub(crate) struct Spread<'db> {
    used: Edges,
    users: Edges,
    templates: Vec<bool>,
    handlers: Vec<usize>,
    binders: HashMap<&'db str, Vec<usize>>,
    /// Bodies that read a name which they do not bind.
    readers: HashMap<&'db str, Vec<usize>>,
    read: HashSet<&'db str>,
    inherits: Marks,
    leads_to_reader: Marks,
}

impl<'db> Spread<'db> {
    pub(crate) fn new(bodies: &[Body<'db>]) -> Self {
        let mut spread = Self { users: vec![Vec::new(); bodies.len()], ..Self::default() };
        for (at, body) in bodies.iter().enumerate() {
            spread.used.push(body.uses.iter().map(|site| site.to).collect());
            for site in &body.uses {
                if let Some(users) = spread.users.get_mut(site.to) {
                    users.push(at);
                }
            }
            body.binds.iter().for_each(|name| spread.binders.entry(name).or_default().push(at));
            let free = body.reads.iter().filter(|name| !body.binds.contains(*name));
            free.for_each(|name| spread.readers.entry(name).or_default().push(at));
            spread.read.extend(&body.reads);
            spread.templates.push(body.kind == Kind::Template);
            spread.handlers.extend(body.is_handler.then_some(at));
        }
        spread
    }

    /// Whether a body finds a name bound by somebody else: by a user of it, however far above, or by a template.
    pub(crate) fn inherits(&self, body: usize, name: &str) -> bool {
        let Some(binders) = self.binders.get(name) else { return false };
        self.inherits.of(name, body, self.used.len(), |marks| {
            // What a template binds is bound where it is used, and a handler runs in the bindings of the moment.
            let mut open = binders.clone();
            let mut at = 0;
            while let Some(binder) = open.get(at).copied() {
                at += 1;
                if self.is_template(binder) {
                    open.extend(marked_first(self.users.get(binder), marks));
                }
            }
            open.extend(marked_first(Some(&self.handlers), marks));
            follow(&self.used, open, marks);
        })
    }

    /// Whether a name that a body binds is read by somebody else: by what it uses, however far below; what a template binds,
    /// by anybody.
    pub(crate) fn is_read_elsewhere(&self, body: usize, name: &str) -> bool {
        let Some(readers) = self.readers.get(name) else { return self.is_template(body) && self.read.contains(name) };
        let is_handled = readers.iter().any(|reader| self.handlers.contains(reader));
        is_handled
            || self.is_template(body)
            || self.leads_to_reader.of(name, body, self.used.len(), |marks| follow(&self.users, readers.clone(), marks))
    }

    /// Whether any body reads a name.
    pub(crate) fn is_read(&self, name: &str) -> bool {
        self.read.contains(name)
    }

    /// Those that use a body.
    pub(crate) fn users(&self, body: usize) -> &[usize] {
        self.users.get(body).map_or(&[], Vec::as_slice)
    }

    /// The first of those that bind a name, besides the body itself, that can get to the body.
    pub(crate) fn binder_above(&self, body: usize, name: &str) -> Option<usize> {
        self.binders.get(name)?.iter().copied().find(|binder| *binder != body)
    }

    /// What can be got to from some bodies, those included.
    pub(crate) fn reached(&self, from: &[usize]) -> Vec<bool> {
        let mut marks = vec![false; self.used.len()];
        let open = marked_first(Some(&from.to_vec()), &mut marks);
        follow(&self.used, open, &mut marks);
        marks
    }

    /// What can get to some bodies, those included.
    pub(crate) fn reaching(&self, to: &[usize]) -> Vec<bool> {
        let mut marks = vec![false; self.used.len()];
        let open = marked_first(Some(&to.to_vec()), &mut marks);
        follow(&self.users, open, &mut marks);
        marks
    }

    fn is_template(&self, body: usize) -> bool {
        self.templates.get(body) == Some(&true)
    }
}

impl Marks {
    fn of(&self, name: &str, body: usize, bodies: usize, mark: impl FnOnce(&mut Vec<bool>)) -> bool {
        let mut known = self.0.borrow_mut();
        if !known.contains_key(name) {
            if known.len() >= MAX_NAMES {
                return true;
            }
            let mut marks = vec![false; bodies];
            mark(&mut marks);
            known.insert(name.to_owned(), Rc::new(marks));
        }
        known.get(name).is_some_and(|marks| marks.get(body) == Some(&true))
    }
}

/// Of some bodies, those that were not marked; now they are.
fn marked_first(bodies: Option<&Vec<usize>>, marks: &mut [bool]) -> Vec<usize> {
    let is_new = |body: &usize| marks.get_mut(*body).is_some_and(|mark| !std::mem::replace(mark, true));
    bodies.into_iter().flatten().copied().filter(is_new).collect()
}

/// Marks what can be got to by at least one edge.
fn follow(edges: &Edges, mut open: Vec<usize>, marks: &mut [bool]) {
    while let Some(body) = open.pop() {
        open.extend(marked_first(edges.get(body), marks));
    }
}
