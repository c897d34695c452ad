//! The policy of a run, and [`Policy::decide`].

use core::net::IpAddr;
use std::borrow::Cow;

use crate::bounds::{Axis, Bounds, By, Lists, OpClause};
use crate::net::{Host, Pattern, may_reach};
use crate::shell::{self, Line, Opened, Way};
use crate::{Effect, Known, Mask, Right, path};

/// What a run may do. Each axis narrows; a missing list does not restrict.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Policy {
    /// `--no-write`
    pub no_write: bool,
    /// `--no-subprocess`
    pub no_subprocess: bool,
    /// `--no-shell`
    pub no_shell: bool,
    /// `--no-shell-metachars`
    pub no_shell_metachars: bool,
    /// `--no-network`
    pub no_network: bool,
    /// `--allow-read`, cleaned. The write roots are read roots too.
    pub read_roots: Option<Vec<String>>,
    /// `--allow-write`, cleaned.
    pub write_roots: Option<Vec<String>>,
    /// `--allow-bin`: names, and cleaned paths.
    pub bins: Option<Vec<String>>,
    /// `--env`: names of variables.
    pub env: Option<Vec<String>>,
    /// `--allow-host`: as in [`Pattern`].
    pub hosts: Option<Vec<String>>,
    /// `--allow-private-ips`
    pub private_addresses: bool,
    /// How redirects are followed.
    pub redirects: Redirects,
    /// The run is a test.
    pub test: Option<Lists>,
}

/// How redirects are followed. The default follows five, and none from `https` to `http`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Redirects {
    /// `--max-redirects`; `--no-redirects` is none.
    pub most: u32,
    /// `--allow-scheme-downgrade`
    pub downgrade: bool,
}

impl Default for Redirects {
    fn default() -> Self {
        Self { most: 5, downgrade: false }
    }
}

/// Which restriction said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    /// `--no-write`
    NoWrite,
    /// `--no-shell`, or that tests may not
    NoShell(By),
    /// `--no-subprocess`
    NoSubprocess,
    /// `--no-network`
    NoNetwork,
    /// `--no-shell-metachars`, or the clause of that name
    NoMetachars(By),
    /// A right that was given up: by a `sandbox`, around or of the file, or by the command
    GivenUp(Right),
    /// `no_sudo`
    NoSudo,
    /// A clause about ops
    Op(OpClause),
    /// `pure`
    Pure(Axis),
    /// `private_ops`
    Private,
    /// A list
    List(By, Axis),
    /// `--ask`: the policy allows it, and the person who was asked does not. The right is that which it takes.
    Refused(Right),
    /// That variables are listed, and the system tells all of them to whoever reads there
    Environment(By),
    /// That addresses of private networks are refused
    PrivateAddress,
}

impl Rule {
    /// The flag, or what else a person would look at.
    #[must_use]
    pub fn flag(self) -> &'static str {
        match self {
            Self::NoWrite => "--no-write",
            Self::NoSubprocess => "--no-subprocess",
            Self::NoNetwork => "--no-network",
            Self::NoShell(By::Test) => "test_allow_shell",
            Self::NoShell(_) => "--no-shell",
            Self::NoMetachars(By::Flags) => "--no-shell-metachars",
            Self::NoMetachars(_) => "no_shell_metachars",
            Self::GivenUp(right) => right.flag(),
            Self::NoSudo => "no_sudo",
            Self::Op(clause) => clause.name(),
            Self::Pure(_) => "pure",
            Self::Private => "private_ops",
            Self::Refused(_) => "--ask",
            Self::PrivateAddress => "--allow-private-ips",
            Self::Environment(by) => Self::List(by, Axis::Env).flag(),
            Self::List(By::Flags, axis) => axis.flag(),
            Self::List(By::Test, axis) => axis.lifted(),
            Self::List(By::Manifest | By::Sandbox, axis) => axis.line(),
        }
    }

    /// What a person would look at, as part of a sentence.
    #[must_use]
    pub fn shown(self) -> String {
        match self {
            Self::Environment(by) => Self::List(by, Axis::Env).shown(),
            Self::List(By::Manifest, axis) => format!("`{}` of `requires`", axis.line()),
            Self::List(By::Sandbox, axis) => format!("`{}` of the file's `sandbox`", axis.clause()),
            Self::NoMetachars(By::Sandbox) | Self::NoSudo | Self::Op(_) => {
                format!("`{}` of the file's `sandbox`", self.flag())
            }
            Self::PrivateAddress => "the guard of private networks".to_owned(),
            rule => format!("`{}`", rule.flag()),
        }
    }

    /// Whether it denies by hiding: what may not be looked at is not there, which is no failure.
    #[must_use]
    pub fn hides(self) -> bool {
        matches!(self, Self::List(By::Flags | By::Sandbox, _))
    }
}

impl Axis {
    /// The flag with such a list.
    fn flag(self) -> &'static str {
        match self {
            Self::Read => "--allow-read",
            Self::Write => "--allow-write",
            Self::Bins => "--allow-bin",
            Self::Env => "--env",
            Self::Hosts => "--allow-host",
        }
    }

    /// The line of a test that lifts such a list.
    fn lifted(self) -> &'static str {
        match self {
            Self::Read | Self::Write => "test_allow_write",
            Self::Bins => "test_allow_subprocess",
            Self::Env => "test",
            Self::Hosts => "test_allow_network",
        }
    }

    /// The line of `requires` with such a list.
    fn line(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Bins => "bin",
            Self::Env => "env",
            Self::Hosts => "host",
        }
    }

    /// The clause of `sandbox` with such a list.
    fn clause(self) -> &'static str {
        match self {
            Self::Bins => "shell_bins",
            Self::Hosts => "net",
            axis => axis.line(),
        }
    }
}

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Denial {
    /// Which restriction said no.
    pub rule: Rule,
    /// The effect, for messages.
    pub effect: Effect,
    /// What is on the list that the effect is not on.
    pub listed: Vec<String>,
    /// Of a line for the shell: the program that is not on it, or what the shell opens for the line and may not.
    pub program: Option<String>,
}

/// Where a denial is met: on a report, the flags are those of the simulated run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Met {
    /// By a run.
    Running,
    /// By a simulation.
    Simulating,
}

