//! `--dry-run`: what a command would do on this machine, from where it is called.
//!
//! It is a simulation like any other, on a host whose description is looked up: the command is simulated, what its run has come to hang on is looked
//! up, and so on until nothing more can be told. So only what matters is read, nothing is written or started, and the
//! policy of the run is asked before anything is looked at. What cannot be told remains unknown.

use std::collections::BTreeSet;
use std::sync::Arc;

use perch_concrete::facts::of_every_run;
use perch_fixtures::Fixture;
use perch_ir::{Command, Snapshot};
use perch_ops::pure::Clock;
use perch_ops::{FACTS, INNER_FACTS};
use perch_policy::{Bounds, Decision, Effect, Known, Permit, Policy, path};
use perch_simulate::exit::FailOn;
use perch_simulate::report::DEFAULT;
use perch_simulate::{Facts, Question, SYSTEMS_OWN, Sources, Stated, run};
use perch_system::look::{self, Held, Names, Stands, Step};
use perch_system::{Host, arch, os};

use super::cases::{Case, Start};
use super::flags::Beside;
use super::flags::Format;
use super::kept::Kept;
use super::{Job, reporting, shown};
use crate::cli::Limits;
use crate::report::Trouble;
use crate::stack;

/// So often the command is simulated at most. Each time, what it has come to hang on is looked up.
const MAX_ROUNDS: usize = 40;

/// So many paths and programs are looked up at most.
const MAX_LOOKED_UP: usize = 10_000;

/// Files that hold more bytes are not read.
const MAX_CONTENT: u64 = 1 << 20;

/// So many bytes of files are kept at most.
const MAX_CONTENTS: usize = 1 << 25;

/// So much of a point in time says which day it is: `2024-01-31`.
const DAY: usize = 10;

/// Directories with more entries are not listed.
const MAX_ENTRIES: usize = 400;

/// What is to be run, and how.
pub(crate) struct Call<'c> {
    pub(crate) command: &'c Arc<Command>,
    /// Its arguments by their names.
    pub(crate) given: Vec<(String, String)>,
    pub(crate) cwd: &'c str,
    pub(crate) policy: Policy,
    pub(crate) limits: &'c Limits,
    pub(crate) json: bool,
}

/// Says what the command would do; gives the exit status.
pub(crate) fn dry_run(program: &Snapshot, call: Call<'_>) -> Result<u8, Trouble> {
    let Call { command, given, cwd, policy, limits, json } = call;
    let mut here = Here { host: Host::real(), policy, facts: facts(cwd), asked: BTreeSet::new(), held: 0 };
    here.path(cwd);
    stack::big(|| {
        for _ in 0..MAX_ROUNDS {
            let run = run(program, command, here.facts.clone(), here.policy.clone(), &given);
            if !here.look_up(run.domain.questions()) {
                break;
            }
        }
    })?;
    let Here { policy, facts, .. } = here;
    let sources = Sources::of_this_host();
    let (fixture, allowed) = (Fixture::default(), policy.clone());
    let start = Start { fixture, allowed, facts, policy, sources, assumed_cwd: None };
    let jobs = vec![Job { command: Arc::clone(command), given }];
    let case = Case { name: DEFAULT.to_owned(), is_scenario: false, after: None, start, jobs, wanted: true };
    let how = (FailOn::default(), Beside::default());
    let report = reporting::report(program, &[case], limits, how, false, &mut Kept::default())?;
    shown(&report, if json { Format::Json } else { Format::Text })
}

/// What is known without looking anywhere.
fn facts(cwd: &str) -> Facts {
    let variable = |name: &str| std::env::var(name).ok();
    let facts_named = FACTS.iter().chain(INNER_FACTS).filter(|fact| fact.bound && !fact.of_program());
    let machine = facts_named.filter_map(|fact| Some((fact.name.to_owned(), of_every_run(variable, fact.name)?)));
    let mut facts = Facts {
        os: Some(os().to_owned()),
        arch: Some(arch().to_owned()),
        cwd: cwd.to_owned(),
        env_closed: true,
        machine: machine.collect(),
        clock: perch_system::now().get(..DAY).and_then(Clock::parse),
        looked_up: true,
        ..Facts::default()
    };
    for (name, value) in std::env::vars_os() {
        match (name.into_string(), value.into_string()) {
            (Ok(name), Ok(value)) => drop(facts.env.insert(name, value)),
            // What it is set to is no text.
            (Ok(name), Err(_)) => drop(facts.env_set.insert(name)),
            (Err(_), _) => {}
        }
    }
    for dir in path::ancestors(cwd).chain([cwd]) {
        facts.files.insert(dir.to_owned(), Stated::Dir { closed: false });
    }
    facts
}

/// This machine, and what has been found out about it.
struct Here {
    host: Host,
    policy: Policy,
    facts: Facts,
    /// What was asked, whether it could be told or not.
    asked: BTreeSet<Question>,
    /// How many bytes of files are kept.
    held: usize,
}

impl Here {
    /// Looks up what has not been asked before. True if something was told.
    fn look_up(&mut self, questions: BTreeSet<Question>) -> bool {
        let mut told = false;
        for question in questions {
            if self.asked.len() >= MAX_LOOKED_UP {
                return false;
            }
            if !self.asked.insert(question.clone()) {
                continue;
            }
            told |= match question {
                Question::Path(path) => self.path(&path),
                Question::Content(path) => self.content(&path),
                Question::Entries(dir) => self.entries(&dir),
                Question::Bin(name) => self.bin(name),
            };
        }
        told
    }

