//! Gives the text of an item to tree-sitter and reads the tree that comes back.
//!
//! The reading recurses over blocks, which [`crate::MAX_NESTING`] bounds: the cut lets nothing deeper through.

use tree_sitter::{Node, Parser};

use crate::diagnostic::{Diagnostic, Span};
use crate::name::{glued_name, is_name};
use crate::tree::{
    Arg, Arm, ArmKind, Assignment, Block, BlockKind, Clause, Command, Head, Item, Joint, Line, Member, Setting,
    Statement, StatementKind, Token, Word,
};
use crate::word::{span, word};

/// Parses the text of one item in which the cut found no error. Without a tree there is a diagnostic that
/// says why; with one there may be some as well.
#[must_use]
pub fn parse(text: &str) -> (Option<Item>, Vec<Diagnostic>) {
    let mut parser = Parser::new();
    let tree = match parser.set_language(&perch_grammar::LANGUAGE.into()) {
        Ok(()) => parser.parse(text, None),
        Err(_) => None,
    };
    let Some(tree) = tree else { return (None, vec![unreadable(text, Span::new(0, text.len()))]) };
    let root = tree.root_node();
    if let Some(wrong) = first_error(root) {
        return (None, vec![unreadable(text, wrong)]);
    }
    let mut reader = Reader { text, problems: Vec::new() };
    let mut items = children(root).into_iter().filter(|node| !node.is_extra());
    let item = items.next().and_then(|node| reader.item(node));
    if let Some(second) = items.next() {
        reader.problems.push(unreadable(text, span(second)));
        return (None, reader.problems);
    }
    (item, reader.problems)
}

/// Where the first thing stands that the grammar cannot place.
fn first_error(root: Node<'_>) -> Option<Span> {
    let mut cursor = root.walk();
    loop {
        let node = cursor.node();
        if node.is_error() || node.is_missing() {
            return Some(span(node));
        }
        if node.has_error() && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return None;
            }
        }
    }
}

/// The diagnostic for a line that the grammar cannot place. The grammar takes almost every line, so what is
/// left are a few mistakes that can be told apart by their first words.
fn unreadable(text: &str, wrong: Span) -> Diagnostic {
    let start = wrong.start.min(text.len());
    let line_start = text.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let line = text.get(line_start..).unwrap_or_default().lines().next().unwrap_or_default();
    let written = line.trim();
    let first = line_start + (line.len() - line.trim_start().len());
    let place = Span::new(first, first + written.len());
    let mut words = written.split_ascii_whitespace();
    let (word, next) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let problem = Diagnostic::error("syntax-error", place, "this line cannot be read");
    if word == "let" {
        return problem.help("write `let NAME = value`");
    }
    if glued_name(word).is_some() || (is_name(word) && next.starts_with('=')) {
        let name = word.split('=').next().unwrap_or_default();
        return problem.help(format!("write `{name} = value`, with blanks around the `=`"));
    }
    problem.help("is a quote or `${…}` glued to a keyword? Words are separated by blanks")
}

fn children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|child| !child.is_extra()).collect()
}

