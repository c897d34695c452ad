//! Primitives by their contracts.
//!
//! The operands that decide what a primitive is about (paths, the words of a program) are taken apart:
//! for each known combination of them, on the runs on which they are that, the contract is read once, from top to
//! bottom. What comes out is joined. A path that is not known can name anything: everything that the contract
//! can raise is possible, and after a change everything may have changed.

use std::rc::Rc;

use perch_diagram::{Dd, Leaf};
use perch_engine::{Context, Outcome, Raised};
use perch_ops::contract::{Ask, Change, End, Fact, Guard, Mend, Node, PathFrom, PathUse, Yields};
use perch_ops::{Contract, ErrorKind, Primitive};
use perch_policy::{Decision, Effect, Known, Met, path};

use crate::Symbolic;
use crate::cells::{Cell, HoleKey, Piece, Touch};
use crate::host::Host;
use crate::paths::RouteEnd;
use crate::record::{Assumption, Reason};

/// The parts of an outcome, joined as they come.
#[derive(Default)]
pub(crate) struct Gathered {
    pub(crate) next: Option<(Host, Dd)>,
    pub(crate) failed: Vec<(ErrorKind, Host, Dd, Dd)>,
}

/// What the deciding operands and the working directory are, and on which runs.
type Choice = (Vec<Option<Leaf>>, Leaf, Dd);

/// A primitive on the runs on which its deciding operands are known to be these.
pub(crate) struct Case<'c> {
    pub(crate) cx: &'c Context,
    pub(crate) contract: &'c Contract,
    pub(crate) operands: &'c [Dd],
    pub(crate) chosen: Vec<Option<Leaf>>,
    pub(crate) cwd: Leaf,
    pub(crate) paths: Vec<String>,
    /// A path is outside the visible roots.
    pub(crate) hidden: bool,
}

/// A path text, as far as it is known.
enum PathText {
    Path(String),
    Invalid,
    Unknown,
}

impl Symbolic {
    pub(crate) fn perform_primitive(
        &mut self,
        cx: &Context,
        primitive: Primitive,
        operands: &[Dd],
        cwd: Dd,
        host: Host,
    ) -> Outcome<Self> {
        let contract = self.contracts[primitive as usize].clone();
        let mut all = Gathered::default();
        let choices = self.choices(&contract, primitive, operands, cwd, host.pc);
        self.pool = Some(crate::Pool::default());
        for (chosen, cwd, when) in choices {
            self.pool_reset(0);
            let host = Host { pc: when, ..host.clone() };
            let case = Case { cx, contract: &contract, operands, chosen, cwd, paths: Vec::new(), hidden: false };
            self.case(case, host, &mut all);
        }
        self.pool = None;
        self.outcome(all)
    }

    /// Asks the policy for an op with a program: texts only, nothing of the host.
    pub(crate) fn ask_policy(
        &mut self,
        cx: &Context,
        asks: &'static [Ask],
        operands: &[Dd],
        cwd: Dd,
        host: Host,
    ) -> Outcome<Self> {
        let contract = Contract { asks, paths: OPERANDS, ..perch_ops::contract::contract(Primitive::Print) };
        let contract = Contract { paths: &contract.paths[..operands.len().min(OPERANDS.len())], ..contract };
        let mut all = Gathered::default();
        for (chosen, cwd, when) in self.choices(&contract, Primitive::Print, operands, cwd, host.pc) {
            let host = Host { pc: when, ..host.clone() };
            let mut case = Case { cx, contract: &contract, operands, chosen, cwd, paths: Vec::new(), hidden: false };
            let Some((texts, Some(host))) = self.path_texts(&case, host, &mut all) else { continue };
            let known: Vec<Known> = texts.iter().map(PathText::known).collect();
            let asked = self.asks(&mut case, &known, host, &mut all);
            let value = self.known_text("");
            self.gather_next(&mut all, asked, value);
        }
        self.outcome(all)
    }

    /// Combinations of the deciding operands and the working directory, each with the runs on which it is met.
    fn choices(&mut self, contract: &Contract, primitive: Primitive, operands: &[Dd], cwd: Dd, pc: Dd) -> Vec<Choice> {
        let by_path = |at: usize| contract.paths.iter().any(|path| path.from == PathFrom::Operand(at));
        let decides = |at: usize| match primitive {
            Primitive::Spawn => true,
            Primitive::FindBin | Primitive::GetEnv => at == 0,
            _ => by_path(at),
        };
        let mut choices = vec![(Vec::new(), Leaf::FALSE, pc)];
        for (at, operand) in operands.iter().enumerate() {
            let mut more = Vec::new();
            let operand = if decides(at) { self.expanded(*operand) } else { *operand };
            for (chosen, cwd, when) in choices {
                if !decides(at) {
                    more.push(([chosen, vec![None]].concat(), cwd, when));
                    continue;
                }
                for (leaf, when) in self.dds.cases(operand, when) {
                    more.push(([chosen.clone(), vec![Some(leaf)]].concat(), cwd, when));
                }
            }
            choices = more;
        }
        let needs_cwd = primitive == Primitive::Spawn || !contract.paths.is_empty();
        if !needs_cwd {
            return self.few(choices, pc);
        }
        let cwd = self.expanded(cwd);
        let mut more = Vec::new();
        for (chosen, _, when) in choices {
            for (leaf, when) in self.dds.cases(cwd, when) {
                more.push((chosen.clone(), leaf, when));
            }
        }
        self.few(more, pc)
    }

