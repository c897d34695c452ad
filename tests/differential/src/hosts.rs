//! Model hosts: generated, partly forgotten, completed, built for real, read back.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;

use perch_fixtures::{
    EffectFact, EnvOnly, ExecFact, FileFact, Fixture, HttpFact, Machine, MkdirFact, RemoveFact, WriteFact,
};
use perch_ops::machine::TEMPORARY_VARIABLE;
use perch_ops::pure::Clock;
use perch_policy::path;
use serde::{Deserialize, Serialize};

use crate::random::Random;
use crate::served::{self, Answers};

/// A complete host, as far as programs of the harness can tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// The directory in which everything happens.
    pub root: String,
    /// Where the command starts: `root` or a directory in it.
    pub cwd: String,
    /// What stands below `root`, `root` itself included.
    pub tree: BTreeMap<String, Entry>,
    /// Environment variables.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Programs on PATH. The k-th start uses the k-th fact, the last one from then on. A key may be a program with words: what
    /// it does when it is started with exactly these.
    #[serde(default)]
    pub programs: BTreeMap<String, Vec<ExecFact>>,
    /// What is answered to requests, by web address: to all others, that nothing is there.
    #[serde(default)]
    pub answers: BTreeMap<String, HttpFact>,
    /// Addresses of which the answer ends before its body does.
    #[serde(default)]
    pub cut: BTreeSet<String>,
}

/// What stands at a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Entry {
    /// A directory.
    Dir,
    /// A file.
    File {
        /// Its content.
        content: String,
    },
    /// A symbolic link.
    Link {
        /// Its target.
        target: String,
    },
}

/// How much of a host a fixture tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Knowledge {
    /// Everything, and that it is everything.
    Full,
    /// Each fact with probability one half.
    Half,
    /// Nothing but links (there are no unlisted ones) and the working directory.
    None,
}

impl Knowledge {
    /// How much the fixture of a triple tells.
    pub fn choose(random: &mut Random) -> Self {
        match random.below(10) {
            0..=3 => Self::Full,
            4..=7 => Self::Half,
            _ => Self::None,
        }
    }

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Half => "half",
            Self::None => "none",
        }
    }
}

/// Names of variables.
pub const VARIABLES: &[&str] = &["E1", "E2", "E3"];
/// Names of programs.
pub const PROGRAMS: &[&str] = &["p", "q", "r"];
/// The programs by which hosts manage packages, if they do.
pub const PACKAGERS: &[&str] = &["apk", "sudo"];
/// A program that a package has brought: whoever removes that takes it away.
pub const PACKAGED: &str = "pkg";
/// Programs that everybody knows, with words of which it is known what they do.
pub const USUAL: &[(&str, &str)] = &[("true", "true"), ("false", "false"), ("echo", "echo one")];
const CONTENTS: &[&str] = &["", "x", "a", "b", "a\nb", "d", "0", "true", "a\n\nb\n"];
const VALUES: &[&str] = &["", "a", "b", "a\nb", "d", "0", "1", "x"];
const NAMES: &[&str] = &["a", "b", "c", "d", "e"];

/// Every path that generated programs name.
#[must_use]
pub fn pool(root: &str) -> Vec<String> {
    let mut pool = Vec::new();
    for dir in ["", "d/", "e/", "d/e/", "c/"] {
        for name in NAMES.iter().chain(&["l"]) {
            pool.push(format!("{root}/{dir}{name}"));
        }
    }
    pool
}

