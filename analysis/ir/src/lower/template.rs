//! `template NAME … end`, its uses, and `catch NAME … end`.

use perch_syntax::tree::{self, Member, Word};
use perch_syntax::{Code, Diagnostic, Span};

use super::Lowering;
use super::operands::is_splice;
use super::words::shown;
use crate::construct::hygienic;
use crate::program::{Absent, Arg, Command, PROXY_ARGS, StmtKind, count_of, takes_words};

impl Lowering<'_> {
    /// Names of arguments are names of the body alone, so they get names that nobody else can write.
    pub(super) fn template(&mut self, tree: &tree::Command) -> Option<Command> {
        let mut command = self.named(tree, "template")?;
        self.members(tree, &mut command, |lowering, setting, command| {
            let Some((first, rest)) = setting.words.split_first() else { return };
            match first.bare() {
                Some("description") => {
                    command.description = lowering.one_word("description", first.span, rest).map(shown)
                }
                _ => lowering.not_a_setting_of(first, "template", &["description", "arg", "do"]),
            }
        });
        Some(command)
    }

    /// Gives the arguments of a template their names in its body.
    pub(super) fn hide_arguments(&mut self, command: &Command) {
        for arg in &command.args {
            let hidden = hygienic(&command.name, &arg.name);
            if arg.rest {
                self.locals.insert(count_of(&arg.name), count_of(&hidden));
            }
            self.locals.insert(arg.name.clone(), hidden);
        }
    }

    pub(super) fn catch(&mut self, tree: &tree::Command) -> Option<Command> {
        let mut command = self.named(tree, "catch")?;
        for member in &tree.members {
            if let Member::Arg(arg) = member {
                let problem = Diagnostic::new(Code::BadCatch, arg.head.span, "a `catch` has no arguments");
                self.report(problem.help("`proxy_args` binds all words to `${proxy_args}`"));
            }
        }
        self.members(tree, &mut command, |lowering, setting, command| {
            let Some((first, rest)) = setting.words.split_first() else { return };
            match first.bare() {
                Some("description") => {
                    command.description = lowering.one_word("description", first.span, rest).map(shown)
                }
                Some(PROXY_ARGS) => {
                    lowering.no_words(&rest.iter().collect::<Vec<_>>(), PROXY_ARGS);
                    command.config.proxy_args = true;
                }
                _ => lowering.not_a_setting_of(first, "catch", &["description", PROXY_ARGS, "do"]),
            }
        });
        Some(command)
    }

    /// A line that starts with the name of a template.
    pub(super) fn expansion(&mut self, name: &str, args: &[Arg], first: &Word, rest: &[Word]) -> Option<StmtKind> {
        let span = rest.iter().fold(first.span, |span, word| span.to(word.span));
        let words = self.words(rest);
        self.check_template_words(name, args, rest, span)?;
        Some(StmtKind::Expand { template: name.to_owned(), words })
    }

    fn check_template_words(&mut self, name: &str, args: &[Arg], given: &[Word], span: Span) -> Option<()> {
        // How many words a splice is comes out when the line runs.
        if given.iter().any(is_splice) {
            return Some(());
        }
        let (needed, most) = takes_words(args);
        if given.len() < needed || most.is_some_and(|most| given.len() > most) {
            let usage: String = args.iter().map(usage).collect();
            let message = format!("the template `{name}` does not take {} word{}", given.len(), plural(given.len()));
            self.report(Diagnostic::new(Code::WrongWordCount, span, message).help(format!("write `{name}{usage}`")));
            return None;
        }
        for (arg, word) in args.iter().zip(given) {
            if let Some(text) = word.literal()
                && !arg.ty.accepts(text)
            {
                let message = format!("`{}` of `{name}` does not take `{text}`", arg.name);
                let help = format!("write a value of type {}", arg.ty.name());
                self.report(Diagnostic::new(Code::WrongOperandType, word.span, message).help(help));
            }
        }
        Some(())
    }
}

fn usage(arg: &Arg) -> String {
    let name = arg.name.to_uppercase();
    match (&arg.absent, arg.rest) {
        (_, true) => format!(" [{name}…]"),
        (Absent::Required, _) => format!(" {name}"),
        _ => format!(" [{name}]"),
    }
}

fn plural(number: usize) -> &'static str {
    if number == 1 { "" } else { "s" }
}
