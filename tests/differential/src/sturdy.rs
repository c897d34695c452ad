//! Programs that go on.
//!
//! A generated program mostly ends at its first failure. Here most statements get a `try` of their own, and lines that print
//! what is bound, so that later statements run and what earlier ones left behind is seen.

use crate::programs::{CommandSource, Part, Source};
use crate::random::Random;

const LOOK: &str = "print cwd v w x m i n k err";
const WHAT: &str = "print err.kind err.op err.code";

/// The program with its statements guarded.
#[must_use]
pub fn sturdy(source: &Source, random: &mut Random) -> Source {
    let mut source = source.clone();
    for command in &mut source.commands {
        let body = guarded(&command.body, random);
        let mut body = if command.name == "main" { lasting(body, random) } else { body };
        body.push(Part::Line(LOOK.to_owned()));
        *command = CommandSource { body, ..command.clone() };
    }
    source
}

/// Main gets further if an `exit` early on is left out.
fn lasting(mut body: Vec<Part>, random: &mut Random) -> Vec<Part> {
    let last = body.len();
    let mut at = 0;
    body.retain(|part| {
        at += 1;
        at == last || !is_exit(part) || random.chance(25)
    });
    body
}

fn is_exit(part: &Part) -> bool {
    matches!(part, Part::Line(line) if line.starts_with("exit"))
}

fn guarded(body: &[Part], random: &mut Random) -> Vec<Part> {
    let mut guarded = Vec::new();
    for part in body {
        let part = match part {
            Part::Line(_) => part.clone(),
            Part::Block(arms) => Part::Block(arms.iter().map(|(header, body)| (header.clone(), self::guarded(body, random))).collect()),
        };
        let block = matches!(part, Part::Block(_));
        if is_exit(&part) || !random.chance(if block { 50 } else { 70 }) {
            guarded.push(part);
        } else {
            let rescue = ("rescue".to_owned(), vec![Part::Line(WHAT.to_owned())]);
            guarded.push(Part::Block(vec![("try".to_owned(), vec![part]), rescue]));
        }
        if block && random.chance(40) {
            guarded.push(Part::Line(LOOK.to_owned()));
        }
    }
    guarded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_still_loads() {
        let lines = ["a = x", "exit", "fail"].map(|line| Part::Line(line.to_owned()));
        let block = Part::Block(vec![("if exists a".to_owned(), lines.to_vec())]);
        let body = [lines.to_vec(), vec![block]].concat();
        let source = Source { top: Vec::new(), commands: vec![CommandSource { name: "main".into(), config: Vec::new(), body }] };
        for seed in 0..50 {
            let text = sturdy(&source, &mut Random::new(seed)).text();
            assert!(crate::campaign::load(&text).is_ok(), "{text}");
            assert!(text.contains(LOOK));
        }
    }
}
