//! What a primitive asks the policy, for each path that it may be about.

use std::borrow::Cow;

use perch_diagram::{Dd, Leaf};
use perch_engine::flows::hidden;
use perch_engine::{Context, Frame, Outcome};
use perch_ops::contract::{Ask, End, PathFrom, PathUse, Yields};
use perch_ops::{Contract, ErrorKind, Primitive};
use perch_policy::{Axis, Bounds, Decision, Denial, Effect, Known, Met, Rule, path};

use crate::Symbolic;
use crate::host::Host;
use crate::record::About;
use crate::shown::cut;

use super::{Case, Gathered, PathText, Why};

/// Targets longer than this are not written out.
const MAX_TARGET: usize = 120;

/// The program, or the line for the shell, that would be started, if it is known.
fn started(effect: &Effect) -> Option<String> {
    match effect {
        Effect::Exec { bin: known, .. } | Effect::Shell { line: known, .. } => known.text().map(str::to_owned),
        _ => None,
    }
}

impl Symbolic {
    /// Asks the policy for an op with a program: texts only, nothing of the host.
    pub(crate) fn ask_policy(
        &mut self,
        cx: &Context,
        asks: &'static [Ask],
        operands: &[Dd],
        frame: &Frame<Dd>,
        host: Host,
    ) -> Outcome<Self> {
        let contract = Contract { asks, paths: OPERANDS, ..perch_ops::contract::contract(Primitive::Print) };
        let named = asks.iter().filter_map(path_of).max().map_or(0, |last| last + 1);
        let contract = Contract { paths: &contract.paths[..named.min(operands.len()).min(OPERANDS.len())], ..contract };
        let mut all = Gathered::default();
        // Of a program that is started, each word decides.
        let like = if asks.contains(&Ask::Start) { Primitive::Spawn } else { Primitive::Print };
        for (chosen, cwd, when) in self.choices(&contract, like, operands, frame.cwd, host.pc) {
            let host = Host { pc: when, ..host.clone() };
            let mut case = Case {
                cx,
                primitive: like,
                contract: &contract,
                operands,
                frame,
                chosen,
                cwd,
                paths: Vec::new(),
                hidden: false,
                unseen: Dd::FALSE,
                line: None,
                made: None,
            };
            let Some((texts, Some(host))) = self.path_texts(&case, host, &mut all) else { continue };
            let known: Vec<Known> = texts.iter().map(PathText::known).collect();
            let asked = self.asks(&mut case, &known, host, &mut all);
            let value = self.known_text("");
            self.gather_next(&mut all, asked, value);
        }
        self.outcome(all)
    }

    /// The questions of the contract, on the paths as written or as redirected by links.
    pub(super) fn asks(
        &mut self,
        case: &mut Case<'_>,
        paths: &[Known],
        host: Host,
        all: &mut Gathered,
    ) -> Option<Host> {
        let mut host = host;
        for ask in case.contract.asks {
            host = self.ask_one(case, *ask, paths, host, all)?;
        }
        Some(host)
    }

    pub(super) fn ask_one(
        &mut self,
        case: &mut Case<'_>,
        ask: Ask,
        paths: &[Known],
        host: Host,
        all: &mut Gathered,
    ) -> Option<Host> {
        let at = |at: usize| paths.get(at).cloned().unwrap_or(Known::Unknown);
        let effect = match ask {
            Ask::Op => Effect::Op(case.cx.op),
            Ask::Look(path) => Effect::Look(at(path)),
            Ask::Read(path) => Effect::Read(at(path)),
            Ask::Write(path) => Effect::Write(at(path)),
            Ask::Delete(path) => Effect::Delete(at(path)),
            Ask::Start => self.start_effect(case),
            Ask::Shell(line) => Effect::Shell { line: self.known_operand(case, line), cwd: at(0) },
            Ask::Helper(name) => Effect::Exec { bin: Known::Text(name.to_owned()), argv: Vec::new() },
            Ask::ReadEnv => Effect::ReadEnv(self.known_operand(case, 0)),
            Ask::WriteEnv => Effect::WriteEnv(self.known_operand(case, 0)),
            Ask::Host(host, port) => self.connect_effect(case, host, port),
            Ask::Url(url) => self.request_effect(case, url),
            Ask::Network => Effect::Network,
            Ask::HostFact => Effect::HostFact,
            Ask::Output => Effect::Output,
        };
        // What is about to be made is its maker's.
        if let (Some(_), Effect::Write(Known::Text(path))) = (case.made, &effect) {
            self.temporaries.push(path.clone());
        }
        match ask {
            Ask::Look(_) => self.look(case, (ask, effect), host, all),
            Ask::ReadEnv => self.ask_for_variable(case, effect, host, all),
            Ask::Shell(_) => {
                let files = self.policy.files_of_line(&case.cx.bounds, &effect);
                let host = self.ask_of(case, (ask, effect), host, all)?;
                self.ask_behind_links(case.cx, &files, host, all)
            }
            _ => self.ask_of(case, (ask, effect), host, all),
        }
    }

