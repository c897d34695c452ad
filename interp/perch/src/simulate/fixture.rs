//! Host descriptions in files.

use perch_check::{ARCHITECTURES, OTHERWISE, SYSTEMS};
use perch_fixtures::places::{Place, Places};
use perch_fixtures::{Advice, EffectFact, EnvOnly, ExecFact, Fixture, FixtureError, HttpFact, has_shell_signs};
use perch_ops::Type;
use perch_ops::pure::Clock;
use perch_policy::net::{Pattern, Url};
use perch_policy::path;
use perch_simulate::Sources;
use perch_simulate::host::{Contradiction, Statement};

use crate::report::Trouble;

/// What to look at when nothing better is known.
const PAGES: &str = "`perch help fixtures` says what a fixture holds";

/// Reads a description.
pub(super) fn read(file: &str) -> Result<(Fixture, Places), Trouble> {
    let bytes = std::fs::read(file).map_err(|error| {
        Trouble::usage(format!("cannot read the fixture `{file}`: {error}")).help("`--sim-file F` names a JSON file")
    })?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let sound = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let place = end(&String::from_utf8_lossy(sound));
        Trouble::usage(format!("{file}:{place}: a fixture is UTF-8 text, and no such text has this byte"))
            .help("save it as UTF-8")
    })?;
    Fixture::read(&text).map_err(|error| unreadable(file, error))
}

/// The place behind a text.
fn end(text: &str) -> Place {
    let last = text.rsplit('\n').next().unwrap_or_default();
    Place { line: 1 + text.matches('\n').count(), column: 1 + last.chars().count() }
}

fn unreadable(file: &str, error: FixtureError) -> Trouble {
    let trouble = Trouble::usage(format!("{file}:{error}"));
    match error.advice {
        Advice::Do(advice) => trouble.help(advice),
        Advice::OneOf(wrong, known) => one_of(trouble, &wrong, &known),
    }
}

/// What others call the keys that say what a program does, divided by blanks, and what they are called here.
const KEYS_ELSEWHERE: [(&str, &str); 2] = [("exit exit_code code rc", "status"), ("output out", "stdout")];

/// One of these was meant.
pub(super) fn one_of(trouble: Trouble, wrong: &str, known: &[String]) -> Trouble {
    // `directory` for `dir`
    if let Some(short) = known.iter().find(|known| wrong.starts_with(*known)) {
        return trouble.help(format!("did you mean `{short}`?"));
    }
    let called = KEYS_ELSEWHERE.iter().find(|(others, here)| {
        others.split(' ').any(|other| other == wrong) && known.iter().any(|known| known == here)
    });
    if let Some((_, here)) = called {
        return trouble.help(format!("did you mean `{here}`?"));
    }
    let list = known.iter().map(|known| format!("`{known}`")).collect::<Vec<_>>().join(", ");
    let otherwise = if known.len() > 8 || known.is_empty() { PAGES.to_owned() } else { format!("it may be {list}") };
    trouble.did_you_mean(wrong, known.iter().map(String::as_str), &otherwise)
}

/// Trouble with a key of the fixture, or with the flag that has replaced it.
pub(super) fn trouble(sources: &Sources, way: &[&str], message: &str) -> Trouble {
    at(flag(sources, way).or_else(|| sources.exactly(way)), message)
}

/// Trouble with the value of a key, or with the flag that has replaced it.
pub(super) fn wrong_value(sources: &Sources, way: &[&str], message: &str) -> Trouble {
    at(flag(sources, way).or_else(|| sources.exactly_value(way)), message)
}

fn flag(sources: &Sources, way: &[&str]) -> Option<String> {
    sources.of(way).filter(|source| source.starts_with("--")).map(|flag| format!("`{flag}`"))
}

