//! What is known of started programs, PATH and the environment.

use std::rc::Rc;

use perch_diagram::{Dd, Leaf};
use perch_ops::ErrorKind;
use perch_ops::contract::Yields;
use perch_policy::shell::Line;
use perch_policy::{Known, path};

use crate::Symbolic;
use crate::cells::{AtomKey, Cell, HoleKey, Piece, Untold};
use crate::consulted::Oracle;
use crate::facts::{EffectFact, ProgramFact, Question, Stated};
use crate::host::Host;
use crate::lines::started_by_line;
use crate::paths::RouteEnd;
use crate::perform::{Case, Gathered, Why, paths_in_word};
use crate::record::{About, Assumption};
use crate::values::PRINTED;

impl Symbolic {
    /// The value of an environment variable, `Unbound` where it is not set.
    pub(crate) fn variable_value(&mut self, name: &str) -> Dd {
        let is_told = self.facts.tells_variable(name);
        self.consulted.looks_for(Oracle::Variables, name, is_told);
        if let Some(value) = self.facts.env.get(name).cloned() {
            return self.known_text(&value);
        }
        let name: Rc<str> = name.into();
        let leaf = self.names.unknown(HoleKey::Env(Rc::clone(&name)));
        let value = self.dds.leaf(leaf);
        if self.facts.env_set.contains(&*name) {
            return value;
        }
        let unbound = self.cell(Cell::Unbound);
        if !self.facts.may_be_set(&name) || name.is_empty() || name.contains(['=', '\0']) {
            return unbound;
        }
        let set = self.names.atom(AtomKey::EnvSet(name));
        let set = self.dds.atom(set);
        let value = self.dds.ite(set, value, unbound);
        self.decided(value)
    }

    /// Where the program named by operand 0 is there.
    pub(crate) fn bin_found(&mut self, case: &Case<'_>, host: &Host) -> Dd {
        match self.known_operand(case, 0) {
            Known::Unknown => self.fresh("a program of unknown name is there"),
            Known::Text(name) if name.contains('/') => self.file_is_program(case, host, &name),
            Known::Text(name) => self.on_path(host, &name),
        }
    }

    /// The path of the program named by operand 0, which is there. As long as nothing changes what is on PATH, it is the same.
    pub(crate) fn where_bin_is(&mut self, case: &Case<'_>, host: &Host) -> Dd {
        let Known::Text(name) = self.known_operand(case, 0) else { return self.some_absolute_path() };
        if name.contains('/') {
            return match self.named_program(case, &name) {
                Some(path) => {
                    let leaf = self.names.text_of_path(&path);
                    self.dds.leaf(leaf)
                }
                None => self.some_absolute_path(),
            };
        }
        let name: Rc<str> = name.into();
        let bins = self.bins(host);
        // It is there at the start, so where only one directory can hold it, it is in that one.
        let only = match self.facts.may_hold_program(&name).as_deref() {
            Some([dir]) => Some(self.known_text(&path::join(dir, &name))),
            _ => None,
        };
        self.map(bins, |this, leaf| {
            if let (Some(only), Cell::Bins(0)) = (only, this.names.cell(leaf)) {
                return only;
            }
            let rest = Piece::Hole(this.names.hole(HoleKey::Found(leaf, Rc::clone(&name))));
            let path = this.names.template([Piece::Literal("/".into()), rest]);
            this.dds.leaf(path)
        })
    }

    fn some_absolute_path(&mut self) -> Dd {
        let root = self.known_text("/");
        let rest = self.fresh_text("path of a program");
        self.concat_values(&[root, rest])
    }

    fn file_is_program(&mut self, case: &Case<'_>, host: &Host, name: &str) -> Dd {
        let Some(cwd) = self.names.absolute(case.cwd).or_else(|| name.starts_with('/').then(|| "/".into())) else {
            return self.fresh("the file can be started");
        };
        let Some(named) = path::clean(&cwd, name) else { return Dd::FALSE };
        let mut found = Dd::FALSE;
        for route in self.routes(host, &named, true) {
            // Through a directory that may not be passed nothing is found.
            let mut unseen = self.where_unseen(host, &named);
            for through in &route.through {
                let hidden = self.where_unseen(host, through);
                unseen = self.dds.or(unseen, hidden);
            }
            let is_program = match route.end {
                RouteEnd::Path(path) => {
                    self.starts_at(self.levels.len(), &path);
                    let entry = self.entry(host, &path);
                    let is_file = self.where_cell(entry, |cell| matches!(cell, Cell::File(_)));
                    let can_be = self.where_startable(host, &path);
                    self.dds.and(is_file, can_be)
                }
                RouteEnd::Unknown => self.fresh("the file can be started"),
                RouteEnd::Loop => Dd::FALSE,
            };
            let here = self.dds.and(route.when, is_program);
            let here = self.dds.minus(here, unseen);
            found = self.dds.or(found, here);
        }
        found
    }

