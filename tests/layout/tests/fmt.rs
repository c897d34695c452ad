//! Whatever program it is and however it is typed: laid out, it means what it meant, and stays as it is.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::thread;

use perch_differential::random::Random;
use perch_format::format;
use perch_layout::{Scramble, Source, generated, meaning, programs, scrambled};

/// How many programs are generated, and how often each program is typed anew.
const GENERATED: u64 = 120;
const TYPINGS: u64 = 2;

/// How many programs get a slip.
const SLIPPED: usize = 600;

/// Reading and writing programs recurse over their blocks.
const STACK: usize = 64 << 20;

/// Why a layout is wrong, if it is.
fn wrong(text: &str) -> Option<String> {
    let Ok(once) = format(text) else { return Some("cannot be laid out".to_owned()) };
    if format(&once).as_ref() != Ok(&once) {
        return Some(format!("does not stay as it is:\n{once}"));
    }
    (meaning(&once) != meaning(text)).then(|| format!("means something else:\n{once}"))
}

/// Whether it can be read at all. Some pages are about programs that cannot.
fn can_be_read(source: &Source) -> bool {
    format(&source.text).is_ok()
}

#[track_caller]
fn holds(sources: Vec<Source>, least: usize, wrong: impl Fn(&Source) -> Option<String> + Send + 'static) {
    assert!(sources.len() >= least, "only {} programs", sources.len());
    let judge = move || {
        let found = sources.iter().filter_map(|source| Some(format!("{} {}", source.from, wrong(source)?)));
        found.collect::<Vec<String>>()
    };
    let found = thread::Builder::new().stack_size(STACK).spawn(judge).unwrap().join().unwrap();
    assert!(found.is_empty(), "{} programs:\n{}", found.len(), found[..found.len().min(3)].join("\n"));
}

fn readable() -> Vec<Source> {
    programs().into_iter().filter(can_be_read).collect()
}

/// Few programs of files and pages are there to show what cannot be read.
#[test]
fn nearly_every_program_can_be_laid_out() {
    let people_wrote = |source: &Source| !source.from.starts_with("grammar/") && !source.from.contains("/mistakes/");
    let (read, unread): (Vec<_>, Vec<_>) = programs().into_iter().filter(people_wrote).partition(can_be_read);
    assert!(unread.len() * 10 <= read.len(), "{} of {}: {unread:#?}", unread.len(), read.len());
}

#[test]
fn o_010_programs_of_the_repository_mean_what_they_meant() {
    holds(readable(), 200, |source| wrong(&source.text));
}

#[test]
fn generated_programs_mean_what_they_meant() {
    holds((0..GENERATED).map(generated).collect(), 100, |source| wrong(&source.text));
}

#[test]
fn however_it_is_typed_a_program_means_the_same_laid_out() {
    holds(readable(), 200, |source| {
        (0..TYPINGS).find_map(|seed| {
            let typed = scrambled(&source.text, Scramble::Lines, &mut Random::new(seed));
            assert_eq!(meaning(&typed), meaning(&source.text), "{}: typing it has changed it:\n{typed}", source.from);
            wrong(&typed)
        })
    });
}

/// Where comments stand and where blank lines are is the writer's. All else is decided.
#[test]
fn programs_that_differ_in_blanks_are_laid_out_alike() {
    let plain = |source: &Source| !source.text.contains('#');
    let sources: Vec<_> = readable().into_iter().chain((0..GENERATED).map(generated)).filter(plain).collect();
    holds(sources, 350, |source| {
        let typed = scrambled(&source.text, Scramble::Blanks, &mut Random::new(7));
        (format(&typed) != format(&source.text)).then(|| format!("is laid out otherwise:\n{typed}"))
    });
}

/// What a slip of the finger puts anywhere.
const SLIPS: [&str; 16] =
    ["", " ", "\n", "\"", "'", "`", "#", "=", "\\", "${", "}", " end\n", " let ", "\n  pipe\n", "\t\u{b}", " && "];

/// What is still a program after that means the same laid out, however odd it is.
#[test]
fn programs_with_slips_mean_what_they_meant() {
    let mut random = Random::new(1);
    let sources: Vec<_> = programs().into_iter().chain((0..GENERATED).map(generated)).collect();
    let slipped: Vec<_> = (0..SLIPPED).map(|_| slipped(random.pick(&sources).clone(), &mut random)).collect();
    let readable: Vec<_> = slipped.into_iter().filter(can_be_read).collect();
    holds(readable, SLIPPED / 3, |source| wrong(&source.text).map(|why| format!("{}\n{why}", source.text)));
}

/// The program with something put in place of a few characters of it.
fn slipped(source: Source, random: &mut Random) -> Source {
    let starts: Vec<usize> = source.text.char_indices().map(|(at, _)| at).chain([source.text.len()]).collect();
    let from = random.below(starts.len());
    let to = (from + random.below(3)).min(starts.len() - 1);
    let mut text = source.text;
    let slip = *random.pick(&SLIPS);
    text.replace_range(starts[from]..starts[to], slip);
    Source { text, ..source }
}
