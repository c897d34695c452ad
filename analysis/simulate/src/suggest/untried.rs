//! What was not tried of what verdicts hang on: behaviours of unknowns that no value stands for which is tried.
//!
//! Only that all values were tried is not enough to say that there are no other cases: of a text that must match a pattern, say, it takes
//! one that does. In doubt something was not tried.

use std::collections::{BTreeMap, BTreeSet};

use perch_diagram::{Atom, Dd};
use perch_symbolic::cells::{AtomKey, HoleKey, Names, Untold};
use perch_symbolic::made::is_made;

use super::compared::{Sides, same, whole};
use super::made_up::{could_be, could_be_another};
use super::supposed::Supposed;
use crate::run::Run;
use crate::words::{FAILS, conjunction, is_worded};

/// Unknowns of the run that no description could tell: whatever is said of the host, they stay open.
const OPEN: [&str; 8] = [
    // How a program ends is told where its words are known, or taken for granted in its case.
    FAILS,
    "a program is killed",
    "a deadline passes",
    "which deadline it is",
    "a deadline comes before the next attempt",
    "which program goes on first",
    "another branch was the last to store a result",
    "nobody has read on",
];

/// Questions about one text beyond this are not looked at in all their combinations.
const MAX_QUESTIONS: usize = 6;

/// Conditions beyond this are not looked at for it.
const MAX_CONDITIONS: usize = 200;

/// What an unknown asks about.
enum Question {
    /// Something that is tried in all ways, or that nobody can tell.
    Settled,
    /// Something that is not.
    Unsettled,
    /// A program some of whose words are not known.
    Words(String),
    /// One unknown text.
    Text(HoleKey),
    /// Whether two unknown texts are the same.
    Pair([HoleKey; 2]),
}

impl Question {
    fn of(names: &Names, atom: Atom) -> Self {
        match names.atom_key(atom) {
            AtomKey::There(_, path) | AtomKey::IsDir(_, path) if names.is_new(path) => Self::Settled,
            AtomKey::There(_, path) | AtomKey::IsDir(_, path) if is_made(path) => Self::Unsettled,
            AtomKey::There(0, _) | AtomKey::IsDir(0, _) | AtomKey::Bin(0, _) | AtomKey::EnvSet(_) => Self::Settled,
            AtomKey::Ghost(..) => Self::Settled,
            AtomKey::Fresh(number, what) => match Self::of_the_run(names, *number) {
                Self::Unsettled if OPEN.contains(what) => Self::Settled,
                question => question,
            },
            // What programs change, and what comes of that, is told in too many ways to try them all.
            AtomKey::There(..) | AtomKey::IsDir(..) | AtomKey::Bin(..) | AtomKey::IsLink(..) | AtomKey::Touched(..) => {
                Self::Unsettled
            }
            key => Self::of_texts(names, key),
        }
    }

    fn of_texts(names: &Names, key: &AtomKey) -> Self {
        let holes = Sides::of(names, key).holes;
        for hole in &holes {
            if let HoleKey::Fresh(number, _) = names.hole_key(*hole)
                && let Self::Words(words) = Self::of_the_run(names, *number)
            {
                return Self::Words(words);
            }
        }
        match (same(names, key), holes.as_slice()) {
            (Some(pair), _) => Self::Pair(pair),
            (None, [hole]) => Self::Text(names.hole_key(*hole).clone()),
            (None, _) => Self::Unsettled,
        }
    }

    /// About something that comes up during the run, which may be told.
    fn of_the_run(names: &Names, number: u32) -> Self {
        let mut told = names.untold(number).peekable();
        if told.peek().is_none() {
            return Self::Unsettled;
        }
        let words = told.find_map(|untold| match untold {
            Untold::Printed(words) | Untold::Status(words) if words.contains("${") => Some(words.to_string()),
            _ => None,
        });
        words.map_or(Self::Settled, Self::Words)
    }
}

/// Looks for what is not tried if each unknown text is tried as those that it gives for it.
pub(super) struct Untried<'u> {
    pub(super) conditions: &'u [Dd],
    pub(super) texts: &'u dyn Fn(&Run, &HoleKey) -> Vec<String>,
}

