//! What generated programs say of what they may touch: `requires`, and the `sandbox` of their file.
//!
//! It is added to a program that is there, with chance of its own: the others stay what they were.

use crate::hosts::{Knowledge, PROGRAMS, USUAL, VARIABLES};
use crate::programs::Part;
use crate::random::Random;
use crate::source::{BODIES, Source};
use crate::steered::helpers::NOWHERE;

/// Tells this chance from that of the program.
const OWN: u64 = 0x5eed_0fde_c1a2_ed00;

/// Adds to the program of a seed, for a host with that root, what it says of itself: mostly nothing.
pub fn declare(source: &mut Source, seed: u64, root: &str, knowledge: Knowledge) {
    let mut random = Random::new(seed ^ OWN);
    if random.chance(14) {
        if random.chance(40) {
            *source = with_hidden_name(source);
        }
        let lines = manifest(&mut random, source, root);
        put(source, "requires", lines);
    }
    if random.chance(8) {
        let lines = sandbox(&mut random, root, knowledge);
        if lines.iter().any(|line| GIVE_UP_LOOKING.contains(&line.as_str())) {
            let look = *random.pick(&LOOKS);
            look_first(source, look);
        }
        put(source, "sandbox", lines);
    }
}

/// Clauses under which an op may not even look at the host. Such ops are rare, and so are these.
const GIVE_UP_LOOKING: [&str; 2] = ["private_ops", "pure"];

/// Ops that do.
const LOOKS: [&str; 7] = [
    "y = get_os",
    "y = has_bin p",
    "y = get_env E1",
    "y = exists d",
    "y = interfaces",
    "y = local_ip",
    "y = mac_address",
];

/// Looks, before anything else happens, and goes on.
fn look_first(source: &mut Source, look: &str) {
    let main = source.commands.iter_mut().find(|command| command.name == BODIES[0]);
    let tried = Part::parse(&mut ["try", look, "rescue", "print err.kind", "end"].into_iter());
    if let Some(main) = main {
        main.body.splice(0..0, tried);
    }
}

/// A section at the top.
pub fn put(source: &mut Source, keyword: &str, lines: Vec<String>) {
    let lines = lines.into_iter().map(|line| format!("  {line}"));
    source.top.extend([keyword.to_owned()].into_iter().chain(lines).chain(["end".to_owned()]));
}

/// How a line for the shell begins that leaves it. To a manifest that is a program as well.
const LEAVES: &str = "\"exit ";

/// Without these declarations the program would not load: a program that is written out must be declared.
#[must_use]
pub fn needed(source: &Source) -> Vec<String> {
    let text = source.text();
    let all = PROGRAMS.iter().copied().chain(USUAL.iter().map(|(name, _)| *name));
    // Lines for the shell begin behind a quote.
    let words = || text.split(|c: char| c.is_whitespace() || c == '"');
    let leaves = text.contains(LEAVES).then_some("exit");
    all.filter(|name| words().any(|word| word == *name)).chain(leaves).map(str::to_owned).collect()
}

/// The same program, which starts one of its programs by a name that is not written out.
fn with_hidden_name(source: &Source) -> Source {
    let text = source.text().replace(" exec r", " exec \"${u}\"");
    let parsed = Source::parse(text.lines());
    let top = [vec!["u = \"r\"".to_owned()], source.top.clone()].concat();
    Source { top, files: source.files.clone(), ..parsed }
}

