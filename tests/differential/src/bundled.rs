//! What generated programs carry along: a `bundle` at the top, and statements that are about it.
//!
//! It is added to a program that is there, with chance of its own: the others stay what they were.

use crate::declared::put;
use crate::hosts::Knowledge;
use crate::random::Random;
use crate::source::{BODIES, Part, Source};

/// Tells this chance from that of the program.
const OWN: u64 = 0x0b0d_1e5e_ed00_cafe;

/// Beside the program stands what stands where it is started.
const PATHS: &[&str] = &["a", "b", "d", "e", "l", "c", "d/a", "./d/e", "none", "."];

const PLACES: &[&str] = &["new", "e", "d", "new/deep", "l", "c/new", "a", "d/new", "v", "\"\""];

/// Adds to the program of a seed: mostly nothing.
pub(crate) fn bundle(source: &mut Source, seed: u64, knowledge: Knowledge) {
    let mut random = Random::new(seed ^ OWN);
    if !random.chance(7) {
        return;
    }
    // Where a program stands no fixture tells. Where one tells everything else, nothing is to be open.
    if knowledge != Knowledge::Full && random.chance(85) {
        let mut paths: Vec<&str> = (0..=random.below(2)).map(|_| *random.pick(PATHS)).collect();
        paths.sort_unstable();
        paths.dedup();
        put(source, "bundle", paths.iter().map(|path| format!("include {path}")).collect());
    }
    let Some(main) = source.commands.iter_mut().find(|command| command.name == BODIES[0]) else { return };
    for _ in 0..=random.below(2) {
        let line = match random.below(6) {
            0 => "v = bundle_dir".to_owned(),
            1 | 2 => "w = bundle_hash".to_owned(),
            _ => format!("x = bundle_extract {}", random.pick(PLACES)),
        };
        let lines =
            if random.chance(60) { vec!["try", &line, "rescue", "print err.kind", "end"] } else { vec![&*line] };
        let at = random.below(main.body.len() + 1);
        main.body.splice(at..at, Part::parse(&mut lines.into_iter()));
    }
}
