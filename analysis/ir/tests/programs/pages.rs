//! Pages of programs, and what is read in them: `../pages/*.md`.
//!
//! A case is a heading, a `perch` block, perhaps `perch NAME` blocks of files that it imports, and one or more of these:
//!
//! * `means`: the statements of `main`, one on a line, as short texts ([`stmt`]).
//! * `declares`: what stands around them: arguments and settings of commands, and lines of sections.
//! * `says`: mistakes and warnings, as `LINE CODE TEXT`, where TEXT is what is pointed at (its first line), and perhaps ` → ` and a part of
//!   the message or of the help.
//!
//! Without `says` there is nothing wrong. That this version cannot run something is not looked at: pages are about reading.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use perch_ir::construct::Section;
use perch_ir::files::{Files, Found, all, load};
use perch_ir::{
    Absent, Arg, ArgType, Command, Database, Lines, Operand, Program as _, Severity, Snapshot, SourceFile, Text,
};

use crate::common::{operand, stmt, text};

#[derive(Default)]
struct Case {
    name: String,
    program: String,
    files: BTreeMap<String, String>,
    expected: BTreeMap<&'static str, String>,
}

const EXPECTATIONS: [&str; 3] = ["means", "declares", "says"];

fn cases(page: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut open: Option<&str> = None;
    for line in page.lines() {
        match (open, line.strip_prefix("```")) {
            (None, Some(kind)) => open = Some(kind),
            (Some(_), Some(_)) => open = None,
            (None, None) => {
                let name = line.strip_prefix("## ").map(str::to_owned);
                cases.extend(name.map(|name| Case { name, ..Case::default() }));
            }
            (Some(kind), None) => {
                let case = cases.last_mut().unwrap();
                let block = match kind.split_once(' ') {
                    Some(("perch", file)) => case.files.entry(file.to_owned()).or_default(),
                    _ if kind == "perch" => &mut case.program,
                    _ => {
                        let known = EXPECTATIONS.into_iter().find(|known| *known == kind);
                        case.expected.entry(known.unwrap_or_else(|| panic!("a block `{kind}`"))).or_default()
                    }
                };
                block.extend([line, "\n"]);
            }
        }
    }
    cases
}

/// Files by their names.
struct Shelf(BTreeMap<String, String>);

impl Files for Shelf {
    fn find(&mut self, _: &str, path: &Text) -> Result<Found, String> {
        let path = path.as_literal().ok_or("a name")?.trim_start_matches("./");
        let text = self.0.get(path).ok_or_else(|| format!("there is no `{path}`"))?;
        Ok(Found { path: path.to_owned(), text: text.clone() })
    }
}

fn opened(case: &Case) -> (Database, SourceFile) {
    let mut db = Database::default();
    let root = SourceFile::new(&db, "main.perch".to_owned(), case.program.clone());
    load(&mut db, root, &mut Shelf(case.files.clone()));
    (db, root)
}

/// What is said of all files, each line with what can stand behind the arrow.
fn said(db: &Database, root: SourceFile) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for file in all(db, root) {
        let source = file.text(db);
        let lines = Lines::new(source);
        for problem in perch_ir::problems(db, *file, root) {
            if problem.severity() != Severity::NotYet {
                let at = source[problem.span.range()].lines().next().unwrap_or_default();
                let line = lines.place(source, problem.span.start).0;
                let more = format!("{} {}", problem.message, problem.help.unwrap_or_default());
                found.push((format!("{line} {} {at}", problem.code), more));
            }
        }
    }
    found
}

fn main_means(program: &Snapshot) -> String {
    let declared = program.declared();
    let main = declared.iter().find(|command| command.name == "main").or(declared.first());
    // Whether this version can run an op is not looked at.
    main.map_or_else(String::new, |main| {
        main.body.iter().map(|line| stmt(line).replace("later ", "op ") + "\n").collect()
    })
}

fn declares(program: &Snapshot) -> String {
    let mut lines = String::new();
    for shared in program.shared() {
        let _ = writeln!(lines, "shared {}: {}", shared.name, text(&shared.value));
    }
    for (_, section) in program.sections() {
        lines += &section_lines(section);
    }
    program.declared().iter().for_each(|command| lines += &command_lines(command));
    program.templates().iter().for_each(|template| lines += &format!("template {}", command_lines(template)));
    program.catch().iter().for_each(|catch| lines += &format!("catch {}", command_lines(catch)));
    lines
}

