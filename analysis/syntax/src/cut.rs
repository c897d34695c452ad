//! Cuts a file into its top-level items.
//!
//! The only structure looked at is which lines open and close blocks, so the cut holds however broken an
//! item is inside. A command that is never closed ends where the next one begins.

use crate::code::Code;
use crate::diagnostic::{Diagnostic, Span};
use crate::fix::Fix;
use crate::habits::{closes_elsewhere, declares_elsewhere, opens_elsewhere, outside_of_commands};
use crate::keyword;
use crate::name::is_command_name;
use crate::scan::{self, LEADING, Line};
use crate::suggest::nearest;

/// How deep blocks may nest. Everything behind the parser may recurse over blocks because of this limit.
pub const MAX_NESTING: usize = 200;

const PIPE: &str = "pipe";

/// Characters that look like a blank and are none.
const LIKE_BLANKS: [char; 4] = ['\u{a0}', '\u{2007}', '\u{202f}', '\u{3000}'];
const GLOBALS: &str = "globals";

/// A file in pieces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// In the order of the file, without overlap.
    pub items: Vec<Item>,
    /// What is wrong outside of them; spans count from the start of the file.
    pub problems: Vec<Diagnostic>,
}

/// A top-level piece of a file: whole lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What it is.
    pub kind: ItemKind,
    /// Which bytes of the file, from the start of its first line.
    pub span: Span,
    /// What is wrong with it; spans count from its own start. An item with an error in here is not
    /// worth parsing.
    pub problems: Vec<Diagnostic>,
}

/// What an item is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ItemKind {
    /// `command NAME … end`. The name as far as the cut can tell.
    Command(Option<String>),
    /// `template NAME … end`.
    Template(Option<String>),
    /// `catch NAME … end`.
    Catch(Option<String>),
    /// `import …`.
    Import,
    /// `bundle`, `requires`, `sandbox` or `hooks`, to its `end`.
    Section,
    /// A single line: a shared binding or a setting of the file.
    Line,
    /// Nothing that belongs to the language.
    Other,
}

/// What the lines of a block are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    /// Configuration, arguments and a `do` block.
    Config,
    /// Lines of an argument.
    Fields,
    /// Lines of `requires`.
    Requirements,
    /// Lines that open nothing.
    Lines,
    /// Statements.
    Statements,
}

/// Cuts a file into items.
#[must_use]
pub fn cut(text: &str) -> Cut {
    let from = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let reading = scan::read(text, from);
    let mut cutter = Cutter { lines: &reading.lines, at: 0, items: Vec::new(), doubts: Doubts::default() };
    while cutter.item() {}
    let mut cut = Cut { items: cutter.items, problems: Vec::new() };
    for quote in reading.forgotten {
        cut.report(unterminated(quote));
    }
    for problem in hidden_characters(text) {
        cut.report(problem);
    }
    cut
}

impl Cut {
    /// Gives a problem of the file to the item that it lies in. One of a kind is enough for each.
    fn report(&mut self, problem: Diagnostic) {
        let known = |problems: &[Diagnostic]| problems.iter().any(|other| other.code == problem.code);
        let after = self.items.partition_point(|item| item.span.start <= problem.span.start);
        match after.checked_sub(1).and_then(|at| self.items.get_mut(at)) {
            Some(item) if problem.span.start < item.span.end => {
                if !known(&item.problems) {
                    item.add(problem);
                }
            }
            _ if known(&self.problems) => {}
            _ => self.problems.push(problem),
        }
    }
}

impl Item {
    /// Adds a problem whose span counts from the start of the file.
    fn add(&mut self, problem: Diagnostic) {
        self.problems.push(problem.within(self.span.start));
    }
}

/// A block that is open.
struct Open<'t> {
    keyword: &'t str,
    span: Span,
    indent: usize,
    holds: Holds,
    /// The first words of its line.
    words: [Option<&'t str>; LEADING],
}

/// What a line opens.
struct Opens<'t> {
    keyword: &'t str,
    holds: Holds,
}