fn at(place: Option<String>, message: &str) -> Trouble {
    let place = place.map(|place| format!("{place}: ")).unwrap_or_default();
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
            Err(wrong_value(sources, &["cwd"], &message).help(help))
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
    let mut all = files.chain(known).chain(roots).chain(effects(fixture));
    let wrong = |text: &str| is_of_home(text) || path::clean(cwd, text).is_none();
    let Some((key, text, way)) = all.find(|(_, text, _)| wrong(text)) else { return Ok(()) };
    let way: Vec<&str> = way.iter().map(String::as_str).collect();
    let message = format!("`{key}` of the fixture names {text:?}, which is no path");
    let help = match is_of_home(&text) {
        true => {
            "`~` stands for nothing here: write the whole path, such as `/home/me/x`; an entry that is called so is `./~`"
        }
        false => "a path is neither empty nor holds a NUL",
    };
    Err(trouble(sources, &way, &message).help(help))
}

/// Whether a shell would take the path for one in somebody's home.
fn is_of_home(text: &str) -> bool {
    text == "~" || text.starts_with("~/")
}

/// The paths that programs change: each with its key and the way to it.
fn effects(fixture: &Fixture) -> impl Iterator<Item = (&'static str, String, Vec<String>)> {
    let numbered = fixture.oracles.exec.iter().flat_map(|(words, fact)| {
        let effects = fact.effects.iter().enumerate();
        effects.map(move |(at, effect)| (words, at, effect))
    });
    numbered.map(|(words, at, effect)| {
        let text = match effect {
            EffectFact::Write(fact) => &fact.write,
            EffectFact::Mkdir(fact) => &fact.mkdir,
            EffectFact::Remove(fact) => &fact.remove,
        };
        let way = ["oracles", "exec", words, "effects", &at.to_string()].map(str::to_owned);
        ("oracles.exec", text.clone(), way.to_vec())
    })
}

/// Trouble if what is said of programs can be true of none: then it would say nothing, and nobody would see it.
pub(super) fn check_programs(fixture: &Fixture, sources: &Sources) -> Result<(), Trouble> {
    for (at, name) in fixture.bins.iter().flatten().enumerate() {
        let at = at.to_string();
        check_program(name, &["bins", &at], sources)?;
        if name.contains('/') && !name.starts_with('/') {
            let message = format!("`bins` of the fixture names `{name}`, which is not looked for on PATH");
            let help = format!("`oracles.has_bin` says that it can be started: `\"has_bin\": {{\"{name}\": true}}`");
            return Err(trouble(sources, &["bins", &at], &message).help(help));
        }
    }
    for name in fixture.oracles.has_bin.keys() {
        check_program(name, &["oracles", "has_bin", name], sources)?;
    }
    let more = |fact: &ExecFact| fact.status_only && !(fact.stdout.is_empty() && fact.effects.is_empty());
    if let Some((words, _)) = fixture.oracles.exec.iter().find(|(_, fact)| more(fact)) {
        let message = format!("of `{words}` only the status is told (`status_only`), and more besides");
        let help = "leave out `status_only`, or `stdout` and `effects`";
        return Err(trouble(sources, &["oracles", "exec", words], &message).help(help));
    }
    let exec = fixture.oracles.exec.keys().map(|words| ("exec", words));
    let lines = fixture.oracles.shell_output.keys().map(|line| ("shell_output", line));
    exec.chain(lines).try_for_each(|(key, words)| check_words(key, words, sources))
}

/// Trouble if no program is called so.
fn check_program(name: &str, way: &[&str], sources: &Sources) -> Result<(), Trouble> {
    let key = way.iter().filter(|key| key.parse::<usize>().is_err() && **key != name);
    let key = key.copied().collect::<Vec<_>>().join(".");
    let wrong = |help: String| {
        Err(trouble(sources, way, &format!("`{key}` of the fixture names {name:?}, which is no program")).help(help))
    };
    let bare = name.trim();
    match name {
        _ if bare.is_empty() => wrong("it is the name of a program, such as `git`".to_owned()),
        _ if name.contains(',') => {
            let all = name.split(',').map(|one| format!("\"{}\"", one.trim())).collect::<Vec<_>>();
            wrong(format!("each program is a text of its own: {}", all.join(", ")))
        }
        _ if bare != name => wrong(format!("no blanks stand around the name: `{bare}`")),
        _ => Ok(()),
    }
}