impl Host {
    /// A host.
    #[must_use]
    pub fn generate(random: &mut Random, root: &str, links: bool) -> Self {
        let mut tree = BTreeMap::from([(root.to_owned(), Entry::Dir)]);
        for path in pool(root) {
            let dense = if path::base(&path) == "d" || path::base(&path) == "e" { 60 } else { 40 };
            if tree.get(path::parent(&path)) != Some(&Entry::Dir) || !random.chance(dense) {
                continue;
            }
            let entry = match path::base(&path) {
                "l" if links && random.chance(60) => Entry::Link { target: link_target(random, root) },
                "l" => continue,
                "d" | "e" if random.chance(75) => Entry::Dir,
                _ if random.chance(15) => Entry::Dir,
                _ => Entry::File { content: (*random.pick(CONTENTS)).to_owned() },
            };
            tree.insert(path, entry);
        }
        let cwd = if random.chance(30) && tree.get(&format!("{root}/d")) == Some(&Entry::Dir) {
            format!("{root}/d")
        } else {
            root.to_owned()
        };
        let temporary = temporary_dir(root);
        match random.below(12) {
            0 => {}
            1 => drop(tree.insert(temporary, Entry::File { content: "x".to_owned() })),
            2 if links => drop(tree.insert(temporary, Entry::Link { target: "d".to_owned() })),
            _ => drop(tree.insert(temporary, Entry::Dir)),
        }
        let mut host = Self {
            root: root.to_owned(),
            cwd,
            tree,
            env: BTreeMap::new(),
            programs: BTreeMap::new(),
            answers: BTreeMap::new(),
            cut: BTreeSet::new(),
        };
        host.generate_env(random);
        host.generate_programs(random);
        host.generate_usual_programs(random);
        host.answers = web_addresses(root).into_iter().map(|address| (address, answer(random, root))).collect();
        host
    }

    fn generate_env(&mut self, random: &mut Random) {
        for name in VARIABLES {
            if random.chance(60) {
                self.env.insert((*name).to_owned(), (*random.pick(VALUES)).to_owned());
            }
        }
        self.env.insert("PATH".to_owned(), bin_dir(&self.root));
        self.env.insert("HOME".to_owned(), home_dir(&self.root));
        self.env.insert(TEMPORARY_VARIABLE.to_owned(), temporary_dir(&self.root));
    }

    fn generate_programs(&mut self, random: &mut Random) {
        for name in PROGRAMS.iter().chain(PACKAGERS) {
            let chance = if PACKAGERS.contains(name) { 50 } else { 75 };
            if random.chance(chance) {
                let count = 1 + random.below(2);
                self.programs.insert((*name).to_owned(), (0..count).map(|_| exec_fact(random)).collect());
            }
        }
    }

    fn generate_usual_programs(&mut self, random: &mut Random) {
        for (name, _) in USUAL {
            if random.chance(60) {
                self.programs.insert((*name).to_owned(), usual(name).into_iter().collect());
            }
        }
    }

    /// What a fixture tells of this host.
    #[must_use]
    pub fn forget(&self, random: &mut Random, knowledge: Knowledge) -> Fixture {
        let mut fixture = Fixture { cwd: Some(self.cwd.clone()), ..Fixture::default() };
        self.tell_files(random, knowledge, &mut fixture);
        if knowledge == Knowledge::None {
            return fixture;
        }
        if knowledge == Knowledge::Full {
            fixture.files.extend(around(&self.root));
        }
        let keep = |random: &mut Random| knowledge == Knowledge::Full || random.chance(50);
        if keep(random) {
            fixture.os = Some("linux".to_owned());
        }
        if keep(random) {
            fixture.arch = Some(perch_system::arch().to_owned());
        }
        if keep(random) {
            fixture.machine = this_machine();
        }
        if keep(random) {
            // A run that begins today and ends tomorrow would be one on another host.
            fixture.clock = perch_system::now().get(..10).and_then(Clock::parse).map(Clock::day);
        }
        fixture.in_time = keep(random);
        for (name, value) in &self.env {
            if keep(random) {
                fixture.env.insert(name.clone(), value.clone());
            }
        }
        if keep(random) {
            let missing: Vec<String> =
                self.env.keys().filter(|name| !fixture.env.contains_key(*name)).cloned().collect();
            fixture.env_only = Some(if missing.is_empty() { EnvOnly::Closed(true) } else { EnvOnly::Names(missing) });
        } else {
            let unset = VARIABLES.iter().filter(|name| !self.env.contains_key(**name) && random.chance(50));
            fixture.env_missing = unset.map(|name| (*name).to_owned()).collect();
        }
        self.tell_programs(random, knowledge, &mut fixture);
        let told = self.answers.iter().filter(|_| keep(random));
        let as_told = |answer: &HttpFact| match knowledge {
            Knowledge::Full => answer.clone(),
            _ => as_told(answer),
        };
        fixture.oracles.http = told.map(|(address, answer)| (address.clone(), as_told(answer))).collect();
        fixture
    }