struct Cutter<'l, 't> {
    lines: &'l [Line<'t>],
    at: usize,
    items: Vec<Item>,
    /// What is doubtful in the item before.
    doubts: Doubts<'t>,
}

/// What may be the reason if there is an `end` too many.
#[derive(Default)]
struct Doubts<'t> {
    /// A line that begins like a block, with what it says instead of the keyword.
    misspelt: Option<Misspelt<'t>>,
    /// An `end` that is indented more than what it closes.
    surplus: Option<Span>,
}

struct Misspelt<'t> {
    word: &'t str,
    span: Span,
    help: String,
}

impl<'t> Cutter<'_, 't> {
    /// Cuts off one item; whether there was one.
    fn item(&mut self) -> bool {
        let Some(line) = self.lines.get(self.at) else { return false };
        let [first, second, ..] = line.words;
        let word = first.unwrap_or_default();
        if is_binding(line) || keyword::FILE_SETTINGS.contains(&word) {
            self.push(ItemKind::Line, self.at..self.at + 1, Vec::new());
            return true;
        }
        let name = || second.map(str::to_owned);
        let (kind, holds) = match word {
            "command" => (ItemKind::Command(name()), Holds::Config),
            "template" => (ItemKind::Template(name()), Holds::Config),
            "catch" => (ItemKind::Catch(name()), Holds::Config),
            "requires" => (ItemKind::Section, Holds::Requirements),
            "import" => {
                self.push(ItemKind::Import, self.at..self.at + 1, Vec::new());
                return true;
            }
            GLOBALS => {
                self.globals(line.first);
                return true;
            }
            _ if keyword::SECTIONS.contains(&word) => (ItemKind::Section, Holds::Lines),
            _ => {
                self.stray();
                return true;
            }
        };
        self.block(kind, Opens { keyword: word, holds });
        true
    }

    /// A form of former versions.
    fn globals(&mut self, at: usize) {
        let from = self.at;
        self.block(ItemKind::Other, Opens { keyword: GLOBALS, holds: Holds::Lines });
        let fix = self.without_block(from);
        if let Some(item) = self.items.last_mut() {
            let problem = Diagnostic::new(
                Code::RemovedForm,
                Span::new(at, at + GLOBALS.len()),
                "`globals` blocks do not exist any more",
            );
            let problem = problem.help("write `NAME = value` at the top level, once for each, without a block");
            item.problems.clear();
            item.add(Diagnostic { fix, ..problem });
        }
    }

    /// Takes away the first and the last line of a block of bindings that begins at a line, and how far the others are indented.
    fn without_block(&self, from: usize) -> Option<Fix> {
        let (first, rest) = self.lines.get(from..self.at)?.split_first()?;
        let (last, bindings) = rest.split_last()?;
        if last.words[0] != Some("end") || !bindings.iter().all(is_binding) {
            return None;
        }
        let next = |line: &Line<'_>| (line.end + 1).min(self.items.last().map_or(line.end, |item| item.span.end + 1));
        let fix = Fix::safe("remove the block, and keep its lines").edit(Span::new(first.start, next(first)), "");
        let fix = bindings.iter().fold(fix, |fix, line| fix.edit(Span::new(line.start, line.first), ""));
        Some(fix.edit(Span::new(last.start, last.first + "end".len()), ""))
    }

    fn push(&mut self, kind: ItemKind, lines: std::ops::Range<usize>, problems: Vec<Diagnostic>) {
        self.at = lines.end;
        let lines = self.lines.get(lines).unwrap_or_default();
        let (Some(first), Some(last)) = (lines.first(), lines.last()) else { return };
        let mut item = Item { kind, span: Span::new(first.start, last.end), problems: Vec::new() };
        problems.into_iter().for_each(|problem| item.add(problem));
        self.items.push(item);
    }

    /// Cuts off a block, from its first line to the `end` that closes it or to where the next item begins.
    fn block(&mut self, kind: ItemKind, opens: Opens<'t>) {
        let from = self.at;
        let mut blocks = Blocks::default();
        blocks.open(opens, self.lines, from);
        let mut to = from + 1;
        while let Some(line) = self.lines.get(to) {
            if blocks.is_next_item(line) {
                break;
            }
            self.line(to, &mut blocks);
            to += 1;
            if blocks.open.is_empty() {
                break;
            }
        }
        self.doubts = std::mem::take(&mut blocks.doubts);
        self.push(kind, from..to, blocks.finish());
    }

    /// A line of a block: what it opens or closes.
    fn line(&self, at: usize, blocks: &mut Blocks<'t>) {
        let Some(line) = self.lines.get(at) else { return };
        let word = blocks.keyword(line);
        if word == "end" {
            return blocks.close(line);
        }
        if matches!(word, "do" | "arg") {
            blocks.leave_argument();
        }
        blocks.has_do |= word == "do";
        let holds = blocks.open.last().map_or(Holds::Lines, |open| open.holds);
        let opened = match (holds, word) {
            (Holds::Config, "arg") if !is_closed(line) => Some(Holds::Fields),
            (Holds::Config, "do") => Some(Holds::Statements),
            // The `do` is missing, or an `end` too many closed it: what the block holds is no configuration.
            (Holds::Config, _) if keyword::is_block(word) && !is_binding(line) => {
                blocks.need_do(word, line);
                Some(Holds::Statements)
            }
            (Holds::Requirements, "bin") if self.is_pinned(at) => Some(Holds::Lines),
            (Holds::Statements, _) => return self.statement(at, word, blocks),
            _ => None,
        };
        if let Some(holds) = opened {
            blocks.open(Opens { keyword: word, holds }, self.lines, at);
        }
    }

    fn statement(&self, at: usize, word: &'t str, blocks: &mut Blocks<'t>) {
        let Some(line) = self.lines.get(at) else { return };
        if let Some(problem) = blocks.misplaced_arm(line) {
            return blocks.problems.push(problem);
        }
        let value = statement_word(line);
        let is_pipe = value == Some(PIPE);
        if is_pipe || (keyword::is_block(word) && !is_binding(line)) {
            let keyword = if is_pipe { PIPE } else { word };
            return blocks.open(Opens { keyword, holds: Holds::Statements }, self.lines, at);
        }
        if let Some((word, sign)) = line.words[0].and_then(|word| Some((word, hidden_blank(word)?))) {
            let help =
                format!("U+{:04X} stands in it, which looks like a blank: write a blank in its place", u32::from(sign));
            blocks.doubts.misspelt.get_or_insert(Misspelt { word, span: first_word(line, word), help });
        } else if let Some(word) = value.filter(|word| keyword::reserved(word).is_none()) {
            let near = || nearest(word, keyword::blocks()).filter(|_| self.next_is_deeper(at));
            let near = || near().map(|meant| format!("did you mean `{meant}`?"));
            let help = opens_elsewhere(word).map(str::to_owned).or_else(near);
            let misspelt = help.map(|help| Misspelt { word, span: first_word(line, word), help });
            blocks.doubts.misspelt = blocks.doubts.misspelt.take().or(misspelt);
        }
    }

    /// Whether the lines below a `bin` belong to it.
    fn is_pinned(&self, at: usize) -> bool {
        let next = self.lines.get(at + 1).and_then(|next| next.words[0]);
        next.is_some_and(|word| keyword::PINS.contains(&word))
    }

    fn next_is_deeper(&self, at: usize) -> bool {
        match (self.lines.get(at), self.lines.get(at + 1)) {
            (Some(line), Some(next)) => next.indent() > line.indent(),
            _ => false,
        }
    }

    /// Lines that belong to nothing: up to the next line that can start an item.
    fn stray(&mut self) {
        let from = self.at;
        let indent = self.lines.get(from).map_or(0, Line::indent);
        let more =
            self.lines.iter().skip(from + 1).take_while(|line| line.indent() > indent || !starts_item(line)).count();
        let to = from + 1 + more;
        let name = self.without_keyword(from, to);
        if name.is_none() && self.left_over(from, to) {
            return;
        }
        let problem = self.stray_problem(from, name.is_some());
        let kind = name.map_or(ItemKind::Other, |name| ItemKind::Command(Some(name.to_owned())));
        self.push(kind, from..to, vec![problem]);
    }

    /// The name of the command that lines are whose keyword is missing or misspelt: a word or two, and a `do` below that is
    /// indented more. It is broken, and what calls it is not.
    fn without_keyword(&self, from: usize, to: usize) -> Option<&'t str> {
        let (first, rest) = self.lines.get(from..to)?.split_first()?;
        let name = match first.words {
            [Some(name), None, ..] => name,
            [Some(word), Some(name), None, ..] if nearest(word, ["command"]).is_some() => name,
            _ => return None,
        };
        let is_do = |line: &Line<'_>| line.words[0] == Some("do") && line.words[1].is_none();
        let has_do = rest.iter().any(|line| is_do(line) && line.indent() > first.indent());
        let is_config = keyword::reserved(name).is_some() || name == "arg";
        (has_do && !is_config && is_command_name(name)).then_some(name)
    }

    /// When a block was closed too early, what stands behind it is still its own. One problem says so.
    fn left_over(&mut self, from: usize, to: usize) -> bool {
        let lines = self.lines.get(from..to).unwrap_or_default();
        let end = lines.iter().find(|line| line.words[0] == Some("end"));
        let (Some(end), Some(last), Some(item)) = (end, lines.last(), self.items.last_mut()) else { return false };
        let known_broken = item.problems.iter().any(Diagnostic::is_error);
        if !known_broken && matches!(item.kind, ItemKind::Line | ItemKind::Import | ItemKind::Other) {
            return false;
        }
        item.span.end = last.end;
        if !known_broken {
            item.add(surplus_end(end, &self.doubts));
        }
        self.at = to;
        true
    }

    fn stray_problem(&self, at: usize, is_command: bool) -> Diagnostic {
        let Some(line) = self.lines.get(at) else { return Diagnostic::new(Code::SyntaxError, Span::default(), "") };
        let word = line.words[0].unwrap_or_default();
        let span = Span::new(line.first, if word.is_empty() { line.end } else { line.first + word.len() });
        if word == "end" {
            return Diagnostic::new(Code::StrayEnd, span, "this `end` closes nothing").help("remove it");
        }
        let known =
            keyword::FILE_SETTINGS.into_iter().chain(keyword::CALLABLES).chain(keyword::SECTIONS).chain(["import"]);
        let problem = Diagnostic::new(Code::OutsideCommand, span, "this line stands outside of any command");
        let name = if declares_elsewhere(word) { line.words[1].unwrap_or("NAME") } else { word };
        let name = name.trim_end_matches([':', '(', ')', '{']);
        let is_command = is_command || name != word;
        if let Some(help) = outside_of_commands(&line.words, line.last) {
            return problem.help(help);
        }
        match nearest(word, known) {
            Some(meant) => problem.help(format!("did you mean `{meant}`?")),
            None if is_command => problem.help(format!("write `command {name}` if this is a command")),
            None => problem.help("statements stand between `do` and `end` of a `command NAME`"),
        }
    }
}

