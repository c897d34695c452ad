//! `perch --check --fix`: the fixes that nobody has to look at, made in the file.

use perch_check::fix::apply;
use perch_check::{Finding, check};
use perch_ir::{Database, Diagnostic, SourceFile};
use perch_syntax::{Code, Fix};

use super::source::Source;
use crate::replace::replace;
use crate::report::Trouble;

/// How often fixes are made before whatever is left is told. Of fixes that touch each other one is made at a time.
const ROUNDS: usize = 100;

/// A fix that was made.
pub(crate) struct Mended {
    pub(crate) file: String,
    /// The line on which it was needed, at the moment when it was made.
    pub(crate) line: u32,
    pub(crate) code: Code,
    pub(crate) title: String,
}

/// Makes the safe fixes of the main file of a program, and no others: what it imports may belong to somebody else.
pub(crate) fn mend(db: &mut Database, root: SourceFile) -> Result<Vec<Mended>, Trouble> {
    let (before, mistakes) = (root.text(db).clone(), mistakes(&check(db, root)));
    let mut mended = Vec::new();
    for _ in 0..ROUNDS {
        let found = check(db, root);
        let (text, made) = one_round(db, root, &found);
        if made.is_empty() {
            break;
        }
        mended.extend(made);
        perch_ir::files::change(db, root, text);
    }
    let text = root.text(db).clone();
    if text == before {
        return Ok(Vec::new());
    }
    if self::mistakes(&check(db, root)) > mistakes {
        perch_ir::files::change(db, root, before);
        let trouble = Trouble::usage(format!("perch has a bug: its fixes would break `{}`", root.path(db)));
        return Err(trouble.help("nothing was changed; `perch --check` without `--fix` shows what is wrong"));
    }
    replace(root.path(db), &text)?;
    Ok(mended)
}

fn mistakes(found: &[Finding]) -> usize {
    found.iter().filter(|found| found.problem.is_error()).count()
}

/// The text with all fixes that do not touch each other.
fn one_round(db: &Database, root: SourceFile, found: &[Finding]) -> (String, Vec<Mended>) {
    let text = root.text(db);
    let safe = found.iter().filter(|found| found.file == 0).filter_map(|found| {
        let fix = found.problem.fix.as_ref().filter(|fix| fix.is_safe())?;
        Some((&found.problem, fix))
    });
    let (problems, fixes): (Vec<&Diagnostic>, Vec<&Fix>) = safe.unzip();
    let (new, applied) = apply(text, &fixes);
    let source = Source::new(root.path(db), text);
    let mended = applied.iter().filter_map(|at| {
        let (problem, fix) = (problems.get(*at)?, fixes.get(*at)?);
        let (line, _) = source.place(problem.span.start);
        Some(Mended { file: source.name().to_owned(), line, code: problem.code, title: fix.title.clone() })
    });
    (new, mended.collect())
}
