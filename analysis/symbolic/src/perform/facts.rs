//! Guards: what must hold of the host.

use perch_diagram::{Dd, Leaf};
use perch_ops::Contract;
use perch_ops::contract::{Change, Fact, Guard, PathFrom, PathUse};
use perch_policy::{Decision, Effect, Known, path};

use crate::Symbolic;
use crate::cells::Cell;
use crate::host::Host;
use crate::record::About;

use super::modes::Mode;
use super::{Case, Gathered, Why, is_node};

impl Symbolic {
    pub(super) fn guard(&mut self, case: &Case<'_>, guard: &Guard, host: Host, all: &mut Gathered) -> Option<Host> {
        let violated = self.fact_holds(case, guard.fact, &host);
        let violated = self.decided(violated);
        let violated = self.condition_within_budget(violated);
        let violated = self.short_of(host.pc, violated);
        let fails = self.dds.and(host.pc, violated);
        if fails.is_false() {
            return Some(host);
        }
        let (host, fails) = self.assume(case, guard, host, fails);
        let says = self.missing_file(case, guard.fact, &host).unwrap_or_else(|| self.sentence(case, guard.says));
        let why = Why::new(guard.kind, says).about(self.subject(case, guard.fact));
        self.fail_then(host, fails, &why, all, |this, host| this.mend(case, guard.mend, host))
    }

    /// What is said of a program whose file is known: one that is named by where it is, or one that may not be started.
    fn missing_file(&self, case: &Case<'_>, fact: Fact, host: &Host) -> Option<String> {
        let bin = case.chosen.first().copied().flatten().map(|leaf| self.names.shown(leaf))?;
        if fact != Fact::BinMissing {
            return None;
        }
        if bin.contains('/') {
            let cwd = self.names.absolute(case.cwd).unwrap_or_default();
            if path::clean(&cwd, &bin).is_some_and(|file| self.mode_of(host, &file) == Some(Mode::New)) {
                return Some(format!(
                    "`{bin}` is made by an op above, and nobody may start it: `make_executable` is missing"
                ));
            }
            return Some(format!("`{bin}` is not there, or no file that may be executed"));
        }
        let closed = self.facts.closed_program(&bin)?;
        Some(format!("program `{bin}` is not on PATH: whoever runs this may not start `{closed}`"))
    }

    /// The sentence of a guard with its paths.
    pub(super) fn sentence(&self, case: &Case<'_>, says: &str) -> String {
        let is_of_both = ["{0}", "{1}"].iter().all(|part| says.contains(part));
        if let Some(both) = self.one_place(case).filter(|_| is_of_both) {
            return both;
        }
        let mut text = says.to_owned();
        for (at, path) in case.paths.iter().enumerate() {
            text = text.replace(&format!("{{{at}}}"), path);
        }
        let bin = case.chosen.first().copied().flatten().map(|leaf| self.names.shown(leaf));
        text.replace("{bin}", &bin.unwrap_or_default())
    }

    /// That the first two paths are one, if they are: what each is called then tells more than that it is the other.
    fn one_place(&self, case: &Case<'_>) -> Option<String> {
        let [one, other, ..] = case.paths.as_slice() else { return None };
        if one != other {
            return None;
        }
        let operand = |used: &PathUse| match used.from {
            PathFrom::Operand(at) => case.chosen.get(at).copied().flatten().map(|leaf| self.names.shown(leaf)),
            PathFrom::Cwd | PathFrom::New { .. } => None,
        };
        let named: Vec<String> = case.contract.paths.iter().take(2).filter_map(operand).collect();
        Some(match named.as_slice() {
            [first, second] if first != second => format!("`{first}` and `{second}` are both `{one}`"),
            _ => format!("both paths are `{one}`"),
        })
    }

    /// What a fact is about, where a fixture could say it.
    fn subject(&self, case: &Case<'_>, fact: Fact) -> Option<About> {
        match fact {
            Fact::AncestorIsFile(at) | Fact::AncestorMissing(at) | Fact::Is(at, _) => {
                Some(About::Path(case.paths[at].clone()))
            }
            Fact::BinMissing => self.known_operand(case, 0).text().map(|name| About::Bin(name.to_owned())),
            Fact::HelperMissing(name) => Some(About::Bin(name.to_owned())),
            Fact::EnvEmpty | Fact::EnvUnset => {
                self.known_operand(case, 0).text().map(|name| About::Variable(name.to_owned()))
            }
            Fact::Not(fact) => self.subject(case, *fact),
            Fact::All(facts) => facts.iter().find_map(|fact| self.subject(case, *fact)),
            Fact::IsRoot(_)
            | Fact::Within(..)
            | Fact::Clash(..)
            | Fact::NotPacked(_)
            | Fact::NotArchive(..)
            | Fact::NoTarget(_)
            | Fact::NotOfType(..) => None,
        }
    }