    /// Whether others may be changing the file of a program that is named by where it is, while it is started.
    pub(crate) fn is_disturbed(&mut self, case: &Case<'_>, host: &Host) -> bool {
        if self.unsteady.is_nothing() && self.company.count() == 0 {
            return false;
        }
        let Known::Text(bin) = self.known_operand(case, 0) else { return false };
        if !bin.contains('/') {
            return false;
        }
        let Some(named) = self.named_program(case, &bin) else { return true };
        self.routes(host, &named, true).iter().any(|route| match &route.end {
            RouteEnd::Path(path) => self.is_changed_by_others(path),
            RouteEnd::Unknown => true,
            RouteEnd::Loop => false,
        })
    }

    /// The path of a program that is named by where it is, as far as the directory is known in which it is started.
    fn named_program(&self, case: &Case<'_>, bin: &str) -> Option<String> {
        let cwd = self.names.absolute(case.cwd).or_else(|| bin.starts_with('/').then(|| "/".into()))?;
        path::clean(&cwd, bin)
    }

    pub(crate) fn on_path(&mut self, host: &Host, name: &str) -> Dd {
        if name.is_empty() || name.contains('\0') {
            return Dd::FALSE;
        }
        self.consulted.looks_for(Oracle::Bins, name, self.facts.bins.contains_key(name));
        let bins = self.bins(host);
        let name: Rc<str> = name.into();
        self.map(bins, |this, leaf| this.in_bins(leaf, &name))
    }

    fn in_bins(&mut self, bins: Leaf, name: &Rc<str>) -> Dd {
        match self.names.cell(bins).clone() {
            Cell::BinsWith(_, with) if with == *name => Dd::TRUE,
            Cell::BinsWith(base, _) => self.in_bins(base, name),
            Cell::BinsAfter(base, _) if perch_ops::manages(name) => self.in_bins(base, name),
            Cell::BinsAfter(_, epoch) => self.bin_atom(epoch, name),
            Cell::Bins(0) => match self.stated_bin(name) {
                Some(true) => Dd::TRUE,
                Some(false) => Dd::FALSE,
                None => self.bin_atom(0, name),
            },
            Cell::Bins(epoch) => self.bin_atom(epoch, name),
            _ => Dd::FALSE,
        }
    }

    /// The program named by operand 0 is there from now on.
    pub(crate) fn put_bin(&mut self, case: &Case<'_>, host: &mut Host) {
        let Known::Text(name) = self.known_operand(case, 0) else { return };
        let name = name.to_owned();
        self.put_bin_of(&name, host);
    }

    /// The program of that name is there from now on.
    pub(crate) fn put_bin_of(&mut self, name: &str, host: &mut Host) {
        let name: Rc<str> = name.into();
        let bins = self.bins(host);
        host.bins = self.map(bins, |this, leaf| this.cell(Cell::BinsWith(leaf, Rc::clone(&name))));
    }

    fn bin_atom(&mut self, epoch: u32, name: &Rc<str>) -> Dd {
        let atom = self.names.atom(AtomKey::Bin(epoch, Rc::clone(name)));
        self.dds.atom(atom)
    }

    pub(crate) fn stated_bin(&self, name: &str) -> Option<bool> {
        let told = self.facts.bins.get(name).copied().or(self.facts.bins_closed.then_some(false));
        told.or_else(|| {
            // On a machine at hand it is looked up. Who says that no other variables are set may not have thought of this one.
            let is_told = self.facts.env.contains_key("PATH") || self.facts.env_unset.contains("PATH");
            let dirs = if is_told && !self.facts.looked_up { self.facts.may_hold_program(name) } else { None };
            dirs.is_some_and(|dirs| dirs.is_empty()).then_some(false)
        })
    }

    /// Whether somebody says that a program is there, and so that it does its work. That it was found says nothing of that.
    pub(crate) fn is_vouched_for(&self, name: &str) -> bool {
        !self.facts.looked_up && self.stated_bin(name) == Some(true) && !self.facts.doubtful.contains(name)
    }