    fn tell_programs(&self, random: &mut Random, knowledge: Knowledge, fixture: &mut Fixture) {
        let keep = |random: &mut Random| knowledge == Knowledge::Full || random.chance(50);
        if keep(random) {
            let alone = self.programs.keys().filter(|words| !words.contains(' '));
            fixture.bins = Some(alone.cloned().collect());
        }
        for name in program_names() {
            if fixture.bins.is_none() && random.chance(50) {
                fixture.oracles.has_bin.insert(name.to_owned(), self.programs.contains_key(name));
            }
        }
        for (name, facts) in &self.programs {
            // What everybody knows need not be told.
            let told = keep(random) && (usual(name).is_none() || random.chance(30));
            if told && facts.len() == 1 {
                fixture.oracles.exec.insert(format!("{name} *"), facts[0].clone());
            }
        }
    }

    fn tell_files(&self, random: &mut Random, knowledge: Knowledge, fixture: &mut Fixture) {
        let mut told: BTreeSet<String> = BTreeSet::new();
        let links = self.tree.iter().filter(|(_, entry)| matches!(entry, Entry::Link { .. }));
        told.extend(links.map(|(path, _)| path.clone()));
        if knowledge != Knowledge::None {
            let full = knowledge == Knowledge::Full;
            told.extend(self.tree.keys().filter(|_| full || random.chance(50)).cloned());
            let dirs: Vec<&String> =
                self.tree.iter().filter(|(_, entry)| **entry == Entry::Dir).map(|(path, _)| path).collect();
            for dir in dirs {
                if !full && !random.chance(25) {
                    continue;
                }
                fixture.files.insert(dir.clone(), FileFact::dir(true));
                told.extend(self.tree.keys().filter(|path| path::parent(path) == dir).cloned());
            }
            for path in pool(&self.root) {
                if !full && !self.tree.contains_key(&path) && self.no_link_above(&path) && random.chance(30) {
                    if random.chance(50) {
                        fixture.files.insert(path, FileFact::Absent {});
                    } else {
                        fixture.oracles.file_exists.insert(path, false);
                    }
                }
            }
        }
        for path in told {
            let Some(entry) = self.tree.get(&path) else { continue };
            let coarse = knowledge == Knowledge::Half && random.chance(30);
            let fact = match entry {
                Entry::Link { target } => FileFact::Link { target: target.clone() },
                _ if coarse && !fixture.files.contains_key(&path) => {
                    fixture.oracles.file_exists.insert(path, true);
                    continue;
                }
                Entry::Dir => match fixture.files.get(&path) {
                    Some(there) => there.clone(),
                    None => FileFact::dir(false),
                },
                Entry::File { .. } if coarse => FileFact::file(None),
                Entry::File { content } => FileFact::file(Some(content.clone())),
            };
            fixture.files.insert(path, fact);
        }
    }

    fn no_link_above(&self, path: &str) -> bool {
        path::ancestors(path).all(|dir| !matches!(self.tree.get(dir), Some(Entry::Link { .. })))
    }

    /// Programs do the same every time: a fixture can tell what a program does, not that it does something else the second time.
    pub fn keep_first_starts(&mut self) {
        self.programs.values_mut().for_each(|starts| starts.truncate(1));
    }

    /// Itself and others that agree with the fixture, up to that many.
    #[must_use]
    pub fn with_others(&self, random: &mut Random, fixture: &Fixture, hosts: usize) -> Vec<Self> {
        let others = (1..hosts).map(|_| self.complete(random, fixture)).filter(|host| host.agrees(fixture));
        std::iter::once(self.clone()).chain(others).collect()
    }

    /// Another host that agrees with the fixture, as different as chance has it.
    #[must_use]
    pub fn complete(&self, random: &mut Random, fixture: &Fixture) -> Self {
        let mut host = Self::generate(random, &self.root, false);
        host.cwd.clone_from(&self.cwd);
        host.impose(random, fixture);
        host
    }

