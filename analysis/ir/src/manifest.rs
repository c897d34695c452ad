//! What the files of a program say of what they may touch: `requires` of all files together, `sandbox` of each.

use std::sync::Arc;

use perch_ops::duration::nanoseconds;
use perch_ops::{OpId, Target, catalogue, require_program, require_variable};
use perch_policy::{Mask, OpClause, Ops};

use crate::construct::Requirement;
use crate::program::{Operand, Place, Text};

/// The `requires` lines of a program. They add up: nothing tells apart which file wrote which.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Manifest {
    /// In the order in which they are looked at: systems, architectures, variables, programs, and what demands nothing.
    lines: Vec<Demand>,
}

/// A line of a manifest; of systems and architectures, all lines, since they are alternatives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    /// What it is about.
    pub of: Of,
    /// Its words.
    pub words: Vec<Operand>,
    /// What bodies call the program.
    pub handle: Option<String>,
    /// The op that fails unless what a word names is there. None if nothing has to be.
    pub needs: Option<OpId>,
    /// Where it stands.
    pub place: Place,
    /// In which file: a number of the program's files.
    pub file: u32,
    /// As written.
    pub source: Arc<str>,
}

/// What a line of a manifest is about, in the order in which lines are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Of {
    /// The operating system
    Os,
    /// The processor
    Arch,
    /// A variable
    Env,
    /// A program
    Bin,
    /// A root for reading
    Read,
    /// A root for writing
    Write,
    /// A host
    Host,
}

impl Of {
    /// What a line with that first word is about.
    fn word(word: &str) -> Option<Self> {
        Some(match word {
            "os" => Self::Os,
            "arch" => Self::Arch,
            "env" => Self::Env,
            "bin" => Self::Bin,
            "read" => Self::Read,
            "write" => Self::Write,
            "host" => Self::Host,
            _ => return None,
        })
    }

    /// The fact of the host that must be one of the words.
    #[must_use]
    pub fn fact(self) -> Option<&'static str> {
        match self {
            Self::Os => Some("os"),
            Self::Arch => Some("arch"),
            _ => None,
        }
    }
}

impl Demand {
    /// Whether it says nothing but what is written out, so that it is looked at before anything is evaluated.
    #[must_use]
    pub fn is_written_out(&self) -> bool {
        self.words.iter().all(|word| matches!(word, Operand::Text(text) if text.as_literal().is_some()))
    }

    /// Whether it can fail, and so is a node.
    #[must_use]
    pub fn is_node(&self) -> bool {
        !self.is_written_out() || self.needs.is_some() || self.of.fact().is_some()
    }
}

impl Manifest {
    /// The lines, in order: those that are written out, or the others.
    pub fn demands(&self, written_out: bool) -> impl Iterator<Item = &Demand> {
        self.lines.iter().filter(move |line| line.is_written_out() == written_out)
    }

    /// Adds the lines of a file. `lines_above` stand above their section.
    pub(crate) fn add(&mut self, file: u32, lines: &[Requirement], lines_above: u32) {
        for line in lines {
            let Some(of) = Of::word(line.what) else { continue };
            if let Some(other) = self.lines.iter_mut().find(|other| of.fact().is_some() && other.of == of) {
                other.words.extend(line.words.iter().cloned());
                continue;
            }
            let needs = match of {
                Of::Env => require_variable(),
                Of::Bin => require_program(),
                _ => None,
            };
            self.lines.push(Demand {
                of,
                words: line.words.clone(),
                handle: line.handle.clone(),
                needs: needs.filter(|_| !line.optional),
                place: Place { line: line.place.line + lines_above, ..line.place },
                file,
                source: Arc::clone(&line.source),
            });
        }
        self.lines.sort_by_key(|line| line.of);
    }
}

/// What the `sandbox` of a file leaves its commands. Everything in it is written out.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Sandbox {
    /// What they give up.
    pub mask: Mask,
    /// `read`; nothing does not restrict.
    pub read: Option<Vec<String>>,
    /// `write`
    pub write: Option<Vec<String>>,
    /// `shell_bins`
    pub bins: Option<Vec<String>>,
    /// `env`
    pub env: Option<Vec<String>>,
    /// `net`
    pub hosts: Option<Vec<String>>,
    /// `ops` and `no_op`
    pub ops: Option<Ops>,
    /// `max_runtime`: the shortest.
    pub max_runtime: Option<String>,
}

impl Sandbox {
    /// What these clauses say. Those of one name add up.
    pub(crate) fn of(clauses: &[(&'static str, Vec<Text>)]) -> Self {
        let mut sandbox = Self { ops: ops_of(clauses), max_runtime: shortest(clauses), ..Self::default() };
        for (clause, words) in clauses {
            if let Some(mask) = given_up(clause) {
                sandbox.mask = sandbox.mask.and(mask);
            }
            let list = match *clause {
                "read" => &mut sandbox.read,
                "write" => &mut sandbox.write,
                "shell_bins" => &mut sandbox.bins,
                "env" => &mut sandbox.env,
                "net" => &mut sandbox.hosts,
                _ => continue,
            };
            list.get_or_insert_default().extend(literals(words));
        }
        sandbox
    }
}

fn literals(words: &[Text]) -> impl Iterator<Item = String> {
    words.iter().filter_map(|word| word.as_literal().map(str::to_owned))
}

/// The words of all clauses of a name, if there is one.
fn named(clauses: &[(&'static str, Vec<Text>)], name: &str) -> Option<Vec<String>> {
    let mut found = clauses.iter().filter(|(clause, _)| *clause == name).map(|(_, words)| literals(words)).peekable();
    found.peek()?;
    Some(found.flatten().collect())
}

/// The ops that may not be used. What does nothing outside of the program `ops` need not name.
fn ops_of(clauses: &[(&'static str, Vec<Text>)]) -> Option<Ops> {
    let (only, never) = (named(clauses, "ops"), named(clauses, "no_op"));
    if only.is_none() && never.is_none() {
        return None;
    }
    let targets = |names: &[String]| names.iter().filter_map(|name| Target::named(name)).collect::<Vec<_>>();
    let forbidden = targets(never.as_deref().unwrap_or_default());
    let allowed = only.as_deref().map(targets);
    let denied = catalogue().filter_map(|entry| {
        if forbidden.iter().any(|target| target.is_around(entry)) {
            return Some((entry.name, OpClause::NoOp));
        }
        let is_outside = allowed.as_ref().is_some_and(|allowed| !Target::allow(allowed, entry)) && entry.reaches_out();
        (is_outside && !entry.is_keyword()).then_some((entry.name, OpClause::Ops))
    });
    Some(Ops { denied: denied.collect(), only: only.unwrap_or_default(), never: never.unwrap_or_default() })
}

/// The shortest `max_runtime`.
fn shortest(clauses: &[(&'static str, Vec<Text>)]) -> Option<String> {
    named(clauses, "max_runtime")?.into_iter().min_by_key(|text| nanoseconds(text))
}

/// What a word gives up, as a clause of `sandbox` and as a line of a command.
#[must_use]
pub fn given_up(word: &str) -> Option<Mask> {
    use perch_policy::Right;
    let without = |right| Some(Mask::default().without(right));
    match word {
        "no_shell" => without(Right::Shell),
        "no_subprocess" => without(Right::Subprocess),
        "no_shell_metachars" => Some(Mask::unmixed()),
        "offline" => without(Right::Network),
        "read_only" => without(Right::Write),
        "pure" => Some(Mask::pure()),
        "private_ops" => Some(Mask::private()),
        "no_sudo" => Some(Mask::unraised()),
        _ => None,
    }
}
