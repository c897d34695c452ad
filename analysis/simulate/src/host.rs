//! From a fixture to what is known at the start, and to the policy of the run.

use core::net::IpAddr;
use std::collections::{BTreeMap, BTreeSet};

use perch_fixtures::places::{Way, shown};
use perch_fixtures::{EffectFact, EnvOnly, ExecFact, FileFact, Fixture, HttpFact, PackageFact};
use perch_ops::pure::Clock;
use perch_policy::net::{self, Host, Pattern, Url};
use perch_policy::{Policy, Redirects, path, store};
use perch_symbolic::facts::{self, Facts, Packaged, Stated};

use crate::rights;

/// Two statements of a fixture that cannot both hold, or one that no host fulfils, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// One.
    pub one: Statement,
    /// The other; of a rule for all hosts, or for this run, that rule: no key says it.
    pub other: Statement,
}

impl Contradiction {
    /// What is said against a rule, and the rule.
    #[must_use]
    pub fn against_rule(&self) -> Option<(&Statement, &str)> {
        match (self.one.way.is_empty(), self.other.way.is_empty()) {
            (_, true) => Some((&self.one, &self.other.words)),
            (true, false) => Some((&self.other, &self.one.words)),
            (false, false) => None,
        }
    }
}

/// Something that is said of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// In words.
    pub words: String,
    /// The key that says it, if one does.
    pub way: Way,
    /// It is the value that says it, not that the key is there.
    pub by_value: bool,
}

impl Statement {
    /// What a key says.
    pub(crate) fn of(way: &[&str]) -> Self {
        let way: Way = way.iter().map(|&key| key.to_owned()).collect();
        Self::worded(shown(&way), way)
    }

    /// What a key says, in these words.
    fn worded(words: String, way: Way) -> Self {
        Self { words, way, by_value: false }
    }

    /// That this is the value of the key.
    pub(crate) fn is(self, value: &str) -> Self {
        Self { words: format!("{} is `{value}`", self.words), by_value: true, ..self }
    }

    /// That the value of the key, which may be long, says something.
    fn not_empty(self) -> Self {
        Self { words: format!("{} is not empty", self.words), by_value: true, ..self }
    }

    /// That there is such a key in a map, whose keys say something themselves.
    fn key(map: &[&str], key: &str) -> Self {
        let of_map = Self::of(map);
        Self { words: format!("{} has the key `{key}`", of_map.words), ..Self::of(&[map, &[key]].concat()) }
    }

    /// What is said by no key.
    pub(crate) fn words(words: impl Into<String>) -> Self {
        Self::worded(words.into(), Way::new())
    }

    /// What follows from it.
    fn implied(&self, what: &str) -> Self {
        Self::worded(format!("{what} ({})", self.words), self.way.clone())
    }
}

impl std::fmt::Display for Statement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.words)
    }
}

impl std::fmt::Display for Contradiction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.against_rule() {
            Some((said, rule)) => write!(f, "{said}: {rule}"),
            None => write!(f, "the fixture contradicts itself: {} and {} cannot both hold", self.one, self.other),
        }
    }
}

/// The policy that a fixture puts on the run, as the flags of the same meaning would.
#[must_use]
pub fn policy_of(fixture: &Fixture, cwd: &str) -> Policy {
    let roots = |roots: &Option<Vec<String>>| {
        roots.as_ref().map(|roots| roots.iter().filter_map(|root| path::clean(cwd, root)).collect::<Vec<String>>())
    };
    let bins = fixture.bins.as_ref().map(|bins| {
        let mut all: BTreeSet<String> = bins.iter().cloned().collect();
        for (name, there) in &fixture.oracles.has_bin {
            if *there {
                all.insert(name.clone());
            } else {
                all.remove(name);
            }
        }
        all.into_iter().collect()
    });
    Policy {
        no_write: fixture.no_write,
        no_subprocess: fixture.no_subprocess,
        no_shell: fixture.no_shell,
        no_network: fixture.no_network,
        hosts: fixture.network.clone(),
        read_roots: roots(&fixture.fs_read),
        write_roots: roots(&fixture.fs_write),
        bins,
        ..Policy::default()
    }
}

