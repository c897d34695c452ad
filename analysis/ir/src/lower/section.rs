//! `requires`, `bundle`, `sandbox` and `hooks` of a file.

use perch_ops::{Group, Target};
use perch_policy::Right;
use perch_syntax::tree::{Entry, Item, Section as Tree, SectionKind, Setting, Word};
use perch_syntax::{Code, Diagnostic, Span, is_command_name, is_name, nearest};

use super::{Lowering, Names, OpsOnly};
use crate::construct::{Include, Requirement, Section};
use crate::program::{Hook, Operand, Text, Timing};

/// Lines of `requires`.
const REQUIREMENTS: [&str; 7] = ["bin", "env", "host", "read", "write", "os", "arch"];

/// Lines that say which bytes a program has.
const PINS: [&str; 2] = ["hash", "hash_file"];

/// How many words a clause of `sandbox` takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    None,
    One,
    Some,
}

/// Clauses of `sandbox`.
const CLAUSES: [(&str, Takes); 19] = [
    ("ops", Takes::Some),
    ("no_op", Takes::Some),
    ("env", Takes::Some),
    ("read", Takes::Some),
    ("write", Takes::Some),
    ("net", Takes::Some),
    ("shell_bins", Takes::Some),
    ("no_shell", Takes::None),
    ("no_subprocess", Takes::None),
    ("no_shell_metachars", Takes::None),
    ("no_sudo", Takes::None),
    ("offline", Takes::None),
    ("read_only", Takes::None),
    ("pure", Takes::None),
    ("private_ops", Takes::None),
    ("max_runtime", Takes::One),
    ("max_download", Takes::One),
    ("max_file_size", Takes::One),
    ("max_processes", Takes::One),
];

/// Those that nothing enforces yet.
const LATER: [&str; 3] = ["max_download", "max_file_size", "max_processes"];

/// Lowers a section. Spans count from the start of its text.
pub(crate) fn section(text: &str, names: Names<'_>) -> (Option<Section>, Vec<Diagnostic>) {
    let (item, problems) = perch_syntax::parse(text);
    let mut lowering = Lowering::new(text, names, problems);
    let section = match &item {
        Some(Item::Section(section)) => Some(lowering.section(section)),
        _ => None,
    };
    lowering.finish(section)
}

/// What a section says as far as it can be read. Its mistakes are not told, and names are not looked up.
pub(crate) fn section_header(text: &str) -> Option<Section> {
    let (item, _) = perch_syntax::parse(text);
    let mut lowering = Lowering::new(text, Names { scope: &OpsOnly, internal: true }, Vec::new());
    match &item {
        Some(Item::Section(section)) => Some(lowering.section(section)),
        _ => None,
    }
}