impl Denial {
    /// The refusal of an op as a sentence.
    #[must_use]
    pub fn sentence(&self, op: &str, met: Met) -> String {
        if let Some(verb) = self.opening() {
            return self.of_opening(verb);
        }
        let (what, target) = self.target();
        let listed = if self.listed.is_empty() { "none".to_owned() } else { self.listed.join(", ") };
        match self.rule {
            Rule::NoShell(By::Test) => format!("op \"{op}\" gives a line to the shell, which tests may not"),
            Rule::NoWrite | Rule::NoSubprocess | Rule::NoNetwork | Rule::NoShell(_) => {
                format!("op \"{op}\" is disabled by {}", self.rule.flag())
            }
            Rule::NoMetachars(_) => {
                let found = self.line().and_then(shell::metachar).map_or("such a character", shell::shown);
                format!("the line for the shell holds `{found}`, which {} refuses", self.rule.shown())
            }
            Rule::List(..) if self.unclear_line().is_some() => {
                let line = self.unclear_line().unwrap_or_default();
                let why = unread(line);
                format!(
                    "what `{line}` would start cannot be told for certain{why}, and {} lists programs (there: {listed})",
                    self.rule.shown()
                )
            }
            Rule::NoSudo => match &self.program {
                Some(program) => format!("`{program}` raises privileges, which {} refuses", self.rule.shown()),
                None => {
                    let why = unread(&target);
                    format!(
                        "what `{target}` would start cannot be told for certain{why}, and {} looks at it",
                        self.rule.shown()
                    )
                }
            },
            Rule::Op(OpClause::Ops) => {
                format!(
                    "op \"{op}\" is not on the `ops` of the file's `sandbox`, neither by its name nor with all that it touches (there: {listed})"
                )
            }
            Rule::Op(OpClause::NoOp) => format!("op \"{op}\" is on the `no_op` of the file's `sandbox`"),
            Rule::Refused(_) => format!("op \"{op}\" {REFUSED}"),
            Rule::GivenUp(right) if met == Met::Simulating => {
                let flag = right.flag().replace('_', "-");
                format!("{} capability denied by sim --{flag} (within sandbox block)", right.name())
            }
            Rule::GivenUp(right) => {
                format!("op \"{op}\" is forbidden by the {} around it", given_up(right))
            }
            Rule::Pure(_) | Rule::Private => {
                format!("op \"{op}\" is forbidden by the `{}` around it", self.rule.flag())
            }
            Rule::Environment(_) => format!(
                "{what} \"{target}\" tells all variables of a program, and {} lists those that may be seen",
                self.rule.shown()
            ),
            Rule::PrivateAddress => format!(
                "{what} \"{target}\" is this machine or in a private network, which is refused without `--allow-private-ips`"
            ),
            Rule::List(By::Test, Axis::Hosts) => format!("op \"{op}\" uses the network, which tests may not"),
            Rule::List(By::Manifest, Axis::Hosts) if self.effect == Effect::Network => {
                format!("op \"{op}\" uses the network, and no `host` line of `requires` names a host")
            }
            Rule::List(_, Axis::Hosts) if self.effect == Effect::Network => {
                format!("op \"{op}\" uses the network, and {} names no host", self.rule.shown())
            }
            Rule::List(By::Manifest, axis) => {
                let line = axis.line();
                format!(
                    "{what} \"{target}\" is not declared: no `{line}` line of `requires` names it (there: {listed})"
                )
            }
            Rule::List(By::Test, Axis::Bins) => format!("op \"{op}\" starts a program, which tests may not"),
            Rule::List(By::Test, _) => {
                format!("{what} \"{target}\" is outside of the directory of the test (allowed: {listed})")
            }
            Rule::List(By::Sandbox, axis) => {
                let clause = axis.clause();
                format!("{what} \"{target}\" is not on the `{clause}` of the file's `sandbox` (there: {listed})")
            }
            Rule::List(By::Flags, Axis::Env) => match met {
                Met::Running => {
                    format!("env var ${{{target}}} is not in --env allowlist (declare with --env {target})")
                }
                Met::Simulating => {
                    format!("references ${{{target}}} but sim --env restricts host envs to {listed}")
                }
            },
            Rule::List(By::Flags, axis) => {
                let flag = match met {
                    Met::Running => axis.flag().to_owned(),
                    Met::Simulating => format!("sim {}", axis.flag()),
                };
                match axis {
                    Axis::Read | Axis::Write => {
                        format!("{what} \"{target}\" is outside {flag} roots (allowed: {listed})")
                    }
                    Axis::Bins | Axis::Env | Axis::Hosts => {
                        format!("{what} \"{target}\" not in {flag} allowlist (have: {listed})")
                    }
                }
            }
        }
    }

