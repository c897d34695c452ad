//! Started programs, the environment, and what of time no fixture tells.
//!
//! Programs that run at once do what they do in any order: in every step the [`Tape`](super::Tape) says which of them goes on. How long a program
//! takes is not told either, so where somebody looks at what a deadline does to it, one may come first, in the middle of what it does.

use std::sync::Arc;

use perch_engine::Context;
use perch_engine::domain::Stage;
use perch_engine::flows::hidden;
use perch_fixtures::{EffectFact, ExecFact, MkdirFact, RemoveFact, WriteFact};
use perch_ops::ErrorKind;
use perch_ops::contract::LOOKS_THROUGH;
use perch_ops::duration::nanoseconds;
use perch_policy::shell::Line;
use perch_policy::{Effect, Known, path};
use perch_symbolic::facts::{self, ProgramFact};
use perch_symbolic::lines::{BUILTINS, always};

use super::{Content, Done, Epoch, Halt, Imagined, Job, Kind, Standing, Start};

/// A program that has been started.
struct Running<'j> {
    job: &'j Job<'j>,
    /// Where it runs.
    cwd: String,
    /// What is known of it.
    model: Option<ProgramFact>,
    /// Steps that it has gone.
    gone: usize,
    /// What nobody knew that it would come to.
    came_to: Option<(ExecFact, Epoch)>,
}

impl Running<'_> {
    /// Changes that it makes; all at once, if it may change anything.
    fn steps(&self) -> usize {
        self.model.as_ref().map_or(1, |model| model.effects.len())
    }
}

