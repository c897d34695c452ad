//! What the simulation says of a case.

use std::sync::Arc;

use perch_differential::compare::{self, Judged};
use perch_differential::triples::Flags;
use perch_engine::arguments;
use perch_fixtures::Fixture;
use perch_ir::files::{Files, Found};
use perch_ir::{Arg, Command, Database, Diagnostic, Program, Snapshot, SourceFile, Text};
use perch_policy::Policy;
use perch_simulate::report::{Child, CommandReport, Op};
use perch_simulate::{host, run, verdict};
use serde_json::{Map, Value, json};

use crate::expected::{About, Run, Verdict};
use crate::page::{Case, HOME};
use crate::served::NO_PORT;

/// What programs of pages are called.
pub const FILE: &str = "case.perch";

/// A case that can be simulated and run.
pub struct Loaded {
    /// Its program.
    pub program: Snapshot,
    /// Its command.
    pub command: Arc<Command>,
    /// What is known of the host.
    pub fixture: Fixture,
    /// What its ops may do.
    pub policy: Policy,
    /// Its arguments.
    given: Vec<(String, String)>,
}

/// Files beside a program, in its folder.
struct Beside<'c>(&'c [(String, String)]);

impl Files for Beside<'_> {
    fn find(&mut self, from: &str, path: &Text) -> Result<Found, String> {
        let name = path.as_literal().unwrap_or_default().trim_start_matches("./");
        let (name, text) = self.0.iter().find(|(other, _)| other == name).ok_or_else(|| format!("no file `{name}`"))?;
        let folder = from.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
        Ok(Found { path: folder + name, text: text.clone() })
    }
}

/// What is wrong with the program of a case.
fn diagnostics(case: &Case, file: &str) -> (Database, SourceFile, Vec<Diagnostic>) {
    let mut db = Database::default();
    let file = SourceFile::new(&db, file.to_owned(), case.program.clone());
    perch_ir::files::load(&mut db, file, &mut Beside(&case.beside));
    let found = perch_ir::diagnostics(&db, file).clone();
    (db, file, found)
}

/// The program of a case.
///
/// # Errors
/// If it does not load.
fn program(case: &Case, file: &str) -> Result<Snapshot, String> {
    let (db, file, found) = diagnostics(case, file);
    let errors: Vec<String> =
        found.iter().filter(|one| one.stops()).map(|one| format!("{}: {}", one.code, one.message)).collect();
    if errors.is_empty() { Ok(Snapshot::new(&db, file)) } else { Err(errors.join("\n")) }
}

impl Loaded {
    /// The command `main` of a case, or its first, started in that directory. The program is in a file of that name.
    ///
    /// # Errors
    /// If something of the case cannot be used.
    pub fn of(case: &Case, cwd: &str, file: &str) -> Result<Self, String> {
        let program = program(case, file)?;
        let first = || program.commands().first().map(|command| Arc::clone(command));
        let command = program.command("main").or_else(first).ok_or("no command")?;
        let fixture = match case.fixture.trim() {
            "" => Fixture::default(),
            text => Fixture::parse(text).map_err(|error| format!("fixture, {error}"))?,
        };
        let fixture = Fixture { cwd: Some(fixture.cwd.unwrap_or_else(|| cwd.to_owned())), ..fixture };
        let policy = host::both(host::policy_of(&fixture, cwd), flags(&case.flags)?.policy());
        let given = given(&command, &case.words()?)?;
        Ok(Self { program, command, fixture, policy, given })
    }

    /// Simulates it.
    ///
    /// # Errors
    /// If the fixture contradicts itself.
    pub fn simulate(&self) -> Result<perch_simulate::Run, String> {
        let cwd = self.fixture.cwd.as_deref().unwrap_or(HOME);
        let facts = host::facts_of(&self.fixture, cwd).map_err(|error| error.to_string())?;
        Ok(run(&self.program, &self.command, facts, self.policy.clone(), &self.given))
    }