    /// What the shell would do by itself for a line, where that is what is refused.
    fn opening(&self) -> Option<&'static str> {
        if !matches!(self.effect, Effect::Shell { .. }) {
            return None;
        }
        Some(match self.rule {
            Rule::NoWrite | Rule::GivenUp(Right::Write) | Rule::Pure(Axis::Write) | Rule::List(_, Axis::Write) => {
                "writes"
            }
            Rule::Pure(Axis::Read) | Rule::List(_, Axis::Read) | Rule::Environment(_) => "reads",
            Rule::NoNetwork
            | Rule::GivenUp(Right::Network)
            | Rule::Pure(Axis::Hosts)
            | Rule::List(_, Axis::Hosts)
            | Rule::PrivateAddress => "talks to",
            _ => return None,
        })
    }

    fn of_opening(&self, verb: &str) -> String {
        let by = match self.rule {
            Rule::GivenUp(right) => format!("is forbidden by the {} around it", given_up(right)),
            rule => format!("{} does not allow", rule.shown()),
        };
        let listed =
            if self.listed.is_empty() { String::new() } else { format!(" (there: {})", self.listed.join(", ")) };
        match &self.program {
            Some(target) => format!("the line for the shell {verb} `{target}`, which {by}{listed}"),
            None => {
                let by = self.rule.shown();
                format!(
                    "what the line for the shell {verb} by itself cannot be told for certain, and {by} restricts it"
                )
            }
        }
    }

    fn line(&self) -> Option<&str> {
        match &self.effect {
            Effect::Shell { line, .. } => line.text(),
            _ => None,
        }
    }

    /// A line for the shell of which nobody can tell what it starts.
    fn unclear_line(&self) -> Option<&str> {
        self.line().filter(|_| self.program.is_none())
    }

    /// The path, program or name that was wanted, if it is known.
    #[must_use]
    pub fn known_target(&self) -> Option<Cow<'_, str>> {
        self.program.as_deref().map(Cow::Borrowed).or_else(|| self.wanted().1)
    }

    /// What was wanted, and of what, for sentences.
    fn target(&self) -> (&'static str, Cow<'_, str>) {
        if let Some(program) = &self.program {
            return ("shell binary", program.into());
        }
        let (what, target) = self.wanted();
        (what, target.unwrap_or(UNKNOWN.into()))
    }

    fn wanted(&self) -> (&'static str, Option<Cow<'_, str>>) {
        let (what, known) = match &self.effect {
            Effect::Look(path) | Effect::Read(path) => ("read path", path),
            Effect::Write(path) => ("write path", path),
            Effect::Delete(path) => ("delete path", path),
            Effect::Exec { bin, .. } => ("exec binary", bin),
            Effect::ReadEnv(name) | Effect::WriteEnv(name) => ("variable", name),
            Effect::Shell { line, .. } => ("shell line", line),
            Effect::Connect { host, port, web } => {
                let what = if *web { "HTTP host" } else { "host" };
                let listed = self.listed.iter().filter_map(|entry| Pattern::parse(entry));
                let mut ports = listed.filter(|entry| entry.port().is_some());
                // The port is told where it makes a difference.
                return match (host.text().map(|text| (text, Host::parse(text))), port.text()) {
                    (Some((text, Some(host))), Some(port))
                        if !port.is_empty() && ports.any(|entry| entry.means(&host)) =>
                    {
                        (what, Some(format!("{text}:{port}").into()))
                    }
                    (text, _) => (what, text.map(|(text, _)| text.into())),
                };
            }
            Effect::Op(op) => return ("op", Some((*op).into())),
            Effect::HostFact | Effect::Output | Effect::Store | Effect::Network => ("op", &Known::Unknown),
        };
        (what, known.text().map(Cow::Borrowed))
    }
}

/// What gives up a right: "`sandbox no_write` or the `read_only`".
fn given_up(right: Right) -> String {
    let clause = right.clause().map(|clause| format!(" or the `{clause}`")).unwrap_or_default();
    format!("`sandbox {}`{clause}", right.flag())
}

/// Why a line cannot be read, where whoever wrote it would not see it.
fn unread(line: &str) -> &'static str {
    match shell::is_foreign(line) {
        _ if shell::redirects(line) => " (of redirections, `>`, `>>`, `<` and `2>&1` are read)",
        true => {
            " (what is not ASCII belongs into single quotes, `'…'`: elsewhere, shells read parts of it in different ways)"
        }
        false => "",
    }
}

/// What is said of an op to which the answer was no.
pub const REFUSED: &str = "was refused when `--ask` asked";

/// How a text that is not known is shown.
const UNKNOWN: &str = "${…}";

/// Leave to do one effect. Only [`Policy::decide`] makes them; the host does nothing without one.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Permit {
    effect: Effect,
    bounds: Bounds,
    listed: bool,
    private_addresses: bool,
}

impl Permit {
    /// Whether the host that may be talked to may be talked to at that address.
    #[must_use]
    pub fn reaches(&self, address: IpAddr) -> bool {
        matches!(self.effect, Effect::Connect { .. }) && may_reach(self.private_addresses, address)
    }

    /// What is permitted.
    #[must_use]
    pub fn effect(&self) -> &Effect {
        &self.effect
    }

    /// Whether programs were compared with a list, so that nothing may stand in for one of them.
    #[must_use]
    pub fn is_listed(&self) -> bool {
        self.listed
    }

    /// Whether a list names the variable as one that the program whose start is permitted gets.
    #[must_use]
    pub fn names(&self, variable: &str) -> bool {
        self.bounds.names(variable)
    }

    /// Whether the program whose start is permitted gets to see that variable of the host.
    #[must_use]
    pub fn hands_on(&self, variable: &str) -> bool {
        self.bounds.hands_on(variable)
    }
}

/// What the policy says to an effect.
#[derive(Debug, PartialEq, Eq)]
pub enum Decision {
    /// Go ahead.
    Allowed(Permit),
    /// No.
    Denied(Denial),
    /// It depends on a text that is not known.
    Depends {
        /// These rules would look at it, one after the other.
        on: Vec<Rule>,
        /// If they all allow it, this one denies it all the same.
        then: Option<Denial>,
    },
}

/// What one rule says to an effect.
enum Says {
    Yes,
    No,
    Perhaps,
}

impl Policy {
    /// May this effect happen within these bounds? The first rule that denies it speaks for all.
    #[must_use]
    pub fn decide(&self, bounds: &Bounds, effect: Effect) -> Decision {
        self.decide_with(bounds, &[], effect)
    }

