//! What ops are given, and what kinds of texts there are.

use std::fmt::{self, Display};

use perch_policy::net;

use crate::ErrorKind;

/// One operand.
#[derive(Clone, Copy, Debug)]
pub struct Operand {
    /// Its name in the reference, and in an op's program.
    pub name: &'static str,
    /// What texts it takes.
    pub ty: Type,
    /// How often it is given.
    pub need: Need,
}

/// How often an operand is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Once.
    Once,
    /// Once or not at all.
    Optional,
    /// Once, or it is this text.
    Default(&'static str),
    /// Any number of times.
    Any,
    /// Once or more often.
    Some,
}

impl Need {
    /// It cannot be left out.
    #[must_use]
    pub fn is_needed(self) -> bool {
        matches!(self, Self::Once | Self::Some)
    }

    /// All further words are this operand, too.
    #[must_use]
    pub fn repeats(self) -> bool {
        matches!(self, Self::Any | Self::Some)
    }
}

impl Operand {
    pub(super) const fn new(name: &'static str, ty: Type) -> Self {
        Self { name, ty, need: Need::Once }
    }

    pub(super) const fn optional(self) -> Self {
        Self { need: Need::Optional, ..self }
    }

    pub(super) const fn or(self, default: &'static str) -> Self {
        Self { need: Need::Default(default), ..self }
    }

    pub(super) const fn rest(self) -> Self {
        Self { need: Need::Any, ..self }
    }

    pub(super) const fn some(self) -> Self {
        Self { need: Need::Some, ..self }
    }
}

pub(super) const fn any(name: &'static str) -> Operand {
    Operand::new(name, Type::Any)
}

pub(super) const fn int(name: &'static str) -> Operand {
    Operand::new(name, Type::Int)
}

pub(super) const fn path(name: &'static str) -> Operand {
    Operand::new(name, Type::Path)
}

pub(super) const fn text(name: &'static str) -> Operand {
    Operand::new(name, Type::Text)
}

/// As in a usage line: `SRC`, `[WORDS…]`.
impl Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.to_uppercase();
        match self.need {
            Need::Once => f.write_str(&name),
            Need::Optional | Need::Default(_) => write!(f, "[{name}]"),
            Need::Any => write!(f, "[{name}…]"),
            Need::Some => write!(f, "{name}…"),
        }
    }
}

/// A kind of text. Values are texts; a type says which of them an operand can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Type {
    /// Any value.
    Any,
    /// Any text.
    Text,
    /// Any text, taken as it is written: never the value of a binding of that name.
    Word,
    /// A whole number that fits 64 bits.
    Int,
    /// A decimal number.
    Float,
    /// `true` or `false`.
    Bool,
    /// A length of time.
    Duration,
    /// A path.
    Path,
    /// A web address.
    Url,
    /// The name or address of a machine.
    Host,
    /// Number of a TCP port.
    Port,
    /// Permission bits.
    Mode,
    /// Elements, one per line.
    List,
    /// A JSON document.
    Json,
    /// A regular expression.
    Regex,
    /// Name of an environment variable.
    Variable,
    /// How the name of a file begins.
    Prefix,
    /// Name of a package.
    Package,
    /// A version. One that is none is compared as a text.
    Version,
    /// How a point in time is written.
    Format,
    /// A comparison of versions.
    Operator,
    /// A name that is bound.
    Name,
    /// What stands behind `if`.
    Condition,
    /// How a program ended: its exit status, true when that is 0.
    Status,
}

/// Longer beginnings of names are none.
const MAX_PREFIX: usize = 200;

const OPERATORS: [&str; 7] = [">=", ">", "<=", "<", "==", "!=", "~"];