    /// The permit for an effect that nothing forbids.
    fn permit(&self, effect: Effect) -> Option<Permit> {
        match self.policy.decide(&Bounds::default(), effect) {
            Decision::Allowed(permit) => Some(permit),
            _ => None,
        }
    }

    fn path(&mut self, path: &str) -> bool {
        let Some(permit) = self.permit(Effect::Look(Known::Text(path.to_owned()))) else { return false };
        let steps = look::way(&permit);
        let mut told = false;
        for step in steps {
            told |= self.step(step);
        }
        told
    }

    /// Notes what stands at a path. True if that was not known.
    fn step(&mut self, step: Step) -> bool {
        let Step { path, stands, rights } = step;
        if is_of_this_process(&path) {
            return false;
        }
        let is_device = stands == Stands::Device;
        let is_special = is_device || stands == Stands::Special;
        let stated = match stands {
            _ if OF_THIS_RUN.contains(&path.as_str()) => Stated::LinkSomewhere,
            Stands::Nothing => Stated::Absent,
            Stands::File => Stated::File(None),
            Stands::Directory => Stated::Dir { closed: false },
            Stands::Link(target) => target.map_or(Stated::LinkSomewhere, Stated::Link),
            Stands::Device | Stands::Special => Stated::File(None),
        };
        if is_special || matches!(stated, Stated::File(_)) && is_made_up(&path) {
            self.facts.special.insert(path.clone());
        }
        if is_device {
            self.facts.devices.insert(path.clone());
        }
        let denied = &mut self.facts.denied;
        let sets = [
            (rights.read, &mut denied.read),
            (rights.write, &mut denied.write),
            (rights.pass, &mut denied.pass),
            (rights.replace, &mut denied.replace),
            (rights.own, &mut denied.own),
        ];
        for (_, set) in sets.into_iter().filter(|(granted, _)| !granted) {
            set.insert(path.clone());
        }
        let is_new = !self.facts.files.contains_key(&path);
        if is_new {
            self.facts.files.insert(path, stated);
        }
        is_new
    }

    fn content(&mut self, path: &str) -> bool {
        let Some(permit) = self.permit(Effect::Read(Known::Text(path.to_owned()))) else { return false };
        if self.facts.special.contains(path) || self.held > MAX_CONTENTS {
            return false;
        }
        let Some(Stated::File(content)) = self.facts.files.get_mut(path) else { return false };
        match look::content(&permit, MAX_CONTENT) {
            Held::Text(text) => {
                self.held += text.len();
                *content = Some(text);
            }
            Held::NoText => drop(self.facts.no_text.insert(path.to_owned())),
            Held::Unknown => return false,
        }
        true
    }

    fn entries(&mut self, dir: &str) -> bool {
        // Programs come and go.
        if dir == PROGRAMS || !matches!(self.facts.files.get(dir), Some(Stated::Dir { closed: false })) {
            return false;
        }
        let Some(permit) = self.permit(Effect::Read(Known::Text(dir.to_owned()))) else { return false };
        let names = match look::names(&permit, MAX_ENTRIES) {
            Names::All(names) => names,
            Names::NoText => {
                self.facts.nameless.insert(dir.to_owned());
                // What is said of it has changed.
                return true;
            }
            Names::Unknown => return false,
        };
        let paths: Vec<String> = names.iter().map(|name| path::join(dir, name)).collect();
        for path in &paths {
            let permit = self.permit(Effect::Look(Known::Text(path.clone())));
            if let Some(step) = permit.and_then(|permit| look::entry(&permit)) {
                self.step(step);
            }
        }
        // An entry of which nothing can be said is still one.
        if !paths.iter().all(|path| self.facts.files.contains_key(path)) {
            return false;
        }
        self.facts.files.insert(dir.to_owned(), Stated::Dir { closed: true });
        true
    }

    fn can_start(&self, path: &str) -> bool {
        self.permit(Effect::Read(Known::Text(path.to_owned()))).is_some_and(|permit| look::can_start(&permit))
    }

    fn bin(&mut self, name: String) -> bool {
        let Some(permit) = self.permit(Effect::HostFact) else { return false };
        let Ok(found) = self.host.program_path(&permit, &name) else { return false };
        // A link on PATH makes what it leads to a part of that.
        for dir in self.facts.path_directories().unwrap_or_default().iter().filter(|_| !name.contains('/')) {
            self.path(&path::join(dir, &name));
        }
        if found.as_deref().is_some_and(|path| !self.can_start(path)) {
            self.facts.doubtful.insert(name.clone());
        }
        self.facts.bins.insert(name, found.is_some());
        true
    }
}

/// Where the system tells of the programs that run.
const PROGRAMS: &str = "/proc";

/// What leads elsewhere for each program that asks, so that the run finds something else there than whoever looks beforehand.
const OF_THIS_RUN: [&str; 2] = ["/proc/self", "/proc/thread-self"];

/// Whether the system makes up what is read there, each time that it is read.
fn is_made_up(path: &str) -> bool {
    SYSTEMS_OWN.iter().any(|root| path::within(path, root))
}

/// Whether that is what the system tells of this process, which will not be that of the run.
fn is_of_this_process(path: &str) -> bool {
    let name = path::beneath(path, PROGRAMS).and_then(|below| below.split('/').next());
    name == Some(&std::process::id().to_string())
}