    /// The same in a run to which these paths belong: it has made what is there for itself.
    #[must_use]
    pub fn decide_with(&self, bounds: &Bounds, own: &[String], effect: Effect) -> Decision {
        if let Some(rule) = self.plain_rule(bounds.mask(), &effect) {
            return Decision::Denied(Denial { rule, effect, listed: Vec::new(), program: None });
        }
        if let Some((rule, listed)) = op_clause(bounds, &effect) {
            return Decision::Denied(Denial { rule, effect, listed, program: None });
        }
        let mut on = Vec::new();
        let raises = raises(bounds.mask(), &effect);
        let is_judged = raises.is_some();
        for (rule, says) in self.metachars(bounds.mask(), &effect).into_iter().chain(raises) {
            match says {
                Says::No if on.is_empty() => {
                    let program = raiser(&effect).filter(|_| rule == Rule::NoSudo);
                    return Decision::Denied(Denial { rule, effect, listed: Vec::new(), program });
                }
                Says::No | Says::Perhaps => on.push(rule),
                Says::Yes => {}
            }
        }
        let mut lists = self.lists(bounds, &effect);
        if is_own(own, &effect) {
            // A file that may write nowhere may not write this either.
            lists.retain(|(rule, list)| match rule {
                Rule::List(By::Manifest | By::Test, Axis::Read) => false,
                Rule::List(By::Manifest | By::Test, Axis::Write) => list.iter().all(Option::is_none),
                _ => true,
            });
        }
        let is_compared = !lists.is_empty();
        let listed = is_compared || is_judged;
        for (rule, list) in lists {
            match says(&list, &effect) {
                Says::Yes => {}
                Says::Perhaps => on.push(rule),
                Says::No => {
                    let listed = list.iter().map(|entry| entry.unwrap_or(UNKNOWN).to_owned()).collect();
                    let program = unlisted(&list, &effect);
                    let denial = Denial { rule, effect, listed, program };
                    return if on.is_empty() {
                        Decision::Denied(denial)
                    } else {
                        Decision::Depends { on, then: Some(denial) }
                    };
                }
            }
        }
        if is_compared && matches!(effect, Effect::Shell { .. }) {
            let (more, then) = self.opened(bounds, own, &effect);
            on.extend(more);
            match then {
                Some(denial) if on.is_empty() => return Decision::Denied(denial),
                Some(denial) => return Decision::Depends { on, then: Some(denial) },
                None => {}
            }
        }
        if let Some((rule, says)) = self.environment(bounds, &effect) {
            let denial = || Denial { rule, effect: effect.clone(), listed: Vec::new(), program: None };
            match says {
                Says::Yes => {}
                Says::Perhaps => on.push(rule),
                Says::No if on.is_empty() => return Decision::Denied(denial()),
                Says::No => return Decision::Depends { on, then: Some(denial()) },
            }
        }
        if let Some(says) = self.guard(&effect) {
            let denial =
                || Denial { rule: Rule::PrivateAddress, effect: effect.clone(), listed: Vec::new(), program: None };
            match says {
                Says::Yes => {}
                Says::Perhaps => on.push(Rule::PrivateAddress),
                Says::No if on.is_empty() => return Decision::Denied(denial()),
                Says::No => return Decision::Depends { on, then: Some(denial()) },
            }
        }
        if !on.is_empty() {
            return Decision::Depends { on, then: None };
        }
        let bounds = if effect.starts() { self.for_programs(bounds) } else { Bounds::default() };
        Decision::Allowed(Permit { effect, bounds, listed, private_addresses: self.private_addresses })
    }

    /// The files that the shell opens for a line, if they are restricted: where programs are listed, a line touches by itself what an op may, and nothing
    /// else. They have been asked about as they are written; links may lead elsewhere.
    #[must_use]
    pub fn files_of_line(&self, bounds: &Bounds, effect: &Effect) -> Vec<Effect> {
        let Effect::Shell { line: Known::Text(line), cwd } = effect else { return Vec::new() };
        if self.lists(bounds, effect).is_empty() {
            return Vec::new();
        }
        let opened = Line::read(line).opened(cwd).into_iter();
        opened.filter(|opened| matches!(opened, Opened::File(..))).flat_map(|opened| wanted(&opened)).collect()
    }

    /// What is said to what the shell opens for a line: what looks at it, and who denies it if they all allow it.
    fn opened(&self, bounds: &Bounds, own: &[String], effect: &Effect) -> (Vec<Rule>, Option<Denial>) {
        let mut on = Vec::new();
        let Effect::Shell { line, cwd } = effect else { return (on, None) };
        let Some(line) = line.text() else {
            // It may open anything.
            for wanted in [Way::Write, Way::Read].into_iter().flat_map(|way| wanted(&Opened::Untold(way))) {
                match self.decide_with(bounds, own, wanted) {
                    Decision::Allowed(_) => {}
                    Decision::Denied(denial) => on.push(denial.rule),
                    Decision::Depends { on: more, then } => {
                        on.extend(more.into_iter().chain(then.map(|denial| denial.rule)));
                    }
                }
            }
            on.sort_unstable();
            on.dedup();
            return (on, None);
        };
        for opened in Line::read(line).opened(cwd) {
            let target = match &opened {
                Opened::File(_, path) => path.text().map(str::to_owned),
                Opened::Host { host, port } => Some(format!("{host}:{port}")),
                Opened::Untold(_) => None,
            };
            let denial = |rule, listed| Denial { rule, effect: effect.clone(), listed, program: target.clone() };
            for wanted in wanted(&opened) {
                match self.decide_with(bounds, own, wanted) {
                    Decision::Allowed(_) => {}
                    Decision::Denied(denied) => return (on, Some(denial(denied.rule, denied.listed))),
                    Decision::Depends { on: more, then } if matches!(opened, Opened::Untold(_)) => {
                        // Where nothing restricts the network, nobody expects a connection.
                        let mut rules = more.into_iter().chain(then.map(|denied| denied.rule));
                        if let Some(rule) = rules.find(|rule| *rule != Rule::PrivateAddress) {
                            return (on, Some(denial(rule, Vec::new())));
                        }
                    }
                    Decision::Depends { on: more, then } => {
                        on.extend(more);
                        if let Some(denied) = then {
                            return (on, Some(denial(denied.rule, denied.listed)));
                        }
                    }
                }
            }
        }
        (on, None)
    }

    /// What a program is held to that is started within these bounds.
    fn for_programs(&self, bounds: &Bounds) -> Bounds {
        let Some(names) = &self.env else { return bounds.clone() };
        let names = names.iter().cloned().map(Known::Text).collect();
        bounds.and(&Lists { env: Some(names), ..Lists::open(By::Flags) }.into())
    }

