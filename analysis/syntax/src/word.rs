//! From the pieces of a word to its text: language §1.4 to §1.6.

use tree_sitter::Node;

use crate::code::Code;
use crate::diagnostic::{Diagnostic, Span};
use crate::habits::similar_name;
use crate::name::{is_dotted_name, is_name};
use crate::tree::{Argument, Call, Part, Variable, Word};

/// How deep calls may nest. Everything behind the parser may recurse over calls because of this limit.
const MAX_CALLS: usize = 32;

/// Reads a `word` node.
pub(crate) fn word(node: Node<'_>, text: &str, problems: &mut Vec<Diagnostic>) -> Word {
    if let Some(plain) = plain(node, text) {
        return plain;
    }
    Reader { text, problems, literal: String::new(), parts: Vec::new(), depth: 0 }.word(node)
}

/// Reads a word that is one piece of bare text, as most are.
fn plain(node: Node<'_>, text: &str) -> Option<Word> {
    let piece = node.child(0).filter(|piece| piece.kind() == "text" && piece.byte_range() == node.byte_range())?;
    let written = text.get(piece.byte_range())?;
    let parts = vec![Part::Text(written.to_owned())];
    (node.kind() == "word").then(|| Word { span: span(node), quoted: false, parts, seams: Vec::new() })
}

/// Reads a `variable` node: a word that begins with `NAME=`.
pub(crate) fn variable(node: Node<'_>, text: &str, problems: &mut Vec<Diagnostic>) -> Option<Variable> {
    let whole = span(node);
    let mut value = word(node, text, problems);
    let Some(Part::Text(first)) = value.parts.first_mut() else { return None };
    let (name, rest) = first.split_once('=')?;
    let (name, rest) = (name.to_owned(), rest.to_owned());
    value.span = Span::new(whole.start + name.len() + 1, whole.end);
    if rest.is_empty() {
        value.parts.remove(0);
    } else {
        *first = rest;
    }
    Some(Variable { span: whole, name, value })
}

pub(crate) fn span(node: Node<'_>) -> Span {
    Span::new(node.start_byte(), node.end_byte())
}

struct Reader<'t, 'p> {
    text: &'t str,
    problems: &'p mut Vec<Diagnostic>,
    literal: String,
    parts: Vec<Part>,
    /// How many calls the word stands in.
    depth: usize,
}

