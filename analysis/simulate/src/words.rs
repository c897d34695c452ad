//! Conditions in words.

use perch_diagram::{Atom, Dd, Diagrams, Leaf};
use perch_fixtures::has_shell_signs;
use perch_ops::{Pure, Type};
use perch_symbolic::cells::{AtomKey, Means, Names, Untold};
use perch_symbolic::made::shown;

use crate::run::Run;

/// More ways than this are not written out.
const MAX_WAYS: usize = 3;

/// So many are looked at for them.
const MAX_CUBES: usize = 16;

/// Parts of a way beyond this are not written out: nobody reads them.
const MAX_PARTS: usize = 5;

/// The key under which a fixture tells what a program does with these words: itself with any words where a word is not known, is empty, or has
/// blanks around which no key could be written. A line with signs for the shell has blanks of its own.
#[must_use]
pub(crate) fn oracle_key(words: &str) -> String {
    let single =
        has_shell_signs(words) || words.split(' ').all(|word| !word.is_empty() && !word.contains(char::is_whitespace));
    match words.split(' ').next() {
        Some(name) if !name.is_empty() && (!single || words.contains("${")) => format!("{name} *"),
        _ => words.to_owned(),
    }
}

/// What the unknown is called on which it hangs whether a program fails.
pub(crate) const FAILS: &str = "a program does not end with status 0";

/// And on which it hangs whether something is cut short.
const DEADLINE: &str = "a deadline passes";

/// How unknowns of the run are worded, when they are and when they are not.
const OF_THE_RUN: [(&str, &str); 24] = [
    (FAILS, "a program ends with status 0"),
    ("a program is killed", "no program is killed"),
    ("the list has an element", "the list is empty"),
    ("the file can be started", "the file cannot be started"),
    ("a program of unknown name is there", "a program of unknown name is not there"),
    ("the target is outside the allowed ones", "the target is among the allowed ones"),
    ("the key was stored before", "nothing is stored for the key of the cache"),
    ("what was stored is still good", "what was stored for the key has become too old"),
    ("what was stored has become too old", "what was stored for the key is still good"),
    ("another branch was the last to store a result", "no other branch was the last to store a result"),
    ("a server redirects", "no server redirects"),
    ("the server answers with success", "the server answers with an error"),
    ("a name has no address", "the name has an address"),
    (DEADLINE, "no deadline passes"),
    ("something is there", "nothing is at the path"),
    ("it is a directory", "it is no directory"),
    ("what was stored is still there", "what was stored is not there any more"),
    ("a file is no program", "the file is a program"),
    ("a script may not be read or interpreted", "what is started may be read and interpreted"),
    ("a path is too long for the system", "no path is too long for the system"),
    ("a text holds a NUL", "no text holds a NUL"),
    ("an archive is no text", "the archive is a text"),
    ("it may not be done", "all that is asked for may be done"),
    ("an entry binds a name", "what is stored for the key of the cache does not bind the name"),
];

/// What stands for unknowns that mean nothing to a reader.
const UNNAMED: &str = "something else that is not known";

/// How the runs `dd` differ from the other runs of `total`: ways to get there.
pub(crate) fn condition(run: &mut Run, dd: Dd, total: Dd) -> Vec<String> {
    let dds = &mut run.domain.dds;
    let dd = dds.restrict(dd, total);
    // Ways that none of these runs go come of what was left open outside of them.
    let mut cubes = dds.cubes(dd, MAX_CUBES);
    let more = cubes.len() == MAX_CUBES;
    cubes.retain(|cube| is_gone(dds, cube, total));
    let others = dds.minus(total, dd);
    let told: Vec<Cube> = cubes.iter().take(MAX_WAYS).map(|cube| shortened(dds, cube, others)).collect();
    let names = &run.domain.names;
    let mut ways: Vec<String> = Vec::new();
    for cube in &told {
        let way = conjunction(names, cube);
        if !ways.contains(&way) {
            ways.push(way);
        }
    }
    // What else holds on each of several ways tells nothing: they differ by what is not known.
    let is_unnamed = |way: &String| way.ends_with(UNNAMED);
    if ways.iter().filter(|way| is_unnamed(way)).count() > 1 {
        ways.retain(|way| !is_unnamed(way));
        ways.push(UNNAMED.to_owned());
    }
    if cubes.len() > MAX_WAYS || more {
        // What is not known is among the rest.
        if ways.len() > 1 {
            ways.retain(|way| way != UNNAMED);
        }
        ways.push("otherwise".to_owned());
    }
    ways
}

