//! Help as text.

use perch_ops::{Entry, ErrorKind, FACTS, Fact, Group, Need, On, Operand, Touch, Type};

use crate::fit::{columns, fit};

use super::topics::{Topic, groups, is_available, members};

/// So many columns a list of names has at most.
const WIDEST: usize = 80;

/// What stands in front of an example.
const EXAMPLE: &str = "\nexample\n";

/// What says that something is for a later version.
const LATER: &str = "not available in this build yet";

/// The topics.
pub(super) fn overview() -> String {
    let rows = |topics: &mut dyn Iterator<Item = Topic>| {
        table(&topics.map(|topic| (topic.name().to_owned(), topic.about().to_owned())).collect::<Vec<_>>())
    };
    let groups = rows(&mut groups().map(Topic::Group));
    let lists = rows(&mut [Topic::Facts, Topic::Kinds, Topic::Fixtures, Topic::Codes].into_iter());
    let more = table(&[
        ("perch help GROUP".to_owned(), "the ops of a group".to_owned()),
        ("perch help OP".to_owned(), "an op: operands, result, how it fails, an example".to_owned()),
        ("perch help KIND".to_owned(), "a kind of error, and what raises it".to_owned()),
        ("perch help simulate".to_owned(), "the flags of `simulate`; `test` and `fmt` have some, too".to_owned()),
        ("perch --help".to_owned(), "the options of perch".to_owned()),
        ("perch COMMAND --help".to_owned(), "a command of the file".to_owned()),
    ]);
    format!("groups of ops\n{groups}\nlists\n{lists}\nmore\n{more}")
}

/// One topic for whoever reads it. What may be copied stays in its lines.
pub(super) fn fitting(topic: Topic) -> String {
    let page = self::topic(topic);
    let (about, example) = page.split_at(page.rfind(EXAMPLE).unwrap_or(page.len()));
    fit(about, columns(&std::io::stdout())) + example
}

/// One topic.
pub(super) fn topic(topic: Topic) -> String {
    match topic {
        Topic::Facts => facts(),
        Topic::Kinds => kinds(),
        Topic::Fixtures => fixtures(),
        Topic::Codes => codes(),
        Topic::Group(of) => group(of),
        Topic::Op(entry) => op(entry),
        Topic::Kind(of) => kind(of),
    }
}

/// Topics that have the query in their names.
pub(super) fn several(query: &str, topics: &[Topic]) -> String {
    let rows: Vec<_> = topics.iter().map(|topic| (topic.name().to_owned(), topic.about().to_owned())).collect();
    format!("topics with `{query}`\n{}", table(&rows))
}

fn group(group: Group) -> String {
    let row = |entry: &'static Entry| (entry.usage(), entry.summary.to_owned());
    let (there, later): (Vec<_>, Vec<_>) = members(group).partition(|entry| is_available(entry));
    let rows: Vec<_> = there.iter().chain(&later).map(|entry| row(entry)).collect();
    let (there, later) = rows.split_at(there.len());
    let mut page = format!("{}: {}\n", group.name(), group.about());
    let width = width(&rows);
    page += &sections(there, later, width);
    page
}

fn facts() -> String {
    let row = |fact: &&Fact| (format!("${{{}}}", fact.name), fact.summary.to_owned());
    let (there, later): (Vec<_>, Vec<_>) = FACTS.iter().partition(|fact| fact.bound);
    let (there, later): (Vec<_>, Vec<_>) = (there.iter().map(row).collect(), later.iter().map(row).collect());
    let width = width(&there).max(width(&later));
    format!("{}: {}\n{}", Topic::Facts.name(), Topic::Facts.about(), sections(&there, &later, width))
}

fn sections(there: &[(String, String)], later: &[(String, String)], width: usize) -> String {
    let mut page = String::new();
    if !there.is_empty() {
        page += &format!("\n{}", aligned(there, width));
    }
    if !later.is_empty() {
        page += &format!("\n{LATER}\n{}", aligned(later, width));
    }
    page
}

fn kinds() -> String {
    let rows: Vec<_> = ErrorKind::ALL.iter().map(|kind| (kind.name().to_owned(), kind.about().to_owned())).collect();
    format!("{}: {}\n\n{}", Topic::Kinds.name(), Topic::Kinds.about(), table(&rows))
}

fn codes() -> String {
    let names: Vec<&str> = perch_ir::Code::ALL.iter().map(|code| code.name()).collect();
    format!("{}: {}\n\n{}", Topic::Codes.name(), Topic::Codes.about(), wrapped(&names.join(", "), "  "))
}

fn fixtures() -> String {
    let rows = perch_fixtures::keys_and_meanings();
    let width = width(&rows);
    format!(
        "{}: {}\n\na JSON object for `--sim-file`; every key may be left out, and what is not said is unknown\n\n{}",
        Topic::Fixtures.name(),
        Topic::Fixtures.about(),
        aligned(&rows, width)
    )
}

fn kind(kind: ErrorKind) -> String {
    let raises = |entry: &&Entry| !entry.internal && entry.error_kinds().contains(&kind);
    let ops: Vec<&str> = perch_ops::catalogue().filter(raises).map(|entry| entry.name).collect();
    let by = if ops.is_empty() { "  no op\n".to_owned() } else { wrapped(&ops.join(", "), "  ") };
    format!("{}: {}\n\nraised by\n{by}", kind.name(), kind.about())
}

