//! Running a case.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use perch_diagram::DEFAULT_BUDGET;
use perch_differential::binary::{flags, traced};
use perch_differential::compare::{self, Judged};
use perch_differential::hosts::{Entry, read_back};
use perch_differential::real::RealRun;
use perch_differential::served;
use perch_simulate as simulate;

use crate::dry::Dry;
use crate::expected::Run;
use crate::model::Model;
use crate::page::{Case, HOME};
use crate::served::NO_PORT;
use crate::simulated::{FILE, Loaded};

/// Longer than any run of a page takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// The programs that runs need, and where they may happen.
#[derive(Clone, Copy, Debug)]
pub struct Place<'p> {
    /// `perch`.
    pub perch: &'p Path,
    /// The stand-in for programs.
    pub stub: &'p Path,
    /// A directory for this case alone, on the file system that has the stand-in.
    pub dir: &'p Path,
}

/// Runs a case as often as its page says; what does not hold.
///
/// # Errors
/// If the case cannot be run.
pub fn check(case: &Case, place: &Place<'_>) -> Result<Vec<String>, String> {
    let root = place.dir.join("of/u/w").to_string_lossy().into_owned();
    let case = case.moved_to(&root);
    let port = if case.is_served() { served::port(&root) } else { NO_PORT };
    let case = case.served_at(port);
    let files = place.dir.join("files");
    let mut texts = case.beside.iter().map(|(name, text)| (name.as_str(), text)).chain([(FILE, &case.program)]);
    let mut write = || texts.try_for_each(|(name, text)| fs::write(files.join(name), text));
    let prepared = fs::create_dir_all(&files).and_then(|()| write());
    prepared.map_err(|error| format!("{}: {error}", files.display()))?;
    let loaded = Loaded::of(&case, &root, &files.join(FILE).to_string_lossy())?;
    let mut run = loaded.simulate()?;
    let mut runs =
        Runs { judged: loaded.judged(&mut run), case: &case, place, root: &root, files, loaded: &loaded, run };
    let mut wrong = Vec::new();
    let mut left: Option<Model> = None;
    for (at, lines) in case.runs.iter().enumerate() {
        let expected = Run::parse(lines)?;
        let model = runs.model(&expected, left.take())?;
        let (found, after) = runs.check(&expected, model)?;
        wrong.extend(found.into_iter().map(|one| format!("run {}: {}", at + 1, one.replace(&root, HOME))));
        left = Some(after);
    }
    Ok(wrong)
}

struct Runs<'r> {
    case: &'r Case,
    loaded: &'r Loaded,
    place: &'r Place<'r>,
    root: &'r str,
    files: PathBuf,
    run: simulate::Run,
    judged: Vec<Judged>,
}

/// What can be seen of a run from outside.
struct Seen {
    status: u8,
    stdout: String,
    stderr: String,
    took: Duration,
}