impl Type {
    /// Its name in the reference.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Text => "text",
            Self::Word => "word",
            Self::Int => "int",
            Self::Float => "float",
            Self::Bool => "bool",
            Self::Duration => "duration",
            Self::Path => "path",
            Self::Url => "url",
            Self::Host => "host",
            Self::Port => "port",
            Self::Mode => "mode",
            Self::List => "list",
            Self::Json => "json",
            Self::Regex => "regex",
            Self::Variable => "variable",
            Self::Prefix => "prefix",
            Self::Package => "package",
            Self::Version => "version",
            Self::Format => "format",
            Self::Operator => "operator",
            Self::Name => "name",
            Self::Condition => "condition",
            Self::Status => "status",
        }
    }

    /// What it takes, in words, with an example; for types that do not take every text.
    #[must_use]
    pub fn wants(self) -> Option<&'static str> {
        Some(match self {
            Self::Int => "a whole number, such as `3`",
            Self::Float => "a number, such as `0.5`",
            Self::Bool => "`true` or `false`",
            Self::Duration => "a duration, such as `500ms`, `30s` or `1h30m`",
            Self::Path => "a path, such as `out/app.conf`",
            Self::Url => "a web address, such as `https://example.org/`",
            Self::Host => "a host, such as `example.org`",
            Self::Port => "a port, 1 to 65535",
            Self::Mode => "permission bits in octal, such as `0755`",
            Self::Variable => "the name of a variable, such as `HOME`",
            Self::Prefix => "the beginning of a file name, such as `build-`",
            Self::Package => "the name of a package, such as `jq`",
            Self::Operator => "one of `>=`, `>`, `<=`, `<`, `==`, `!=`, `~`",
            Self::Format => {
                "`rfc3339`, `rfc822`, `unix`, `unix_milli`, `date`, `time`, `datetime`, or a text with `%Y`, `%m`, `%d`, `%H`, `%M`, `%S`, \
                 `%y`, `%j`, `%a`, `%A`, `%b`, `%B`, `%I`, `%p`, `%z`, `%s`, `%F`, `%T` or `%%`"
            }
            Self::Regex => "a pattern, such as `^v[0-9]+$`",
            _ => return None,
        })
    }

    /// There are texts that are not of the type, whatever the host, and whoever calls the op looks for them. A format is looked at by its
    /// op, as a path is.
    #[must_use]
    pub fn refuses(self) -> bool {
        !matches!(self, Self::Path | Self::Format) && self.wants().is_some()
    }

    /// Whether a text is of the type. What only a run judges (paths.md §1 of a path) is accepted here.
    #[must_use]
    pub fn accepts(self, text: &str) -> bool {
        match self {
            Self::Int => is_int(text),
            Self::Float => is_float(text),
            Self::Bool => matches!(text, "true" | "false"),
            Self::Duration => crate::duration::nanoseconds(text).is_some(),
            Self::Url => net::Url::parse(text).is_some(),
            Self::Host => net::Host::parse(text).is_some(),
            Self::Port => digits(text) && text.parse::<u16>().is_ok_and(|port| port > 0),
            // None that lets a program run as somebody else.
            Self::Mode => {
                let bits = text.strip_prefix('0').filter(|bits| bits.len() == 3).unwrap_or(text);
                bits.len() == 3 && bits.bytes().all(|byte| matches!(byte, b'0'..=b'7'))
            }
            Self::Variable => !text.is_empty() && !text.contains(['=', '\0']),
            // It must not lead out of its directory, and leave room in a name of 255 bytes.
            Self::Prefix => !text.contains(['/', '\\', '\0']) && !text.contains("..") && text.len() <= MAX_PREFIX,
            Self::Package => is_package(text),
            Self::Operator => OPERATORS.contains(&text),
            Self::Regex => crate::pure::is_pattern(text),
            Self::Format => crate::pure::is_time_format(text),
            _ => true,
        }
    }

    /// Whether every text of this type is of another, or none is. Nothing where some are, or nobody has thought about it.
    #[must_use]
    pub fn implies(self, other: Self) -> Option<bool> {
        match (self, other) {
            (one, other) if one == other => Some(true),
            (Self::Int | Self::Port | Self::Mode, Self::Float | Self::Variable)
            | (Self::Port | Self::Mode, Self::Int) => Some(true),
            (Self::Float, Self::Variable)
            | (Self::Bool, Self::Variable | Self::Prefix | Self::Package | Self::Regex) => Some(true),
            (Self::Bool, Self::Int | Self::Float | Self::Duration | Self::Port | Self::Mode)
            | (Self::Int | Self::Float | Self::Port | Self::Mode, Self::Bool)
            | (
                Self::Bool | Self::Int | Self::Float | Self::Port | Self::Mode,
                Self::Url | Self::Operator | Self::Format,
            ) => Some(false),
            _ => None,
        }
    }

    /// How an op fails that is given a text of another type.
    pub(super) fn error_kinds(self) -> &'static [ErrorKind] {
        if self.wants().is_some() { &[ErrorKind::InvalidArgument] } else { &[] }
    }
}