/// Trouble if what is said of a program, or of a line, is said under words that none is started with. Words are joined by single blanks; what has
/// signs for a shell is a line or a script, whose blanks are its own.
fn check_words(key: &str, words: &str, sources: &Sources) -> Result<(), Trouble> {
    let usual = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if usual == words && !usual.is_empty() || !usual.is_empty() && has_shell_signs(words) && words.trim_start() == words
    {
        return Ok(());
    }
    let message = match usual.is_empty() {
        true => format!("`oracles.{key}` of the fixture has an empty key, and no program is started by no word"),
        false => format!("`oracles.{key}` of the fixture has the key {words:?}, which no program is started with"),
    };
    let help = match (usual.is_empty(), usual.split(' ').next()) {
        (false, Some(program)) => format!(
            "a key is the program and its words, joined by single blanks: `{usual}`; if a word is empty or has such blanks itself: `{program} *`"
        ),
        _ => "a key is the program and its words, such as `git status`, or `git *` for any words".to_owned(),
    };
    Err(trouble(sources, &["oracles", key, words], &message).help(help))
}

/// What a system or an architecture is called here that others call so.
pub(super) fn as_spelled(name: String) -> String {
    let known = OTHERWISE.iter().find(|(other, _)| *other == name);
    known.map_or(name, |(_, spelled)| (*spelled).to_owned())
}

/// One of these was meant, or what others call one of them.
fn spelled_like(
    trouble: Trouble,
    wrong: &str,
    known: impl IntoIterator<Item = &'static str>,
    otherwise: &str,
) -> Trouble {
    let known: Vec<&str> = known.into_iter().collect();
    let others = OTHERWISE.iter().filter(|(_, here)| known.contains(here)).map(|(other, _)| *other);
    let near = perch_syntax::nearest(wrong, known.iter().copied().chain(others));
    match near.map(|near| as_spelled(near.to_owned())) {
        Some(meant) => trouble.help(format!("did you mean `{meant}`?")),
        None => trouble.help(otherwise),
    }
}

/// The systems that there are; `unix` stands for several.
pub(crate) fn systems() -> impl Iterator<Item = &'static str> {
    SYSTEMS.into_iter().filter(|name| *name != "unix")
}

/// Trouble if a fact of the machine can be true of none.
fn check_machine(fixture: &Fixture, sources: &Sources) -> Result<(), Trouble> {
    if let Some(clock) = fixture.clock.as_deref().filter(|clock| Clock::parse(clock).is_none()) {
        let trouble = wrong_value(sources, &["clock"], &format!("no clock says `{clock}`"));
        return Err(trouble.help("write a day such as `2024-01-31`, or a second of it such as `2024-01-31T12:00:00Z`"));
    }
    let is_name = |text: &str| !text.is_empty() && !text.contains(char::is_control);
    match fixture.machine.facts().into_iter().find(|(_, value)| !is_name(value)) {
        Some((name, value)) => {
            let trouble =
                wrong_value(sources, &["machine", &name], &format!("{value:?} cannot be the `{name}` of a machine"));
            Err(trouble.help("leave the key out if it is not known: it is one line, and not empty"))
        }
        None => Ok(()),
    }
}