    /// Changes what the fixture contradicts.
    pub fn impose(&mut self, random: &mut Random, fixture: &Fixture) {
        self.put(&self.cwd.clone(), Entry::Dir);
        for (path, fact) in self.own_facts(fixture) {
            match fact {
                FileFact::Absent {} => self.remove(path),
                FileFact::Dir { .. } if self.tree.get(path) != Some(&Entry::Dir) => self.put(path, Entry::Dir),
                FileFact::Dir { .. } => {}
                FileFact::Link { target } => {
                    self.remove(path);
                    self.put(path, Entry::Link { target: target.clone() });
                }
                FileFact::File { content, .. } => {
                    let known = content.clone();
                    let content = known.unwrap_or_else(|| (*random.pick(CONTENTS)).to_owned());
                    self.remove(path);
                    self.put(path, Entry::File { content });
                }
            }
        }
        for (path, there) in &fixture.oracles.file_exists {
            match (there, self.tree.contains_key(path)) {
                (false, true) => self.remove(path),
                (true, false) => {
                    let content = (*random.pick(CONTENTS)).to_owned();
                    let entry = if random.chance(50) { Entry::Dir } else { Entry::File { content } };
                    self.put(path, entry);
                }
                _ => {}
            }
        }
        self.close(fixture);
        self.impose_env(fixture);
        self.impose_programs(random, fixture);
        for (address, told) in &fixture.oracles.http {
            let mut answer = told.clone();
            if told.status_only {
                let body = if matches!(told.status, 204 | 304) { "" } else { random.pick(CONTENTS) };
                answer = HttpFact { body: body.to_owned(), status_only: false, ..answer };
            }
            self.answers.insert(address.clone(), answer);
        }
        let open = self.answers.keys().filter(|address| !fixture.oracles.http.contains_key(*address));
        self.cut = open.filter(|_| random.chance(20)).cloned().collect();
    }