/// What is said of the block that is one too many.
pub(crate) fn too_deep(span: Span) -> Diagnostic {
    let message = format!("blocks nest more than {MAX_NESTING} deep here");
    Diagnostic::new(Code::NestedTooDeep, span, message).help("move the inner blocks into a command of their own")
}

/// The blocks that are open in an item.
#[derive(Default)]
struct Blocks<'t> {
    open: Vec<Open<'t>>,
    problems: Vec<Diagnostic>,
    too_deep: bool,
    /// The first block that was closed by an `end` that is indented less.
    doubtful: Option<(&'t str, Span)>,
    /// The first word that closes a block elsewhere.
    foreign_end: Option<(&'t str, Span)>,
    has_do: bool,
    doubts: Doubts<'t>,
}

impl<'t> Blocks<'t> {
    fn open(&mut self, opens: Opens<'t>, lines: &[Line<'t>], at: usize) {
        let Some(line) = lines.get(at) else { return };
        let span = first_word(line, opens.keyword);
        let (indent, words) = (line.indent(), line.words);
        self.open.push(Open { keyword: opens.keyword, span, indent, holds: opens.holds, words });
        if self.open.len() > MAX_NESTING && !self.too_deep {
            self.too_deep = true;
            self.problems.push(too_deep(span));
        }
    }

    /// The word that a line begins with. A keyword with a colon is meant as the keyword.
    fn keyword(&mut self, line: &Line<'t>) -> &'t str {
        let word = line.words[0].unwrap_or_default();
        let span = Span::new(line.first, line.first + word.len());
        let is_keyword = |word: &&str| *word == "do" || keyword::is_block(word) || keyword::arm_of(word).is_some();
        if closes_elsewhere(word) && line.words[1].is_none() {
            self.foreign_end.get_or_insert((word, span));
        }
        let Some(keyword) = word.strip_suffix(':').filter(is_keyword) else { return word };
        let problem = Diagnostic::new(Code::SyntaxError, span, format!("`{keyword}` is written without a colon"));
        self.problems.push(problem.help("remove the `:`; the block goes from the next line to its `end`"));
        keyword
    }

    fn close(&mut self, line: &Line<'t>) {
        let Some(open) = self.open.pop() else { return };
        if open.indent > line.indent() {
            self.doubtful = self.doubtful.or(Some((open.keyword, open.span)));
        } else if open.indent < line.indent() {
            self.doubts.surplus.get_or_insert(Span::new(line.first, line.first + "end".len()));
        }
    }

    /// A block that stands where configuration is has no `do` above it.
    fn need_do(&mut self, word: &str, line: &Line<'t>) {
        if !self.has_do {
            let message = format!("`{word}` stands above any `do`");
            let problem = Diagnostic::new(Code::MissingDo, first_word(line, word), message);
            self.problems
                .push(problem.help("write `do` above the first statement, and an `end` for it below the last"));
            self.has_do = true;
        }
    }

    /// An argument that is open where another part of its command begins was never closed.
    fn leave_argument(&mut self) {
        if let Some(open) = self.open.pop_if(|open| open.holds == Holds::Fields) {
            self.problems.push(unclosed(open.keyword, open.span).help(end_of_argument(open.words)));
        }
    }

    /// Whether this line is an arm of another block than the one that is open here.
    fn misplaced_arm(&self, line: &Line<'t>) -> Option<Diagnostic> {
        let word = line.words[0].filter(|_| !is_binding(line))?;
        let blocks = keyword::arm_of(word)?;
        let open = self.open.last()?;
        let known = keyword::is_block(open.keyword) || open.keyword == "do";
        if !known || blocks.contains(&open.keyword) {
            return None;
        }
        let span = Span::new(line.first, line.first + word.len());
        let message = format!("`{word}` stands outside of `{}`", blocks.join("` or `"));
        let help = match line.last {
            _ if self.doubts.misspelt.is_some() => self.doubts.misspelt.as_ref().map_or("", |one| one.help.as_str()),
            Some("in") if word == "case" => "write `match WORD`, with arms `case WORD` and one `end`",
            _ => "is there an `end` too many above, or one too few?",
        };
        Some(Diagnostic::new(Code::MisplacedKeyword, span, message).help(help))
    }

    /// Whether this line starts the next item although a block is open.
    fn is_next_item(&self, line: &Line<'t>) -> bool {
        let indent = self.open.first().map_or(0, |open| open.indent);
        let callable = line.words[0].is_some_and(|word| keyword::CALLABLES.contains(&word));
        callable && !is_binding(line) && line.indent() <= indent
    }

    fn finish(mut self) -> Vec<Diagnostic> {
        let innermost = self.open.last().map(|open| (open.keyword, open.span));
        self.problems.extend(match (innermost, self.foreign_end) {
            (None, _) => None,
            (Some(_), Some((word, span))) => {
                let problem = Diagnostic::new(Code::UnclosedBlock, span, format!("`{word}` closes nothing"));
                Some(problem.help("write `end`: it closes every block"))
            }
            (innermost, None) => self.doubtful.or(innermost).map(|(keyword, span)| unclosed(keyword, span)),
        });
        self.problems
    }
}

fn unclosed(keyword: &str, span: Span) -> Diagnostic {
    let problem = Diagnostic::new(Code::UnclosedBlock, span, format!("this `{keyword}` is never closed"));
    problem.help(match keyword::CALLABLES.contains(&keyword) {
        true => "close it with a line that holds `end`; its `do` has an `end` of its own",
        false => "close it with a line that holds `end`",
    })
}

/// How an argument is written that begins with these words.
fn end_of_argument([_, name, fields @ ..]: [Option<&str>; LEADING]) -> String {
    let name = name.unwrap_or("NAME");
    let equals = fields.into_iter().flatten().find_map(|word| word.split_once('=')).map(|(field, _)| field);
    let blank =
        equals.map(|field| format!("; its fields are written without `=`: `{field} VALUE`")).unwrap_or_default();
    format!("write `arg {name} type TYPE end` on one line, or close it with a line that holds `end`{blank}")
}

/// The first word of a line, if it is this one, else all of it: a `pipe` may stand behind `NAME =`.
fn first_word(line: &Line<'_>, word: &str) -> Span {
    let is_first = line.words[0].is_some_and(|first| first.trim_end_matches(':') == word);
    Span::new(line.first, if is_first { line.first + word.len() } else { line.end })
}

fn is_binding(line: &Line<'_>) -> bool {
    let [first, second, ..] = line.words;
    let first = first.unwrap_or_default();
    second == Some("=") || first == "let" || crate::name::glued_name(first).is_some()
}

/// The character that looks like a blank between a keyword that opens a block and what stands behind it.
fn hidden_blank(word: &str) -> Option<char> {
    let at = word.find(LIKE_BLANKS)?;
    let (keyword, rest) = word.split_at(at);
    rest.chars().next().filter(|_| keyword::is_block(keyword))
}

/// The word that says what a statement does: behind `NAME =`, if there is that.
fn statement_word<'t>(line: &Line<'t>) -> Option<&'t str> {
    match line.words {
        [Some("let"), _, Some("="), word] | [_, Some("="), word, _] => word,
        [word, ..] => word,
    }
}