/// Trouble if a text says of the machine or of its network what can be true of none.
pub(super) fn check_texts(fixture: &Fixture, sources: &Sources) -> Result<(), Trouble> {
    if let Some(os) = fixture.os.as_deref().filter(|os| !systems().any(|known| known == *os)) {
        let trouble = wrong_value(sources, &["os"], &format!("no system is called `{os}`"));
        return Err(spelled_like(trouble, os, systems(), "it is one like `linux`, `macos` or `windows`"));
    }
    if let Some(arch) = fixture.arch.as_deref().filter(|arch| !ARCHITECTURES.contains(arch)) {
        let trouble = wrong_value(sources, &["arch"], &format!("no architecture is called `{arch}`"));
        return Err(spelled_like(trouble, arch, ARCHITECTURES, "it is one like `amd64`, `arm64` or `riscv64`"));
    }
    check_machine(fixture, sources)?;
    let more = |fact: &HttpFact| fact.status_only && !(fact.body.is_empty() && fact.redirect.is_none());
    if let Some((url, _)) = fixture.oracles.http.iter().find(|(_, fact)| more(fact)) {
        let message = format!("of `{url}` only the status is told (`status_only`), and more besides");
        let help = "leave out `status_only`, or `body` and `redirect`";
        return Err(trouble(sources, &["oracles", "http", url], &message).help(help));
    }
    if let Some(text) = fixture.oracles.http.keys().find(|text| Url::parse(text).is_none()) {
        let trouble = trouble(sources, &["oracles", "http", text], &format!("`{text}` is no web address"));
        let whole = format!("https://{text}");
        return Err(trouble.help(match Url::parse(&whole) {
            Some(url) => format!("write it whole: `{}`", url.as_str()),
            None => "write one like `https://example.org/path`".to_owned(),
        }));
    }
    for name in fixture.env.keys().chain(&fixture.env_missing) {
        if name.is_empty() || name.contains(['=', '\0']) {
            let key = if fixture.env.contains_key(name) { "env" } else { "env_missing" };
            let trouble = trouble(sources, &[key, name], &format!("{name:?} is no name of a variable"));
            return Err(trouble.help("a name is not empty, and holds neither `=` nor a NUL"));
        }
    }
    let listed = match &fixture.env_only {
        Some(EnvOnly::Names(names)) => names.as_slice(),
        _ => &[],
    };
    if let Some((at, name)) = listed.iter().enumerate().find(|(_, name)| name.is_empty() || name.contains(['=', '\0']))
    {
        let trouble = trouble(sources, &["env_only", &at.to_string()], &format!("{name:?} is no name of a variable"));
        return Err(trouble.help(
            "names alone stand there, and values in `env`: a name is not empty, and holds neither `=` nor a NUL",
        ));
    }
    if let Some((name, _)) = fixture.env.iter().find(|(_, value)| value.contains('\0')) {
        let trouble = wrong_value(sources, &["env", name], &format!("the value of `{name}` holds a NUL, as none can"));
        return Err(trouble.help("take it away: the system ends a value there"));
    }
    let mut hosts = fixture.network.iter().flatten().enumerate();
    let Some((at, host)) = hosts.find(|(_, host)| Pattern::parse(host).is_none()) else { return Ok(()) };
    let trouble = trouble(sources, &["network", &at.to_string()], &format!("`{host}` is no host"));
    Err(trouble.help("write one like `example.org`, `*.example.org` or `example.org:443`, without `http://`"))
}

/// Trouble if something is said of what is no name of a package: no op takes it.
pub(super) fn check_packages(fixture: &Fixture, sources: &Sources) -> Result<(), Trouble> {
    let mut names = fixture.oracles.packages.keys();
    let Some(name) = names.find(|name| !Type::Package.accepts(name)) else { return Ok(()) };
    let message = format!("`oracles.packages` of the fixture names {name:?}, which is no name of a package");
    let help = "a key is the name by which the manager of the machine knows a package, such as `jq`: one each";
    Err(trouble(sources, &["oracles", "packages", name], &message).help(help))
}

/// Two statements that exclude each other.
pub(super) fn contradiction(found: &Contradiction, sources: &Sources, scenario: Option<&str>) -> Trouble {
    let when = scenario.map(|name| format!(" in scenario `{name}`")).unwrap_or_default();
    if let Some((wrong, rule)) = found.against_rule() {
        let way: Vec<&str> = wrong.way.iter().map(String::as_str).collect();
        let place = if wrong.by_value { sources.exactly_value(&way) } else { sources.exactly(&way) };
        return at(place, &format!("{wrong}{when}: {rule}"))
            .help("write what fits, or leave the key out; `perch help fixtures` says what each key says");
    }
    let (one, other) = (&found.one, &found.other);
    let exactly = |statement: &Statement| {
        let way: Vec<&str> = statement.way.iter().map(String::as_str).collect();
        (sources.exactly(&way), sources.of(&way))
    };
    let ((one_place, _), (_, other_line)) = (exactly(one), exactly(other));
    let place = one_place.map(|place| format!("{place}: ")).unwrap_or_default();
    let there = other_line.map(|line| format!(", at {line},")).unwrap_or_default();
    let message = format!("{place}the fixture contradicts itself{when}: {one} and {other}{there} cannot both hold");
    Trouble::usage(message).help("take one of the two back; `perch help fixtures` says what each key says")
}
