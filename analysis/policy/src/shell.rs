//! What a line for the shell would start, as far as that can be told without running it.
//!
//! Where programs are listed, every command of a line is compared with the list. So a line is read, and what cannot be
//! read for certain is [`Line::Unclear`]: with a list it is refused, and nothing is known of what it changes. Read are simple commands,
//! joined by `;`, `&`, `|`, `&&`, `||` and newlines, with quotes and redirections. Substitutions, groups and the words of
//! the shell's own grammar are not.

use crate::{Known, path};

/// A line for the shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// These commands, one after the other or at once.
    Commands(Vec<Simple>),
    /// What it would start cannot be told.
    Unclear,
}

/// A simple command.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Simple {
    /// Its words, the program first.
    pub words: Vec<Word>,
    /// Variables in front of it, and where its output goes or its input comes from.
    pub others: Vec<Word>,
    /// What of these the shell opens for it.
    opened: Vec<(Way, Word)>,
    /// The shell does not wait for it.
    pub beside: bool,
    /// One of its handles is another one, or none.
    rewired: bool,
    /// In its line a sign of the shell's joins nothing: the shell starts none of it, or not all.
    misplaced: bool,
}

/// What the shell opens a file for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// To read it.
    Read,
    /// To write it, or at its end.
    Write,
}

/// What the shell opens for a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    /// A file: an absolute, clean path. Unknown, if where the line is started is.
    File(Way, Known),
    /// A connection.
    Host {
        /// As written.
        host: String,
        /// As written.
        port: String,
    },
    /// The line does not say for certain what.
    Untold(Way),
}

/// A word, without its quotes.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Word {
    /// Its characters.
    pub text: String,
    /// The shell would put something else in its place: a variable, a pattern, a home directory.
    pub expands: bool,
    /// Where its first quotes are.
    quoted: Option<usize>,
    /// Outside of its quotes stands something that is not ASCII. In some locales parts of that are blanks, or belong to names.
    foreign: bool,
}

impl Word {
    fn quotes(&mut self) {
        self.quoted.get_or_insert(self.text.len());
    }
}

/// Texts that `--no-shell-metachars` refuses in a line, besides ends of lines.
const METACHARS: [&str; 9] = ["|", ">", "<", "&", ";", "`", "$(", "\n", "\r"];

/// Commands of the shell itself that start nothing and need not be listed.
const HARMLESS: [&str; 6] = [":", "cd", "echo", "false", "pwd", "true"];

/// Commands of the shell itself that evaluate what they are given, or change how it goes on, and need not be listed as long as their words are such
/// that nothing comes of that ([`Simple::is_careful`]).
const CAREFUL: [&str; 5] = ["[", "export", "set", "test", "unset"];

/// Commands of the shell itself that run what they are given, or evaluate it as arithmetic, in which a subscript can run something. Listed or not, what they start
/// cannot be told.
const EVALUATING: [&str; 25] = [
    ".",
    "alias",
    "bind",
    "builtin",
    "command",
    "compgen",
    "complete",
    "declare",
    "enable",
    "eval",
    "fc",
    "getopts",
    "hash",
    "let",
    "local",
    "mapfile",
    "read",
    "readarray",
    "readonly",
    "shopt",
    "source",
    "trap",
    "typeset",
    "ulimit",
    "wait",
];

/// The options that `set` may be given: none lets the shell evaluate anything.
const OPTIONS: [&str; 5] = ["errexit", "noclobber", "noglob", "nounset", "pipefail"];

/// Words of the shell's grammar. What stands behind them is a command.
const GRAMMAR: [&str; 23] = [
    "!", "[[", "]]", "case", "coproc", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in",
    "select", "then", "time", "until", "while", "{", "}", "exec",
];

/// Variables that decide what the shell starts, or whose values it evaluates when they are set or used.
const DECISIVE: [&str; 23] = [
    "CDPATH",
    "ENV",
    "EPOCHREALTIME",
    "EPOCHSECONDS",
    "EXECIGNORE",
    "FUNCNEST",
    "GLOBIGNORE",
    "HISTCMD",
    "IFS",
    "LINENO",
    "LOCPATH",
    "OPTIND",
    "PATH",
    "POSIXLY_CORRECT",
    "PROMPT_COMMAND",
    "PS0",
    "PS1",
    "PS2",
    "PS4",
    "RANDOM",
    "SECONDS",
    "SHELLOPTS",
    "SRANDOM",
];