impl<'t> Reader<'t, '_> {
    fn word(mut self, node: Node<'_>) -> Word {
        let mut quoted = matches!(node.kind(), "double" | "single" | "backtick");
        let mut seams = Vec::new();
        let mut cursor = node.walk();
        for piece in node.named_children(&mut cursor) {
            if matches!(piece.kind(), "double" | "single" | "backtick") {
                quoted = true;
                seams.push((self.parts.len(), self.literal.len()));
                let mut inside = piece.walk();
                piece.named_children(&mut inside).for_each(|part| self.part(part, piece.kind() == "double"));
                seams.push((self.parts.len(), self.literal.len()));
            } else {
                self.part(piece, node.kind() == "double");
            }
        }
        self.finish_literal();
        Word { span: span(node), quoted, parts: self.parts, seams }
    }

    fn part(&mut self, node: Node<'_>, double: bool) {
        let written = self.written(node);
        match node.kind() {
            "escape" if double => self.literal.push_str(&decoded(written)),
            "escape" => self.literal.push_str("${"),
            "hole" => self.hole(written, span(node)),
            "call" => {
                self.finish_literal();
                let call = self.call(node);
                self.parts.extend(call.map(Part::Call));
            }
            "open_hole" => self.problems.push(
                Diagnostic::new(Code::UnclosedInterpolation, span(node), "this `${` has no `}` on its line")
                    .help("write `${name}`, or `\\${` for the two characters themselves"),
            ),
            _ => self.literal.push_str(&written.replace("\r\n", "\n")),
        }
    }

    fn hole(&mut self, written: &str, span: Span) {
        let inside = written.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).unwrap_or(written).trim();
        let splice = inside.strip_suffix("...").map(str::trim_end);
        let name = splice.unwrap_or(inside);
        if !is_dotted_name(name) {
            return self.problems.push(not_a_name(inside, span));
        }
        self.finish_literal();
        if splice.is_none() {
            return self.parts.push(Part::Name(name.to_owned()));
        }
        self.parts.push(Part::Splice(name.to_owned()));
    }

    fn call(&mut self, node: Node<'_>) -> Option<Call> {
        if self.depth >= MAX_CALLS {
            let message = format!("calls nest more than {MAX_CALLS} deep here");
            let problem = Diagnostic::new(Code::NestedTooDeep, span(node), message);
            self.problems.push(problem.help("bind the inner results to names"));
            return None;
        }
        let mut cursor = node.walk();
        let callee = node.named_children(&mut cursor).find(|child| child.kind() == "callee")?;
        let written = self.written(callee);
        let name = written.trim_start_matches("${").trim_end_matches('(').trim();
        if !is_name(name) {
            self.problems.push(not_a_name(name, span(callee)));
        }
        let mut arguments = Vec::new();
        let mut comma = true;
        for child in node.children(&mut cursor) {
            match child.kind() {
                "," if comma => self.problems.push(bad_call(span(child), "an argument is missing before this comma")),
                "," => comma = true,
                "callee" | ")" | "}" | "comment" => {}
                _ => {
                    if !comma {
                        self.problems.push(bad_call(span(child), "a comma is missing before this argument"));
                    }
                    comma = false;
                    arguments.extend(self.argument(child));
                }
            }
        }
        if comma && !arguments.is_empty() {
            self.problems.push(bad_call(span(node), "an argument is missing behind the last comma"));
        }
        Some(Call { span: span(node), name: name.to_owned(), arguments })
    }

    fn argument(&mut self, node: Node<'_>) -> Option<Argument> {
        let inner = Reader {
            text: self.text,
            problems: &mut *self.problems,
            literal: String::new(),
            parts: Vec::new(),
            depth: self.depth + 1,
        };
        match node.kind() {
            "name" => Some(Argument::Name(self.written(node).to_owned(), span(node))),
            "double" | "single" | "backtick" => Some(Argument::Text(inner.word(node))),
            "call" => {
                let mut inner = inner;
                inner.call(node).map(Argument::Call)
            }
            _ => None,
        }
    }

    fn written(&self, node: Node<'_>) -> &'t str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    fn finish_literal(&mut self) {
        if !self.literal.is_empty() {
            self.parts.push(Part::Text(std::mem::take(&mut self.literal)));
        }
    }
}

fn bad_call(span: Span, message: &str) -> Diagnostic {
    Diagnostic::new(Code::BadCall, span, message).help("write `${op('text', name)}`")
}

fn not_a_name(inside: &str, span: Span) -> Diagnostic {
    if inside.contains('(') {
        return Diagnostic::new(Code::BadInterpolation, span, "a call cannot stand in a text that is an argument")
            .help("write the call itself as the argument: `${outer(inner('text'))}`");
    }
    let message = match inside {
        "" => "there is no name in this `${}`".to_owned(),
        _ => format!("`{inside}` is not a name"),
    };
    let problem = Diagnostic::new(Code::BadInterpolation, span, message);
    problem.help(match similar_name(inside) {
        _ if expansion(inside).is_some() => expansion(inside).unwrap_or_default(),
        Some(name) => format!("write `${{{name}}}`: a name is letters, digits and `_`"),
        None => "write `${name}`, or `\\${` for the two characters themselves".to_owned(),
    })
}

/// What to write for what shells do to a variable.
fn expansion(inside: &str) -> Option<String> {
    if let Some(name) = inside.strip_prefix('#').filter(|name| is_name(name)) {
        return Some(format!("no more than a name stands here; `n = length \"${{{name}}}\"` counts characters"));
    }
    let end = inside.find([':', '-', '%', '#', '/', '^', ',', '[', '?', '+', '@', '!'])?;
    let (name, sign) = inside.split_at_checked(end)?;
    if !is_name(name) || is_name(&sign.replace('-', "_")) {
        return None;
    }
    Some(match sign.trim_start_matches(':').chars().next() {
        Some('-' | '=') => format!(
            "no more than a name stands here: give an argument its `default`, or bind `{name} = env_default {name} …`"
        ),
        _ => "no more than a name stands here: bind what an op yields, such as `replace` or `path_base`".to_owned(),
    })
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