impl Imagined<'_> {
    pub(super) fn variable_of(&mut self, name: &str) -> Option<String> {
        let facts = &self.universe.facts;
        if let Some(value) = facts.env.get(name) {
            return Some(value.clone());
        }
        if let Some(known) = self.env.get(name) {
            return known.clone();
        }
        let must = facts.env_set.contains(name);
        let may = facts.may_be_set(name) && !name.is_empty() && !name.contains(['=', '\0']);
        let set = must || (may && self.tape.choose(2) == 0);
        let value = set.then(|| self.some_text());
        // These a host that is built has of its own.
        self.unreal |= matches!(name, "PATH" | "HOME");
        self.env.insert(name.to_owned(), value.clone());
        value
    }

    pub(super) fn has_bin(&mut self, name: &str) -> bool {
        let facts = &self.universe.facts;
        // A path to a program: none of the files of these hosts can be started.
        if name.is_empty() || name.contains(['/', '\0']) {
            return false;
        }
        if let Some(later) = self.bins_later.as_mut().filter(|_| !perch_ops::manages(name)) {
            // No host can be made that has other programs then.
            self.unreal = true;
            let chosen = || self.tape.choose(2) == 0;
            return *later.entry(name.to_owned()).or_insert_with(chosen);
        }
        let stated = facts.bins.get(name).copied().or(facts.bins_closed.then_some(false));
        if let Some(there) = stated.or_else(|| self.bins.get(name).copied()) {
            return there;
        }
        let there = self.tape.choose(2) == 0;
        self.bins.insert(name.to_owned(), there);
        there
    }

    /// Where a program is that is there.
    pub(super) fn where_bin_is(&mut self, name: &str) -> Option<String> {
        let on_path = self.universe.facts.env.get("PATH").and_then(|dirs| dirs.split(':').next().map(str::to_owned));
        self.has_bin(name).then(|| {
            self.unreal |= on_path.is_none();
            path::join(&on_path.unwrap_or_else(|| "/usr/bin".to_owned()), name)
        })
    }

    /// The value of a variable for the program.
    pub(super) fn seen_variable(&mut self, job: &Job<'_>) -> Done<Option<String>> {
        let name = job.text(0);
        if let Some(own) = job.frame.bindings.get(hidden::variable(name).as_str()) {
            return Ok(Some(own.to_string()));
        }
        if job.frame.bindings.contains_key(hidden::taken(name).as_str()) {
            return Ok(None);
        }
        self.permit(Effect::ReadEnv(Known::Text(name.to_owned())))?;
        Ok(self.variable_of(name))
    }

    pub(super) fn permitted(&self, job: &Job<'_>) -> Done<()> {
        let called = job.text(0);
        let bin = called.contains('/').then(|| path::clean(job.cwd, called)).flatten();
        let bin = Known::Text(bin.unwrap_or_else(|| called.to_owned()));
        let argv = job.operands.iter().skip(1).map(|word| Known::Text(word.to_string())).collect();
        self.permit(Effect::Exec { bin, argv })
    }

    /// Where the program runs, if it is there.
    fn found(&mut self, job: &Job<'_>) -> Done {
        let cwd = self.go(job.cwd, true, &[])?;
        cwd.directory()?;
        if self.has_bin(job.text(0)) { Ok(cwd.resolved) } else { Err(ErrorKind::BinNotFound.into()) }
    }

    pub(super) fn spawn(&mut self, job: &Job<'_>) -> Done {
        self.permitted(job)?;
        let cwd = self.found(job)?;
        let ends = self.at_once(job.observed, vec![self.started(job, cwd)])?;
        ends.into_iter().next().unwrap_or_else(|| Ok(String::new()))
    }

    /// A line for the shell. How it ended, with its status if it is not that of success.
    pub(super) fn shell(&mut self, job: &Job<'_>, at: usize, cwd: &str) -> Done {
        self.may_give_line(job, at, cwd)?;
        let place = self.go(cwd, true, &[])?;
        place.directory()?;
        let line = job.text(at).to_owned();
        let words: Vec<Arc<str>> = words_of(&line);
        let job = Job { operands: &words, cwd, ..*job };
        let model = self.told_of_line(&line, &words);
        let starts = model.is_none() && is_program(&words);
        if starts && !self.has_bin(job.text(0)) {
            return Err(Halt { code: "127".to_owned(), ..ErrorKind::ShellExitNonzero.into() });
        }
        let running = match model {
            Some(model) => Running { job: &job, cwd: place.resolved, model: Some(model), gone: 0, came_to: None },
            None if starts => self.started(&job, place.resolved),
            None => Running { job: &job, cwd: place.resolved, model: None, gone: 0, came_to: None },
        };
        // What the shell does by itself is no start of a program.
        let (noted, name) = (self.starts.clone(), job.text(0).to_owned());
        let ends = self.at_once(job.observed, vec![running])?;
        if !starts {
            self.starts = noted;
            self.unreal |= !name.is_empty() && model_is_open(&line, &words);
        }
        ends.into_iter().next().unwrap_or_else(|| Ok(String::new()))
    }

    /// The status of a line, whatever it is.
    pub(super) fn shell_status(&mut self, job: &Job<'_>) -> Done {
        match self.shell(job, 0, job.cwd) {
            Ok(_) => Ok("0".to_owned()),
            Err(halt) if halt.kind == ErrorKind::ShellExitNonzero => Ok(halt.code),
            Err(halt) if halt.kind == ErrorKind::ShellSignalKilled => Ok("137".to_owned()),
            Err(halt) => Err(halt),
        }
    }

    /// A line that nobody waits for: here it has done nothing when the run ends, or all at once.
    pub(super) fn shell_detached(&mut self, job: &Job<'_>) -> Done {
        self.may_give_line(job, 0, job.cwd)?;
        let place = self.go(job.cwd, true, &[])?;
        place.directory()?;
        self.unreal = true;
        if self.tape.choose(2) == 0 {
            let deadlines = std::mem::take(&mut self.deadlines);
            let done = self.shell(&Job { observed: false, captured: false, ..*job }, 0, job.cwd);
            self.deadlines = deadlines;
            drop(done);
        }
        Ok(String::new())
    }

    fn may_give_line(&self, job: &Job<'_>, at: usize, cwd: &str) -> Done<()> {
        let [line, cwd] = [job.text(at), cwd].map(|text| Known::Text(text.to_owned()));
        self.permit(Effect::Shell { line, cwd })
    }

    fn told_of_line(&self, line: &str, words: &[Arc<str>]) -> Option<ProgramFact> {
        let words: Vec<String> = words.iter().map(ToString::to_string).collect();
        let of_line = || self.universe.facts.programs.get(line).cloned();
        always(line, &words).or_else(|| if is_program(&words) { None } else { of_line() })
    }

    /// The programs that run are looked through by a program, which no host of these has.
    pub(super) fn look_through(&mut self) -> Done<()> {
        self.permit(Effect::Exec { bin: Known::Text(LOOKS_THROUGH.to_owned()), argv: Vec::new() })?;
        if self.has_bin(LOOKS_THROUGH) { Ok(()) } else { Err(ErrorKind::BinNotFound.into()) }
    }

    /// All are permitted, then all are found, then all run; the first failure counts, unless nobody has read on.
    pub(super) fn stages(&mut self, cx: &Context, stages: &[Stage<Arc<str>>]) -> Done {
        self.bounds = cx.bounds.clone();
        let node = self.open.last().cloned().unwrap_or_default();
        let jobs: Vec<Job<'_>> = stages.iter().map(|stage| Job::new(cx, &stage.words, &stage.frame, &node)).collect();
        jobs.iter().try_for_each(|job| self.permitted(job))?;
        let places = jobs.iter().map(|job| self.found(job)).collect::<Done<Vec<String>>>()?;
        let running = jobs.iter().zip(places).map(|(job, cwd)| self.started(job, cwd)).collect();
        let mut first = None;
        let mut printed = String::new();
        for (at, end) in self.at_once(cx.observed, running)?.into_iter().enumerate() {
            let last = at + 1 == stages.len();
            match end {
                Ok(text) => printed = text,
                Err(halt) if !last && halt.kind == ErrorKind::ShellSignalKilled => {}
                Err(halt) => first = first.or(Some(halt)),
            }
        }
        first.map_or(Ok(printed), Err)
    }

    fn started<'j>(&self, job: &'j Job<'j>, cwd: String) -> Running<'j> {
        let words: Vec<&str> = job.operands.iter().map(|word| &**word).collect();
        let programs = &self.universe.facts.programs;
        let of_any = || programs.get(&format!("{} *", job.text(0)));
        let model = programs.get(&words.join(" ")).or_else(of_any).cloned();
        Running { job, cwd, model: model.or_else(|| usual(&words)), gone: 0, came_to: None }
    }

    /// Lets programs run at once until all have ended, unless a deadline comes first.
    fn at_once(&mut self, observed: bool, mut running: Vec<Running<'_>>) -> Done<Vec<Done>> {
        let steps: usize = running.iter().map(Running::steps).sum();
        let stopped = if self.meets_deadline(observed, 0) { Some(self.tape.choose(steps + 1)) } else { None };
        for step in 0.. {
            if stopped == Some(step) {
                return Err(self.late());
            }
            let mut ready: Vec<&mut Running<'_>> = running.iter_mut().filter(|one| one.gone < one.steps()).collect();
            // In which order it really happens is nobody's choice.
            self.unreal |= ready.len() > 1;
            let next = self.tape.choose(ready.len());
            let Some(one) = ready.get_mut(next) else { break };
            self.goes_on(one);
        }
        Ok(running.into_iter().map(|one| self.ended(one)).collect())
    }

    fn goes_on(&mut self, one: &mut Running<'_>) {
        match one.model.as_ref().map(|model| model.effects.get(one.gone).cloned()) {
            Some(effect) => effect.iter().for_each(|effect| self.effect(effect, &one.cwd)),
            None => one.came_to = Some(self.anything(one.job, &one.cwd)),
        }
        one.gone += 1;
    }

    fn ended(&mut self, one: Running<'_>) -> Done {
        let (fact, epoch) = match (one.came_to, &one.model) {
            (Some((fact, epoch)), _) => (fact, Some(epoch)),
            (None, model) => (model.as_ref().map(fact_of).unwrap_or_default(), None),
        };
        let (status, stdout) = (fact.status, fact.stdout.clone());
        self.starts.entry(one.job.text(0).to_owned()).or_default().push(Start { fact, epoch });
        match status {
            0 => Ok(stdout.trim_end_matches('\n').to_owned()),
            KILLED => Err(ErrorKind::ShellSignalKilled.into()),
            status => Err(Halt { code: status.to_string(), ..ErrorKind::ShellExitNonzero.into() }),
        }
    }

    // ---- time --------------------------------------------------------------------------------------

    /// Nothing is known to take time but waits.
    pub(super) fn sleep(&mut self, observed: bool, length: &str) -> Done {
        let length = nanoseconds(length).ok_or(ErrorKind::InvalidArgument)?;
        if self.meets_deadline(observed, length) {
            return Err(self.late());
        }
        self.clock = self.clock.saturating_add(length);
        Ok(String::new())
    }

    /// Does a deadline come before something has ended that takes at least so long? Where nobody looks, it is taken for granted
    /// that none does for any other reason than that (verdicts §6, h). So it may be told.
    pub(super) fn meets_deadline(&mut self, observed: bool, at_least: u64) -> bool {
        let Some(first) = self.deadlines.iter().min() else { return false };
        if *first <= self.clock.saturating_add(at_least) {
            return true;
        }
        if !observed || self.universe.facts.in_time {
            return false;
        }
        self.unreal = true;
        self.tape.choose(2) == 1
    }

    pub(super) fn late(&mut self) -> Halt {
        let first = self.deadlines.iter().min();
        self.clock = first.map_or(self.clock, |first| self.clock.max(*first));
        ErrorKind::TimeoutExceeded.into()
    }

    // ---- what programs do --------------------------------------------------------------------------

    /// A program of which nothing is known.
    fn anything(&mut self, job: &Job<'_>, cwd: &str) -> (ExecFact, Epoch) {
        self.epoch += 1;
        let frame = self.frame(job, cwd);
        frame.iter().for_each(|root| self.scramble(root, cwd));
        let must = self.universe.succeeds.contains(job.node);
        let status = if must { 0 } else { [0, 1, KILLED][self.tape.choose(3)] };
        self.unreal |= status == KILLED;
        let stdout = if job.captured && status == 0 { self.some_text() } else { String::new() };
        self.unreal |= stdout.contains("..");
        (ExecFact { status, stdout, ..ExecFact::default() }, self.epoch)
    }

    /// What it may change: the paths that its words name, what is beneath its working directory, and where links in
    /// them lead.
    fn frame(&mut self, job: &Job<'_>, cwd: &str) -> Vec<String> {
        let mut todo = vec![cwd.to_owned()];
        for word in job.operands.iter().skip(1) {
            let mut texts = vec![&**word];
            texts.extend(word.match_indices(['=', ':', ',']).map(|(at, _)| &word[at + 1..]));
            texts.extend(word.find('/').map(|at| &word[at..]));
            for text in texts {
                todo.extend([cwd, job.cwd].iter().filter_map(|base| path::clean(base, text)));
            }
        }
        let mut frame: Vec<String> = Vec::new();
        while let Some(root) = todo.pop() {
            if frame.contains(&root) {
                continue;
            }
            frame.push(root.clone());
            let links: Vec<String> = self
                .entries
                .iter()
                .filter(|(path, entry)| path::within(path, &root) && matches!(entry, Standing::Link(_)))
                .map(|(path, _)| path.clone())
                .collect();
            for path in links.iter().chain([&root]) {
                todo.extend(self.go(path, true, &[]).ok().map(|place| place.resolved));
            }
        }
        let outermost = |root: &&String| !frame.iter().any(|other| other != *root && path::within(root, other));
        frame.iter().filter(outermost).cloned().collect()
    }

    /// Whatever is at the path and beneath may be anything now; the working directory stays.
    fn scramble(&mut self, root: &str, cwd: &str) {
        let within = |path: &&String| path::within(path, root);
        let old: Vec<String> = self.entries.keys().filter(within).cloned().collect();
        for path in old {
            if let Some(standing) = self.entries.get(&path) {
                self.before.insert((self.epoch, path), standing.clone());
            }
        }
        if root != "/" && self.standing(path::parent(root)) != Standing::Dir {
            return;
        }
        self.forget(root);
        for dir in path::ancestors(cwd).chain([cwd]).filter(|dir| path::within(dir, root)) {
            self.chosen.insert((self.epoch, dir.to_owned()), Kind::Dir);
        }
        self.entries.insert(root.to_owned(), Standing::Unseen((self.epoch, root.to_owned())));
    }

    /// One change by a program, where it can happen.
    fn effect(&mut self, effect: &facts::EffectFact, cwd: &str) {
        let (text, followed) = match effect {
            facts::EffectFact::Write(path, _) => (path, true),
            facts::EffectFact::MakeDir(path) | facts::EffectFact::Remove(path) => (path, false),
        };
        let Some(text) = path::clean(cwd, text) else { return };
        let Ok(place) = self.go(&text, followed, &[]) else { return };
        if place.obstacle.is_some() || place.resolved == "/" {
            return;
        }
        let at = &place.resolved;
        match (effect, &place.there) {
            (facts::EffectFact::Write(_, content), Standing::Absent | Standing::File(_)) => {
                self.put(at, Standing::File(Content::Is(content.clone())));
            }
            (facts::EffectFact::MakeDir(_), Standing::Absent) => self.put_dir(at),
            (facts::EffectFact::Remove(_), _) => self.remove(at),
            _ => {}
        }
    }
}

