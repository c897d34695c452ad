//! Gives the text of an item to tree-sitter and reads the tree that comes back.
//!
//! What the grammar cannot place is left out of the tree, with a diagnostic; what stands around it is read as ever.
//! The reading recurses over blocks, which [`crate::MAX_NESTING`] bounds: of an item in which the cut found deeper ones the header is read all the same,
//! so what is deeper is left out here, too.

use std::cell::RefCell;

use tree_sitter::{Node, Parser, Tree, TreeCursor};

use crate::code::Code;
use crate::cut::{MAX_NESTING, too_deep};
use crate::diagnostic::{Diagnostic, Span};
use crate::fix::Fix;
use crate::keyword::{ARG_SETTINGS, CALLABLES};
use crate::name::{glued_name, is_name};
use crate::scan;
use crate::tree::{
    Arg, Arm, ArmKind, Assignment, Block, BlockKind, Clause, Command, Entry, Head, Item, Joint, Line, Member, Section,
    SectionKind, Setting, Statement, StatementKind, Token, Value, Variable, Word,
};
use crate::word::{span, variable, word};

/// How many places of one item are reported. What follows many mistakes is hardly ever another one.
const MOST: usize = 8;

/// Parses the text of one item in which the cut found no error. Without a tree there is a diagnostic that
/// says why; with one there may be some as well.
#[must_use]
pub fn parse(text: &str) -> (Option<Item>, Vec<Diagnostic>) {
    let Some(tree) = syntax_tree(text) else { return (None, vec![unreadable(text, Span::new(0, text.len()))]) };
    let root = tree.root_node();
    let problems = errors(root, text);
    let unread = problems.iter().map(|problem| line_around(text, problem.span)).collect();
    let mut reader = Reader { text, problems, unread, cursor: root.walk(), depth: 0 };
    let mut items = reader.children(root).into_iter();
    let item = items.next().and_then(|node| reader.item(node));
    if let (Some(second), true) = (items.next(), reader.problems.is_empty()) {
        reader.problems.push(unreadable(text, span(second)));
        return (None, reader.problems);
    }
    if item.is_none() && reader.problems.is_empty() {
        reader.problems.push(unreadable(text, span(root)));
    }
    (item, reader.problems)
}

thread_local! {
    /// Items are many and small: a parser of its own for each would cost as much as parsing it.
    static PARSER: RefCell<Option<Parser>> = const { RefCell::new(None) };
}

/// The text as tree-sitter sees it.
pub(crate) fn syntax_tree(text: &str) -> Option<Tree> {
    PARSER.with_borrow_mut(|kept| {
        let parser = match kept {
            Some(parser) => parser,
            None => kept.insert(parser()?),
        };
        parser.reset();
        parser.parse(text, None)
    })
}

fn parser() -> Option<Parser> {
    let mut parser = Parser::new();
    parser.set_language(&perch_grammar::LANGUAGE.into()).ok()?;
    Some(parser)
}

/// What the grammar cannot place: one diagnostic for each line.
fn errors(root: Node<'_>, text: &str) -> Vec<Diagnostic> {
    let mut problems: Vec<Diagnostic> = Vec::new();
    if !root.has_error() {
        return problems;
    }
    let mut cursor = root.walk();
    loop {
        let node = cursor.node();
        let wrong = node.is_error() || node.is_missing();
        if wrong {
            let problem = unreadable(text, place_of(node, text));
            if !problems.iter().any(|other| other.span == problem.span) {
                problems.push(problem);
            }
            if problems.len() == MOST {
                return problems;
            }
        }
        if !wrong && node.has_error() && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return problems;
            }
        }
    }
}

/// Where something wrong begins. The line ends before it are not what is wrong. Of many lines, it is the first that
/// cannot be read by itself.
fn place_of(node: Node<'_>, text: &str) -> Span {
    let whole = span(node);
    let written = text.get(whole.range()).unwrap_or_default();
    let before = written.len() - written.trim_start().len();
    if before == written.len() {
        return whole;
    }
    let first = Span::new(whole.start + before, whole.end);
    if written.trim().contains('\n') { unreadable_line(text, first).unwrap_or(first) } else { first }
}