/// Variables in which other programs find code, or programs to start.
const OF_OTHERS: [&str; 34] = [
    "BROWSER",
    "EDITOR",
    "GCONV_PATH",
    "GIT_ASKPASS",
    "GIT_EDITOR",
    "GIT_EXEC_PATH",
    "GIT_EXTERNAL_DIFF",
    "GIT_PAGER",
    "GIT_PROXY_COMMAND",
    "GIT_SEQUENCE_EDITOR",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_TEMPLATE_DIR",
    "JAVA_TOOL_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "LESSCLOSE",
    "LESSOPEN",
    "MANPAGER",
    "NODE_OPTIONS",
    "NODE_PATH",
    "PAGER",
    "PERL5DB",
    "PERL5LIB",
    "PERL5OPT",
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "RUBYLIB",
    "RUBYOPT",
    "SSH_ASKPASS",
    "SUDO_ASKPASS",
    "VISUAL",
    "ZDOTDIR",
    "_JAVA_OPTIONS",
];

/// Variables in which programs find settings, or where those are, which may say what is started.
const SETTINGS: [&str; 108] = [
    "ANSIBLE_CONFIG",
    "APT_CONFIG",
    "AR",
    "AS",
    "AWS_SHARED_CREDENTIALS_FILE",
    "BUNDLE_GEMFILE",
    "BUNDLE_PATH",
    "CAML_LD_LIBRARY_PATH",
    "CC",
    "CCACHE_PREFIX",
    "CLASSPATH",
    "CMAKE_TOOLCHAIN_FILE",
    "COMPILER_PATH",
    "CONTAINERS_CONF",
    "CPP",
    "CXX",
    "DOCKER_CONFIG",
    "DOTNET_ADDITIONAL_DEPS",
    "DOTNET_ROOT",
    "EMACSLOADPATH",
    "EXINIT",
    "FC",
    "GCC_EXEC_PREFIX",
    "GEM_PATH",
    "GHC_ENVIRONMENT",
    "GIO_EXTRA_MODULES",
    "GIO_MODULE_DIR",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_SSH_VARIANT",
    "GLIBC_TUNABLES",
    "GNUMAKEFLAGS",
    "GNUPGHOME",
    "GOENV",
    "GOFLAGS",
    "GOROOT",
    "GOTOOLCHAIN",
    "GTK_MODULES",
    "GTK_PATH",
    "HELM_PLUGINS",
    "HGMERGE",
    "HGRCPATH",
    "HOME",
    "INPUTRC",
    "JAVACMD",
    "KRB5_CONFIG",
    "KUBECONFIG",
    "LD",
    "LESS",
    "LESSEDIT",
    "LESSKEY",
    "LESSKEYIN",
    "LEX",
    "MAILCAPS",
    "MAILRC",
    "MAKEFILES",
    "MAKEFLAGS",
    "MAVEN_ARGS",
    "MAVEN_CONFIG",
    "MFLAGS",
    "MORE",
    "NM",
    "NODE_REPL_EXTERNAL_MODULE",
    "NVIM_APPNAME",
    "OBJCOPY",
    "OCAMLLIB",
    "OCAMLPARAM",
    "OPENSSL_CONF",
    "OPENSSL_ENGINES",
    "OPENSSL_MODULES",
    "PERL5SHELL",
    "PERLLIB",
    "PGSYSCONFDIR",
    "PHPRC",
    "PHP_INI_SCAN_DIR",
    "PKG_CONFIG",
    "PSQLRC",
    "PYTHONBREAKPOINT",
    "PYTHONPYCACHEPREFIX",
    "PYTHONUSERBASE",
    "QT_PLUGIN_PATH",
    "RANLIB",
    "RPM_CONFIGDIR",
    "RSYNC_CONNECT_PROG",
    "RUBYGEMS_GEMDEPS",
    "RUSTC",
    "RUSTDOC",
    "RUSTUP_TOOLCHAIN",
    "R_ENVIRON",
    "R_LIBS",
    "SASL_PATH",
    "SCREENRC",
    "SHELL",
    "STRIP",
    "SYSTEMD_PAGERSECURE",
    "TCLLIBPATH",
    "TCL_LIBRARY",
    "TERMINFO",
    "TERMINFO_DIRS",
    "TF_PLUGIN_CACHE_DIR",
    "VIM",
    "VIMINIT",
    "VIMRUNTIME",
    "WGETRC",
    "YACC",
    "YARN_RC_FILENAME",
    "ZIPOPT",
];

/// How the names of more of them begin.
const BEGINNINGS: [&str; 17] = [
    "CARGO_BUILD_RUST",
    "CARGO_TARGET_",
    "CORECLR_",
    "COR_",
    "DOTNET_STARTUP",
    "ERL_",
    "GST_PLUGIN",
    "JULIA_",
    "LUA_CPATH",
    "LUA_INIT",
    "LUA_PATH",
    "MAGICK_",
    "NPM_CONFIG_",
    "R_PROFILE",
    "TF_CLI_ARGS",
    "XDG_",
    "npm_config_",
];

