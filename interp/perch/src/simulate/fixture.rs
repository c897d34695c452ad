//! Host descriptions in files.

use perch_check::{OTHERWISE, SYSTEMS};
use perch_fixtures::places::Places;
use perch_fixtures::{Advice, Fixture, FixtureError};
use perch_policy::net::Pattern;
use perch_policy::path;
use perch_simulate::Sources;
use perch_simulate::host::{Contradiction, Statement};

use crate::report::Trouble;

/// What to look at when nothing better is known.
const PAGES: &str = "`schemas/fixture.json` and `docs/spec/fixtures.md` say what a fixture holds";

/// Reads a description.
pub(super) fn read(file: &str) -> Result<(Fixture, Places), Trouble> {
    let bytes = std::fs::read(file).map_err(|error| {
        Trouble::usage(format!("cannot read the fixture `{file}`: {error}")).help("`--sim-file F` names a JSON file")
    })?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Trouble::usage(format!("the fixture `{file}` does not hold UTF-8 text")))?;
    Fixture::read(&text).map_err(|error| unreadable(file, error))
}

fn unreadable(file: &str, error: FixtureError) -> Trouble {
    let trouble = Trouble::usage(format!("{file}:{error}"));
    match error.advice {
        Advice::Do(advice) => trouble.help(advice),
        Advice::OneOf(wrong, known) => one_of(trouble, &wrong, &known),
    }
}

/// One of these was meant.
pub(super) fn one_of(trouble: Trouble, wrong: &str, known: &[String]) -> Trouble {
    // `directory` for `dir`
    if let Some(short) = known.iter().find(|known| wrong.starts_with(*known)) {
        return trouble.help(format!("did you mean `{short}`?"));
    }
    let list = known.iter().map(|known| format!("`{known}`")).collect::<Vec<_>>().join(", ");
    let otherwise = if known.len() > 8 || known.is_empty() { PAGES.to_owned() } else { format!("it may be {list}") };
    trouble.did_you_mean(wrong, known.iter().map(String::as_str), &otherwise)
}

/// Trouble with what a key of the fixture says.
pub(super) fn trouble(sources: &Sources, way: &[&str], message: &str) -> Trouble {
    let place = sources.exactly(way).map(|place| format!("{place}: ")).unwrap_or_default();
    Trouble::usage(format!("{place}{message}"))
}

/// The directory in which the command is started, if the description says it.
pub(super) fn described_cwd(fixture: &Fixture, sources: &Sources) -> Result<Option<String>, Trouble> {
    let Some(cwd) = &fixture.cwd else { return Ok(None) };
    match path::clean("/", cwd) {
        Some(clean) if cwd.starts_with('/') => Ok(Some(clean)),
        _ => {
            let message = format!("the fixture's `cwd` is `{cwd}`, which is not an absolute path");
            let help = "it is the directory in which the command is started, like `/srv/app`";
            Err(trouble(sources, &["cwd"], &message).help(help))
        }
    }
}

/// Trouble if a text that should be a path is none: it would say nothing.
pub(super) fn check_paths(fixture: &Fixture, cwd: &str, sources: &Sources) -> Result<(), Trouble> {
    let keys = |key: &'static str, text: &String| (key, text.clone(), vec![key.to_owned(), text.clone()]);
    let files = fixture.files.keys().map(|text| keys("files", text));
    let known = fixture.oracles.file_exists.keys().map(|text| {
        ("oracles.file_exists", text.clone(), vec!["oracles".to_owned(), "file_exists".to_owned(), text.clone()])
    });
    let roots =
        [("fs_read", &fixture.fs_read), ("fs_write", &fixture.fs_write)].into_iter().flat_map(|(key, roots)| {
            let numbered = roots.iter().flatten().enumerate();
            numbered.map(move |(at, text)| (key, text.clone(), vec![key.to_owned(), at.to_string()]))
        });
    let mut all = files.chain(known).chain(roots);
    let Some((key, text, way)) = all.find(|(_, text, _)| path::clean(cwd, text).is_none()) else { return Ok(()) };
    let way: Vec<&str> = way.iter().map(String::as_str).collect();
    let message = format!("`{key}` of the fixture names {text:?}, which is no path");
    Err(trouble(sources, &way, &message).help("a path is neither empty nor holds a NUL"))
}

/// What a system or an architecture is called here that others call so.
pub(super) fn as_spelled(name: String) -> String {
    let known = OTHERWISE.iter().find(|(other, _)| *other == name);
    known.map_or(name, |(_, spelled)| (*spelled).to_owned())
}

/// The systems that there are; `unix` stands for several.
fn systems() -> impl Iterator<Item = &'static str> {
    SYSTEMS.into_iter().filter(|name| *name != "unix")
}

/// Trouble if a text says of the machine or of its network what can be true of none.
pub(super) fn check_texts(fixture: &Fixture, sources: &Sources) -> Result<(), Trouble> {
    if let Some(os) = fixture.os.as_deref().filter(|os| !systems().any(|known| known == *os)) {
        let trouble = trouble(sources, &["os"], &format!("no system is called `{os}`"));
        return Err(trouble.did_you_mean(os, systems(), "it is one like `linux`, `macos` or `windows`"));
    }
    for name in fixture.env.keys().chain(&fixture.env_missing) {
        if name.is_empty() || name.contains(['=', '\0']) {
            let key = if fixture.env.contains_key(name) { "env" } else { "env_missing" };
            let trouble = trouble(sources, &[key, name], &format!("{name:?} is no name of a variable"));
            return Err(trouble.help("a name is not empty, and holds neither `=` nor a NUL"));
        }
    }
    if let Some((name, _)) = fixture.env.iter().find(|(_, value)| value.contains('\0')) {
        let trouble = trouble(sources, &["env", name], &format!("the value of `{name}` holds a NUL, as none can"));
        return Err(trouble.help("take it away: the system ends a value there"));
    }
    let mut hosts = fixture.network.iter().flatten().enumerate();
    let Some((at, host)) = hosts.find(|(_, host)| Pattern::parse(host).is_none()) else { return Ok(()) };
    let trouble = trouble(sources, &["network", &at.to_string()], &format!("`{host}` is no host"));
    Err(trouble.help("write one like `example.org`, `*.example.org` or `example.org:443`, without `http://`"))
}

/// Two statements that exclude each other.
pub(super) fn contradiction(found: &Contradiction, sources: &Sources, scenario: Option<&str>) -> Trouble {
    let exactly = |statement: &Statement| {
        let way: Vec<&str> = statement.way.iter().map(String::as_str).collect();
        (sources.exactly(&way), sources.of(&way))
    };
    let ((one_place, _), (_, other_line)) = (exactly(&found.one), exactly(&found.other));
    let place = one_place.map(|place| format!("{place}: ")).unwrap_or_default();
    let there = other_line.map(|line| format!(", at {line},")).unwrap_or_default();
    let when = scenario.map(|name| format!(" in scenario `{name}`")).unwrap_or_default();
    let message = format!(
        "{place}the fixture contradicts itself{when}: {} and {}{there} cannot both hold",
        found.one, found.other
    );
    Trouble::usage(message).help("take one of the two back; `docs/spec/fixtures.md` says what each means")
}
