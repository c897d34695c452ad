//! `docs/op-reference.md` is what the catalogue says. `UPDATE=1 cargo test -p perch-guards reference` writes it anew.

use std::fmt::Write;

use perch_guards::{read, root};
use perch_ops::{Entry, ErrorKind, FACTS, Group, Meaning, Need, Operand, catalogue};

const PAGE: &str = "docs/op-reference.md";

/// A cell of a table: a bar would end it.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn operand(operand: &Operand) -> String {
    let need = match operand.need {
        Need::Once => String::new(),
        Need::Optional => ", optional".to_owned(),
        Need::Default(text) => format!(", default `{text}`"),
        Need::Any => ", any number".to_owned(),
        Need::Some => ", one or more".to_owned(),
    };
    format!("{} {}{need}", operand.name, operand.ty.name())
}

fn row(entry: &Entry) -> String {
    let mut name = format!("`{}`", cell(&entry.usage()));
    for alias in entry.aliases {
        let _ = write!(name, ", also `{alias}`");
    }
    let status = match entry.meaning {
        Meaning::Runs(_) => "",
        Meaning::NotYet => "not yet",
        Meaning::Keyword => "block",
    };
    let operands: Vec<String> = entry.operands.iter().map(operand).collect();
    let yields = entry.result.map_or("–", |ty| ty.name());
    let yields = if entry.predicate { format!("{yields}, predicate") } else { yields.to_owned() };
    let kinds: Vec<String> = entry.kinds.iter().map(|kind| format!("`{}`", kind.name())).collect();
    let cells = [name, cell(entry.summary), operands.join("; "), yields, kinds.join(" "), status.to_owned()];
    format!("| {} |\n", cells.join(" | "))
}

fn group(group: Group) -> String {
    let entries: Vec<&Entry> = catalogue().filter(|entry| entry.group == group && !entry.internal).collect();
    if entries.is_empty() {
        return String::new();
    }
    let mut page = format!("\n## {}: {}\n\n", group.name(), group.about());
    page += "| op | does | operands | yields | fails with | |\n|---|---|---|---|---|---|\n";
    page.extend(entries.iter().map(|entry| row(entry)));
    page
}

fn reference() -> String {
    let mut page = "# Op reference

Every op and block, by group. Made from the catalogue (`analysis/ops/src/catalogue.rs`); do not edit it here:
`UPDATE=1 cargo test -p perch-guards reference` writes it anew. `perch help OP` says more of one, `perch --export` says all of it
as JSON, and [spec/ops.md](spec/ops.md) says exactly what those do that this version runs.

* **operands**: names, in order, with types; a literal of another type is an error when the file is read.
* **yields**: the type of the result. A predicate may stand as a condition.
* **fails with**: the kinds of its own. Every op with operands can also fail with `unresolved_var`, every op with `cap_op_denied`, and what
  starts a program with `invalid_argument` and `limit_exceeded`, for words that none can be given; the other denials follow from what it touches.
  `perch help OP` lists them all.
* **not yet**: this version reads and checks such a line, and runs no command that can reach it. Whether a **block** is
  available is said in [the specification](spec/language.md).
"
    .to_owned();
    page.extend(Group::ALL.iter().map(|of| group(*of)));
    page += "\n## Facts: names that every program may use\n\n| name | is | type | |\n|---|---|---|---|\n";
    for fact in FACTS {
        let status = if fact.bound { "" } else { "not yet" };
        let _ = writeln!(page, "| `{}` | {} | {} | {status} |", fact.name, fact.summary, fact.ty.name());
    }
    page += "\n## Kinds of errors\n\n| kind | says |\n|---|---|\n";
    for kind in ErrorKind::ALL {
        let _ = writeln!(page, "| `{}` | {} |", kind.name(), kind.about());
    }
    page
}

#[test]
fn the_reference_is_what_the_catalogue_says() {
    let page = reference();
    if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
        std::fs::write(root().join(PAGE), &page).unwrap();
    }
    assert!(
        read(PAGE) == page,
        "{PAGE} is not what the catalogue says; `UPDATE=1 cargo test -p perch-guards reference` writes it anew"
    );
}

/// O-007: none is missing; O-003: there are many, and those that everybody asks for are among them.
#[test]
fn the_reference_has_every_op() {
    let page = read(PAGE);
    let run = catalogue().filter(|entry| !entry.internal && entry.op().is_some()).map(|entry| entry.name);
    let run: Vec<&str> = run.collect();
    assert!(run.len() >= 140, "only {}", run.len());
    assert!(["shell", "cp", "http_get", "tar_create", "pkg_install"].iter().all(|name| run.contains(name)));
    for entry in catalogue().filter(|entry| !entry.internal) {
        assert!(page.contains(&format!("| `{}", entry.name)), "{}", entry.name);
    }
}