/// What both policies allow.
#[must_use]
pub fn both(a: Policy, b: Policy) -> Policy {
    Policy {
        no_write: a.no_write || b.no_write,
        no_subprocess: a.no_subprocess || b.no_subprocess,
        no_shell: a.no_shell || b.no_shell,
        no_network: a.no_network || b.no_network,
        no_shell_metachars: a.no_shell_metachars || b.no_shell_metachars,
        read_roots: narrower(a.read_roots, b.read_roots, common_roots),
        write_roots: narrower(a.write_roots, b.write_roots, common_roots),
        bins: narrower(a.bins, b.bins, common),
        env: narrower(a.env, b.env, common),
        hosts: narrower(a.hosts, b.hosts, common_hosts),
        // Only the command line allows these, and only it says how many redirects are followed.
        private_addresses: a.private_addresses || b.private_addresses,
        redirects: Redirects {
            // Who says nothing says the usual, which somebody may have raised.
            most: if a.redirects == Redirects::default() { b.redirects.most } else { a.redirects.most },
            downgrade: a.redirects.downgrade || b.redirects.downgrade,
        },
        test: a.test.or(b.test),
    }
}

fn narrower(
    a: Option<Vec<String>>,
    b: Option<Vec<String>>,
    both: fn(&[String], &[String]) -> Vec<String>,
) -> Option<Vec<String>> {
    match (a, b) {
        (Some(a), Some(b)) => Some(both(&a, &b)),
        (a, b) => a.or(b),
    }
}

fn common(a: &[String], b: &[String]) -> Vec<String> {
    a.iter().filter(|name| b.contains(name)).cloned().collect()
}

/// The entries of both lists that an entry of the other takes in.
fn common_hosts(a: &[String], b: &[String]) -> Vec<String> {
    let read = |list: &[String]| -> Vec<Pattern> { list.iter().filter_map(|entry| Pattern::parse(entry)).collect() };
    let (one, other) = (read(a), read(b));
    let within = |entry: &&String, list: &[Pattern]| {
        Pattern::parse(entry).is_some_and(|entry| list.iter().any(|wider| wider.takes_in(&entry)))
    };
    let mut common: Vec<String> = a
        .iter()
        .filter(|entry| within(entry, &other))
        .chain(b.iter().filter(|entry| within(entry, &one)))
        .cloned()
        .collect();
    common.sort();
    common.dedup();
    common
}

fn common_roots(a: &[String], b: &[String]) -> Vec<String> {
    let mut common = Vec::new();
    for x in a {
        for y in b {
            if path::within(x, y) {
                common.push(x.clone());
            } else if path::within(y, x) {
                common.push(y.clone());
            }
        }
    }
    common.sort();
    common.dedup();
    common
}

/// What is known at the start.
///
/// # Errors
/// If the fixture contradicts itself.
pub fn facts_of(fixture: &Fixture, cwd: &str) -> Result<Facts, Contradiction> {
    let files = Files::collect(fixture, cwd)?;
    variables_hold_together(fixture)?;
    let (mut env_set, env_closed) = match &fixture.env_only {
        None | Some(EnvOnly::Closed(false)) => (BTreeSet::new(), false),
        Some(EnvOnly::Closed(true)) => (BTreeSet::new(), true),
        Some(EnvOnly::Names(names)) => (names.iter().cloned().collect(), true),
    };
    let mut bins: BTreeMap<String, bool> = fixture.bins.iter().flatten().map(|name| (name.clone(), true)).collect();
    bins.extend(fixture.oracles.has_bin.clone());
    // Who says that no other variables are set and that programs are on PATH has not thought of that one. Who says what is not on PATH speaks of it, too.
    let speaks_of_path =
        bins.values().any(|there| *there) || !env_closed && (fixture.bins.is_some() || !bins.is_empty());
    if speaks_of_path && !fixture.env.contains_key("PATH") && !fixture.env_missing.contains("PATH") {
        env_set.insert("PATH".to_owned());
    }
    let listed = fixture.fs_read.iter().chain(&fixture.fs_write).flatten();
    let clock = clock(fixture)?;
    let mut facts = Facts {
        os: fixture.os.clone(),
        arch: fixture.arch.clone(),
        cwd: cwd.to_owned(),
        env: fixture.env.clone(),
        env_set,
        env_unset: fixture.env_missing.clone(),
        env_closed,
        files,
        listed: listed.filter_map(|root| path::clean(cwd, root)).collect(),
        bins,
        bins_closed: fixture.bins.is_some(),
        programs: programs(fixture)?,
        packages: packages(fixture),
        answers: answers(fixture)?,
        addresses: addresses(fixture)?,
        stored: fixture.oracles.cache.clone(),
        machine: machine(fixture, clock),
        clock,
        in_time: fixture.in_time,
        denied: rights::denied(fixture, cwd)?,
        startable: rights::startable(fixture, cwd)?,
        modes: rights::modes(fixture, cwd)?,
        ..Facts::default()
    };
    results_are_somewhere(fixture, &facts)?;
    programs_are_somewhere(fixture, &facts)?;
    programs_among_files(fixture, &mut facts);
    Ok(facts)
}

