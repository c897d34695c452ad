//! Primitives by their contracts.
//!
//! The operands that decide what a primitive is about (paths, the words of a program) are taken apart:
//! for each known combination of them, on the runs on which they are that, the contract is read once, from top to
//! bottom. What comes out is joined. A path that is not known can name anything: everything that the contract
//! can raise is possible, and after a change everything may have changed.

mod archives;
pub(crate) mod devices;
mod facts;
mod failing;
pub(crate) mod modes;
mod network;
mod policy;
mod search;
mod system;
mod unknown;

use std::rc::Rc;

use perch_diagram::{Dd, Leaf};
use perch_engine::{Context, Frame, Outcome, Raised};
use perch_ops::contract::{Answered, Change, End, Fact, Guard, Node, PathFrom, PathUse, Yields};
use perch_ops::{Contract, ErrorKind, Primitive, Pure};
use perch_policy::Known;

use crate::Symbolic;
use crate::cells::{Cell, HoleKey, Piece};
use crate::host::Host;
use crate::made::{Made, PathText};
use crate::paths::RouteEnd;
use crate::questions::changed_by;
use crate::rights::writes_content;
use crate::values::CHANGED;

pub(crate) use failing::{Assumed, Why};

/// The parts of an outcome, joined as they come.
#[derive(Default)]
pub(crate) struct Gathered {
    pub(crate) next: Option<(Host, Dd)>,
    pub(crate) failed: Vec<Failed>,
}

/// Runs that have failed.
#[derive(Clone)]
pub(crate) struct Failed {
    pub(crate) kind: ErrorKind,
    pub(crate) late: Option<usize>,
    pub(crate) host: Host,
    pub(crate) message: Dd,
    pub(crate) code: Dd,
    /// Left to others where it is not known.
    pub(crate) detail: Option<Dd>,
}

/// What the deciding operands and the working directory are, and on which runs.
pub(crate) type Choice = (Vec<Option<Leaf>>, Leaf, Dd);

/// A primitive on the runs on which its deciding operands are known to be these.
pub(crate) struct Case<'c> {
    pub(crate) cx: &'c Context,
    pub(crate) primitive: Primitive,
    pub(crate) contract: &'c Contract,
    pub(crate) operands: &'c [Dd],
    pub(crate) frame: &'c Frame<Dd>,
    pub(crate) chosen: Vec<Option<Leaf>>,
    pub(crate) cwd: Leaf,
    pub(crate) paths: Vec<String>,
    /// A path is outside the visible roots.
    pub(crate) hidden: bool,
    /// A way leads through a directory that may not be passed through, or may not for certain.
    pub(crate) unseen: Dd,
    /// The operand that is a line for the shell.
    pub(crate) line: Option<usize>,
    /// The name that it makes up.
    pub(crate) made: Option<Made>,
}

impl Symbolic {
    pub(crate) fn perform_primitive(
        &mut self,
        cx: &Context,
        primitive: Primitive,
        operands: &[Dd],
        frame: &Frame<Dd>,
        host: Host,
    ) -> Outcome<Self> {
        let contract = self.contracts[primitive as usize].clone();
        let mut all = Gathered::default();
        self.by_contract(cx, (primitive, &contract), operands, frame, host, &mut all);
        self.outcome(all)
    }

    /// A primitive by a contract.
    pub(crate) fn by_contract(
        &mut self,
        cx: &Context,
        (primitive, contract): (Primitive, &Contract),
        operands: &[Dd],
        frame: &Frame<Dd>,
        host: Host,
        all: &mut Gathered,
    ) {
        let choices = self.choices(contract, primitive, operands, frame.cwd, host.pc);
        let made = contract.makes_name().then(|| self.make_name());
        self.pool = Some(crate::Pool::default());
        self.makes_sure = self.only_makes_sure(cx, contract.change, &choices, &host);
        for (chosen, cwd, when) in choices {
            self.pool_reset(0);
            let host = Host { pc: when, ..host.clone() };
            let case = Case {
                cx,
                primitive,
                contract,
                operands,
                frame,
                chosen,
                cwd,
                paths: Vec::new(),
                hidden: false,
                unseen: Dd::FALSE,
                line: primitive.shell_line(),
                made,
            };
            self.case(case, host, all);
        }
        self.makes_sure = false;
        self.pool = None;
    }

