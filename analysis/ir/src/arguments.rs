//! Words to arguments (language §3.2), for the command line and for calls in bodies alike.
//!
//! Whether a word is a flag is decided by how it is written, never by a value that is inserted.

use crate::construct::{list_of, word_of};
use crate::program::{Absent, Arg, ArgType, Command, Part, Text};

/// Why words do not fit a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Usage {
    /// No argument of that name.
    UnknownFlag {
        /// The name.
        name: String,
        /// The same with its dashes.
        written: String,
    },
    /// A flag without its value.
    MissingValue(String),
    /// A required argument is not given.
    Missing(String),
    /// A word that no argument takes.
    Surplus {
        /// The word.
        word: String,
        /// The name of the flag right in front of it, if that is a yes.
        behind: Option<String>,
    },
    /// The name of a flag is not written out.
    ComputedFlag,
    /// An argument is given twice.
    Twice(String),
}

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::UnknownFlag { written, .. } => write!(f, "there is no argument `{written}`"),
            Self::MissingValue(name) => write!(f, "`-{name}` needs a value"),
            Self::Missing(name) => write!(f, "argument `{name}` is missing"),
            Self::Surplus { word, .. } => write!(f, "`{word}` is one word too many"),
            Self::ComputedFlag => f.write_str("the name of a flag must be written out"),
            Self::Twice(name) => write!(f, "argument `{name}` is given twice"),
        }
    }
}

impl Usage {
    /// What to do about it, for callers of a command with these arguments.
    #[must_use]
    pub fn advice(&self, args: &[Arg]) -> Option<String> {
        let Self::Surplus { word, behind } = self else { return None };
        if let Some((name, _)) = word.split_once('=').filter(|(name, _)| args.iter().any(|arg| arg.name == *name)) {
            return Some(format!("`{name}` is given by its name, `-{word}`"));
        }
        if let Some(flag) = behind.as_ref().filter(|_| ArgType::Bool.accepts(word)) {
            return Some(format!("`-{flag}` alone is a yes; a value stands behind `=`, `-{flag}={word}`"));
        }
        let named = args.iter().find(|arg| arg.index.is_none() && arg.ty != ArgType::Bool)?;
        let Arg { name, .. } = named;
        let free = args.iter().filter_map(|arg| arg.index).max().map_or(0, |last| last + 1);
        Some(format!(
            "`{name}` is given by its name, `-{name} {word}`; with `index {free}` in its declaration it takes a word without a name"
        ))
    }
}

/// What the words of a call give.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Given {
    /// The text for each argument, in order of declaration; `None` where it is not given.
    pub texts: Vec<Option<Text>>,
    /// The words of the list that the command takes.
    pub list: Vec<Text>,
}

impl Given {
    /// What words that are written out give, by the names under which it is bound.
    #[must_use]
    pub fn literals(&self, command: &Command) -> Vec<(String, String)> {
        let texts =
            command.args.iter().zip(&self.texts).filter_map(|(arg, text)| Some((arg.name.clone(), text.as_ref()?)));
        let list = command.list();
        let words =
            list.iter().flat_map(|list| self.list.iter().enumerate().map(|(at, word)| (word_of(list.name, at), word)));
        texts.chain(words).filter_map(|(name, text)| Some((name, text.as_literal()?.to_owned()))).collect()
    }
}

/// What words give a command.
///
/// # Errors
/// If they do not fit.
pub fn given_to(command: &Command, words: &[Text]) -> Result<Given, Usage> {
    if command.config.proxy_args {
        return Ok(Given { texts: Vec::new(), list: words.to_vec() });
    }
    assign(&command.args, words)
}