    /// These cases, or if they are too many, one of which nothing is known.
    fn few(&mut self, choices: Vec<Choice>, pc: Dd) -> Vec<Choice> {
        if choices.len() <= self.limits().cases {
            return choices;
        }
        let number = self.number();
        let cwd = self.names.unknown(HoleKey::Fresh(number, "one of many working directories"));
        let operands = choices.first().map_or(0, |(chosen, ..)| chosen.len());
        vec![(vec![None; operands], cwd, pc)]
    }

    fn case(&mut self, mut case: Case<'_>, host: Host, all: &mut Gathered) {
        let Some((texts, host)) = self.path_texts(&case, host, all) else { return };
        let Some(host) = host else { return };
        let known: Vec<Known> = texts.iter().map(PathText::known).collect();
        let Some(host) = self.asks(&mut case, &known, host, all) else { return };
        let paths: Vec<Option<String>> =
            texts.into_iter().map(|text| if let PathText::Path(path) = text { Some(path) } else { None }).collect();
        match paths.iter().cloned().collect::<Option<Vec<String>>>() {
            // When nothing can be kept any more, one place is as good as another.
            Some(all_known) if !all_known.is_empty() && self.is_exhausted() => {
                self.anywhere(&case, &[], host, all);
            }
            Some(paths) => self.routed(case, &paths, host, all),
            None => self.anywhere(&case, &paths, host, all),
        }
    }

    /// The path texts, cleaned. A text that is no path fails, before the policy is asked; `None` if nothing is left.
    fn path_texts(&mut self, case: &Case<'_>, host: Host, all: &mut Gathered) -> Option<(Vec<PathText>, Option<Host>)> {
        let mut texts = Vec::new();
        let mut host = Some(host);
        for used in case.contract.paths {
            let text = self.path_text(case, *used);
            let (no_path, text) = match text {
                PathText::Invalid => (Dd::TRUE, PathText::Unknown),
                PathText::Unknown => (self.may_be_no_path(case, *used), PathText::Unknown),
                PathText::Path(path) => (Dd::FALSE, PathText::Path(path)),
            };
            if !no_path.is_false() {
                let why = Why::new(ErrorKind::InvalidArgument, "a path is empty text");
                host = self.fail(host?, no_path, &why, all);
            }
            texts.push(text);
        }
        Some((texts, host))
    }

    /// Where a text that is not known is no path, which comes before all questions: when it is empty, or cannot be one.
    fn may_be_no_path(&mut self, case: &Case<'_>, used: PathUse) -> Dd {
        let PathFrom::Operand(at) = used.from else { return Dd::FALSE };
        let Some(leaf) = case.chosen.get(at).copied().flatten() else { return self.fresh("a text is no path") };
        if self.names.known(leaf).is_some() {
            return Dd::FALSE;
        }
        let empty = self.equals_literal(leaf, "");
        let empty = self.decided(empty);
        let other = self.fresh("a text is no path");
        self.dds.or(empty, other)
    }

    fn path_text(&self, case: &Case<'_>, used: PathUse) -> PathText {
        let leaf = match used.from {
            PathFrom::Cwd => Some(case.cwd),
            PathFrom::Operand(at) => case.chosen.get(at).copied().flatten(),
        };
        let Some(text) = leaf.and_then(|leaf| self.names.known(leaf)) else { return PathText::Unknown };
        let cwd = self.names.known(case.cwd);
        match (text.starts_with('/'), cwd) {
            (false, None) if !text.is_empty() => PathText::Unknown,
            (_, cwd) => match path::clean(cwd.as_deref().unwrap_or("/"), &text) {
                Some(path) => PathText::Path(path),
                None => PathText::Invalid,
            },
        }
    }

    // ---- policy ----------------------------------------------------------------------------------