impl Lowering<'_> {
    fn section(&mut self, tree: &Tree) -> Section {
        let keyword = self.written(tree.head.keyword);
        self.no_words(&tree.head.words(), keyword);
        let entries = tree.entries.iter();
        match tree.kind {
            SectionKind::Bundle => Section::Bundle(entries.filter_map(|entry| self.include(&entry.setting)).collect()),
            SectionKind::Requires => Section::Requires(entries.flat_map(|entry| self.requirement(entry)).collect()),
            SectionKind::Sandbox => {
                Section::Sandbox(entries.filter_map(|entry| self.sandbox_clause(&entry.setting)).collect())
            }
            SectionKind::Hooks => Section::Hooks(entries.filter_map(|entry| self.hook(&entry.setting)).collect()),
        }
    }

    /// `include PATH [as NAME]`
    fn include(&mut self, setting: &Setting) -> Option<Include> {
        let (first, rest) = setting.words.split_first()?;
        if first.bare() != Some("include") {
            self.unknown_line(first, "bundle", &["include"]);
            return None;
        }
        let (path, name) = match rest {
            [path] => (path, None),
            [path, keyword, name] if keyword.bare() == Some("as") => (path, Some(self.file_name(name)?)),
            _ => {
                self.bad_line(setting.span, "`include` takes a path, perhaps with a name", "include PATH as NAME");
                return None;
            }
        };
        self.check_literal("include", path);
        Some(Include { path: self.text(path), name })
    }

    /// What is carried along is known before anything runs.
    fn check_literal(&mut self, line: &str, word: &Word) {
        if word.literal().is_none() {
            let message = format!("`{line}` takes a path that is written out, without `${{…}}`");
            self.report(
                Diagnostic::new(Code::BadInclude, word.span, message)
                    .help("write the path from the directory of this file"),
            );
        }
    }

    fn file_name(&mut self, word: &Word) -> Option<String> {
        let name = word.bare().filter(|name| is_name(name));
        if name.is_none() {
            self.report(super::file::bad_name(self.written(word.span), word.span));
        }
        name.map(str::to_owned)
    }

    fn requirement(&mut self, entry: &Entry) -> Vec<Requirement> {
        let Some((first, rest)) = entry.setting.words.split_first() else { return Vec::new() };
        let bare = first.bare().unwrap_or_default();
        let Some(what) = REQUIREMENTS.into_iter().find(|what| *what == bare) else {
            self.unknown_line(first, "requires", &REQUIREMENTS);
            return Vec::new();
        };
        let (rest, optional) = match rest.split_last() {
            Some((last, before)) if last.bare() == Some("optional") && matches!(what, "bin" | "env" | "host") => {
                (before, true)
            }
            _ => (rest, false),
        };
        let (words, handle) = match rest {
            [path, keyword, name] if what == "bin" && keyword.bare() == Some("as") => {
                (std::slice::from_ref(path), self.handle_name(name))
            }
            words => (words, None),
        };
        let (versions, words): (Vec<&Word>, Vec<&Word>) =
            words.iter().partition(|word| what == "bin" && is_version(word));
        if let Some(version) = versions.first() {
            let problem = Diagnostic::new(Code::BinVersion, version.span, "versions of programs are not declared");
            self.report(
                problem.help("put `hash \"sha256:…\"` beneath the `bin` line, or compare what `bin_version` yields"),
            );
        }
        if words.is_empty() {
            self.bad_line(entry.setting.span, &format!("`{what}` takes at least one word"), &format!("{what} NAME"));
        }
        let is_path = matches!(what, "read" | "write");
        let words = words.iter().map(|word| if is_path { self.operand(word) } else { Operand::Text(self.text(word)) });
        let words: Vec<_> = words.collect();
        let pins = entry.pins.iter().filter_map(|pin| self.pin(pin)).collect();
        let (place, source) = (self.place(entry.setting.span), self.source(entry.setting.span));
        vec![Requirement { what, words, handle, optional, pins, place, source }]
    }

    fn handle_name(&mut self, word: &Word) -> Option<String> {
        let name = word.bare().filter(|name| is_command_name(name));
        if name.is_none() {
            self.report(super::file::bad_name(self.written(word.span), word.span));
        }
        if let Some(name) = name
            && (perch_syntax::reserved(name).is_some()
                || self.names.op(name).is_some()
                || self.names.is_command(name)
                || self.names.template(name).is_some())
        {
            let message = format!("`{name}` means something else already");
            self.report(Diagnostic::new(Code::DuplicateName, word.span, message).help("give the program another name"));
        }
        name.map(str::to_owned)
    }

    fn pin(&mut self, setting: &Setting) -> Option<(&'static str, Text)> {
        let (first, rest) = setting.words.split_first()?;
        let bare = first.bare().unwrap_or_default();
        let Some(what) = PINS.into_iter().find(|what| *what == bare) else {
            self.unknown_line(first, "bin", &PINS);
            return None;
        };
        let word = self.one_word(what, first.span, rest)?;
        self.not_yet(what, first.span);
        if what == "hash"
            && let Some(text) = word.literal()
            && !is_digest(text)
        {
            self.bad_line(word.span, &format!("`{text}` is not a SHA-256"), "hash \"sha256:64 hex digits\"");
        }
        Some((what, self.text(word)))
    }

    /// A clause of `sandbox`.
    fn sandbox_clause(&mut self, setting: &Setting) -> Option<(&'static str, Vec<Text>)> {
        let (first, rest) = setting.words.split_first()?;
        let bare = first.bare().unwrap_or_default();
        let Some((name, takes)) = CLAUSES.into_iter().find(|(name, _)| *name == bare) else {
            self.unknown_line(first, "sandbox", &CLAUSES.map(|(name, _)| name));
            return None;
        };
        match takes {
            Takes::None => self.no_words(&rest.iter().collect::<Vec<_>>(), name),
            Takes::One => {
                let word = self.one_word(name, first.span, rest)?;
                self.check_limit(name, word);
            }
            Takes::Some if rest.is_empty() => {
                self.bad_line(setting.span, &format!("`{name}` takes at least one word"), &format!("{name} WORD…"));
            }
            Takes::Some if matches!(name, "ops" | "no_op") => self.check_ops(rest),
            Takes::Some => {}
        }
        if LATER.contains(&name) {
            self.not_yet(name, first.span);
        }
        let words: Vec<Text> = rest.iter().map(|word| self.text(word)).collect();
        for (_, word) in words.iter().zip(rest).filter(|(text, _)| text.as_literal().is_none()) {
            self.not_yet("`${…}` in a `sandbox`", word.span);
        }
        Some((name, words))
    }

    /// The words of `ops` and `no_op`: ops and categories.
    fn check_ops(&mut self, words: &[Word]) {
        for word in words {
            let Some(name) = word.literal().filter(|name| Target::named(name).is_none()) else { continue };
            let problem = Diagnostic::new(Code::UnknownOp, word.span, format!("`{name}` is no op and no category"));
            let meant = nearest(name, self.targets());
            self.report(match meant {
                Some(_) => problem.meaning(meant),
                None => problem.help("`perch help` lists the ops"),
            });
        }
    }

    /// What hooks and clauses can be about.
    fn targets(&self) -> impl Iterator<Item = &'static str> + use<'_> {
        self.names.visible_ops().map(|entry| entry.name).chain(Target::names())
    }

    /// `TIMING TARGET HANDLER`
    fn hook(&mut self, setting: &Setting) -> Option<Hook> {
        let [timing, target, handler] = setting.words.as_slice() else {
            self.bad_line(setting.span, "a hook is a time, a target and a command", "before write COMMAND");
            return None;
        };
        let bare = timing.bare().unwrap_or_default();
        let Some(timing) = Timing::ALL.into_iter().find(|known| known.name() == bare) else {
            self.unknown_line(timing, "hooks", &Timing::ALL.map(Timing::name));
            return None;
        };
        let name = target.literal().unwrap_or_default();
        let around = Target::named(name);
        if around.is_none() {
            self.unknown_target(name, target.span);
        }
        let (place, source) = (self.place(setting.span), self.source(setting.span));
        Some(Hook { timing, target: around, handler: self.command_named(handler)?, place, source })
    }

    fn unknown_target(&mut self, name: &str, span: Span) {
        let is_group = Group::ALL.iter().any(|group| group.name() == name);
        let message = format!("`{name}` is no op and no category, so nothing runs this hook");
        let meant = nearest(name, self.targets());
        let problem = Diagnostic::new(Code::UnknownTarget, span, message);
        self.report(match meant {
            Some(_) => problem.meaning(meant),
            None if is_group => problem.help("groups of the reference are no categories"),
            None => problem.help(format!("categories are: {}", Target::names().collect::<Vec<_>>().join(", "))),
        });
    }

    fn unknown_line(&mut self, word: &Word, section: &str, known: &[&str]) {
        let message = format!("`{}` is not a line of `{section}`", self.written(word.span));
        let problem = Diagnostic::new(Code::UnknownSetting, word.span, message);
        let name = word.bare().unwrap_or_default();
        // What a block and a flag call so has another name as a line.
        let clause = Right::of_flag(name).and_then(Right::clause).filter(|clause| known.contains(clause));
        let meant = clause.or_else(|| nearest(name, known.iter().copied()));
        self.report(match meant {
            Some(_) => problem.meaning(meant),
            None => problem.help(format!("lines are: {}", known.join(", "))),
        });
    }

    fn bad_line(&mut self, span: Span, message: &str, form: &str) {
        self.report(Diagnostic::new(Code::BadSetting, span, message).help(format!("write `{form}`")));
    }
}

/// `>=`, `<2`, `^1.2`: what older files say of the version of a program.
fn is_version(word: &Word) -> bool {
    let text = word.literal().unwrap_or_default();
    let rest = text.trim_start_matches(['<', '>', '=', '^', '~', '!']);
    rest.len() < text.len() && rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

fn is_digest(text: &str) -> bool {
    let digits = text.strip_prefix("sha256:").unwrap_or(text);
    digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}