    /// Programs may have come and gone.
    pub(crate) fn bins_change(&mut self, host: &mut Host) {
        let epoch = self.number();
        host.bins = self.cell(Cell::Bins(epoch));
    }

    /// Packages come or go, and with them programs.
    pub(crate) fn packages_change(&mut self, host: &mut Host) {
        self.note_assumption(Assumption::ManagersStay, host.pc);
        let epoch = self.number();
        let bins = self.bins(host);
        host.bins = self.map(bins, |this, leaf| this.cell(Cell::BinsAfter(leaf, epoch)));
    }

    /// Something at this path changes in a way that can add or remove a program.
    pub(crate) fn path_may_change(&mut self, host: &mut Host, changed: &str) {
        if self.holds_programs(changed, host) {
            self.bins_change(host);
        }
    }

    /// Whether what is at this path, or beneath, can be a program on PATH. Where PATH is not known, that is taken not to be so.
    pub(crate) fn holds_programs(&mut self, at: &str, host: &Host) -> bool {
        let Some(dirs) = self.facts.env.get("PATH").cloned() else {
            self.note_assumption(Assumption::PathUntouched, host.pc);
            return false;
        };
        let dirs = dirs.split(':').filter(|dir| dir.starts_with('/')).filter_map(|dir| path::clean("/", dir));
        let dirs: Vec<String> = dirs.collect();
        dirs.iter().any(|dir| path::within(at, dir) || path::within(dir, at))
            || self.facts.leads_to_programs(at)
            || self.is_linked_on_path(at, &dirs, host)
    }

    /// Whether a link that the run has made on PATH may lead to what is at this path, or beneath.
    fn is_linked_on_path(&mut self, at: &str, dirs: &[String], host: &Host) -> bool {
        if self.knows_of_no_link() {
            return false;
        }
        let links = self.links(host, "/");
        let is_on_path = |link: &&Rc<str>| dirs.iter().any(|dir| path::within(link, dir) || path::within(dir, link));
        let on_path: Vec<Rc<str>> = links.iter().filter(is_on_path).cloned().collect();
        on_path.iter().any(|link| {
            let is_told = matches!(self.facts.files.get(&**link), Some(Stated::Link(_)));
            !(is_told && self.is_untouched(host, link)) && self.may_lead_to(host, link, at, &links)
        })
    }

    /// Whether a link may lead to what is at this path, beneath, or above; or by way of another one, to any place.
    fn may_lead_to(&mut self, host: &Host, link: &str, at: &str, links: &[Rc<str>]) -> bool {
        let cell = self.entry(host, link);
        self.dds.leaves(cell).into_iter().any(|leaf| {
            let Cell::Link(target) = self.names.cell(leaf) else { return false };
            let Some(end) = self.names.known(*target).and_then(|text| path::clean(path::parent(link), &text)) else {
                return true;
            };
            let goes_on = path::ancestors(&end).chain([&*end]).any(|on| links.iter().any(|link| **link == *on));
            goes_on || path::within(at, &end) || path::within(&end, at)
        })
    }

    /// Something changes, and nobody knows where. It is taken not to be on PATH: else nothing that is started later would be certain.
    pub(crate) fn changes_somewhere(&mut self, host: &Host) {
        let taken = match self.facts.env.contains_key("PATH") {
            true => Assumption::PathUntouchedElsewhere,
            false => Assumption::PathUntouched,
        };
        self.note_assumption(taken, host.pc);
    }

    // ---- running a program -----------------------------------------------------------------------

    /// A program that is there has been started.
    pub(crate) fn program(&mut self, case: &Case<'_>, host: Host, all: &mut Gathered) {
        if case.line.is_some() {
            return self.line(case, host, all);
        }
        let bin = self.known_operand(case, 0);
        if self.is_disturbed(case, &host) {
            return self.disturbed(case, host, all);
        }
        let stated = bin.text().is_some_and(|bin| self.is_vouched_for(bin));
        for (when, model) in self.models(case, host.pc) {
            let host = Host { pc: when, ..host.clone() };
            // What is told of the very words goes before what is told of a package.
            let left = if model.is_some() { Some(host) } else { self.sent_for_package(case, host, all) };
            if let Some(host) = left {
                self.runs(case, model.as_ref(), stated, host, all);
            }
        }
    }