    /// What a fixture says of the root and what is beneath. What is around it is the same for all hosts.
    fn own_facts<'f>(&self, fixture: &'f Fixture) -> impl Iterator<Item = (&'f String, &'f FileFact)> + use<'f> {
        let root = self.root.clone();
        fixture.files.iter().filter(move |(path, _)| path::within(path, &root))
    }

    /// Removes what is not mentioned from closed directories.
    fn close(&mut self, fixture: &Fixture) {
        let mentioned = |path: &str| {
            let at_or_below = |other: &String| path::within(other, path);
            fixture.files.iter().any(|(other, fact)| *fact != FileFact::Absent {} && at_or_below(other))
                || fixture.oracles.file_exists.iter().any(|(other, there)| *there && at_or_below(other))
                || path::within(&self.cwd, path)
        };
        let closed = |dir: &str| fixture.files.get(dir) == Some(&FileFact::dir(true));
        let surplus: Vec<String> = self
            .tree
            .keys()
            .filter(|path| **path != self.root && closed(path::parent(path)) && !mentioned(path))
            .cloned()
            .collect();
        surplus.iter().for_each(|path| self.remove(path));
    }

    fn impose_env(&mut self, fixture: &Fixture) {
        let listed = |name: &String| match &fixture.env_only {
            Some(EnvOnly::Names(names)) => fixture.env.contains_key(name) || names.contains(name),
            Some(EnvOnly::Closed(true)) => fixture.env.contains_key(name),
            _ => true,
        };
        self.env.retain(|name, _| listed(name) && !fixture.env_missing.contains(name));
        if let Some(EnvOnly::Names(names)) = &fixture.env_only {
            for name in names.iter().filter(|name| *name != TEMPORARY_VARIABLE) {
                self.env.entry(name.clone()).or_insert_with(|| "x".to_owned());
            }
        }
        let temporary = TEMPORARY_VARIABLE.to_owned();
        if listed(&temporary) && !fixture.env_missing.contains(&temporary) {
            self.env.insert(temporary, temporary_dir(&self.root));
        }
        self.env.extend(fixture.env.clone());
        self.env.insert("PATH".to_owned(), bin_dir(&self.root));
        self.env.insert("HOME".to_owned(), home_dir(&self.root));
    }

    fn impose_programs(&mut self, random: &mut Random, fixture: &Fixture) {
        if let Some(bins) = &fixture.bins {
            self.programs.retain(|words, _| bins.contains(&program(words)));
            for name in bins {
                self.programs.entry(name.clone()).or_insert_with(|| vec![starting(name, random)]);
            }
        }
        for (name, there) in &fixture.oracles.has_bin {
            if *there {
                self.programs.entry(name.clone()).or_insert_with(|| vec![starting(name, random)]);
            } else {
                self.programs.remove(name);
            }
        }
        for (words, fact) in &fixture.oracles.exec {
            let starts = started(words).filter(|name| name.contains(' ') || self.programs.contains_key(*name));
            starts.map(|name| self.programs.insert(name.to_owned(), vec![fact.clone()]));
        }
    }

    /// Puts something there, with directories above it.
    pub fn put(&mut self, path: &str, entry: Entry) {
        let dirs: Vec<String> =
            path::ancestors(path).filter(|dir| path::within(dir, &self.root)).map(str::to_owned).collect();
        for dir in dirs {
            if self.tree.get(&dir) != Some(&Entry::Dir) {
                self.tree.insert(dir, Entry::Dir);
            }
        }
        self.tree.insert(path.to_owned(), entry);
    }

    /// Removes what is there, with all beneath.
    pub fn remove(&mut self, path: &str) {
        self.tree.retain(|other, _| !path::within(other, path));
    }

    /// Does the host agree with all that the fixture says? [`Self::impose`] cannot reconcile everything.
    #[must_use]
    pub fn agrees(&self, fixture: &Fixture) -> bool {
        self.is_sound(fixture)
            && self.agrees_on_files(fixture)
            && self.agrees_on_env(fixture)
            && self.agrees_on_programs(fixture)
            && self.agrees_on_answers(fixture)
    }

    /// Is everything in a directory, the working directory one, and each link stated?
    fn is_sound(&self, fixture: &Fixture) -> bool {
        let in_dir = |path: &String| *path == self.root || self.tree.get(path::parent(path)) == Some(&Entry::Dir);
        let stated =
            |path: &String, entry: &Entry| !matches!(entry, Entry::Link { .. }) || fixture.files.contains_key(path);
        self.tree.iter().all(|(path, entry)| in_dir(path) && stated(path, entry))
            && self.tree.get(&self.cwd) == Some(&Entry::Dir)
            && fixture.cwd.as_ref().is_none_or(|cwd| *cwd == self.cwd)
    }

    fn agrees_on_files(&self, fixture: &Fixture) -> bool {
        let told = |other: &String| {
            let at_or_below = |told: &String| path::within(told, other);
            fixture.files.iter().any(|(told, fact)| *fact != FileFact::Absent {} && at_or_below(told))
                || fixture.oracles.file_exists.iter().any(|(told, there)| *there && at_or_below(told))
                || path::within(&self.cwd, other)
        };
        let files = self.own_facts(fixture).all(|(path, fact)| match (fact, self.tree.get(path)) {
            (FileFact::Absent {}, entry) => entry.is_none(),
            (FileFact::Dir { closed: false, .. }, entry) => entry == Some(&Entry::Dir),
            (FileFact::Dir { closed: true, .. }, entry) => {
                let inside = self.tree.keys().filter(|other| path::parent(other) == path && *other != path);
                entry == Some(&Entry::Dir) && inside.into_iter().all(told)
            }
            (FileFact::Link { target }, Some(Entry::Link { target: real })) => target == real,
            (FileFact::File { content, .. }, Some(Entry::File { content: real })) => {
                content.as_ref().is_none_or(|content| content == real)
            }
            _ => false,
        });
        let exists = fixture.oracles.file_exists.iter().all(|(path, there)| self.tree.contains_key(path) == *there);
        let overruled = |path: &String| fixture.oracles.file_exists.get(path) == Some(&false);
        let mut listed = fixture.fs_read.iter().chain(&fixture.fs_write).flatten();
        files && exists && listed.all(|path| overruled(path) || self.tree.contains_key(path))
    }

    fn agrees_on_env(&self, fixture: &Fixture) -> bool {
        let stated = |name: &String| fixture.env.contains_key(name);
        let others = match &fixture.env_only {
            None | Some(EnvOnly::Closed(false)) => true,
            Some(EnvOnly::Closed(true)) => self.env.keys().all(stated),
            Some(EnvOnly::Names(names)) => {
                self.env.keys().all(|name| stated(name) || names.contains(name))
                    && names.iter().all(|name| self.env.contains_key(name))
            }
        };
        let unset = fixture.env_missing.iter().all(|name| !self.env.contains_key(name));
        others && unset && fixture.env.iter().all(|(name, value)| self.env.get(name) == Some(value))
    }

    fn agrees_on_programs(&self, fixture: &Fixture) -> bool {
        let there = |name: &String| self.programs.contains_key(name);
        let overruled = |name: &String| fixture.oracles.has_bin.contains_key(name);
        let bins = fixture.bins.as_ref().is_none_or(|bins| {
            bins.iter().all(|name| there(name) || overruled(name))
                && self.programs.keys().map(|words| program(words)).all(|name| bins.contains(&name) || overruled(&name))
        });
        let does = |name: &str, fact: &ExecFact| {
            self.programs.get(name).is_none_or(|starts| starts.iter().all(|start| start == fact))
        };
        bins && fixture.oracles.has_bin.iter().all(|(name, stated)| there(name) == *stated)
            && fixture.oracles.exec.iter().all(|(words, fact)| started(words).is_none_or(|name| does(name, fact)))
    }

    fn agrees_on_answers(&self, fixture: &Fixture) -> bool {
        let mut told = fixture.oracles.http.iter();
        let is_that = |real: &HttpFact, told: &HttpFact| match told.status_only {
            true => real.status == told.status && real.redirect.is_none(),
            false => real == told,
        };
        told.all(|(address, told)| {
            self.answers.get(address).is_some_and(|real| is_that(real, told)) && !self.cut.contains(address)
        })
    }

    /// Builds it.
    ///
    /// # Errors
    /// If the file system refuses.
    pub fn build(&self, stub: &Path) -> io::Result<()> {
        // Programs before may have left anything there, and around it.
        for dir in [path::parent(path::parent(&self.root)), path::parent(&self.root)] {
            if !fs::symlink_metadata(dir).is_ok_and(|there| there.is_dir()) {
                clear(dir)?;
            }
            fs::create_dir_all(dir)?;
        }
        clear(&self.root)?;
        clear(home_dir(&self.root))?;
        self.clean_around()?;
        for (path, entry) in &self.tree {
            match entry {
                Entry::Dir => fs::create_dir(path)?,
                Entry::File { content } => fs::write(path, content)?,
                Entry::Link { target } => symlink(target, path)?,
            }
        }
        served::answer(&self.root, &Answers { told: self.answers.clone(), cut: self.cut.clone() });
        self.build_programs(stub)
    }

    /// Removes what programs before have left around the root, which no host says anything of.
    fn clean_around(&self) -> io::Result<()> {
        let bin = bin_dir(&self.root);
        let ours = |path: &str| path::within(&self.root, path) || path::within(&bin, path) || path.starts_with(&bin);
        for dir in [path::parent(&self.root), path::parent(path::parent(&self.root))] {
            for entry in fs::read_dir(dir)? {
                let entry = entry?;
                let path = entry.path();
                if ours(&path.to_string_lossy()) {
                    continue;
                }
                clear(path)?;
            }
        }
        Ok(())
    }

    /// Is there a program of that name?
    #[must_use]
    pub fn has_program(&self, name: &str) -> bool {
        self.programs.keys().any(|words| program(words) == name)
    }

    /// Are its programs still on PATH, but for what a manager may take? A program may have removed what is above the root, and the
    /// command put something else there.
    #[must_use]
    pub fn has_its_programs(&self, stub: &Path) -> bool {
        let bin = bin_dir(&self.root);
        let mut names = self.programs.keys().map(|words| program(words)).filter(|name| name != PACKAGED);
        names.all(|name| is_stub(stub, Path::new(&format!("{bin}/{name}"))))
    }

    /// Programs are links to the stub, with what they do in a file beside them.
    fn build_programs(&self, stub: &Path) -> io::Result<()> {
        let bin = bin_dir(&self.root);
        let facts = format!("{bin}.facts");
        for dir in [&bin, &facts] {
            fs::create_dir_all(dir)?;
        }
        for name in program_names().filter(|name| !self.programs.contains_key(*name)) {
            drop(fs::remove_file(format!("{bin}/{name}")));
        }
        // It has the mode that a command before has given to one of its names.
        if fs::metadata(stub)?.mode() & 0o111 != 0o111 {
            fs::set_permissions(stub, fs::Permissions::from_mode(0o755))?;
        }
        for (words, entries) in &self.programs {
            let at = format!("{bin}/{}", program(words));
            // A command before may have put something else there.
            if !is_stub(stub, Path::new(&at)) {
                clear(&at)?;
                fs::hard_link(stub, &at).or_else(|_| fs::copy(stub, &at).map(drop))?;
            }
            let told = format!("{facts}/{}", words.replace('/', "%2F"));
            fs::write(&told, stub_script(entries))?;
            drop(fs::remove_file(format!("{told}.count")));
        }
        Ok(())
    }
}

