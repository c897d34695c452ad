//! Lines for the shell.
//!
//! What a fixture says of a line it says of its text. A line that is one program and its words, of which the shell changes
//! nothing, does what that program does with these words: if it is there, and if the shell looks for it where perch would.

use perch_engine::flows::hidden;
use perch_ops::ErrorKind;
use perch_ops::contract::{PathFrom, Yields};
use perch_policy::shell::{Line, is_decisive};
use perch_policy::{Decision, Effect, Known, path};

use crate::Symbolic;
use crate::cells::Cell;
use crate::consulted::Oracle;
use crate::facts::{EffectFact, ProgramFact};
use crate::host::Host;
use crate::parallel::Unsteady;
use crate::perform::{Case, Gathered, Why};
use crate::programs::usual;
use crate::record::About;
use crate::values::PRINTED;

/// Commands of the shell itself: it starts no programs of these names.
pub const BUILTINS: [&str; 61] = [
    ".",
    ":",
    "[",
    "alias",
    "bg",
    "bind",
    "break",
    "builtin",
    "caller",
    "cd",
    "command",
    "compgen",
    "complete",
    "compopt",
    "continue",
    "declare",
    "dirs",
    "disown",
    "echo",
    "enable",
    "eval",
    "exec",
    "exit",
    "export",
    "false",
    "fc",
    "fg",
    "getopts",
    "hash",
    "help",
    "history",
    "jobs",
    "kill",
    "let",
    "local",
    "logout",
    "mapfile",
    "popd",
    "printf",
    "pushd",
    "pwd",
    "read",
    "readarray",
    "readonly",
    "return",
    "set",
    "shift",
    "shopt",
    "source",
    "suspend",
    "test",
    "times",
    "trap",
    "true",
    "type",
    "typeset",
    "ulimit",
    "umask",
    "unalias",
    "unset",
    "wait",
];

/// What is known of a line.
enum Told {
    /// What it does.
    All(ProgramFact),
    /// It is this program, and this is what that does.
    Starts(String, Option<ProgramFact>),
    /// Nothing, but that what it starts may still run when it has ended.
    GoesOn,
    /// Nothing.
    Nothing,
}

/// What a line does in every shell.
#[must_use]
pub fn always(line: &str, words: &[String]) -> Option<ProgramFact> {
    if line.trim_matches([' ', '\t', '\n']).is_empty() {
        return Some(ProgramFact::default());
    }
    match (words.first()?.as_str(), &words[1..]) {
        (":", _) => Some(ProgramFact::default()),
        ("exit", [status]) => {
            let status = status.parse().ok().filter(|_| status.bytes().all(|byte| byte.is_ascii_digit()));
            status.map(|status| ProgramFact { status, ..ProgramFact::default() })
        }
        (name, _) => usual(name, Some(words)),
    }
}

/// The words of a line of which the shell changes nothing.
fn plain_words(line: &str) -> Vec<String> {
    Line::read(line).plain().unwrap_or_default().into_iter().map(str::to_owned).collect()
}

/// The program that a line starts, and its words, if it does nothing else and the shell looks for it where perch would.
pub(crate) fn started_by_line(line: &str) -> Option<Vec<String>> {
    let words = plain_words(line);
    let is_started = |bin: &String| !BUILTINS.contains(&bin.as_str()) && !bin.contains('/');
    words.first().is_some_and(is_started).then_some(words)
}

impl Symbolic {
    /// A line is given to the shell.
    pub(crate) fn line(&mut self, case: &Case<'_>, host: Host, all: &mut Gathered) {
        match self.told_of_line(case) {
            Told::All(model) => self.runs(case, Some(&model), false, host, all),
            Told::Nothing => self.runs(case, None, false, host, all),
            Told::GoesOn => {
                let mut host = host;
                self.goes_on_beside(case, None, &mut host);
                self.runs(case, None, false, host, all);
            }
            Told::Starts(bin, model) => {
                let found = self.on_path(&host, &bin);
                let found = self.decided(found);
                let there = self.dds.and(host.pc, found);
                let missing = self.dds.minus(host.pc, found);
                if !there.is_false() {
                    let stated = self.is_vouched_for(&bin);
                    self.runs(case, model.as_ref(), stated, Host { pc: there, ..host.clone() }, all);
                }
                if missing.is_false() {
                    return;
                }
                let elsewhere = Host { pc: missing, ..host };
                match model {
                    _ if self.facts.names_path_directories() => self.not_found_by_shell(case, &bin, elsewhere, all),
                    // Where PATH is not set, or names no directory, the shell looks elsewhere: what is told is told of the program on PATH.
                    Some(_) => self.runs_elsewhere(case, &bin, elsewhere, all),
                    None => self.runs(case, None, false, elsewhere, all),
                }
            }
        }
    }

    /// The shell looks for a program that is not on PATH. It says otherwise of a file that cannot be started than of none.
    fn not_found_by_shell(&mut self, case: &Case<'_>, bin: &str, host: Host, all: &mut Gathered) {
        let [nowhere, denied] = [127, 126].map(|status: u8| self.known_text(&status.to_string()));
        let (code, says) = if self.is_surely_nowhere(bin, &host) {
            (nowhere, "127")
        } else {
            let stands = self.fresh("the file may not be started");
            (self.dds.ite(stands, denied, nowhere), "127, or 126")
        };
        if case.contract.yields == Yields::Status {
            return self.gather_next(all, Some(host), code);
        }
        let says = format!("`{bin}` is not on PATH: the shell ends with status {says}");
        let why = Why { code: Some(code), ..Why::new(ErrorKind::ShellExitNonzero, says) };
        let why = why.about(Some(About::Bin(bin.to_owned())));
        let fails = host.pc;
        let next = self.fail_then(host, fails, &why, all, |this, mut host| {
            this.put_bin_of(bin, &mut host);
            host
        });
        let value = self.fresh_text(PRINTED);
        self.gather_next(all, next, value);
    }

