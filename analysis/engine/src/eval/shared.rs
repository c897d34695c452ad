//! Shared bindings (language §2.2, §12.4): evaluated once, when a run starts, and then the same for all that see them.
//!
//! They are no part of a frame. A binding of a command goes before them wherever a name is looked up, and what a command calls
//! in another scope sees others.

use std::sync::Arc;

use imbl::OrdMap;
use perch_ir::files::folder;
use perch_ir::program::{self, Program};
use perch_ir::shared::outwards;
use perch_ops::{FACTS, INNER_FACTS, Pure, Subject};

use super::Engine;
use crate::faults::{Fault, active};
use crate::{Bindings, Context, Domain, Frame};

/// What stands for the name of a file that is standard input.
const STANDARD_INPUT: &str = "-";

/// The shared bindings of a run, and what its program says of itself.
#[derive(Clone)]
pub struct Shared<V> {
    /// By scope.
    scopes: Arc<Vec<Bindings<V>>>,
    /// Programs that are started see some of them.
    exported: bool,
    /// Facts of the program.
    facts: OrdMap<&'static str, V>,
}

impl<V> Default for Shared<V> {
    fn default() -> Self {
        Self { scopes: Arc::default(), exported: false, facts: OrdMap::new() }
    }
}

impl<V: Clone> Shared<V> {
    pub(super) fn bind(&mut self, shared: &program::Shared, value: V) {
        self.exported |= is_exported(&shared.name);
        let scopes = Arc::make_mut(&mut self.scopes);
        if scopes.len() <= shared.scope {
            scopes.resize(shared.scope + 1, OrdMap::new());
        }
        scopes[shared.scope].insert(shared.name.as_str().into(), value);
    }
}

impl<P: Program, D: Domain> Engine<'_, P, D> {
    /// What a name means that the command has not bound: a shared binding, else a fact of the host.
    pub(super) fn unbound_name(&mut self, cx: &Context, name: &str, frame: &Frame<D::Value>) -> Option<D::Value> {
        self.shared_value(cx, name).or_else(|| self.fact(cx, name, &frame.cwd))
    }

    /// The program of an op sees none: what it names are its operands, and facts.
    pub(super) fn shared_value(&self, cx: &Context, name: &str) -> Option<D::Value> {
        if cx.inside.is_some() {
            return None;
        }
        self.seen(cx).find_map(|scope| scope.get(name)).cloned()
    }

    /// What the program says of itself, when its run starts in that directory (language §5.4). Where its file stands is said from
    /// there, as for programs that it requires.
    pub(super) fn note_facts(&mut self, cwd: &D::Value) {
        let file = self.program.file();
        for fact in FACTS.iter().chain(INNER_FACTS).filter(|fact| fact.of_program()) {
            let value = match fact.about {
                Subject::Machine => continue,
                Subject::Perch => self.domain.text(env!("CARGO_PKG_VERSION")),
                Subject::Name => self.domain.text(self.program.info().name.as_deref().unwrap_or_default()),
                Subject::Version => self.domain.text(self.program.info().version.as_deref().unwrap_or_default()),
                Subject::Offer => self.domain.text(self.program.listing().trim_end_matches('\n')),
                Subject::Bundle => self.domain.text(&self.program.bundle().join("\n")),
                Subject::File if file == STANDARD_INPUT => self.place_of_file(fact.about, None, cwd),
                Subject::File => self.place_of_file(fact.about, Some(file), cwd),
                Subject::Folder => self.place_of_file(fact.about, Some(folder(file)), cwd),
            };
            self.shared.facts.insert(fact.name, value);
        }
    }

    fn place_of_file(&mut self, about: Subject, path: Option<&str>, cwd: &D::Value) -> D::Value {
        let text = self.domain.text(path.unwrap_or(STANDARD_INPUT));
        let here = if path.is_some() { self.domain.pure(Pure::Absolute, &[cwd.clone(), text]) } else { text };
        self.domain.place_of_file(about, here)
    }

    /// A fact of the program.
    pub(super) fn own_fact(&self, name: &str) -> Option<D::Value> {
        self.shared.facts.get(name).cloned()
    }

    /// The scopes that are seen, from the inside.
    fn seen(&self, cx: &Context) -> impl Iterator<Item = &Bindings<D::Value>> {
        let scope = if active(Fault::AliasesShare) { 0 } else { cx.scope };
        outwards(self.program.scopes(), scope).filter_map(|scope| self.shared.scopes.get(scope))
    }

    /// What a started program sees: the frame, and shared bindings whose names start with A to Z.
    pub(super) fn with_exported(&mut self, cx: &Context, frame: &Frame<D::Value>) -> Frame<D::Value> {
        let mut frame = frame.clone();
        if !self.shared.exported {
            return frame;
        }
        let mut exported: Bindings<D::Value> = OrdMap::new();
        for scope in self.seen(cx) {
            let names = scope.iter().filter(|(name, _)| is_exported(name));
            exported.extend(names.map(|(name, value)| (Arc::clone(name), value.clone())));
        }
        for (name, value) in exported {
            let value = match frame.bindings.get(&name) {
                Some(own) => self.domain.bound_or(own.clone(), value),
                None => value,
            };
            frame.bindings.insert(name, value);
        }
        frame
    }
}

fn is_exported(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
}
