//! An item as it is laid out: which words stand on which lines, how deep in blocks, and with which comments.
//!
//! The trees of [`crate::tree`] say what belongs together and forget the rest. Whoever writes a file anew needs the rest.

use tree_sitter::Node;

use crate::diagnostic::Span;
use crate::parse::syntax_tree;
use crate::word::span;

/// Later parts of blocks.
const ARMS: [&str; 5] = ["elif", "else", "case", "rescue", "finally"];

/// A line of an item; where a quoted text spans lines, all of them. Spans count from the start of the item's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// How many blocks it stands in. Of a comment by itself nobody knows.
    pub depth: usize,
    /// What it does to the blocks around it.
    pub edge: Edge,
    /// The `let` of a binding, which is not among the tokens.
    pub binder: Option<Span>,
    /// Words, keywords and signs, each without white space around it. Empty where a comment stands by itself.
    pub tokens: Vec<Span>,
    /// From the `#` to the end of the line.
    pub comment: Option<Span>,
}

/// What a line does to the blocks around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// Nothing: it is a statement, a setting, a comment.
    Inside,
    /// It opens a block, or an arm of one.
    Opens,
    /// It closes a block.
    Closes,
    /// It closes an arm and opens the next.
    Between,
}

impl Edge {
    /// Whether what follows is the inside of a block.
    #[must_use]
    pub fn opens(self) -> bool {
        matches!(self, Self::Opens | Self::Between)
    }

    /// Whether what stands above was the inside of a block.
    #[must_use]
    pub fn closes(self) -> bool {
        matches!(self, Self::Closes | Self::Between)
    }
}

/// The lines of an item that [`crate::parse`] has nothing to say of.
#[must_use]
pub fn rows(text: &str) -> Vec<Row> {
    let mut reader = Reader { text, rows: Vec::new(), read: 0 };
    if let Some(tree) = syntax_tree(text) {
        reader.node(tree.root_node(), 0, Edge::Inside);
    }
    reader.rows
}

struct Reader<'t> {
    text: &'t str,
    rows: Vec<Row>,
    /// How far the text was read.
    read: usize,
}

impl Reader<'_> {
    /// Reads something whose keyword, if it begins with one, does `edge` to the blocks around it.
    fn node(&mut self, node: Node<'_>, depth: usize, edge: Edge) {
        let is_leaf = matches!(node.kind(), "word" | "variable") || node.child_count() == 0;
        match node.kind() {
            "comment" => self.row(node, depth).comment = Some(span(node)),
            _ if is_leaf => self.token(node, depth, edge),
            _ => self.parts(node, depth, edge),
        }
    }

    fn parts(&mut self, node: Node<'_>, depth: usize, edge: Edge) {
        let mut cursor = node.walk();
        let mut has_arms = node.kind() != "match";
        for (at, child) in node.children(&mut cursor).enumerate() {
            match child.kind() {
                "\n" => {}
                "let" => self.row(child, depth).binder = Some(span(child)),
                "end" => self.token(child, depth, Edge::Closes),
                _ if at == 0 && !child.is_named() => self.token(child, depth, edge),
                kind => {
                    let edge = if ARMS.contains(&kind) && has_arms { Edge::Between } else { keyword_edge(child) };
                    has_arms |= ARMS.contains(&kind);
                    self.node(child, depth + self.step(node, child), edge);
                }
            }
        }
    }

    fn token(&mut self, node: Node<'_>, depth: usize, edge: Edge) {
        let row = self.row(node, depth);
        // Behind `NAME =` a block may open, and none closes behind anything.
        if row.tokens.is_empty() || edge == Edge::Opens {
            row.edge = edge;
        }
        row.tokens.push(span(node));
    }

    /// The row that something stands on, which may be the first on it.
    fn row(&mut self, node: Node<'_>, depth: usize) -> &mut Row {
        let between = self.text.get(self.read..node.start_byte()).unwrap_or_default();
        if self.rows.is_empty() || between.contains('\n') {
            let (edge, binder, tokens, comment) = (Edge::Inside, None, Vec::new(), None);
            self.rows.push(Row { depth, edge, binder, tokens, comment });
        }
        self.read = node.end_byte();
        let last = self.rows.len() - 1;
        &mut self.rows[last]
    }

    /// How much deeper a part of something stands.
    fn step(&self, node: Node<'_>, child: Node<'_>) -> usize {
        let inside = match (node.kind(), child.kind()) {
            (_, "body" | "case") | ("match", "else") => true,
            (parent, "setting" | "argument" | "do_block" | "bin") => parent != "source_file",
            ("assignment", "pipe") => {
                let before = self.text.get(node.start_byte()..child.start_byte());
                before.is_some_and(|before| before.contains('\n'))
            }
            _ => false,
        };
        usize::from(inside)
    }
}

