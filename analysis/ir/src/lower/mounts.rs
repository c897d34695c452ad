//! What a module will find where its words say: language §20. A directory is mounted beneath `/ro` or `/rw` under its last name, and nothing
//! else of the host is there, so a word that names another place is a mistake that only shows when the module runs.

use perch_ops::Type;
use perch_syntax::tree::{Block, Clause, Line, Part, StatementKind, Word};
use perch_syntax::{Code, Diagnostic};

use super::Lowering;

/// The line of a module's arguments.
const ARGUMENT: &str = "wasm_arg";

/// Lines that mount, and where.
const MOUNTS: [(&str, &str); 2] = [("wasm_mount_read", "/ro/"), ("wasm_mount_write", "/rw/")];

/// The variable of the environment that is a directory everywhere.
const HOME: &str = "HOME";

impl Lowering<'_> {
    /// A module is a file: nothing is fetched.
    pub(super) fn check_module_place(&mut self, word: &Word) -> Option<()> {
        let is_address = matches!(word.parts.first(), Some(Part::Text(text)) if text.contains("://"));
        if is_address {
            let problem = Diagnostic::new(Code::ModuleFromUrl, word.span, "a module is a file, and nothing is fetched");
            self.report(problem.help("write `download URL ./module.wasm` above, and `wasm_run ./module.wasm`"));
        }
        (!is_address).then_some(())
    }

    /// `wasm_mount_read ./src at:/data`: where a mount is cannot be chosen.
    pub(super) fn check_mount(&mut self, line: &str, words: &[Word]) -> Option<()> {
        let (_, root) = MOUNTS.into_iter().find(|(name, _)| *name == line).unwrap_or_default();
        let at = words.iter().find(|word| ["at:", "at="].iter().any(|at| self.written(word.span).starts_with(at)));
        let Some(at) = at.filter(|_| !root.is_empty()) else { return Some(()) };
        let problem = Diagnostic::new(Code::MountPoint, at.span, "where a directory is mounted cannot be chosen");
        self.report(problem.help(format!("the module finds it at `{root}NAME`, where NAME is its last name")));
        None
    }

    /// Warns about arguments that name something which is not mounted.
    pub(super) fn check_mounted(&mut self, block: &Block) {
        for argument in words_of(block, ARGUMENT) {
            if let [Part::Name(name), Part::Text(rest), ..] = argument.parts.as_slice()
                && self.local(name) == *name
                && is_place(name)
                && rest.starts_with('/')
            {
                let message = format!("the module cannot see `{}`: it is a path of the host", shown(argument));
                let problem = Diagnostic::new(Code::HostPath, argument.span, message);
                self.report(problem.help("mount the directory; the module finds it at `/ro/NAME` or `/rw/NAME`"));
            }
            for (line, root) in MOUNTS {
                self.check_argument(block, argument, line, root);
            }
        }
    }

    fn check_argument(&mut self, block: &Block, argument: &Word, line: &str, root: &str) {
        let Some(name) = mount_named(argument, root) else { return };
        // The last name of what is not written out is not known here.
        let Some(mounted) = words_of(block, line).map(last_name).collect::<Option<Vec<_>>>() else { return };
        if mounted.contains(&name) {
            return;
        }
        let message = format!("nothing is mounted at `{root}{name}`");
        let problem = Diagnostic::new(Code::NotMounted, argument.span, message);
        self.report(problem.help(match mounted.first() {
            Some(_) => format!(
                "mounted are: {}",
                mounted.iter().map(|name| format!("{root}{name}")).collect::<Vec<_>>().join(", ")
            ),
            None => format!("write `{line} PATH` for a path that ends in `{name}`"),
        }));
    }
}

/// Whether every host binds a path to that name.
fn is_place(name: &str) -> bool {
    name == HOME || perch_ops::FACTS.iter().any(|fact| fact.name == name && fact.ty == Type::Path)
}

fn words_of<'b>(block: &'b Block, line: &str) -> impl Iterator<Item = &'b Word> {
    let clauses = block.body.iter().filter_map(|statement| match &statement.kind {
        StatementKind::Line(Line { clauses, .. }) => clauses.first(),
        _ => None,
    });
    let words = clauses.filter_map(|Clause { words, .. }| words.split_first());
    words.filter(move |(first, _)| first.bare() == Some(line)).flat_map(|(_, rest)| rest)
}

/// The name of the mount that an argument is beneath: `src` of `/ro/src/a`, if it is written out.
fn mount_named<'w>(argument: &'w Word, root: &str) -> Option<&'w str> {
    let Some(Part::Text(first)) = argument.parts.first() else { return None };
    match first.strip_prefix(root)?.split_once('/') {
        Some((name, _)) => Some(name),
        None if argument.parts.len() == 1 => first.strip_prefix(root),
        None => None,
    }
    .filter(|name| !name.is_empty())
}

/// The name under which a path is mounted, if it is written out.
fn last_name(path: &Word) -> Option<&str> {
    let Some(Part::Text(last)) = path.parts.last() else { return None };
    let last = last.trim_end_matches('/');
    let name = match last.rsplit_once('/') {
        Some((_, name)) => name,
        None if path.parts.len() == 1 => last,
        None => return None,
    };
    (!matches!(name, "" | "." | "..")).then_some(name)
}

fn shown(word: &Word) -> String {
    let part = |part: &Part| match part {
        Part::Text(text) => text.clone(),
        Part::Name(name) => format!("${{{name}}}"),
        Part::Splice(_) | Part::Call(_) => "…".to_owned(),
    };
    word.parts.iter().map(part).collect()
}