/// What every package manager takes for the name of a package, with a version, a place or an architecture. Some of them take a text that
/// begins with a `-` for an option, one that ends with it for a package to be removed, one with `//` in it for a web address, and others for paths and patterns.
fn is_package(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._+-@:/=~".contains(&byte);
    text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text.bytes().all(is_plain)
        && !text.ends_with('-')
        && !text.contains("//")
        && !FILES.iter().any(|end| text.to_ascii_lowercase().ends_with(end))
}

/// How files end that managers take in place of the name of a package.
const FILES: [&str; 8] = [".apk", ".config", ".deb", ".json", ".nupkg", ".pkg.tar.xz", ".pkg.tar.zst", ".rpm"];

/// An optional `-` and digits, within 64 bits.
#[must_use]
pub fn is_int(text: &str) -> bool {
    digits(text.strip_prefix('-').unwrap_or(text)) && text.parse::<i64>().is_ok()
}

/// An optional `-`, digits, and optionally a dot and digits.
#[must_use]
pub fn is_float(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    digits(whole) && digits(fraction)
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of the texts, those that the type takes.
    fn accepted(ty: Type, texts: &str) -> Vec<&str> {
        texts.split('|').filter(|text| ty.accepts(text)).collect()
    }

    #[test]
    fn what_types_take() {
        let cases = [
            (Type::Int, "|0|-12|+1|1.5|x|9223372036854775807|9223372036854775808", "0|-12|9223372036854775807"),
            (Type::Float, "|0|-12|1.5|-0.5|1.|.5|-|1e3|+1", "0|-12|1.5|-0.5"),
            (Type::Bool, "|true|false|yes|0", "true|false"),
            (Type::Duration, "|5|1.5|500ms|1h30m|7d|2w|1.5h|5 s|-5s|ms|1x|5s5|.", "5|1.5|500ms|1h30m|7d|2w|1.5h"),
            (
                Type::Url,
                "|http://a|https://a/b?c|ftp://a|a.org|http://|https:///x|http://a b",
                "http://a|https://a/b?c",
            ),
            (Type::Host, "|a.org|10.0.0.1|::1|http://a|a/b|a b", "a.org|10.0.0.1|::1"),
            (Type::Port, "|1|65535|0|65536|x|+80", "1|65535"),
            (Type::Mode, "|755|0755|000|077|04755|4755|00755|75|rwx|0999", "755|0755|000|077"),
            (Type::Variable, "|HOME|A=B", "HOME"),
            (Type::Prefix, "|a-|.a|a.b|..|a..b|a/b|/|a\\b", "|a-|.a|a.b"),
            (Type::Operator, "|>=|~|=>|eq", ">=|~"),
            (Type::Regex, "|^a+$|(|[a|a{1000000000}|\\d", "|^a+$|\\d"),
            (Type::Format, "|date|%Y-%m|%u|%|Y|%%|a", "date|%Y-%m|%%"),
            (Type::Path, "|/a|b c", "|/a|b c"),
            (Type::Text, "|x", "|x"),
        ];
        for (ty, texts, want) in cases {
            assert_eq!(accepted(ty, texts), want.split('|').collect::<Vec<_>>(), "{ty:?}");
        }
    }

    #[test]
    fn what_types_imply_is_true_of_texts() {
        let all = [
            Type::Int,
            Type::Float,
            Type::Bool,
            Type::Duration,
            Type::Url,
            Type::Port,
            Type::Mode,
            Type::Variable,
            Type::Prefix,
            Type::Package,
            Type::Operator,
            Type::Format,
            Type::Regex,
        ];
        let texts =
            "|0|-1|80|0755|755|1.5|-0.5|true|false|5s|http://a|HOME|a-|jq|>=|date|^a$|00000000000000000000001|-0";
        for (one, other) in all.into_iter().flat_map(|one| all.map(|other| (one, other))) {
            let Some(implied) = one.implies(other) else { continue };
            for text in texts.split('|').filter(|text| one.accepts(text)) {
                assert_eq!(other.accepts(text), implied, "{text:?} is {one:?}, and {other:?}?");
            }
        }
    }

    #[test]
    fn a_type_that_refuses_a_text_says_what_it_wants() {
        let types =
            [Type::Int, Type::Mode, Type::Url, Type::Operator, Type::Variable, Type::Package, Type::Host, Type::Port];
        assert!(types.iter().all(|ty| !ty.accepts("") && ty.wants().is_some()));
        assert!([Type::Any, Type::Json, Type::List].iter().all(|ty| ty.accepts("") && ty.wants().is_none()));
    }
}