/// And how they end.
const ENDS: [&str; 17] = [
    "ASKPASS",
    "BROWSER",
    "EDITOR",
    "PAGER",
    "RUSTDOCFLAGS",
    "RUSTFLAGS",
    "_COMMAND",
    "_CONFIG_DIR",
    "_CONFIG_FILE",
    "_CONFIG_PATH",
    "_HOME",
    "_LAUNCHER",
    "_OPTIONS",
    "_OPTS",
    "_RSH",
    "_SSH",
    "_WRAPPER",
];

/// The first of the texts in the line that `--no-shell-metachars` refuses.
#[must_use]
pub fn metachar(line: &str) -> Option<&'static str> {
    METACHARS.into_iter().find(|text| line.contains(text))
}

/// A text that stands for such a one in messages.
#[must_use]
pub fn shown(metachar: &str) -> &str {
    match metachar {
        "\n" | "\r" => "an end of line",
        other => other,
    }
}

/// Whether a variable decides what the shell starts.
#[must_use]
pub fn is_decisive(variable: &str) -> bool {
    DECISIVE.contains(&variable) || ["LD_", "DYLD_", "BASH"].iter().any(|start| variable.starts_with(start))
}

/// Whether a variable decides what a program starts, be it the shell or another.
#[must_use]
pub fn decides_what_starts(variable: &str) -> bool {
    is_decisive(variable) || OF_OTHERS.contains(&variable) || variable.starts_with("GIT_CONFIG")
}

/// Whether programs find settings by a variable, which may say what they start. Whoever runs perch has theirs, and programs need them; a file may
/// not make them others.
#[must_use]
pub fn is_setting(variable: &str) -> bool {
    SETTINGS.contains(&variable)
        || BEGINNINGS.iter().any(|start| variable.starts_with(start))
        || ENDS.iter().any(|end| variable.ends_with(end))
}

/// Whether a line that sets a variable decides with it what is started.
fn decides_in_line(variable: &str) -> bool {
    decides_what_starts(variable) || is_setting(variable)
}

impl Line {
    /// Reads a line.
    #[must_use]
    pub fn read(line: &str) -> Self {
        let mut reader = Reader::new(line);
        match reader.line() {
            Some(()) => {
                let misplaced = reader.joins_nothing;
                reader.commands.iter_mut().for_each(|command| command.misplaced = misplaced);
                Self::Commands(reader.commands)
            }
            None => Self::Unclear,
        }
    }

    /// The programs that it starts, each with how it is written. `None`: that cannot be told.
    #[must_use]
    pub fn programs(&self) -> Option<Vec<&str>> {
        let Self::Commands(commands) = self else { return None };
        let changes_directory = commands.iter().any(|command| command.name() == Some("cd"));
        if commands.iter().any(Simple::is_foreign) {
            return None;
        }
        let mut programs = Vec::new();
        for command in commands {
            if command.others.iter().any(|word| word.assigns().is_some_and(decides_in_line)) {
                return None;
            }
            let Some(first) = command.words.first() else { continue };
            let (name, quoted) = (first.text.as_str(), first.quoted.is_some());
            if HARMLESS.contains(&name) || command.is_careful() {
                continue;
            }
            // Seen from another directory it is another file.
            let elsewhere = changes_directory && name.contains('/') && !name.starts_with('/');
            let evaluates = CAREFUL.contains(&name) || EVALUATING.contains(&name) || command.prints_into_variable();
            if first.expands || evaluates || (!quoted && GRAMMAR.contains(&name)) || elsewhere {
                return None;
            }
            programs.push(name);
        }
        Some(programs)
    }

    /// What the shell opens for its commands, besides what is always there and holds nothing, seen from the directory where it is started.
    #[must_use]
    pub fn opened(&self, cwd: &Known) -> Vec<Opened> {
        let Self::Commands(commands) = self else { return Vec::new() };
        let wanders = commands.iter().any(Simple::wanders);
        let opened = commands.iter().flat_map(|command| &command.opened);
        let opened = opened.map(|(way, target)| Opened::of(*way, target, cwd, wanders));
        opened.filter(|opened| !matches!(opened, Opened::File(_, path) if path.text() == Some("/dev/null"))).collect()
    }

    /// The words of a line that is one command of which the shell changes nothing.
    #[must_use]
    pub fn plain(&self) -> Option<Vec<&str>> {
        let Self::Commands(commands) = self else { return None };
        let [command] = commands.as_slice() else { return None };
        let is_plain = command.others.is_empty()
            && !command.beside
            && !command.rewired
            && !command.misplaced
            && command.words.iter().all(|word| !word.expands);
        let words: Vec<&str> = command.words.iter().map(|word| word.text.as_str()).collect();
        let grammar = words.first().is_none_or(|first| GRAMMAR.contains(first));
        (is_plain && !grammar).then_some(words)
    }