/// A file in a directory on PATH that whoever runs the command may start is a program on PATH, and so is a link that leads to one. Whether the system can start it is told by who
/// says what it does. Where nothing else can be of that name, one that may not be started is none.
fn programs_among_files(fixture: &Fixture, facts: &mut Facts) {
    let dirs = facts.path_directories().unwrap_or_default();
    for name in facts.told_on_path().into_iter().filter(|name| !fixture.oracles.has_bin.contains_key(name)) {
        let may_start = |dir: &String| facts.may_start_in(dir, &name);
        let is_there = dirs.iter().any(|dir| may_start(dir) == Some(true));
        let may_hold = facts.may_hold_program(&name).unwrap_or_default();
        if !is_there && may_hold.iter().any(|dir| may_start(dir) != Some(false)) {
            continue;
        }
        let says_what_it_does = |words: &String| words.split(' ').next() == Some(&name);
        if is_there && !facts.bins.contains_key(&name) && !fixture.oracles.exec.keys().any(says_what_it_does) {
            facts.doubtful.insert(name.clone());
        }
        facts.bins.entry(name).or_insert(is_there);
    }
}

/// What the clock says, in the time zone of the machine. `TZ` says that, too.
fn clock(fixture: &Fixture) -> Result<Option<Clock>, Contradiction> {
    let Some(clock) = fixture.clock.as_deref().and_then(Clock::parse) else { return Ok(None) };
    let Some(zone) = fixture.env.get("TZ") else { return Ok(Some(clock)) };
    let of =
        |offset: &str, way: &[&str]| Statement::of(way).implied(&format!("that the time zone is at {offset} then"));
    clock
        .with_zone(zone)
        .map(Some)
        .map_err(|[told, there]| Contradiction { one: of(&told, &["clock"]), other: of(&there, &["env", "TZ"]) })
}

/// Other facts of the machine. When the run starts is one, if the clock says that to the second.
fn machine(fixture: &Fixture, clock: Option<Clock>) -> BTreeMap<String, String> {
    let started = clock.and_then(Clock::unix).map(|at| ("now_unix".to_owned(), at.to_string()));
    fixture.machine.facts().into_iter().chain(started).collect()
}

/// What is stored is in a directory that a variable names, and in which it can be.
fn results_are_somewhere(fixture: &Fixture, facts: &Facts) -> Result<(), Contradiction> {
    let of = |key: &String| Statement::of(&["oracles", "cache", key]);
    let mut stored = fixture.oracles.cache.iter().filter(|(_, entry)| entry.is_some()).map(|(key, _)| key);
    let variable = || match () {
        () if fixture.env.contains_key("HOME") => Statement::of(&["env", "HOME"]),
        () if fixture.env_missing.contains("HOME") => Statement::of(&["env_missing"]),
        () => Statement::of(&["env_only"]),
    };
    if !facts.may_store() {
        let Some(key) = stored.next() else { return Ok(()) };
        let one = of(key).implied("that `HOME` or `XDG_CACHE_HOME` names a directory");
        return Err(Contradiction { one, other: variable() });
    }
    let Some(dirs) = facts.store_directories() else { return Ok(()) };
    let may_hold = |key: &str| {
        let name = store::file_name(&[store::KIND, key]);
        dirs.iter().any(|dir| facts.may_stand(dir, &name))
    };
    let Some(key) = stored.find(|key| !may_hold(key)) else { return Ok(()) };
    let named = ["XDG_CACHE_HOME", "HOME"].into_iter().find(|name| fixture.env.contains_key(*name));
    let other = named.map_or_else(variable, |name| Statement::of(&["env", name]));
    let other = other.implied("that by what is said of files there is nothing where results are");
    Err(Contradiction { one: of(key), other })
}