impl Untried<'_> {
    /// Conditions, in words, not all cases of which are tried.
    pub(super) fn of(&self, run: &mut Run) -> BTreeSet<String> {
        let support: BTreeSet<Atom> = self.conditions.iter().flat_map(|dd| run.domain.dds.support(*dd)).collect();
        let mut found = BTreeSet::new();
        let mut about: Vec<(HoleKey, Vec<Atom>)> = Vec::new();
        for atom in &support {
            let names = &run.domain.names;
            let this = || in_words(names, *atom);
            match Question::of(names, *atom) {
                Question::Settled => {}
                Question::Unsettled => drop(found.insert(this())),
                Question::Words(words) => drop(found.insert(other_words(&words))),
                Question::Text(key) => match about.iter_mut().find(|(known, _)| *known == key) {
                    Some((_, atoms)) => atoms.push(*atom),
                    None => about.push((key, vec![*atom])),
                },
                Question::Pair(pair) => {
                    let is_tried = |key| !(self.texts)(run, key).is_empty() && is_only_compared(names, key, &support);
                    if !pair.iter().all(is_tried) {
                        found.insert(this());
                    }
                }
            }
        }
        for (key, atoms) in about {
            let texts = (self.texts)(run, &key);
            found.extend(self.of_text(run, &key, &atoms, &texts));
        }
        found
    }

    /// The same of what is asked about one text, which is tried as these.
    fn of_text(&self, run: &mut Run, key: &HoleKey, atoms: &[Atom], texts: &[String]) -> Vec<String> {
        let names = &run.domain.names;
        let answers: Vec<Answers> = texts.iter().map(|text| Answers::about(names, atoms, key, text)).collect();
        let is_heard = |atom: Atom, answer: bool| answers.iter().any(|answers| answers.0.get(&atom) == Some(&answer));
        let mut found = Vec::new();
        for atom in atoms {
            let can_hold = match names.atom_key(*atom) {
                AtomKey::Equals(leaf, text) if whole(names, *leaf).is_some() => could_be(run, key, text),
                _ => true,
            };
            let missing = [true, false].into_iter().filter(|answer| !is_heard(*atom, *answer) && (!answer || can_hold));
            found.extend(missing.map(|answer| conjunction(names, &[(*atom, answer)])));
        }
        if found.is_empty() {
            found.extend(self.combination(run, key, atoms, &answers));
        }
        found
    }

    /// A combination of answers that is not tried, with which something else could come out than with all that are.
    fn combination(&self, run: &mut Run, key: &HoleKey, atoms: &[Atom], tried: &[Answers]) -> Option<String> {
        let names = &run.domain.names;
        let is_one_text = |atom: &&Atom| match names.atom_key(**atom) {
            AtomKey::Equals(leaf, _) => whole(names, *leaf).is_some(),
            _ => false,
        };
        // Where it is one of these texts, everything is decided. So it is about where it is none.
        let (one_text, others): (Vec<&Atom>, Vec<&Atom>) = atoms.iter().partition(is_one_text);
        let are_numbers = others.iter().all(|atom| matches!(names.atom_key(**atom), AtomKey::Less(..)));
        let texts: Vec<String> = one_text.iter().filter_map(|atom| one_of(names, **atom)).collect();
        let none: Vec<(Atom, bool)> = one_text.iter().map(|atom| (**atom, false)).collect();
        let is_none = |answers: &Answers| none.iter().all(|(atom, _)| answers.0.get(atom) == Some(&false));
        if !none.is_empty() && !tried.iter().any(is_none) {
            return could_be_another(run, key, &texts).then(|| conjunction(names, &none));
        }
        // Of numbers, one is tried between any two, if there is one.
        if others.is_empty() || are_numbers {
            return None;
        }
        let whole_of_it = || {
            let literals: Vec<(Atom, bool)> = others.iter().map(|atom| (**atom, true)).collect();
            conjunction(names, &literals)
        };
        if others.len() > MAX_QUESTIONS || self.conditions.len() > MAX_CONDITIONS {
            return Some(whole_of_it());
        }
        let combinations = (0_u32..1 << others.len()).map(|bits| {
            let answers = others.iter().enumerate().map(|(at, atom)| (**atom, bits >> at & 1 == 1));
            let none = one_text.iter().map(|atom| (**atom, false));
            Answers(answers.chain(none).collect())
        });
        let open: Vec<Answers> =
            combinations.filter(|one| !tried.contains(one) && !one.contradicts_itself(names)).collect();
        let known: BTreeSet<Vec<Dd>> = tried.iter().map(|answers| self.given(run, answers)).collect();
        let missing = open.into_iter().find(|answers| !known.contains(&self.given(run, answers)))?;
        let literals: Vec<(Atom, bool)> =
            others.iter().map(|atom| (**atom, missing.0.get(atom) == Some(&true))).collect();
        Some(conjunction(&run.domain.names, &literals))
    }

    /// What the conditions come to with these answers.
    fn given(&self, run: &mut Run, answers: &Answers) -> Vec<Dd> {
        let truth = |answer: &bool| if *answer { Dd::TRUE } else { Dd::FALSE };
        let dds = &mut run.domain.dds;
        let conditions = self.conditions.iter();
        conditions.map(|dd| dds.substitute(*dd, &mut |atom| answers.0.get(&atom).map(truth))).collect()
    }
}