    /// Combinations of the deciding operands and the working directory, each with the runs on which it is met.
    fn choices(&mut self, contract: &Contract, primitive: Primitive, operands: &[Dd], cwd: Dd, pc: Dd) -> Vec<Choice> {
        let by_path = |at: usize| contract.paths.iter().any(|path| path.from.is_about(at));
        let decides = |at: usize| match primitive {
            Primitive::Spawn => true,
            _ if primitive.shell_line() == Some(at) => true,
            Primitive::FindBin
            | Primitive::RequireBin
            | Primitive::RequireEnv
            | Primitive::WhichBin
            | Primitive::GetEnv
            | Primitive::HasEnv
            | Primitive::NeedEnv
            | Primitive::SetEnv
            | Primitive::UnsetEnv
            | Primitive::Sleep => at == 0,
            _ if contract.asks.iter().any(|ask| network::is_about(*ask, at)) => true,
            _ => by_path(at),
        };
        let mut choices = vec![(Vec::with_capacity(operands.len()), Leaf::FALSE, pc)];
        for (at, operand) in operands.iter().enumerate() {
            let mut more = Vec::with_capacity(choices.len());
            let operand = if decides(at) { self.expanded(*operand) } else { *operand };
            for (mut chosen, cwd, when) in choices {
                if !decides(at) {
                    chosen.push(None);
                    more.push((chosen, cwd, when));
                    continue;
                }
                for (leaf, when) in self.dds.cases(operand, when) {
                    let chosen = chosen.iter().copied().chain([Some(leaf)]).collect();
                    more.push((chosen, cwd, when));
                }
            }
            choices = more;
        }
        // A program may be named by a path.
        let finds =
            matches!(primitive, Primitive::Spawn | Primitive::FindBin | Primitive::RequireBin | Primitive::WhichBin);
        let needs_cwd = finds || !contract.paths.is_empty();
        if !needs_cwd {
            return self.few(choices, pc);
        }
        let cwd = self.expanded(cwd);
        let mut more = Vec::with_capacity(choices.len());
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
        let Some(host) = host.and_then(|host| self.as_given(&case, host, all)) else { return };
        let known: Vec<Known> = texts.iter().map(PathText::known).collect();
        let Some(host) = self.asks(&mut case, &known, host, all) else { return };
        // What stands on a very long way is not gone through step by step.
        let followed = |path: &String| path.matches('/').count() <= MAX_PARTS;
        let paths: Vec<Option<String>> = texts
            .into_iter()
            .map(|text| if let PathText::Path(path) = text { Some(path).filter(followed) } else { None })
            .collect();
        match paths.iter().cloned().collect::<Option<Vec<String>>>() {
            // When nothing can be kept any more, one place is as good as another.
            Some(all_known) if !all_known.is_empty() && self.is_exhausted() => {
                self.wants_to_know(&all_known);
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
            let ((empty, holds_nul), text) = match text {
                PathText::Invalid => (self.why_no_path(case, *used), PathText::Unknown),
                PathText::Unknown => (self.may_be_no_path(case, *used), PathText::Unknown),
                PathText::Path(path) => ((Dd::FALSE, Dd::FALSE), PathText::Path(path)),
            };
            let no_path = self.dds.or(empty, holds_nul);
            if !no_path.is_false() {
                let says = match (empty.is_false(), holds_nul.is_false()) {
                    (false, true) => "a path is empty text",
                    (true, _) => "a path holds a NUL",
                    (false, false) => "a path is empty text, or holds a NUL",
                };
                host = self.fail(host?, no_path, &Why::new(ErrorKind::InvalidArgument, says), all);
            }
            texts.push(text);
        }
        Some((texts, host))
    }

    /// Where a text is empty, and where it holds a NUL: that it is no path, which comes before all questions.
    fn why_no_path(&self, case: &Case<'_>, used: PathUse) -> (Dd, Dd) {
        let PathFrom::Operand(at) = used.from else { return (Dd::TRUE, Dd::FALSE) };
        let leaf = case.chosen.get(at).copied().flatten();
        let holds_nul = leaf.is_some_and(|leaf| self.names.literals(leaf).iter().any(|part| part.contains('\0')));
        if holds_nul { (Dd::FALSE, Dd::TRUE) } else { (Dd::TRUE, Dd::FALSE) }
    }

    /// The same of a text that is not known.
    fn may_be_no_path(&mut self, case: &Case<'_>, used: PathUse) -> (Dd, Dd) {
        let PathFrom::Operand(at) = used.from else { return (Dd::FALSE, Dd::FALSE) };
        let Some(leaf) = case.chosen.get(at).copied().flatten() else {
            let either = self.fresh("a text is no path");
            return (either, either);
        };
        // What stands for something mended is what is needed there.
        if self.names.known(leaf).is_some() || self.hangs_on_mending(leaf) {
            return (Dd::FALSE, Dd::FALSE);
        }
        let empty = self.equals_literal(leaf, "");
        let empty = self.decided(empty);
        let holds_nul = if self.may_hold_nul(leaf) { self.fresh("a text is no path") } else { Dd::FALSE };
        (empty, holds_nul)
    }

    fn path_text(&mut self, case: &Case<'_>, used: PathUse) -> PathText {
        let cwd = self.names.absolute(case.cwd);
        let chosen = |at: usize| case.chosen.get(at).copied().flatten();
        let text = |this: &mut Self, leaf: Option<Leaf>| match leaf {
            Some(leaf) => this.path_from(cwd.as_deref(), leaf),
            None => PathText::Unknown,
        };
        match used.from {
            PathFrom::Cwd => text(self, Some(case.cwd)),
            PathFrom::Operand(at) => text(self, chosen(at)),
            PathFrom::New { dir, prefix } => {
                let known = chosen(prefix).and_then(|leaf| self.names.known(leaf));
                match (text(self, chosen(dir)), known, case.made) {
                    (PathText::Path(dir), Some(prefix), Some(made)) => PathText::Path(made.path(&dir, &prefix)),
                    _ => PathText::Unknown,
                }
            }
        }
    }

    // ---- policy ----------------------------------------------------------------------------------

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
        let mut lost: Option<Host> = None;
        if !case.hidden {
            self.hides_no_link(&host, text, used.end == End::Followed);
        }
        // What follows may be decided without what stands there, but not where a link would lead.
        self.wants_to_know(std::slice::from_ref(text));
        let routes = self.routes(&host, text, used.end == End::Followed);
        if routes.len() > self.limits().cases {
            return self.anywhere(&case, &[], host, all);
        }
        // What came up on the way is in the conditions of the routes.
        let mark = self.pool_mark();
        for route in routes {
            self.pool_reset(mark);
            let mut next = Some(Host { pc: route.when, ..host.clone() });
            let mut here = Case { paths: case.paths.clone(), chosen: case.chosen.clone(), ..case };
            // A link that may not be reached leads nowhere that anybody is asked about.
            if !route.through.is_empty() {
                next = next.and_then(|host| self.as_open_to_pass(&mut here, text, host, all));
            }
            for through in &route.through {
                next = next.and_then(|host| self.ask_about(&mut here, at, through, host, all));
                next = next.and_then(|host| self.as_open_to_pass(&mut here, through, host, all));
            }
            let Some(host) = next else { continue };
            match route.end {
                RouteEnd::Path(path) => {
                    here.paths.push(path);
                    self.routed(here, rest, host, all);
                }
                RouteEnd::Unknown => {
                    lost = Some(match lost {
                        Some(other) => self.kept(|this| this.join_hosts(other, host)),
                        None => host,
                    });
                }
                RouteEnd::Loop if self.answers_anyway(&here) => {
                    here.hidden = true;
                    here.paths.push(text.clone());
                    self.routed(here, rest, host, all);
                }
                RouteEnd::Loop => {
                    // A run has gone the ways to the paths before by then.
                    let Some(host) = self.as_passable(&here, host, all) else { continue };
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

    fn guards(&mut self, case: &Case<'_>, guards: &[Guard], host: Host, all: &mut Gathered) -> Option<Host> {
        guards.iter().try_fold(host, |host, guard| {
            // Who finds out what a file holds has read it.
            let host = match guard.fact {
                Fact::NotPacked(_) | Fact::NotArchive(..) => self.as_permitted(case, host, all)?,
                _ => host,
            };
            self.guard(case, guard, host, all)
        })
    }

    /// Guards, change, result.
    fn resolved(&mut self, case: &Case<'_>, host: Host, all: &mut Gathered) {
        let Some(host) = self.as_named(case, host, all) else { return };
        let Some(host) = self.as_passable(case, host, all) else { return };
        let (before, behind) = case.contract.guards.split_at(facts::guards_before_parents(case.contract));
        let Some(host) = self.guards(case, before, host, all) else { return };
        let Some(host) = self.missing_parents(case, host, all) else { return };
        let Some(host) = self.guards(case, behind, host, all) else { return };
        let Some(host) = self.as_entered(case, host, all) else { return };
        let Some(host) = self.contact(case, host, all) else { return };
        let Some(host) = self.as_kept(case, host, all) else { return };
        let Some(host) = self.as_permitted(case, host, all) else { return };
        let Some(host) = self.opened(case, host, all) else { return };
        let Some(host) = self.as_text(case, host, all) else { return };
        let Some(host) = self.as_done_whole(case, host, all) else { return };
        let Some(host) = self.as_undisturbed(case, host, all) else { return };
        match case.contract.change {
            Change::Program => return self.program(case, host, all),
            Change::ProgramBeside => return self.program_beside(case, host, all),
            Change::Time(at) => return self.time(case, at, host, all),
            _ => {}
        }
        let mut host = host;
        let value = self.yielded(case, &host);
        let device = self.device_of(case.contract.change, &case.paths, &host);
        self.change(case, &mut host);
        if let Some(device) = device {
            self.written_to(device, &mut host);
        }
        self.gather_next(all, Some(host), value);
    }

    fn change(&mut self, case: &Case<'_>, host: &mut Host) {
        let makes_links = match case.contract.change {
            Change::PutLink(..) => true,
            Change::Move(from, _) | Change::CopyTree(from, _) => self.may_hold_links(host, &case.paths[from]),
            _ => false,
        };
        self.links_made += usize::from(makes_links);
        let modes = self.modes_behind(case, host);
        self.flaws_travel(case, host, &modes);
        let before = host.written.clone();
        self.put_change(case, host);
        if writes_content(case.contract.change) && self.puts_files(case, host) {
            changed_by(case).into_iter().for_each(|at| host.put_was_file(&case.paths[at], &before));
        }
        host.modes.extend(modes.into_iter().map(|(path, mode)| (path.into(), mode)));
    }

    /// Whether what a change has put is certain to be files.
    fn puts_files(&mut self, case: &Case<'_>, host: &Host) -> bool {
        changed_by(case).into_iter().all(|at| {
            let put = host.entries.get(case.paths[at].as_str()).copied();
            put.is_some_and(|cell| {
                let cell = self.simplified(cell, host.pc);
                self.dds.leaves(cell).into_iter().all(|leaf| matches!(self.names.cell(leaf), Cell::File(_)))
            })
        })
    }

    fn put_change(&mut self, case: &Case<'_>, host: &mut Host) {
        let path = |at: usize| case.paths[at].clone();
        match case.contract.change {
            Change::None | Change::Program | Change::ProgramBeside | Change::Time(_) => {}
            Change::Packages => self.packages_change(host),
            Change::PutFile(at, content) => {
                let file = self.map(case.operands[content], |this, leaf| this.cell(Cell::File(leaf)));
                host.put(path(at), file);
            }
            Change::PutSent(at) => {
                let sent = self.answered(case, Answered::Body);
                let file = self.map(sent, |this, leaf| this.cell(Cell::File(leaf)));
                host.put(path(at), file);
            }
            Change::Append(at, text) => self.append(host, &path(at), case.operands[text]),
            Change::PutDirs(at) => {
                self.put_dirs(host, &path(at));
                if self.makes_sure {
                    let path = path(at);
                    let dirs = perch_policy::path::ancestors(&path).chain([path.as_str()]);
                    dirs.for_each(|dir| drop(host.made_sure.insert(dir.into())));
                }
            }
            Change::PutNew(at, node) if case.made.is_some_and(|made| made.kept) => {
                self.put_new(host, &path(at), node);
            }
            Change::PutNew(_, node) => self.put_somewhere(host, node),
            Change::Remove(at) => {
                self.path_may_change(host, &path(at));
                self.remove(host, &path(at));
            }
            Change::PutLink(at, target) => {
                self.path_may_change(host, &path(at));
                let link = self.map(case.operands[target], |this, leaf| this.cell(Cell::Link(leaf)));
                host.put(path(at), link);
            }
            Change::SetMode(at, mode) => {
                self.path_may_change(host, &path(at));
                self.permissions_may_go(host, &path(at), case.operands[mode]);
                self.mode_is_set(host, &path(at), case.operands[mode]);
            }
            Change::CopyFile(from, to) => {
                self.path_may_change(host, &path(to));
                let entry = self.entry(host, &path(from));
                let entry = self.simplified(entry, host.pc);
                let copy = self.map(entry, |this, leaf| match *this.names.cell(leaf) {
                    Cell::File(content) => {
                        let read = this.read_from(content);
                        this.cell(Cell::File(read))
                    }
                    _ => this.dds.leaf(leaf),
                });
                host.put(path(to), copy);
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
            Change::Pack(from, to) => self.pack(host, &path(from), &path(to)),
            Change::Unpack(from, to) => self.unpack(host, &path(from), &path(to)),
            Change::PackTree(from, to) => self.pack_tree(case, host, &path(from), &path(to)),
            Change::UnpackTree(from, to) => self.unpack_tree(case, host, &path(from), &path(to)),
        }
    }

    fn yielded(&mut self, case: &Case<'_>, host: &Host) -> Dd {
        match case.contract.yields {
            Yields::Nothing | Yields::Stdout | Yields::Status => self.known_text(""),
            // A host that there is none of does not answer.
            Yields::Answer(_) if self.is_nowhere(case) => self.known_text("false"),
            Yields::Answer(what) => {
                let yes = self.fresh(what);
                let [yes_text, no_text] = ["true", "false"].map(|text| self.known_text(text));
                self.dds.ite(yes, yes_text, no_text)
            }
            Yields::Something(what) => self.fresh_text(what),
            Yields::Answered(what) => self.answered(case, what),
            Yields::Addresses(at) => self.addresses(case, at),
            Yields::Content(at) => {
                let entry = self.entry(host, &case.paths[at]);
                let entry = self.simplified(entry, host.pc);
                self.looks_into_file(entry);
                self.map(entry, |this, leaf| match *this.names.cell(leaf) {
                    Cell::File(content) => {
                        let read = this.read_from(content);
                        this.dds.leaf(read)
                    }
                    _ => this.known_text(""),
                })
            }
            Yields::KindName(_) if case.hidden => self.known_text("absent"),
            Yields::KindName(at) => {
                let entry = self.entry(host, &case.paths[at]);
                let unseen = self.where_unseen(host, &case.paths[at]);
                let unseen = self.dds.or(unseen, case.unseen);
                let absent = self.cell(Cell::Absent);
                let entry = self.dds.ite(unseen, absent, entry);
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
            Yields::BinPath => {
                let found = self.bin_found(case, host);
                let found = self.decided(found);
                let (path, none) = (self.where_bin_is(case, host), self.known_text(""));
                self.dds.ite(found, path, none)
            }
            Yields::EnvSet => {
                let unset = match self.known_operand(case, 0) {
                    Known::Text(name) => {
                        let value = self.variable_in(case.frame, &name);
                        self.where_cell(value, |cell| matches!(cell, Cell::Unbound))
                    }
                    Known::Unknown => self.fresh("a variable of unknown name is not set"),
                };
                let unset = self.decided(unset);
                let [yes, no] = ["true", "false"].map(|text| self.known_text(text));
                self.dds.ite(unset, no, yes)
            }
            Yields::EnvValue => {
                let value = match self.known_operand(case, 0) {
                    Known::Text(name) => self.variable_in(case.frame, &name),
                    Known::Unknown => self.fresh_text("value of some variable"),
                };
                let empty = self.known_text("");
                let unbound = self.names.leaf(Cell::Unbound);
                self.map(value, |this, leaf| if leaf == unbound { empty } else { this.dds.leaf(leaf) })
            }
            Yields::Measure(at, algorithm) => {
                let name = self.dds.as_leaf(case.operands[algorithm]).and_then(|leaf| self.names.known(leaf));
                let Some(function) = name.as_deref().and_then(Pure::measure) else {
                    return self.fresh_text("checksum, size or line end of a file");
                };
                let entry = self.entry(host, &case.paths[at]);
                let entry = self.simplified(entry, host.pc);
                self.looks_into_file(entry);
                let content = self.map(entry, |this, leaf| match *this.names.cell(leaf) {
                    Cell::File(content) => {
                        let read = this.read_from(content);
                        this.dds.leaf(read)
                    }
                    _ => this.known_text(""),
                });
                self.pure_value(function, &[content])
            }
            Yields::Entries(at) => self.entries_found(case, at, host),
            Yields::Target(at) => {
                let entry = self.entry(host, &case.paths[at]);
                let entry = self.simplified(entry, host.pc);
                let other = self.fresh_text("target of a mended link");
                self.map(entry, |this, leaf| match *this.names.cell(leaf) {
                    Cell::Link(target) => this.dds.leaf(target),
                    _ => other,
                })
            }
            Yields::ChangedAt(_) => self.fresh_text(CHANGED),
            Yields::Moment => {
                let number = self.number();
                let leaf = self.names.unknown(HoleKey::Moment(number));
                self.dds.leaf(leaf)
            }
            Yields::CleanPath(at) => {
                let used = case.contract.paths[at];
                match self.path_text(case, used) {
                    PathText::Path(_) if case.made.is_some_and(|made| !made.kept) => self.some_new_path(case),
                    PathText::Path(path) => {
                        let leaf = self.names.text_of_path(&path);
                        self.dds.leaf(leaf)
                    }
                    _ => self.fresh_text("a working directory"),
                }
            }
        }
    }

    // ---- putting outcomes together ---------------------------------------------------------------

    /// Another way to go on. What comes up where ways are joined concerns all of them: it is kept from the cases that follow.
    pub(crate) fn gather_next(&mut self, all: &mut Gathered, host: Option<Host>, value: Dd) {
        let Some(host) = host else { return };
        all.next = Some(match all.next.take() {
            Some(there) => self.kept(|this| this.either_way(there, (host, value))),
            None => (host, value),
        });
    }

    fn either_way(&mut self, (there, other): (Host, Dd), (host, value): (Host, Dd)) -> (Host, Dd) {
        let care = self.dds.or(there.pc, host.pc);
        let cond = self.divide(there.pc, care);
        let value = self.either(cond, other, value, care);
        (self.join_hosts(there, host), value)
    }

    pub(crate) fn outcome(&mut self, all: Gathered) -> Outcome<Self> {
        let empty = self.known_text("");
        let failed = all
            .failed
            .into_iter()
            .map(|Failed { kind, late, host, message, code, detail }| {
                let answer = failing::is_answer(kind);
                let unknown = |this: &mut Self| this.fresh_text("beginning of an answer");
                let detail = detail.unwrap_or_else(|| if answer { unknown(self) } else { empty });
                (Raised { kind, message, code, detail, late }, host)
            })
            .collect();
        Outcome { next: all.next, failed, ended: None }
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

/// A path of more parts is one of which nothing is known.
pub(crate) const MAX_PARTS: usize = 250;

/// Path texts that a word may hold, for what an unknown program may change.
pub(crate) fn paths_in_word(pieces: &[Piece]) -> Option<Vec<Rc<str>>> {
    let [Piece::Literal(word)] = pieces else { return if pieces.is_empty() { Some(Vec::new()) } else { None } };
    let mut found: Vec<Rc<str>> = vec![Rc::clone(word)];
    // A word of several words is perhaps a line of some language: what is not a blank or a sign in it may be a path.
    let parts = word.split(|c: char| c.is_whitespace() || "'\"`;|&<>(){}".contains(c)).filter(|part| !part.is_empty());
    for part in parts {
        found.push(part.into());
        found.extend(part.match_indices(['=', ':', ',']).map(|(at, _)| Rc::from(&part[at + 1..])));
        found.extend(part.find('/').map(|at| Rc::from(&part[at..])));
        // `-Cdir`: an option with what belongs to it.
        found.extend(part.strip_prefix('-').and_then(|option| option.get(1..)).map(Rc::from));
        // What a pattern matches is in the directory in front of its first part that is one.
        if let Some(at) = part.find(['*', '?', '[']) {
            found.push(part[..at].rfind('/').map_or(".", |end| &part[..=end]).into());
        }
    }
    found.retain(|text| !text.is_empty());
    found.sort();
    found.dedup();
    Some(found)
}

#[cfg(test)]
mod tests {
    use perch_policy::Policy;

    use super::*;
    use crate::Pool;
    use crate::cells::AtomKey;
    use crate::facts::Facts;

    /// Nothing or a directory, in more ways than a cell keeps apart.
    fn many_ways(domain: &mut Symbolic) -> Dd {
        let kinds = [Cell::Absent, Cell::Dir].map(|cell| domain.names.leaf(cell));
        let values: Vec<Leaf> = kinds.into_iter().cycle().take(50).collect();
        let selectors: Vec<Dd> = values.iter().skip(1).map(|_| domain.fresh("which it is")).collect();
        domain.one_of(&values, &selectors)
    }

    #[test]
    fn what_comes_up_where_ways_are_joined_is_kept_from_later_cases() {
        let mut domain = Symbolic::new(Facts::default(), Policy::default());
        let (start, here) = (domain.start(), domain.fresh("it is this way"));
        let mut all = Gathered::default();
        let ways = [here, domain.dds.not(here)].map(|pc| {
            let mut host = Host { pc, ..start.clone() };
            let entry = many_ways(&mut domain);
            host.put("/f", entry);
            host
        });
        let mut known = domain.dds.support(here);
        for host in &ways {
            let entry = domain.entry_of(host, "/f");
            known.extend(domain.dds.support(entry));
        }
        domain.pool = Some(Pool::default());
        let mark = domain.pool_mark();
        for host in ways {
            domain.gather_next(&mut all, Some(host), Dd::TRUE);
        }
        let Some((joined, _)) = all.next else { panic!("there is a way") };
        let entry = domain.entry_of(&joined, "/f");
        let mut came_up = domain.dds.support(entry);
        came_up.retain(|atom| !known.contains(atom));
        assert!(!came_up.is_empty(), "what is there has grown too large");
        domain.pool_reset(mark);
        let later = domain.number();
        assert!(
            came_up
                .iter()
                .all(|atom| !matches!(domain.names.atom_key(*atom), AtomKey::Fresh(number, _) if *number == later))
        );
    }
}