/// A program that is on PATH is in a directory that PATH names: then it names one in which there may be one.
fn programs_are_somewhere(fixture: &Fixture, facts: &Facts) -> Result<(), Contradiction> {
    let there = facts.bins.iter().filter(|(name, there)| **there && !name.contains('/')).map(|(name, _)| name);
    let may_start = |dir: &String, name: &str| facts.may_start_in(dir, name) != Some(false);
    let may_hold =
        |name: &str| facts.may_hold_program(name).is_none_or(|dirs| dirs.iter().any(|dir| may_start(dir, name)));
    let Some(name) = there.into_iter().find(|name| !may_hold(name)) else { return Ok(()) };
    let at = fixture.bins.iter().flatten().position(|listed| listed == name);
    let one = match at {
        Some(at) => Statement::worded("`bins`".to_owned(), vec!["bins".to_owned(), at.to_string()]),
        None => Statement::of(&["oracles", "has_bin", name]),
    };
    let other = match () {
        () if facts.env.contains_key("PATH") => Statement::of(&["env", "PATH"]),
        () => Statement::of(&["env_missing"]),
    };
    let other = other.implied("that no directory on PATH can hold it");
    Err(Contradiction { one: one.implied(&format!("that `{name}` is on PATH")), other })
}

/// A variable that is not set has no value and is on no list of those that are set.
fn variables_hold_together(fixture: &Fixture) -> Result<(), Contradiction> {
    let listed = |name: &String| matches!(&fixture.env_only, Some(EnvOnly::Names(names)) if names.contains(name));
    for name in &fixture.env_missing {
        let other = match fixture.env.contains_key(name) {
            true => Statement::of(&["env", name]),
            false if listed(name) => Statement::of(&["env_only"]),
            false => continue,
        };
        let one = Statement::of(&["env_missing"]).implied(&format!("that `{name}` is not set"));
        return Err(Contradiction { one, other });
    }
    Ok(())
}

/// What programs and lines for the shell do, by what is said of them in either way.
fn programs(fixture: &Fixture) -> Result<BTreeMap<String, facts::ProgramFact>, Contradiction> {
    let oracles = &fixture.oracles;
    let mut all: BTreeMap<String, facts::ProgramFact> =
        oracles.exec.iter().map(|(words, fact)| (words.clone(), program(fact))).collect();
    for (line, stdout) in &oracles.shell_output {
        let fact = facts::ProgramFact { stdout: stdout.clone(), ..facts::ProgramFact::default() };
        if all.insert(line.clone(), fact.clone()).is_some_and(|other| other != fact) {
            let [one, other] = ["exec", "shell_output"].map(|oracle| Statement::of(&["oracles", oracle, line]));
            return Err(Contradiction { one, other });
        }
    }
    Ok(all)
}

/// What packages are to the manager of the machine.
fn packages(fixture: &Fixture) -> BTreeMap<String, Packaged> {
    let told = fixture.oracles.packages.iter().map(|(name, fact)| {
        let is = match fact {
            PackageFact::Installed => Packaged::Installed,
            PackageFact::Available => Packaged::Available,
            PackageFact::Missing => Packaged::Missing,
        };
        (name.clone(), is)
    });
    told.collect()
}

fn program(fact: &ExecFact) -> facts::ProgramFact {
    let effects = fact.effects.iter().map(|effect| match effect {
        EffectFact::Write(fact) => facts::EffectFact::Write(fact.write.clone(), fact.content.clone()),
        EffectFact::Mkdir(fact) => facts::EffectFact::MakeDir(fact.mkdir.clone()),
        EffectFact::Remove(fact) => facts::EffectFact::Remove(fact.remove.clone()),
    });
    facts::ProgramFact {
        status: fact.status,
        stdout: fact.stdout.clone(),
        effects: effects.collect(),
        status_only: fact.status_only,
    }
}