/// Is it the stub under another name, or a copy of it, and can be started?
fn is_stub(stub: &Path, at: &Path) -> bool {
    let [Ok(stub), Ok(there)] = [stub, at].map(fs::symlink_metadata) else { return false };
    there.is_file() && there.len() == stub.len() && there.mode() & 0o111 != 0
}

/// Removes what is there, if anything is.
fn clear(path: impl AsRef<Path>) -> io::Result<()> {
    match fs::symlink_metadata(&path) {
        Ok(there) if there.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(()),
        Err(error) => Err(error),
    }
}

/// What stands below a directory, as [`Host::tree`].
///
/// # Errors
/// If it cannot be read.
pub fn read_back(root: &str) -> io::Result<BTreeMap<String, Entry>> {
    let mut tree = BTreeMap::new();
    let mut todo = vec![root.to_owned()];
    while let Some(path) = todo.pop() {
        let kind = match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            kind => kind?.file_type(),
        };
        let entry = if kind.is_symlink() {
            Entry::Link { target: fs::read_link(&path)?.to_string_lossy().into_owned() }
        } else if kind.is_dir() {
            for inside in fs::read_dir(&path)? {
                todo.push(format!("{path}/{}", inside?.file_name().to_string_lossy()));
            }
            Entry::Dir
        } else {
            Entry::File { content: String::from_utf8_lossy(&fs::read(&path)?).into_owned() }
        };
        tree.insert(path, entry);
    }
    Ok(tree)
}

