//! The lines of a command before `do`.

use perch_syntax::tree::{Setting, Word};
use perch_syntax::{Code, Diagnostic, Fix, Span, is_name, nearest, removal};

use super::Lowering;
use super::words::shown;
use crate::construct::{Config, Line, TestConfig};
use crate::manifest;
use crate::program::{Command, OpCall, Operand, PROXY_ARGS, Text};

/// The settings of a command, in the order in which they are suggested.
const SETTINGS: [&str; 22] = [
    "description",
    "private",
    "arg",
    "do",
    "detached",
    "dir",
    "env",
    "offline",
    "on_signal",
    "proxy_args",
    "pure",
    "read_only",
    "require_arch",
    "require_os",
    "require_sandbox",
    "test",
    "test_allow_network",
    "test_allow_shell",
    "test_allow_subprocess",
    "test_allow_write",
    "test_keep_cwd",
    "test_timeout",
];

/// Settings of other runners, for what stands in the body here.
const ELSEWHERE: [&str; 11] =
    ["after", "before", "cmd", "cmds", "commands", "depends", "depends_on", "deps", "needs", "run", "steps"];

/// How much of a word it takes to know it by its beginning.
const SHORTENED: usize = 3;

/// Lines by which a command gives something up.
const TIGHTER: [&str; 3] = ["offline", "pure", "read_only"];

/// Lines by which a test is allowed something.
const LIFTED: [&str; 5] =
    ["test_allow_network", "test_allow_shell", "test_allow_subprocess", "test_allow_write", "test_keep_cwd"];