    /// The questions of the contract, on the paths as written or as redirected by links.
    fn asks(&mut self, case: &mut Case<'_>, paths: &[Known], host: Host, all: &mut Gathered) -> Option<Host> {
        let mut host = host;
        for ask in case.contract.asks {
            host = self.ask_one(case, *ask, paths, host, all)?;
        }
        Some(host)
    }

    fn ask_one(
        &mut self,
        case: &mut Case<'_>,
        ask: Ask,
        paths: &[Known],
        host: Host,
        all: &mut Gathered,
    ) -> Option<Host> {
        let at = |at: usize| paths.get(at).cloned().unwrap_or(Known::Unknown);
        let effect = match ask {
            Ask::Look(path) => Effect::Look(at(path)),
            Ask::Read(path) => Effect::Read(at(path)),
            Ask::Write(path) => Effect::Write(at(path)),
            Ask::Delete(path) => Effect::Delete(at(path)),
            Ask::Start => self.start_effect(case),
            Ask::ReadEnv => Effect::ReadEnv(self.known_operand(case, 0)),
            Ask::HostFact => Effect::HostFact,
            Ask::Output => Effect::Output,
        };
        match self.policy.decide(effect) {
            Decision::Allowed(_) => Some(host),
            Decision::Denied(_) if matches!(ask, Ask::Look(_)) => {
                case.hidden = true;
                Some(host)
            }
            Decision::Denied(denial) => {
                let why = Why::new(
                    denial.rule.into(),
                    denial.sentence(case.cx.inside.unwrap_or(case.cx.op), Met::Simulating),
                );
                self.fail(host, Dd::TRUE, &why, all)
            }
            Decision::Depends(_) if matches!(ask, Ask::Look(_)) => Some(host),
            Decision::Depends(rule) => {
                let denied = self.fresh("the target is outside the allowed ones");
                let why = Why::new(
                    rule.into(),
                    format!("target not statically determinable, and `{}` restricts it", rule.flag()),
                );
                self.fail(host, denied, &why, all)
            }
        }
    }

    fn start_effect(&self, case: &Case<'_>) -> Effect {
        let bin = match self.known_operand(case, 0) {
            Known::Text(bin) if bin.contains('/') => {
                let cwd = self.names.known(case.cwd);
                path::clean(cwd.as_deref().unwrap_or("/"), &bin).map_or(Known::Text(bin), Known::Text)
            }
            other => other,
        };
        let argv = (1..case.chosen.len()).map(|at| self.known_operand(case, at)).collect();
        Effect::Exec { bin, argv }
    }

    pub(crate) fn known_operand(&self, case: &Case<'_>, at: usize) -> Known {
        let leaf = case.chosen.get(at).copied().flatten();
        leaf.and_then(|leaf| self.names.known(leaf)).map_or(Known::Unknown, |text| Known::Text(text.to_string()))
    }

    // ---- known paths -----------------------------------------------------------------------------

    /// Follows links, then reads the contract for each place where the paths lead.
    fn routed(&mut self, case: Case<'_>, texts: &[String], host: Host, all: &mut Gathered) {
        let Some((text, rest)) = texts.split_first() else { return self.resolved(&case, host, all) };
        let at = case.paths.len();
        let used = case.contract.paths[at];
        let mark = self.pool_mark();
        let mut lost: Option<Host> = None;
        let routes = self.routes(&host, text, used.end == End::Followed);
        if routes.len() > self.limits().cases {
            return self.anywhere(&case, &[], host, all);
        }
        for route in routes {
            self.pool_reset(mark);
            let mut next = Some(Host { pc: route.when, ..host.clone() });
            let mut here = Case { paths: case.paths.clone(), chosen: case.chosen.clone(), ..case };
            for through in &route.through {
                let Some(host) = next.take() else { break };
                next = self.ask_about(&mut here, at, through, host, all);
            }
            let Some(host) = next else { continue };
            match route.end {
                RouteEnd::Path(path) => {
                    here.paths.push(path);
                    self.routed(here, rest, host, all);
                }
                RouteEnd::Unknown => {
                    lost = Some(match lost {
                        Some(other) => self.join_hosts(other, host),
                        None => host,
                    });
                }
                RouteEnd::Loop if self.answers_anyway(&here) => {
                    here.hidden = true;
                    here.paths.push(text.clone());
                    self.routed(here, rest, host, all);
                }
                RouteEnd::Loop => {
                    let why = Why::new(ErrorKind::IoError, format!("`{text}` leads through too many links"));
                    // Nothing sensible is known behind it: a mended report goes on as if the path were free of links.
                    if let Some(host) = self.fail(host, Dd::TRUE, &why, all) {
                        here.paths.push(text.clone());
                        self.routed(here, rest, host, all);
                    }
                }
            }
        }
        if let Some(host) = lost {
            self.pool_reset(mark);
            let before = case.paths.iter().cloned().map(Some);
            let known: Vec<Option<String>> = before.chain([None]).chain(rest.iter().cloned().map(Some)).collect();
            self.anywhere(&case, &known, host, all);
        }
    }

