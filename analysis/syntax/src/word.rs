//! From the pieces of a word to its text: language §1.4 to §1.6.

use tree_sitter::Node;

use crate::diagnostic::{Diagnostic, Span};
use crate::name::is_dotted_name;
use crate::tree::{Part, Word};

/// Reads a `word` node.
pub(crate) fn word(node: Node<'_>, text: &str, problems: &mut Vec<Diagnostic>) -> Word {
    let mut reader = Reader { text, problems, literal: String::new(), parts: Vec::new() };
    let mut quoted = false;
    let mut cursor = node.walk();
    for piece in node.named_children(&mut cursor) {
        if matches!(piece.kind(), "double" | "single" | "backtick") {
            quoted = true;
            let mut inside = piece.walk();
            piece.named_children(&mut inside).for_each(|part| reader.part(part, piece.kind() == "double"));
        } else {
            reader.part(piece, false);
        }
    }
    reader.finish_literal();
    Word { span: span(node), quoted, parts: reader.parts }
}

pub(crate) fn span(node: Node<'_>) -> Span {
    Span::new(node.start_byte(), node.end_byte())
}

struct Reader<'t> {
    text: &'t str,
    problems: &'t mut Vec<Diagnostic>,
    literal: String,
    parts: Vec<Part>,
}

impl Reader<'_> {
    fn part(&mut self, node: Node<'_>, double: bool) {
        let written = self.text.get(node.byte_range()).unwrap_or_default();
        match node.kind() {
            "escape" if double => self.literal.push_str(&decoded(written)),
            "escape" => self.literal.push_str("${"),
            "hole" => self.hole(written, span(node)),
            "open_hole" => self.problems.push(
                Diagnostic::error("unclosed-interpolation", span(node), "this `${` has no `}` on its line")
                    .help("write `${name}`, or `\\${` for the two characters themselves"),
            ),
            _ => self.literal.push_str(&written.replace("\r\n", "\n")),
        }
    }

    fn hole(&mut self, written: &str, span: Span) {
        let name = written.trim_start_matches("${").trim_end_matches('}').trim();
        if is_dotted_name(name) {
            self.finish_literal();
            self.parts.push(Part::Name(name.to_owned()));
        } else {
            self.problems.push(not_a_name(name, span));
        }
    }

    fn finish_literal(&mut self) {
        if !self.literal.is_empty() {
            self.parts.push(Part::Text(std::mem::take(&mut self.literal)));
        }
    }
}

fn not_a_name(inside: &str, span: Span) -> Diagnostic {
    if inside.contains('(') {
        return Diagnostic::error("call-in-text", span, "calls in text are not available in this build yet")
            .help("bind the result first, `NAME = …`, and write `${NAME}`");
    }
    let message = match inside {
        "" => "there is no name in this `${}`".to_owned(),
        _ => format!("`{inside}` is not a name"),
    };
    Diagnostic::error("bad-interpolation", span, message)
        .help("write `${name}`, or `\\${` for the two characters themselves")
}

/// What an escape in double quotes means. A pair without a meaning stays as it is.
fn decoded(escape: &str) -> String {
    let plain = match escape {
        "\\n" => "\n",
        "\\t" => "\t",
        "\\r" => "\r",
        "\\0" => "\0",
        "\\\\" => "\\",
        "\\\"" => "\"",
        "\\'" => "'",
        "\\`" => "`",
        "\\$" => "$",
        "\\\r\n" => "\\\n",
        _ => return code_point(escape).map_or_else(|| escape.to_owned(), String::from),
    };
    plain.to_owned()
}

fn code_point(escape: &str) -> Option<char> {
    let digits = escape.strip_prefix("\\x").or_else(|| escape.strip_prefix("\\u"))?;
    u32::from_str_radix(digits, 16).ok().and_then(char::from_u32)
}