    /// A rule that denies the effect, whatever it is about.
    fn plain_rule(&self, given_up: Mask, effect: &Effect) -> Option<Rule> {
        if let Some(right) = effect.rights().iter().copied().find(|right| given_up.denies(*right)) {
            let pure = axes(effect).first().filter(|_| given_up.is_pure()).copied().map(Rule::Pure);
            return Some(pure.unwrap_or(Rule::GivenUp(right)));
        }
        match effect {
            Effect::Look(_) | Effect::Read(_) | Effect::ReadEnv(_) | Effect::WriteEnv(_) if given_up.is_pure() => {
                axes(effect).first().copied().map(Rule::Pure)
            }
            // A fact of the machine is read, too.
            Effect::Op(_) => None,
            Effect::HostFact if given_up.is_pure() => Some(Rule::Pure(Axis::Read)),
            Effect::HostFact => given_up.is_private().then_some(Rule::Private),
            Effect::Write(_) | Effect::Delete(_) | Effect::Store => self.no_write.then_some(Rule::NoWrite),
            Effect::Exec { .. } => self.no_subprocess.then_some(Rule::NoSubprocess),
            Effect::Connect { .. } | Effect::Network => self.no_network.then_some(Rule::NoNetwork),
            Effect::Shell { .. } if self.no_shell => Some(Rule::NoShell(By::Flags)),
            Effect::Shell { .. } if self.no_subprocess => Some(Rule::NoSubprocess),
            Effect::Shell { .. } => {
                self.test.as_ref().is_some_and(|test| test.no_shell).then_some(Rule::NoShell(By::Test))
            }
            Effect::Look(_) | Effect::Read(_) | Effect::ReadEnv(_) | Effect::WriteEnv(_) | Effect::Output => None,
        }
    }

    /// What lists of variables say to reading what tells all of them.
    fn environment(&self, bounds: &Bounds, effect: &Effect) -> Option<(Rule, Says)> {
        let Effect::Read(path) = effect else { return None };
        let by_flags = self.env.is_some().then_some(By::Flags);
        let by = by_flags
            .or_else(|| bounds.lists().find(|lists| lists.allowed(Axis::Env).is_some()).map(|lists| lists.by))?;
        let says = match path.text() {
            None => Says::Perhaps,
            Some(path) if path::tells_variables(path) => Says::No,
            Some(_) => Says::Yes,
        };
        Some((Rule::Environment(by), says))
    }

    /// What the guard of private networks says to the effect as far as that is known without asking for addresses.
    fn guard(&self, effect: &Effect) -> Option<Says> {
        let Effect::Connect { host, .. } = effect else { return None };
        if self.private_addresses {
            return None;
        }
        Some(match host.text().map(Host::parse) {
            None => Says::Perhaps,
            Some(Some(host)) if !host.is_private() => Says::Yes,
            Some(_) => Says::No,
        })
    }

    /// What a rule against metacharacters says to the effect, if there is one.
    fn metachars(&self, given_up: Mask, effect: &Effect) -> Option<(Rule, Says)> {
        let Effect::Shell { line, .. } = effect else { return None };
        let by = if self.no_shell_metachars { By::Flags } else { By::Sandbox };
        if by == By::Sandbox && !given_up.is_unmixed() {
            return None;
        }
        let says = match line.text().map(shell::metachar) {
            None => Says::Perhaps,
            Some(None) => Says::Yes,
            Some(Some(_)) => Says::No,
        };
        Some((Rule::NoMetachars(by), says))
    }

    /// The lists that speak about the effect, in the order of [`By`].
    fn lists<'l>(&'l self, bounds: &'l Bounds, effect: &Effect) -> Vec<List<'l>> {
        let by_flags = axes(effect).iter().find_map(|axis| Some((Rule::List(By::Flags, *axis), self.listed(*axis)?)));
        let mut all: Vec<List<'l>> = by_flags.into_iter().collect();
        // What a test starts by way of the shell is up to whether it may use that.
        let test = self.test.iter().filter(|_| !matches!(effect, Effect::Shell { .. }));
        for lists in bounds.lists().chain(test) {
            let found = axes(effect).iter().find_map(|axis| {
                let allowed = lists.allowed(*axis)?.into_iter().map(Known::text).collect();
                Some((Rule::List(lists.by, *axis), allowed))
            });
            // The store is perch's own, and no line of a file could name it.
            all.extend(found.filter(|_| *effect != Effect::Store || lists.by != By::Manifest));
        }
        // What a program sets is no variable of the host, but a manifest names what programs that are started get to see.
        if matches!(effect, Effect::WriteEnv(_)) {
            all.retain(|(rule, _)| matches!(rule, Rule::List(By::Manifest, _)));
        }
        all.sort_by_key(|(rule, _)| *rule);
        all
    }

    /// What the flags list of an axis.
    fn listed(&self, axis: Axis) -> Option<Vec<Option<&str>>> {
        match axis {
            Axis::Read => Some([texts(&self.read_roots)?, texts(&self.write_roots).unwrap_or_default()].concat()),
            Axis::Write => texts(&self.write_roots),
            Axis::Bins => texts(&self.bins),
            Axis::Env => texts(&self.env),
            Axis::Hosts => texts(&self.hosts),
        }
    }
}

/// The texts of a list of flags.
fn texts(list: &Option<Vec<String>>) -> Option<Vec<Option<&str>>> {
    Some(list.as_ref()?.iter().map(|text| Some(text.as_str())).collect())
}

/// A list and its rule. What is not known of it is `None`.
type List<'l> = (Rule, Vec<Option<&'l str>>);

/// What lists about an effect are about: the first that there is speaks.
fn axes(effect: &Effect) -> &'static [Axis] {
    match effect {
        Effect::Look(_) | Effect::Read(_) => &[Axis::Read],
        Effect::Write(_) | Effect::Delete(_) => &[Axis::Write],
        Effect::Exec { .. } | Effect::Shell { .. } => &[Axis::Bins],
        Effect::ReadEnv(_) | Effect::WriteEnv(_) => &[Axis::Env],
        Effect::Connect { .. } | Effect::Network => &[Axis::Hosts],
        Effect::Store => &[Axis::Write, Axis::Read],
        Effect::Op(_) | Effect::HostFact | Effect::Output => &[],
    }
}

/// What the clauses about ops say to the effect, if they deny it, and what they name.
fn op_clause(bounds: &Bounds, effect: &Effect) -> Option<(Rule, Vec<String>)> {
    let Effect::Op(name) = effect else { return None };
    bounds.lists().filter_map(|lists| lists.ops.as_ref()).find_map(|ops| {
        let clause = *ops.denied.get(name)?;
        Some((Rule::Op(clause), ops.named(clause).to_vec()))
    })
}

/// Programs that start others with more rights than they were started with.
const RAISERS: [&str; 11] =
    ["doas", "gosu", "pkexec", "run0", "runas", "runuser", "setpriv", "su", "sudo", "sudoedit", "sudo-rs"];

/// Whether a program raises privileges, by its name wherever it stands.
fn is_raiser(program: &str) -> bool {
    let name = program.rsplit(['/', '\\']).next().unwrap_or(program).to_ascii_lowercase();
    RAISERS.contains(&name.strip_suffix(".exe").unwrap_or(&name))
}