    /// It is started while somebody else may be changing its file: what is told of it is what it does when it is left alone.
    fn disturbed(&mut self, case: &Case<'_>, mut host: Host, all: &mut Gathered) {
        self.leave_frame_unknown(case, &mut host);
        let value = self.printed(case);
        let says = "its file may be changed by somebody else at the same time";
        let fails = self.fresh("a program that is being changed does not end with status 0");
        let why = Why { code: Some(self.exit_status(case)), ..Why::new(ErrorKind::ShellExitNonzero, says) };
        let Some(host) = self.fail(host, fails, &why, all) else { return };
        let kinds = [ErrorKind::ShellSignalKilled, ErrorKind::FilePermissionDenied, ErrorKind::IoError];
        let next = self.fail_somehow(host, Dd::FALSE, &kinds, (says, None), all);
        self.gather_next(all, next, value);
    }

    /// It runs: what is known of it, or whether it is at least stated to be there.
    pub(crate) fn runs(
        &mut self,
        case: &Case<'_>,
        model: Option<&ProgramFact>,
        stated: bool,
        host: Host,
        all: &mut Gathered,
    ) {
        let whole = model.filter(|model| !model.status_only);
        let mut host = host;
        // Nobody can tell of a program that it installs something.
        if model.is_some() && self.may_manage_packages(case) {
            self.packages_unknown(&mut host);
        }
        let Some(host) = self.stopped(case, whole, host, all) else { return };
        match (whole, model) {
            (Some(model), _) => self.modelled(case, model, host, all),
            (None, Some(told)) => {
                let mut host = host;
                self.leave_frame_unknown(case, &mut host);
                let printed = self.printed(case);
                self.ends(case, told.status, printed, host, all);
            }
            (None, None) => self.unmodelled(case, stated, None, host, all),
        }
    }

    /// What is said of this start, if the same is said of it on all of these runs.
    pub(crate) fn model(&mut self, case: &Case<'_>, pc: Dd) -> Option<ProgramFact> {
        let mut models = self.models(case, pc);
        let (_, model) = models.pop()?;
        model.filter(|_| models.is_empty())
    }

    /// What the fixture says of this start, or what the usual program of that name does: on which of these runs, and what. Words that are not
    /// known may be some of which it says something.
    fn models(&mut self, case: &Case<'_>, pc: Dd) -> Vec<(Dd, Option<ProgramFact>)> {
        let Known::Text(bin) = self.known_operand(case, 0) else {
            self.consulted.is_not_clear(Oracle::Programs);
            return vec![(pc, None)];
        };
        let words = self.known_words(case);
        let mut models = Vec::new();
        let mut left = pc;
        let exact = if words.is_none() { self.told_exactly(&bin) } else { Vec::new() };
        for (line, fact) in exact {
            let is_that = self.is_line(case, &line);
            let when = self.dds.and(left, is_that);
            left = self.dds.minus(left, is_that);
            if !when.is_false() {
                self.consulted.uses(Oracle::Programs, &line);
                models.push((when, Some(fact)));
            }
        }
        if left.is_false() {
            return models;
        }
        let model = match &words {
            Some(words) => self.told_of(&bin, words),
            None => {
                self.consulted.asks(Oracle::Programs, &bin);
                self.told_under(&format!("{bin} *"))
            }
        };
        let usual = model.is_none().then(|| usual(&bin, words.as_deref())).flatten();
        if usual.is_some() {
            self.note_assumption(Assumption::IsUsual(bin), left);
        }
        models.push((left, model.or(usual)));
        models
    }

    /// The words of what is started, if all are known.
    pub(crate) fn known_words(&self, case: &Case<'_>) -> Option<Vec<String>> {
        (0..case.chosen.len()).map(|at| self.known_operand(case, at).text().map(str::to_owned)).collect()
    }

    /// What the fixture says of a program with these words.
    pub(crate) fn told_of(&mut self, bin: &str, words: &[String]) -> Option<ProgramFact> {
        let words = words.join(" ");
        self.consulted.asks(Oracle::Programs, &words);
        self.told_under(&words).or_else(|| self.told_under(&format!("{bin} *")))
    }

    /// What the fixture says under that key.
    pub(crate) fn told_under(&mut self, key: &str) -> Option<ProgramFact> {
        let told = self.facts.programs.get(key).cloned()?;
        self.consulted.uses(Oracle::Programs, key);
        Some(told)
    }