    /// Asks the questions that concern one path, for another path that a link has led to.
    fn ask_about(
        &mut self,
        case: &mut Case<'_>,
        at: usize,
        path: &str,
        host: Host,
        all: &mut Gathered,
    ) -> Option<Host> {
        let mut known = vec![Known::Unknown; case.contract.paths.len()];
        known[at] = Known::Text(path.to_owned());
        let mut host = host;
        for ask in case.contract.asks {
            if matches!(ask, Ask::Look(of) | Ask::Read(of) | Ask::Write(of) | Ask::Delete(of) if *of == at) {
                host = self.ask_one(case, *ask, &known, host, all)?;
            }
        }
        Some(host)
    }

    /// A primitive that yields the kind of what is there has an answer for every path.
    fn answers_anyway(&self, case: &Case<'_>) -> bool {
        matches!(case.contract.yields, Yields::KindName(_))
    }

    /// Guards, change, result.
    fn resolved(&mut self, case: &Case<'_>, host: Host, all: &mut Gathered) {
        let Some(mut host) = self.missing_parents(case, host, all) else { return };
        for guard in case.contract.guards {
            let Some(next) = self.guard(case, guard, host, all) else { return };
            host = next;
        }
        if case.contract.change == Change::Program {
            return self.program(case, host, all);
        }
        let value = self.yielded(case, &host);
        self.change(case, &mut host);
        self.gather_next(all, Some(host), value);
    }

    /// Making the missing directories above a path asks for each of them.
    fn missing_parents(&mut self, case: &Case<'_>, host: Host, all: &mut Gathered) -> Option<Host> {
        let (Change::PutDirs(at) | Change::CopyTree(_, at)) = case.contract.change else { return Some(host) };
        let mut host = host;
        for dir in path::ancestors(&case.paths[at]) {
            let Decision::Denied(denial) = self.policy.decide(Effect::Write(Known::Text(dir.to_owned()))) else {
                continue;
            };
            let missing = self.first_obstacle(&host, &path::join(dir, "x"), false);
            let missing = self.decided(missing);
            let why =
                Why::new(denial.rule.into(), denial.sentence(case.cx.inside.unwrap_or(case.cx.op), Met::Simulating));
            host = self.fail(host, missing, &why, all)?;
        }
        Some(host)
    }

    fn guard(&mut self, case: &Case<'_>, guard: &Guard, host: Host, all: &mut Gathered) -> Option<Host> {
        let violated = self.fact_holds(case, guard.fact, &host);
        let violated = self.decided(violated);
        let violated = self.condition_within_budget(violated);
        let violated = self.short_of(host.pc, violated);
        let fails = self.dds.and(host.pc, violated);
        if fails.is_false() {
            return Some(host);
        }
        let (host, fails) = self.assume(case, guard, host, fails);
        let why = Why::new(guard.kind, self.sentence(case, guard.says));
        self.fail_then(host, fails, &why, all, |this, host| this.mend(case, guard.mend, host))
    }

    /// The sentence of a guard with its paths.
    fn sentence(&self, case: &Case<'_>, says: &str) -> String {
        let mut text = says.to_owned();
        for (at, path) in case.paths.iter().enumerate() {
            text = text.replace(&format!("{{{at}}}"), path);
        }
        let bin = case.chosen.first().copied().flatten().map(|leaf| self.names.shown(leaf));
        text.replace("{bin}", &bin.unwrap_or_default())
    }