fn manifest(random: &mut Random, source: &Source, root: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let optional = |random: &mut Random| if random.chance(75) { " optional" } else { "" };
    let text = source.text();
    let nowhere = text.split(|c: char| !c.is_alphanumeric()).any(|word| word == NOWHERE);
    let needed = [needed(source), nowhere.then(|| NOWHERE.to_owned()).into_iter().collect()].concat();
    let others = PROGRAMS.iter().map(|name| (*name).to_owned()).filter(|name| !needed.contains(name));
    let others: Vec<String> = others.filter(|_| random.chance(50)).collect();
    for name in needed.iter().chain(&others) {
        lines.push(format!("bin {name}{}", optional(random)));
    }
    for name in VARIABLES {
        if random.chance(75) {
            lines.push(format!("env {name}{}", optional(random)));
        }
    }
    let may_write = random.chance(90);
    for line in ["read", "write"] {
        for _ in 0..if line == "read" || may_write { 1 + random.below(2) } else { 0 } {
            lines.push(format!("{line} {}", place(random, source, root)));
        }
    }
    if random.chance(60) {
        lines.push(format!(
            "host {}",
            random.pick(&["8.8.8.8", "*.invalid", "**.invalid 127.0.0.1", "\"${E1}.invalid\""])
        ));
    }
    if random.chance(12) {
        lines.push(format!("os {}", random.pick(&["linux", "linux macos", "windows", "windows unix", "\"${E1}\""])));
    }
    if random.chance(4) {
        lines.push("env \"${E2}\" optional".to_owned());
    }
    if random.chance(50) {
        lines.reverse()
    }
    lines
}

/// A root, mostly one that is written out.
fn place(random: &mut Random, source: &Source, root: &str) -> String {
    let has_binding = source.top.iter().any(|line| line.starts_with("s = "));
    match random.below(12) {
        0 => format!("\"{root}/${{E1}}\""),
        1 if has_binding => format!("\"{root}/${{s}}\""),
        2 if has_binding => "s".to_owned(),
        3 => "./d".to_owned(),
        4 => "d/../e".to_owned(),
        5 => format!("{root}/a"),
        6 => format!("{root}/e"),
        7 => format!("{root}/d {root}/l"),
        _ => root.to_owned(),
    }
}

fn sandbox(random: &mut Random, root: &str, knowledge: Knowledge) -> Vec<String> {
    // A shell that sees no PATH has one of its own, which no fixture tells.
    let env = if knowledge == Knowledge::Full { "env E1 E2 PATH" } else { "env E1 E2" };
    let all = [
        format!("read {root}/d"),
        "read . /proc".to_owned(),
        format!("write {root}/d {root}/e"),
        "write ./e".to_owned(),
        env.to_owned(),
        "shell_bins p q".to_owned(),
        "private_ops".to_owned(),
        "read_only".to_owned(),
        "no_subprocess".to_owned(),
        "offline".to_owned(),
        "net 8.8.8.8 x.invalid:1".to_owned(),
        "pure".to_owned(),
        "no_sudo".to_owned(),
        "no_op print exec".to_owned(),
        "no_op write upper".to_owned(),
        "ops read exec print".to_owned(),
        "ops any".to_owned(),
    ];
    (0..1 + random.below(2)).map(|_| random.pick(&all).clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_starts_a_statement_must_be_declared() {
        let source = Source::parse("command main\n  do\n    v = p one\n    exec r\n  end\nend\n".lines());
        assert_eq!(needed(&source), ["p", "r"]);
        let leaving = Source::parse("command main\n  do\n    shell \"exit 3\"\n  end\nend\n".lines());
        assert_eq!(needed(&leaving), ["exit"]);
        // What is bound may be in a line for the shell.
        assert_eq!(needed(&with_hidden_name(&source)), ["p", "r"]);
    }

    #[test]
    fn some_programs_say_what_they_touch_and_all_of_them_load() {
        let mut declared = 0;
        for seed in 0..400 {
            let mut source = Source::parse("s = a\ncommand main\n  do\n    p\n    exec q\n  end\nend\n".lines());
            declare(&mut source, seed, "/r", Knowledge::Half);
            declared += usize::from(source.top.len() > 1);
            let loaded = crate::triples::load(&source.text());
            assert!(loaded.is_ok(), "{}\n{loaded:?}", source.text());
        }
        assert!(declared > 50, "{declared}");
    }
}
