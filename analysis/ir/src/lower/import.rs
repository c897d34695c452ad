//! `import PATH [as ALIAS]`.

use perch_syntax::tree::{Head, Item};
use perch_syntax::{Code, Diagnostic, Span, is_command_name};

use super::{Lowering, Names, OpsOnly};
use crate::program::Text;

/// What a line that imports says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportLine {
    /// The path as written, by which whoever loads files hands in what it means.
    pub written: String,
    /// The path. Its names are those of language §12.2.
    pub path: Text,
    /// What stands before the names of its commands.
    pub alias: Option<String>,
    /// The line, in the item's text.
    pub span: Span,
}

/// Lowers a line that imports. Spans count from the start of its text.
pub(crate) fn import(text: &str) -> (Option<ImportLine>, Vec<Diagnostic>) {
    let (item, problems) = perch_syntax::parse(text);
    let mut lowering = Lowering::new(text, Names { scope: &OpsOnly, internal: false }, problems);
    let line = match &item {
        Some(Item::Import(head)) => lowering.import(head),
        _ => None,
    };
    lowering.finish(line)
}

impl Lowering<'_> {
    fn import(&mut self, head: &Head) -> Option<ImportLine> {
        let words = head.words();
        let (path, alias) = match words.as_slice() {
            [path] => (*path, None),
            [path, keyword, alias] if keyword.bare() == Some("as") => (*path, Some(*alias)),
            _ => {
                let problem = Diagnostic::new(Code::BadImport, head.span, "an import is a path, perhaps with a name");
                self.report(problem.help("write `import PATH` or `import PATH as NAME`"));
                return None;
            }
        };
        let alias = match alias.map(|word| (word, word.bare())) {
            None => None,
            Some((_, Some(name))) if is_command_name(name) => Some(name.to_owned()),
            Some((word, _)) => {
                self.report(super::file::bad_name(self.written(word.span), word.span));
                return None;
            }
        };
        let text = self.text(path);
        Some(ImportLine { written: self.written(path.span).to_owned(), path: text, alias, span: head.span })
    }
}