    pub(crate) fn fact_holds(&mut self, case: &Case<'_>, fact: Fact, host: &Host) -> Dd {
        let constant = |holds: bool| if holds { Dd::TRUE } else { Dd::FALSE };
        match fact {
            Fact::AncestorIsFile(at) => self.first_obstacle(host, &case.paths[at], true),
            Fact::AncestorMissing(at) => self.first_obstacle(host, &case.paths[at], false),
            Fact::Is(at, node) => {
                let entry = self.entry(host, &case.paths[at]);
                self.where_cell(entry, |cell| is_node(cell, node))
            }
            Fact::IsRoot(at) => constant(case.paths[at] == "/"),
            Fact::Within(a, b) => constant(path::within(&case.paths[a], &case.paths[b])),
            Fact::Clash(a, b) => self.clash(host, &case.paths[a], &case.paths[b]),
            Fact::EmptyText(at) => self.map(case.operands[at], |this, leaf| this.equals_literal(leaf, "")),
            Fact::BinMissing => {
                let found = self.bin_found(case, host);
                self.dds.not(found)
            }
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

    /// Where the first ancestor that is not a directory is something else (`file`) or nothing.
    fn first_obstacle(&mut self, host: &Host, path: &str, file: bool) -> Dd {
        let mut found = Dd::FALSE;
        let mut clear = Dd::TRUE;
        for dir in path::ancestors(path) {
            let entry = self.entry(host, dir);
            let is_dir = self.where_cell(entry, |cell| matches!(cell, Cell::Dir));
            let is = self.where_cell(entry, |cell| match cell {
                Cell::File(_) | Cell::Link(_) => file,
                Cell::Absent => !file,
                _ => false,
            });
            let here = self.dds.and(clear, is);
            found = self.dds.or(found, here);
            clear = self.dds.and(clear, is_dir);
        }
        found
    }

    fn change(&mut self, case: &Case<'_>, host: &mut Host) {
        let path = |at: usize| case.paths[at].clone();
        match case.contract.change {
            Change::None | Change::Program => {}
            Change::PutFile(at, content) => {
                let file = self.map(case.operands[content], |this, leaf| this.cell(Cell::File(leaf)));
                host.entries.insert(path(at).into(), file);
            }
            Change::PutDirs(at) => self.put_dirs(host, &path(at)),
            Change::Remove(at) => {
                self.path_may_change(host, &path(at));
                self.remove(host, &path(at));
            }
            Change::PutLink(at, target) => {
                self.path_may_change(host, &path(at));
                let link = self.map(case.operands[target], |this, leaf| this.cell(Cell::Link(leaf)));
                host.entries.insert(path(at).into(), link);
            }
            Change::CopyFile(from, to) => {
                self.path_may_change(host, &path(to));
                let entry = self.entry(host, &path(from));
                let entry = self.simplified(entry, host.pc);
                host.entries.insert(path(to).into(), entry);
            }
            Change::Move(from, to) => {
                self.path_may_change(host, &path(from));
                self.path_may_change(host, &path(to));
                self.put_tree(host, &path(from), &path(to));
                self.remove(host, &path(from));
            }
            Change::CopyTree(from, to) => {
                self.path_may_change(host, &path(to));
                self.merge_tree(host, &path(from), &path(to));
            }
        }
    }

    fn yielded(&mut self, case: &Case<'_>, host: &Host) -> Dd {
        match case.contract.yields {
            Yields::Nothing | Yields::Stdout => self.known_text(""),
            Yields::Content(at) => {
                let entry = self.entry(host, &case.paths[at]);
                let entry = self.simplified(entry, host.pc);
                self.map(entry, |this, leaf| match *this.names.cell(leaf) {
                    Cell::File(content) => this.dds.leaf(content),
                    _ => this.known_text(""),
                })
            }
            Yields::KindName(_) if case.hidden => self.known_text("absent"),
            Yields::KindName(at) => {
                let entry = self.entry(host, &case.paths[at]);
                self.map(entry, |this, leaf| {
                    let name = match this.names.cell(leaf) {
                        Cell::Dir => "directory",
                        Cell::File(_) | Cell::Link(_) => "file",
                        _ => "absent",
                    };
                    this.known_text(name)
                })
            }
            Yields::BinFound => {
                let found = self.bin_found(case, host);
                let found = self.decided(found);
                let [yes, no] = ["true", "false"].map(|text| self.known_text(text));
                self.dds.ite(found, yes, no)
            }
            Yields::EnvValue => {
                let value = match self.known_operand(case, 0) {
                    Known::Text(name) => self.variable_value(&name),
                    Known::Unknown => self.fresh_text("value of some variable"),
                };
                let empty = self.known_text("");
                let unbound = self.names.leaf(Cell::Unbound);
                self.map(value, |this, leaf| if leaf == unbound { empty } else { this.dds.leaf(leaf) })
            }
            Yields::CleanPath(at) => {
                let used = case.contract.paths[at];
                match self.path_text(case, used) {
                    PathText::Path(path) => self.known_text(&path),
                    _ => self.fresh_text("a working directory"),
                }
            }
        }
    }

    // ---- unknown paths ---------------------------------------------------------------------------

    /// A path is not known: everything that the contract can raise is possible, and so is success, unless a path that is known
    /// excludes it.
    fn anywhere(&mut self, case: &Case<'_>, known: &[Option<String>], host: Host, all: &mut Gathered) {
        let mut kinds = vec![ErrorKind::InvalidArgument];
        if !self.answers_anyway(case) {
            kinds.push(ErrorKind::IoError);
        }
        kinds.extend(case.contract.guards.iter().map(|guard| guard.kind));
        let asked = case.contract.asks.iter().filter_map(|ask| self.possible_denial(*ask));
        kinds.extend(asked.collect::<Vec<_>>());
        kinds.sort();
        kinds.dedup();
        let why = "target path not statically determinable";
        let doomed = self.doomed(case, known, &host);
        let Some(mut host) = self.fail_somehow(host, doomed, &kinds, why, all) else { return };
        if case.contract.change == Change::Program {
            return self.program(case, host, all);
        }
        let value = match case.contract.yields {
            Yields::Content(_) => self.fresh_text("content of some file"),
            Yields::KindName(_) => {
                let [a, b] = [self.fresh("something is there"), self.fresh("it is a directory")];
                let [absent, file, dir] = ["absent", "file", "directory"].map(|text| self.known_text(text));
                let there = self.dds.ite(b, dir, file);
                self.dds.ite(a, there, absent)
            }
            Yields::CleanPath(_) => self.fresh_text("a working directory"),
            _ => self.known_text(""),
        };
        if let Some(touch) = self.touch_of(case, &host) {
            let linking = match touch {
                Touch::Link(_) => true,
                // Links that there are can come to be anywhere.
                Touch::Moved | Touch::Tree => self.names.any_linked() || !self.no_links(&host),
                Touch::File | Touch::Dir | Touch::Gone => false,
            };
            if linking {
                self.links_anywhere();
            }
            self.touch(&mut host, touch);
            self.bins_change(&mut host);
        }
        self.gather_next(all, Some(host), value);
    }

    /// Where a guard is violated that speaks of known paths alone, or such a path is a link loop: the op fails there, whatever
    /// the other paths are.
    fn doomed(&mut self, case: &Case<'_>, known: &[Option<String>], host: &Host) -> Dd {
        let named = |name: &Known| name.text().is_some_and(|name| !name.contains('/'));
        let mut doomed = match case.contract.change {
            Change::Program if named(&self.known_operand(case, 0)) => self.fact_holds(case, Fact::BinMissing, host),
            _ => Dd::FALSE,
        };
        for (at, text) in known.iter().enumerate() {
            let Some(text) = text else { continue };
            let followed = case.contract.paths[at].end == End::Followed;
            for route in self.routes(host, text, followed) {
                let violated = match route.end {
                    RouteEnd::Path(path) => self.violated_at(case, at, path, known.len(), host),
                    RouteEnd::Loop if !self.answers_anyway(case) => Dd::TRUE,
                    RouteEnd::Loop | RouteEnd::Unknown => Dd::FALSE,
                };
                let here = self.dds.and(route.when, violated);
                doomed = self.dds.or(doomed, here);
            }
        }
        let doomed = self.decided(doomed);
        self.condition_within_budget(doomed)
    }

    /// Where a guard is violated that speaks of this path alone.
    fn violated_at(&mut self, case: &Case<'_>, at: usize, path: String, paths: usize, host: &Host) -> Dd {
        let mut here = Case { paths: vec![String::new(); paths], chosen: case.chosen.clone(), ..*case };
        here.paths[at] = path;
        let mut violated = Dd::FALSE;
        for guard in case.contract.guards {
            let (Fact::AncestorIsFile(of) | Fact::AncestorMissing(of) | Fact::Is(of, _)) = guard.fact else { continue };
            if of == at {
                let holds = self.fact_holds(&here, guard.fact, host);
                violated = self.dds.or(violated, holds);
            }
        }
        violated
    }

    /// What the change may do to a path, if it is not known to which.
    fn touch_of(&mut self, case: &Case<'_>, host: &Host) -> Option<Touch> {
        Some(match case.contract.change {
            Change::None | Change::Program => return None,
            Change::PutFile(..) | Change::CopyFile(..) => Touch::File,
            Change::PutDirs(_) => Touch::Dir,
            Change::Remove(_) => Touch::Gone,
            Change::PutLink(_, target) => {
                let target = self.dds.restrict(case.operands[target], host.pc);
                let known = self.dds.as_leaf(target);
                Touch::Link(known.unwrap_or_else(|| {
                    let number = self.number();
                    self.names.unknown(HoleKey::Fresh(number, "target of a link"))
                }))
            }
            Change::Move(..) => Touch::Moved,
            Change::CopyTree(..) => Touch::Tree,
        })
    }

    /// What an ask can raise when a link may lead anywhere.
    fn possible_denial(&self, ask: Ask) -> Option<ErrorKind> {
        let effect = match ask {
            Ask::Read(_) => Effect::Read(Known::Unknown),
            Ask::Write(_) => Effect::Write(Known::Unknown),
            Ask::Delete(_) => Effect::Delete(Known::Unknown),
            _ => return None,
        };
        match self.policy.decide(effect) {
            Decision::Allowed(_) => None,
            Decision::Denied(denial) => Some(denial.rule.into()),
            Decision::Depends(rule) => Some(rule.into()),
        }
    }

    // ---- failures --------------------------------------------------------------------------------

    /// Some runs fail. Gives the others, and with them the mended ones when the report goes on behind this op.
    pub(crate) fn fail(&mut self, host: Host, when: Dd, why: &Why, all: &mut Gathered) -> Option<Host> {
        let fails = self.dds.and(host.pc, when);
        self.fail_then(host, fails, why, all, |_, host| host)
    }

    /// It fails where it is doomed to and perhaps elsewhere, with one of these kinds. One unknown tells success from failure; the
    /// others only which failure.
    pub(crate) fn fail_somehow(
        &mut self,
        host: Host,
        doomed: Dd,
        kinds: &[ErrorKind],
        message: &str,
        all: &mut Gathered,
    ) -> Option<Host> {
        let perhaps = self.fresh("it fails");
        let mut left = self.dds.or(doomed, perhaps);
        let mut host = Some(host);
        for (at, kind) in kinds.iter().enumerate() {
            let this = if at + 1 == kinds.len() { Dd::TRUE } else { self.fresh("in which way it fails") };
            let when = self.dds.and(left, this);
            left = self.dds.minus(left, this);
            host = self.fail(host?, when, &Why::new(*kind, message), all);
        }
        host
    }

    pub(crate) fn fail_then(
        &mut self,
        host: Host,
        fails: Dd,
        why: &Why,
        all: &mut Gathered,
        mend: impl FnOnce(&mut Self, Host) -> Host,
    ) -> Option<Host> {
        if fails.is_false() {
            return (!host.pc.is_false()).then_some(host);
        }
        self.note_reason(Reason { kind: why.kind, message: why.message.clone(), when: fails });
        let goes_on = self.dds.minus(host.pc, fails);
        let mut next = (!goes_on.is_false()).then(|| Host { pc: goes_on, ..host.clone() });
        let mut failed = fails;
        if let Some(ghost) = self.mending {
            failed = self.dds.minus(fails, ghost);
            let mended = self.dds.and(fails, ghost);
            let mended = mend(self, Host { pc: mended, ..host.clone() });
            next = Some(match next {
                Some(next) => self.join_hosts(next, mended),
                None => mended,
            });
        }
        if !failed.is_false() {
            let message = match &why.said {
                Some(said) => *said,
                None => self.failure_message(),
            };
            let code = why.code.unwrap_or_else(|| self.known_text(""));
            all.failed.push((why.kind, Host { pc: failed, ..host }, message, code));
        }
        next
    }

    /// Runs on which an existence that the file takes for granted is missing are left out, where nobody looks
    /// at the failure and the path is under a listed root (verdicts.md, assumptions).
    fn assume(&mut self, case: &Case<'_>, guard: &Guard, host: Host, fails: Dd) -> (Host, Dd) {
        if case.cx.observed {
            return (host, fails);
        }
        let own = |at: usize, want| vec![(case.paths[at].clone(), want)];
        let wanted: Vec<(String, Want)> = match (guard.fact, guard.mend) {
            (Fact::AncestorIsFile(at) | Fact::AncestorMissing(at), _) => {
                path::ancestors(&case.paths[at]).map(|dir| (dir.to_owned(), Want::Directory)).collect()
            }
            (Fact::Is(at, _), Mend::Dir(_)) if needs(case, at) => own(at, Want::Directory),
            (Fact::Is(at, _), Mend::File(_)) if needs(case, at) => own(at, Want::File),
            (Fact::Is(at, Node::Dir), _) => own(at, Want::NoDirectory),
            (Fact::Is(at, Node::File), _) => own(at, Want::NoFile),
            _ => return (host, fails),
        };
        let mut host = host;
        let mut fails = fails;
        for (path, want) in wanted {
            if !self.facts.listed.iter().any(|root| path::within(&path, root)) {
                continue;
            }
            let start = self.start_entry(&path);
            let holds = self.where_cell(start, |cell| want.accepts(cell));
            let without = self.dds.minus(fails, holds);
            let goes_on = self.dds.minus(host.pc, without);
            let still = self.dds.and(fails, holds);
            // Only what is unknown of the start may be assumed, only if it makes a difference here, and nothing that
            // these runs exclude: no host would be left.
            let agreeing = self.dds.and(host.pc, holds);
            if agreeing.is_false() || still == fails || self.dds.restrict(fails, holds) == fails {
                continue;
            }
            fails = still;
            host.pc = goes_on;
            self.note_excluded(without);
            self.note_assumption(want.assumption(path), host.pc);
        }
        (host, fails)
    }

    /// The host after the violated fact has been replaced by one that satisfies it.
    fn mend(&mut self, case: &Case<'_>, mend: Mend, host: Host) -> Host {
        let mut host = host;
        match mend {
            Mend::Nothing => {}
            Mend::Bin => self.put_bin(case, &mut host),
            Mend::Ancestors(at) => self.put_dirs(&mut host, path::parent(&case.paths[at])),
            Mend::Dir(at) => {
                self.put_dirs(&mut host, &case.paths[at]);
                let epoch = self.moment();
                let rest = self.cell(Cell::From(epoch, case.paths[at].as_str().into()));
                host.rests.insert(case.paths[at].as_str().into(), rest);
            }
            Mend::File(at) => {
                self.put_dirs(&mut host, path::parent(&case.paths[at]));
                let content = self.number();
                let content = self.names.unknown(HoleKey::Fresh(content, "content of a mended file"));
                let file = self.cell(Cell::File(content));
                host.entries.insert(case.paths[at].as_str().into(), file);
            }
            Mend::Absent(at) => self.remove(&mut host, &case.paths[at]),
        }
        host
    }

    // ---- putting outcomes together ---------------------------------------------------------------

    pub(crate) fn gather_next(&mut self, all: &mut Gathered, host: Option<Host>, value: Dd) {
        let Some(host) = host else { return };
        all.next = Some(match all.next.take() {
            Some((there, other)) => {
                let care = self.dds.or(there.pc, host.pc);
                let cond = self.divide(there.pc, care);
                let value = self.either(cond, other, value, care);
                (self.join_hosts(there, host), value)
            }
            None => (host, value),
        });
    }

    pub(crate) fn outcome(&mut self, all: Gathered) -> Outcome<Self> {
        let empty = self.known_text("");
        let failed = all
            .failed
            .into_iter()
            .map(|(kind, host, message, code)| (Raised { kind, message, code, detail: empty }, host))
            .collect();
        Outcome { next: all.next, failed }
    }
}

/// The paths that an op with a program asks about are its operands.
const OPERANDS: &[PathUse] = &[
    PathUse { from: PathFrom::Operand(0), end: End::Followed },
    PathUse { from: PathFrom::Operand(1), end: End::Followed },
];

/// A failure in the making.
pub(crate) struct Why {
    pub(crate) kind: ErrorKind,
    pub(crate) message: String,
    /// The message as the program sees it, when both domains word it alike.
    pub(crate) said: Option<Dd>,
    pub(crate) code: Option<Dd>,
}

impl Why {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), said: None, code: None }
    }
}