    /// Where a text cannot be what a link leads to.
    fn is_no_target(&mut self, text: Leaf) -> Dd {
        if self.names.literals(text).iter().any(|part| part.contains('\0')) {
            return Dd::TRUE;
        }
        let empty = self.equals_literal(text, "");
        if !self.may_hold_nul(text) {
            return empty;
        }
        let holds_nul = self.fresh("a text holds a NUL");
        self.dds.or(empty, holds_nul)
    }

    pub(crate) fn fact_holds(&mut self, case: &Case<'_>, fact: Fact, host: &Host) -> Dd {
        let constant = |holds: bool| if holds { Dd::TRUE } else { Dd::FALSE };
        match fact {
            Fact::AncestorIsFile(at) => self.way_to(host, &case.paths[at]).obstructed,
            Fact::AncestorMissing(at) => self.way_to(host, &case.paths[at]).missing,
            Fact::Is(at, node) => {
                let entry = self.entry(host, &case.paths[at]);
                self.where_cell(entry, |cell| is_node(cell, node))
            }
            Fact::IsRoot(at) => constant(case.paths[at] == "/"),
            Fact::Within(a, b) => constant(path::within(&case.paths[a], &case.paths[b])),
            Fact::Clash(a, b) => self.clash(host, &case.paths[a], &case.paths[b]),
            Fact::NotPacked(at) => self.not_packed(host, &case.paths[at]),
            Fact::NotArchive(at, format) => self.not_archive(case, at, format, host),
            Fact::NoTarget(at) => self.map(case.operands[at], Self::is_no_target),
            Fact::NotOfType(at, ty) => {
                let is = self.map(case.operands[at], |this, leaf| this.of_type(ty, leaf));
                self.dds.not(is)
            }
            Fact::BinMissing => {
                let found = self.bin_found(case, host);
                self.dds.not(found)
            }
            Fact::HelperMissing(name) => {
                let found = self.on_path(host, name);
                self.dds.not(found)
            }
            Fact::EnvEmpty => match self.known_operand(case, 0) {
                Known::Text(name) => {
                    let value = self.variable_value(&name);
                    let unbound = self.names.leaf(Cell::Unbound);
                    self.map(value, |this, leaf| if leaf == unbound { Dd::TRUE } else { this.equals_literal(leaf, "") })
                }
                Known::Unknown => self.fresh("a variable of unknown name is not set"),
            },
            Fact::EnvUnset => match self.known_operand(case, 0) {
                Known::Text(name) => {
                    let value = self.variable_in(case.frame, &name);
                    self.where_cell(value, |cell| matches!(cell, Cell::Unbound))
                }
                Known::Unknown => self.fresh("a variable of unknown name is not set"),
            },
            Fact::All(facts) => facts.iter().fold(Dd::TRUE, |all, fact| {
                let one = self.fact_holds(case, *fact, host);
                self.dds.and(all, one)
            }),
            Fact::Not(fact) => {
                let holds = self.fact_holds(case, *fact, host);
                self.dds.not(holds)
            }
        }
    }

    /// Making the missing directories above a path asks for each of them.
    pub(super) fn missing_parents(&mut self, case: &Case<'_>, host: Host, all: &mut Gathered) -> Option<Host> {
        let (Change::PutDirs(at) | Change::CopyTree(_, at) | Change::UnpackTree(_, at)) = case.contract.change else {
            return Some(host);
        };
        let mut host = host;
        for dir in path::ancestors(&case.paths[at]) {
            let effect = || Effect::Write(Known::Text(dir.to_owned()));
            if matches!(self.policy.decide_with(&case.cx.bounds, &self.temporaries, effect()), Decision::Allowed(_)) {
                continue;
            }
            let missing = self.way_to(&host, &path::join(dir, "x")).missing;
            let missing = self.decided(missing);
            host = self.ask_when(case.cx, effect(), missing, host, all)?;
        }
        Some(host)
    }
}

/// So many guards are looked at before leave is asked to make missing directories. Of a tree that is only the one about what is in it.
pub(super) fn guards_before_parents(contract: &Contract) -> usize {
    let is_about_all = |guard: &Guard| matches!(guard.fact, Fact::Clash(..) | Fact::NotArchive(..));
    match contract.change {
        Change::CopyTree(..) | Change::UnpackTree(..) => {
            contract.guards.iter().take_while(|guard| !is_about_all(guard)).count()
        }
        _ => 0,
    }
}