/// What words give for arguments.
///
/// # Errors
/// If they do not fit.
pub fn assign(args: &[Arg], words: &[Text]) -> Result<Given, Usage> {
    let mut given = Given { texts: vec![None; args.len()], list: Vec::new() };
    let mut slots: Vec<usize> = (0..args.len()).filter(|at| args[*at].index.is_some() && !args[*at].rest).collect();
    slots.sort_by_key(|at| args[*at].index);
    let takes_more = args.iter().any(|arg| arg.rest);
    let mut slots = slots.into_iter();
    let mut flags = true;
    let mut words = words.iter();
    let mut yes = None;
    while let Some(word) = words.next() {
        let behind = yes.take();
        if flags && word.as_literal() == Some("--") {
            flags = false;
        } else if let Some((name, value)) = flags.then(|| flag(word)).flatten().transpose()? {
            let at = args.iter().position(|arg| arg.name == name).ok_or_else(|| unknown(word, &name))?;
            let value = match value {
                Some(value) => value,
                None if args[at].ty == ArgType::Bool => {
                    yes = Some(name);
                    Text::literal("true")
                }
                None => words.next().filter(|word| !is_flag(word)).cloned().ok_or(Usage::MissingValue(name))?,
            };
            put(args, &mut given, at, value)?;
        } else if let Some(at) = slots.find(|at| given.texts[*at].is_none()) {
            put(args, &mut given, at, word.clone())?;
        } else if takes_more {
            given.list.push(word.clone());
        } else {
            return Err(Usage::Surplus { word: shown(word), behind });
        }
    }
    let is_missing = |(arg, text): &(&Arg, &Option<Text>)| text.is_none() && arg.absent == Absent::Required;
    match args.iter().zip(&given.texts).find(is_missing) {
        Some((arg, _)) => Err(Usage::Missing(arg.name.clone())),
        None => Ok(given),
    }
}

/// Says that no argument has the name that a flag has.
fn unknown(flag: &Text, name: &str) -> Usage {
    let has_two = matches!(flag.parts.first(), Some(Part::Literal(first)) if first.starts_with("--"));
    let dashes = if has_two { "--" } else { "-" };
    Usage::UnknownFlag { name: name.to_owned(), written: format!("{dashes}{name}") }
}

/// Whether a word, by how it is written, is no value.
fn is_flag(word: &Text) -> bool {
    word.as_literal() == Some("--") || flag(word).is_some()
}

fn put(args: &[Arg], given: &mut Given, at: usize, value: Text) -> Result<(), Usage> {
    if args[at].rest {
        given.list.push(value);
    } else if given.texts[at].replace(value).is_some() {
        return Err(Usage::Twice(args[at].name.clone()));
    }
    Ok(())
}

type Flag = (String, Option<Text>);

/// The name and the value after `=`, if the word is written as a flag.
fn flag(word: &Text) -> Option<Result<Flag, Usage>> {
    let Some((Part::Literal(first), rest)) = word.parts.split_first() else { return None };
    let body = first.strip_prefix("--").or_else(|| first.strip_prefix('-'))?;
    if body.starts_with(|c: char| c.is_ascii_digit()) || (body.is_empty() && rest.is_empty()) {
        return None;
    }
    let Some((name, head)) = body.split_once('=') else {
        return Some(if rest.is_empty() { Ok((body.to_owned(), None)) } else { Err(Usage::ComputedFlag) });
    };
    let mut parts = Text::literal(head).parts;
    parts.extend_from_slice(rest);
    Some(Ok((name.to_owned(), Some(Text { parts }))))
}

/// A word as a person wrote it.
fn shown(word: &Text) -> String {
    let part = |part: &Part| match part {
        Part::Literal(text) => text.clone(),
        Part::Name(name) => match list_of(name) {
            Some(list) => format!("${{{list}...}}"),
            None => format!("${{{name}}}"),
        },
        Part::Splice(list) => format!("${{{list}...}}"),
        Part::Call(_) | Part::NotYet(_) => "${…}".to_owned(),
    };
    word.parts.iter().map(part).collect()
}

/// How a command is called, as in a manual.
#[must_use]
pub fn called(callee: &str, args: &[Arg]) -> String {
    let mut positional: Vec<&Arg> = args.iter().filter(|arg| arg.index.is_some()).collect();
    positional.sort_by_key(|arg| arg.index);
    let named = args.iter().filter(|arg| arg.index.is_none());
    let shown = |arg: &Arg| match (arg.index, arg.ty) {
        (Some(_), _) => arg.name.to_uppercase(),
        (None, ArgType::Bool) => format!("-{}", arg.name),
        (None, _) => format!("-{}=VALUE", arg.name),
    };
    let word = |arg: &Arg| match (arg.rest, &arg.absent) {
        (true, _) => format!("[{}…]", shown(arg)),
        (false, Absent::Required) => shown(arg),
        (false, _) => format!("[{}]", shown(arg)),
    };
    let words = positional.into_iter().chain(named).map(|arg| format!(" {}", word(arg)));
    format!("{callee}{}", words.collect::<String>())
}

/// The text of an optional argument that is not given.
#[must_use]
pub fn empty_of(ty: ArgType) -> &'static str {
    match ty {
        ArgType::Text => "",
        ArgType::Int | ArgType::Float => "0",
        ArgType::Bool => "false",
    }
}