/// Whether any of these runs goes that way.
fn is_gone(dds: &Diagrams, cube: &[(Atom, bool)], runs: Dd) -> bool {
    dds.is_possible(runs, &|atom| cube.iter().find(|one| one.0 == atom).map(|(_, holds)| *holds))
}

/// Unknowns that hold, and some that do not.
type Cube = Vec<(Atom, bool)>;

/// A way without what need not hold on it, where `others` are the runs that are on no way: where another way goes as well, that this is not the
/// other one tells nothing.
fn shortened(dds: &Diagrams, cube: &[(Atom, bool)], others: Dd) -> Cube {
    let mut left = cube.to_vec();
    let negations = cube.iter().rev().filter(|(_, holds)| !holds);
    for literal in negations.chain(cube.iter().rev().filter(|(_, holds)| *holds)) {
        let value = |atom: Atom| left.iter().find(|one| one.0 == atom && *one != literal).map(|(_, holds)| *holds);
        if !dds.is_possible(others, &value) {
            left.retain(|one| one != literal);
        }
    }
    left
}

/// What holds where all of these do.
pub(crate) fn conjunction(names: &Names, cube: &[(Atom, bool)]) -> String {
    let literals: Vec<(&AtomKey, bool)> = cube.iter().map(|(atom, holds)| (names.atom_key(*atom), *holds)).collect();
    let mut parts: Vec<String> = Vec::new();
    let mut unnamed = false;
    for (key, holds) in literals.iter().filter(|literal| !is_implied(names, literal, &literals)) {
        match in_two_places(names, key, &literals).or_else(|| literal(names, key, *holds, &literals)) {
            Some(part) if parts.contains(&part) => {}
            Some(part) => parts.push(part),
            None => unnamed = true,
        }
    }
    let left_out = parts.len().saturating_sub(MAX_PARTS);
    if left_out > 0 {
        parts.truncate(MAX_PARTS);
        parts.push(format!("{left_out} more {}", if left_out == 1 { "condition" } else { "conditions" }));
    } else if unnamed {
        parts.push(UNNAMED.to_owned());
    }
    said_once(&mut parts);
    parts.join(" and ")
}

/// Of parts one behind the other that are so by then, the last says it for all.
fn said_once(parts: &mut [String]) {
    for at in 1..parts.len() {
        if parts[at].ends_with(BY_THEN) && parts[at - 1].ends_with(BY_THEN) {
            let shorter = parts[at - 1].len() - BY_THEN.len();
            parts[at - 1].truncate(shorter);
        }
    }
}

/// How what is said of what has become of the host ends.
const BY_THEN: &str = " by then";

/// Of several unknowns of which the same is said, for they are those of several places of the program, some hold and some do not. That a
/// deadline has passed is told by where it has.
fn in_two_places(names: &Names, key: &AtomKey, all: &[(&AtomKey, bool)]) -> Option<String> {
    let AtomKey::Fresh(number, what) = key else { return None };
    let [yes, no] = of_the_run(names, *number, what)?;
    let is = |wanted: bool| {
        all.iter().any(|(other, holds)| match other {
            AtomKey::Fresh(number, what) if *holds == wanted => {
                of_the_run(names, *number, what).is_some_and(|said| said[0] == yes)
            }
            _ => false,
        })
    };
    let is_both = is(true) && is(false);
    match *what {
        _ if !is_both => None,
        DEADLINE => Some(yes),
        _ => Some(format!("{yes} in one place, and in another {no}")),
    }
}

