//! Facts of the machine, as far as a description of the host tells them: language §5.4.
//!
//! What it does not tell is an unknown text of that fact's name, the same wherever it is named. Of most paths it is known at least that
//! they are absolute, but on Windows.

use perch_diagram::{Dd, Leaf};
use perch_ops::machine::{
    CI_VARIABLES, TEMPORARY, TEMPORARY_VARIABLE, UserDir, absolute, by_windows, first_name, user_dir,
};
use perch_ops::{FACTS, Fact, INNER_FACTS, Type};
use perch_policy::path;

use crate::Symbolic;
use crate::cells::{Cell, HoleKey, Piece};

/// The name of the user whose number is 0.
pub const ADMINISTRATOR: &str = "root";

/// A number of somebody who is no administrator. It stands where no such user has the unknown number.
const SOME_UID: &str = "1000";

/// What a variable says of a directory.
enum Says {
    /// It is there.
    There(String),
    /// Nothing that counts.
    Nothing,
    /// That is not known.
    Perhaps,
}

impl Symbolic {
    /// The value of a fact, if there is one of that name.
    pub(crate) fn machine_fact(&mut self, name: &str) -> Option<Dd> {
        let name = first_name(name);
        let fact =
            FACTS.iter().chain(INNER_FACTS).find(|fact| fact.name == name && fact.bound && !fact.of_program())?;
        if let Some(text) = self.facts.machine.get(name).cloned() {
            return Some(self.known_text(&text));
        }
        if let Some(own) = self.own_facts.get(name) {
            return Some(self.dds.leaf(*own));
        }
        if let Some([there, elsewhere]) = by_windows(name) {
            let [there, elsewhere] = [there, elsewhere].map(|text| self.known_text(text));
            return Some(self.by_windows(there, elsewhere));
        }
        if let Some(dir) = user_dir(name) {
            return Some(self.user_dir(fact, dir));
        }
        Some(match name {
            "os" | "arch" => self.stated(fact.name),
            "is_windows" | "is_macos" | "is_linux" => self.is("os", &name["is_".len()..]),
            "is_amd64" | "is_arm64" => self.is("arch", &name["is_".len()..]),
            "is_unix" => {
                let [yes, no] = ["true", "false"].map(|text| self.known_text(text));
                self.by_windows(no, yes)
            }
            "is_ci" => self.is_ci(),
            "home" => self.home(),
            "uid" => self.uid(fact),
            "temp_dir" => self.temporary(fact),
            _ if fact.ty == Type::Path => self.somewhere(fact.name),
            _ => {
                let leaf = self.names.unknown(HoleKey::Fact(fact.name));
                self.either_truth(fact.ty, leaf)
            }
        })
    }

    /// The number of a user of whom the name may be told. The administrator's is 0, and nobody else's.
    fn uid(&mut self, fact: &'static Fact) -> Dd {
        let unknown = self.names.unknown(HoleKey::Fact(fact.name));
        let other = self.dds.leaf(unknown);
        match self.facts.machine.get("user").map(String::as_str) {
            None => other,
            Some(ADMINISTRATOR) => self.known_text("0"),
            Some(_) => {
                let zero = self.equals_literal(unknown, "0");
                let some = self.known_text(SOME_UID);
                self.dds.ite(zero, some, other)
            }
        }
    }

    /// An unknown text of a type: `true` or `false` where there is nothing else.
    pub(crate) fn either_truth(&mut self, ty: Type, leaf: Leaf) -> Dd {
        if ty != Type::Bool {
            return self.dds.leaf(leaf);
        }
        let is = self.equals_literal(leaf, "true");
        self.truth_of(is)
    }

    pub(crate) fn unknown_fact(&mut self, name: &'static str) -> Dd {
        let leaf = self.names.unknown(HoleKey::Fact(name));
        self.dds.leaf(leaf)
    }

    /// What the description says of the system or the processor.
    fn stated(&mut self, name: &'static str) -> Dd {
        let stated = if name == "os" { self.facts.os.clone() } else { self.facts.arch.clone() };
        match stated {
            Some(text) => self.known_text(&text),
            None => self.unknown_fact(name),
        }
    }

