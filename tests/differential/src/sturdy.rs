//! Programs that go on.
//!
//! A generated program mostly ends at its first failure. Here most statements get a `try` of their own, and lines that print
//! what is bound, so that later statements run and what earlier ones left behind is seen. Scenes bring about what chance
//! rarely does. (`rm /` is not among them, for it would be performed.)

use crate::programs::{Part, Source};
use crate::random::Random;

const LOOK: &str = "print cwd v w x m i n k err";
const WHAT: &str = "print err.kind err.op err.code";

/// Lines that belong together; `R` stands for the root.
const SCENES: &[&[&str]] = &[
    &["symlink \"\" R/k1", "symlink \"\" R"],
    &["mv / R/k2", "mv / R/nope/k2"],
    &["mkdir R/d/e", "mv R/d R/d", "mv R/d R/d/e", "mv R/d R/d/new"],
    &["mkdir R/k3", "cd R/k3", "rm R/k3", "p", "write_file R/k3 x", "p", "cd R"],
    &["mkdir R/k4/k", "cd R/k4/k", "rm R/k4", "p", "write_file R/k4 x", "p", "cd R"],
    &["mkdir R/d/e", "copy_dir R/d/e R/d", "copy_dir R/d R", "copy_dir R/d R/d"],
    &["mkdir R/k5/k", "mkdir R/k6", "write_file R/k6/k x", "copy_dir R/k5 R/k6", "copy_dir R/k6 R/k5"],
    &["mkdir R/k7/k", "write_file R/k7/f x", "copy_dir R/k7 R/k8", "v = read_file R/k8/f"],
    &["write_file R/f x", "mkdir R/k9/f", "cp R/f R/k9", "cp R/f R/k9/g", "cp R/f R/f"],
    &[
        "write_file R/f x",
        "symlink f R/l1",
        "cp R/l1 R/g",
        "v = read_file R/l1",
        "write_file R/l1 y",
        "mv R/l1 R/l2",
        "cp R/l2 R/g",
    ],
    &["symlink d R/l3", "mkdir R/l3/k", "cp R/a R/l3", "copy_dir R/l3 R/g", "cd R/l3", "p", "cd R"],
    &[
        "write_file R/f x",
        "symlink R/gone/x R/l8",
        "cp R/f R/l8",
        "if exists R/l8\nfail odd\nend",
        "mkdir R/gone",
        "cp R/f R/l8",
    ],
    &["symlink f R/l4", "cd R/l4", "mkdir R/l4", "copy_dir R/e R/l4", "cd R"],
    &["mkdir R/d", "write_file R/d/f x", "symlink R/a R/d/l5", "cp R/d/f R/d/l5", "v = read_file R/d/l5"],
    &[
        "mkdir R/d",
        "symlink R/nope R/d/l6",
        "cp R/d/l6 R/d/g",
        "v = read_file R/d/l6",
        "copy_dir R/d/l6 R/d/g",
        "mkdir R/d/l6/k",
    ],
    &[
        "x = mkdir R/k",
        "if x\nfail odd\nend",
        "x = write_file R/f x",
        "if x\nfail odd\nend",
        "x = rm R/f",
        "if x\nfail odd\nend",
    ],
    &["write_file R/f x", "x = mv R/f R/g", "if x\nfail odd\nend", "x = symlink a R/l7", "if x\nfail odd\nend"],
    &["mkdir R/k", "x = copy_dir R/k R/g", "if x\nfail odd\nend", "x = cp R/a R/g", "if x\nfail odd\nend"],
    &["symlink loop R/loop", "cd R/loop", "cp R/loop R/k", "mv R/loop/a R/k", "v = read_file R/loop"],
    &[
        "symlink loop R/loop",
        "symlink a R/loop/k",
        "write_file R/loop x",
        "mkdir R/loop/k",
        "rm R/loop/k",
        "copy_dir R/loop R/k",
    ],
    &["symlink d R/l9", "cd R/l9", "rm R/l9", "symlink l9 R/l9", "p", "cd R"],
    &[
        "v = exists \"\"",
        "v = is_dir \"\"",
        "v = is_file \"\"",
        "mkdir \"\"",
        "cd \"\"",
        "symlink a \"\"",
        "write_file \"\" x",
        "rm \"\"",
    ],
    &[
        "v = exists ${no}",
        "v = get_env ${no}",
        "v = has_bin ${no}",
        "exit ${no}",
        "symlink ${no} R/k",
        "cd ${no}",
        "fail ${no}",
    ],
    &["symlink nope R/l3", "cp R/l3 R/k2/x", "symlink d R/l4", "cp R/l4 R/k3/x"],
    &[
        "write_file R/f x",
        "write_file R/g y",
        "symlink g R/l10",
        "mv R/f R/l10",
        "v = read_file R/g",
        "w = read_file R/l10",
    ],
    &["mkdir R/k8", "write_file R/f x", "symlink k8 R/l11", "mv R/f R/l11", "v = is_dir R/l11", "w = exists R/k8/f"],
    &["write_file R/f x", "write_file R/g y", "cp R/f R/g/k", "cp R/f R/g/k/m", "mkdir R/g/k", "mv R/f R/g/k"],
    &["try\nexit 3\nfinally\nprint v\nend"],
    &["try\np\nfinally\ntry\nfail x\nrescue\nprint no\nend\nend"],
];

