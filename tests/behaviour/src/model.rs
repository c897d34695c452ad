//! The host of a run: what a fixture says, what a page adds, and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use perch_differential::hosts::{Entry, Host, bin_dir, usual};
use perch_fixtures::{EnvOnly, ExecFact, FileFact, Fixture, PackageFact};
use perch_ops::{Answer, Errand, IS_INSTALLED, MANAGERS};
use perch_policy::path;

use crate::expected::{Does, More, Stands};

/// A host, and programs of it that are scripts.
#[derive(Clone, Debug)]
pub struct Model {
    /// The host; scripts are programs of it that do nothing.
    pub host: Host,
    /// Names and texts.
    scripts: BTreeMap<String, String>,
    /// What packages are at the start.
    packages: BTreeMap<String, PackageFact>,
}

/// What scripts start with: their own programs are not the host's.
const SHELL: &str = "#!/bin/sh\nPATH=/usr/bin:/bin\n";

impl Model {
    /// The host that a fixture describes, with more.
    ///
    /// # Errors
    /// If it cannot be built below `root`, or does not agree with the fixture.
    pub fn of(fixture: &Fixture, more: &More, root: &str, private: &BTreeMap<String, String>) -> Result<Self, String> {
        let cwd = fixture.cwd.clone().unwrap_or_else(|| root.to_owned());
        let tree = BTreeMap::from([(root.to_owned(), Entry::Dir)]);
        let host = Host {
            root: root.to_owned(),
            cwd: cwd.clone(),
            tree,
            env: BTreeMap::new(),
            programs: BTreeMap::new(),
            answers: fixture.oracles.http.clone(),
            cut: BTreeSet::new(),
        };
        let mut model = Self { host, scripts: BTreeMap::new(), packages: fixture.oracles.packages.clone() };
        model.host.put(&cwd, Entry::Dir);
        model.put_files(fixture, more)?;
        model.put_env(fixture, more, private);
        model.put_programs(fixture, more);
        model.put_managers(fixture);
        if model.host.agrees(fixture) { Ok(model) } else { Err("the host does not agree with the fixture".to_owned()) }
    }

    fn put_files(&mut self, fixture: &Fixture, more: &More) -> Result<(), String> {
        let stated = fixture.files.iter().map(|(path, fact)| (path, entry(fact)));
        let added = more.files.iter().map(|(path, stands)| match stands {
            Stands::Text(content) => (path, Some(Entry::File { content: content.clone() })),
            Stands::Fact(fact) => (path, entry(fact)),
        });
        let there = fixture.oracles.file_exists.iter().filter(|(_, there)| **there);
        let there = there.map(|(path, _)| (path, Some(Entry::File { content: String::new() })));
        let roots = fixture.fs_read.iter().chain(&fixture.fs_write).flatten().map(|path| (path, Some(Entry::Dir)));
        for (at, entry) in roots.chain(there).chain(stated).chain(added) {
            if !path::within(at, &self.host.root) {
                return Err(format!("`{at}` cannot be made: it is not beneath {}", self.host.root));
            }
            match entry {
                Some(Entry::Dir) if self.host.tree.get(at) == Some(&Entry::Dir) => {}
                Some(entry) => self.host.put(at, entry),
                None => self.host.remove(at),
            }
        }
        Ok(())
    }

    fn put_env(&mut self, fixture: &Fixture, more: &More, private: &BTreeMap<String, String>) {
        let env = &mut self.host.env;
        match &fixture.env_only {
            Some(EnvOnly::Names(names)) => env.extend(names.iter().map(|name| (name.clone(), "x".to_owned()))),
            Some(EnvOnly::Closed(true)) => {}
            Some(EnvOnly::Closed(false)) | None => env.extend(private.clone()),
        }
        env.extend(fixture.env.clone());
        env.extend(more.env.clone());
        env.retain(|name, _| !fixture.env_missing.contains(name));
        let open = matches!(fixture.env_only, None | Some(EnvOnly::Closed(false)));
        if !fixture.env.contains_key("PATH") && (open || env.contains_key("PATH")) {
            env.insert("PATH".to_owned(), bin_dir(&self.host.root));
        }
    }