impl PathText {
    fn known(&self) -> Known {
        match self {
            Self::Path(path) => Known::Text(path.clone()),
            Self::Invalid | Self::Unknown => Known::Unknown,
        }
    }
}

/// What an op takes for granted of a path.
#[derive(Clone, Copy)]
enum Want {
    Directory,
    File,
    NoDirectory,
    NoFile,
}

impl Want {
    fn accepts(self, cell: &Cell) -> bool {
        match self {
            Self::Directory => matches!(cell, Cell::Dir),
            Self::File => matches!(cell, Cell::File(_)),
            Self::NoDirectory => !matches!(cell, Cell::Dir),
            Self::NoFile => !matches!(cell, Cell::File(_)),
        }
    }

    fn assumption(self, path: String) -> Assumption {
        match self {
            Self::Directory => Assumption::IsDirectory(path),
            Self::File => Assumption::IsFile(path),
            Self::NoDirectory => Assumption::NoDirectory(path),
            Self::NoFile => Assumption::NoFile(path),
        }
    }
}

/// True if the contract raises unless something stands at the path: only then may its existence be assumed.
fn needs(case: &Case<'_>, at: usize) -> bool {
    case.contract.guards.iter().any(|guard| guard.fact == Fact::Is(at, Node::Absent))
}

fn is_node(cell: &Cell, node: Node) -> bool {
    match node {
        Node::Absent => matches!(cell, Cell::Absent),
        Node::File => matches!(cell, Cell::File(_)),
        Node::Dir => matches!(cell, Cell::Dir),
        Node::Link => matches!(cell, Cell::Link(_)),
    }
}

/// Path texts that a word may hold, for what an unknown program may change.
pub(crate) fn paths_in_word(pieces: &[Piece]) -> Option<Vec<Rc<str>>> {
    let [Piece::Literal(word)] = pieces else { return if pieces.is_empty() { Some(Vec::new()) } else { None } };
    let mut found: Vec<Rc<str>> = vec![Rc::clone(word)];
    found.extend(word.match_indices(['=', ':', ',']).map(|(at, _)| Rc::from(&word[at + 1..])));
    found.extend(word.find('/').map(|at| Rc::from(&word[at..])));
    Some(found)
}
