//! What decides how a statement ends, and is not told.

use perch_fixtures::{EnvOnly, FileFact, Fixture};

use crate::hosts::{Entry, Host};
use crate::programs::Part;
use crate::random::Random;

use super::limits::Limit;

/// Something that holds on the host that a program is made for, and that its fixture says nothing of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// There is a file.
    File(String),
    /// There is none.
    NoFile(String),
    /// A variable has a certain value.
    Variable(String),
    /// The program `r` is there.
    Found,
    /// The program `r` is there, and succeeds: if it does, it may also do anything beneath its working directory.
    Started,
}

impl Doubt {
    /// One of these, for the scene of that number, about `r` only if that is free.
    pub fn choose(random: &mut Random, root: &str, number: usize, limit: Limit, r_is_free: bool) -> Self {
        let file = format!("{root}/u{number}");
        match random.below(6) {
            0 => Self::NoFile(file),
            1 => Self::Variable(format!("U{number}")),
            2 if r_is_free => Self::Found,
            3 if r_is_free && limit != Limit::NoSubprocess => Self::Started,
            _ => Self::File(file),
        }
    }

    /// A statement in which the one happens if it holds, and the other if it does not.
    pub fn decides(&self, then: Vec<Part>, otherwise: Vec<Part>) -> Part {
        let cond = match self {
            Self::File(path) => format!("exists {path}"),
            Self::NoFile(path) => format!("not exists {path}"),
            Self::Variable(name) => format!("\"${{{name}}}\" == yes"),
            Self::Found => "has_bin r".to_owned(),
            Self::Started => {
                let then = [vec![Part::Line("r".to_owned())], then].concat();
                return Part::Block(vec![("try".to_owned(), then), ("rescue".to_owned(), otherwise)]);
            }
        };
        Part::Block(vec![(format!("if {cond}"), then), ("else".to_owned(), otherwise)])
    }

    /// Is it about the program `r`?
    pub fn is_about_r(&self) -> bool {
        matches!(self, Self::Found | Self::Started)
    }

    /// Makes it hold.
    pub fn arrange(&self, host: &mut Host) {
        match self {
            Self::File(path) => host.put(path, Entry::File { content: "x".to_owned() }),
            Self::Variable(name) => drop(host.env.insert(name.clone(), "yes".to_owned())),
            // What is in a directory that is not there is not in doubt.
            Self::NoFile(path) => host.put(perch_policy::path::parent(path), Entry::Dir),
            Self::Found | Self::Started => {}
        }
    }

    /// Takes back what the fixture says of it, or of what it follows from. What it says of programs is taken back elsewhere.
    pub fn forget(&self, fixture: &mut Fixture) {
        match self {
            Self::File(path) | Self::NoFile(path) => {
                fixture.files.remove(path);
                fixture.oracles.file_exists.remove(path);
                if let Some(FileFact::Dir { closed, .. }) = fixture.files.get_mut(perch_policy::path::parent(path)) {
                    *closed = false;
                }
            }
            Self::Variable(name) => {
                fixture.env.remove(name);
                fixture.env_missing.remove(name);
                match &mut fixture.env_only {
                    None => {}
                    Some(EnvOnly::Names(names)) => {
                        names.retain(|other| other != name);
                        names.push(name.clone());
                    }
                    closed => *closed = Some(EnvOnly::Names(vec![name.clone()])),
                }
            }
            Self::Found | Self::Started => {}
        }
    }
}