    /// What it says of a program with words of its own.
    fn told_exactly(&self, bin: &str) -> Vec<(String, ProgramFact)> {
        let any = format!("{bin} *");
        let is_exact = |key: &str| key == bin || key.strip_prefix(bin).is_some_and(|rest| rest.starts_with(' '));
        let exact = self.facts.programs.iter().filter(|(key, _)| **key != any && is_exact(key));
        exact.map(|(key, fact)| (key.clone(), fact.clone())).collect()
    }

    /// Where these are the words with which a program is started.
    fn is_line(&mut self, case: &Case<'_>, line: &str) -> Dd {
        let mut pieces = Vec::new();
        for (at, word) in case.chosen.iter().enumerate() {
            let Some(word) = word.and_then(|word| self.names.pieces(word)) else {
                return self.fresh("a program is started with these words");
            };
            if at > 0 {
                pieces.push(Piece::Literal(" ".into()));
            }
            pieces.extend(word);
        }
        let started = self.names.template(pieces);
        let is_that = self.equals_literal(started, line);
        let is_that = self.decided(is_that);
        self.condition_within_budget(is_that)
    }

    pub(crate) fn modelled(&mut self, case: &Case<'_>, model: &ProgramFact, host: Host, all: &mut Gathered) {
        let mut host = host;
        for effect in &model.effects {
            host = self.effect(case, effect, host);
        }
        let value = self.known_text(model.stdout.trim_end_matches('\n'));
        self.ends(case, model.status, value, host, all);
    }

    /// It has ended with that status.
    pub(crate) fn ends(&mut self, case: &Case<'_>, status: u8, value: Dd, host: Host, all: &mut Gathered) {
        let status = status.to_string();
        let code = self.known_text(&status);
        if case.contract.yields == Yields::Status {
            return self.gather_next(all, Some(host), code);
        }
        let next = if status == "0" {
            Some(host)
        } else {
            let why = Why { code: Some(code), ..Why::new(ErrorKind::ShellExitNonzero, self.ended(case, &status)) };
            let why = why.about(Some(About::Program(self.words_to_tell(case))));
            self.fail(host, Dd::TRUE, &why, all)
        };
        self.gather_next(all, next, value);
    }

    /// What a program prints of which that is not known.
    pub(crate) fn printed(&mut self, case: &Case<'_>) -> Dd {
        let untold = Untold::Printed(self.words_to_tell(case).into());
        self.untold_text(PRINTED, untold)
    }

    /// With which status it ends.
    pub(crate) fn exit_status(&mut self, case: &Case<'_>) -> Dd {
        let untold = Untold::Status(self.words_to_tell(case).into());
        self.untold_text("exit status", untold)
    }

    /// The words by which a description of the host tells what is started: of a line that starts one program these are its words, without quotes.
    fn words_to_tell(&self, case: &Case<'_>) -> String {
        let line = case.line.map_or(Known::Unknown, |at| self.known_operand(case, at));
        let words = line.text().and_then(started_by_line);
        words.map_or_else(|| self.command_line(case), |words| words.join(" "))
    }

    fn ended(&self, case: &Case<'_>, status: &str) -> String {
        format!("`{}` ends with status {status}", self.command_line(case))
    }

    /// What is said of a program of which it is not known how it ends.
    fn perhaps_ended(&self, case: &Case<'_>) -> String {
        let first = case.chosen.get(case.line.unwrap_or(0)).copied().flatten();
        match first {
            Some(leaf) if self.names.known(leaf).is_none() => format!(
                "argv[0] = \"{}\" (contains unresolved interpolation); value depends on runtime bindings",
                self.names.shown(leaf)
            ),
            _ => self.ended(case, "other than 0, perhaps"),
        }
    }

    pub(crate) fn command_line(&self, case: &Case<'_>) -> String {
        let started = match case.line {
            Some(at) => case.chosen.get(at..=at).unwrap_or_default(),
            None => &case.chosen,
        };
        let word = |leaf: &Option<Leaf>| leaf.map(|leaf| self.names.shown(leaf)).unwrap_or_default();
        started.iter().map(word).collect::<Vec<_>>().join(" ")
    }