fn starts_item(line: &Line<'_>) -> bool {
    let word = line.words[0].unwrap_or_default();
    is_binding(line)
        || matches!(word, "import" | GLOBALS)
        || [&keyword::CALLABLES[..], &keyword::SECTIONS, &keyword::FILE_SETTINGS].concat().contains(&word)
}

/// Whether a line is an argument from its first word to its `end`.
fn is_closed(line: &Line<'_>) -> bool {
    line.words[1].is_some_and(|name| name != "end") && line.last == Some("end")
}

fn surplus_end(line: &Line<'_>, doubts: &Doubts<'_>) -> Diagnostic {
    if let Some(Misspelt { word, span, help }) = &doubts.misspelt {
        let message = format!("`{word}` does not open a block, so there is an `end` too many below it");
        return Diagnostic::new(Code::StrayEnd, *span, message).help(help.clone());
    }
    let last = Span::new(line.first, line.first + "end".len());
    let message = match doubts.surplus {
        Some(_) => "there is an `end` too many: this one is indented as if it closed something else",
        None => "this `end` closes nothing: the block was closed by an earlier one",
    };
    Diagnostic::new(Code::StrayEnd, doubts.surplus.unwrap_or(last), message)
        .help("every `command`, `arg`, `do` and every block of statements has one `end`")
}

