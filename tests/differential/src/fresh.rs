//! Names that a run has made up, or made of the time: no two runs make up the same.
//!
//! What is known of the end of a run speaks of such names by number, what has really come to be has them in full. So some
//! assignment of the ones to the others must be possible, in which no two real ones stand for the same number.

use std::collections::BTreeSet;

use perch_diagram::Dd;
use perch_fixtures::Fixture;
use perch_policy::path;
use perch_symbolic::host::Host;
use perch_symbolic::made;

use crate::compare::{Contradiction, Truth};
use crate::hosts::{Entry, Host as RealHost};
use crate::random::Random;
use crate::real::RealRun;
use crate::source::Source;
use perch_simulate::Run;

/// How many letters of a made-up name are not its beginning.
const LETTERS: usize = 24;

/// How many digits of the time are not some other number.
const DIGITS: usize = 10;

/// How names say the day of a run.
pub(crate) const DAYS: [&str; 2] = ["date", "%Y%m%d-%H"];

/// How they look then: `d` is a digit.
const DAY_TEMPLATES: [&str; 2] = ["dddd-dd-dd", "dddddddd-dd"];

/// The text with a sign in place of what looks like that.
fn without(text: &str, template: &str) -> String {
    let looks_like = |text: &str| {
        let is_one = |(c, wanted): (char, char)| if wanted == 'd' { c.is_ascii_digit() } else { c == wanted };
        text.chars().count() >= template.len() && text.chars().zip(template.chars()).all(is_one)
    };
    let mut rest = text;
    let mut alike = String::with_capacity(text.len());
    while let Some(c) = rest.chars().next() {
        let (put, length) = if looks_like(rest) { ('#', template.len()) } else { (c, c.len_utf8()) };
        alike.push(put);
        rest = &rest[length..];
    }
    alike
}

/// The day as a name says it.
pub(crate) fn today(format: &str) -> Option<String> {
    let now = perch_system::now();
    let (day, hour) = (now.get(..10)?, now.get(11..13)?);
    match format {
        "date" => Some(day.to_owned()),
        "%Y%m%d-%H" => Some(format!("{}-{hour}", day.replace('-', ""))),
        _ => None,
    }
}

/// Paths of which a program says the day, as they are on this one.
fn paths_of_today(source: &Source) -> Vec<String> {
    let of_line = |line: &str| {
        let (_, text) = line.split_once(" = \"")?;
        let (before, format) = text.split_once("${now('")?;
        let (format, _) = format.split_once("')}")?;
        Some(format!("{before}{}", today(DAYS.into_iter().find(|day| *day == format)?)?))
    };
    source.text().lines().filter_map(of_line).collect()
}

/// A run of the same day may have been here before, as far as the fixture allows.
pub(crate) fn leave_earlier(random: &mut Random, source: &Source, fixture: &Fixture, hosts: &mut [RealHost]) {
    for path in paths_of_today(source) {
        for host in hosts.iter_mut().filter(|host| host.tree.get(path::parent(&path)) == Some(&Entry::Dir)) {
            let entry = match random.below(3) {
                0 => continue,
                1 => Entry::Dir,
                _ => Entry::File { content: "before".to_owned() },
            };
            let mut other = host.clone();
            other.put(&path, entry);
            if other.agrees(fixture) {
                *host = other;
            }
        }
    }
}

/// The text with the same letters in place of all such names.
#[must_use]
pub fn alike(text: &str) -> String {
    let without_days = DAY_TEMPLATES.iter().fold(text.to_owned(), |text, template| without(&text, template));
    let without_letters =
        runs(&without_days, &|c| matches!(c, 'A'..='Z' | '2'..='7'), &|length| length.checked_sub(LETTERS));
    runs(&without_letters, &|c| c.is_ascii_digit(), &|length| (length >= DIGITS).then_some(0))
}

/// Whether a name has so many digits in a row that it is made of the time.
pub(crate) fn is_of_the_time(name: &str) -> bool {
    name.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() >= DIGITS)
}

/// The text with a sign in place of runs of such characters, behind so many of them as are kept.
fn runs(text: &str, is_one: &dyn Fn(char) -> bool, kept: &dyn Fn(usize) -> Option<usize>) -> String {
    let mut alike = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(is_one) {
        let length = rest[at..].find(|c| !is_one(c)).unwrap_or(rest.len() - at);
        alike.push_str(&rest[..at]);
        let run = &rest[at..at + length];
        match kept(length) {
            Some(before) => alike.push_str(&format!("{}#", &run[..before])),
            None => alike.push_str(run),
        }
        rest = &rest[at + length..];
    }
    alike + rest
}

/// Whether a part of a real path was made up.
pub(crate) fn is_under_made_up(path: &str) -> bool {
    alike(path) != path
}