/// The same where only `R/d` may be read or written.
const RESTRICTED: &[&[&str]] = &[
    &["mkdir R/d", "write_file R/d/f x", "symlink R/a R/d/l5", "cp R/d/f R/d/l5", "v = read_file R/d/l5"],
    &[
        "mkdir R/d",
        "symlink R/nope R/d/l6",
        "cp R/d/l6 R/d/g",
        "v = read_file R/d/l6",
        "copy_dir R/d/l6 R/d/g",
        "mkdir R/d/l6/k",
    ],
    &["if exists R\nfail odd\nend", "if is_dir R/d\nelse\nfail odd\nend"],
    &[
        "mkdir R/d",
        "write_file R/d/f x",
        "symlink R/b R/d/l7",
        "cp R/d/f R/d/l7",
        "mv R/d/f R/b",
        "mv R/b R/d/g",
        "copy_dir R/d R/e",
    ],
];

/// Lines that belong together, each guarded.
fn scene(root: &str, restricted: bool, random: &mut Random) -> Vec<Part> {
    let lines = random.pick(if restricted { RESTRICTED } else { SCENES });
    let placed: Vec<String> = lines
        .iter()
        .flat_map(|line| line.lines())
        .map(|line| line.replace("R/", &format!("{root}/")).replace(" R", &format!(" {root}")))
        .collect();
    Part::parse(&mut placed.iter().map(String::as_str)).into_iter().map(rescued).collect()
}

/// In a `try` of its own, with what happened printed.
pub(crate) fn rescued(part: Part) -> Part {
    Part::Block(vec![("try".to_owned(), vec![part]), ("rescue".to_owned(), vec![Part::Line(WHAT.to_owned())])])
}

/// The program with its statements guarded, for hosts with that root. `restricted`: only `R/d` may be read or written.
#[must_use]
pub fn sturdy(source: &Source, root: &str, restricted: bool, random: &mut Random) -> Source {
    let mut source = source.clone();
    for command in &mut source.commands {
        command.body = guarded(&command.body, random);
        if command.name == "main" {
            lasting(&mut command.body, random);
            for _ in 0..=random.below(2) {
                let at = random.below(command.body.len() + 1);
                command.body.splice(at..at, scene(root, restricted, random));
            }
        }
        command.body.push(Part::Line(LOOK.to_owned()));
    }
    source
}

/// Main gets further if an `exit` early on is left out.
fn lasting(body: &mut Vec<Part>, random: &mut Random) {
    let last = body.len();
    let mut at = 0;
    body.retain(|part| {
        at += 1;
        at == last || !is_exit(part) || random.chance(25)
    });
}

fn is_exit(part: &Part) -> bool {
    matches!(part, Part::Line(line) if line.starts_with("exit"))
}

/// May it exit, or something in it?
pub(crate) fn may_exit(part: &Part) -> bool {
    is_exit(part) || matches!(part, Part::Block(arms) if arms.iter().any(|(_, body)| body.iter().any(may_exit)))
}

/// Most statements in a `try` of their own, at every depth.
fn guarded(body: &[Part], random: &mut Random) -> Vec<Part> {
    let mut all = Vec::new();
    for part in body {
        let part = part.with_bodies(&mut |body| guarded(body, random));
        let block = matches!(part, Part::Block(_));
        if is_exit(&part) || !random.chance(if block { 50 } else { 70 }) {
            all.push(part);
        } else {
            all.push(rescued(part));
        }
        if block && random.chance(40) {
            all.push(Part::Line(LOOK.to_owned()));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programs::CommandSource;

    #[test]
    fn it_still_loads() {
        let lines = ["a = x", "exit", "fail"].map(|line| Part::Line(line.to_owned()));
        let block = Part::Block(vec![("if exists a".to_owned(), lines.to_vec())]);
        let pipe =
            Part::Block(vec![("v = pipe".to_owned(), ["p", "q"].map(|line| Part::Line(line.to_owned())).to_vec())]);
        let body = [lines.to_vec(), vec![block, pipe]].concat();
        let main = CommandSource { name: "main".into(), config: Vec::new(), body };
        let source = Source { commands: vec![main], ..Source::default() };
        for seed in 0..50 {
            let text = sturdy(&source, "/w", seed % 2 == 0, &mut Random::new(seed)).text();
            assert!(crate::campaign::load(&text).is_ok(), "{text}");
            assert!(text.contains(LOOK));
        }
    }
}