    /// What is claimed of its nodes.
    pub fn judged(&self, run: &mut perch_simulate::Run) -> Vec<Judged> {
        let nodes = verdict::every_node(&self.program, run);
        compare::judge(run, nodes)
    }
}

/// Arguments that are required and not given stay unknown.
fn given(command: &Command, words: &[String]) -> Result<Vec<(String, String)>, String> {
    let optional = |arg: &Arg| Arg { absent: perch_ir::Absent::Empty, ..arg.clone() };
    let args: Vec<Arg> = command.args.iter().map(optional).collect();
    let words: Vec<Text> = words.iter().map(Text::literal).collect();
    let called = Command { args, ..command.clone() };
    let given = arguments::given_to(&called, &words).map_err(|wrong| format!("args: {wrong}"))?;
    Ok(given.literals(&called))
}

/// Policy flags as a person writes them: `--no-write --allow-bin=a,b`.
fn flags(text: &str) -> Result<Flags, String> {
    let mut object = Map::new();
    for word in text.split_whitespace() {
        let flag = word.strip_prefix("--").ok_or_else(|| format!("flags: `{word}` is none"))?;
        let (name, value) = match flag.split_once('=') {
            None => (flag, json!(true)),
            Some((name, list)) => (name, json!(list.split(',').filter(|one| !one.is_empty()).collect::<Vec<_>>())),
        };
        let name = match name {
            "allow-read" => "read".to_owned(),
            "allow-write" => "write".to_owned(),
            "allow-bin" => "bins".to_owned(),
            "allow-host" => "hosts".to_owned(),
            "allow-private-ips" => "private_addresses".to_owned(),
            other => other.replace('-', "_"),
        };
        object.insert(name, value);
    }
    serde_json::from_value(Value::Object(object)).map_err(|error| format!("flags: {error}"))
}

/// Checks the verdicts of a case; what does not hold.
#[must_use]
pub fn check(case: &Case) -> Vec<String> {
    let case = &case.served_at(NO_PORT);
    let report =
        Loaded::of(case, HOME, FILE).and_then(|loaded| Ok(verdict::report(&loaded.program, &mut loaded.simulate()?)));
    let report = match report {
        Ok(report) => report,
        Err(error) => return vec![format!("{}: {error}", case.name)],
    };
    if case.verdicts.is_empty() {
        return vec![format!("{}: no expectations", case.name)];
    }
    let wrong = case.verdicts.iter().filter_map(|line| wrong_verdict(&report, line));
    wrong.map(|wrong| format!("{}: {wrong}", case.name)).collect()
}

/// What is wrong with a line, which may be that it has been outdone.
fn wrong_verdict(report: &CommandReport, line: &str) -> Option<String> {
    let wanted = match Verdict::parse(line) {
        Ok(wanted) => wanted,
        Err(message) => return Some(message),
    };
    let found = match wanted.about {
        About::Command => vec![name_of(&report.verdict)],
        About::Statement(line, clause) => match find(&report.ops, line, clause) {
            Some(op) => vec![name_of(&op.verdict), name_of(&op.reach)],
            None => return Some(format!("wanted `{line}`, found nothing there")),
        },
    };
    if found.iter().zip(&wanted.words).all(|(found, wanted)| found == wanted) {
        return None;
    }
    let found = found.join(" ");
    if wanted.today && is_better(&found, &wanted.words) {
        return Some(format!("`{line}` is outdone: it is {found} now; make it a `must:`"));
    }
    Some(format!("wanted `{line}`, found `{found}`"))
}

/// Is something decided that was not?
fn is_better(found: &str, wanted: &[String]) -> bool {
    let open = |word: &&str| ["MIGHT_FAIL", "sometimes"].contains(word);
    found.split(' ').filter(open).count() < wanted.iter().map(String::as_str).filter(open).count()
}

