//! Blocks in which something can be put so that it runs.

use crate::programs::Part;
use crate::random::Random;
use crate::source::{Around, BODIES};

/// Ways to write each block of [`crate::source::ARMS`]: what is to run stands where [`HERE`] does. `@r` is the root of the
/// host, `@arch` its architecture, `@n` a number that no other scene of the program has. `yes` is bound to `yes`, `odd` to nothing.
const BLOCKS: &[(&str, &[&str])] = &[
    (
        "if",
        &[
            "if yes == yes\nhere\nend",
            "if yes == no\nprint yes\nelse\nhere\nend",
            "if exists @r/none\nprint yes\nelif yes\nhere\nend",
            "if not is_file @r\nhere\nelse\nprint yes\nend",
        ],
    ),
    ("for_each", &["for_each a i\nhere\nend", "for_each \"a\\nb\" i\nhere\nend", "for_each i in yes\nhere\nend"]),
    ("match", &["match yes\ncase yes\nhere\nend", "match yes\ncase no\nprint yes\nelse\nhere\nend"]),
    (
        "try",
        &[
            "try\nhere\nrescue\nprint err.kind\nend",
            "try\nhere\nfinally\nprint yes\nend",
            "try\nhere\nrescue e\nprint e\nfinally\nprint yes\nend",
        ],
    ),
    ("rescue", &["try\nfail odd\nrescue\nhere\nend", "try\nfail \"${yes}\"\nrescue e\nhere\nfinally\nprint yes\nend"]),
    ("finally", &["try\nprint yes\nfinally\nhere\nend", "try\nfail odd\nrescue\nprint yes\nfinally\nhere\nend"]),
    ("os", &["os linux\nhere\nend", "os unix\nhere\nend"]),
    ("arch", &["arch @arch\nhere\nend"]),
    ("with_cwd", &["with_cwd @r\nhere\nend"]),
    ("with_env", &["with_env V=1\nhere\nend"]),
    ("sandbox", &["sandbox @free\nhere\nend"]),
    ("retry", &["retry 2 delay=0\nhere\nend", "retry 1\nhere\nend"]),
    ("timeout", &["timeout 30m\nhere\nend"]),
    // The elements of a loop that stands alone in it would be branches, which get in each other's way.
    ("parallel", &["parallel\nprint yes\nhere\nend", "parallel\nhere\nprint yes\nend"]),
    ("cache", &["cache k@n\nhere\nend"]),
];

/// The line of a template that stands for what is put there.
const HERE: &str = "here";

/// The ways to write a block.
pub fn templates(block: &str) -> &'static [&'static str] {
    BLOCKS.iter().find(|(name, _)| *name == block).map_or(&[], |(_, templates)| templates)
}

/// Each statement of its body runs at the same time as the others.
fn at_once(block: &str) -> bool {
    block == "parallel"
}

/// A statement within two blocks, with what must happen before it: as near as can be, but in no block whose statements run at once.
/// `place` gives a template its host.
pub fn between(
    around: Around,
    mut before: Vec<Part>,
    statement: Vec<Part>,
    place: &dyn Fn(&str) -> String,
    random: &mut Random,
) -> Vec<Part> {
    // A sandbox takes away what the statement does not use.
    let free = if shows(&statement, "shell") { "no_network" } else { "no_shell" };
    let place = |template: &str| place(template).replace("@free", free);
    let mut body = statement;
    for block in [Some(around.inner), around.outer.filter(|outer| !BODIES.contains(outer))].into_iter().flatten() {
        if !at_once(block) {
            body.splice(0..0, before.drain(..));
        }
        body = vec![within(block, &body, &place, random)];
    }
    before.into_iter().chain(body).collect()
}

fn within(block: &str, body: &[Part], place: &dyn Fn(&str) -> String, random: &mut Random) -> Part {
    let template = place(random.pick::<&str>(templates(block)));
    let parts = Part::parse(&mut template.lines());
    parts.first().map_or(Part::Block(Vec::new()), |block| block.with_bodies(&mut |lines| filled(lines, body)))
}

/// Whether the word occurs in these.
fn shows(parts: &[Part], word: &str) -> bool {
    parts.iter().any(|part| match part {
        Part::Line(line) => line.contains(word),
        Part::Block(arms) => arms.iter().any(|(head, body)| head.contains(word) || shows(body, word)),
    })
}

fn filled(lines: &[Part], body: &[Part]) -> Vec<Part> {
    let here = |part: &Part| matches!(part, Part::Line(line) if line == HERE);
    lines.iter().flat_map(|part| if here(part) { body.to_vec() } else { vec![part.clone()] }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expected::pairs;
    use crate::programs::{CommandSource, Source};
    use crate::source::ARMS;

    fn line(text: &str) -> Vec<Part> {
        vec![Part::Line(text.to_owned())]
    }

    #[test]
    fn every_block_can_be_written() {
        for block in ARMS {
            assert!(!templates(block).is_empty(), "`{block}` has no template in `BLOCKS`");
        }
    }

    #[test]
    fn what_is_put_between_two_blocks_stands_there() {
        let mut random = Random::new(1);
        for around in pairs() {
            let body = between(around, line("before"), line("mark"), &str::to_owned, &mut random);
            let name = if around.outer == Some("call") { "other" } else { "main" };
            let command = CommandSource { name: name.to_owned(), config: Vec::new(), body };
            let lines = Source { commands: vec![command], ..Source::default() }.lines();
            let at = |text: &str| lines.iter().position(|line| line.text.trim() == text).unwrap();
            assert_eq!(lines[at("mark")].around, Some(around), "{lines:?}");
            assert!(at("before") < at("mark"));
            assert_ne!(lines[at("before")].around.unwrap().inner, "parallel");
        }
    }
}