    /// Whether something that it starts may still run when it has ended, for the shell does not wait for it.
    #[must_use]
    pub fn leaves_running(&self, text: &str) -> bool {
        let Self::Commands(commands) = self else { return has_single_ampersand(text) };
        commands.iter().any(|command| command.beside)
    }

    /// All words of the line, if they are all that it can name, seen from where it is started.
    #[must_use]
    pub fn named(&self) -> Option<Vec<&str>> {
        let Self::Commands(commands) = self else { return None };
        if commands.iter().any(Simple::wanders) {
            return None;
        }
        let words = commands.iter().flat_map(|command| command.words.iter().chain(&command.others));
        words.map(|word| (!word.expands).then_some(word.text.as_str())).collect()
    }
}

impl Opened {
    fn of(way: Way, target: &Word, cwd: &Known, wanders: bool) -> Self {
        let text = target.text.as_str();
        if target.expands || target.foreign {
            return Self::Untold(way);
        }
        // The shell itself talks to others there; there is no such file.
        if let Some((host, port)) = connection(text) {
            return Self::Host { host, port };
        }
        // Behind a link, the directory above is another one.
        let is_above = text.split('/').any(|part| part == "..");
        let is_relative = !text.starts_with('/');
        if is_above || (is_relative && wanders) {
            return Self::Untold(way);
        }
        match cwd.text().or_else(|| (!is_relative).then_some("/")) {
            None => Self::File(way, Known::Unknown),
            Some(cwd) => match path::clean(cwd, text) {
                Some(path) => Self::File(way, Known::Text(path)),
                None => Self::Untold(way),
            },
        }
    }
}

/// The host and the port in a name that means a connection to the shell.
fn connection(target: &str) -> Option<(String, String)> {
    let target = path::clean("/", target).filter(|_| target.starts_with('/'))?;
    let to = target.strip_prefix("/dev/tcp/").or_else(|| target.strip_prefix("/dev/udp/"))?;
    let (host, port) = to.split_once('/').unwrap_or((to, ""));
    Some((host.to_owned(), port.to_owned()))
}

impl Simple {
    fn name(&self) -> Option<&str> {
        self.words.first().map(|word| word.text.as_str())
    }

    /// Whether what stands behind it may be started in another directory.
    fn wanders(&self) -> bool {
        self.name().is_some_and(|name| matches!(name, "cd" | "pushd" | "popd"))
    }

    fn is_foreign(&self) -> bool {
        self.words.iter().chain(&self.others).any(|word| word.foreign)
    }

    /// Whether it is a command that evaluates its words, with words of which nothing comes.
    fn is_careful(&self) -> bool {
        let Some((first, words)) = self.words.split_first() else { return false };
        if words.iter().any(|word| word.expands) {
            return false;
        }
        let mut texts = words.iter().map(|word| word.text.as_str());
        match first.text.as_str() {
            // They look at variables, and evaluate the subscript of one.
            "[" | "test" => texts.all(|text| !matches!(text, "-v" | "-R")),
            "export" => words.iter().all(|word| {
                let name = word.assigns().unwrap_or(&word.text);
                is_variable(name) && !decides_in_line(name)
            }),
            "unset" => texts.all(|text| is_variable(text) && !is_decisive(text)),
            "set" => are_harmless_options(&texts.collect::<Vec<_>>()),
            _ => false,
        }
    }

    /// `printf -v` evaluates the subscript of a variable. What the shell puts in may be that.
    fn prints_into_variable(&self) -> bool {
        let mut words = self.words.iter().skip(1);
        self.name() == Some("printf") && words.any(|word| word.expands || word.text.starts_with("-v"))
    }
}

/// Whether there is a `&` that may end a command: none of `&&`, and none that sends output somewhere.
fn has_single_ampersand(line: &str) -> bool {
    line.match_indices('&').any(|(at, _)| {
        let (before, behind) = (line[..at].chars().next_back(), line[at + 1..].chars().next());
        !matches!(before, Some('&' | '>' | '<')) && !matches!(behind, Some('&' | '>'))
    })
}

/// `-eu`, `+f`, `-o pipefail` and the like.
fn are_harmless_options(mut words: &[&str]) -> bool {
    while let [word, rest @ ..] = words {
        let letters = word.strip_prefix(['-', '+']).unwrap_or_default();
        words = match rest {
            [option, rest @ ..] if letters == "o" && OPTIONS.contains(option) => rest,
            _ if !letters.is_empty() && letters.chars().all(|letter| "eufC".contains(letter)) => rest,
            _ => return false,
        };
    }
    true
}

/// Whether it is the name of a variable, without a subscript.
fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

impl Word {
    /// The variable that it sets, as part of a command or of `export`.
    fn assigns(&self) -> Option<&str> {
        let (name, _) = self.text.split_once('=')?;
        let name = name.strip_suffix('+').unwrap_or(name);
        is_variable(name).then_some(name)
    }
}