/// The top of what is at such a path: up to the part that was made up.
fn top(path: &str) -> String {
    let is_top = |at: usize| made::is_made(&path[..at]) || is_under_made_up(&path[..at]);
    let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
    let end = ends.into_iter().find(|at| is_top(*at)).unwrap_or(path.len());
    path[..end].to_owned()
}

/// A path with the same letters in place of what was made up.
fn canonical(top: &str) -> String {
    let parts = top.split('\0').enumerate().map(|(at, part)| if at % 2 == 1 { "#" } else { part });
    alike(&parts.collect::<String>())
}

/// What stands under made-up names in the end, where that is impossible.
pub(crate) fn wrong(
    run: &mut Run,
    paths: &[String],
    (host, pc): (&Host, Dd),
    truth: &Truth<'_>,
    real: &RealRun,
) -> Vec<Contradiction> {
    let tops: BTreeSet<String> = paths.iter().map(|path| top(path)).collect();
    let (known, really): (Vec<String>, Vec<String>) = tops.into_iter().partition(|top| made::is_made(top));
    let mut assigned: Vec<Option<usize>> = vec![None; really.len()];
    let mut fits = vec![vec![false; known.len() + 1]; really.len()];
    for (at, one) in really.iter().enumerate() {
        for (number, as_known) in known.iter().chain([one]).enumerate() {
            let alike = number == known.len() || canonical(one) == canonical(as_known);
            fits[at][number] = alike && stands_as(run, paths, (one, as_known), (host, pc), truth, real);
        }
    }
    // What is not assigned must be able not to be there.
    let absent: Vec<bool> = known
        .iter()
        .map(|top| {
            let cell = run.domain.entry_of(host, top);
            truth.may_stand(run, pc, cell, None)
        })
        .collect();
    if assign(&fits, &absent, 0, &mut assigned) {
        return Vec::new();
    }
    let message =
        format!("{really:?} in the end cannot be {:?}", known.iter().map(|top| made::shown(top)).collect::<Vec<_>>());
    vec![Contradiction::new("made-up names", message)]
}

/// Can what is really at and beneath one path be what is known to be at another?
fn stands_as(
    run: &mut Run,
    paths: &[String],
    (really, known): (&str, &str),
    (host, pc): (&Host, Dd),
    truth: &Truth<'_>,
    real: &RealRun,
) -> bool {
    let below = |top: &str| {
        let beneath = move |path: &String| path::beneath(path, top).map(str::to_owned);
        paths.iter().filter(|path| path::within(path, top)).filter_map(beneath).collect::<BTreeSet<String>>()
    };
    let at = |top: &str, below: &str| if below.is_empty() { top.to_owned() } else { path::join(top, below) };
    below(really).union(&below(known)).all(|below| {
        let cell = run.domain.entry_of(host, &at(known, below));
        truth.may_stand(run, pc, cell, real.tree.get(&at(really, below)))
    })
}

/// Is there a way to give each real one from there on something that it can be?
fn assign(fits: &[Vec<bool>], absent: &[bool], from: usize, assigned: &mut [Option<usize>]) -> bool {
    let taken = |number: usize, assigned: &[Option<usize>]| assigned.contains(&Some(number));
    if from == fits.len() {
        return absent.iter().enumerate().all(|(number, may_be_absent)| *may_be_absent || taken(number, assigned));
    }
    for number in 0..=absent.len() {
        let free = number == absent.len() || !taken(number, &assigned[..from]);
        if !fits[from][number] || !free {
            continue;
        }
        assigned[from] = Some(number);
        if assign(fits, absent, from + 1, assigned) {
            return true;
        }
        assigned[from] = None;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_up_names_are_alike_and_nothing_else_is() {
        let name = perch_system::new_name("a-");
        assert_eq!(alike(&format!("/t/{name}/x HOME 234")), "/t/a-#/x HOME 234");
        assert_eq!(alike("perch 123456789"), "perch 123456789");
        assert_eq!(alike(&format!("/t/at-{}.bak", today("date").unwrap_or_default())), "/t/at-#.bak");
        assert_eq!(alike("/t/at-1709204400.bak"), "/t/at-#.bak");
        assert_eq!(top(&format!("/t/{name}/x")), format!("/t/{name}"));
        assert_eq!(top("/t/a-\x007\0/x"), "/t/a-\x007\0");
        assert_eq!(canonical(&format!("/t/{name}.bak")), canonical("/t/a-\x007\0.bak"));
    }

    #[test]
    fn no_two_are_one() {
        let mut assigned = [None; 2];
        assert!(!assign(&[vec![true, false], vec![true, false]], &[true], 0, &mut assigned));
        assert!(assign(&[vec![true, true], vec![true, true]], &[false], 0, &mut [None; 2]));
        assert!(!assign(&[], &[false], 0, &mut []));
    }
}