/// Does another literal say it too? What is a directory or a file is there; what is one text is no other; what is less than a number is less than
/// greater ones.
fn is_implied(names: &Names, (key, holds): &(&AtomKey, bool), all: &[(&AtomKey, bool)]) -> bool {
    let known = |leaf: Leaf| names.known(leaf).and_then(|text| text.parse::<f64>().ok());
    let is_between = |least: Leaf, most: Leaf| known(least).zip(known(most)).is_some_and(|(least, most)| least < most);
    all.iter().any(|(other, other_holds)| match (key, other) {
        (AtomKey::Less(leaf, most), AtomKey::Less(other, least)) if leaf == other => {
            let (most, least) = if *holds { (most, least) } else { (least, most) };
            holds == other_holds && is_between(*least, *most)
        }
        (AtomKey::Less(least, leaf), AtomKey::Less(most, other)) if leaf == other => {
            let (most, least) = if *holds { (most, least) } else { (least, most) };
            holds == other_holds && is_between(*least, *most)
        }
        (AtomKey::There(at, path), AtomKey::IsDir(other_at, other)) => *holds && at == other_at && path == other,
        (AtomKey::Equals(leaf, _), AtomKey::Equals(other, _)) => !holds && *other_holds && leaf == other,
        _ => false,
    })
}

fn literal(names: &Names, key: &AtomKey, holds: bool, all: &[(&AtomKey, bool)]) -> Option<String> {
    let not = if holds { "" } else { "not " };
    Some(match key {
        AtomKey::There(at, path) if holds => format!("`{}` exists{}", shown(path), by_then(*at)),
        AtomKey::There(at, path) => format!("nothing is at `{}`{}", shown(path), by_then(*at)),
        AtomKey::IsDir(at, path) => {
            let there = all.iter().any(|other| *other == (&AtomKey::There(*at, path.clone()), true));
            let path = shown(path);
            match (holds, there) {
                (true, _) => format!("`{path}` is a directory{}", by_then(*at)),
                (false, true) => format!("`{path}` is a file{}", by_then(*at)),
                (false, false) => format!("`{path}` is not a directory{}", by_then(*at)),
            }
        }
        AtomKey::IsLink(at, path) => format!("`{}` is {not}a link{}", shown(path), by_then(*at)),
        AtomKey::Touched(_, path) => format!("`{}` has {not}been changed by then", shown(path)),
        AtomKey::EnvSet(name) => format!("`${name}` is {not}set"),
        AtomKey::Bin(at, name) => format!("`{name}` is {not}on PATH{}", by_then(*at)),
        AtomKey::Equals(leaf, text) => format!("`{}` is {not}`{}`", names.shown(*leaf), one_line(text)),
        AtomKey::Same(a, b) => format!("`{}` is {not}`{}`", names.shown(*a), names.shown(*b)),
        AtomKey::Less(a, b) => format!("`{}` is {not}less than `{}`", names.shown(*a), names.shown(*b)),
        AtomKey::OfType(ty, leaf) => format!("`{}` is {not}{}", names.shown(*leaf), kind(*ty)),
        AtomKey::Holds(function, operands) => match holding(names, *function, holds, operands) {
            Some(said) => said,
            None => format!("`{}` is {not}true", asked(names, *function, operands)),
        },
        AtomKey::Refused(function, kind, operands) => {
            let fails = if holds { "fails" } else { "does not fail" };
            format!("`{}` {fails} with `{}`", asked(names, *function, operands), kind.name())
        }
        AtomKey::IsStatus(leaf) => format!("`{}` is {not}an exit status", names.shown(*leaf)),
        AtomKey::IsZero(leaf) => format!("`{}` is {not}0", names.shown(*leaf)),
        AtomKey::Fresh(number, what) => {
            let [yes, no] = of_the_run(names, *number, what)?;
            if holds { yes } else { no }
        }
        AtomKey::Ghost(..) => return None,
    })
}

/// What a text of a type is, without the example.
fn kind(ty: Type) -> &'static str {
    let wants = ty.wants().unwrap_or("a text");
    wants.split_once(", such as").map_or(wants, |(kind, _)| kind)
}

