//! Every case of every page of `cases/`, a test each, and every page of `cases/waiting/`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use perch_behaviour::real::{self, Place};
use perch_behaviour::{Case, cases, pairs, simulated};

/// Simulations call each other deep.
const STACK: usize = 256 << 20;

/// So many cases were written; if fewer are found, something is not looked at.
const LEAST: usize = 300;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let mut trials: Vec<Trial> = pages(&folder).into_iter().flat_map(|(page, cases)| trials_of(&page, cases)).collect();
    let names: BTreeSet<String> = trials.iter().map(|trial| trial.name().to_owned()).collect();
    let count = trials.len();
    trials.push(Trial::test("the pages are found, and no two cases have one name", move || {
        match (count, names.len()) {
            (count, _) if count < LEAST => Err(format!("only {count} cases were found").into()),
            (count, names) if names < count => Err(format!("{count} cases have {names} names").into()),
            _ => Ok(()),
        }
    }));
    trials.extend(trials_of("pairs", pairs::cases()));
    trials.extend(pages(&folder.join("waiting")).into_iter().map(waiting));
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn trials_of(page: &str, cases: Vec<Case>) -> Vec<Trial> {
    cases.into_iter().enumerate().map(|(at, case)| trial(&format!("{page}-{at}"), page, case)).collect()
}

fn waiting((page, cases): (String, Vec<Case>)) -> Trial {
    Trial::test(format!("{page} waits"), move || {
        let wrong: Vec<String> = cases.iter().flat_map(simulated::check_waiting).collect();
        if !wrong.is_empty() {
            return Err(wrong.join("\n").into());
        }
        let stopped = cases.iter().filter(|case| case.check.is_empty() && !simulated::can_run(case)).count();
        if stopped == 0 { Err(format!("`waiting/{page}.md` can be run: move it to `cases/`").into()) } else { Ok(()) }
    })
}

/// The pages of a folder, with their cases.
fn pages(folder: &Path) -> BTreeMap<String, Vec<Case>> {
    let paths = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let pages = paths.filter(|path| path.extension().is_some_and(|end| end == "md"));
    let read = |path: PathBuf| {
        let stem = path.file_stem()?.to_string_lossy().into_owned();
        Some((stem, cases(&std::fs::read_to_string(&path).ok()?)))
    };
    pages.filter_map(read).collect()
}

fn trial(dir: &str, page: &str, case: Case) -> Trial {
    let name = format!("{page}: {}", case.name);
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("behaviour").join(dir);
    let is_known = !case.bug.is_empty();
    Trial::test(name, move || {
        let work = std::thread::Builder::new().stack_size(STACK).spawn(move || check(&case, &dir))?;
        let wrong = work.join().map_err(|_| "it panicked")?;
        if is_known {
            return if wrong.is_empty() { Err("it holds now; remove its `bug` block".into()) } else { Ok(()) };
        }
        if wrong.is_empty() { Ok(()) } else { Err(Failed::from(wrong.join("\n"))) }
    })
}

fn check(case: &Case, dir: &Path) -> Vec<String> {
    let mut wrong: Vec<String> = case.others.iter().map(|kind| format!("`{kind}` is no kind of block")).collect();
    wrong.extend(simulated::check_text(case));
    if !case.verdicts.is_empty() || case.runs.is_empty() && case.check.is_empty() {
        wrong.extend(simulated::check(case));
    }
    if !case.runs.is_empty() {
        let perch = Path::new(env!("CARGO_BIN_EXE_behaviour-perch"));
        let place = Place { perch, stub: Path::new(env!("CARGO_BIN_EXE_behaviour-stub")), dir };
        wrong.extend(real::check(case, &place).unwrap_or_else(|message| vec![message]));
        drop(std::fs::remove_dir_all(dir));
    }
    wrong
}