    /// Asks for an effect that is called by what the op says of it.
    fn ask_of(
        &mut self,
        case: &Case<'_>,
        (ask, effect): (Ask, Effect),
        host: Host,
        all: &mut Gathered,
    ) -> Option<Host> {
        let starts = started(&effect);
        match self.policy.decide_with(&case.cx.bounds, &self.temporaries, effect) {
            Decision::Depends { on, then } => {
                let target = self.target_of(case, ask);
                self.depends(case.cx, (on, then, &target), Dd::TRUE, host, all)
            }
            Decision::Allowed(_) => Some(host),
            Decision::Denied(denial) => {
                starts.iter().for_each(|line| self.consulted.is_kept_from(line));
                self.denied(case.cx, &denial, Dd::TRUE, host, all)
            }
        }
    }

    /// What is asked about, as the op says it.
    fn target_of(&self, case: &Case<'_>, ask: Ask) -> String {
        let named = |operands: &mut dyn Iterator<Item = Option<Leaf>>| {
            let shown: Vec<String> = operands.flatten().map(|leaf| self.names.shown(leaf)).collect();
            (!shown.is_empty()).then(|| format!("`{}`", cut(shown.join(" "), MAX_TARGET)))
        };
        let operand = |at: usize| named(&mut std::iter::once(case.chosen.get(at).copied().flatten()));
        let (target, otherwise) = match ask {
            Ask::Look(at) | Ask::Read(at) | Ask::Write(at) | Ask::Delete(at) => {
                match case.contract.paths.get(at).map(|path| path.from) {
                    Some(PathFrom::Operand(at)) => (operand(at), "the path"),
                    Some(PathFrom::Cwd) => (None, "the working directory"),
                    _ => (None, "the path"),
                }
            }
            Ask::Start => (named(&mut case.chosen.iter().copied()), "the program"),
            Ask::Shell(line) => (operand(line), "the line"),
            Ask::ReadEnv | Ask::WriteEnv => (operand(0), "the variable"),
            Ask::Host(host, _) => (operand(host), "the host"),
            Ask::Url(url) => (operand(url), "the host"),
            Ask::Op | Ask::Helper(_) | Ask::Network | Ask::HostFact | Ask::Output => (None, "the target"),
        };
        target.unwrap_or_else(|| otherwise.to_owned())
    }

    /// Asks for an effect on the runs on which `when` holds.
    pub(crate) fn ask_when(
        &mut self,
        cx: &Context,
        effect: Effect,
        when: Dd,
        host: Host,
        all: &mut Gathered,
    ) -> Option<Host> {
        match self.policy.decide_with(&cx.bounds, &self.temporaries, effect) {
            Decision::Allowed(_) => Some(host),
            Decision::Denied(denial) => self.denied(cx, &denial, when, host, all),
            Decision::Depends { on, then } => self.depends(cx, (on, then, "the target"), when, host, all),
        }
    }

    /// Some rules may deny it, as the target is not known; one does if they do not.
    fn depends(
        &mut self,
        cx: &Context,
        (on, then, target): (Vec<Rule>, Option<Denial>, &str),
        when: Dd,
        host: Host,
        all: &mut Gathered,
    ) -> Option<Host> {
        let mut host = host;
        for rule in on {
            host = self.perhaps_denied(rule, target, when, host, all)?;
        }
        match then {
            Some(denial) => self.denied(cx, &denial, when, host, all),
            None => Some(host),
        }
    }