/// The words of a line of which the shell changes nothing.
fn words_of(line: &str) -> Vec<Arc<str>> {
    Line::read(line).plain().unwrap_or_default().into_iter().map(Into::into).collect()
}

/// Whether they are a program and its words, and no command of the shell itself.
fn is_program<W: AsRef<str>>(words: &[W]) -> bool {
    let name = words.first().map(AsRef::as_ref);
    name.is_some_and(|name| !BUILTINS.contains(&name) && !name.contains('/'))
}

/// Whether nobody knows what a line does that is no program.
fn model_is_open(line: &str, words: &[Arc<str>]) -> bool {
    let words: Vec<String> = words.iter().map(ToString::to_string).collect();
    always(line, &words).is_none()
}

/// What a program does that everybody knows. `echo` is told apart by shells and systems where it is given options or escapes.
fn usual(words: &[&str]) -> Option<ProgramFact> {
    let (name, rest) = words.split_first()?;
    let plain = !rest.first().is_some_and(|word| word.starts_with('-')) && !rest.iter().any(|word| word.contains('\\'));
    match *name {
        "true" => Some(ProgramFact::default()),
        "false" => Some(ProgramFact { status: 1, ..ProgramFact::default() }),
        "echo" if plain => Some(ProgramFact { stdout: rest.join(" "), ..ProgramFact::default() }),
        _ => None,
    }
}

/// Stands for a program that a signal ended.
const KILLED: u8 = 255;

fn fact_of(model: &ProgramFact) -> ExecFact {
    let effects = model.effects.iter().map(|effect| match effect.clone() {
        facts::EffectFact::Write(write, content) => EffectFact::Write(WriteFact { write, content }),
        facts::EffectFact::MakeDir(mkdir) => EffectFact::Mkdir(MkdirFact { mkdir }),
        facts::EffectFact::Remove(remove) => EffectFact::Remove(RemoveFact { remove }),
    });
    ExecFact {
        status: model.status,
        stdout: model.stdout.clone(),
        effects: effects.collect(),
        status_only: model.status_only,
    }
}