/// What is answered, by the addresses as they are sent.
fn answers(fixture: &Fixture) -> Result<BTreeMap<String, facts::AnswerFact>, Contradiction> {
    let mut all: BTreeMap<String, (Statement, facts::AnswerFact)> = BTreeMap::new();
    for (text, HttpFact { status, body, redirect, status_only }) in &fixture.oracles.http {
        let who = Statement::of(&["oracles", "http", text]);
        let has_key = || Statement::key(&["oracles", "http"], text);
        let of = |key: &str| Statement::of(&["oracles", "http", text, key]);
        let against = |one, rule: &str| Contradiction { one, other: Statement::words(rule) };
        let Some(url) = Url::parse(text) else {
            let rule = "a key is a web address: `http://` or `https://`, a host, and perhaps more";
            return Err(against(has_key(), rule));
        };
        if url.host().is_nowhere() {
            return Err(against(has_key(), "names beneath `invalid` have no address, so nobody answers there"));
        }
        if let Some(to) = redirect.as_deref().filter(|_| !net::leads(*status)) {
            let rule =
                format!("an answer leads elsewhere with status 301, 302, 303, 307 or 308, and this one has {status}");
            return Err(against(of("redirect").is(to), &rule));
        }
        if *status_only && net::leads(*status) {
            let rule = format!("an answer with status {status} leads elsewhere, so more is told of it than its status");
            return Err(against(of("status_only").is("true"), &rule));
        }
        if matches!(status, 204 | 304) && !body.is_empty() {
            return Err(against(of("body").not_empty(), &format!("an answer with status {status} has no body")));
        }
        let told = Some(body.clone()).filter(|_| !status_only);
        let fact = facts::AnswerFact { status: *status, body: told, redirect: redirect.clone() };
        if let Some((other, _)) = all.insert(url.as_str().to_owned(), (who.clone(), fact)) {
            return Err(Contradiction { one: other, other: who.implied("the same address") });
        }
    }
    Ok(all.into_iter().map(|(url, (_, fact))| (url, fact)).collect())
}

/// The addresses of hosts, by their names as they are looked up. Whoever answers has one.
fn addresses(fixture: &Fixture) -> Result<BTreeMap<String, Vec<IpAddr>>, Contradiction> {
    let mut all: BTreeMap<String, (Statement, Vec<IpAddr>)> = BTreeMap::new();
    for (text, told) in &fixture.oracles.dns {
        let who = Statement::of(&["oracles", "dns", text]);
        let against = |one, rule: &str| Contradiction { one, other: Statement::words(rule) };
        let not_a_name = |why: &str| {
            let rule = format!("a key is the name of a host, such as `db.example.org`, {why}");
            against(Statement::key(&["oracles", "dns"], text), &rule)
        };
        let name = match Host::parse(text) {
            Some(Host::Address(_)) => return Err(not_a_name("and this is an address")),
            None => return Err(not_a_name("without port and path")),
            Some(host) if host.is_nowhere() && !told.is_empty() => {
                return Err(against(who.not_empty(), "names beneath `invalid` have no address"));
            }
            Some(Host::Name(name)) => name,
        };
        let mut addresses: Vec<IpAddr> = Vec::new();
        for (at, address) in told.iter().enumerate() {
            let Ok(read) = address.parse() else {
                let one = Statement::of(&["oracles", "dns", text, &at.to_string()]).is(address);
                return Err(against(one, "an address is one like `192.0.2.7` or `2001:db8::7`"));
            };
            addresses.push(read);
        }
        if let Some((other, _)) = all.insert(name.to_string(), (who.clone(), addresses)) {
            return Err(Contradiction { one: other, other: who.implied("the same name") });
        }
    }
    for url in fixture.oracles.http.keys() {
        let Some(Host::Name(name)) = Url::parse(url).map(|url| url.host().clone()) else { continue };
        if let Some((who, _)) = all.get(&*name).filter(|(_, addresses)| addresses.is_empty()) {
            let one = Statement::of(&["oracles", "http", url]).implied("that there is somebody who answers");
            return Err(Contradiction { one, other: who.clone() });
        }
    }
    Ok(all.into_iter().map(|(name, (_, addresses))| (name, addresses)).collect())
}