    /// One change by a program, where it can happen.
    pub(crate) fn effect(&mut self, case: &Case<'_>, effect: &EffectFact, host: Host) -> Host {
        let (text, follow) = match effect {
            EffectFact::Write(path, _) => (path, true),
            EffectFact::MakeDir(path) | EffectFact::Remove(path) => (path, false),
        };
        let cwd = self.workplace(case).filter(|cwd| !self.goes_up_behind_link(&host, cwd, text));
        let Some(cwd) = cwd else {
            let mut host = host;
            self.scramble(&mut host, "/");
            return host;
        };
        let Some(text) = path::clean(&cwd, text) else { return host };
        let mut joined: Option<Host> = None;
        for route in self.routes(&host, &text, follow) {
            let here = Host { pc: route.when, ..host.clone() };
            let done = match route.end {
                RouteEnd::Path(path) => self.effect_at(effect, &path, here),
                RouteEnd::Loop => here,
                RouteEnd::Unknown => {
                    let mut here = here;
                    self.scramble(&mut here, "/");
                    here
                }
            };
            joined = Some(match joined {
                Some(there) => self.join_hosts(there, done),
                None => done,
            });
        }
        joined.unwrap_or(host)
    }

    /// Whether a program that goes up by `..` may do so behind a link, and come to somewhere else than the text says.
    fn goes_up_behind_link(&mut self, host: &Host, cwd: &str, text: &str) -> bool {
        if self.knows_of_no_link() {
            return false;
        }
        let ups = text.match_indices("..").map(|(at, _)| &text[..at]);
        let ups = ups.filter(|before| before.is_empty() || before.ends_with('/'));
        let left = ups.filter_map(|before| path::clean(cwd, if before.is_empty() { "." } else { before }));
        left.collect::<Vec<_>>().iter().any(|dir| self.may_meet_link(host, dir, true))
    }

    fn effect_at(&mut self, effect: &EffectFact, at: &str, host: Host) -> Host {
        let parent = self.entry(&host, path::parent(at));
        let entry = self.entry(&host, at);
        let parent_is_dir = self.where_cell(parent, |cell| matches!(cell, Cell::Dir));
        let possible = match effect {
            EffectFact::Write(..) => self.where_cell(entry, |cell| !matches!(cell, Cell::Dir)),
            EffectFact::MakeDir(_) => self.where_cell(entry, |cell| matches!(cell, Cell::Absent)),
            EffectFact::Remove(_) => self.where_cell(entry, |cell| !matches!(cell, Cell::Absent)),
        };
        let possible = self.dds.and(parent_is_dir, possible);
        let possible = self.decided(possible);
        let happens = self.dds.and(host.pc, possible);
        let stays = self.dds.minus(host.pc, happens);
        if happens.is_false() || at == "/" {
            return host;
        }
        let mut changed = Host { pc: happens, ..host.clone() };
        self.path_may_change(&mut changed, at);
        match effect {
            EffectFact::Write(_, content) => {
                let device = self.device(at, &changed);
                let content = self.names.text(content);
                let file = self.cell(Cell::File(content));
                changed.put(at, file);
                if let Some(device) = device {
                    self.written_to(device, &mut changed);
                }
            }
            EffectFact::MakeDir(_) => self.put_dir(&mut changed, at),
            EffectFact::Remove(_) => self.remove(&mut changed, at),
        }
        if stays.is_false() { changed } else { self.join_hosts(changed, Host { pc: stays, ..host }) }
    }

    /// A line for the shell starts a program that is not where perch looks for programs: what is told of it is not told of what the shell finds.
    pub(crate) fn runs_elsewhere(&mut self, case: &Case<'_>, bin: &str, host: Host, all: &mut Gathered) {
        let Some(host) = self.stopped(case, None, host, all) else { return };
        self.unmodelled(case, false, Some(bin), host, all);
    }

    /// A program that nothing is said about; or it is, and the program is not on PATH.
    fn unmodelled(&mut self, case: &Case<'_>, stated: bool, missing: Option<&str>, host: Host, all: &mut Gathered) {
        let Some(mut host) = self.as_startable(case, stated, host, all) else { return };
        self.leave_frame_unknown(case, &mut host);
        self.ends_somehow(case, stated, missing, host, all);
    }