impl Runs<'_> {
    /// The host of a run, built.
    fn model(&self, expected: &Run, left: Option<Model>) -> Result<Model, String> {
        if expected.again {
            return left.ok_or_else(|| "`again` without a run before".to_owned());
        }
        let home = self.files.join("home");
        let fresh = || {
            if home.exists() {
                fs::remove_dir_all(&home)?;
            }
            ["tmp", "config", "cache", "data"].iter().try_for_each(|name| fs::create_dir_all(home.join(name)))
        };
        let names = [
            ("HOME", ""),
            ("TMPDIR", "tmp"),
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_CACHE_HOME", "cache"),
            ("XDG_DATA_HOME", "data"),
        ];
        let private = names.map(|(name, dir)| (name.to_owned(), home.join(dir).to_string_lossy().into_owned()));
        let model = Model::of(&self.loaded.fixture, &expected.host, self.root, &private.into())?;
        fresh()
            .and_then(|()| model.build(self.place.stub))
            .map_err(|error| format!("the host cannot be built: {error}"))?;
        Ok(model)
    }

    /// What is wrong with one run, and what it leaves.
    fn check(&mut self, expected: &Run, model: Model) -> Result<(Vec<String>, Model), String> {
        let is_plain = expected.call.is_none() && !expected.again && !expected.interrupted;
        let told = if is_plain { self.told_before(&model)? } else { None };
        let seen = self.start(expected, &model).map_err(|error| format!("perch cannot be started: {error}"))?;
        let tree = read_back(self.root).map_err(|error| error.to_string())?;
        let mut wrong = self.surprises(expected, &seen);
        wrong.extend(told.into_iter().flat_map(|dry| self.contradicted(&dry, &seen)));
        wrong.extend(changes(&model.host.tree, &expected.changes, &tree));
        if is_plain {
            wrong.extend(self.contradictions(&model, &seen, &tree));
        }
        let mut after = model;
        after.host.tree = tree;
        Ok((wrong, after))
    }

    /// `perch` on the host of a run, as far as its first flags.
    fn perch(&self, model: &Model) -> Command {
        let mut process = Command::new(self.place.perch);
        process.args(flags(&self.loaded.policy)).env_clear().envs(&model.host.env).current_dir(&model.host.cwd);
        process
    }

    /// The words of the command line.
    fn words(&self, process: &mut Command, call: Option<&Vec<String>>) {
        process.arg("-f").arg(self.files.join(FILE));
        match call {
            Some(words) => process.args(words),
            None => process.arg(&self.loaded.command.name).args(self.case.words().unwrap_or_default()),
        };
    }

    /// What a dry run says on the host, if it can be said of this command. It changes nothing.
    fn told_before(&self, model: &Model) -> Result<Option<Dry>, String> {
        let mut process = self.perch(model);
        process.args(["--dry-run", "--json"]).stdin(Stdio::null());
        self.words(&mut process, None);
        let done = process.output().map_err(|error| format!("perch cannot be started: {error}"))?;
        let tree = read_back(self.root).map_err(|error| error.to_string())?;
        let changed = changes(&model.host.tree, &BTreeMap::new(), &tree);
        if !changed.is_empty() {
            return Err(format!("the dry run has changed something: {}", changed.join("; ")));
        }
        match done.status.code() {
            Some(0 | 1) => Dry::read(&String::from_utf8_lossy(&done.stdout)).map(Some),
            // Then it cannot be run either.
            _ => Ok(None),
        }
    }

    /// What a run contradicts of what was said before.
    fn contradicted(&self, dry: &Dry, seen: &Seen) -> Vec<String> {
        let traced = fs::read_to_string(self.files.join("trace")).map_err(|error| error.to_string());
        match traced.and_then(|text| traced::read(&text)) {
            Ok(traced) => dry.contradictions(&traced.visits, seen.status),
            Err(message) => vec![format!("no trace: {message}; {}", seen.stderr)],
        }
    }

    fn start(&self, expected: &Run, model: &Model) -> io::Result<Seen> {
        let file = |name: &str| self.files.join(name);
        let mut process = self.perch(model);
        process.arg(format!("--trace={}", file("trace").display())).args(["--trace-format", "json"]);
        self.words(&mut process, expected.call.as_ref());
        process.stdin(Stdio::null()).stdout(File::create(file("out"))?).stderr(File::create(file("err"))?);
        drop(fs::remove_file(file("trace")));
        let start = Instant::now();
        let status = patiently(process.spawn()?)?;
        let took = start.elapsed();
        let text = |name| fs::read(file(name)).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        Ok(Seen { status: code(status), stdout: text("out")?, stderr: text("err")?, took })
    }

    /// What is not as expected.
    fn surprises(&self, expected: &Run, seen: &Seen) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut differ = |what: &str, wanted: String, found: String| {
            if wanted != found {
                wrong.push(format!("{what}: wanted {wanted}, found {found}"));
            }
        };
        let out: String = expected.out.iter().flat_map(|line| [line, "\n"]).collect();
        differ("printed", format!("{out:?}"), format!("{:?}", seen.stdout));
        let (kind, line) = told(&seen.stderr).unwrap_or_default();
        differ("fails", expected.fails.map_or("", |(kind, _)| kind.name()).to_owned(), kind);
        if let Some((_, Some(at))) = expected.fails {
            differ("fails at line", at.to_string(), line);
        }
        differ("exit status", expected.status().to_string(), seen.status.to_string());
        for part in &expected.err {
            if !seen.stderr.contains(part) {
                wrong.push(format!("standard error: wanted `{part}`, found {:?}", seen.stderr));
            }
        }
        if expected.takes.0.is_some_and(|least| seen.took < least)
            || expected.takes.1.is_some_and(|most| seen.took > most)
        {
            wrong.push(format!("it took {:?}", seen.took));
        }
        wrong
    }

    /// What of the report, or of the diagrams behind it, the run contradicts.
    fn contradictions(&mut self, model: &Model, seen: &Seen, tree: &BTreeMap<String, Entry>) -> Vec<String> {
        let traced = fs::read_to_string(self.files.join("trace")).map_err(|error| error.to_string());
        let traced = match traced.and_then(|text| traced::read(&text)) {
            Ok(traced) => traced,
            Err(message) => return vec![format!("no trace: {message}; {}", seen.stderr)],
        };
        let (stdout, tree) = (seen.stdout.clone(), tree.clone());
        let real = RealRun {
            visits: traced.visits,
            ending: traced.ending,
            status: seen.status,
            stdout,
            stderr: None,
            tree,
            kept_waiting: false,
        };
        let draft = self.run.domain.dds.draft(DEFAULT_BUDGET);
        let comparison = compare::compare(&mut self.run, &self.judged, &model.host, &real);
        if !self.run.domain.dds.discard(draft) {
            return vec!["the comparison is over its budget".to_owned()];
        }
        comparison.contradictions.iter().map(|one| format!("the report is contradicted: {one}")).collect()
    }
}