    /// Whether in no directory on PATH there is anything of that name.
    fn is_surely_nowhere(&mut self, bin: &str, host: &Host) -> bool {
        let Some(dirs) = self.facts.path_directories() else { return false };
        !self.names.any_linked()
            && dirs.iter().all(|dir| {
                let entry = self.entry(host, &path::join(dir, bin));
                let there = self.where_cell(entry, |cell| !matches!(cell, Cell::Absent));
                !self.may_meet_link(host, dir, true) && self.dds.and(host.pc, there).is_false()
            })
    }

    /// A line is given to the shell, and nobody waits for it: from now on its changes may come at any time.
    pub(crate) fn program_beside(&mut self, case: &Case<'_>, host: Host, all: &mut Gathered) {
        let mut host = host;
        let told = match self.told_of_line(case) {
            Told::All(model) => Some(model),
            Told::Starts(bin, model) => {
                let found = self.on_path(&host, &bin);
                model.filter(|_| self.dds.minus(host.pc, found).is_false())
            }
            Told::Nothing | Told::GoesOn => None,
        };
        let told = told.filter(|model| !model.status_only);
        self.goes_on_beside(case, told, &mut host);
        let value = self.known_text("");
        self.gather_next(all, Some(host), value);
    }

    /// From now on changes of a program may come at any time: those that are told, or all that it can make.
    fn goes_on_beside(&mut self, case: &Case<'_>, told: Option<ProgramFact>, host: &mut Host) {
        let told = told.and_then(|model| self.places_of(case, &model, host));
        let packages = told.is_none();
        let roots = match told {
            Some(places) => {
                places.iter().for_each(|place| self.scramble(host, place));
                places
            }
            None => self.frame_left_unknown(case, host),
        };
        if !roots.is_empty() {
            let bins = roots.iter().any(|root| self.holds_programs(root, host));
            let unsteady = Unsteady { bins, packages, ..Unsteady::beneath(&roots) };
            let workplace = case.paths.first().cloned().unwrap_or_else(|| "/".to_owned());
            self.has_company(unsteady, workplace);
        }
    }

    /// The places that a program of which all is told may change, where no link can make them others.
    fn places_of(&mut self, case: &Case<'_>, model: &ProgramFact, host: &Host) -> Option<Vec<String>> {
        if self.may_manage_packages(case) {
            return None;
        }
        if model.effects.is_empty() {
            return Some(Vec::new());
        }
        if self.names.any_linked() || !self.no_links(host) {
            return None;
        }
        let cwd = self.workplace(case)?;
        let texts = model.effects.iter().map(|effect| {
            let (EffectFact::Write(text, _) | EffectFact::MakeDir(text) | EffectFact::Remove(text)) = effect;
            path::clean(&cwd, text)
        });
        texts.collect()
    }

    fn told_of_line(&mut self, case: &Case<'_>) -> Told {
        let line = case.line.map_or(Known::Unknown, |at| self.known_operand(case, at));
        let Some(line) = line.text() else {
            self.consulted.is_not_clear(Oracle::Programs);
            return Told::Nothing;
        };
        if !self.is_looked_up_alike(case) {
            return Told::Nothing;
        }
        if let Some(usual) = always(line, &plain_words(line)) {
            return Told::All(usual);
        }
        // Of one program with its words it is said what that does if it is there.
        if let Some(words) = started_by_line(line) {
            let bin = words.first().cloned().unwrap_or_default();
            let told = self.told_of(&bin, &words);
            return Told::Starts(bin, told);
        }
        self.consulted.asks(Oracle::Programs, line);
        match self.told_under(line) {
            Some(fact) => Told::All(fact),
            None if Line::read(line).leaves_running(line) => Told::GoesOn,
            None => Told::Nothing,
        }
    }

    /// Whether the shell looks for programs where perch does, and is told nothing that decides what it starts.
    fn is_looked_up_alike(&self, case: &Case<'_>) -> bool {
        let decides = |name: &str| match hidden::as_variable(name).or_else(|| hidden::as_taken(name)) {
            Some(variable) => is_decisive(variable),
            // One of which only that is known that it is a variable may be any.
            None => is_decisive(name) || hidden::is_environment(name),
        };
        let own = case.frame.bindings.keys().any(|name| decides(name));
        let line = case.line.map_or(Known::Unknown, |at| self.known_operand(case, at));
        let effect = Effect::Shell { line, cwd: Known::Unknown };
        let hands_on = match self.policy.decide(&case.cx.bounds, effect) {
            Decision::Allowed(permit) => permit.hands_on("PATH"),
            Decision::Denied(_) | Decision::Depends { .. } => false,
        };
        !own && hands_on
    }

    /// Where a started program works: a cleaned text.
    pub(crate) fn workplace(&self, case: &Case<'_>) -> Option<String> {
        let cwd = self.names.absolute(case.cwd);
        match case.contract.paths.first().map(|used| used.from) {
            Some(PathFrom::Operand(at)) => {
                let Known::Text(text) = self.known_operand(case, at) else { return None };
                let cwd = cwd.as_deref().or_else(|| text.starts_with('/').then_some("/"))?;
                path::clean(cwd, &text)
            }
            _ => cwd,
        }
    }
}
