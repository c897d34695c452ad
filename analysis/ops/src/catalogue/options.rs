//! Options of programs that have the name of an op: what to write for somebody who gives them to the op.

use super::{Entry, Group};

/// What does what was meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instead {
    /// The op without them: it does so anyway.
    Without,
    /// Another op.
    Op(&'static str),
    /// The program of the op's name; the op works on a text that it is given.
    ProgramOfText,
    /// The program of the op's name.
    Program,
}

/// Ops that have the name of a program: whoever comes from a shell may mean that.
const PROGRAMS: [&str; 15] = [
    "chmod", "cp", "cut", "grep", "gzip", "head", "hostname", "join", "mkdir", "mv", "rm", "split", "tail", "touch",
    "which",
];

/// Options that change nothing, since the op does what they ask for.
const ANYWAY: [(&str, &str); 4] = [("cp", "fv"), ("mkdir", "pv"), ("mv", "fv"), ("rm", "rRfv")];

/// Options that ask for what another op does.
const OTHER: [(&str, &str, &str); 1] = [("cp", "rRfv", "copy_dir")];

/// Options in many letters.
const LONG: [(&str, char); 4] = [("--force", 'f'), ("--parents", 'p'), ("--recursive", 'r'), ("--verbose", 'v')];

impl Entry {
    /// Whether there is a program of its name on most machines that does something else, or more.
    #[must_use]
    pub fn names_program(&self) -> bool {
        PROGRAMS.contains(&self.name)
    }

    /// What to write for the op with these options.
    #[must_use]
    pub fn instead_of_options(&self, options: &[&str]) -> Instead {
        let letters: Vec<char> = options.iter().flat_map(|option| letters(option)).collect();
        let all_in = |known: &str| letters.iter().all(|letter| known.contains(*letter));
        if !self.names_program() || ANYWAY.iter().any(|(name, known)| *name == self.name && all_in(known)) {
            return Instead::Without;
        }
        match OTHER.iter().find(|(name, known, _)| *name == self.name && all_in(known)) {
            Some((.., op)) => Instead::Op(op),
            None if matches!(self.group, Group::Line | Group::String) => Instead::ProgramOfText,
            None => Instead::Program,
        }
    }
}

/// The options in a word; one that nobody knows is a dash.
fn letters(option: &str) -> Vec<char> {
    match LONG.iter().find(|(long, _)| *long == option) {
        Some((_, letter)) => vec![*letter],
        None if option.starts_with("--") => vec!['-'],
        None => option.chars().skip(1).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::Instead::{self, Op, Program, ProgramOfText, Without};
    use super::{ANYWAY, OTHER, PROGRAMS};
    use crate::find;

    #[test]
    fn every_op_of_the_lists_is_there() {
        let all = PROGRAMS.iter().chain(ANYWAY.iter().map(|(name, _)| name));
        for name in all.chain(OTHER.iter().flat_map(|(name, _, other)| [name, other])) {
            assert!(find(name).is_some_and(|entry| entry.name == *name), "{name}");
        }
    }

    #[test]
    fn options_are_left_out_only_where_the_op_does_what_they_say() {
        let of = |name: &str, options: &[&str]| find(name).map(|entry| entry.instead_of_options(options));
        let table: [(&str, &[&str], Instead); 9] = [
            ("rm", &["-rf"], Without),
            ("mkdir", &["--parents", "-v"], Without),
            ("read_file", &["-n"], Without),
            ("cp", &["-r"], Op("copy_dir")),
            ("cp", &["-f"], Without),
            ("cp", &["-a"], Program),
            ("chmod", &["-R"], Program),
            ("hostname", &["-f"], Program),
            ("grep", &["-rn"], ProgramOfText),
        ];
        for (name, options, instead) in table {
            assert_eq!(of(name, options), Some(instead), "{name} {options:?}");
        }
    }
}