fn op(entry: &'static Entry) -> String {
    let mut page = format!("{}\n\n  {}\n", entry.usage(), entry.summary);
    if !is_available(entry) {
        page += &format!("  ({LATER})\n");
    }
    let operands: Vec<_> = entry.operands.iter().map(|of| (of.name.to_uppercase(), operand(of))).collect();
    if !operands.is_empty() {
        page += &format!("\noperands\n{}", table(&operands));
    }
    let yields = entry.result.map_or("nothing", Type::name);
    let yields = if entry.predicate { format!("{yields}; may stand as a condition") } else { yields.to_owned() };
    let mut rows = vec![("group".to_owned(), entry.group.name().to_owned()), ("yields".to_owned(), yields)];
    if !entry.aliases.is_empty() {
        rows.push(("also".to_owned(), entry.aliases.join(", ")));
    }
    let touches: Vec<String> = entry.touches.iter().map(|touch| touched(entry, *touch)).collect();
    rows.push(("touches".to_owned(), if touches.is_empty() { "nothing".to_owned() } else { touches.join(", ") }));
    let denied: Vec<&str> = entry.touches.iter().filter_map(|touch| touch.denied_by()).collect();
    if let Some(first) = denied.first() {
        let others = denied.iter().filter(|flag| *flag != first);
        rows.push((
            "denied by".to_owned(),
            std::iter::once(first).chain(others).copied().collect::<Vec<_>>().join(", "),
        ));
    }
    page += &format!("\n{}", table(&rows));
    let kinds: Vec<&str> = entry.error_kinds().into_iter().map(ErrorKind::name).collect();
    if !kinds.is_empty() {
        page += &format!("\nfails with\n{}", wrapped(&kinds.join(", "), "  "));
    }
    let example: String = entry.example.lines().map(|line| format!("  {line}\n")).collect();
    page + &format!("{EXAMPLE}{example}")
}

fn operand(operand: &Operand) -> String {
    let need = match operand.need {
        Need::Once => String::new(),
        Need::Optional => ", optional".to_owned(),
        Need::Default(text) => format!(", `{text}` if it is left out"),
        Need::Any => ", any number of them".to_owned(),
        Need::Some => ", one or more".to_owned(),
    };
    let wants = match operand.ty.wants() {
        Some(wants) => {
            wants.split_once(", such as ").map_or(format!(": {wants}"), |(_, such)| format!(", such as {such}"))
        }
        None => String::new(),
    };
    format!("{}{need}{wants}", operand.ty.name())
}

fn touched(entry: &Entry, touch: Touch) -> String {
    let on = match touch.on() {
        Some(On::Arg(at)) => entry.operands.get(at).map_or(String::new(), |operand| operand.name.to_uppercase()),
        Some(On::Of(what)) => what.to_owned(),
        None => String::new(),
    };
    match touch {
        Touch::Look(_) => format!("looks at {on}"),
        Touch::Read(_) => format!("reads {on}"),
        Touch::Write(_) => format!("writes {on}"),
        Touch::Store => "its own cache".to_owned(),
        Touch::Net(_) => format!("the network: {on}"),
        Touch::Start(_) => format!("starts {on}"),
        Touch::Shell(_) => format!("gives {on} to the shell"),
        Touch::ReadEnv(_) => format!("the variable {on}"),
        Touch::WriteEnv(_) => format!("sets the variable {on}"),
        Touch::HostFact => "facts of the machine".to_owned(),
        Touch::Clock => "the clock".to_owned(),
        Touch::Random => "chance".to_owned(),
        Touch::Stdout => "standard output".to_owned(),
        Touch::Stderr => "standard error".to_owned(),
        Touch::Flow => "what runs next".to_owned(),
    }
}

fn width(rows: &[(String, String)]) -> usize {
    rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0)
}

fn table(rows: &[(String, String)]) -> String {
    aligned(rows, width(rows))
}

fn aligned(rows: &[(String, String)], width: usize) -> String {
    rows.iter().map(|(name, text)| format!("{}\n", format!("  {name:<width$}  {text}").trim_end())).collect()
}

/// In lines of at most eighty characters that fit the terminal, broken at blanks.
fn wrapped(text: &str, indent: &str) -> String {
    wrapped_in(text, indent, columns(&std::io::stdout()).map_or(WIDEST, |columns| columns.min(WIDEST)))
}

fn wrapped_in(text: &str, indent: &str, columns: usize) -> String {
    let mut page = String::new();
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && indent.len() + line.chars().count() + 1 + word.chars().count() > columns {
            page += &format!("{indent}{line}\n");
            line.clear();
        }
        let blank = if line.is_empty() { "" } else { " " };
        line = format!("{line}{blank}{word}");
    }
    page + &format!("{indent}{line}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_are_wrapped() {
        assert_eq!(wrapped_in("aaaa ".repeat(20).trim_end(), "  ", WIDEST).lines().map(str::len).max(), Some(76));
        assert_eq!(wrapped_in("a", "  ", WIDEST), "  a\n");
    }
}
