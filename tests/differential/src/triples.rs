//! Triples: a program, a fixture and flags, with hosts that agree with the fixture.

use std::collections::BTreeSet;

use perch_fixtures::{FileFact, Fixture};
use perch_ir::files::{Files, Found};
use perch_ir::{Database, Snapshot, SourceFile, Text};
use perch_policy::Policy;
use perch_simulate::host as fixtures;
use serde::{Deserialize, Serialize};

use crate::bundled::bundle;
use crate::declared::declare;
use crate::fresh::leave_earlier;
use crate::hosts::{Host, Knowledge};
use crate::programs::{Generator, Size, Source};
use crate::random::Random;
use crate::source::files;
use crate::steered::{self, is_steered};
use crate::sturdy::sturdy;

/// A program, a host of which a fixture tells something, other hosts that agree with it, and flags.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Triple {
    /// Seed that it came from.
    pub seed: u64,
    /// How much the fixture tells.
    pub knowledge: Knowledge,
    /// The program.
    pub source: Source,
    /// What is told.
    pub fixture: Fixture,
    /// Policy flags.
    pub flags: Flags,
    /// Hosts that agree with the fixture.
    pub hosts: Vec<Host>,
    /// So many nodes of diagrams the simulation may make, if that is not for the product to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<usize>,
}

/// Budgets of simulations in a hurry: powers of two. What the product has to spend, few programs of this size come near.
const HURRIED: [u32; 6] = [11, 12, 13, 14, 15, 16];

/// Policy flags.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Flags {
    /// `--no-write`
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub no_write: bool,
    /// `--no-subprocess`
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub no_subprocess: bool,
    /// `--no-shell`
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_shell: bool,
    /// `--no-shell-metachars`
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_shell_metachars: bool,
    /// `--allow-read`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read: Option<Vec<String>>,
    /// `--allow-write`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub write: Option<Vec<String>>,
    /// `--allow-bin`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bins: Option<Vec<String>>,
    /// `--no-network`
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub no_network: bool,
    /// `--allow-private-ips`
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub private_addresses: bool,
    /// `--allow-host`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hosts: Option<Vec<String>>,
}

impl Flags {
    fn generate(random: &mut Random, root: &str) -> Self {
        let roots = |random: &mut Random| {
            let all = [root.to_owned(), format!("{root}/d"), format!("{root}/e"), format!("{root}/a")];
            let count = random.below(3);
            Some((0..=count).map(|_| random.pick(&all).clone()).collect::<BTreeSet<_>>().into_iter().collect())
        };
        let bins = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
        Self {
            no_write: random.chance(4),
            no_subprocess: random.chance(5),
            no_shell: random.chance(4),
            no_shell_metachars: random.chance(4),
            read: if random.chance(10) { roots(random) } else { None },
            write: if random.chance(14) { roots(random) } else { None },
            bins: if random.chance(8) { bins(&["p", "q"]) } else { None },
            no_network: random.chance(8),
            private_addresses: random.chance(60),
            hosts: if random.chance(8) { bins(&["8.8.8.8", "*.invalid", "127.0.0.1"]) } else { None },
        }
    }

    /// Only `d` may be read or written, perhaps.
    fn restrict(&mut self, random: &mut Random, root: &str) {
        let only = || Some(vec![format!("{root}/d")]);
        if random.chance(60) {
            self.read = only();
        }
        if random.chance(60) {
            self.write = only();
        }
    }

    /// The policy that they are.
    #[must_use]
    pub fn policy(&self) -> Policy {
        Policy {
            no_write: self.no_write,
            no_subprocess: self.no_subprocess,
            no_shell: self.no_shell,
            no_shell_metachars: self.no_shell_metachars,
            read_roots: self.read.clone(),
            write_roots: self.write.clone(),
            bins: self.bins.clone(),
            no_network: self.no_network,
            private_addresses: self.private_addresses,
            hosts: self.hosts.clone(),
            ..Policy::default()
        }
    }
}

impl Triple {
    /// The policy of its runs.
    #[must_use]
    pub fn policy(&self) -> Policy {
        fixtures::both(fixtures::policy_of(&self.fixture, self.cwd()), self.flags.policy())
    }

    /// Where its command is started.
    #[must_use]
    pub fn cwd(&self) -> &str {
        self.fixture.cwd.as_deref().unwrap_or_default()
    }