/// Of functions that files cannot call, what it means that one says yes, or that it does not.
fn holding(names: &Names, function: Pure, holds: bool, operands: &[Leaf]) -> Option<String> {
    let not = if holds { "" } else { "not " };
    let [first, second] = [0, 1].map(|at| operands.get(at).map(|leaf| one_line(&names.shown(*leaf))));
    let (first, second) = (first?, second?);
    Some(match function {
        Pure::IsSum => format!("`{second}` is {not}the checksum `{first}`"),
        Pure::PathWithin => format!("`{first}` is {not}in `{second}`"),
        Pure::HasLines if holds => format!("`{first}` has the lines `{second}`"),
        Pure::HasLines => format!("`{first}` does not have the lines `{second}`"),
        _ => return None,
    })
}

/// An op on texts.
fn asked(names: &Names, function: Pure, operands: &[Leaf]) -> String {
    let op = perch_ops::op_of(function).map_or("…", |op| op.entry().name);
    let operands = operands.iter().map(|leaf| one_line(&names.shown(*leaf)));
    std::iter::once(op.to_owned()).chain(operands).collect::<Vec<_>>().join(" ")
}

/// Unknowns of the start are about the host as described; later ones about what has become of it.
fn by_then(epoch: u32) -> &'static str {
    if epoch == 0 { "" } else { BY_THEN }
}

/// The program that does not end with status 0, or does, if it is one and an unknown is about that.
fn program_of(names: &Names, number: u32, what: &str) -> Option<String> {
    let mut told = names.untold(number).filter(|_| what == FAILS);
    match (told.next(), told.next()) {
        (Some(Untold::Status(words)), None) => Some(one_line(words)),
        _ => None,
    }
}

/// Whether there are words for an unknown of the run.
pub(crate) fn is_worded(what: &str) -> bool {
    OF_THE_RUN.iter().any(|(yes, _)| *yes == what)
}

/// What it means that an unknown of the run holds, and that it does not.
fn of_the_run(names: &Names, number: u32, what: &str) -> Option<[String; 2]> {
    if let Some(words) = program_of(names, number, what) {
        return Some(["does not end", "ends"].map(|ends| format!("`{words}` {ends} with status 0")));
    }
    if let Some(Means { yes, no }) = names.meaning(number) {
        return Some([yes, no].map(|said| said.to_string()));
    }
    let (yes, no) = OF_THE_RUN.iter().find(|(yes, _)| *yes == what)?;
    Some([yes, no].map(|said| (*said).to_owned()))
}

/// A text as it would be written.
pub(crate) fn one_line(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\n', "\\n").replace('\t', "\\t")
}

#[cfg(test)]
mod tests {
    use perch_ops::ErrorKind;
    use perch_symbolic::cells::HoleKey;

    use super::*;

    fn said(literals: &[(AtomKey, bool)]) -> String {
        let mut names = Names::default();
        let cube: Vec<(Atom, bool)> = literals.iter().map(|(key, holds)| (names.atom(key.clone()), *holds)).collect();
        conjunction(&names, &cube)
    }

    #[test]
    fn negations_are_sentences() {
        assert_eq!(said(&[(AtomKey::Bin(0, "hugo".into()), false)]), "`hugo` is not on PATH");
        assert_eq!(said(&[(AtomKey::There(0, "/a".into()), false)]), "nothing is at `/a`");
        assert_eq!(said(&[(AtomKey::EnvSet("HOME".into()), false)]), "`$HOME` is not set");
        assert_eq!(said(&[(AtomKey::Fresh(1, "the list has an element"), false)]), "the list is empty");
    }

    #[test]
    fn what_holds_here_and_not_there_is_no_contradiction() {
        let what = "the file can be started";
        assert_eq!(
            said(&[(AtomKey::Fresh(1, what), true), (AtomKey::Fresh(2, what), false)]),
            "the file can be started in one place, and in another the file cannot be started"
        );
    }