    /// It has ended, and nobody knows how.
    pub(crate) fn ends_somehow(
        &mut self,
        case: &Case<'_>,
        stated: bool,
        missing: Option<&str>,
        host: Host,
        all: &mut Gathered,
    ) {
        let value = self.printed(case);
        if case.contract.yields == Yields::Status {
            let status = self.exit_status(case);
            return self.gather_next(all, Some(host), status);
        }
        if stated && !case.cx.observed {
            self.note_assumption(Assumption::Succeeds(self.words_to_tell(case)), host.pc);
            return self.gather_next(all, Some(host), value);
        }
        let number = self.number();
        self.names.could_be_told(number, Untold::Status(self.words_to_tell(case).into()));
        let fails = self.about(AtomKey::Fresh(number, "a program does not end with status 0"));
        let killed = self.fresh("a program is killed");
        let killed = self.dds.and(fails, killed);
        let ends = self.dds.minus(fails, killed);
        let code = self.exit_status(case);
        let (says, about) = match missing {
            Some(bin) => {
                let says = self.ended(case, "other than 0, perhaps");
                (format!("{says}, where `{bin}` is not on PATH"), About::Bin(bin.to_owned()))
            }
            None => (self.perhaps_ended(case), About::Program(self.words_to_tell(case))),
        };
        let why = Why { code: Some(code), ..Why::new(ErrorKind::ShellExitNonzero, says) }.about(Some(about));
        let Some(host) = self.fail(host, ends, &why, all) else { return };
        let why =
            Why::new(ErrorKind::ShellSignalKilled, format!("`{}` may be killed by a signal", self.command_line(case)));
        let next = self.fail(host, killed, &why, all);
        self.gather_next(all, next, value);
    }

    /// A file may be there that may be executed, and be no program.
    fn as_startable(&mut self, case: &Case<'_>, stated: bool, host: Host, all: &mut Gathered) -> Option<Host> {
        let bin = self.known_operand(case, 0);
        let is_doubtful = |bin: &str| bin.contains('/') || self.facts.doubtful.contains(bin);
        match bin.text() {
            Some(bin) if !stated && case.line.is_none() && is_doubtful(bin) => {
                let kinds = [
                    (ErrorKind::IoError, "a file is no program", "no program that this system can start"),
                    (
                        ErrorKind::FilePermissionDenied,
                        "a script may not be read or interpreted",
                        "a script that may not be read, or whose interpreter may not be started",
                    ),
                ];
                kinds.into_iter().try_fold(host, |host, (kind, what, says)| {
                    let refused = self.fresh(what);
                    self.fail(host, refused, &Why::new(kind, format!("`{bin}` may be {says}")), all)
                })
            }
            _ => Some(host),
        }
    }

    /// What a program may have changed by the frame assumption: paths that its words name, and everything beneath its
    /// working directory, which itself stays.
    pub(crate) fn leave_frame_unknown(&mut self, case: &Case<'_>, host: &mut Host) {
        self.frame_left_unknown(case, host);
    }

    /// The same; gives what it may change.
    pub(crate) fn frame_left_unknown(&mut self, case: &Case<'_>, host: &mut Host) -> Vec<String> {
        let name = case.chosen.get(case.line.unwrap_or(0)).copied().flatten();
        let name = name.map(|leaf| self.names.shown(leaf)).unwrap_or_default();
        self.note_assumption(Assumption::StaysInFrame(name), host.pc);
        // Where managers write down what is installed nobody tells: it may be beneath.
        self.packages_unknown(host);
        let mut roots: Vec<String> = Vec::new();
        // It may write through a link, and links may be anywhere.
        let known = (0..case.chosen.len()).map(|at| self.known_operand(case, at)).collect::<Vec<_>>();
        if known.iter().any(|word| word.text().is_some_and(makes_links)) {
            self.links_anywhere();
        }
        let mut everything = case.paths.is_empty() || self.names.any_linked();
        let cwd = case.paths.first().cloned().unwrap_or_else(|| "/".to_owned());
        let lexical = self.names.absolute(case.cwd);
        let words = self.words_that_name(case);
        everything |= words.is_none();
        for pieces in words.into_iter().flatten() {
            let named = pieces.and_then(|pieces| paths_in_word(&pieces));
            let Some(named) = named else {
                everything = true;
                continue;
            };
            for text in named {
                // The system walks `..` behind a link differently from us; with links about, such a word may name anything.
                everything |= text.contains("..") && !self.no_links(host);
                let bases = [Some(cwd.clone()), lexical.clone()];
                roots.extend(bases.into_iter().flatten().filter_map(|base| path::clean(&base, &text)));
            }
        }
        if !case.paths.is_empty() {
            roots.push(cwd.clone());
        }
        // What it is given may be a link, through which it writes.
        self.looked_into.extend(roots.iter().cloned().map(Question::Path));
        let named = self.with_links(host, roots);
        let all = if everything { self.with_links(host, vec!["/".to_owned()]) } else { named.clone() };
        let covered = |root: &String| all.iter().any(|other| other != root && path::within(root, other));
        let roots: Vec<String> = all.iter().filter(|root| !covered(root)).cloned().collect();
        let before = host.clone();
        for root in &roots {
            self.scramble(host, root);
        }
        self.put_dirs_as_found(host, &before, &cwd);
        for root in &named {
            self.path_may_change(host, root);
        }
        if everything {
            self.changes_somewhere(host);
        }
        roots
    }