fn unreadable_line(text: &str, within: Span) -> Option<Span> {
    let mut parser = Parser::new();
    parser.set_language(&perch_grammar::LANGUAGE.into()).ok()?;
    let lines = scan::read(text, 0).lines;
    let inside = lines.iter().filter(|line| line.end > within.start && line.first < within.end);
    let places = inside.map(|line| Span::new(line.first, line.end));
    places.into_iter().find(|place| {
        // Behind a word no keyword means anything, so what is left are the words themselves.
        let line = text.get(place.range()).map(|line| format!("x {line}"));
        line.and_then(|line| parser.parse(line, None)).is_some_and(|tree| tree.root_node().has_error())
    })
}

/// The line on which something begins.
fn line_around(text: &str, place: Span) -> Span {
    let start = place.start.min(text.len());
    let line_start = text.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let length = text.get(line_start..).and_then(|rest| rest.find('\n')).unwrap_or(text.len() - line_start);
    Span::new(line_start, line_start + length)
}

/// The diagnostic for a line that the grammar cannot place. The grammar takes almost every line, so what is
/// left are a few mistakes that can be told apart by their first words.
fn unreadable(text: &str, wrong: Span) -> Diagnostic {
    let around = line_around(text, wrong);
    let line_start = around.start;
    let line = text.get(around.range()).unwrap_or_default();
    let written = line.trim();
    let first = line_start + (line.len() - line.trim_start().len());
    let place = Span::new(first, first + written.len());
    let mut words = written.split_ascii_whitespace();
    let (word, next) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    if CALLABLES.contains(&word) && line_start > 0 {
        let place = Span::new(first, first + word.len());
        return Diagnostic::new(Code::MisplacedKeyword, place, format!("`{word}` cannot stand here")).help(
            match word {
                "catch" => "in a `try`, the arm that catches is `rescue NAME`",
                _ => "is an `end` missing above? `exec` starts a program of any name",
            },
        );
    }
    let problem = Diagnostic::new(Code::SyntaxError, place, "this line cannot be read");
    if word == "let" {
        return problem.help("write `let NAME = value`");
    }
    if let Some(call) = open_call(text, wrong) {
        return Diagnostic::new(Code::UnclosedCall, call, "the call that begins here cannot be read to its end")
            .help("write `${op('text', name)}`, on one line, with quotes of another kind than those around it");
    }
    if glued_name(word).is_some() || (is_name(word) && next.starts_with('=')) {
        let (name, value) = written.split_once('=').unwrap_or_default();
        return assignment(problem, name.trim(), value.trim());
    }
    problem.help("is a quote or `${…}` glued to a keyword? Words are separated by blanks")
}

/// `x ="a"`
fn assignment(problem: Diagnostic, name: &str, value: &str) -> Diagnostic {
    if value.is_empty() {
        return problem.help(format!("write `{name} = value`, with blanks around the `=`"));
    }
    let meant = format!("{name} = {value}");
    let fix = Fix::safe("put blanks around the `=`").edit(problem.span, meant.clone());
    problem.help(format!("write `{meant}`, with blanks around the `=`")).fix(fix)
}

/// The `${op(` that is not closed before the end of something wrong, on the line where that is.
fn open_call(text: &str, wrong: Span) -> Option<Span> {
    let around = line_around(text, wrong);
    let line_start = around.start;
    let line = text.get(around.range())?;
    let calls = line.match_indices("${").filter_map(|(at, _)| {
        let inside = line.get(at + 2..)?;
        let name = inside.find(|c: char| !c.is_alphanumeric() && c != '_' && c != ' ')?;
        inside.get(name..)?.starts_with('(').then(|| (at, at + 2 + name + 1))
    });
    let (from, to) = calls.filter(|(at, _)| line_start + at <= wrong.end).last()?;
    Some(Span::new(line_start + from, line_start + to))
}

fn is(kind: &'static str) -> impl Fn(&Node<'_>) -> bool {
    move |node| node.kind() == kind
}