/// The number that a text is: an optional `-`, digits, and optionally a dot and digits.
#[must_use]
pub fn number(text: &str) -> Option<f64> {
    ArgType::Float.accepts(text).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::Place;

    fn arg(name: &str, ty: ArgType, index: Option<u32>) -> Arg {
        Arg {
            name: name.into(),
            ty,
            absent: Absent::Empty,
            index,
            rest: false,
            description: None,
            place: Place::default(),
        }
    }

    fn given(words: &[&str]) -> Result<Vec<Option<String>>, Usage> {
        let args =
            [arg("target", ArgType::Text, None), arg("force", ArgType::Bool, None), arg("n", ArgType::Int, Some(0))];
        let words: Vec<Text> = words.iter().map(|word| Text::literal(*word)).collect();
        let texts = assign(&args, &words)?.texts;
        Ok(texts.into_iter().map(|text| text.map(|text| shown(&text))).collect())
    }

    #[test]
    fn flags_and_positionals_mix() {
        let want = Ok(vec![Some("x".into()), Some("true".into()), Some("-5".into())]);
        assert_eq!(given(&["-target=x", "-force", "-5"]), want);
        assert_eq!(given(&["-5", "--target", "x", "-force"]), want);
        assert_eq!(given(&["-target", "x", "-force", "--", "-5"]), want);
    }

    #[test]
    fn what_does_not_fit_is_named() {
        assert_eq!(given(&["-tarot=x"]), Err(unknown(&Text::literal("-tarot=x"), "tarot")));
        assert_eq!(given(&["1", "2"]), Err(Usage::Surplus { word: "2".into(), behind: None }));
        for words in [&["-target"][..], &["-target", "-force"], &["-target", "--", "5"]] {
            assert_eq!(given(words), Err(Usage::MissingValue("target".into())), "{words:?}");
        }
        assert_eq!(given(&["-n", "-5"]), Ok(vec![None, None, Some("-5".into())]));
    }

    #[test]
    fn a_value_that_misses_its_flag_is_given_one() {
        let args = [arg("mode", ArgType::Text, None), arg("force", ArgType::Bool, None)];
        let advice = |words: &[&str]| {
            let words: Vec<Text> = words.iter().map(|word| Text::literal(*word)).collect();
            assign(&args, &words).err().and_then(|wrong| wrong.advice(&args)).unwrap()
        };
        assert_eq!(advice(&["mode=release"]), "`mode` is given by its name, `-mode=release`");
        assert_eq!(advice(&["force=true"]), "`force` is given by its name, `-force=true`");
        let alone = "`-force` alone is a yes; a value stands behind `=`, `-force=false`";
        assert_eq!(advice(&["-force", "false"]), alone);
        for words in [&["-force", "x"][..], &["-force=true", "x=1"], &["true"]] {
            assert!(advice(words).starts_with("`mode` is given by its name, `-mode "), "{words:?}");
        }
    }

    #[test]
    fn a_word_of_a_list_is_told_as_its_splice() {
        let surplus = |word| Usage::Surplus { word, behind: None };
        let hidden = |list: &str| surplus(shown(&Text::name(word_of(list, 3)))).to_string();
        assert_eq!(hidden("files"), "`${files...}` is one word too many");
        assert_eq!(hidden(&crate::construct::hygienic("t", "files")), "`${files...}` is one word too many");
    }

    #[test]
    fn what_is_left_goes_into_the_list() {
        let rest = Arg { rest: true, ..arg("files", ArgType::Text, Some(1)) };
        let args = [arg("n", ArgType::Text, Some(0)), arg("force", ArgType::Bool, None), rest];
        let list = |words: &[&str]| {
            let words: Vec<Text> = words.iter().map(|word| Text::literal(*word)).collect();
            assign(&args, &words).map(|given| given.list.iter().map(shown).collect::<Vec<_>>())
        };
        assert_eq!(list(&[]), Ok(Vec::new()));
        assert_eq!(list(&["one", "a", "-force", "-1", "--", "-b"]), Ok(vec!["a".into(), "-1".into(), "-b".into()]));
        assert_eq!(list(&["-files=a", "one", "b"]), Ok(vec!["a".into(), "b".into()]));
        assert_eq!(list(&["one", "a", "-b"]), Err(unknown(&Text::literal("-b"), "b")));
    }
}