/// Whether a line is unclear because of what is not ASCII in it: outside of quotes, or where a sign of the shell's that follows may belong to it.
#[must_use]
pub fn is_foreign(line: &str) -> bool {
    let mut reader = Reader::new(line);
    let read = reader.line();
    reader.swallows || read.is_some() && reader.commands.iter().any(Simple::is_foreign)
}

/// Whether a line is unclear because of a redirection that is not read.
#[must_use]
pub fn redirects(line: &str) -> bool {
    let mut reader = Reader::new(line);
    reader.line().is_none() && reader.redirects
}

struct Reader<'l> {
    rest: &'l str,
    commands: Vec<Simple>,
    command: Simple,
    /// A sign of the shell's may belong to what stands before it.
    swallows: bool,
    /// A redirection is not read.
    redirects: bool,
    /// A sign that joins commands has none before it, or none behind it.
    joins_nothing: bool,
}

impl<'l> Reader<'l> {
    fn new(line: &'l str) -> Self {
        Self {
            rest: line,
            commands: Vec::new(),
            command: Simple::default(),
            swallows: false,
            redirects: false,
            joins_nothing: false,
        }
    }

    /// The shell reads bytes, by the locale that it is given. In GBK, Big5, Shift-JIS and the like some of ASCII, from `0` on, can be the second byte of a
    /// character whose first is the last byte of what is not ASCII here: then it is no sign of the shell's. `None`: such a sign follows.
    fn apart(&mut self, is_sign: impl Fn(char) -> bool) -> Option<()> {
        self.swallows |= self.peek().is_some_and(is_sign);
        (!self.swallows).then_some(())
    }
    fn next(&mut self) -> Option<char> {
        let next = self.rest.chars().next()?;
        self.rest = &self.rest[next.len_utf8()..];
        Some(next)
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    /// The whole line. `None`: it is unclear.
    fn line(&mut self) -> Option<()> {
        let mut goes_on = false;
        while let Some(next) = self.peek() {
            match next {
                ' ' | '\t' => {
                    self.next();
                }
                ';' | '\n' | '|' | '&' => {
                    self.next();
                    // `&>` and `>&` send output somewhere, and are not read.
                    if next == '&' && self.peek() == Some('>') {
                        self.redirects = true;
                        return None;
                    }
                    let doubled = next != '\n' && self.peek() == Some(next);
                    if doubled {
                        self.next();
                    }
                    let ends_nothing = self.command == Simple::default();
                    self.joins_nothing |= next != '\n' && ends_nothing || doubled && next == ';';
                    // A line ends, and what was begun on it goes on.
                    goes_on = next == '|' || doubled || goes_on && ends_nothing;
                    self.command.beside = next == '&' && !doubled && self.command != Simple::default();
                    self.end_command();
                }
                '>' | '<' => self.redirection()?,
                '#' => {
                    let end = self.rest.find('\n').unwrap_or(self.rest.len());
                    self.rest = &self.rest[end..];
                }
                '(' | ')' | '\0' | '\r' => return None,
                _ => self.word_of_command()?,
            }
        }
        self.joins_nothing |= goes_on && self.command == Simple::default();
        self.end_command();
        Some(())
    }

    fn end_command(&mut self) {
        let command = std::mem::take(&mut self.command);
        if command != Simple::default() {
            self.commands.push(command);
        }
    }

    fn word_of_command(&mut self) -> Option<()> {
        let word = self.word()?;
        let is_number =
            word.quoted.is_none() && !word.text.is_empty() && word.text.bytes().all(|byte| byte.is_ascii_digit());
        if is_number && matches!(self.peek(), Some('>' | '<')) {
            return Some(());
        }
        let name = word.assigns().map(str::len).filter(|length| word.quoted.is_none_or(|at| at > *length));
        let sets = self.command.words.is_empty() && name.is_some();
        if sets {
            self.command.others.push(word)
        } else {
            self.command.words.push(word)
        }
        Some(())
    }

    /// `> FILE`, `>> FILE`, `< FILE`, `>&1`.
    fn redirection(&mut self) -> Option<()> {
        let sign = self.next()?;
        if sign == '>' && self.peek() == Some('>') {
            self.next();
        }
        if self.peek() == Some('&') {
            self.next();
            self.command.rewired = true;
            let word = self.word()?;
            let to_handle = word.text.bytes().all(|byte| byte.is_ascii_digit()) && !word.text.is_empty();
            return to_handle.then_some(());
        }
        while matches!(self.peek(), Some(' ' | '\t')) {
            self.next();
        }
        // `<<`, `<>`, `<(`, `>|` and a missing name are not read.
        if matches!(self.peek(), None | Some('<' | '>' | '(' | '|' | '\n' | ';')) {
            self.redirects = matches!(self.peek(), Some('|' | '<' | '>'));
            return None;
        }
        let word = self.word()?;
        let way = if sign == '>' { Way::Write } else { Way::Read };
        self.command.opened.push((way, word.clone()));
        self.command.others.push(word);
        Some(())
    }

    /// One word, up to what ends it.
    fn word(&mut self) -> Option<Word> {
        let mut word = Word::default();
        while let Some(next) = self.peek() {
            match next {
                ' ' | '\t' | '\n' | ';' | '|' | '&' | '>' | '<' => break,
                '(' | ')' | '`' | '\0' | '\r' => return None,
                '\'' => {
                    self.next();
                    let end = self.rest.find('\'')?;
                    word.quotes();
                    word.text.push_str(&self.rest[..end]);
                    self.rest = &self.rest[end + 1..];
                }
                '"' => {
                    self.next();
                    word.quotes();
                    self.in_quotes(&mut word)?;
                }
                '\\' => {
                    self.next();
                    word.quotes();
                    match self.next()? {
                        '\n' => return None,
                        escaped if escaped.is_ascii() => word.text.push(escaped),
                        escaped => self.foreign(&mut word, escaped)?,
                    }
                }
                '$' => self.variable(&mut word)?,
                '*' | '?' | '[' | '{' | '~' => {
                    // `[` by itself is a command.
                    let alone = next == '[' && word.text.is_empty() && self.rest[1..].starts_with([' ', '\t']);
                    word.expands |= !alone;
                    word.text.push(next);
                    self.next();
                }
                _ => {
                    self.next();
                    match next.is_ascii() {
                        true => word.text.push(next),
                        false => self.foreign(&mut word, next)?,
                    }
                }
            }
        }
        Some(word)
    }

    /// What is not ASCII, outside of quotes.
    fn foreign(&mut self, word: &mut Word, c: char) -> Option<()> {
        word.foreign = true;
        word.text.push(c);
        self.apart(|next| next > '9' && next.is_ascii_punctuation() && next != '_')
    }

    fn in_quotes(&mut self, word: &mut Word) -> Option<()> {
        loop {
            match self.peek()? {
                '"' => {
                    self.next();
                    return Some(());
                }
                '`' | '\0' => return None,
                '$' => self.variable(word)?,
                '\\' => {
                    self.next();
                    match self.next()? {
                        '\n' => return None,
                        escaped @ ('"' | '\\' | '$' | '`') => word.text.push(escaped),
                        other => word.text.extend(['\\', other]),
                    }
                }
                other => {
                    self.next();
                    word.text.push(other);
                    if !other.is_ascii() {
                        self.apart(|next| next == '\\')?;
                    }
                }
            }
        }
    }

    /// `$NAME`, `${NAME}` and the like. Whatever else begins with `$` may run something.
    fn variable(&mut self, word: &mut Word) -> Option<()> {
        self.next();
        word.text.push('$');
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if let Some(rest) = self.rest.strip_prefix('{') {
            let end = rest.find('}')?;
            let name = &rest[..end];
            if name.is_empty() || !name.chars().all(is_name) {
                return None;
            }
            word.expands = true;
            self.rest = &rest[end + 1..];
            return Some(());
        }
        match self.peek() {
            Some('(' | '[' | '\'' | '"') => None,
            Some(c) if is_name(c) || matches!(c, '?' | '$' | '#' | '@' | '*' | '!' | '-') => {
                word.expands = true;
                if is_name(c) && !c.is_ascii_digit() {
                    let end = self.rest.find(|c| !is_name(c)).unwrap_or(self.rest.len());
                    self.rest = &self.rest[end..];
                } else {
                    self.next();
                }
                Some(())
            }
            // In some locales it is a letter.
            Some(c) if !c.is_ascii() => {
                word.expands = true;
                Some(())
            }
            // A `$` by itself.
            _ => Some(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn programs(line: &str) -> Option<Vec<String>> {
        Line::read(line).programs().map(|names| names.into_iter().map(str::to_owned).collect())
    }

    fn is(line: &str, names: &[&str]) {
        assert_eq!(
            programs(line).as_deref(),
            Some(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>().as_slice()),
            "{line}"
        );
    }

    #[test]
    fn every_command_of_a_line_is_found() {
        is("git status --short", &["git"]);
        is("  git x;curl y", &["git", "curl"]);
        is("git x && make || rm y & wc\nls", &["git", "make", "rm", "wc", "ls"]);
        is("A=1 B='2 3' git log | wc -l > out 2>&1", &["git", "wc"]);
        is("2>err git x # ; curl", &["git"]);
        is("'/opt/my tool' x; \"a b\"", &["/opt/my tool", "a b"]);
        is("git commit -m \"$MESSAGE; ${NAME}\" *.txt ~/x {a,b}", &["git"]);
        is("", &[]);
        is("git a\\;b \\\"", &["git"]);
    }

    #[test]
    fn a_line_in_which_a_sign_joins_nothing_is_not_the_one_command_in_it() {
        let plain = |line: &str| Line::read(line).plain().is_some();
        for line in [
            " | r", "| r", "r |", "r && ", "&& r", "; r", "r ;;", "r ||", "\n&& r", "r |\n", "& r", "r >&2", "r 2>&1",
            ">&2 r", "r <&0",
        ] {
            assert!(!plain(line), "{line:?}");
        }
        for line in ["r", " r x;", "r\n", "\nr", "r # x | y"] {
            assert!(plain(line), "{line:?}");
        }
    }

    #[test]
    fn commands_of_the_shell_itself_start_nothing() {
        is("cd web && echo $HOME; pwd; true; : ; false", &[]);
        is("export A=1 B; set -e; set -eu -o pipefail; set +f; unset B; test -f x; [ -f x ]", &[]);
        is("printf '%s' x; kill 1", &["printf", "kill"]);
        is("cd web && git x", &["git"]);
    }

    #[test]
    fn what_may_start_something_else_is_unclear() {
        for line in [
            "git $(curl)",
            "git `curl`",
            "git \"$(curl)\"",
            "git \"`curl`\"",
            "(curl)",
            "git <(curl)",
            "git >(curl)",
            "git ${X:-$(curl)}",
            "git ${!X}",
            "git ${X@P}",
            "git $[x]",
            "git $'a'",
            "$GIT x",
            "g{i,o}t",
            "g*t",
            "~/git",
            "if true",
            "! git",
            "{ git; }",
            "time git",
            "exec git",
            "while git",
            "f() { git; }",
            "git 'x",
            "git \"x",
            "git <<END",
            "git &> out",
            "git >& out",
            "PATH=. git",
            "BASH_ENV=x git",
            "LD_PRELOAD=x git",
            "PATH=.; git",
            "export PATH=.; git",
            "export \"PATH=.\"",
            "export $X",
            "test -v $X",
            "[ -v $X ]",
            "unset $X",
            "cd bin && ./git",
            "git\0",
            "git\r",
            "git x\\\ny",
            "git >| x",
            "[[ -f x ]]",
            "PATH+=:. git",
            "test -v 'a[$(curl)]'",
            "[ ! -v 'a[$(curl)]' ]",
            "unset 'GROUPS[$(curl)]'",
            "unset PATH; git",
            "unset -v PATH",
            "export 'a[$(curl)]=1'",
            "export -n PATH",
            "export PS4='$(curl)'; set -x; git",
            "set -x; git",
            "set -k; git PATH=/x",
            "set -o keyword",
            "set -o",
            "RANDOM='a[$(curl)0]'; git",
            "OPTIND=X git",
            "export 'SRANDOM=a[$(curl)0]'",
            "BASHPID+='a[$(curl)0]'; git",
            "printf -v 'a[$(curl)]' x",
            "printf $X",
            "eval git",
            "command git",
            ". git",
            "'eval' git",
            "read 'a[$(curl)]'",
            "wait -p 'a[$(curl)]'",
            "hash -p /x git; git",
        ] {
            assert_eq!(programs(line), None, "{line}");
        }
    }

    #[test]
    fn a_quoted_word_is_a_program_whatever_it_is() {
        is("'if' x", &["if"]);
        is("\"git\" x; g'i't", &["git", "git"]);
        is("'A=1' git", &["A=1"]);
    }

    #[test]
    fn a_plain_line_is_what_it_is_without_the_shell() {
        let plain = |line: &str| Line::read(line).plain().map(|words| words.join("/"));
        assert_eq!(plain("git  log 'a b'").as_deref(), Some("git/log/a b"));
        for line in ["git $X", "git *", "A=1 git", "git > x", "git; git", "if x", ""] {
            assert_eq!(plain(line), None, "{line}");
        }
    }

    #[test]
    fn what_a_line_names_is_known_unless_it_wanders_or_expands() {
        let named = |line: &str| Line::read(line).named().map(|words| words.join(" "));
        assert_eq!(named("A=/x p a > /tmp/out").as_deref(), Some("p a A=/x /tmp/out"));
        for line in ["p $X", "p *.c", "p ~", "cd x; p", "p $(x)"] {
            assert_eq!(named(line), None, "{line}");
        }
    }

    #[test]
    fn what_is_not_ascii_is_read_within_quotes_alone() {
        // In GBK, the last byte of `你` and what follows are one character.
        for line in [
            "echo 你\\; ./evil",
            "echo \"你\\\"; ./evil; \"",
            "echo 你|x",
            "echo \\你\\; x",
            "echo 你`x",
            "A=à./evil",
            "echo à#'\n x'",
            "echo Grüße",
            "echo > ü",
        ] {
            assert_eq!((programs(line), is_foreign(line)), (None, true), "{line}");
        }
        is("git commit -m 'Grüße\\' \"你; ü\" 'ü'\\;x", &["git"]);
        assert!(!is_foreign("git 'ü'; (x)") && !is_foreign("echo $(x)"));
        assert!(["a &> b", "a >| b", "a <> b", "a << b"].into_iter().all(redirects) && !redirects("a $(b) &> c"));
        assert_eq!(programs("test $ê"), None);
    }

    #[test]
    fn what_the_shell_opens_is_known_if_it_is_written_out() {
        let file = |way, path: &str| Opened::File(way, Known::Text(path.to_owned()));
        let opened = |line: &str| Line::read(line).opened(&Known::Text("/w".to_owned()));
        assert_eq!(
            opened("a > out/x 2>>'/e r' < in; > y"),
            [
                file(Way::Write, "/w/out/x"),
                file(Way::Write, "/e r"),
                file(Way::Read, "/w/in"),
                file(Way::Write, "/w/y")
            ]
        );
        assert_eq!(opened("a >/dev/null 2>&1 >&2 </dev/null"), []);
        for line in ["a > $X", "a > ../x", "cd b; a > x", "a > *", "a > ~/x", "a > b/../x", "pushd b; a >> x"] {
            assert_eq!(opened(line), [Opened::Untold(Way::Write)], "{line}");
        }
        assert_eq!(opened("cd b; a > /x"), [file(Way::Write, "/x")]);
        let host = |port: &str| Opened::Host { host: "127.0.0.1".to_owned(), port: port.to_owned() };
        for line in ["a > /dev/tcp/127.0.0.1/80", "a < /dev/udp/127.0.0.1/80", "a > '/dev//tcp/127.0.0.1/80'"] {
            assert_eq!(opened(line), [host("80")], "{line}");
        }
        assert_eq!(Line::read("a > x").opened(&Known::Unknown), [Opened::File(Way::Write, Known::Unknown)]);
    }

    #[test]
    fn what_is_not_waited_for_is_no_plain_program_and_is_left_running() {
        let left = |line: &str| Line::read(line).leaves_running(line);
        for line in ["git &", "git& echo", "git log & wait", "(git) &", "echo $(x) & y"] {
            assert!(left(line) && Line::read(line).plain().is_none(), "{line}");
        }
        for line in ["git", "git && echo", "git >&2", "(git) 2>&1 && x", "$(x) &>y"] {
            assert!(!left(line), "{line}");
        }
    }

    #[test]
    fn a_line_decides_nothing_by_variables_of_programs() {
        for line in [
            "GIT_SSH_COMMAND=x git",
            "export PYTHONPATH=evil && python3",
            "MAKEFLAGS=--eval=x make",
            "HOME=/tmp git",
            "NODE_OPTIONS+=x node",
            "KUBE_EDITOR=x; kubectl",
        ] {
            assert_eq!(programs(line), None, "{line}");
        }
        is("GIT_AUTHOR_NAME=me CFLAGS=-O2 git", &["git"]);
    }

    #[test]
    fn settings_are_kept_from_files_and_not_from_programs() {
        let files = [
            "AWS_CONFIG_FILE",
            "RIPGREP_CONFIG_PATH",
            "GH_CONFIG_DIR",
            "GNUPGHOME",
            "WGETRC",
            "PSQLRC",
            "TF_CLI_CONFIG_FILE",
            "DOCKER_CONFIG",
            "APT_CONFIG",
        ];
        let code = [
            "PYTHONPYCACHEPREFIX",
            "LUA_PATH_5_4",
            "LUA_CPATH",
            "CARGO_ENCODED_RUSTFLAGS",
            "RUSTFLAGS",
            "RUSTDOCFLAGS",
            "LESS",
        ];
        assert!(files.iter().chain(&code).all(|name| is_setting(name)));
        assert!(decides_what_starts("LOCPATH"));
        for variable in ["HOME", "KUBECONFIG", "JAVA_HOME", "XDG_CONFIG_HOME", "KUBE_EDITOR", "TAR_OPTIONS"] {
            assert!(is_setting(variable) && !decides_what_starts(variable), "{variable}");
        }
        assert!(
            ["OUT", "GIT_AUTHOR_NAME", "CFLAGS"].iter().all(|name| !is_setting(name) && !decides_what_starts(name))
        );
    }

    #[test]
    fn each_metachar_is_seen() {
        for (line, seen) in [
            ("a | b", Some("|")),
            ("a > b", Some(">")),
            ("a < b", Some("<")),
            ("a & b", Some("&")),
            ("a ; b", Some(";")),
            ("a `b`", Some("`")),
            ("a $(b)", Some("$(")),
            ("a\nb", Some("\n")),
            ("a $b ${c} 'd' *", None),
        ] {
            assert_eq!(metachar(line), seen, "{line}");
        }
    }
}