fn block_kind(keyword: &str) -> Option<BlockKind> {
    BlockKind::ALL.into_iter().find(|kind| kind.keyword() == keyword)
}

/// Whether something on the first line of a statement cannot be read.
fn is_broken(node: Node<'_>) -> bool {
    let mut cursor = node.walk();
    node.has_error()
        && node
            .children(&mut cursor)
            .take_while(|child| child.kind() != "\n")
            .any(|child| child.has_error() || child.is_missing())
}

/// How many words a setting on one line with others takes, its name not counted.
fn takes(setting: &Setting) -> usize {
    let name = setting.words.first().and_then(Word::bare);
    if matches!(name, Some("optional" | "rest")) { 0 } else { 1 }
}

struct Reader<'t> {
    text: &'t str,
    problems: Vec<Diagnostic>,
    /// Lines of which something cannot be read. What is left of them means nothing.
    unread: Vec<Span>,
    /// Goes over the children of one node after the other.
    cursor: TreeCursor<'t>,
    /// How many bodies are around what is read.
    depth: usize,
}

impl<'t> Reader<'t> {
    fn children(&mut self, node: Node<'t>) -> Vec<Node<'t>> {
        node.named_children(&mut self.cursor).filter(|child| !child.is_extra()).collect()
    }

    fn item(&mut self, node: Node<'t>) -> Option<Item> {
        match node.kind() {
            "command" => Some(Item::Command(self.command(node))),
            "template" => Some(Item::Template(self.command(node))),
            "catch" => Some(Item::Catch(self.command(node))),
            "import" => Some(Item::Import(self.head(node, "header"))),
            "bundle" => Some(Item::Section(self.section(node, SectionKind::Bundle))),
            "requires" => Some(Item::Section(self.section(node, SectionKind::Requires))),
            "file_sandbox" => Some(Item::Section(self.section(node, SectionKind::Sandbox))),
            "hooks" => Some(Item::Section(self.section(node, SectionKind::Hooks))),
            "assignment" => self.assignment(node).map(Item::Assignment),
            "setting" => Some(Item::Setting(self.setting(node))),
            _ => None,
        }
    }

    fn command(&mut self, node: Node<'t>) -> Command {
        let head = self.head(node, "header");
        let members = self.children(node).into_iter().filter_map(|child| self.member(child)).collect();
        Command { head, members }
    }

    fn member(&mut self, node: Node<'t>) -> Option<Member> {
        match node.kind() {
            "setting" => Some(Member::Setting(self.setting(node))),
            "argument" => Some(Member::Arg(self.argument(node))),
            "do_block" => Some(Member::Do(self.head(node, "header"), self.body(node))),
            _ => None,
        }
    }

    fn section(&mut self, node: Node<'t>, kind: SectionKind) -> Section {
        let head = self.head(node, "header");
        let entries = self.children(node).into_iter().filter_map(|child| self.entry(child)).collect();
        Section { kind, head, entries }
    }

    fn entry(&mut self, node: Node<'t>) -> Option<Entry> {
        match node.kind() {
            "setting" => Some(Entry { setting: self.setting(node), pins: Vec::new() }),
            "bin" => Some(self.bin(node)),
            _ => None,
        }
    }

    fn bin(&mut self, node: Node<'t>) -> Entry {
        let keyword = node.child(0).map_or_else(|| span(node), span);
        self.check_apart(keyword);
        let bin = Word::bare_text(keyword, "bin");
        let rest = node.child_by_field_name("header").map_or_else(Vec::new, |words| self.words(words));
        let words: Vec<_> = std::iter::once(bin).chain(rest).collect();
        let span = words.iter().fold(keyword, |span, word| span.to(word.span));
        let pins = node.child_by_field_name("pins").map_or_else(Vec::new, |pins| {
            self.check_end(pins);
            self.children(pins).into_iter().filter(is("setting")).map(|pin| self.setting(pin)).collect()
        });
        Entry { setting: Setting { span, words }, pins }
    }

    fn argument(&mut self, node: Node<'t>) -> Arg {
        if let Some(inline) = node.child_by_field_name("inline") {
            return self.inline_argument(node, inline);
        }
        let head = self.head(node, "header");
        let settings = self.children(node).into_iter().filter(|child| child.kind() == "setting");
        Arg { head, settings: settings.map(|child| self.setting(child)).collect() }
    }

    /// `arg NAME setting… end`: the words of a setting end where the name of the next one stands.
    fn inline_argument(&mut self, node: Node<'t>, inline: Node<'t>) -> Arg {
        let keyword = node.child(0).map_or_else(|| span(node), span);
        self.check_apart(keyword);
        let mut name = Vec::new();
        let mut settings: Vec<Setting> = Vec::new();
        for word in self.words(inline) {
            let starts = word.bare().is_some_and(|bare| ARG_SETTINGS.contains(&bare));
            let full = settings.last().is_none_or(|setting| takes(setting) < setting.words.len());
            match settings.last_mut() {
                _ if starts && full && !name.is_empty() => {
                    settings.push(Setting { span: word.span, words: vec![word] })
                }
                Some(setting) => {
                    setting.span = setting.span.to(word.span);
                    setting.words.push(word);
                }
                None => name.push(Token::Word(word)),
            }
        }
        let end = name.last().map_or(keyword, Token::span);
        Arg { head: Head { span: keyword.to(end), keyword, tokens: name }, settings }
    }

    fn setting(&mut self, node: Node<'t>) -> Setting {
        Setting { span: span(node), words: self.words(node) }
    }

    fn words(&mut self, node: Node<'t>) -> Vec<Word> {
        self.children(node).into_iter().filter(|child| child.kind() == "word").map(|child| self.word(child)).collect()
    }

    fn word(&mut self, node: Node<'t>) -> Word {
        word(node, self.text, &mut self.problems)
    }

    /// The first line of a block or arm, and a look at its last.
    fn head(&mut self, node: Node<'t>, field: &str) -> Head {
        self.check_end(node);
        let keyword = node.child(0).map_or_else(|| span(node), span);
        self.check_apart(keyword);
        let tokens = node.child_by_field_name(field).map_or_else(Vec::new, |words| self.tokens(words));
        let end = tokens.last().map_or(keyword, Token::span);
        Head { span: keyword.to(end), keyword, tokens }
    }

    fn check_end(&mut self, node: Node<'t>) {
        if let Some(surplus) = node.child_by_field_name("surplus") {
            let problem = Diagnostic::new(Code::SurplusWords, span(surplus), "`end` stands alone on its line");
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

    fn tokens(&mut self, node: Node<'t>) -> Vec<Token> {
        self.children(node).into_iter().filter(|child| !child.is_error()).map(|child| self.token(child)).collect()
    }

    fn token(&mut self, node: Node<'t>) -> Token {
        if node.kind() != "word" {
            self.check_apart(span(node));
        }
        match node.kind() {
            "comparison" => Token::Comparison(self.written(node), span(node)),
            "connective" => Token::Connective(self.written(node), span(node)),
            "joint" => Token::Joint(self.joint(node), span(node)),
            _ => Token::Word(self.word(node)),
        }
    }

    fn written(&self, node: Node<'t>) -> String {
        self.text.get(node.byte_range()).unwrap_or_default().to_owned()
    }

    /// The statements in the `body` field.
    fn body(&mut self, node: Node<'t>) -> Vec<Statement> {
        if self.depth > MAX_NESTING {
            self.problems.push(too_deep(span(node)));
            return Vec::new();
        }
        self.depth += 1;
        let body = node.child_by_field_name("body").map_or_else(Vec::new, |body| self.children(body));
        let statements = body.into_iter().filter_map(|child| self.statement(child)).collect();
        self.depth -= 1;
        statements
    }

    fn statement(&mut self, node: Node<'t>) -> Option<Statement> {
        let is_rest = |line: &Span| (line.start..line.end).contains(&node.start_byte());
        if is_broken(node) || self.unread.iter().any(is_rest) {
            return None;
        }
        let kind = match node.kind() {
            "line" => StatementKind::Line(self.line(node)),
            "assignment" => StatementKind::Assignment(self.assignment(node)?),
            keyword => StatementKind::Block(self.block(node, block_kind(keyword)?)),
        };
        let span = match &kind {
            StatementKind::Line(line) => line.span,
            StatementKind::Assignment(assignment) => assignment.span,
            StatementKind::Block(block) => block.head.span,
        };
        Some(Statement { span, kind })
    }

    fn assignment(&mut self, node: Node<'t>) -> Option<Assignment> {
        let name = self.word(node.child_by_field_name("name")?);
        let sign = node.children(&mut node.walk()).find(|child| child.kind() == "=").map(span)?;
        self.check_apart(sign);
        let value = node.child_by_field_name("value").map(|value| match value.kind() {
            "pipe" => Value::Pipe(self.block(value, BlockKind::Pipe)),
            _ => Value::Line(self.line(value)),
        });
        let end = match &value {
            None => sign,
            Some(Value::Line(line)) => line.span,
            Some(Value::Pipe(block)) => block.head.span,
        };
        Some(Assignment { span: Span::new(node.start_byte(), end.end), name, value })
    }

    fn line(&mut self, node: Node<'t>) -> Line {
        let mut clauses: Vec<Clause> = Vec::new();
        for child in self.children(node) {
            if child.kind() == "joint" {
                let (joint, place) = (self.joint(child), span(child));
                self.check_apart(place);
                let (variables, words) = (Vec::new(), Vec::new());
                clauses.push(Clause { joint: Some((joint, place)), span: place, variables, words });
                continue;
            }
            let variables = self.variables(child);
            let words = self.words(child);
            match clauses.last_mut() {
                Some(open) if open.words.is_empty() && open.variables.is_empty() => {
                    open.variables = variables;
                    open.words = words;
                    open.span = span(child);
                }
                _ => clauses.push(Clause { joint: None, span: span(child), variables, words }),
            }
        }
        Line { span: span(node), clauses }
    }

    fn joint(&self, node: Node<'t>) -> Joint {
        match self.written(node).as_str() {
            "&&" => Joint::And,
            "||" => Joint::Or,
            "|" => Joint::Pipe,
            _ => Joint::Then,
        }
    }

    fn variables(&mut self, clause: Node<'t>) -> Vec<Variable> {
        let nodes = self.children(clause).into_iter().filter(is("variable"));
        nodes.filter_map(|node| variable(node, self.text, &mut self.problems)).collect()
    }

    fn block(&mut self, node: Node<'t>, kind: BlockKind) -> Block {
        let head = self.head(node, if kind == BlockKind::If { "condition" } else { "header" });
        let body = self.body(node);
        let arms = self.children(node).into_iter().filter_map(|child| self.arm(child)).collect();
        Block { kind, head, body, arms }
    }

    fn arm(&mut self, node: Node<'t>) -> Option<Arm> {
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
    use crate::tree::{Argument, Part};

    fn value(text: &str) -> Word {
        match parse(text) {
            (Some(Item::Assignment(Assignment { value: Some(Value::Line(line)), .. })), problems)
                if problems.is_empty() =>
            {
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
        (problems[0].code.name(), &text[problems[0].span.range()], problems[0].help.clone())
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
    }

    #[test]
    fn lines_that_the_grammar_cannot_place() {
        let help = |text: &str| problem(text).2.unwrap();
        assert_eq!(help("x =\"a\""), "write `x = \"a\"`, with blanks around the `=`");
        assert_eq!(help("let x 1"), "write `let NAME = value`");
        assert_eq!(problem("command a\ndo\n  if\"x\"\n  end\nend\nend").0, "syntax-error");
    }

    #[test]
    fn every_block_has_a_keyword_of_the_grammar_and_the_cut_counts_it() {
        for kind in BlockKind::ALL {
            let text = format!("command a\n  do\n    {} x\n      print y\n    end\n  end\nend\n", kind.keyword());
            let cut = crate::cut(&text);
            assert!(cut.items.len() == 1 && cut.items[0].problems.is_empty(), "{kind:?}: {:?}", cut.items);
            let (item, problems) = parse(&text);
            assert!(problems.is_empty(), "{kind:?}: {problems:?}");
            let Some(Item::Command(command)) = item else { panic!("{item:?}") };
            let Member::Do(_, body) = &command.members[0] else { panic!("{:?}", command.members) };
            let StatementKind::Block(block) = &body[0].kind else { panic!("{body:?}") };
            assert_eq!((block.kind, block.body.len(), body.len()), (kind, 1, 1));
        }
    }

    #[test]
    fn calls_have_a_name_and_arguments() {
        let (item, problems) = parse("x = \"a ${ f('b ${c}', d, g(1)) }\"");
        assert!(problems.is_empty(), "{problems:?}");
        let Some(Item::Assignment(Assignment { value: Some(Value::Line(line)), .. })) = item else {
            panic!("{item:?}")
        };
        let [Part::Text(_), Part::Call(call)] = line.clauses[0].words[0].parts.as_slice() else { panic!("{line:?}") };
        let [Argument::Text(text), Argument::Name(name, _), Argument::Call(inner)] = call.arguments.as_slice() else {
            panic!("{call:?}")
        };
        assert_eq!((call.name.as_str(), name.as_str(), inner.name.as_str()), ("f", "d", "g"));
        assert_eq!(text.parts, [Part::Text("b ".to_owned()), Part::Name("c".to_owned())]);
        assert!(text.quoted && matches!(&inner.arguments[..], [Argument::Name(one, _)] if one == "1"));
    }

    #[test]
    fn splices_are_parts() {
        let (item, problems) = parse("x = ${ rest... }");
        assert!(problems.is_empty(), "{problems:?}");
        let Some(Item::Assignment(Assignment { value: Some(Value::Line(line)), .. })) = item else {
            panic!("{item:?}")
        };
        assert_eq!(line.clauses[0].words[0].parts, [Part::Splice("rest".to_owned())]);
    }

    #[test]
    fn variables_are_taken_apart_at_their_first_sign() {
        let text = "x = A=1=2 B=\"${c}\" D= go e=f";
        let (item, _) = parse(text);
        let Some(Item::Assignment(Assignment { value: Some(Value::Line(line)), .. })) = item else {
            panic!("{item:?}")
        };
        let shown: Vec<_> = line.clauses[0]
            .variables
            .iter()
            .map(|variable| (variable.name.as_str(), &text[variable.value.span.range()], variable.value.parts.len()))
            .collect();
        assert_eq!(shown, [("A", "1=2", 1), ("B", "\"${c}\"", 1), ("D", "", 0)]);
        assert_eq!(line.clauses[0].words.len(), 2);
    }

    #[test]
    fn an_argument_on_one_line_has_the_settings_of_one_on_many() {
        let (item, problems) = parse("command a\n  arg x type string default type optional index 0 end\nend");
        assert!(problems.is_empty(), "{problems:?}");
        let Some(Item::Command(command)) = item else { panic!("{item:?}") };
        let Member::Arg(arg) = &command.members[0] else { panic!("{:?}", command.members) };
        let settings: Vec<Vec<_>> =
            arg.settings.iter().map(|setting| setting.words.iter().filter_map(Word::bare).collect()).collect();
        assert_eq!(arg.head.words().len(), 1);
        assert_eq!(settings, [vec!["type", "string"], vec!["default", "type"], vec!["optional"], vec!["index", "0"]]);
    }

    #[test]
    fn pins_belong_to_their_program() {
        let (item, problems) =
            parse("requires\n  bin git optional\n    hash x\n    hash_file y\n  end\n  os unix\nend");
        assert!(problems.is_empty(), "{problems:?}");
        let Some(Item::Section(section)) = item else { panic!("{item:?}") };
        let shown: Vec<_> = section.entries.iter().map(|entry| (entry.setting.words.len(), entry.pins.len())).collect();
        assert_eq!((section.kind, shown), (SectionKind::Requires, vec![(3, 2), (2, 0)]));
    }

    #[test]
    fn end_stands_alone() {
        assert_eq!(problem("command a\n  do\n  end do\nend").1, "do");
    }
}