/// Waits for the end, for as long as is reasonable.
fn patiently(mut child: Child) -> io::Result<ExitStatus> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if start.elapsed() > PATIENCE {
            child.kill()?;
            return child.wait();
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// As a shell tells it.
fn code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX)
}

/// Kind and line of the failure that perch tells of.
fn told(stderr: &str) -> Option<(String, String)> {
    let field = |name: &str| stderr.lines().find_map(|line| line.strip_prefix("  ")?.strip_prefix(name)).map(str::trim);
    let line = field("at").and_then(|at| at.split(' ').next()?.rsplit(':').nth(1));
    Some((field("kind")?.to_owned(), line.unwrap_or("nowhere").to_owned()))
}

/// What stands where it should not, or not where it should.
fn changes(
    before: &BTreeMap<String, Entry>,
    expected: &BTreeMap<String, Option<Entry>>,
    after: &BTreeMap<String, Entry>,
) -> Vec<String> {
    let wanted = |path: &String| expected.get(path).map_or(before.get(path), Option::as_ref);
    let mut paths: Vec<&String> = before.keys().chain(expected.keys()).chain(after.keys()).collect();
    paths.sort();
    paths.dedup();
    let differs = |path: &String| {
        let (wanted, found) = (wanted(path), after.get(path));
        (wanted != found).then(|| format!("{path}: wanted {wanted:?}, found {found:?}"))
    };
    paths.into_iter().filter_map(differs).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kind_and_line_are_read() {
        let said = "↪ gone\n  kind  file_not_found\n  at    /t/case.perch:12:5  read_file conf\n";
        assert_eq!((told(said), told("")), (Some(("file_not_found".to_owned(), "12".to_owned())), None));
    }

    #[test]
    fn what_is_not_said_to_change_must_stay() {
        let file = |text: &str| Entry::File { content: text.to_owned() };
        let tree = |entries: &[(&str, Entry)]| entries.iter().map(|(at, is)| ((*at).to_owned(), is.clone())).collect();
        let before: BTreeMap<String, Entry> = tree(&[("/w", Entry::Dir), ("/w/a", file("1"))]);
        let gone = BTreeMap::from([("/w/a".to_owned(), None)]);
        let after: BTreeMap<String, Entry> = tree(&[("/w", Entry::Dir)]);
        assert!(changes(&before, &gone, &after).is_empty());
        assert_eq!(changes(&before, &BTreeMap::new(), &after).len(), 1);
        assert_eq!(changes(&before, &gone, &before).len(), 1);
    }
}