/// Of a program whose words are not all known.
pub(super) fn other_words(words: &str) -> String {
    format!("`{words}` stands for other words")
}

/// The text that a question asks whether it is.
fn one_of(names: &Names, atom: Atom) -> Option<String> {
    if let AtomKey::Equals(_, text) = names.atom_key(atom) { Some(text.to_string()) } else { None }
}

/// Answers to questions about a text.
#[derive(PartialEq)]
struct Answers(BTreeMap<Atom, bool>);

impl Answers {
    fn about(names: &Names, atoms: &[Atom], key: &HoleKey, text: &str) -> Self {
        let supposed = Supposed { names, key, text };
        Self(atoms.iter().filter_map(|atom| Some((*atom, supposed.truth(names.atom_key(*atom))?))).collect())
    }

    /// Whether no text has these: it would have to begin, or to end, with two texts of which neither does with the other.
    fn contradicts_itself(&self, names: &Names) -> bool {
        let questions = || self.0.iter().map(|(atom, answer)| (names.atom_key(*atom), *answer));
        questions().filter(|(_, answer)| *answer).any(|(one, _)| {
            questions().any(|(other, answer)| implied(names, one, other).is_some_and(|implied| implied != answer))
        })
    }
}

/// What the answer to another question is if that to the first one is yes, for questions about the ends of the same text.
fn implied(names: &Names, one: &AtomKey, other: &AtomKey) -> Option<bool> {
    let (AtomKey::Holds(function, one), AtomKey::Holds(asked, other)) = (one, other) else { return None };
    let ([text, one], [same, other]) = (&**one, &**other) else { return None };
    let is_end = matches!(function, perch_ops::Pure::HasPrefix | perch_ops::Pure::HasSuffix);
    if !is_end || function != asked || text != same {
        return None;
    }
    let (one, other) = (names.known(*one)?, names.known(*other)?);
    let with = |whole: &str, end: &str| function.apply(&[whole, end]).is_ok_and(|answer| answer == "true");
    match (with(&one, &other), with(&other, &one)) {
        (true, _) => Some(true),
        (false, true) => None,
        (false, false) => Some(false),
    }
}

/// An unknown as a condition. Of many it would say little what they are called.
fn in_words(names: &Names, atom: Atom) -> String {
    match names.atom_key(atom) {
        AtomKey::Fresh(_, what) if !is_worded(what) => {
            "something hangs on what is not said, such as a text that a path, a list or the words of a program are made of".to_owned()
        }
        _ => conjunction(names, &[(atom, true)]),
    }
}

/// Whether nothing is asked about the text but which one it is.
fn is_only_compared(names: &Names, key: &HoleKey, support: &BTreeSet<Atom>) -> bool {
    support.iter().all(|atom| {
        let question = names.atom_key(*atom);
        let is_about_it = Sides::of(names, question).is_about(names, key);
        let is_whole = match question {
            AtomKey::Equals(leaf, _) => whole(names, *leaf).is_some(),
            _ => same(names, question).is_some(),
        };
        !is_about_it || is_whole
    })
}
