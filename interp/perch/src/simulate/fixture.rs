//! Host descriptions in files.

use perch_fixtures::{Fixture, FixtureError};
use perch_policy::path;

use crate::report::Trouble;

/// Reads a description.
pub(super) fn read(file: &str) -> Result<Fixture, Trouble> {
    let bytes = std::fs::read(file).map_err(|error| {
        Trouble::usage(format!("cannot read the fixture `{file}`: {error}")).help("`--sim-file F` names a JSON file")
    })?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Trouble::usage(format!("the fixture `{file}` does not hold UTF-8 text")))?;
    Fixture::parse(&text).map_err(|error| unreadable(file, &error))
}

fn unreadable(file: &str, error: &FixtureError) -> Trouble {
    let FixtureError::Unreadable { line, column, message } = error;
    let trouble = Trouble::usage(format!("{file}:{line}:{column}: {message}"));
    let mut quoted = message.split('`').skip(1).step_by(2);
    let wrong = quoted.next().unwrap_or_default();
    let known: Vec<&str> = quoted.collect();
    // `directory` for `dir`
    if let Some(short) = known.iter().find(|known| wrong.starts_with(*known)) {
        return trouble.help(format!("did you mean `{short}`?"));
    }
    trouble.did_you_mean(wrong, known, "`schemas/fixture.json` and `docs/spec/fixtures.md` say what a fixture holds")
}

/// The directory in which the command is started, if the description says it.
pub(super) fn described_cwd(fixture: &Fixture) -> Result<Option<String>, Trouble> {
    let Some(cwd) = &fixture.cwd else { return Ok(None) };
    match path::clean("/", cwd) {
        Some(clean) if cwd.starts_with('/') => Ok(Some(clean)),
        _ => {
            let trouble = Trouble::usage(format!("the fixture's `cwd` is `{cwd}`, which is not an absolute path"));
            Err(trouble.help("it is the directory in which the command is started, like `/srv/app`"))
        }
    }
}

/// Trouble if a text that should be a path is none: it would say nothing.
pub(super) fn check_paths(fixture: &Fixture, cwd: &str) -> Result<(), Trouble> {
    let roots = |roots: &'_ Option<Vec<String>>| roots.iter().flatten().cloned().collect::<Vec<String>>();
    let keys = [
        ("files", fixture.files.keys().cloned().collect()),
        ("oracles.file_exists", fixture.oracles.file_exists.keys().cloned().collect()),
        ("fs_read", roots(&fixture.fs_read)),
        ("fs_write", roots(&fixture.fs_write)),
    ];
    for (key, texts) in keys {
        if let Some(text) = texts.iter().find(|text| path::clean(cwd, text).is_none()) {
            let trouble = Trouble::usage(format!("`{key}` of the fixture names {text:?}, which is no path"));
            return Err(trouble.help("a path is neither empty nor holds a NUL"));
        }
    }
    Ok(())
}
