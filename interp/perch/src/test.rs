//! `perch test`: the commands of a file that are tests.
//!
//! Each test is a process of its own, perch with the hidden option `--as-test`, so that none can disturb another or outlive its time, and what
//! it prints can be kept until it is known whether anybody wants to see it. It ends with the process that has started it, whose end of a pipe it
//! holds, and that ends all when it is told to. `one` runs a test, `show` and `junit` say how it went.

mod flags;
mod junit;
mod one;
mod outcome;
mod show;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use perch_ir::{Command, Program as _, Snapshot};
use perch_system::signals;

use crate::aside::aside;
use crate::cli::{DEFAULT_FILE, Limits, Restrictions, STDIN, Trust};
use crate::load;
use crate::report::Trouble;
use crate::run::interruption;
use flags::{Flags, Format};
pub(crate) use flags::{command, usage};
pub(crate) use one::AsTest;
pub(crate) use outcome::Outcome;
pub use show::{Failed, SCHEMA, Suite, Tested, schema};

/// Runs the tests of a file; 1 if one has failed.
pub(crate) fn test(
    file: Option<String>,
    words: &[String],
    mut restrictions: Restrictions,
    trust: &Trust,
) -> Result<u8, Trouble> {
    let flags = match flags::parse(words)? {
        Ok(flags) => flags,
        Err(shown) => return Ok(shown),
    };
    restrictions.add(flags.restrictions.clone());
    let file = flags.file.clone().or(file).unwrap_or_else(|| DEFAULT_FILE.to_owned());
    if file == STDIN {
        let trouble = Trouble::usage("the tests of a file from standard input cannot be run: each reads the file anew");
        return Err(trouble.help("write it to a file: `perch -f FILE test`"));
    }
    let restrictions = trust.restricted(&file, restrictions)?;
    let loaded = load::read(&file)?;
    if let Some(broken) = loaded.program.broken().next() {
        loaded.ready(broken)?;
    }
    let tests = chosen(&loaded.program, &flags)?;
    let format = flags.format();
    if tests.is_empty() && format == Format::Text {
        aside!("no tests: `{file}` has no command with the line `test`");
        return Ok(0);
    }
    let began = Instant::now();
    let limits = restrictions.limits_of_all()?;
    signals::take_charge().map_err(|error| Trouble::usage(format!("cannot wait for signals: {error}")))?;
    limits.start(began)?;
    let run = one::Run { file: &file, flags: &flags, restrictions: &restrictions };
    let page = show::Page::of(format, flags.verbose);
    page.begin(&file);
    let done = all(&run, &tests, flags.jobs(), |tested| page.add(tested));
    let status = page.end(&Suite::of(&loaded.program, done, began.elapsed()))?;
    match told_to_end(&limits) {
        Some(trouble) => Err(trouble),
        None => Ok(status),
    }
}

/// What there is to say if not all tests have been run, or not to their ends.
fn told_to_end(limits: &Limits) -> Option<Trouble> {
    let status = match signals::ending()? {
        signals::TIME_UP => 1,
        signal => u8::try_from(128 + signal).unwrap_or(1),
    };
    interruption(status, std::iter::empty(), limits.max_runtime.as_ref())
}

/// The tests that are meant, in the order of their names.
fn chosen(program: &Snapshot, flags: &Flags) -> Result<Vec<Arc<Command>>, Trouble> {
    let mut tests: Vec<Arc<Command>> = program.declared().into_iter().cloned().collect();
    tests.retain(|command| command.config.test.is_some());
    tests.sort_by(|one, other| one.name.cmp(&other.name));
    let Some(part) = &flags.filter else { return Ok(tests) };
    let names: Vec<String> = tests.iter().map(|test| test.name.clone()).collect();
    tests.retain(|test| test.name.contains(part.as_str()));
    if tests.is_empty() {
        let trouble = Trouble::usage(format!("no test of `{}` has `{part}` in its name", program.file()));
        return Err(trouble.did_you_mean(part, names.iter().map(String::as_str), "`perch test` runs all of them"));
    }
    Ok(tests)
}

/// Runs the tests, some at a time, and shows each as soon as those before it are shown.
fn all(run: &one::Run<'_>, tests: &[Arc<Command>], jobs: usize, show: impl Fn(&Tested) + Sync) -> Vec<Tested> {
    let left = Mutex::new(tests.iter().enumerate().collect::<VecDeque<_>>());
    let done: Mutex<(usize, Vec<Option<Tested>>)> = Mutex::new((0, tests.iter().map(|_| None).collect()));
    let work = || {
        while let Some((at, test)) = next(&left) {
            let tested = run.test(test);
            let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
            let (shown, tests) = &mut *done;
            if let Some(place) = tests.get_mut(at) {
                *place = Some(tested);
            }
            while let Some(Some(tested)) = tests.get(*shown) {
                show(tested);
                *shown += 1;
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..jobs.min(tests.len()) {
            scope.spawn(work);
        }
        work();
    });
    let (_, tests) = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    tests.into_iter().flatten().collect()
}

/// The next one, unless the run has been told to end.
fn next<T>(left: &Mutex<VecDeque<T>>) -> Option<T> {
    if signals::ending().is_some() {
        return None;
    }
    left.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
}

/// In milliseconds.
fn millis(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}
