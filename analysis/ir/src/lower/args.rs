//! `arg NAME … end`.

use perch_syntax::tree::{self, Setting, Word};
use perch_syntax::{ARG_SETTINGS, Code, Diagnostic, Fix, Span, is_name, nearest, removal, similar_name};

use super::Lowering;
use super::words::shown;
use crate::program::{Absent, Arg, ArgType, Command, Text};

const TYPES: [(&str, ArgType); 4] =
    [("string", ArgType::Text), ("int", ArgType::Int), ("float", ArgType::Float), ("bool", ArgType::Bool)];

/// What the lines of an argument said so far.
#[derive(Default)]
struct Said {
    ty: Option<ArgType>,
    default: Option<(Text, Span)>,
    optional: Option<Span>,
    index: Option<u32>,
    description: Option<String>,
    rest: Option<Span>,
    /// A line was wrong; what is missing because of it is not worth a second error.
    wrong: bool,
}

impl Lowering<'_> {
    pub(super) fn arg(&mut self, tree: &tree::Arg, command: &mut Command) {
        let args = &mut command.args;
        if let Some(before) = args.iter().find(|arg| arg.rest) {
            let message = format!("`{}` takes all further words, so no argument can follow it", before.name);
            let problem = Diagnostic::new(Code::BadRest, tree.head.span, message);
            self.report(problem.help("move it above"));
        }
        let name = self.arg_name(&tree.head, args);
        let wrong = tree.settings.is_empty() && self.is_type_without_word(&tree.head);
        let mut said = Said { wrong, ..Said::default() };
        for setting in &tree.settings {
            let before = self.problems.len();
            self.arg_setting(setting, &mut said);
            said.wrong |= self.problems.len() > before;
        }
        let Some(name) = name else { return };
        let Some(ty) = self.arg_type(&said, &name, tree.head.span) else { return };
        if let Some(index) = said.index
            && let Some(other) = args.iter().find(|arg| arg.index == Some(index))
        {
            let message = format!("`{}` already has index {index}", other.name);
            self.report(
                Diagnostic::new(Code::DuplicateIndex, tree.head.span, message)
                    .help("every index belongs to one argument"),
            );
        }
        let absent = self.absent(&said, ty);
        if let Some(span) = said.rest {
            self.check_rest(&said, ty, span, args);
        }
        let (place, rest) = (self.place(tree.head.span), said.rest.is_some());
        args.push(Arg { name, ty, absent, index: said.index, rest, description: said.description, place });
    }

    fn arg_name(&mut self, head: &tree::Head, args: &[Arg]) -> Option<String> {
        let words = head.words();
        let Some((word, rest)) = words.split_first() else {
            let problem = Diagnostic::new(Code::MissingName, head.keyword, "this argument has no name");
            self.report(problem.help("write `arg NAME`"));
            return None;
        };
        match rest {
            [ty] if known_type(ty.literal().unwrap_or_default()).is_some() => {
                return Some(self.type_without_word(word, ty));
            }
            _ => self.no_words(rest, "arg NAME"),
        }
        let Some(name) = word.bare().filter(|name| is_name(name)) else {
            let written = self.written(word.span);
            let problem = super::file::bad_name(written, word.span);
            let rest = written.strip_suffix("...").or_else(|| written.strip_suffix('…')).filter(|name| is_name(name));
            self.report(match rest {
                Some(name) => {
                    problem.help(format!("write `arg {name}`, and in it `rest`: it then takes all words that are left"))
                }
                None => problem,
            });
            return None;
        };
        if args.iter().any(|arg| arg.name == name) {
            let problem = Diagnostic::new(
                Code::DuplicateArg,
                word.span,
                format!("this command already has an argument `{name}`"),
            );
            self.report(problem.help("give one of them another name"));
        }
        Some(name.to_owned())
    }

    fn arg_setting(&mut self, setting: &Setting, said: &mut Said) {
        let Some((first, rest)) = setting.words.split_first() else { return };
        let name = first.bare().unwrap_or_default();
        let twice = match name {
            "type" => said.ty.is_some(),
            "default" => said.default.is_some(),
            "index" => said.index.is_some(),
            "description" => said.description.is_some(),
            _ => false,
        };
        if twice {
            return self.duplicate_setting(name, setting.span);
        }
        match name {
            "type" => said.ty = self.one_word(name, first.span, rest).and_then(|word| self.named_type(word)),
            "default" => said.default = self.one_word(name, first.span, rest).map(|word| (self.text(word), word.span)),
            "index" => said.index = self.one_word(name, first.span, rest).and_then(|word| self.index(word)),
            "description" => said.description = self.one_word(name, first.span, rest).map(shown),
            "optional" => {
                self.no_words(&rest.iter().collect::<Vec<_>>(), name);
                said.optional = Some(setting.span);
            }
            "rest" => {
                self.no_words(&rest.iter().collect::<Vec<_>>(), name);
                said.rest = Some(setting.span);
            }
            _ => self.not_a_setting_of(first, "argument", &ARG_SETTINGS),
        }
    }

    /// `arg n int end`
    fn is_type_without_word(&self, head: &tree::Head) -> bool {
        matches!(head.words().as_slice(), [_, ty] if known_type(ty.literal().unwrap_or_default()).is_some())
    }

    /// Says so, and gives the name.
    fn type_without_word(&mut self, word: &Word, ty: &Word) -> String {
        let written = self.written(word.span);
        let name = similar_name(written).unwrap_or_else(|| written.to_owned());
        let message = format!("the type of `{name}` is a setting of its own");
        let known = known_type(ty.literal().unwrap_or_default()).unwrap_or_default();
        let help = format!("write `arg {name} type {known} end`, or `type {known}` on the next line");
        self.report(Diagnostic::new(Code::MissingType, word.span.to(ty.span), message).help(help));
        name
    }

    /// `rest` is for words that are counted by their place and that may be missing.
    fn check_rest(&mut self, said: &Said, ty: ArgType, span: Span, others: &[Arg]) {
        let wrong = if ty != ArgType::Text {
            Some(("an argument with `rest` is a list of texts", "write `type string`"))
        } else if said.index.is_none() {
            Some(("an argument with `rest` takes words by their place", "add `index` with the place of the first one"))
        } else if said.default.is_some() {
            Some(("an argument with `rest` has no default: it may be empty", "remove `default`"))
        } else if others.iter().any(|other| other.index > said.index) {
            Some(("an argument with `rest` takes all further words", "give it the greatest `index`"))
        } else {
            None
        };
        if let Some((message, help)) = wrong {
            self.report(Diagnostic::new(Code::BadRest, span, message).help(help));
        }
    }

    fn named_type(&mut self, word: &Word) -> Option<ArgType> {
        let written = word.literal().unwrap_or_default();
        let found = TYPES.iter().find(|(name, _)| *name == written).map(|(_, ty)| *ty);
        if found.is_none() {
            let problem =
                Diagnostic::new(Code::UnknownType, word.span, format!("`{}` is not a type", self.written(word.span)));
            let problem = problem.help("types are: string, int, float, bool");
            let meant = known_type(written).or_else(|| nearest(written, TYPES.map(|(name, _)| name)));
            self.report(problem.meaning(meant));
        }
        found
    }

    fn index(&mut self, word: &Word) -> Option<u32> {
        let index = word.literal().and_then(|text| text.parse().ok());
        if index.is_none() {
            let problem = Diagnostic::new(Code::BadIndex, word.span, "an index is a whole number, counted from 0");
            self.report(problem.help("write `index 0` for the first word"));
        }
        index
    }

    fn arg_type(&mut self, said: &Said, name: &str, span: Span) -> Option<ArgType> {
        if said.ty.is_none() && !said.wrong {
            let problem = Diagnostic::new(Code::MissingType, span, format!("the argument `{name}` has no type"));
            self.report(problem.help("add a line `type string`, `type int`, `type float` or `type bool`"));
        }
        said.ty
    }

    fn absent(&mut self, said: &Said, ty: ArgType) -> Absent {
        match (&said.default, said.optional) {
            (Some(_), Some(span)) => {
                let problem =
                    Diagnostic::new(Code::DefaultAndOptional, span, "an argument with a default is optional already");
                let fix = Fix::safe("remove `optional`").edit(removal(self.text, span), "");
                self.report(problem.help("remove `optional`").fix(fix));
                Absent::Empty
            }
            (None, Some(_)) => Absent::Empty,
            (None, None) if said.rest.is_some() => Absent::Empty,
            (None, None) => Absent::Required,
            (Some((text, span)), None) => {
                self.check_default(text, *span, ty);
                Absent::Default(text.clone())
            }
        }
    }

    /// A default with names in it is checked when it has a value.
    fn check_default(&mut self, default: &Text, span: Span, ty: ArgType) {
        if let Some(text) = default.as_literal()
            && !ty.accepts(text)
        {
            let message = format!("`{text}` is not a value of type {}", ArgType::name(ty));
            self.report(Diagnostic::new(Code::BadDefault, span, message).help("change the default or the type"));
        }
    }
}

/// The type that is called so here or elsewhere.
fn known_type(name: &str) -> Option<&'static str> {
    match name {
        "string" | "str" | "text" | "path" | "file" => Some("string"),
        "int" | "integer" | "number" => Some("int"),
        "float" | "double" | "decimal" => Some("float"),
        "bool" | "boolean" | "flag" => Some("bool"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::program::ArgType;

    #[test]
    fn what_types_accept() {
        let accepted = |ty: ArgType| {
            ["", "0", "-12", "1.5", "-0.5", "1.", ".5", "-", "1e3", "true", "x"]
                .into_iter()
                .filter(|text| ty.accepts(text))
                .collect::<Vec<_>>()
        };
        assert_eq!(accepted(ArgType::Int), ["0", "-12"]);
        assert_eq!(accepted(ArgType::Float), ["0", "-12", "1.5", "-0.5"]);
        assert_eq!(accepted(ArgType::Bool), ["true"]);
        assert_eq!(accepted(ArgType::Text).len(), 11);
    }
}