    fn put_programs(&mut self, fixture: &Fixture, more: &More) {
        let usual = |name: &str| usual(name).unwrap_or_default();
        let there = fixture.oracles.has_bin.iter().filter(|(_, there)| **there).map(|(name, _)| name);
        for name in fixture.bins.iter().flatten().chain(there) {
            self.host.programs.insert(name.clone(), vec![usual(name)]);
        }
        let printed = |stdout: &String| ExecFact { stdout: stdout.clone(), ..ExecFact::default() };
        let exec = fixture.oracles.exec.iter().map(|(words, fact)| (words, fact.clone()));
        let lines = fixture.oracles.shell_output.iter().map(|(line, stdout)| (line, printed(stdout)));
        for (words, fact) in exec.chain(lines) {
            let (name, rest) = words.split_once(' ').unwrap_or((words, ""));
            self.host.programs.entry(name.to_owned()).or_insert_with(|| vec![usual(name)]);
            let words = if rest == "*" { name } else { words };
            self.host.programs.insert(words.to_owned(), vec![fact]);
        }
        for (name, does) in &more.programs {
            let starts = match does {
                Does::Always(fact) => vec![fact.clone()],
                Does::Starts(facts) => facts.clone(),
                Does::Script(text) => {
                    self.scripts.insert(name.clone(), text.clone());
                    vec![ExecFact::default()]
                }
            };
            self.host.programs.insert(name.clone(), starts);
        }
        for (name, script) in [("true", ":"), ("false", "exit 1"), ("echo", "echo \"$@\"")] {
            if self.host.programs.get(name).is_some_and(|starts| *starts == [usual(name)]) {
                self.scripts.insert(name.to_owned(), script.to_owned());
            }
        }
    }

    /// Managers that know what packages are, and remember what becomes of them: those that are there, and of which nothing else is told.
    fn put_managers(&mut self, fixture: &Fixture) {
        if self.packages.is_empty() {
            return;
        }
        let bin = bin_dir(&self.host.root);
        let is_told = |name: &str| fixture.oracles.exec.keys().any(|words| words.split(' ').next() == Some(name));
        let there: Vec<String> = self.host.programs.keys().filter(|name| !is_told(name)).cloned().collect();
        for name in there.iter().filter(|name| !self.scripts.contains_key(*name)).cloned().collect::<Vec<_>>() {
            if name == "sudo" {
                self.scripts.insert(name, format!("PATH={bin}:$PATH\nexec \"$@\""));
            } else if let Some(arms) = arms(&name) {
                let known = format!("at={bin}/{PACKAGES}/${{*##* }}\nis=$(cat \"$at\" 2>/dev/null)");
                self.scripts.insert(name, format!("{known}\ncase \"$*\" in\n{arms}esac"));
            }
        }
    }

    /// Builds it.
    ///
    /// # Errors
    /// If the file system refuses.
    pub fn build(&self, stub: &Path) -> io::Result<()> {
        // Programs of a run before may be there, and scripts are not the stub.
        let bin = bin_dir(&self.host.root);
        if Path::new(&bin).exists() {
            fs::remove_dir_all(&bin)?;
        }
        self.host.build(stub)?;
        if !self.packages.is_empty() {
            fs::create_dir(format!("{bin}/{PACKAGES}"))?;
        }
        for (name, is) in &self.packages {
            let word = match is {
                PackageFact::Installed => INSTALLED,
                PackageFact::Available => "available",
                PackageFact::Missing => MISSING,
            };
            fs::write(format!("{bin}/{PACKAGES}/{name}"), word)?;
        }
        for (name, script) in &self.scripts {
            let at = format!("{bin}/{name}");
            fs::remove_file(&at)?;
            fs::write(&at, format!("{SHELL}{script}\n"))?;
            fs::set_permissions(&at, fs::Permissions::from_mode(0o755))?;
        }
        Ok(())
    }
}

/// Where managers write down what packages are.
const PACKAGES: &str = ".packages";

const INSTALLED: &str = "installed";
const MISSING: &str = "missing";

/// What a program does by its words, as part of a script, if it manages packages.
fn arms(name: &str) -> Option<String> {
    let mut arms = BTreeSet::new();
    for manager in MANAGERS {
        for errand in [Errand::Install, Errand::Remove, Errand::Ask] {
            let words: Vec<String> = manager.words(errand).collect();
            if words.first().is_some_and(|first| first == name) {
                let does = match errand {
                    Errand::Install => format!("[ \"$is\" != {MISSING} ] || exit 100; printf {INSTALLED} > \"$at\""),
                    Errand::Remove => format!("[ \"$is\" = {INSTALLED} ] || exit 1; printf available > \"$at\""),
                    Errand::Ask => answer(manager.answer),
                };
                arms.insert(format!("'{} '*) {does};;\n", words[1..].join(" ")));
            }
        }
    }
    (!arms.is_empty()).then(|| arms.into_iter().collect())
}

/// How it says whether a package is there.
fn answer(answer: Answer) -> String {
    match answer {
        Answer::Ending => format!("[ \"$is\" = {INSTALLED} ]"),
        Answer::Anything => format!("[ \"$is\" != {INSTALLED} ] || echo \"${{*##* }} 1.7\""),
        Answer::Installed => format!("[ \"$is\" = {INSTALLED} ] || exit 1; echo 'install {IS_INSTALLED}'"),
    }
}

fn entry(fact: &FileFact) -> Option<Entry> {
    match fact {
        FileFact::File { content, .. } => Some(Entry::File { content: content.clone().unwrap_or_default() }),
        FileFact::Dir { .. } => Some(Entry::Dir),
        FileFact::Link { target } => Some(Entry::Link { target: target.clone() }),
        FileFact::Absent {} => None,
    }
}