/// What stands at paths, with who said so.
#[derive(Default)]
struct Files {
    stated: BTreeMap<String, (Stated, Statement)>,
}

impl Files {
    fn collect(fixture: &Fixture, cwd: &str) -> Result<BTreeMap<String, Stated>, Contradiction> {
        let mut files = Self::default();
        let clean = |text: &str| path::clean(cwd, text);
        let started = "that the command is started there";
        let starts = match fixture.cwd {
            Some(_) => Statement::of(&["cwd"]).implied(started),
            None => Statement::words("the command is started there, so it is a directory"),
        };
        files.put(cwd, Stated::Dir { closed: false }, &starts)?;
        for (text, fact) in &fixture.files {
            let stated = match fact {
                FileFact::File { content, .. } => Stated::File(content.clone()),
                FileFact::Dir { closed, .. } => Stated::Dir { closed: *closed },
                FileFact::Link { target } => Stated::Link(target.clone()),
                FileFact::Absent {} => Stated::Absent,
            };
            if let Some(path) = clean(text) {
                files.put(&path, stated, &Statement::of(&["files", text]))?;
            }
        }
        for (text, there) in &fixture.oracles.file_exists {
            if let Some(path) = clean(text) {
                let stated = if *there { Stated::There } else { Stated::Absent };
                files.put(&path, stated, &Statement::of(&["oracles", "file_exists", text]))?;
            }
        }
        for (key, roots) in [("fs_read", &fixture.fs_read), ("fs_write", &fixture.fs_write)] {
            for (at, text) in roots.iter().flatten().enumerate() {
                let Some(path) = clean(text) else { continue };
                let overruled = fixture
                    .oracles
                    .file_exists
                    .iter()
                    .any(|(other, there)| !there && clean(other).as_ref() == Some(&path));
                if !overruled {
                    let way = vec![key.to_owned(), at.to_string()];
                    files.put(&path, Stated::There, &Statement::worded(format!("`{key}` with {text:?}"), way))?;
                }
            }
        }
        files.add_parents()?;
        files.check_closed()?;
        Ok(files.stated.into_iter().map(|(path, (stated, _))| (path, stated)).collect())
    }

    fn put(&mut self, path: &str, stated: Stated, who: &Statement) -> Result<(), Contradiction> {
        if path == "/" {
            return match stated {
                Stated::Dir { closed } => {
                    self.stated.insert(path.to_owned(), (Stated::Dir { closed }, who.clone()));
                    Ok(())
                }
                Stated::There => Ok(()),
                _ => {
                    Err(Contradiction { one: who.clone(), other: Statement::words("`/` is a directory on every host") })
                }
            };
        }
        let both = match self.stated.get(path) {
            None => stated,
            Some((there, other)) => match (there.clone(), stated) {
                (there, new) if there == new => there,
                (Stated::Dir { closed: a }, Stated::Dir { closed: b }) => Stated::Dir { closed: a || b },
                // A link may be there and lead to something that is.
                (there, Stated::There) | (Stated::There, there) if there != Stated::Absent => there,
                _ => return Err(Contradiction { one: other.clone(), other: who.clone() }),
            },
        };
        self.stated.insert(path.to_owned(), (both, who.clone()));
        Ok(())
    }

    /// What is there has directories above it, unless it is reached through links.
    fn add_parents(&mut self) -> Result<(), Contradiction> {
        let there: Vec<(String, Statement)> = self
            .stated
            .iter()
            .filter(|(_, (stated, _))| *stated != Stated::Absent)
            .map(|(path, (_, who))| (path.clone(), who.clone()))
            .collect();
        for (path, who) in there {
            for dir in path::ancestors(&path) {
                if matches!(self.stated.get(dir), Some((Stated::Link(_), _))) {
                    break;
                }
                self.put(dir, Stated::Dir { closed: false }, &who.implied("that something is beneath"))?;
            }
        }
        Ok(())
    }

