//! What of the host a statement wants, as far as it is written out: programs, variables, hosts, paths.

use perch_ir::deeds::{Deed, Use, Word, deeds};
use perch_ir::{Part, Stmt};
use perch_ops::{Entry, On, Touch, Type};
use perch_syntax::Span;

use crate::program::is_variable;
use crate::site::{Site, host_of_url};
use crate::view::View;

/// One thing that is wanted.
pub(crate) struct Access<'db> {
    pub(crate) what: What,
    /// The op that wants it; nothing if a text reads a variable.
    pub(crate) by: Option<&'static Entry>,
    /// How it is written, to point at it.
    word: Written<'db>,
}

/// What is wanted. `None` stands for something that is not written out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Program(Option<String>),
    Variable(Option<String>),
    Host(Option<String>),
    /// The network, and no host that a program could name.
    Network,
    Path {
        shown: String,
        site: Option<Site>,
        writes: bool,
    },
}

/// The op that leaves the working directory for good.
const CD: &str = "cd";

#[derive(Clone, Copy)]
enum Written<'db> {
    Name(&'db str),
    Text(&'db perch_ir::Text),
    Line,
}

/// Lines of modules whose word is a list.
const LISTS: [&str; 1] = ["wasm_env"];

/// Shows what a statement wants by itself.
pub(crate) fn accesses<'db>(view: &View<'_, 'db>, stmt: &'db Stmt, see: &mut impl FnMut(Access<'db>)) {
    deeds(stmt, &mut |deed| match deed {
        Deed::Reads(name) if is_read_from_host(view, name) => {
            see(Access { what: What::Variable(Some(name.to_owned())), by: None, word: Written::Name(name) });
        }
        Deed::Uses(used) => of_use(view, stmt, &used, see),
        _ => {}
    });
}

/// Whether a name that is read can only be a variable of the host.
fn is_read_from_host(view: &View<'_, '_>, name: &str) -> bool {
    let program = view.program;
    is_variable(name)
        && !name.starts_with(' ')
        && !view.body.binds(name)
        && !program.is_bound_for(view.body, name)
        && !program.spread.inherits(view.number, name)
}

fn of_use<'db>(view: &View<'_, 'db>, stmt: &'db Stmt, used: &Use<'db>, see: &mut impl FnMut(Access<'db>)) {
    for touch in used.entry.touches {
        let Some(on) = touch.on() else { continue };
        let word = match on {
            On::Arg(at) => match used.words.get(at) {
                Some(word) => Some((at, *word)),
                None => continue,
            },
            On::Of(_) => None,
        };
        for what in wanted(view, stmt, used, *touch, word) {
            let word = match word {
                Some((_, Word::Text(text))) => Written::Text(text),
                Some((_, Word::Name(name))) => Written::Name(name),
                None => Written::Line,
            };
            see(Access { what, by: Some(used.entry), word });
        }
    }
}

fn wanted<'db>(
    view: &View<'_, 'db>,
    stmt: &Stmt,
    used: &Use<'db>,
    touch: Touch,
    word: Option<(usize, Word<'db>)>,
) -> Vec<What> {
    let text = || word.and_then(|(_, word)| view.text_of(word, stmt));
    match (touch, word) {
        (Touch::Net(_), None) => vec![What::Network],
        (Touch::Net(_), Some((at, word))) => vec![What::Host(host(view, stmt, used, at, word))],
        (Touch::Start(_), Some(_)) => vec![What::Program(text())],
        (Touch::Shell(_), Some((_, word))) => match view.text_of(word, stmt) {
            Some(line) => {
                perch_ir::first_command(&line).map(|name| What::Program(Some(name.to_owned()))).into_iter().collect()
            }
            None => vec![What::Program(beginning(word).and_then(|start| first_of(&start)))],
        },
        (Touch::ReadEnv(_), Some(_)) => match text() {
            Some(names) if LISTS.contains(&used.entry.name) => {
                names.split(',').map(|name| What::Variable(Some(name.trim().to_owned()))).collect()
            }
            name => vec![What::Variable(name)],
        },
        (Touch::Look(_) | Touch::Read(_) | Touch::Write(_), Some((at, word))) => {
            vec![path(view, stmt, used, word, at, matches!(touch, Touch::Write(_)))]
        }
        _ => Vec::new(),
    }
}

fn path<'db>(view: &View<'_, 'db>, stmt: &Stmt, used: &Use<'db>, word: Word<'db>, at: usize, writes: bool) -> What {
    let whole = view.text_of(word, stmt);
    let site = match word {
        Word::Text(text) => Site::of(text, |name| view.constant(name, stmt).map(|constant| constant.text.to_owned())),
        Word::Name(_) => whole.as_deref().map(Site::written),
    };
    let is_pattern = used.entry.operand(at).is_some_and(|operand| operand.name == "pattern");
    let shown = whole.unwrap_or_default();
    let site = if is_pattern && shown.contains(['*', '?', '[', '{']) { None } else { site };
    What::Path { shown, site, writes }
}

fn host<'db>(view: &View<'_, 'db>, stmt: &Stmt, used: &Use<'db>, at: usize, word: Word<'db>) -> Option<String> {
    let whole = view.text_of(word, stmt);
    match used.entry.operand(at)?.ty {
        Type::Url => {
            let is_whole = whole.is_some();
            host_of_url(&whole.or_else(|| beginning(word))?, !is_whole)
        }
        _ => whole.map(|host| host.to_lowercase()),
    }
}

/// The characters with which a text begins.
fn beginning(word: Word<'_>) -> Option<String> {
    match word {
        Word::Text(text) => match text.parts.first()? {
            Part::Literal(start) => Some(start.clone()),
            _ => None,
        },
        Word::Name(_) => None,
    }
}

/// The program that a command line of which only the start is known starts first.
fn first_of(start: &str) -> Option<String> {
    let name = perch_ir::first_command(start)?;
    let behind = start.get(start.find(name)? + name.len()..)?;
    (!behind.is_empty()).then(|| name.to_owned())
}

/// Whether what follows runs in another directory.
pub(crate) fn changes_directory(stmt: &Stmt) -> bool {
    let mut changes = false;
    deeds(stmt, &mut |deed| {
        if let Deed::Uses(used) = deed {
            changes |= used.entry.name == CD || used.entry.op() == perch_ops::enter_directory();
        }
    });
    changes
}

impl Access<'_> {
    /// Where it is written.
    pub(crate) fn span(&self, view: &View<'_, '_>, stmt: &Stmt) -> Span {
        match self.word {
            Written::Line => view.places.statement(stmt),
            Written::Name(name) => view.places.naming(stmt, name),
            Written::Text(text) => {
                match text.parts.iter().find_map(|part| if let Part::Name(name) = part { Some(name) } else { None }) {
                    Some(name) => view.places.naming(stmt, name),
                    None => {
                        let written = text.as_literal().unwrap_or_default();
                        let line = self.by.map(|entry| entry.name).filter(|_| self.by.is_some_and(Entry::is_keyword));
                        let inner = line.and_then(|line| view.places.inner(stmt, line, written));
                        inner.unwrap_or_else(|| view.places.writing(stmt, written))
                    }
                }
            }
        }
    }
}