/// What the keyword of something does, unless it is an arm behind another one.
fn keyword_edge(node: Node<'_>) -> Edge {
    let mut cursor = node.walk();
    let parts: Vec<_> = node.children(&mut cursor).map(|part| part.kind()).collect();
    // An argument on one line has an `end` and opens nothing.
    let is_block = parts.contains(&"end") && parts.contains(&"\n");
    if is_block || parts.contains(&"pins") || ARMS.contains(&node.kind()) { Edge::Opens } else { Edge::Inside }
}

#[cfg(test)]
mod tests {
    use super::{Edge, Row, rows};

    /// The rows of an item, each as depth, edge, and its tokens between bars.
    fn shown(text: &str) -> Vec<String> {
        let row = |row: &Row| {
            let tokens: Vec<_> = row.tokens.iter().map(|token| &text[token.range()]).collect();
            let edge = match row.edge {
                Edge::Inside => "",
                Edge::Opens => "<",
                Edge::Closes => ">",
                Edge::Between => "><",
            };
            let comment = row.comment.map_or("", |comment| &text[comment.range()]);
            format!("{}{edge} {}{comment}", row.depth, tokens.join("|"))
        };
        rows(text).iter().map(row).collect()
    }

    #[test]
    fn blocks_and_their_arms() {
        let text = "command a\ndo\nif x == 1\nelif y\nelse\nend\nmatch x\ncase 1\nf\ncase 2\nelse\nend\nend\nend";
        assert_eq!(
            shown(text),
            [
                "0< command|a",
                "1< do",
                "2< if|x|==|1",
                "2>< elif|y",
                "2>< else",
                "2> end",
                "2< match|x",
                "3< case|1",
                "4 f",
                "3>< case|2",
                "3>< else",
                "2> end",
                "1> end",
                "0> end"
            ]
        );
    }

    #[test]
    fn values_of_bindings() {
        let text = "command a\ndo\nlet x = pipe\na\nend\ny =\n\npipe\nb | c\nend\nend\nend";
        assert_eq!(
            shown(text)[2..],
            ["2< x|=|pipe", "3 a", "2> end", "2 y|=", "3< pipe", "4 b|||c", "3> end", "1> end", "0> end"]
        );
        assert!(rows(text)[2].binder.is_some_and(|span| &text[span.range()] == "let"));
    }

    #[test]
    fn pins_and_arguments_are_blocks_unless_they_are_on_one_line() {
        let text = "requires\nbin a\n# b\nhash c\nend\nbin d\nend";
        assert_eq!(shown(text), ["0< requires", "1< bin|a", "1 # b", "2 hash|c", "1> end", "1 bin|d", "0> end"]);
        let text = "command a\narg b type int end\narg c\ntype int\nend\ndo\nend\nend";
        assert_eq!(shown(text)[1..5], ["1 arg|b|type|int|end", "1< arg|c", "2 type|int", "1> end"]);
    }

    #[test]
    fn words_are_whole_with_all_that_is_quoted_in_them() {
        assert_eq!(shown("a  =   \"b\n\n  c\"'d  e'  # f"), ["0 a|=|\"b\n\n  c\"'d  e'# f"]);
        assert_eq!(shown("command a\ndo\nA=\"1  2\" b ${ c }\nend\nend")[2], "2 A=\"1  2\"|b|${ c }");
    }
}