    /// The words of what is started that may name paths. `None`: any path may be named.
    fn words_that_name(&self, case: &Case<'_>) -> Option<Vec<Option<Vec<Piece>>>> {
        if let Some(at) = case.line {
            return words_of_line(self.known_operand(case, at).text()?);
        }
        let mut words: Vec<Option<Vec<Piece>>> =
            case.chosen.iter().skip(1).flatten().map(|leaf| self.names.pieces(*leaf)).collect();
        let known = (0..case.chosen.len()).map(|at| self.known_operand(case, at)).collect::<Vec<_>>();
        let texts: Vec<&str> = known.iter().map(|word| word.text().unwrap_or_default()).collect();
        if let Some(line) = line_for_shell(&texts) {
            words.extend(words_of_line(line)?);
        }
        Some(words)
    }

    /// These paths, and where the links in them lead: a program that writes to a link writes there.
    pub(crate) fn with_links(&mut self, host: &Host, roots: Vec<String>) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        let mut todo = roots;
        if self.knows_of_no_link() {
            all.append(&mut todo);
        }
        while let Some(root) = todo.pop() {
            if all.contains(&root) {
                continue;
            }
            all.push(root.clone());
            // The path itself may lead through links above it.
            for path in self.links(host, &root).into_iter().chain([Rc::from(root.as_str())]) {
                todo.extend(self.possible_ends(host, &path));
            }
        }
        all.sort();
        all.dedup();
        all
    }

    /// The working directory and what is above it stay directories; what they hold stays unknown.
    fn put_dirs_as_found(&mut self, host: &mut Host, before: &Host, dir: &str) {
        let dirs: Vec<String> = path::ancestors(dir).map(str::to_owned).chain([dir.to_owned()]).collect();
        let is = self.cell(Cell::Dir);
        for dir in dirs.iter().filter(|dir| *dir != "/") {
            let was = self.entry(before, dir);
            host.put(dir.as_str(), is);
            if self.same_on(host.pc, was, is) && !before.written.has(dir) {
                host.written.forget(dir);
            }
        }
    }

    pub(crate) fn no_links(&mut self, host: &Host) -> bool {
        self.knows_of_no_link() || self.links(host, "/").is_empty()
    }
}

/// All words of a line for the shell that may name paths. `None`: any path may be named.
fn words_of_line(line: &str) -> Option<Vec<Option<Vec<Piece>>>> {
    let line = Line::read(line);
    let words = line.named()?.into_iter();
    Some(words.map(|word| Some(vec![Piece::Literal(word.into())])).collect())
}

/// The line that is given to a shell by these words, which perhaps start it by way of others: `sudo sh -c LINE`.
fn line_for_shell<'w>(words: &[&'w str]) -> Option<&'w str> {
    let shell = words.iter().position(|word| SHELLS.contains(&path::base(word)))?;
    let is_option = |word: &str| word.strip_prefix('-').is_some_and(|letters| letters.ends_with('c'));
    let option = shell + words.get(shell..)?.iter().position(|word| is_option(word))?;
    words.get(option + 1).copied()
}

/// Programs that run a line behind `-c`.
const SHELLS: [&str; 7] = ["ash", "bash", "dash", "fish", "ksh", "sh", "zsh"];

/// Whether a program of that name, or a line for the shell, makes symbolic links for all that one knows.
#[must_use]
pub fn makes_links(called: &str) -> bool {
    let mut words = called.split(|c: char| c.is_whitespace() || ";|&".contains(c));
    words.any(|word| path::base(word) == "ln")
}

/// What a program does that everybody knows. `echo` is told apart by shells and systems where it is given options or escapes.
pub(crate) fn usual(bin: &str, words: Option<&[String]>) -> Option<ProgramFact> {
    Some(match (bin, words) {
        ("true", _) => ProgramFact::default(),
        ("false", _) => ProgramFact { status: 1, ..ProgramFact::default() },
        ("echo", Some(words))
            if !words.get(1).is_some_and(|word| word.starts_with('-'))
                && !words.iter().any(|word| word.contains('\\')) =>
        {
            ProgramFact { stdout: words[1..].join(" "), ..ProgramFact::default() }
        }
        _ => return None,
    })
}
