//! Every case of every page of `cases/`, a test each. What waits in `cases/waiting/` is only read: it is about what is not there yet.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use perch_behaviour::real::{self, Place};
use perch_behaviour::{Case, cases, simulated};

/// Simulations call each other deep.
const STACK: usize = 256 << 20;

/// So many cases were written; if fewer are found, something is not looked at.
const LEAST: usize = 30;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let mut trials = Vec::new();
    for page in pages(&folder) {
        let stem = page.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let cases = std::fs::read_to_string(&page).map(|text| cases(&text)).unwrap_or_default();
        trials.extend(cases.into_iter().enumerate().map(|(at, case)| trial(&format!("{stem}-{at}"), &stem, case)));
    }
    let count = trials.len();
    let names: BTreeSet<String> = trials.iter().map(|trial| trial.name().to_owned()).collect();
    trials.push(Trial::test("the pages are found, and no two cases have one name", move || match (count, names.len()) {
        (count, _) if count < LEAST => Err(format!("only {count} cases were found").into()),
        (count, names) if names < count => Err(format!("{count} cases have {names} names").into()),
        _ => Ok(()),
    }));
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn pages(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut pages: Vec<PathBuf> =
        entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "md")).collect();
    pages.sort();
    pages
}

fn trial(dir: &str, page: &str, case: Case) -> Trial {
    let name = format!("{page}: {}", case.name);
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("behaviour").join(dir);
    Trial::test(name, move || {
        let work = std::thread::Builder::new().stack_size(STACK).spawn(move || check(&case, &dir))?;
        let wrong = work.join().map_err(|_| "it panicked")?;
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