/// What `no_sudo` says to the effect, if it holds.
fn raises(given_up: Mask, effect: &Effect) -> Option<(Rule, Says)> {
    let says = match effect {
        _ if !given_up.is_unraised() => return None,
        Effect::Exec { bin, .. } => match bin.text().map(is_raiser) {
            None => Says::Perhaps,
            Some(false) => Says::Yes,
            Some(true) => Says::No,
        },
        Effect::Shell { line, .. } => match line.text().map(|line| says_unraised(&Line::read(line))) {
            None => Says::Perhaps,
            Some(true) => Says::Yes,
            Some(false) => Says::No,
        },
        _ => return None,
    };
    Some((Rule::NoSudo, says))
}

/// Whether a line certainly starts nothing that raises privileges.
fn says_unraised(line: &Line) -> bool {
    line.programs().is_some_and(|programs| !programs.into_iter().any(is_raiser))
}

/// The program in what is started that raises privileges.
fn raiser(effect: &Effect) -> Option<String> {
    match effect {
        Effect::Exec { bin, .. } => bin.text().map(str::to_owned),
        Effect::Shell { line, .. } => {
            let line = Line::read(line.text()?);
            line.programs()?.into_iter().find(|program| is_raiser(program)).map(str::to_owned)
        }
        _ => None,
    }
}

/// Whether the effect is on something that belongs to the run.
fn is_own(own: &[String], effect: &Effect) -> bool {
    match effect {
        Effect::Look(path) | Effect::Read(path) | Effect::Write(path) | Effect::Delete(path) => {
            path.text().is_some_and(|path| own.iter().any(|root| path::within(path, root)))
        }
        _ => false,
    }
}

/// What a list says to an effect.
fn says(list: &[Option<&str>], effect: &Effect) -> Says {
    if let Effect::Shell { line, cwd } = effect {
        return says_to_line(list, line, cwd);
    }
    if let Effect::Connect { host, port, .. } = effect {
        return says_to_host(list, host, port);
    }
    if *effect == Effect::Network {
        // Whoever may talk to somebody may look at the network.
        return if list.iter().any(Option::is_some) { Says::Yes } else { perhaps(!list.is_empty()) };
    }
    let target = match effect {
        Effect::Look(path) | Effect::Read(path) | Effect::Write(path) | Effect::Delete(path) => path.text(),
        Effect::Exec { bin: name, .. } | Effect::ReadEnv(name) | Effect::WriteEnv(name) => name.text(),
        // It is outside of all roots but `/`.
        Effect::Store => Some("the store of cached blocks"),
        Effect::Shell { .. }
        | Effect::Connect { .. }
        | Effect::Network
        | Effect::HostFact
        | Effect::Output
        | Effect::Op(_) => None,
    };
    let by_root = !matches!(effect, Effect::Exec { .. } | Effect::ReadEnv(_) | Effect::WriteEnv(_));
    let Some(target) = target else {
        let all = by_root && list.contains(&Some("/"));
        return if all { Says::Yes } else { perhaps(!list.is_empty()) };
    };
    let covers = |entry: &str| if by_root { path::within(target, entry) } else { entry == target };
    if list.iter().flatten().any(|entry| covers(entry)) {
        return Says::Yes;
    }
    perhaps(*effect != Effect::Store && list.contains(&None))
}

/// What a list of hosts says to one of them. A lookup is for no port, and so for any.
fn says_to_host(list: &[Option<&str>], host: &Known, port: &Known) -> Says {
    let Some(host) = host.text() else { return perhaps(!list.is_empty()) };
    let Some(host) = Host::parse(host) else { return Says::No };
    let mut unclear = list.contains(&None);
    for entry in list.iter().flatten().filter_map(|entry| Pattern::parse(entry)).filter(|entry| entry.means(&host)) {
        match (entry.port(), port.text()) {
            (None, _) | (Some(_), Some("")) => return Says::Yes,
            (Some(_), None) => unclear = true,
            (Some(wanted), Some(port)) if port.parse() == Ok(wanted) => return Says::Yes,
            (Some(_), Some(_)) => {}
        }
    }
    perhaps(unclear)
}

/// What a list of programs says to a line for the shell: each that it would start must be on it.
fn says_to_line(list: &[Option<&str>], line: &Known, cwd: &Known) -> Says {
    // Commands of the shell itself are on no list.
    let Some(line) = line.text() else { return Says::Perhaps };
    let line = Line::read(line);
    let Some(programs) = line.programs() else { return Says::No };
    let mut all = Says::Yes;
    for program in programs {
        match placed(program, cwd) {
            Some(program) if list.contains(&Some(program.as_str())) => {}
            None => all = Says::Perhaps,
            Some(_) if list.contains(&None) => all = Says::Perhaps,
            Some(_) => return Says::No,
        }
    }
    all
}

/// A program of a line by the name by which it is listed: a path made absolute. `None`: that is not known.
fn placed(program: &str, cwd: &Known) -> Option<String> {
    if !program.contains('/') {
        return Some(program.to_owned());
    }
    let cwd = cwd.text().or_else(|| program.starts_with('/').then_some("/"))?;
    path::clean(cwd, program)
}

/// The first program of a line for the shell that is not on the list, as far as that can be told.
fn unlisted(list: &[Option<&str>], effect: &Effect) -> Option<String> {
    let Effect::Shell { line, cwd } = effect else { return None };
    let line = Line::read(line.text()?);
    let found = line
        .programs()?
        .into_iter()
        .find(|program| placed(program, cwd).is_none_or(|program| !list.contains(&Some(program.as_str()))));
    found.map(str::to_owned)
}

/// What opening something wants of the host. What the line does not say may be a connection, too.
fn wanted(opened: &Opened) -> Vec<Effect> {
    let file = |way: Way, path: Known| match way {
        Way::Read => Effect::Read(path),
        Way::Write => Effect::Write(path),
    };
    match opened {
        Opened::File(way, path) => vec![file(*way, path.clone())],
        Opened::Host { host, port } => {
            let [host, port] = [host, port].map(|text| Known::Text(text.clone()));
            vec![Effect::Connect { host, port, web: false }]
        }
        Opened::Untold(way) => {
            let connection = Effect::Connect { host: Known::Unknown, port: Known::Unknown, web: false };
            vec![file(*way, Known::Unknown), connection]
        }
    }
}

