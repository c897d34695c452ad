//! `command NAME … end`, and what it shares with `template` and `catch`.

use perch_syntax::tree::{self, Member, Setting, Statement, Word};
use perch_syntax::{Code, Diagnostic, Fix, Span, is_command_name, removal, reserved, similar_name};

use super::Lowering;
use super::config::resembles_setting;
use super::habits::curly;
use crate::construct::Config;
use crate::program::{Command, PROXY_ARGS, Stmt};

/// How many arguments a command may have. Each is compared with those before it.
const MAX_ARGS: usize = 1000;

impl Lowering<'_> {
    pub(super) fn command(&mut self, tree: &tree::Command) -> Option<Command> {
        let mut command = self.named(tree, "command")?;
        self.members(tree, &mut command, Self::command_setting);
        self.check_config(&command, tree.head.span);
        Some(command)
    }

    /// A command of that name with nothing in it.
    pub(super) fn named(&mut self, tree: &tree::Command, keyword: &str) -> Option<Command> {
        let name = self.command_name(&tree.head, keyword);
        Some(Command {
            name: name.unwrap_or_default(),
            description: None,
            private: false,
            args: Vec::new(),
            body: Vec::new(),
            place: self.place(tree.head.span),
            file: 0,
            config: Config::default(),
        })
    }

    /// Everything is looked at, also after an error, so that one attempt shows all of them. What stands before `do` first:
    /// it says what names mean in the body.
    pub(super) fn members(
        &mut self,
        tree: &tree::Command,
        command: &mut Command,
        setting: impl Fn(&mut Self, &Setting, &mut Command),
    ) {
        let is_template = self.written(tree.head.keyword) == "template";
        let without_do = self.statement_without_do(tree);
        let mut body: Option<Span> = None;
        let mut too_many: Option<Span> = None;
        for member in &tree.members {
            match member {
                Member::Setting(setting) if body.is_some() => self.after_do(setting.span, body),
                Member::Arg(arg) if body.is_some() => self.after_do(arg.head.span, None),
                Member::Setting(line) if without_do.is_some_and(|first| first.start <= line.span.start) => {}
                Member::Setting(line) => setting(self, line, command),
                Member::Arg(arg) if command.args.len() >= MAX_ARGS => {
                    too_many.get_or_insert(arg.head.span);
                }
                Member::Arg(arg) => self.arg(arg, command),
                Member::Do(head, _) if body.is_some() => self.second_do(head.span),
                Member::Do(head, statements) => {
                    body = Some(head.span);
                    if is_template {
                        self.hide_arguments(command);
                    }
                    self.know_arguments(command);
                    command.body = self.do_block(head, statements);
                }
            }
        }
        self.check_size(too_many);
        if body.is_none() {
            self.missing_do(tree, without_do);
        }
    }

    fn check_size(&mut self, too_many: Option<Span>) {
        if let Some(span) = too_many {
            let message = format!("this is one argument more than the {MAX_ARGS} that a command may have");
            let problem = Diagnostic::new(Code::TooManyArguments, span, message);
            self.report(problem.help("take the words as they come: `rest` in the last argument"));
        }
    }

    /// Says so, where the first statement stands.
    fn missing_do(&mut self, tree: &tree::Command, first: Option<Span>) {
        let message = format!("this {} has no `do` block", self.written(tree.head.keyword));
        let problem = Diagnostic::new(Code::MissingDo, first.unwrap_or(tree.head.span), message);
        self.report(problem.help(match first {
            Some(_) => "write `do` above this line, and an `end` for it below the last statement",
            None => "put its statements between `do` and `end`",
        }));
    }

    /// Where statements begin, if there is no `do`.
    fn statement_without_do(&self, tree: &tree::Command) -> Option<Span> {
        let settings = tree.members.iter().map(|member| match member {
            Member::Setting(setting) => Some(setting),
            Member::Arg(_) | Member::Do(..) => None,
        });
        let has_do = tree.members.iter().any(|member| matches!(member, Member::Do(..)));
        let is_statement = |setting: &&Setting| {
            let name = setting.words.first().and_then(Word::bare).unwrap_or_default();
            self.names.op(name).is_some() || self.names.is_command(name) || !resembles_setting(name)
        };
        let first = settings.flatten().find(is_statement).filter(|_| !has_do);
        first.map(|setting| setting.span)
    }

    /// Which names are bound in the body, and which of them stand for several words.
    fn know_arguments(&mut self, command: &Command) {
        let rest = command.args.iter().filter(|arg| arg.rest).map(|arg| arg.name.clone());
        let proxied = command.config.proxy_args.then(|| PROXY_ARGS.to_owned());
        self.spliced = rest.chain(proxied).collect();
        self.bound.extend(command.args.iter().map(|arg| arg.name.clone()));
    }

    fn command_name(&mut self, head: &tree::Head, keyword: &str) -> Option<String> {
        let words = head.words();
        let (word, rest) = match words.split_first() {
            Some((word, rest)) => (*word, rest),
            None => {
                let problem = Diagnostic::new(Code::MissingName, head.keyword, format!("this {keyword} has no name"));
                self.report(problem.help(format!("write `{keyword} NAME`")));
                return None;
            }
        };
        self.no_words(rest, &format!("{keyword} NAME"));
        match word.bare() {
            Some(name) if is_command_name(name) => {
                self.check_reachable(name, keyword, word.span);
                Some(name.to_owned())
            }
            _ => {
                let message = format!("`{}` cannot name a {keyword}", self.written(word.span));
                let rule = "a name starts with a letter or `_` and goes on with letters, digits, `_` and inner dashes";
                let help = match similar_name(self.written(word.span)) {
                    Some(name) => format!("write `{keyword} {name}`: {rule}"),
                    None => rule.to_owned(),
                };
                self.report(Diagnostic::new(Code::BadName, word.span, message).help(help));
                None
            }
        }
    }

    /// Keywords and ops go before commands, so a command of such a name cannot be called from bodies. The command line can call
    /// one with the name of an op: language §2.3.
    fn check_reachable(&mut self, name: &str, keyword: &str, span: Span) {
        if reserved(name).is_some() {
            let problem = Diagnostic::new(Code::KeywordAsName, span, format!("`{name}` is a keyword"));
            self.report(problem.help(format!("give the {keyword} another name")));
        } else if keyword != "catch" && !self.names.internal && self.names.op(name).is_some() {
            let message = format!("bodies cannot call this {keyword}: there `{name}` means something else");
            self.report(Diagnostic::new(Code::ShadowedCommand, span, message).help("give it another name"));
        }
    }

    fn do_block(&mut self, head: &tree::Head, statements: &[Statement]) -> Vec<Stmt> {
        self.no_words(&head.words(), "do");
        self.body(statements)
    }

    /// A line that stands too far down. If the `do` is given, it can be moved there.
    fn after_do(&mut self, span: Span, body: Option<Span>) {
        let problem = Diagnostic::new(Code::ConfigAfterDo, span, "configuration stands before `do`");
        let problem = problem.help("move this line above `do`; statements stand between `do` and its `end`");
        self.report(match body {
            Some(body) => {
                let line = removal(self.text, span);
                let above = self.text.get(..body.start).map_or(0, |before| before.trim_end_matches([' ', '\t']).len());
                let fix =
                    Fix::safe("move it above `do`").edit(line, "").edit(Span::new(above, above), self.whole_line(span));
                problem.fix(fix)
            }
            None => problem,
        });
    }

    /// A line with its indentation and its line end.
    fn whole_line(&self, span: Span) -> String {
        let before = self.text.get(..span.start).unwrap_or_default();
        let indent = before.len() - before.trim_end_matches([' ', '\t']).len();
        format!("{}{}{}", " ".repeat(indent), self.written(span), self.line_end())
    }

    fn second_do(&mut self, span: Span) {
        let problem = Diagnostic::new(Code::SecondDo, span, "a command has one `do` block");
        self.report(problem.help("move these statements into the first one"));
    }

    pub(super) fn duplicate_setting(&mut self, name: &str, span: Span) {
        let message = format!("`{name}` is given twice");
        self.report(Diagnostic::new(Code::DuplicateSetting, span, message).help("keep one of them"));
    }

    /// The one word that a setting takes.
    pub(super) fn one_word<'w>(&mut self, setting: &str, place: Span, words: &'w [Word]) -> Option<&'w Word> {
        let curly = words.iter().find_map(|word| Some((word.span, curly(word.bare()?)?)));
        if let [word] = words {
            curly.into_iter().for_each(|(span, odd)| self.warn_of(span, odd));
            return Some(word);
        }
        let span = words.iter().fold(place, |span, word| span.to(word.span));
        let problem = Diagnostic::new(Code::BadSetting, span, format!("`{setting}` takes one text"));
        let quotes = curly.map(|(_, (message, _))| format!("; {message}")).unwrap_or_default();
        self.report(problem.help(format!("write `{setting} \"…\"`{quotes}")));
        None
    }
}