/// As in the JSON report.
fn name_of(word: &impl serde::Serialize) -> String {
    let value = serde_json::to_value(word).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

/// The first statement that starts on a line, or clause of it, through calls.
fn find(ops: &[Op], line: u32, clause: Option<u32>) -> Option<&Op> {
    let fits = |op: &Op| {
        let own = op.id.rsplit('>').next().unwrap_or_default();
        op.line == line && own.split_once('/').map(|(_, k)| k) == clause.map(|k| k.to_string()).as_deref()
    };
    ops.iter().find_map(|op| if fits(op) { Some(op) } else { find_child(&op.children, line, clause) })
}

fn find_child(children: &[Child], line: u32, clause: Option<u32>) -> Option<&Op> {
    children.iter().find_map(|child| match child {
        Child::Op(op) => find(std::slice::from_ref(op), line, clause),
        Child::Same { .. } => None,
    })
}

/// Checks what is said of the program itself; what does not hold.
#[must_use]
pub fn check_text(case: &Case) -> Vec<String> {
    let case = &case.served_at(NO_PORT);
    let (_, _, found) = diagnostics(case, FILE);
    let line_of = |one: &Diagnostic| case.program[..one.span.start].matches('\n').count() + 1;
    let mut said: Vec<String> =
        found.iter().map(|one| format!("{} {}: {}", line_of(one), one.code, one.message)).collect();
    let mut wrong = Vec::new();
    for wanted in &case.check {
        let (line, part) = wanted.split_once(' ').unwrap_or((wanted, ""));
        let fits = |one: &String| one.split_once(' ').is_some_and(|(at, text)| at == line && text.contains(part));
        match said.iter().position(fits) {
            Some(at) => drop(said.remove(at)),
            None => wrong.push(format!("{}: wanted `{wanted}`, found {said:?}", case.name)),
        }
    }
    if !case.check.is_empty() {
        wrong.extend(said.iter().map(|one| format!("{}: not expected: `{one}`", case.name)));
    }
    wrong
}

/// What is wrong with a case whose program need not run yet.
#[must_use]
pub fn check_waiting(case: &Case) -> Vec<String> {
    let (_, _, found) = diagnostics(case, FILE);
    let errors = found.iter().filter(|one| one.is_error() && case.check.is_empty()).map(|one| one.message.clone());
    let verdicts = case.verdicts.iter().filter_map(|line| Verdict::parse(line).err());
    let runs = case.runs.iter().filter_map(|lines| Run::parse(lines).err());
    errors.chain(verdicts).chain(runs).map(|wrong| format!("{}: {wrong}", case.name)).collect()
}

/// Could the case be run?
#[must_use]
pub fn can_run(case: &Case) -> bool {
    !diagnostics(case, FILE).2.iter().any(Diagnostic::stops)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_as_on_the_command_line() {
        let flags = flags("--no-write --allow-bin=a,b --allow-read=\n").unwrap();
        assert!(flags.no_write && !flags.no_subprocess);
        assert_eq!((flags.bins, flags.read), (Some(vec!["a".to_owned(), "b".to_owned()]), Some(Vec::new())));
        assert!(super::flags("--no-such").is_err());
    }

    fn found(verdicts: &str) -> Vec<String> {
        let program = "command main\n  do\n    read_file gone\n    if has_bin p\n      print x\n    end\n  end\nend\n";
        let fixture = "{\"files\": {\"/w/gone\": {\"kind\": \"absent\"}}}";
        let verdicts = verdicts.lines().map(str::to_owned).collect();
        check(&Case { program: program.into(), fixture: fixture.into(), verdicts, ..Case::default() })
    }

    #[test]
    fn a_verdict_that_does_not_hold_is_told() {
        assert_eq!(found("3 WILL_FAIL always\nmust: command WILL_FAIL"), [""; 0]);
        assert_eq!(found("3 WILL_RUN").len(), 1);
        assert!(found("9 WILL_RUN")[0].contains("nothing there"));
        assert!(found("")[0].contains("no expectations"));
    }

    #[test]
    fn what_is_outdone_must_be_mended() {
        assert_eq!(found("today: 3 WILL_FAIL always"), [""; 0]);
        assert!(found("today: 3 MIGHT_FAIL always")[0].contains("outdone"));
        assert!(!found("today: 3 WILL_RUN always")[0].contains("outdone"));
    }
}