impl Lowering<'_> {
    pub(super) fn command_setting(&mut self, setting: &Setting, command: &mut Command) {
        let Some((first, rest)) = setting.words.split_first() else { return };
        let name = first.bare().unwrap_or_default();
        let config = &mut command.config;
        match name {
            "description" => {
                if command.description.is_some() {
                    self.duplicate_setting(name, setting.span);
                }
                command.description = self.one_word(name, first.span, rest).map(shown);
            }
            "private" => {
                command.private = true;
                self.no_words(&rest.iter().collect::<Vec<_>>(), name);
            }
            "detached" => {
                config.detached = self.alone(name, rest);
            }
            PROXY_ARGS => {
                config.proxy_args = self.alone(name, rest);
            }
            "test" => {
                self.alone(name, rest);
                config.test.get_or_insert_default();
            }
            "dir" => {
                if config.dir.is_some() {
                    self.duplicate_setting(name, setting.span);
                }
                config.dir = self.directory(setting, first.span, rest);
            }
            "env" => {
                let variable = self.variable(setting.span, rest);
                config.env.extend(variable.map(|variable| self.evaluated("env", variable, setting)));
            }
            "on_signal" => {
                if config.on_signal.is_some() {
                    self.duplicate_setting(name, setting.span);
                }
                let handler = self.handler(name, first.span, rest);
                config.on_signal = handler.map(|handler| self.evaluated("on_signal", handler, setting));
            }
            "require_sandbox" => {
                self.alone(name, rest);
                config.require_sandbox = Some(self.evaluated("require_sandbox", (), setting));
            }
            "require_os" => self.host_requirement(("require_os", "os"), setting, config),
            "require_arch" => self.host_requirement(("require_arch", "arch"), setting, config),
            "test_timeout" => {
                let timeout = self.one_text(name, first.span, rest);
                rest.iter().for_each(|word| self.check_limit(name, word));
                self.of_test(&mut config.test, first.span).timeout = timeout;
            }
            _ => match (known(&TIGHTER, name), known(&LIFTED, name)) {
                (Some(name), _) => {
                    self.alone(name, rest);
                    config.mask = config.mask.and(manifest::given_up(name).unwrap_or_default());
                }
                (_, Some(name)) => {
                    self.alone(name, rest);
                    self.of_test(&mut config.test, first.span).lifted.push(name);
                }
                _ => self.not_a_setting_of(first, "command", &SETTINGS),
            },
        }
    }

    /// A line that is a node.
    fn evaluated<T>(&mut self, op: &'static str, value: T, setting: &Setting) -> Line<T> {
        Line { op, value, place: self.place(setting.span), source: self.source(setting.span) }
    }

    /// `dir W`
    fn directory(&mut self, setting: &Setting, span: Span, rest: &[Word]) -> Option<Line<OpCall>> {
        let text = self.one_text("dir", span, rest)?;
        let enter = OpCall::new(perch_ops::enter_directory()?, vec![Operand::Text(text)]);
        Some(self.evaluated("dir", enter, setting))
    }

    /// `require_os W…`, `require_arch W…`; further lines add alternatives.
    fn host_requirement(&mut self, (op, fact): (&'static str, &'static str), setting: &Setting, config: &mut Config) {
        let Some((first, rest)) = setting.words.split_first() else { return };
        let words = self.several(op, first.span, rest);
        match config.require.iter_mut().find(|line| line.op == op) {
            Some(line) => line.value.1.extend(words),
            None => config.require.push(self.evaluated(op, (fact, words), setting)),
        }
    }

    /// What fits only together.
    pub(super) fn check_config(&mut self, command: &Command, span: Span) {
        let has_args = !command.args.is_empty();
        if has_args && command.config.proxy_args {
            let problem = Diagnostic::new(Code::ArgsAndProxy, span, "with `proxy_args` the words are not parsed");
            self.report(problem.help("remove `proxy_args`, or the arguments"));
        }
        if has_args && command.config.test.is_some() {
            let problem = Diagnostic::new(Code::TestWithArgs, span, "a test has no arguments");
            self.report(problem.help("bind the values in its body"));
        }
    }

    fn alone(&mut self, name: &str, rest: &[Word]) -> bool {
        self.no_words(&rest.iter().collect::<Vec<_>>(), name);
        true
    }

    fn one_text(&mut self, name: &str, span: Span, rest: &[Word]) -> Option<Text> {
        let word = self.one_word(name, span, rest)?;
        Some(self.text(word))
    }

    fn several(&mut self, name: &str, span: Span, rest: &[Word]) -> Vec<Text> {
        if rest.is_empty() {
            let problem = Diagnostic::new(Code::BadSetting, span, format!("`{name}` takes at least one word"));
            self.report(problem.help(format!("write `{name} linux`, for instance")));
        }
        rest.iter().map(|word| self.text(word)).collect()
    }

    /// `env KEY W`
    fn variable(&mut self, span: Span, rest: &[Word]) -> Option<(String, Text)> {
        let [key, value] = rest else {
            let problem = Diagnostic::new(Code::BadSetting, span, "`env` takes a name and a text");
            self.report(problem.help("write `env NAME \"…\"`"));
            return None;
        };
        let Some(name) = key.bare().filter(|name| is_name(name)) else {
            self.report(super::file::bad_name(self.written(key.span), key.span));
            return None;
        };
        Some((name.to_owned(), self.text(value)))
    }

    /// The name of a command.
    pub(super) fn handler(&mut self, name: &str, span: Span, rest: &[Word]) -> Option<String> {
        let word = self.one_word(name, span, rest)?;
        self.command_named(word)
    }

    pub(super) fn command_named(&mut self, word: &Word) -> Option<String> {
        let handler = word.bare().unwrap_or_default();
        if self.names.internal || self.names.is_command(handler) {
            return Some(handler.to_owned());
        }
        let message = format!("there is no command `{}`", self.written(word.span));
        let names = self.names;
        let meant = nearest(handler, names.scope.suggestions());
        let problem = Diagnostic::new(Code::UnknownCommand, word.span, message);
        self.report(match meant {
            Some(_) => problem.meaning(meant),
            None => problem.help("write a `command` of that name; it may be `private`"),
        });
        None
    }

    fn of_test<'t>(&mut self, test: &'t mut Option<TestConfig>, span: Span) -> &'t mut TestConfig {
        if test.is_none() {
            let problem = Diagnostic::new(Code::NotATest, span, "only a test can be allowed or given this");
            self.report(problem.help("put a line `test` above"));
        }
        test.get_or_insert_default()
    }

    /// Says that a line is no setting of a command, an argument or so.
    pub(super) fn not_a_setting_of(&mut self, word: &Word, of: &str, known: &[&str]) {
        let name = word.bare().unwrap_or_default();
        let is_statement =
            self.names.op(name).is_some() || perch_syntax::reserved(name).is_some() || self.names.is_command(name);
        let problem = Diagnostic::new(
            Code::UnknownSetting,
            word.span,
            format!("`{}` is not a setting of {} {of}", self.written(word.span), article(of)),
        );
        let meant = meant(name.trim_end_matches(':'), known);
        self.report(match meant {
            Some(_) => problem.meaning(meant),
            None if name == "required" => {
                let fix = Fix::safe("remove `required`").edit(removal(self.text, word.span), "");
                problem.help("without `optional` and `default` it is required: remove this line").fix(fix)
            }
            None if ELSEWHERE.contains(&name.trim_end_matches(':')) => problem.help(
                "what a command runs stands between `do` and `end`; other commands are called there by their names",
            ),
            None if is_statement => problem.help("statements stand between `do` and `end`"),
            None => problem.help(format!("settings are: {}", known.join(", "))),
        });
    }
}

/// Whether a word is a setting of a command, or is nearly one.
pub(super) fn resembles_setting(name: &str) -> bool {
    let name = name.trim_end_matches(':');
    SETTINGS.contains(&name) || ELSEWHERE.contains(&name) || meant(name, &SETTINGS).is_some()
}

/// The setting that a word was meant to be: one like it, or one that it is the beginning of.
fn meant<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let begins = |known: &&&str| name.len() >= SHORTENED && known.starts_with(name);
    nearest(name, known.iter().copied()).or_else(|| known.iter().find(begins).copied())
}

fn article(noun: &str) -> &'static str {
    if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}

fn known(list: &[&'static str], name: &str) -> Option<&'static str> {
    list.iter().find(|known| **known == name).copied()
}
