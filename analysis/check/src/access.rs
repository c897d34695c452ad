//! What of the host a statement wants, as far as it is written out: programs, variables, hosts, paths.

use std::collections::{HashMap, HashSet};

use perch_ir::construct::Section;
use perch_ir::deeds::{Deed, Use, Word, deeds, text};
use perch_ir::places::Places;
use perch_ir::whole::Declared;
use perch_ir::{Operand, Part, Place, Shared, Stmt, Text};
use perch_ops::{Entry, On, Touch, Type};
use perch_syntax::Span;

use crate::program::{Kind, Program, is_variable};
use crate::site::{Site, host_of_url};
use crate::view::View;

/// One thing that is wanted.
pub(crate) struct Access<'db> {
    pub(crate) what: What,
    /// The op that wants it; nothing if a text reads a variable.
    pub(crate) by: Option<&'static Entry>,
    /// The line that wants it.
    at: Place,
    /// How it is written, to point at it.
    word: Written<'db>,
}

/// What names mean where something is wanted.
struct Ground<'g, 'db> {
    at: Place,
    /// Whether a name is none of a variable of the host.
    is_bound: &'g dyn Fn(&str) -> bool,
    /// The characters of a word, where they are written out.
    text_of: &'g dyn Fn(Word<'db>) -> Option<String>,
    /// Those that a name stands for.
    value_of: &'g dyn Fn(&str) -> Option<String>,
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
    let ground = Ground {
        at: stmt.place,
        is_bound: &|name| view.body.binds(name) || is_bound_around(view, name),
        text_of: &|word| view.text_of(word, stmt.place),
        value_of: &|name| view.constant(name, stmt.place).map(|constant| constant.text.to_owned()),
    };
    deeds(stmt, &mut |deed| of_deed(&ground, &deed, see));
}

/// Shows what the lines before `do` want. Each sees what those before it have bound.
pub(crate) fn before_do<'db>(view: &View<'_, 'db>, see: &mut impl FnMut(Access<'db>)) {
    let command = view.body.command;
    let mut bound: HashSet<&str> = HashSet::new();
    // The word that a `catch` is for.
    bound.extend((view.body.kind == Kind::Catch).then_some(command.name.as_str()));
    for line in perch_ir::deeds::before_do(command) {
        let ground = Ground {
            at: line.place,
            is_bound: &|name| bound.contains(name) || view.body.binds_extra(name) || is_bound_around(view, name),
            text_of: &|word| view.text_of(word, line.place),
            value_of: &|_| None,
        };
        line.deeds.iter().for_each(|deed| of_deed(&ground, deed, see));
        bound.extend(line.binds);
    }
}

/// Shows what stands outside of bodies wants: shared bindings, and lines of `requires`. No shared binding sees itself.
pub(crate) fn outside_bodies<'db>(program: &Program<'db>, see: &mut impl FnMut(Declared<'db>, Access<'db>)) {
    let mut times: HashMap<&str, usize> = HashMap::new();
    program.shared.iter().for_each(|(_, shared)| *times.entry(&shared.name).or_default() += 1);
    let binds = |name: &str, own: Option<&Shared>| {
        let by_itself = usize::from(own.is_some_and(|own| own.name == name));
        times.get(name).is_some_and(|times| *times > by_itself)
    };
    let mut line = |of: Declared<'db>, at: Place, words: &mut dyn Iterator<Item = &'db Text>, own: Option<&Shared>| {
        let ground = Ground {
            at,
            is_bound: &|name| binds(name, own) || program.is_bound_everywhere(name),
            text_of: &|word| word.literal().map(str::to_owned),
            value_of: &|_| None,
        };
        let mut see = |access| see(of, access);
        words.for_each(|word| text(word, &mut |deed| of_deed(&ground, &deed, &mut see)));
    };
    for (at, shared) in &program.shared {
        line(*at, shared.place, &mut std::iter::once(&shared.value), Some(shared));
    }
    for (at, section) in &program.sections {
        let Section::Requires(lines) = section else { continue };
        for one in lines {
            let words = one.words.iter().filter_map(|word| match word {
                Operand::Text(word) => Some(word),
                Operand::Name(_) => None,
            });
            line(*at, one.place, &mut { words }, None);
        }
    }
}

