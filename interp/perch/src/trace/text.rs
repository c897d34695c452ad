//! A trace for people: a line when a node is entered, another when it has been visited.

use std::time::Duration;

use perch_concrete::Seen;
use perch_engine::Node;

/// Width of the column that names what a node is.
const KIND: usize = 20;

/// The column in which durations start, unless there is no room.
const DURATION: usize = 33;

/// `▸ write_file           out/stamp "1"`
pub(super) fn entered(depth: usize, node: &Node, visit: &[u32]) -> String {
    let indices = visit.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
    let element = if indices.is_empty() { indices } else { format!("  [{indices}]") };
    let line = format!("{}▸ {:<KIND$} {}{element}", indent(depth), node.op, printable(&arguments(node)));
    line.trim_end().to_owned()
}

/// `✓                                (12µs)`
pub(super) fn left(depth: usize, seen: Seen<'_>, took: Duration) -> String {
    let how = match seen {
        Seen::Fine => format!("{}✓", indent(depth)),
        Seen::Failed { kind, message } => format!("{}✗ {}: {}", indent(depth), kind.name(), printable(message)),
    };
    let gap = DURATION.saturating_sub(how.chars().count()).max(1);
    format!("{how}{:gap$}({})", "", duration(took))
}

fn indent(depth: usize) -> String {
    "  ".repeat(depth)
}

/// The statement without the name of its op: `v = read_file a` is `a → v`.
fn arguments(node: &Node) -> String {
    let of = |text: &str| {
        let rest = text.strip_prefix(node.op)?;
        (rest.is_empty() || rest.starts_with(' ')).then(|| rest.trim_start().to_owned())
    };
    let bound = || {
        let (name, right) = node.source.split_once(" = ")?;
        Some(format!("{} → {name}", of(right)?).trim_start().to_owned())
    };
    of(&node.source).or_else(bound).unwrap_or_else(|| node.source.to_string())
}

/// Without characters that would do something to a terminal.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { c.escape_default().to_string() } else { c.to_string() }).collect()
}

/// Short.
pub(crate) fn duration(took: Duration) -> String {
    match (took.as_micros(), took.as_secs()) {
        (micros @ 0..1_000, _) => format!("{micros}µs"),
        (micros @ 1_000..1_000_000, _) => format!("{}ms", micros / 1_000),
        (_, 0..60) => format!("{:.2}s", took.as_secs_f64()),
        (_, seconds) => format!("{}m{:02}s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use perch_ir::Place;
    use perch_ops::ErrorKind;

    fn node(op: &'static str, source: &str) -> Node {
        Node {
            op,
            source: source.into(),
            place: Place::default(),
            file: 0,
            clause: None,
            expanded: [].into(),
            depth: 0,
            callee: None,
        }
    }

    #[test]
    fn the_name_of_an_op_is_not_said_twice() {
        let entered = |op, source| entered(0, &node(op, source), &[]);
        assert_eq!(entered("write_file", "write_file a \"${x}\""), "▸ write_file           a \"${x}\"");
        assert_eq!(entered("read_file", "v = read_file a"), "▸ read_file            a → v");
        assert_eq!(entered("exec", "git status"), "▸ exec                 git status");
        assert_eq!(entered("let", "v = \"a = b\""), "▸ let                  v = \"a = b\"");
        assert_eq!(entered("cp", "cpx = cp a b"), "▸ cp                   a b → cpx");
        assert_eq!(entered("try", "try"), "▸ try");
    }

    #[test]
    fn depth_and_indices() {
        let print = node("print", "print x");
        assert_eq!(entered(2, &print, &[0, 3]), "    ▸ print                x  [0,3]");
    }

    #[test]
    fn durations_start_in_one_column() {
        let left = |depth, seen| left(depth, seen, Duration::from_millis(124));
        assert_eq!(left(0, Seen::Fine), "✓                                (124ms)");
        assert_eq!(left(1, Seen::Fine), "  ✓                              (124ms)");
        let failed = Seen::Failed { kind: ErrorKind::UserFail, message: "no\u{1b}[0m\nway, whatever may happen" };
        assert_eq!(left(0, failed), "✗ user_fail: no\\u{1b}[0m\\nway, whatever may happen (124ms)");
    }

    #[test]
    fn durations_are_short() {
        let shown = [(0, "0µs"), (999, "999µs"), (1_500, "1ms"), (1_230_000, "1.23s"), (62_000_000, "1m02s")];
        for (micros, text) in shown {
            assert_eq!(duration(Duration::from_micros(micros)), text);
        }
    }
}