    /// Asks about wherever links may lead from files that the shell opens for a line.
    fn ask_behind_links(&mut self, cx: &Context, files: &[Effect], host: Host, all: &mut Gathered) -> Option<Host> {
        if files.is_empty() || self.no_links(&host) {
            return Some(host);
        }
        let mut rules = Vec::new();
        for file in files {
            let anywhere = match file {
                Effect::Read(_) => Effect::Read(Known::Unknown),
                _ => Effect::Write(Known::Unknown),
            };
            match self.policy.decide_with(&cx.bounds, &self.temporaries, anywhere) {
                Decision::Allowed(_) => {}
                Decision::Denied(denial) => rules.push(denial.rule),
                Decision::Depends { on, then } => rules.extend(on.into_iter().chain(then.map(|denial| denial.rule))),
            }
        }
        rules.sort_unstable();
        rules.dedup();
        let mut host = host;
        for rule in rules {
            host = self.perhaps_denied(rule, "where a link leads that the line opens", Dd::TRUE, host, all)?;
        }
        Some(host)
    }

    fn denied(&mut self, cx: &Context, denial: &Denial, when: Dd, host: Host, all: &mut Gathered) -> Option<Host> {
        self.consulted.meets(denial.rule);
        let why = Why::new(denial.rule.into(), denial.sentence(cx.inside.unwrap_or(cx.op), Met::Simulating));
        let why = why.about(Some(About::Rule(denial.rule, denial.known_target().map(Cow::into_owned))));
        self.fail(host, when, &why, all)
    }

    fn perhaps_denied(&mut self, rule: Rule, target: &str, when: Dd, host: Host, all: &mut Gathered) -> Option<Host> {
        let says = format!("{} may not allow {target}, which is not known before the run", rule.shown());
        self.may_be_denied(rule, says, when, host, all)
    }

    /// Asks about wherever a server may lead, on the runs on which it leads somewhere.
    pub(super) fn ask_about_anybody(
        &mut self,
        cx: &Context,
        server: &str,
        when: Dd,
        host: Host,
        all: &mut Gathered,
    ) -> Option<Host> {
        let server = server.replace('`', "\"");
        let anybody = || Effect::Connect { host: Known::Unknown, port: Known::Unknown, web: true };
        let Decision::Depends { on, then: None } = self.policy.decide(&cx.bounds, anybody()) else {
            return self.ask_when(cx, anybody(), when, host, all);
        };
        let elsewhere = format!("where the server at {server} redirects to");
        let mut host = host;
        for rule in on {
            host = match rule {
                Rule::List(_, Axis::Hosts) => {
                    let says = format!(
                        "server at {server} could redirect to any host; perch re-checks every redirect against the allowlist; this op succeeds if redirects stay within the allowlist or there are no redirects"
                    );
                    self.may_be_denied(rule, says, when, host, all)?
                }
                rule => self.perhaps_denied(rule, &elsewhere, when, host, all)?,
            };
        }
        Some(host)
    }

    fn may_be_denied(&mut self, rule: Rule, says: String, when: Dd, host: Host, all: &mut Gathered) -> Option<Host> {
        self.consulted.meets(rule);
        let denied = self.fresh("the target is outside the allowed ones");
        let denied = self.dds.and(when, denied);
        let why = Why::new(rule.into(), says);
        let why = why.about(Some(About::Rule(rule, None)));
        self.fail(host, denied, &why, all)
    }