fn section_lines(section: &Section) -> String {
    let texts = |words: &[Text]| words.iter().map(|word| format!(" {}", text(word))).collect::<String>();
    let operands = |words: &[Operand]| words.iter().map(|word| format!(" {}", operand(word))).collect::<String>();
    let name = |name: &Option<String>| name.as_ref().map_or(String::new(), |name| format!(" as {name}"));
    match section {
        Section::Bundle(lines) => {
            lines.iter().map(|line| format!("bundle {}{}\n", text(&line.path), name(&line.name))).collect()
        }
        Section::Requires(lines) if lines.is_empty() => "requires nothing\n".to_owned(),
        Section::Requires(lines) => {
            let line = |line: &perch_ir::construct::Requirement| {
                let optional = if line.optional { " optional" } else { "" };
                let pins: String = line.pins.iter().map(|(pin, word)| format!(" {pin}={}", text(word))).collect();
                format!("requires {}{}{}{optional}{pins}\n", line.what, operands(&line.words), name(&line.handle))
            };
            lines.iter().map(line).collect()
        }
        Section::Sandbox(lines) => {
            lines.iter().map(|(clause, words)| format!("sandbox {clause}{}\n", texts(words))).collect()
        }
        Section::Hooks(lines) => {
            let line = |hook: &perch_ir::Hook| {
                let target = hook.target.map_or("nothing", perch_ops::Target::name);
                format!("hook {} {target} {}\n", hook.timing.name(), hook.handler)
            };
            lines.iter().map(line).collect()
        }
    }
}

fn command_lines(command: &Command) -> String {
    let mut line = command.name.clone();
    let config = &command.config;
    let words =
        |what: &str, words: &[Text]| words.iter().map(|word| format!(" {what}={}", text(word))).collect::<String>();
    let flag = |what: &str, is: bool| if is { format!(" {what}") } else { String::new() };
    line += &flag("private", command.private);
    line += &flag("proxy_args", config.proxy_args);
    line += &flag("detached", config.detached);
    line.extend(config.dir.iter().map(|dir| format!(" dir={}", operand(&dir.value.operands[0]))));
    line.extend(config.env.iter().map(|env| format!(" env {}={}", env.value.0, text(&env.value.1))));
    line.extend(config.on_signal.iter().map(|line| format!(" on_signal={}", line.value)));
    config.require.iter().for_each(|line_of| line += &words(line_of.value.0, &line_of.value.1));
    let gone = perch_policy::Right::ALL.into_iter().filter(|right| config.mask.denies(*right));
    line.extend(gone.map(|right| format!(" {}", right.flag())));
    line += &flag("require_sandbox", config.require_sandbox.is_some());
    if let Some(test) = &config.test {
        line += " test";
        line.extend(test.lifted.iter().map(|name| format!(" {name}")));
        line += &words("timeout", test.timeout.as_slice());
    }
    line.extend(command.args.iter().map(|arg| format!("; {}", argument(arg))));
    line + "\n"
}

fn argument(arg: &Arg) -> String {
    let ty = match arg.ty {
        ArgType::Text => "string",
        ArgType::Int => "int",
        ArgType::Float => "float",
        ArgType::Bool => "bool",
    };
    let mut shown = format!("{} {ty}", arg.name);
    match &arg.absent {
        Absent::Required => {}
        Absent::Empty => shown += " optional",
        Absent::Default(default) => shown += &format!(" default={}", text(default)),
    }
    shown.extend(arg.index.map(|index| format!(" index={index}")));
    shown.extend(arg.rest.then_some(" rest"));
    shown.extend(arg.description.iter().map(|about| format!(" ({about})")));
    shown
}

fn check(page: &str, case: &Case) -> Vec<String> {
    let mut wrong = Vec::new();
    let (db, root) = opened(case);
    let said = said(&db, root);
    let expected: Vec<&str> = case.expected.get("says").map_or_else(Vec::new, |says| says.lines().collect());
    let fits = |(found, more): &(String, String), line: &str| match line.split_once(" → ") {
        Some((line, part)) => found == line && more.contains(part),
        None => found == line,
    };
    if said.len() != expected.len() || said.iter().zip(&expected).any(|(found, line)| !fits(found, line)) {
        let said: Vec<_> = said.iter().map(|(line, more)| format!("{line} → {more}")).collect();
        wrong.push(format!("{page}: {}: says\n{}", case.name, said.join("\n")));
    }
    let program = Snapshot::new(&db, root);
    for (what, found) in [("means", main_means(&program)), ("declares", declares(&program))] {
        if case.expected.get(what).is_some_and(|expected| *expected != found) {
            wrong.push(format!("{page}: {}: {what}\n{found}", case.name));
        }
    }
    if case.expected.is_empty() {
        wrong.push(format!("{page}: {}: expects nothing", case.name));
    }
    wrong
}

const PAGES: [(&str, &str); 4] = [
    ("declarations", include_str!("../pages/declarations.md")),
    ("modules", include_str!("../pages/modules.md")),
    ("statements", include_str!("../pages/statements.md")),
    ("text", include_str!("../pages/text.md")),
];

#[test]
fn programs_in_pages_are_read_as_the_pages_say() {
    let (mut wrong, mut count) = (Vec::new(), 0);
    for (page, text) in PAGES {
        for case in cases(text) {
            count += 1;
            wrong.extend(check(page, &case));
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n\n"));
    assert!(count >= 60, "only {count} cases were found");
}