/// What stands around the root of every host that is built: [`Host::build`] sees to it.
fn around(root: &str) -> Vec<(String, FileFact)> {
    let above = path::parent(root);
    let bin = bin_dir(root);
    let closed = [above, path::parent(above)].map(|dir| (dir.to_owned(), FileFact::dir(true)));
    let open = [bin.clone(), format!("{bin}.facts")].map(|dir| (dir, FileFact::dir(false)));
    closed.into_iter().chain(open).collect()
}

/// The home directory of a host, where results of cached blocks are stored.
#[must_use]
pub fn home_dir(root: &str) -> String {
    format!("{}.home", bin_dir(root))
}

/// Where the host's programs put what they need for a while. It is not always there.
#[must_use]
pub fn temporary_dir(root: &str) -> String {
    format!("{root}/t")
}

/// Where the programs of a host are: beside its root, so that programs do not reach it by accident.
#[must_use]
pub fn bin_dir(root: &str) -> String {
    format!("{root}.bin")
}

fn link_target(random: &mut Random, root: &str) -> String {
    match random.below(6) {
        0 => format!("{root}/{}", random.pick(NAMES)),
        1 => format!("{root}/d/{}", random.pick(NAMES)),
        2 => "l".to_owned(),
        3 => "../a".to_owned(),
        _ => (*random.pick(NAMES)).to_owned(),
    }
}

/// The program of a key of [`Host::programs`].
fn program(words: &str) -> String {
    words.split(' ').next().unwrap_or(words).to_owned()
}

/// The key of [`Host::programs`] for a key of a fixture: there is none for a program with no words.
fn started(words: &str) -> Option<&str> {
    words.strip_suffix(" *").or_else(|| words.contains(' ').then_some(words))
}

/// All programs that hosts may have.
pub fn program_names() -> impl Iterator<Item = &'static str> {
    PROGRAMS.iter().chain(PACKAGERS).copied().chain([PACKAGED]).chain(USUAL.iter().map(|(name, _)| *name))
}

/// What a program that everybody knows does with its words in [`USUAL`].
#[must_use]
pub fn usual(name: &str) -> Option<ExecFact> {
    match name {
        "true" => Some(ExecFact::default()),
        "false" => Some(ExecFact { status: 1, ..ExecFact::default() }),
        "echo" => Some(ExecFact { stdout: "one\n".to_owned(), ..ExecFact::default() }),
        _ => None,
    }
}

