//! `command NAME … end`.

use perch_syntax::tree::{self, Member, Setting, Statement, Word};
use perch_syntax::{COMMAND_SETTINGS, Diagnostic, Span, Where, is_command_name, nearest, reserved, unavailable};

use super::{Lowering, shown};
use crate::program::{Command, Stmt};

impl Lowering<'_> {
    /// Everything is looked at, also after an error, so that one attempt shows all of them.
    pub(super) fn command(&mut self, tree: &tree::Command) -> Option<Command> {
        let name = self.command_name(&tree.head);
        let mut command = Command {
            name: name.unwrap_or_default(),
            description: None,
            private: false,
            args: Vec::new(),
            body: Vec::new(),
            place: self.place(tree.head.span),
        };
        let mut body: Option<Span> = None;
        for member in &tree.members {
            match member {
                Member::Setting(setting) if body.is_some() => self.after_do(setting.span),
                Member::Arg(arg) if body.is_some() => self.after_do(arg.head.span),
                Member::Setting(setting) => self.command_setting(setting, &mut command),
                Member::Arg(arg) => self.arg(arg, &mut command.args),
                Member::Do(head, _) if body.is_some() => self.second_do(head.span),
                Member::Do(head, statements) => {
                    body = Some(head.span);
                    command.body = self.do_block(head, statements);
                }
            }
        }
        if body.is_none() {
            let problem = Diagnostic::error("missing-do", tree.head.span, "this command has no `do` block");
            self.report(problem.help("put its statements between `do` and `end`"));
        }
        Some(command)
    }

    fn command_name(&mut self, head: &tree::Head) -> Option<String> {
        let words = head.words();
        let (word, rest) = match words.split_first() {
            Some((word, rest)) => (*word, rest),
            None => {
                let problem = Diagnostic::error("missing-name", head.keyword, "this command has no name");
                self.report(problem.help("write `command NAME`"));
                return None;
            }
        };
        self.no_words(rest, "command NAME");
        match word.bare() {
            Some(name) if is_command_name(name) => {
                self.warn_if_unreachable(name, word.span);
                Some(name.to_owned())
            }
            _ => {
                let message = format!("`{}` cannot name a command", self.written(word.span));
                let help = "a name starts with a letter or `_` and goes on with letters, digits, `_` and inner dashes";
                self.report(Diagnostic::error("bad-name", word.span, message).help(help));
                None
            }
        }
    }

    /// Keywords and ops go before commands, so a command of such a name cannot be called from bodies.
    fn warn_if_unreachable(&mut self, name: &str, span: Span) {
        if !self.names.internal && (reserved(name).is_some() || self.names.op(name).is_some()) {
            let message = format!("bodies cannot call this command: there `{name}` means something else");
            self.report(Diagnostic::warning("shadowed-command", span, message).help("give it another name"));
        }
    }

    fn do_block(&mut self, head: &tree::Head, statements: &[Statement]) -> Vec<Stmt> {
        self.no_words(&head.words(), "do");
        self.body(statements)
    }

    fn after_do(&mut self, span: Span) {
        let problem = Diagnostic::error("config-after-do", span, "configuration stands before `do`");
        self.report(problem.help("move this line above `do`; statements stand between `do` and its `end`"));
    }

    fn second_do(&mut self, span: Span) {
        let problem = Diagnostic::error("second-do", span, "a command has one `do` block");
        self.report(problem.help("move these statements into the first one"));
    }

    fn command_setting(&mut self, setting: &Setting, command: &mut Command) {
        let Some((first, rest)) = setting.words.split_first() else { return };
        let name = first.bare().unwrap_or_default();
        match name {
            "description" => {
                if command.description.is_some() {
                    self.duplicate_setting(name, setting.span);
                }
                command.description = self.one_word(name, first.span, rest).map(shown);
            }
            "private" => {
                self.no_words(&rest.iter().collect::<Vec<_>>(), name);
                command.private = true;
            }
            _ => self.unknown_setting(first, Where::Command, "command", &COMMAND_SETTINGS, &["arg", "do"]),
        }
    }

    /// Says that a line is no setting of a command or argument.
    pub(super) fn unknown_setting(&mut self, word: &Word, at: Where, of: &str, known: &[&str], blocks: &[&str]) {
        let name = word.bare().unwrap_or_default();
        if let Some(problem) = unavailable(name, at, word.span) {
            return self.report(problem);
        }
        let is_statement = self.names.op(name).is_some() || reserved(name).is_some() || self.names.is_command(name);
        let problem = Diagnostic::error(
            "unknown-setting",
            word.span,
            format!("`{}` is not a setting of a {of}", self.written(word.span)),
        );
        let meant = nearest(name, known.iter().chain(blocks).copied());
        self.report(match meant {
            Some(_) => problem.did_you_mean(meant),
            None if is_statement => problem.help("statements stand between `do` and `end`"),
            None => problem
                .help(format!("settings are: {}", known.iter().chain(blocks).copied().collect::<Vec<_>>().join(", "))),
        });
    }

    pub(super) fn duplicate_setting(&mut self, name: &str, span: Span) {
        let message = format!("`{name}` is given twice");
        self.report(Diagnostic::error("duplicate-setting", span, message).help("keep one of them"));
    }

    /// The one word that a setting takes.
    pub(super) fn one_word<'w>(&mut self, setting: &str, place: Span, words: &'w [Word]) -> Option<&'w Word> {
        if let [word] = words {
            return Some(word);
        }
        let span = words.iter().fold(place, |span, word| span.to(word.span));
        let problem = Diagnostic::error("bad-setting", span, format!("`{setting}` takes one text"));
        self.report(problem.help(format!("write `{setting} \"…\"`")));
        None
    }
}