    /// Whether the system or the processor is that.
    fn is(&mut self, name: &'static str, what: &str) -> Dd {
        let is = self.is_when(name, what);
        self.truth_of(is)
    }

    fn is_when(&mut self, name: &'static str, what: &str) -> Dd {
        let value = self.stated(name);
        let is = self.map(value, |this, leaf| this.equals_literal(leaf, what));
        self.decided(is)
    }

    fn truth_of(&mut self, when: Dd) -> Dd {
        let [yes, no] = ["true", "false"].map(|text| self.known_text(text));
        self.dds.ite(when, yes, no)
    }

    fn by_windows(&mut self, there: Dd, elsewhere: Dd) -> Dd {
        let when = self.is_when("os", "windows");
        self.dds.ite(when, there, elsewhere)
    }

    /// An absolute path of which nothing else is known; on Windows not even that.
    pub(crate) fn somewhere(&mut self, name: &'static str) -> Dd {
        let there = self.unknown_fact(name);
        let rest = Piece::Hole(self.names.hole(HoleKey::Rooted(name)));
        let elsewhere = self.names.template([Piece::Literal("/".into()), rest]);
        let elsewhere = self.dds.leaf(elsewhere);
        self.by_windows(there, elsewhere)
    }

    /// What becomes of what a variable says of a directory.
    fn said(&mut self, variable: &str, mut becomes: impl FnMut(&mut Self, Says) -> Dd) -> Dd {
        let value = self.variable_value(variable);
        let unbound = self.names.leaf(Cell::Unbound);
        self.map(value, |this, leaf: Leaf| {
            let says = match this.names.known(leaf).map(|text| absolute(&text)) {
                Some(Some(path)) => Says::There(path),
                Some(None) => Says::Nothing,
                None if leaf == unbound => Says::Nothing,
                None => Says::Perhaps,
            };
            becomes(this, says)
        })
    }

    fn home(&mut self) -> Dd {
        let unknown = self.somewhere("home");
        let elsewhere = self.said("HOME", |this, says| match says {
            Says::There(path) => this.known_text(&path),
            Says::Nothing | Says::Perhaps => unknown,
        });
        self.by_windows(unknown, elsewhere)
    }

    fn user_dir(&mut self, fact: &'static Fact, dir: UserDir) -> Dd {
        let unknown = self.somewhere(fact.name);
        let home = self.home();
        let macos = self.is_when("os", "macos");
        let below = |this: &mut Self, below: &str| {
            this.map(home, |this, leaf| match this.names.known(leaf) {
                Some(home) => this.known_text(&path::join(&home, below)),
                None => unknown,
            })
        };
        let [there, elsewhere] = [dir.below_on_macos, dir.below].map(|path| below(self, path));
        let usual = self.dds.ite(macos, there, elsewhere);
        let said = self.said(dir.variable, |this, says| match says {
            Says::There(path) => this.known_text(&path),
            Says::Nothing => usual,
            Says::Perhaps => unknown,
        });
        self.by_windows(unknown, said)
    }

    fn temporary(&mut self, fact: &'static Fact) -> Dd {
        let unknown = self.somewhere(fact.name);
        let usual = self.known_text(TEMPORARY);
        let macos = self.is_when("os", "macos");
        let usual = self.dds.ite(macos, unknown, usual);
        let said = self.said(TEMPORARY_VARIABLE, |this, says| match says {
            Says::There(path) => this.known_text(&path),
            Says::Nothing => usual,
            Says::Perhaps => unknown,
        });
        self.by_windows(unknown, said)
    }

    fn is_ci(&mut self) -> Dd {
        let mut is = Dd::FALSE;
        let unbound = self.names.leaf(Cell::Unbound);
        for variable in CI_VARIABLES {
            let value = self.variable_value(variable);
            let empty =
                self.map(value, |this, leaf| if leaf == unbound { Dd::TRUE } else { this.equals_literal(leaf, "") });
            let set = self.dds.not(empty);
            is = self.dds.or(is, set);
        }
        let is = self.decided(is);
        self.truth_of(is)
    }
}