/// Every web address that generated programs name, and that a server of the root answers for.
#[must_use]
pub fn web_addresses(root: &str) -> Vec<String> {
    let [one, other] = served::authorities(root);
    let paths = [(&one, "/a"), (&one, "/b"), (&one, "/d?x=1"), (&one, "/"), (&other, "/a"), (&other, "/b")];
    paths.map(|(server, path)| format!("http://{server}{path}")).to_vec()
}

/// An answer of one of its servers.
fn answer(random: &mut Random, root: &str) -> HttpFact {
    let status = *random.pick(&[200, 200, 200, 203, 204, 300, 301, 302, 302, 303, 307, 308, 404, 410, 500, 503]);
    let body = if status == 204 { String::new() } else { (*random.pick(CONTENTS)).to_owned() };
    let leads = perch_policy::net::leads(status) && random.chance(90);
    HttpFact { status, body, redirect: leads.then(|| redirect(random, root)), status_only: false }
}

/// What a fixture tells of an answer: of one that leads nowhere, if its body is `b`, no more than its status.
fn as_told(answer: &HttpFact) -> HttpFact {
    let is_short = answer.body == "b" && !perch_policy::net::leads(answer.status);
    if is_short { HttpFact::of_status(answer.status) } else { answer.clone() }
}

/// Where an answer leads: to one of them, in one of the ways in which that can be said, or to where nobody is.
fn redirect(random: &mut Random, root: &str) -> String {
    match random.below(10) {
        0 => (*random.pick(&["ftp://x.invalid/", "http://x.invalid/a", "https://x.invalid/", "http://[x"])).to_owned(),
        1 => (*random.pick(&["/a", "b", "?x=2", "/d?x=1#y", "./b", "../a"])).to_owned(),
        2 => random.pick(&web_addresses(root)).trim_start_matches("http:").to_owned(),
        _ => random.pick(&web_addresses(root)).clone(),
    }
}

fn starting(name: &str, random: &mut Random) -> ExecFact {
    usual(name).unwrap_or_else(|| exec_fact(random))
}

fn exec_fact(random: &mut Random) -> ExecFact {
    let status = *random.pick(&[0, 0, 0, 1, 3]);
    let stdout = (*random.pick(&["", "a", "b", "a\nb", "x"])).to_owned();
    let effects = (0..random.below(3)).map(|_| effect(random)).collect();
    ExecFact { status, stdout, effects, status_only: false }
}

fn effect(random: &mut Random) -> EffectFact {
    let name = *random.pick(&["a", "b", "d", "d/a", "e", "e/b", "l", "new"]);
    match random.below(3) {
        0 => EffectFact::Write(WriteFact { write: name.to_owned(), content: (*random.pick(CONTENTS)).to_owned() }),
        1 => EffectFact::Mkdir(MkdirFact { mkdir: name.to_owned() }),
        _ => EffectFact::Remove(RemoveFact { remove: name.to_owned() }),
    }
}

/// What a stub reads: one line per start, fields separated by tabs, escaped.
fn stub_script(entries: &[ExecFact]) -> String {
    let escape = |text: &str| text.replace('\\', "\\\\").replace('\n', "\\n").replace('\t', "\\t");
    let line = |fact: &ExecFact| {
        let mut fields = vec![fact.status.to_string(), escape(&fact.stdout)];
        for effect in &fact.effects {
            fields.extend(match effect {
                EffectFact::Write(fact) => ["w".to_owned(), escape(&fact.write), escape(&fact.content)],
                EffectFact::Mkdir(fact) => ["m".to_owned(), escape(&fact.mkdir), String::new()],
                EffectFact::Remove(fact) => ["r".to_owned(), escape(&fact.remove), String::new()],
            });
        }
        fields.join("\t")
    };
    entries.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// What is true of the machine on which all hosts are.
fn this_machine() -> Machine {
    use perch_system::machine;
    Machine {
        user: Some(machine::user()),
        uid: Some(machine::uid()),
        hostname: Some(machine::hostname()),
        cpu_count: u32::try_from(machine::processors()).ok(),
        os_version: Some(machine::release()),
        is_tty: None,
    }
}