fn perhaps(perhaps: bool) -> Says {
    if perhaps { Says::Perhaps } else { Says::No }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Lists;

    fn path(text: &str) -> Known {
        Known::Text(text.to_owned())
    }

    fn allowed(policy: &Policy, effect: Effect) -> bool {
        matches!(policy.decide(&Bounds::default(), effect), Decision::Allowed(_))
    }

    #[test]
    fn what_a_run_has_made_for_itself_is_within_the_roots_of_its_file_and_of_no_flag() {
        let own = ["/tmp/mine".to_owned()];
        let lists = |by, write: &[&str]| {
            let write = write.iter().map(|root| path(root)).collect();
            Bounds::from(Lists { read: Some(Vec::new()), write: Some(write), ..Lists::open(by) })
        };
        let allowed = |bounds: &Bounds, effect| {
            matches!(Policy::default().decide_with(bounds, &own, effect), Decision::Allowed(_))
        };
        for effect in [Effect::Look, Effect::Read, Effect::Write, Effect::Delete] {
            for by in [By::Manifest, By::Test] {
                assert!(allowed(&lists(by, &["/w"]), effect(path("/tmp/mine/a"))));
                assert!(!allowed(&lists(by, &["/w"]), effect(path("/tmp/mine2"))));
                assert!(!allowed(&lists(by, &["/w"]), effect(path("/tmp"))));
            }
            assert!(!allowed(&lists(By::Sandbox, &["/w"]), effect(path("/tmp/mine"))));
            assert!(!allowed(&lists(By::Flags, &["/w"]), effect(path("/tmp/mine"))));
        }
        assert!(!allowed(&lists(By::Manifest, &[]), Effect::Write(path("/tmp/mine"))));
        let no_write = Policy { no_write: true, ..Policy::default() };
        assert!(matches!(
            no_write.decide_with(&Bounds::default(), &own, Effect::Write(path("/tmp/mine"))),
            Decision::Denied(_)
        ));
    }

    #[test]
    fn a_missing_list_allows_and_an_empty_one_does_not() {
        let open = Policy::default();
        assert!(allowed(&open, Effect::Write(Known::Unknown)));
        let closed = Policy { write_roots: Some(Vec::new()), ..Policy::default() };
        assert!(matches!(closed.decide(&Bounds::default(), Effect::Write(Known::Unknown)), Decision::Denied(_)));
    }

    #[test]
    fn a_write_root_is_a_read_root() {
        let policy =
            Policy { read_roots: Some(vec!["/r".into()]), write_roots: Some(vec!["/w".into()]), ..Policy::default() };
        assert!(allowed(&policy, Effect::Read(path("/w/x"))) && allowed(&policy, Effect::Read(path("/r"))));
        assert!(!allowed(&policy, Effect::Write(path("/r/x"))) && !allowed(&policy, Effect::Read(path("/rr"))));
    }

    #[test]
    fn an_unknown_target_depends_on_the_list() {
        let policy = Policy { bins: Some(vec!["git".into()]), ..Policy::default() };
        let exec = |bin| Effect::Exec { bin, argv: Vec::new() };
        assert!(
            matches!(policy.decide(&Bounds::default(), exec(Known::Unknown)), Decision::Depends { on, then: None } if on == [Rule::List(By::Flags, Axis::Bins)])
        );
        assert!(allowed(&policy, exec(path("git"))) && !allowed(&policy, exec(path("./git"))));
    }

    #[test]
    fn what_a_sandbox_takes_away_no_flag_gives_back() {
        let mask = Bounds::from(Mask::default().without(Right::Write));
        let policy = Policy { write_roots: Some(vec!["/w".into()]), ..Policy::default() };
        let Decision::Denied(denial) = policy.decide(&mask, Effect::Write(path("/w/x"))) else { panic!("allowed") };
        assert_eq!(denial.rule, Rule::GivenUp(Right::Write));
        assert!(matches!(policy.decide(&mask, Effect::Look(path("/w/x"))), Decision::Allowed(_)));
    }

    fn manifest(read: &[&str], write: &[&str], env: &[&str]) -> Bounds {
        let list = |texts: &[&str]| Some(texts.iter().map(|text| path(text)).collect());
        Lists {
            read: list(read),
            write: list(write),
            bins: list(&["git"]),
            env: list(env),
            ..Lists::open(By::Manifest)
        }
        .into()
    }

    fn denied_by(policy: &Policy, bounds: &Bounds, effect: Effect) -> Option<Rule> {
        match policy.decide(bounds, effect) {
            Decision::Denied(denial) => Some(denial.rule),
            _ => None,
        }
    }

    #[test]
    fn a_manifest_allows_what_it_names_and_nothing_else() {
        let (open, bounds) = (Policy::default(), manifest(&["/w/in"], &["/w/out"], &["HOME"]));
        let denied = |effect| denied_by(&open, &bounds, effect);
        let rule = |axis| Some(Rule::List(By::Manifest, axis));
        assert_eq!(denied(Effect::Read(path("/w/in/a"))), None);
        assert_eq!(denied(Effect::Look(path("/w/out"))), None);
        assert_eq!(denied(Effect::Look(path("/w/input"))), rule(Axis::Read));
        assert_eq!(denied(Effect::Write(path("/w/in/a"))), rule(Axis::Write));
        assert_eq!(denied(Effect::Exec { bin: path("/bin/git"), argv: Vec::new() }), rule(Axis::Bins));
        assert_eq!(
            (denied(Effect::ReadEnv(path("HOME"))), denied(Effect::ReadEnv(path("X")))),
            (None, rule(Axis::Env))
        );
        assert_eq!((denied(Effect::HostFact), denied(Effect::Output), denied(Effect::Store)), (None, None, None));
    }

    #[test]
    fn only_a_manifest_says_what_may_be_set() {
        let flags = Policy { env: Some(vec!["HOME".into()]), ..Policy::default() };
        let set = || Effect::WriteEnv(path("X"));
        assert_eq!(denied_by(&flags, &Bounds::default(), set()), None);
        let sandbox = Lists { env: Some(Vec::new()), ..Lists::open(By::Sandbox) };
        assert_eq!(denied_by(&flags, &sandbox.into(), set()), None);
        let bounds = manifest(&[], &[], &["Y"]);
        assert_eq!(denied_by(&flags, &bounds, set()), Some(Rule::List(By::Manifest, Axis::Env)));
        assert_eq!(denied_by(&flags, &bounds, Effect::WriteEnv(path("Y"))), None);
    }

    #[test]
    fn all_who_restrict_must_allow_and_the_manifest_speaks_first() {
        let policy = Policy { read_roots: Some(vec!["/w/in/a".into()]), ..Policy::default() };
        let sandbox = Lists { read: Some(vec![path("/w/in/a/b")]), ..Lists::open(By::Sandbox) };
        let bounds = Bounds::from(sandbox).and(&manifest(&["/w/in"], &[], &[]));
        let by = |text: &str| denied_by(&policy, &bounds, Effect::Read(path(text)));
        let rule = |by| Some(Rule::List(by, Axis::Read));
        assert_eq!(by("/w/in/a/b/c"), None);
        assert_eq!((by("/w"), by("/w/in"), by("/w/in/a")), (rule(By::Manifest), rule(By::Flags), rule(By::Sandbox)));
    }

    #[test]
    fn a_root_that_is_not_known_may_be_any() {
        let unknown = Lists { write: Some(vec![path("/a"), Known::Unknown]), ..Lists::open(By::Manifest) };
        let policy = Policy { write_roots: Some(vec!["/b".into()]), ..Policy::default() };
        let decide = |text: &str| policy.decide(&unknown.clone().into(), Effect::Write(path(text)));
        let on = vec![Rule::List(By::Manifest, Axis::Write)];
        assert_eq!(decide("/b/x"), Decision::Depends { on: on.clone(), then: None });
        let Decision::Depends { on: asked, then: Some(denial) } = decide("/c") else { panic!("{:?}", decide("/c")) };
        assert_eq!((asked, denial.rule), (on, Rule::List(By::Flags, Axis::Write)));
    }

    #[test]
    fn f19_where_variables_are_listed_they_are_not_read_elsewhere() {
        let says = |policy: &Policy, bounds: &Bounds, text: &str| denied_by(policy, bounds, Effect::Read(path(text)));
        let listed = Policy { env: Some(vec!["A".to_owned()]), ..Policy::default() };
        let open = Policy::default();
        let environ = "/proc/self/environ";
        assert_eq!(says(&listed, &Bounds::default(), environ), Some(Rule::Environment(By::Flags)));
        assert_eq!(says(&open, &manifest(&["/"], &["/"], &["A"]), environ), Some(Rule::Environment(By::Manifest)));
        assert_eq!(says(&open, &Bounds::default(), environ), None);
        assert_eq!(says(&listed, &Bounds::default(), "/proc/cpuinfo"), None);
    }

    #[test]
    fn what_the_shell_opens_is_asked_about_where_programs_are_listed() {
        let listed = Policy { bins: Some(Vec::new()), ..Policy::default() };
        let no_write = Policy { no_write: true, ..listed.clone() };
        let rooted = Policy { write_roots: Some(vec!["/w/out".into()]), ..listed.clone() };
        let offline = Policy { no_network: true, ..listed.clone() };
        let line = |text: &str| Effect::Shell { line: path(text), cwd: path("/w") };
        let by = |policy: &Policy, text: &str| denied_by(policy, &Bounds::default(), line(text));
        assert_eq!(by(&no_write, "echo x > out/a"), Some(Rule::NoWrite));
        assert_eq!((by(&no_write, "echo x >&2 2>/dev/null"), by(&no_write, "echo x < a")), (None, None));
        assert_eq!(by(&Policy { bins: None, ..no_write.clone() }, "echo x > out/a"), None);
        assert_eq!(
            (by(&rooted, "echo x > out/a"), by(&rooted, "echo > $X")),
            (None, Some(Rule::List(By::Flags, Axis::Write)))
        );
        assert_eq!(by(&rooted, "echo x > a"), Some(Rule::List(By::Flags, Axis::Write)));
        assert_eq!(by(&offline, "echo x > /dev/tcp/192.0.2.1/80"), Some(Rule::NoNetwork));
        assert_eq!(by(&listed, "echo x > /dev/tcp/127.0.0.1/80"), Some(Rule::PrivateAddress));
        assert_eq!((by(&listed, "echo x > $X"), by(&offline, "echo x > $X")), (None, Some(Rule::NoNetwork)));
        assert_eq!(
            denied_by(&Policy::default(), &manifest(&[], &[], &[]), line("echo > a")),
            Some(Rule::List(By::Manifest, Axis::Write))
        );
        let unknown = Effect::Shell { line: Known::Unknown, cwd: path("/w") };
        let Decision::Depends { on, then: None } = no_write.decide(&Bounds::default(), unknown) else {
            panic!("decided")
        };
        assert!(on.contains(&Rule::NoWrite) && on.contains(&Rule::List(By::Flags, Axis::Bins)));
        let Decision::Denied(denial) = rooted.decide(&Bounds::default(), line("echo > a")) else { panic!("allowed") };
        assert_eq!(
            denial.sentence("shell", Met::Running),
            "the line for the shell writes `/w/a`, which `--allow-write` does not allow (there: /w/out)"
        );
    }

    #[test]
    fn nothing_but_output_is_pure() {
        let (open, pure) = (Policy::default(), Bounds::from(Mask::pure()));
        for effect in [
            Effect::Look(path("/x")),
            Effect::Read(path("/x")),
            Effect::Write(path("/x")),
            Effect::ReadEnv(path("X")),
            Effect::WriteEnv(path("X")),
            Effect::Exec { bin: path("x"), argv: Vec::new() },
            Effect::Store,
            Effect::HostFact,
        ] {
            assert!(denied_by(&open, &pure, effect.clone()).is_some(), "{effect:?}");
        }
        assert_eq!(denied_by(&open, &pure, Effect::Output), None);
        assert_eq!(denied_by(&open, &Mask::private().into(), Effect::HostFact), Some(Rule::Private));
        assert_eq!(denied_by(&open, &Mask::private().into(), Effect::Read(path("/x"))), None);
    }
}