struct Reader<'t> {
    text: &'t str,
    problems: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn item(&mut self, node: Node<'_>) -> Option<Item> {
        match node.kind() {
            "command" => Some(Item::Command(self.command(node))),
            "assignment" => self.assignment(node).map(Item::Assignment),
            "setting" => Some(Item::Setting(self.setting(node))),
            _ => None,
        }
    }

    fn command(&mut self, node: Node<'_>) -> Command {
        let head = self.head(node, "header");
        let members = children(node).into_iter().filter_map(|child| self.member(child)).collect();
        Command { head, members }
    }

    fn member(&mut self, node: Node<'_>) -> Option<Member> {
        match node.kind() {
            "setting" => Some(Member::Setting(self.setting(node))),
            "argument" => Some(Member::Arg(self.argument(node))),
            "do_block" => Some(Member::Do(self.head(node, "header"), self.body(node))),
            _ => None,
        }
    }

    fn argument(&mut self, node: Node<'_>) -> Arg {
        let head = self.head(node, "header");
        let settings = children(node).into_iter().filter(|child| child.kind() == "setting");
        Arg { head, settings: settings.map(|child| self.setting(child)).collect() }
    }

    fn setting(&mut self, node: Node<'_>) -> Setting {
        Setting { span: span(node), words: self.words(node) }
    }

    fn words(&mut self, node: Node<'_>) -> Vec<Word> {
        children(node).into_iter().filter(|child| child.kind() == "word").map(|child| self.word(child)).collect()
    }

    fn word(&mut self, node: Node<'_>) -> Word {
        word(node, self.text, &mut self.problems)
    }

    /// The first line of a block or arm, and a look at its last.
    fn head(&mut self, node: Node<'_>, field: &str) -> Head {
        self.check_end(node);
        let keyword = node.child(0).map_or_else(|| span(node), span);
        self.check_apart(keyword);
        let tokens = node.child_by_field_name(field).map_or_else(Vec::new, |words| self.tokens(words));
        let end = tokens.last().map_or(keyword, Token::span);
        Head { span: keyword.to(end), keyword, tokens }
    }

    fn check_end(&mut self, node: Node<'_>) {
        if let Some(surplus) = node.child_by_field_name("surplus") {
            let problem = Diagnostic::error("surplus-words", span(surplus), "`end` stands alone on its line");
            self.problems.push(problem.help("put this on a line of its own"));
        }
    }

    /// A keyword is a word: `if"x"` is none. The grammar cannot say so, since it sees no blanks.
    fn check_apart(&mut self, keyword: Span) {
        let next = self.text.as_bytes().get(keyword.end);
        if next.is_some_and(|byte| !byte.is_ascii_whitespace() && *byte != 0x0B) {
            self.problems.push(unreadable(self.text, keyword));
        }
    }

    fn tokens(&mut self, node: Node<'_>) -> Vec<Token> {
        children(node).into_iter().map(|child| self.token(child)).collect()
    }

    fn token(&mut self, node: Node<'_>) -> Token {
        if node.kind() != "word" {
            self.check_apart(span(node));
        }
        match node.kind() {
            "comparison" => Token::Comparison(self.written(node), span(node)),
            "connective" => Token::Connective(self.written(node), span(node)),
            _ => Token::Word(self.word(node)),
        }
    }

    fn written(&self, node: Node<'_>) -> String {
        self.text.get(node.byte_range()).unwrap_or_default().to_owned()
    }

    /// The statements in the `body` field.
    fn body(&mut self, node: Node<'_>) -> Vec<Statement> {
        let body = node.child_by_field_name("body").map_or_else(Vec::new, children);
        body.into_iter().filter_map(|child| self.statement(child)).collect()
    }

    fn statement(&mut self, node: Node<'_>) -> Option<Statement> {
        let kind = match node.kind() {
            "line" => StatementKind::Line(self.line(node)),
            "assignment" => StatementKind::Assignment(self.assignment(node)?),
            "if" => StatementKind::Block(self.block(node, BlockKind::If, "condition")),
            "for_each" => StatementKind::Block(self.block(node, BlockKind::ForEach, "header")),
            "match" => StatementKind::Block(self.block(node, BlockKind::Match, "header")),
            "try" => StatementKind::Block(self.block(node, BlockKind::Try, "header")),
            _ => return None,
        };
        let span = match &kind {
            StatementKind::Line(line) => line.span,
            StatementKind::Assignment(assignment) => assignment.span,
            StatementKind::Block(block) => block.head.span,
        };
        Some(Statement { span, kind })
    }

    fn assignment(&mut self, node: Node<'_>) -> Option<Assignment> {
        let name = self.word(node.child_by_field_name("name")?);
        node.children(&mut node.walk())
            .filter(|child| child.kind() == "=")
            .for_each(|sign| self.check_apart(span(sign)));
        let value = node.child_by_field_name("value").map(|line| self.line(line));
        Some(Assignment { span: span(node), name, value })
    }

    fn line(&mut self, node: Node<'_>) -> Line {
        let mut clauses: Vec<Clause> = Vec::new();
        for child in children(node) {
            if child.kind() == "joint" {
                self.check_apart(span(child));
                let joint = match self.written(child).as_str() {
                    "&&" => Joint::And,
                    "||" => Joint::Or,
                    _ => Joint::Then,
                };
                clauses.push(Clause { joint: Some((joint, span(child))), span: span(child), words: Vec::new() });
                continue;
            }
            let words = self.words(child);
            match clauses.last_mut() {
                Some(open) if open.words.is_empty() => {
                    open.words = words;
                    open.span = span(child);
                }
                _ => clauses.push(Clause { joint: None, span: span(child), words }),
            }
        }
        Line { span: span(node), clauses }
    }

    fn block(&mut self, node: Node<'_>, kind: BlockKind, field: &str) -> Block {
        let head = self.head(node, field);
        let body = self.body(node);
        let arms = children(node).into_iter().filter_map(|child| self.arm(child)).collect();
        Block { kind, head, body, arms }
    }

    fn arm(&mut self, node: Node<'_>) -> Option<Arm> {
        let (kind, field) = match node.kind() {
            "elif" => (ArmKind::Elif, "condition"),
            "else" => (ArmKind::Else, "header"),
            "case" => (ArmKind::Case, "header"),
            "rescue" => (ArmKind::Rescue, "header"),
            "finally" => (ArmKind::Finally, "header"),
            _ => return None,
        };
        Some(Arm { kind, head: self.head(node, field), body: self.body(node) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Part;

    fn value(text: &str) -> Word {
        match parse(text) {
            (Some(Item::Assignment(Assignment { value: Some(line), .. })), problems) if problems.is_empty() => {
                line.clauses[0].words[0].clone()
            }
            other => panic!("{other:?}"),
        }
    }

    fn literal(text: &str) -> String {
        value(text).literal().unwrap().to_owned()
    }

    /// The code of the only problem, and the text that it points at.
    fn problem(text: &str) -> (&'static str, &str, Option<String>) {
        let (_, problems) = parse(text);
        assert_eq!(problems.len(), 1, "{problems:?}");
        (problems[0].code, &text[problems[0].span.range()], problems[0].help.clone())
    }

    #[test]
    fn double_quotes_decode_escapes() {
        assert_eq!(literal(r#"x = "\n\t\r\0\\\"\'\`\$\x41\u00e9""#), "\n\t\r\0\\\"'`$Aé");
        assert_eq!(literal(r#"x = "\d\.\x4\u12\ud800""#), r"\d\.\x4\u12\ud800");
        assert_eq!(literal("x = \"a\r\n\\\r\nb\""), "a\n\\\nb");
    }

    #[test]
    fn other_texts_decode_only_the_dollar() {
        assert_eq!(literal(r"x = '\n\${a}$b'"), r"\n${a}$b");
        assert_eq!(literal(r"x = `\n\${a}`"), r"\n${a}");
        assert_eq!(literal(r"x = \n\${a}$b\"), r"\n${a}$b\");
    }

    #[test]
    fn pieces_join_into_one_word_and_names_are_trimmed() {
        let word = value("x = --a=\"b ${ c.d }\"'e'");
        let text = |text: &str| Part::Text(text.to_owned());
        assert_eq!(word.parts, [text("--a=b "), Part::Name("c.d".to_owned()), text("e")]);
        assert!(word.quoted);
        assert_eq!(value("x = ''").parts, []);
    }

    #[test]
    fn what_cannot_stand_between_braces() {
        assert_eq!(problem("x = \"${a\"").0, "unclosed-interpolation");
        assert_eq!(problem("x = ${").1, "${");
        assert_eq!(problem("x = ${}").0, "bad-interpolation");
        assert_eq!(problem("x = \"${a-b}\"").1, "${a-b}");
        assert_eq!(problem("x = ${sha256('a b')}").0, "call-in-text");
    }

    #[test]
    fn lines_that_the_grammar_cannot_place() {
        let help = |text: &str| problem(text).2.unwrap();
        assert_eq!(help("x =\"a\""), "write `x = value`, with blanks around the `=`");
        assert_eq!(help("let x 1"), "write `let NAME = value`");
        assert_eq!(problem("command a\ndo\n  if\"x\"\n  end\nend\nend").0, "syntax-error");
    }

    #[test]
    fn end_stands_alone() {
        assert_eq!(problem("command a\n  do\n  end do\nend").1, "do");
    }
}