    #[test]
    fn that_a_way_is_not_another_one_is_not_told() {
        let mut dds = Diagrams::default();
        let [a, b, c] = [0, 1, 2].map(|number| dds.atom(Atom(number)));
        let [either, first] = [dds.or(a, b), dds.and(a, c)];
        let shortened = |dds: &mut Diagrams, dd: Dd, total: Dd| {
            let (cubes, others) = (dds.cubes(dd, 4), dds.minus(total, dd));
            cubes.iter().map(|cube| shortened(dds, cube, others)).collect::<Vec<_>>()
        };
        assert_eq!(shortened(&mut dds, either, Dd::TRUE), [[(Atom(0), true)], [(Atom(1), true)]]);
        assert_eq!(shortened(&mut dds, first, Dd::TRUE), [[(Atom(0), true), (Atom(2), true)]]);
        assert_eq!(shortened(&mut dds, first, a), [[(Atom(2), true)]]);
    }

    #[test]
    fn that_a_deadline_passes_is_told_by_where_it_does() {
        let [first, second] = [1, 2].map(|number| AtomKey::Fresh(number, DEADLINE));
        assert_eq!(said(&[(first, false), (second, true)]), "a deadline passes");
    }

    #[test]
    fn what_all_is_so_by_then_is_said_once() {
        let there = |epoch: u32, path: &str| (AtomKey::There(epoch, path.into()), true);
        assert_eq!(
            said(&[there(1, "/a"), there(1, "/b"), there(0, "/c")]),
            "`/a` exists and `/b` exists by then and `/c` exists"
        );
    }

    #[test]
    fn of_numbers_that_something_is_less_than_the_least_is_named() {
        let mut names = Names::default();
        let n = names.unknown(HoleKey::Argument("n".into(), Type::Int));
        let [one, two, three] = ["1", "2", "3"].map(|text| names.text(text));
        let cube = [
            (names.atom(AtomKey::Less(n, three)), true),
            (names.atom(AtomKey::Less(n, two)), true),
            (names.atom(AtomKey::Less(n, one)), false),
            (names.atom(AtomKey::Less(one, n)), true),
            (names.atom(AtomKey::Less(two, n)), true),
        ];
        let said = "`${n}` is less than `2` and `${n}` is not less than `1` and `2` is less than `${n}`";
        assert_eq!(conjunction(&names, &cube), said);
    }

    #[test]
    fn functions_are_worded_as_ops() {
        let mut names = Names::default();
        let [tag, prefix] = [names.unknown(HoleKey::Argument("tag".into(), Type::Text)), names.text("v")];
        let cube = [
            (names.atom(AtomKey::Holds(Pure::HasPrefix, [tag, prefix].into())), false),
            (names.atom(AtomKey::Refused(Pure::Repeat, ErrorKind::LimitExceeded, [prefix, tag].into())), true),
        ];
        let said = "`has_prefix ${tag} v` is not true and `repeat v ${tag}` fails with `limit_exceeded`";
        assert_eq!(conjunction(&names, &cube), said);
    }

    #[test]
    fn what_another_literal_says_is_left_out() {
        let [there, is_dir] = [AtomKey::There(0, "/a".into()), AtomKey::IsDir(0, "/a".into())];
        assert_eq!(said(&[(there.clone(), true), (is_dir.clone(), true)]), "`/a` is a directory");
        assert_eq!(said(&[(there, true), (is_dir, false)]), "`/a` is a file");
    }

    #[test]
    fn long_ways_are_cut() {
        let set = |name: &str| (AtomKey::EnvSet(name.into()), true);
        let five = said(&["A", "B", "C", "D", "E"].map(set));
        assert!(five.ends_with("`$D` is set and `$E` is set"), "{five}");
        assert_eq!(said(&["A", "B", "C", "D", "E", "F"].map(set)), format!("{five} and 1 more condition"));
        assert!(said(&["A", "B", "C", "D", "E", "F", "G"].map(set)).ends_with("`$E` is set and 2 more conditions"));
    }

    #[test]
    fn what_means_nothing_to_a_reader_is_not_shown() {
        let way = AtomKey::Fresh(1, "which of several ways a call went");
        assert_eq!(
            said(&[(AtomKey::Bin(7, "go".into()), true), (way, true)]),
            format!("`go` is on PATH by then and {UNNAMED}")
        );
    }
}