    /// The same, simulated with so little to spend that much is forgotten. Whatever is forgotten, nothing wrong may be said.
    #[must_use]
    pub fn hurried(&self) -> Self {
        let power = HURRIED.into_iter().cycle().nth(usize::try_from(self.seed % 97).unwrap_or(0)).unwrap_or(16);
        Self { budget: Some(1 << power), ..self.clone() }
    }

    /// Do all its hosts agree with its fixture?
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.hosts.iter().all(|host| host.agrees(&self.fixture))
    }
}

/// For a person.
impl std::fmt::Display for Triple {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let json = |value: serde_json::Result<String>| value.unwrap_or_default();
        write!(f, "── seed {}\n{}", self.seed, self.source.text())?;
        write!(
            f,
            "fixture {}\nflags {}",
            json(serde_json::to_string(&self.fixture)),
            json(serde_json::to_string(&self.flags))
        )?;
        self.hosts.iter().try_for_each(|host| write!(f, "\nhost {}", json(serde_json::to_string(host))))
    }
}

/// Every so manieth triple has a program that goes on after failures.
const STURDY: u64 = 4;

/// Does the triple of that seed have a program that goes on after failures?
#[must_use]
pub fn is_sturdy(seed: u64) -> bool {
    seed.is_multiple_of(STURDY) && !is_steered(seed)
}

/// The triple of a seed, with up to so many hosts below that root.
#[must_use]
pub fn triple(seed: u64, root: &str, hosts: usize) -> Triple {
    if is_steered(seed) {
        return steered::triple(seed, root, hosts);
    }
    let mut random = Random::new(seed);
    let knowledge = Knowledge::choose(&mut random);
    let links = knowledge != Knowledge::None && random.chance(40);
    let mut origin = Host::generate(&mut random, root, links);
    if knowledge == Knowledge::Full {
        origin.keep_first_starts();
    }
    let mut fixture = origin.forget(&mut random, knowledge);
    let mut flags = Flags::generate(&mut random, root);
    if knowledge == Knowledge::Half && random.chance(25) {
        list_root(&mut random, &origin, &mut fixture);
    }
    let mut source = if is_sturdy(seed) {
        let source = Generator::new(&mut random, &origin, Size::sturdy(knowledge)).program();
        let restricted = random.chance(20);
        if restricted {
            flags.restrict(&mut random, root);
        }
        sturdy(&source, root, restricted, &mut random)
    } else {
        Generator::new(&mut random, &origin, Size::plain(knowledge)).program()
    };
    bundle(&mut source, seed, knowledge);
    declare(&mut source, seed, root, knowledge);
    let mut hosts = origin.with_others(&mut random, &fixture, hosts);
    leave_earlier(&mut random, &source, &fixture, &mut hosts);
    Triple { seed, knowledge, source, fixture, flags, hosts, budget: None }
}

/// Makes something that is there a root of the fixture.
fn list_root(random: &mut Random, origin: &Host, fixture: &mut Fixture) {
    let is_link = |path: &String| matches!(fixture.files.get(path), Some(FileFact::Link { .. }));
    let existing: Vec<String> = origin.tree.keys().filter(|path| !is_link(path)).take(4).cloned().collect();
    let root = if random.chance(70) { origin.root.clone() } else { random.pick(&existing).clone() };
    let roots = if random.chance(50) { &mut fixture.fs_write } else { &mut fixture.fs_read };
    *roots = Some(vec![root]);
}

/// Files that are handed along with a program.
struct Beside(Vec<(String, String)>);

impl Files for Beside {
    fn find(&mut self, _: &str, path: &Text) -> Result<Found, String> {
        let name = path.as_literal().unwrap_or_default().trim_start_matches("./");
        let (name, text) = self.0.iter().find(|(other, _)| other == name).ok_or_else(|| format!("no file `{name}`"))?;
        Ok(Found { path: name.clone(), text: text.clone() })
    }
}

/// Loads a program.
///
/// # Errors
/// With the diagnostics, if it has errors.
pub fn load(text: &str) -> Result<Snapshot, String> {
    let (main, others) = files(text);
    let mut db = Database::default();
    let file = SourceFile::new(&db, "generated.perch".to_owned(), main);
    perch_ir::files::load(&mut db, file, &mut Beside(others));
    let errors: Vec<String> =
        perch_ir::diagnostics(&db, file).iter().filter(|one| one.is_error()).map(|one| one.message.clone()).collect();
    if errors.is_empty() { Ok(Snapshot::new(&db, file)) } else { Err(errors.join("; ")) }
}
