//! Every block within every block.
//!
//! What a block does is stated here as a rule: given what its body does, what is printed and how it goes on. Of two rules follows what a program
//! must print in which the one block stands in the other. Each program has three parts, in which the innermost statement goes on,
//! fails, and exits.

use std::collections::BTreeSet;

use crate::page::Case;

/// How something goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Ending {
    Next,
    Fails(String),
    Exits,
}

use Ending::{Exits, Fails, Next};

/// What has happened so far.
#[derive(Debug, Default)]
struct Said {
    /// What was printed.
    lines: Vec<String>,
    /// Keys for which something is stored.
    stored: BTreeSet<String>,
}

impl Said {
    fn line(&mut self, line: impl Into<String>) {
        self.lines.push(line.into());
    }
}

type Body<'b> = &'b mut dyn FnMut(&mut Said) -> Ending;

/// A block: how it is written, and its rule.
struct Block {
    name: &'static str,
    /// What stands before its body. `@` stands for a name of its own.
    open: &'static str,
    /// What stands behind its body.
    close: &'static str,
    /// Given its own name, and its body.
    rule: fn(&str, &mut Said, Body<'_>) -> Ending,
}

/// All that this version can run.
const BLOCKS: &[Block] = &[
    Block { name: "if", open: "if \"a\" == a", close: "end", rule: once },
    Block { name: "elif", open: "if \"a\" == b\nprint no\nelif \"a\" == a", close: "else\nprint no\nend", rule: once },
    Block { name: "else", open: "if \"a\" == b\nprint no\nelse", close: "end", rule: once },
    Block { name: "for_each", open: "for_each \"1\\n2\" @", close: "end", rule: twice },
    Block { name: "match", open: "match \"a\"\ncase a", close: "else\nprint no\nend", rule: once },
    Block { name: "try", open: "try", close: "end", rule: once },
    Block { name: "try with rescue", open: "try", close: "rescue\nprint \"@ rescues\"\nend", rule: rescued },
    Block { name: "try with finally", open: "try", close: "finally\nprint \"@ finally\"\nend", rule: and_finally },
    Block { name: "rescue", open: "try\nfail \"@\"\nrescue", close: "end", rule: once },
    Block { name: "finally", open: "try\nprint \"@ body\"\nfinally", close: "end", rule: behind_success },
    Block { name: "finally after a failure", open: "try\nfail \"@\"\nfinally", close: "end", rule: behind_failure },
    Block { name: "os", open: "os unix", close: "end", rule: once },
    Block { name: "with_env", open: "with_env V=@", close: "end", rule: once },
    Block { name: "with_cwd", open: "with_cwd .", close: "end", rule: once },
    Block { name: "sandbox", open: "sandbox no_write", close: "end", rule: once },
    Block { name: "retry", open: "retry 2 delay=1ms", close: "end", rule: again },
    Block { name: "timeout", open: "timeout 1h", close: "end", rule: once },
    // The statements of a `parallel` run at once, so that it has one alone.
    Block { name: "parallel", open: "parallel\nif \"a\" == a", close: "end\nend", rule: once },
    Block { name: "cache", open: "cache @", close: "end", rule: cached },
    Block { name: TEMPLATE, open: "", close: "", rule: once },
    Block { name: CALL, open: "", close: "", rule: once },
];

/// Its body is that of a command of its own.
const CALL: &str = "command";
/// Its body is that of a template of its own.
const TEMPLATE: &str = "template";

fn once(_: &str, said: &mut Said, body: Body<'_>) -> Ending {
    body(said)
}

fn twice(_: &str, said: &mut Said, body: Body<'_>) -> Ending {
    match body(said) {
        Next => body(said),
        ended => ended,
    }
}

fn again(_: &str, said: &mut Said, body: Body<'_>) -> Ending {
    match body(said) {
        Fails(_) => body(said),
        ended => ended,
    }
}

fn cached(name: &str, said: &mut Said, body: Body<'_>) -> Ending {
    if said.stored.contains(name) {
        return Next;
    }
    let ended = body(said);
    if ended == Next {
        said.stored.insert(name.to_owned());
    }
    ended
}

fn rescued(name: &str, said: &mut Said, body: Body<'_>) -> Ending {
    match body(said) {
        Fails(_) => {
            said.line(format!("{name} rescues"));
            Next
        }
        ended => ended,
    }
}

fn and_finally(name: &str, said: &mut Said, body: Body<'_>) -> Ending {
    let ended = body(said);
    said.line(format!("{name} finally"));
    ended
}

fn behind_success(name: &str, said: &mut Said, body: Body<'_>) -> Ending {
    said.line(format!("{name} body"));
    body(said)
}

fn behind_failure(name: &str, said: &mut Said, body: Body<'_>) -> Ending {
    match body(said) {
        Next => Fails(name.to_owned()),
        ended => ended,
    }
}

type Heart = fn(&mut Said) -> Ending;

/// The innermost statements.
const HEARTS: [(&str, Heart); 3] = [
    ("print heart", |said| {
        said.line("heart");
        Next
    }),
    ("fail stop", |_| Fails("stop".to_owned())),
    ("exit 3", |_| Exits),
];

/// A block with its own name.
type Named<'b> = (&'b Block, &'b str);

/// What the rules say of one block in another, around a statement.
fn ruled((outer, outer_name): Named<'_>, (inner, name): Named<'_>, said: &mut Said, heart: Heart) -> Ending {
    let mut within = |said: &mut Said| {
        said.line(name);
        heart(said)
    };
    let mut around = |said: &mut Said| {
        said.line(outer_name);
        let ended = (inner.rule)(name, said, &mut within);
        if ended == Next {
            said.line(format!("behind {name}"));
        }
        ended
    };
    (outer.rule)(outer_name, said, &mut around)
}

/// The same as text. What stands in commands and templates of its own is added to `commands`.
fn written((outer, outer_name): Named<'_>, (inner, name): Named<'_>, heart: &str, commands: &mut String) -> String {
    let within = block((inner, name), &format!("print \"{name}\"\n{heart}\n"), commands);
    block((outer, outer_name), &format!("print \"{outer_name}\"\n{within}print \"behind {name}\"\n"), commands)
}

fn block((block, name): Named<'_>, body: &str, commands: &mut String) -> String {
    let private = if block.name == CALL { "private\n" } else { "" };
    if [CALL, TEMPLATE].contains(&block.name) {
        *commands += &format!("{} {name}\n{private}do\n{body}end\nend\n", block.name);
        return format!("{name}\n");
    }
    format!("{}\n{body}{}\n", block.open.replace('@', name), block.close.replace('@', name))
}

/// A program with one block in another, and what it must print.
fn pair(outer: &Block, inner: &Block) -> Case {
    let (mut main, mut commands, mut said, mut exits) = (String::new(), String::new(), Said::default(), false);
    for (at, (statement, heart)) in HEARTS.into_iter().enumerate() {
        let names = [format!("outer{at}"), format!("inner{at}")];
        let (outer, inner) = ((outer, names[0].as_str()), (inner, names[1].as_str()));
        let text = written(outer, inner, statement, &mut commands);
        main += &format!("try\n{text}print \"goes on\"\nrescue\nprint \"fails: ${{err}}\"\nend\n");
        match ruled(outer, inner, &mut said, heart) {
            Next => said.line("goes on"),
            Fails(message) => said.line(format!("fails: {message}")),
            Exits => exits = true,
        }
    }
    let verdict = if exits { "command WILL_FAIL" } else { "command WILL_RUN" };
    let out = said.lines.iter().map(|line| format!("out: {line}")).chain(exits.then(|| "exit: 3".to_owned()));
    Case {
        name: format!("{} in {}", inner.name, outer.name),
        program: format!("command main\ndo\n{main}end\nend\n{commands}"),
        fixture: FIXTURE.to_owned(),
        verdicts: vec![verdict.to_owned()],
        runs: vec![out.collect()],
        ..Case::default()
    }
}

/// All is known, so all is decided.
const FIXTURE: &str = r#"{"os": "linux", "files": {"/w": {"kind": "dir", "closed": true}}}"#;

/// A program for each pair of blocks.
#[must_use]
pub fn cases() -> Vec<Case> {
    BLOCKS.iter().flat_map(|outer| BLOCKS.iter().map(move |inner| pair(outer, inner))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_put_together() {
        let case = cases().into_iter().find(|case| case.name == "try with rescue in for_each").unwrap();
        let expected = "outer0 inner0 heart behind~inner0 outer0 inner0 heart behind~inner0 goes~on \
                        outer1 inner1 inner1~rescues behind~inner1 outer1 inner1 inner1~rescues behind~inner1 goes~on \
                        outer2 inner2";
        let expected: Vec<String> =
            expected.split(' ').map(|line| format!("out: {}", line.replace('~', " "))).collect();
        assert_eq!(case.runs[0][..expected.len()], expected);
        assert_eq!(case.runs[0][expected.len()..], ["exit: 3".to_owned()]);
    }
}
