//! On which systems a statement can run at all: what the file, the command and the blocks around it say of `os` and `arch`.

use perch_ir::construct::Section;
use perch_ir::deeds::Word;
use perch_ir::{Around, Operand, Stmt, StmtKind};

use crate::view::View;

/// Every system but Windows.
const UNIX: &str = "unix";
const WINDOWS: &str = "windows";

/// The facts that are about this.
pub(crate) const OS: &str = "os";
pub(crate) const ARCH: &str = "arch";

/// Names of systems.
pub const SYSTEMS: [&str; 12] = [
    "linux",
    "macos",
    "windows",
    "unix",
    "freebsd",
    "openbsd",
    "netbsd",
    "dragonfly",
    "solaris",
    "illumos",
    "android",
    "ios",
];

/// Names of architectures.
pub const ARCHITECTURES: [&str; 12] = [
    "amd64",
    "arm64",
    "x86",
    "arm",
    "riscv64",
    "riscv32",
    "powerpc64",
    "powerpc",
    "s390x",
    "mips64",
    "loongarch64",
    "sparc64",
];

/// What others call them, and what they are called here.
pub const OTHERWISE: [(&str, &str); 14] = [
    ("darwin", "macos"),
    ("osx", "macos"),
    ("mac", "macos"),
    ("win", "windows"),
    ("win32", "windows"),
    ("gnu/linux", "linux"),
    ("x86_64", "amd64"),
    ("x64", "amd64"),
    ("aarch64", "arm64"),
    ("i386", "x86"),
    ("386", "x86"),
    ("i686", "x86"),
    ("ppc64", "powerpc64"),
    ("loong64", "loongarch64"),
];

/// One thing that is said of a system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Demand {
    /// `os` or `arch`.
    pub(crate) fact: &'static str,
    /// What it may be.
    pub(crate) any_of: Vec<String>,
    /// Who says so, for people.
    pub(crate) by: String,
}

/// Everything that is said where a statement stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Platform(Vec<Demand>);

impl Platform {
    /// The demand that a fact has another value, if there is one.
    pub(crate) fn excludes(&self, fact: &str, value: &str) -> Option<&Demand> {
        self.0.iter().find(|demand| demand.fact == fact && !demand.any_of.iter().any(|one| agree(one, value)))
    }

    /// Whether a fact has a value, if that is decided. `unix` is a value of `os`.
    pub(crate) fn is(&self, fact: &str, value: &str) -> Option<bool> {
        if self.excludes(fact, value).is_some() {
            return Some(false);
        }
        let is_sure = |one: &String| one == value || value == UNIX && one != WINDOWS;
        let sure = self.0.iter().any(|demand| demand.fact == fact && demand.any_of.iter().all(is_sure));
        sure.then_some(true)
    }

    fn with(&self, demand: Option<Demand>) -> Self {
        Self(self.0.iter().cloned().chain(demand).collect())
    }
}

/// Whether two values can be the same.
fn agree(a: &str, b: &str) -> bool {
    a == b || a == UNIX && b != WINDOWS || b == UNIX && a != WINDOWS
}

/// Shows every statement with what is said where it stands.
pub(crate) fn each<'db>(view: &View<'_, 'db>, see: &mut impl FnMut(&'db Stmt, &Platform)) {
    let demands = [OS, ARCH].into_iter().flat_map(|fact| [of_file(view, fact), of_command(view, fact)]);
    let platform = Platform(demands.flatten().collect());
    within(view.statements(), &platform, see);
}

fn within<'db>(body: &'db [Stmt], platform: &Platform, see: &mut impl FnMut(&'db Stmt, &Platform)) {
    for stmt in body {
        see(stmt, platform);
        let inner = demanded(stmt).map(|demand| platform.with(Some(demand)));
        stmt.kind.bodies().for_each(|body| within(body, inner.as_ref().unwrap_or(platform), see));
    }
}

/// What an `os` or `arch` block says of its body.
pub(crate) fn demanded(stmt: &Stmt) -> Option<Demand> {
    let StmtKind::Block(block) = &stmt.kind else { return None };
    let Around::Only { fact, wanted } = &block.around else { return None };
    let value = match wanted {
        Operand::Name(name) => name,
        Operand::Text(text) => text.as_literal()?,
    };
    Some(Demand { fact, any_of: vec![value.to_owned()], by: format!("the `{fact} {value}` around it") })
}

fn of_command(view: &View<'_, '_>, fact: &'static str) -> Option<Demand> {
    let lines = view.body.command.config.require.iter().filter(|line| line.value.0 == fact);
    let words: Option<Vec<String>> =
        lines.flat_map(|line| &line.value.1).map(|word| word.as_literal().map(str::to_owned)).collect();
    let any_of = words.filter(|words| !words.is_empty())?;
    let by = format!("`require_{fact} {}`", any_of.join(" "));
    Some(Demand { fact, any_of, by })
}

fn of_file(view: &View<'_, '_>, fact: &'static str) -> Option<Demand> {
    let lines = view.program.sections.iter().flat_map(|(_, section)| match section {
        Section::Requires(lines) => lines.as_slice(),
        _ => &[],
    });
    let words = lines.filter(|line| line.what == fact).flat_map(|line| &line.words);
    let words: Option<Vec<String>> = words
        .map(|word| match Word::from(word) {
            Word::Text(text) => text.as_literal().map(str::to_owned),
            Word::Name(name) => Some(name.to_owned()),
        })
        .collect();
    let any_of = words.filter(|words| !words.is_empty())?;
    let by = format!("`{fact} {}` in `requires`", any_of.join(" "));
    Some(Demand { fact, any_of, by })
}