    /// Nothing is missing from a closed directory, since what is mentioned is in it. But what is said to be beneath
    /// something absent, or beneath a link, says nothing that can be kept.
    fn check_closed(&self) -> Result<(), Contradiction> {
        for (path, (stated, who)) in &self.stated {
            if *stated == Stated::Absent {
                continue;
            }
            for dir in path::ancestors(path) {
                if let Some((Stated::Link(_), link)) = self.stated.get(dir) {
                    return Err(Contradiction {
                        one: who.clone(),
                        other: Statement::worded(
                            format!("{link} (state what is behind the link at its target)"),
                            link.way.clone(),
                        ),
                    });
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(json: &str) -> Result<BTreeMap<String, Stated>, Contradiction> {
        facts_of(&Fixture::parse(json).unwrap(), "/w").map(|facts| facts.files)
    }

    #[test]
    fn what_is_there_has_directories_above_it() {
        let files = files(r#"{"files": {"/a/b/c": {"kind": "file"}}}"#).unwrap();
        assert_eq!(files["/a/b"], Stated::Dir { closed: false });
        assert_eq!(files["/w"], Stated::Dir { closed: false });
    }

    #[test]
    fn contradictions_name_both_sides() {
        let error =
            files(r#"{"files": {"/a": {"kind": "file"}}, "oracles": {"file_exists": {"/a/b": true}}}"#).unwrap_err();
        assert!(
            error.to_string().contains("files[\"/a\"]") && error.to_string().contains("file_exists[\"/a/b\"]"),
            "{error}"
        );
        assert!(files(r#"{"files": {"/a": {"kind": "absent"}}, "oracles": {"file_exists": {"/a": true}}}"#).is_err());
    }

    #[test]
    fn what_no_server_can_answer_is_a_contradiction() {
        let answers = |json: &str| facts_of(&Fixture::parse(json).unwrap(), "/w").map(|facts| facts.answers);
        let of = |entry: &str| answers(&format!(r#"{{"oracles": {{"http": {{{entry}}}}}}}"#));
        let told = of(r#""https://X.org:443": {"status": 302, "redirect": "/a"}"#).unwrap();
        assert_eq!(told.keys().collect::<Vec<_>>(), ["https://x.org/"]);
        for (entry, says) in [
            (r#""x.org": {}"#, "`oracles.http` has the key `x.org`: a key is a web address"),
            (r#""http://a.invalid/": {}"#, "`oracles.http` has the key `http://a.invalid/`: names beneath `invalid`"),
            (
                r#""https://x.org/": {"redirect": "/a"}"#,
                ".redirect` is `/a`: an answer leads elsewhere with status 301",
            ),
            (
                r#""https://x.org/": {"status": 302, "status_only": true}"#,
                ".status_only` is `true`: an answer with status 302",
            ),
            (
                r#""https://x.org/": {"status": 204, "body": "a"}"#,
                ".body` is not empty: an answer with status 204 has no body",
            ),
            (r#""https://x.org": {}, "https://x.org/": {}"#, "the same address"),
        ] {
            let error = of(entry).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }

    #[test]
    fn what_no_name_is_looked_up_as_is_a_contradiction() {
        let addresses = |entry: &str| {
            let json = format!(r#"{{"oracles": {{"dns": {{{entry}}}}}}}"#);
            facts_of(&Fixture::parse(&json).unwrap(), "/w").map(|facts| facts.addresses)
        };
        for (entry, says) in [
            (
                r#""192.0.2.7": []"#,
                "`oracles.dns` has the key `192.0.2.7`: a key is the name of a host, such as `db.example.org`, and this is an address",
            ),
            (
                r#""x.org:80": []"#,
                "`oracles.dns` has the key `x.org:80`: a key is the name of a host, such as `db.example.org`, without port and path",
            ),
            (
                r#""a.invalid": ["192.0.2.7"]"#,
                "`oracles.dns[\"a.invalid\"]` is not empty: names beneath `invalid` have no address",
            ),
            (
                r#""x": ["192.0.2.7", "192.0.2"]"#,
                "`oracles.dns.x[1]` is `192.0.2`: an address is one like `192.0.2.7` or `2001:db8::7`",
            ),
        ] {
            assert_eq!(addresses(entry).unwrap_err().to_string(), says);
        }
    }

    #[test]
    fn what_a_rule_speaks_against_is_shown_with_its_value() {
        for (json, says) in [
            (
                r#"{"files": {"/a": {"kind": "file", "mode": "999"}}}"#,
                "`files[\"/a\"].mode` is `999`: a mode is three or four octal digits, such as `0644`",
            ),
            (r#"{"files": {"/": {"kind": "absent"}}}"#, "`files[\"/\"]`: `/` is a directory on every host"),
            (
                r#"{"files": {"/w": {"kind": "file"}}}"#,
                "`files[\"/w\"]`: the command is started there, so it is a directory",
            ),
        ] {
            assert_eq!(files(json).unwrap_err().to_string(), says);
        }
    }

    #[test]
    fn a_program_on_path_is_in_a_directory_that_may_hold_it() {
        let facts = |json: &str| facts_of(&Fixture::parse(json).unwrap(), "/w");
        let told = facts(r#"{"env_only": true, "bins": ["git"]}"#).unwrap();
        assert!(told.env_set.contains("PATH"));
        for wrong in [
            r#"{"env_missing": ["PATH"], "bins": ["git"]}"#,
            r#"{"env": {"PATH": ""}, "bins": ["git"]}"#,
            r#"{"env": {"PATH": "bin:/a"}, "oracles": {"has_bin": {"git": true}}, "files": {"/a": {"kind": "absent"}}}"#,
            r#"{"env": {"PATH": "/a"}, "bins": ["git"], "files": {"/a": {"kind": "dir", "closed": true}}}"#,
            r#"{"env": {"PATH": "/a"}, "bins": ["git"], "files": {"/a/git": {"kind": "absent"}}}"#,
            r#"{"env": {"PATH": "/a"}, "bins": ["git"], "files": {"/a/git": {"kind": "link", "target": "../b"}, "/b": {"kind": "dir"}}}"#,
            r#"{"env": {"PATH": "/a"}, "bins": ["git"], "files": {"/a/git": {"kind": "link", "target": "git"}}}"#,
            r#"{"env": {"PATH": "/a"}, "bins": ["git"], "files": {"/a": {"kind": "dir", "closed": true}, "/a/git": {"kind": "link", "target": "/a/g"}}}"#,
        ] {
            let error = facts(wrong).unwrap_err().to_string();
            assert!(error.contains("no directory on PATH can hold it"), "{error}");
        }
        for right in [
            r#"{"env": {"PATH": "/a:/b"}, "bins": ["git"], "files": {"/a/git": {"kind": "absent"}}}"#,
            r#"{"env": {"PATH": "/a"}, "bins": ["git"], "files": {"/a": {"kind": "dir", "closed": true}, "/a/git": {"kind": "file"}}}"#,
            r#"{"env": {"PATH": "/a"}, "bins": ["git"], "files": {"/a/git": {"kind": "link", "target": "/b/git"}, "/b": {"kind": "dir"}}}"#,
            r#"{"env": {"PATH": "/a"}, "bins": ["git"], "files": {"/a/git": {"kind": "link", "target": "c/../b"}, "/a/b": {"kind": "dir"}}}"#,
            r#"{"env": {"PATH": ""}, "bins": ["/opt/git"], "oracles": {"has_bin": {"git": false}}}"#,
        ] {
            assert!(facts(right).is_ok(), "{right}");
        }
    }

    #[test]
    fn an_oracle_wins_over_a_root() {
        let files = files(r#"{"fs_write": ["/srv"], "oracles": {"file_exists": {"/srv": false}}}"#).unwrap();
        assert_eq!(files["/srv"], Stated::Absent);
    }

    #[test]
    fn two_policies_allow_what_both_allow() {
        let a = Policy { write_roots: Some(vec!["/srv".into(), "/tmp".into()]), ..Policy::default() };
        let b = Policy { write_roots: Some(vec!["/srv/app".into()]), no_write: true, ..Policy::default() };
        let both = both(a, b);
        assert_eq!(both.write_roots, Some(vec!["/srv/app".to_owned()]));
        assert!(both.no_write);
    }
}