fn of_deed<'db>(ground: &Ground<'_, 'db>, deed: &Deed<'db>, see: &mut impl FnMut(Access<'db>)) {
    match deed {
        Deed::Reads(name) if is_variable(name) && !name.starts_with(' ') && !(ground.is_bound)(name) => {
            let what = What::Variable(Some((*name).to_owned()));
            see(Access { what, by: None, at: ground.at, word: Written::Name(name) });
        }
        Deed::Uses(used) => of_use(ground, used, see),
        _ => {}
    }
}

/// Whether a name means something in a body, whatever that binds itself.
fn is_bound_around(view: &View<'_, '_>, name: &str) -> bool {
    view.program.is_bound_for(view.body, name) || view.program.spread.inherits(view.number, name)
}

fn of_use<'db>(ground: &Ground<'_, 'db>, used: &Use<'db>, see: &mut impl FnMut(Access<'db>)) {
    for touch in used.entry.touches {
        let Some(on) = touch.on() else { continue };
        let word = match on {
            On::Arg(at) => match used.words.get(at) {
                Some(word) => Some((at, *word)),
                None => continue,
            },
            On::Of(_) => None,
        };
        for what in wanted(ground, used, *touch, word) {
            let word = match word {
                Some((_, Word::Text(text))) => Written::Text(text),
                Some((_, Word::Name(name))) => Written::Name(name),
                None => Written::Line,
            };
            see(Access { what, by: Some(used.entry), at: ground.at, word });
        }
    }
}

fn wanted<'db>(ground: &Ground<'_, 'db>, used: &Use<'db>, touch: Touch, word: Option<(usize, Word<'db>)>) -> Vec<What> {
    let text = || word.and_then(|(_, word)| (ground.text_of)(word));
    match (touch, word) {
        (Touch::Net(_), None) => vec![What::Network],
        (Touch::Net(_), Some((at, word))) => vec![What::Host(host(ground, used, at, word))],
        (Touch::Start(_), Some(_)) => vec![What::Program(text())],
        (Touch::Shell(_), Some((_, word))) => match (ground.text_of)(word) {
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
            vec![path(ground, used, word, at, matches!(touch, Touch::Write(_)))]
        }
        _ => Vec::new(),
    }
}

fn path<'db>(ground: &Ground<'_, 'db>, used: &Use<'db>, word: Word<'db>, at: usize, writes: bool) -> What {
    let whole = (ground.text_of)(word);
    let site = match word {
        Word::Text(text) => Site::of(text, |name| (ground.value_of)(name)),
        Word::Name(_) => whole.as_deref().map(Site::written),
    };
    let is_pattern = used.entry.operand(at).is_some_and(|operand| operand.name == "pattern");
    let shown = whole.unwrap_or_default();
    let site = if is_pattern && shown.contains(['*', '?', '[', '{']) { None } else { site };
    What::Path { shown, site, writes }
}

fn host<'db>(ground: &Ground<'_, 'db>, used: &Use<'db>, at: usize, word: Word<'db>) -> Option<String> {
    let whole = (ground.text_of)(word);
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
    pub(crate) fn span(&self, places: &Places<'_>) -> Span {
        match self.word {
            Written::Line => places.at(self.at).span,
            Written::Name(name) => places.naming(self.at, name),
            Written::Text(text) => {
                match text.parts.iter().find_map(|part| if let Part::Name(name) = part { Some(name) } else { None }) {
                    Some(name) => places.naming(self.at, name),
                    None => {
                        let written = text.as_literal().unwrap_or_default();
                        let line = self.by.map(|entry| entry.name).filter(|_| self.by.is_some_and(Entry::is_keyword));
                        let inner = line.and_then(|line| places.inner(self.at, line, written));
                        inner.unwrap_or_else(|| places.writing(self.at, written))
                    }
                }
            }
        }
    }
}