    /// Asks whether a path may be looked at. Some who deny it hide what is there, the others fail the op.
    fn look(
        &mut self,
        case: &mut Case<'_>,
        (ask, effect): (Ask, Effect),
        host: Host,
        all: &mut Gathered,
    ) -> Option<Host> {
        // Where a link leads that is hidden nobody looks.
        if case.hidden {
            return Some(host);
        }
        let (on, denial) = match self.policy.decide_with(&case.cx.bounds, &self.temporaries, effect) {
            Decision::Allowed(_) => return Some(host),
            Decision::Denied(denial) => (Vec::new(), Some(denial)),
            Decision::Depends { on, then } => (on, then),
        };
        let mut host = host;
        // What may be hidden is not known, so that nothing is said of it anyway.
        for rule in on.into_iter().filter(|rule| !rule.hides()) {
            let target = self.target_of(case, ask);
            host = self.perhaps_denied(rule, &target, Dd::TRUE, host, all)?;
        }
        match denial {
            Some(denial) if !denial.rule.hides() => self.denied(case.cx, &denial, Dd::TRUE, host, all),
            denial => {
                denial.iter().for_each(|denial| self.consulted.meets(denial.rule));
                case.hidden |= denial.is_some();
                Some(host)
            }
        }
    }

    /// Asks for a variable of the host, where the program has not set one of that name itself.
    fn ask_for_variable(&mut self, case: &Case<'_>, effect: Effect, host: Host, all: &mut Gathered) -> Option<Host> {
        let own = self.names_own_variable(case);
        let unset = self.dds.not(own);
        self.ask_when(case.cx, effect, unset, host, all)
    }

    /// Where operand 0 names a variable that the program has set or taken away.
    fn names_own_variable(&mut self, case: &Case<'_>) -> Dd {
        match self.known_operand(case, 0) {
            Known::Text(name) => self.is_of_program(case.frame, &name),
            Known::Unknown if case.frame.bindings.keys().any(|name| hidden::is_environment(name)) => {
                self.fresh("it is a variable that the program has set")
            }
            Known::Unknown => Dd::FALSE,
        }
    }

    pub(super) fn start_effect(&self, case: &Case<'_>) -> Effect {
        let bin = match self.known_operand(case, 0) {
            Known::Text(bin) if bin.contains('/') => {
                let cwd = self.names.absolute(case.cwd);
                path::clean(cwd.as_deref().unwrap_or("/"), &bin).map_or(Known::Text(bin), Known::Text)
            }
            other => other,
        };
        let argv = (1..case.chosen.len()).map(|at| self.known_operand(case, at)).collect();
        Effect::Exec { bin, argv }
    }

    /// Asks the questions that concern one path, for another path that a link has led to.
    pub(super) fn ask_about(
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
    pub(crate) fn answers_anyway(&self, case: &Case<'_>) -> bool {
        matches!(case.contract.yields, Yields::KindName(_))
    }

    /// What an ask can raise when a link may lead anywhere.
    pub(super) fn possible_denials(&self, bounds: &Bounds, ask: Ask) -> Vec<ErrorKind> {
        let effect = match ask {
            Ask::Look(_) => Effect::Look(Known::Unknown),
            Ask::Read(_) => Effect::Read(Known::Unknown),
            Ask::Write(_) => Effect::Write(Known::Unknown),
            Ask::Delete(_) => Effect::Delete(Known::Unknown),
            _ => return Vec::new(),
        };
        let looks = matches!(ask, Ask::Look(_));
        let (on, denial) = match self.policy.decide(bounds, effect) {
            Decision::Allowed(_) => return Vec::new(),
            Decision::Denied(denial) => (Vec::new(), Some(denial)),
            Decision::Depends { on, then } => (on, then),
        };
        let rules = on.into_iter().chain(denial.map(|denial| denial.rule));
        rules.filter(|rule| !(looks && rule.hides())).map(ErrorKind::from).collect()
    }
}

/// Which path a question is about.
fn path_of(ask: &Ask) -> Option<usize> {
    match ask {
        Ask::Look(at) | Ask::Read(at) | Ask::Write(at) | Ask::Delete(at) => Some(*at),
        Ask::Op
        | Ask::Start
        | Ask::Shell(_)
        | Ask::Helper(_)
        | Ask::ReadEnv
        | Ask::WriteEnv
        | Ask::Host(..)
        | Ask::Url(_)
        | Ask::Network
        | Ask::HostFact
        | Ask::Output => None,
    }
}

/// The paths that an op with a program asks about are its operands.
const OPERANDS: &[PathUse] = &[
    PathUse { from: PathFrom::Operand(0), end: End::Followed },
    PathUse { from: PathFrom::Operand(1), end: End::Followed },
];
