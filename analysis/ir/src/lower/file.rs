//! Lines at the top level: shared bindings, and what the file says about itself.

use perch_syntax::tree::{Assignment, Item, Setting, Value};
use perch_syntax::{Code, Diagnostic, FILE_SETTINGS, Span, glued_name, is_name, nearest, similar_name};

use super::words::shown;
use super::{Lowering, Names, OpsOnly};
use crate::program::Shared;

/// What a top-level line means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileLine {
    /// A shared binding.
    Shared(Shared),
    /// `name`, `about` or `version`, and its text.
    Setting(String, String),
}

/// Lowers a top-level line. Spans and places count from the start of its text.
pub(crate) fn file_line(text: &str) -> (Option<FileLine>, Vec<Diagnostic>) {
    let (item, problems) = perch_syntax::parse(text);
    let mut lowering = Lowering::new(text, Names { scope: &OpsOnly, internal: false }, problems);
    let line = match &item {
        Some(Item::Assignment(assignment)) => lowering.shared(assignment).map(FileLine::Shared),
        Some(Item::Setting(setting)) => lowering.file_setting(setting),
        _ => None,
    };
    lowering.finish(line)
}

impl Lowering<'_> {
    fn shared(&mut self, assignment: &Assignment) -> Option<Shared> {
        let name = self.bound_name(&assignment.name)?;
        let clauses = match &assignment.value {
            Some(Value::Line(line)) => line.clauses.as_slice(),
            Some(Value::Pipe(_)) | None => &[],
        };
        let words = match clauses {
            [clause] if clause.variables.is_empty() => clause.words.as_slice(),
            _ => &[],
        };
        let [word] = words else {
            let problem = Diagnostic::new(Code::BadSharedBinding, assignment.span, "a shared binding is one text");
            self.report(problem.help(format!("write `{name} = \"…\"`; what has to be run belongs into a command")));
            return None;
        };
        let (place, source) = (self.place(assignment.span), self.source(assignment.span));
        let value = self.text(word);
        Some(Shared { name, value, place, file: 0, scope: 0, source })
    }

    fn file_setting(&mut self, setting: &Setting) -> Option<FileLine> {
        let (first, rest) = setting.words.split_first()?;
        let name = first.bare().unwrap_or_default();
        if glued_name(self.written(first.span)).is_some() {
            self.glued_assignment(first.span, rest);
            return None;
        }
        if !FILE_SETTINGS.contains(&name) {
            let problem = Diagnostic::new(Code::UnknownSetting, first.span, format!("`{name}` means nothing here"));
            self.report(problem.meaning(nearest(name, FILE_SETTINGS)));
            return None;
        }
        let value = self.one_word(name, first.span, rest)?;
        Some(FileLine::Setting(name.to_owned(), shown(value)))
    }

    /// The name that is bound by `NAME = …`.
    pub(super) fn bound_name(&mut self, word: &perch_syntax::tree::Word) -> Option<String> {
        match word.bare() {
            Some(name) if is_name(name) => {
                self.bound.insert(name.to_owned());
                Some(self.local(name))
            }
            _ => {
                self.report(bad_name(self.written(word.span), word.span));
                None
            }
        }
    }
}

/// Says that something is not a name that one may bind.
pub(super) fn bad_name(written: &str, span: Span) -> Diagnostic {
    let problem = Diagnostic::new(Code::BadName, span, format!("`{written}` is not a name that can be bound"));
    let rule = "a name starts with a letter or `_` and goes on with letters, digits and `_`";
    problem.help(match similar_name(written) {
        Some(name) => format!("write `{name}`: {rule}"),
        None => rule.to_owned(),
    })
}