fn unterminated(quote: usize) -> Diagnostic {
    Diagnostic::new(Code::UnterminatedString, Span::new(quote, quote + 1), "this quote is never closed")
        .help("close it with the same quote; to write a quote itself, put it between quotes of another kind")
}

/// Characters that make a program look different from what it is.
fn hidden_characters(text: &str) -> impl Iterator<Item = Diagnostic> + '_ {
    // Bytes first: hardly any text holds one of them, and texts may be long.
    let suspect = |byte: u8| byte.is_ascii_control() && !matches!(byte, b'\n' | b'\t') || matches!(byte, 0xD8 | 0xE2);
    let places = text.bytes().enumerate().filter(move |(_, byte)| suspect(*byte)).map(|(at, _)| at);
    places.filter_map(|at| {
        let rest = text.get(at..)?;
        let c = rest.chars().next()?;
        hidden_character(c, rest.starts_with("\r\n"), Span::new(at, at + c.len_utf8()))
    })
}

fn hidden_character(c: char, line_end: bool, span: Span) -> Option<Diagnostic> {
    let number = u32::from(c);
    match c {
        '\0' => Some(Diagnostic::new(Code::NulCharacter, span, "a NUL character stands here").help("remove it")),
        // Every character with the property Bidi_Control.
        '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => {
            let message = format!("U+{number:04X} stands here, which reorders the text around it on screen");
            let problem = Diagnostic::new(Code::BidiCharacter, span, message);
            Some(problem.help(format!("write `\\u{number:04X}` in a double-quoted text")))
        }
        '\r' if line_end => None,
        '\u{B}' | '\u{C}' => None,
        _ if c.is_ascii_control() => {
            let message = format!("U+{number:04X} stands here, which can hide the text around it on screen");
            let problem = Diagnostic::new(Code::ControlCharacter, span, message);
            Some(match c {
                '\r' => problem.help("lines end with LF or with CR LF: save the file that way, or remove it"),
                _ => problem.help(format!("remove it, or write `\\x{number:02X}` in a double-quoted text")),
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every item as `KIND first line: codes`, and the codes outside of them.
    fn shown(text: &str) -> Vec<String> {
        let cut = cut(text);
        let items = cut.items.iter().map(|item| {
            let codes: Vec<_> = item.problems.iter().map(|problem| problem.code.name()).collect();
            let first = text[item.span.range()].lines().next().unwrap_or_default();
            format!("{:?} {}: {}", item.kind, first.trim(), codes.join(" "))
        });
        items.chain(cut.problems.iter().map(|problem| problem.code.name().to_owned())).collect()
    }

    fn only_problem(text: &str) -> (Diagnostic, String) {
        let cut = cut(text);
        let mut all: Vec<_> = cut.problems;
        for item in cut.items {
            all.extend(item.problems.into_iter().map(|problem| problem.shifted(item.span.start)));
        }
        assert_eq!(all.len(), 1, "{all:?}");
        let problem = all.remove(0);
        let place = text[problem.span.range()].to_owned();
        (problem, place)
    }

    #[test]
    fn items_are_whole_lines_without_what_stands_between_them() {
        let text = "\u{feff}#!/usr/bin/perch\nname \"x\"\n\n# about a\ncommand a\n  do\n    if x\n    end\n  end\nend\nv = 1 # v\n";
        assert_eq!(shown(text), ["Line name \"x\": ", "Command(Some(\"a\")) command a: ", "Line v = 1 # v: "]);
        let spans: Vec<_> = cut(text).items.iter().map(|item| &text[item.span.range()]).collect();
        assert_eq!(spans[1], "command a\n  do\n    if x\n    end\n  end\nend");
    }

    #[test]
    fn keywords_in_quotes_comments_and_arguments_open_and_close_nothing() {
        let text =
            "command a\n  do\n    # end\n    print \"\nend\n\" end\n    exec echo if\n    if_x = 1\n  end\nend\n";
        assert_eq!(shown(text), ["Command(Some(\"a\")) command a: "]);
    }

    #[test]
    fn a_command_that_is_not_closed_ends_where_the_next_begins() {
        let text = "command a\n  do\n    if x\n      print y\n  end\nend\ncommand b\n  do\n  end\nend\n";
        assert_eq!(shown(text), ["Command(Some(\"a\")) command a: unclosed-block", "Command(Some(\"b\")) command b: "]);
        let (problem, place) = only_problem(text);
        assert_eq!((problem.message.as_str(), place.as_str()), ("this `if` is never closed", "if"));
    }

    #[test]
    fn indentation_is_layout() {
        let text = "command a\ndo\nbundle install\nif x\nrequires y\nend\nend\nend\n";
        assert_eq!(shown(text), ["Command(Some(\"a\")) command a: "]);
    }

    #[test]
    fn what_stands_behind_an_end_too_many_belongs_to_the_command() {
        let text = "command a\n  do\n    foreach x y\n      print y\n    end\n    print z\n  end\nend\nv = 1\n";
        assert_eq!(shown(text), ["Command(Some(\"a\")) command a: stray-end", "Line v = 1: "]);
        let (problem, place) = only_problem(text);
        assert_eq!((place.as_str(), problem.help.as_deref()), ("foreach", Some("did you mean `for_each`?")));
    }

    #[test]
    fn stray_lines_are_one_item() {
        assert_eq!(shown("end\n"), ["Other end: stray-end"]);
        assert_eq!(shown("print x\nprint y\nv = 1\n"), ["Other print x: outside-command", "Line v = 1: "]);
        assert_eq!(only_problem("comand a\n").0.help.as_deref(), Some("did you mean `command`?"));
    }

    #[test]
    fn an_arm_belongs_to_the_block_around_it() {
        let text = "command a\n  do\n    if x\n      print y\n    end\n    print z\n    else\n  end\nend\n";
        let (problem, place) = only_problem(text);
        assert_eq!((problem.message.as_str(), place.as_str()), ("`else` stands outside of `if` or `match`", "else"));
        assert_eq!(only_problem(&text.replace("else", "rescue e")).0.message, "`rescue` stands outside of `try`");
    }

    #[test]
    fn every_block_is_counted() {
        let text = "import \"x\"\nrequires\n  bin git\nend\ncommand a\n  do\n    parallel\n      if x\n      end\n    end\n    os linux\n    end\n    x = pipe\n      a\n    end\n    os = 1\n  end\nend\n";
        assert_eq!(shown(text), ["Import import \"x\": ", "Section requires: ", "Command(Some(\"a\")) command a: ",]);
    }

    #[test]
    fn templates_and_handlers_are_items_and_end_what_is_open() {
        let text = "command a\n  do\ntemplate t\n  do\ncatch c\n  do\n  end\nend\n";
        assert_eq!(
            shown(text),
            [
                "Command(Some(\"a\")) command a: unclosed-block",
                "Template(Some(\"t\")) template t: unclosed-block",
                "Catch(Some(\"c\")) catch c: ",
            ]
        );
    }

    #[test]
    fn arguments_on_one_line_open_nothing() {
        let text = "command a\n  arg x type string end\n  arg end\n    type int\n  end\n  do\n  end\nend\nv = 1\n";
        assert_eq!(shown(text), ["Command(Some(\"a\")) command a: ", "Line v = 1: "]);
    }

    #[test]
    fn a_program_with_pins_is_a_block() {
        let text = "requires\n  bin a\n  bin b\n\n    hash x\n  end\n  hash y\nend\nv = 1\n";
        assert_eq!(shown(text), ["Section requires: ", "Line v = 1: "]);
    }

    #[test]
    fn a_forgotten_quote_breaks_one_command() {
        let text = "command a\n  do\n    print \"x\n  end\nend\ncommand b\n  do\n    print \"y\"\n  end\nend\n";
        assert_eq!(
            shown(text),
            ["Command(Some(\"a\")) command a: unterminated-string", "Command(Some(\"b\")) command b: "]
        );
    }

    #[test]
    fn hidden_characters_are_errors_also_in_comments() {
        assert_eq!(shown("# \u{202E}\nv = 1\0\n"), ["Line v = 1\0: nul-character", "bidi-character"]);
        assert_eq!(shown("# \u{200F}\n# a\r# b\r\n# \u{1b}[2K\n"), ["bidi-character", "control-character"]);
        assert_eq!(shown("# é ₂ ≤ \u{0629}\t\r\n"), Vec::<String>::new());
    }

    #[test]
    fn deep_nesting_is_an_error() {
        let deep =
            |depth: usize| format!("command a\ndo\n{}{}end\nend\n", "if x\n".repeat(depth), "end\n".repeat(depth));
        assert_eq!(shown(&deep(MAX_NESTING - 2)), ["Command(Some(\"a\")) command a: "]);
        assert_eq!(shown(&deep(100_000)), ["Command(Some(\"a\")) command a: nested-too-deep"]);
    }
}
