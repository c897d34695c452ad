//! What a program says it may touch: its `requires` blocks together, and the `sandbox` of a file.

use perch_ir::Operand;
use perch_ir::construct::{Requirement, Section};
use perch_ops::{Entry, Target};

use crate::access::What;
use crate::program::Program;
use crate::site::{Site, is_host};

/// Lists of what is allowed. A missing one does not restrict.
#[derive(Default)]
pub(crate) struct Lists {
    programs: Option<Vec<Listed>>,
    variables: Option<Vec<Listed>>,
    hosts: Option<Vec<Listed>>,
    reads: Option<Vec<Listed>>,
    writes: Option<Vec<Listed>>,
    ops: Option<Vec<Listed>>,
    /// Ops and categories that are not allowed.
    no_ops: Vec<Listed>,
    /// Whether the program stays in the directory in which it was started.
    stays: bool,
}

/// An entry of a list.
enum Listed {
    Text(String),
    Site(Site),
    /// Its text is only known when the command runs.
    Open,
}

/// The list that does not allow something.
pub(crate) struct Outside {
    /// The name of its lines.
    pub(crate) line: &'static str,
    /// What is on it.
    pub(crate) listed: Vec<String>,
}

impl Lists {
    /// What the `requires` blocks of a program say, if there is one.
    pub(crate) fn manifest(program: &Program<'_>) -> Option<Self> {
        let mut lines = program.sections.iter().filter_map(|(_, section)| match section {
            Section::Requires(lines) => Some(lines),
            _ => None,
        });
        let first = lines.next()?;
        let mut lists = Self::strict(program);
        std::iter::once(first).chain(lines).flatten().for_each(|line| lists.require(program, line));
        Some(lists)
    }

    /// What one line says.
    pub(crate) fn of_line(program: &Program<'_>, line: &Requirement) -> Self {
        let mut lists = Self::strict(program);
        lists.require(program, line);
        lists
    }

    fn strict(program: &Program<'_>) -> Self {
        let empty = || Some(Vec::new());
        Self {
            programs: empty(),
            variables: empty(),
            hosts: empty(),
            reads: empty(),
            writes: empty(),
            stays: program.stays(),
            ..Self::default()
        }
    }

    fn require(&mut self, program: &Program<'_>, line: &Requirement) {
        let is_path = matches!(line.what, "read" | "write");
        for word in &line.words {
            self.add(line.what, if is_path { root(program, word) } else { listed(word) });
        }
        if let Some(handle) = &line.handle {
            self.add("bin", Listed::Text(handle.clone()));
        }
    }

    /// What the `sandbox` blocks of a file say.
    pub(crate) fn sandbox(program: &Program<'_>, file: usize) -> Self {
        let mut lists = Self { stays: program.stays(), ..Self::default() };
        for (at, section) in &program.sections {
            let Section::Sandbox(clauses) = section else { continue };
            for (clause, words) in clauses.iter().filter(|_| at.file == file) {
                let is_path = matches!(*clause, "read" | "write");
                for word in words {
                    let word = Operand::Text(word.clone());
                    lists.add(clause, if is_path { root(program, &word) } else { listed(&word) });
                }
            }
        }
        lists
    }

    fn add(&mut self, line: &str, entry: Listed) {
        let list = match line {
            "bin" | "shell_bins" => &mut self.programs,
            "env" => &mut self.variables,
            "host" | "net" => &mut self.hosts,
            "read" => &mut self.reads,
            "write" => &mut self.writes,
            "ops" => &mut self.ops,
            "no_op" => return self.no_ops.push(entry),
            _ => return,
        };
        list.get_or_insert_default().push(entry);
    }

    /// The list that certainly does not allow something.
    pub(crate) fn outside(&self, what: &What) -> Option<Outside> {
        match what {
            What::Program(Some(name)) => not_on("bin", self.programs.as_ref()?, |listed| {
                listed.trim_start_matches("./") == name.trim_start_matches("./")
            }),
            What::Variable(Some(name)) => not_on("env", self.variables.as_ref()?, |listed| listed == name),
            What::Host(Some(host)) => not_on("host", self.hosts.as_ref()?, |listed| is_host(host, listed)),
            What::Network => not_on("host", self.hosts.as_ref()?, |_| true),
            What::Path { site: Some(site), writes: true, .. } => self.no_root("write", site, &[&self.writes]),
            What::Path { site: Some(site), writes: false, .. } => {
                self.reads.as_ref()?;
                self.no_root("read", site, &[&self.reads, &self.writes])
            }
            _ => None,
        }
    }

    fn no_root(&self, line: &'static str, site: &Site, lists: &[&Option<Vec<Listed>>]) -> Option<Outside> {
        lists.first().and_then(|list| list.as_ref())?;
        let roots = || lists.iter().flat_map(|list| list.iter().flatten());
        let may = |root: &Listed| match root {
            Listed::Site(root) => site.may_be_within(root, self.stays),
            Listed::Text(_) | Listed::Open => true,
        };
        (!roots().any(may)).then(|| Outside { line, listed: Vec::new() })
    }

    /// The clause that certainly does not allow an op.
    pub(crate) fn forbids(&self, entry: &Entry) -> Option<&'static str> {
        if entry.is_keyword() {
            return None;
        }
        let targets = |list: &[Listed]| {
            let named = list.iter().filter_map(|listed| match listed {
                Listed::Text(name) => Target::named(name),
                Listed::Site(_) | Listed::Open => None,
            });
            named.collect::<Vec<_>>()
        };
        if targets(&self.no_ops).iter().any(|target| target.includes(entry)) {
            return Some("no_op");
        }
        let may_allow = |ops: &Vec<Listed>| {
            ops.iter().any(|listed| !matches!(listed, Listed::Text(_))) || Target::allow(&targets(ops), entry)
        };
        let is_outside = self.ops.as_ref().is_some_and(|ops| !may_allow(ops)) && entry.reaches_out();
        is_outside.then_some("ops")
    }
}

fn not_on(line: &'static str, list: &[Listed], means: impl Fn(&str) -> bool) -> Option<Outside> {
    let mut listed = Vec::new();
    for entry in list {
        match entry {
            Listed::Text(text) if !means(text) => listed.push(text.clone()),
            _ => return None,
        }
    }
    Some(Outside { line, listed })
}

fn listed(word: &Operand) -> Listed {
    let text = match word {
        Operand::Text(text) => text.as_literal(),
        Operand::Name(_) => None,
    };
    text.map_or(Listed::Open, |text| Listed::Text(text.to_owned()))
}

/// A root. A shared binding counts where it is bound to a text that is written out, in one place.
fn root(program: &Program<'_>, word: &Operand) -> Listed {
    let value = |name: &str| {
        let mut named = program.shared.iter().filter(|(_, shared)| shared.name == name);
        let (_, shared) = named.next().filter(|_| named.next().is_none())?;
        shared.value.as_literal().map(str::to_owned)
    };
    Site::root(word, value).map_or(Listed::Open, Listed::Site)
}
