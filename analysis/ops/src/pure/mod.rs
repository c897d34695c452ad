//! Ops that are functions of their operands.
//!
//! Written once, on known texts, for every domain: one that knows the operands applies the function, one that does not
//! names the result and asks what is known of it all the same ([`Pure::may_refuse`], [`Pure::shape`]).
//!
//! A function may *refuse* its operands: it then has no result but a kind of failure with a sentence. What an operand's
//! type rules out is no matter of the function's: the evaluator has seen to that ([`crate::Type::refuses`]).
//!
//! Lists are texts with an element per line (language §8), so everything here goes from texts to a text.

mod csv;
mod encodings;
mod engine;
mod hashes;
mod json;
mod known;
mod lines;
mod paths;
mod pattern;
mod printf;
mod strings;
mod times;
mod variables;
mod versions;

use crate::ErrorKind;
pub use known::{Given, Piece, Shape, Written};
pub(crate) use pattern::is_pattern;
pub(crate) use times::is_format as is_time_format;
pub use times::{Clock, Recurs, Stamp, counts_moments, says_moment};
pub use versions::Relation;

/// No function makes a text of more bytes out of smaller ones: `limit_exceeded`.
pub const MAX_RESULT: usize = 16 << 20;

/// A function from texts to a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pure {
    /// The first character in upper case.
    Capitalize,
    /// Is the second in the first?
    Contains,
    /// Values put into a format.
    Format,
    /// Does the first begin with the second?
    HasPrefix,
    /// Does the first end with the second?
    HasSuffix,
    /// Lines with a text between them.
    Join,
    /// Number of characters.
    Length,
    /// Lower case by Unicode.
    Lower,
    /// Filled up to a width, on the left.
    PadLeft,
    /// Filled up to a width, on the right.
    PadRight,
    /// Several times.
    Repeat,
    /// Every occurrence replaced.
    Replace,
    /// From one character to before another.
    Slice,
    /// What is between separators, a line each.
    Split,
    /// Without white space at both ends.
    Trim,
    /// Upper case by Unicode.
    Upper,

    /// Number of lines.
    CountLines,
    /// A field of each line.
    Cut,
    /// The lines that match.
    Grep,
    /// The first lines.
    Head,
    /// The lines that do not match.
    Reject,
    /// The lines in order.
    SortLines,
    /// The last lines.
    Tail,
    /// The lines, equal neighbours once.
    UniqLines,

    /// Two path texts, the second as seen from the first, as one that is absolute.
    PathAbs,
    /// Last component of a cleaned path text.
    PathBase,
    /// A path text, cleaned.
    PathClean,
    /// A cleaned path text without its last component.
    PathDir,
    /// The extension of a path text.
    PathExt,
    /// Path texts as one.
    PathJoin,
    /// The second path text as seen from the first.
    PathRel,
    /// A path text with another extension.
    PathWithExt,
    /// Does the first absolute path lie in the second?
    PathWithin,
    /// Does a path text mean the same everywhere?
    IsAbs,

    /// CRC-32 of a text.
    Crc32,
    /// MD5 of a text.
    Md5,
    /// SHA-1 of a text.
    Sha1,
    /// SHA-256 of a text.
    Sha256,
    /// Is a SHA-256 the one that is wanted?
    IsSum,

    /// From base64.
    Base64Decode,
    /// To base64.
    Base64Encode,
    /// From hexadecimal digits.
    HexDecode,
    /// To hexadecimal digits.
    HexEncode,
    /// From percent encoding.
    UrlDecode,
    /// To percent encoding.
    UrlEncode,

    /// Rows of a table.
    CsvParse,
    /// How many elements or members stand at a path of a document.
    JsonCount,
    /// What stands at a path of a document.
    JsonGet,
    /// A document without blanks.
    JsonParse,
    /// A text as a document.
    JsonStringify,

    /// All matches of a pattern, a line each.
    RegexFindAll,
    /// Does a pattern match somewhere?
    RegexMatch,
    /// Every match replaced.
    RegexReplace,

    /// How do two versions compare?
    Version(Relation),
    /// The first text that looks like a version.
    VersionExtract,

    /// A point in time in a format.
    FormatTime,
    /// A text in a format as Unix seconds.
    ParseTime,
    /// Seconds from one point in time to another.
    TimeDiff,
    /// Unix seconds in RFC 3339.
    UnixToIso,

    /// A text as it is quoted in messages.
    Excerpt,

    /// Number of bytes in UTF-8.
    Bytes,
    /// Do the lines of the second stand in the first, one after the other?
    HasLines,
    /// What is missing at the end of the last line: a newline, or nothing.
    LineEnd,
    /// The directory in which a pattern for paths begins.
    PatternRoot,
    /// The pattern for what is beneath it.
    PatternRest,
    /// A directory, a pattern and what that has matched beneath it, as paths in the form of the whole pattern.
    PatternPaths,

    /// Last component of a path text.
    BaseName,
    /// A path text that leads to the directory which holds this one.
    DirName,
    /// Two path texts as one.
    JoinPath,

    /// Is an absolute path one of those in a list with that separator?
    ListsPath,
    /// The line that puts a directory on PATH in a shell's start-up file of that name.
    PathLine,
    /// A text with variables in it, in parts, a line each.
    Variables,
    /// The variable that such a part names, if it names one.
    VariableOf,
    /// The text that such a part is, if it names none.
    TextOf,

    /// A path text taken relative to a directory, and cleaned; of what is no path, nothing.
    Absolute,
    /// A program's name as it is; a path to one likewise.
    ProgramAt,
    /// How long to wait behind an attempt: the first wait, which attempt it was, the longest wait.
    Backoff,
    /// The numbers from 1 to this one, a line each.
    Count,
}

/// Why a function has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The kind of failure.
    pub kind: ErrorKind,
    /// What is wrong.
    pub message: String,
}

impl Refusal {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    fn argument(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidArgument, message)
    }

    /// A text would be larger than any may be.
    #[must_use]
    pub fn too_large() -> Self {
        Self::new(ErrorKind::LimitExceeded, format!("the result would be larger than {} MiB", MAX_RESULT >> 20))
    }
}

type Applied = Result<String, Refusal>;

impl Pure {
    /// The result for known operands. Their number and types have been checked.
    ///
    /// # Errors
    /// If the function refuses them, which it does with a kind of [`Self::kinds`].
    pub fn apply(self, operands: &[&str]) -> Applied {
        let given = Operands(operands);
        let (one, two) = (given.text(0), given.text(1));
        Ok(match self {
            Self::Capitalize => strings::capitalize(one),
            Self::Contains => truth(one.contains(two)),
            Self::Format => return printf::format(one, operands.get(1..).unwrap_or_default()),
            Self::HasPrefix => truth(one.starts_with(two)),
            Self::HasSuffix => truth(one.ends_with(two)),
            Self::Join => return strings::join(one, two),
            Self::Length => one.chars().count().to_string(),
            Self::Lower => one.to_lowercase(),
            Self::PadLeft => return strings::pad(one, given.int(1), given.text(2)).map(|fill| fill + one),
            Self::PadRight => return strings::pad(one, given.int(1), given.text(2)).map(|fill| one.to_owned() + &fill),
            Self::Repeat => return strings::repeat(one, given.int(1)),
            Self::Replace => return strings::replace(one, two, operands.get(2).copied()),
            Self::Slice => return strings::slice(one, given.int(1), operands.get(2).map(|_| given.int(2))),
            Self::Split => strings::split(one, two),
            Self::Trim => one.trim().to_owned(),
            Self::Upper => one.to_uppercase(),

            Self::CountLines => lines::of(one).count().to_string(),
            Self::Cut => lines::cut(given.int(0), two),
            Self::Grep => return lines::matching(one, two, true),
            Self::Head => lines::head(given.int(0), two),
            Self::Reject => return lines::matching(one, two, false),
            Self::SortLines => lines::sort(one),
            Self::Tail => lines::tail(given.int(0), two),
            Self::UniqLines => lines::uniq(one),

            Self::PathAbs => return paths::absolute(one, two),
            Self::PathBase => paths::base(one),
            Self::PathClean => paths::clean_or_here(one),
            Self::PathDir => paths::dir(one),
            Self::PathExt => paths::extension(one).to_owned(),
            Self::PathJoin => paths::join_all(operands),
            Self::PathRel => return paths::relative(one, two),
            Self::PathWithExt => paths::with_extension(one, two),
            Self::PathWithin => truth(perch_policy::path::within(one, two)),
            Self::IsAbs => truth(one.starts_with('/')),

            Self::Crc32 => hashes::crc32(one),
            Self::Md5 => hashes::md5(one),
            Self::Sha1 => hashes::sha1(one),
            Self::Sha256 => hashes::sha256(one),
            Self::IsSum => truth(hashes::is(one, two)),

            Self::Base64Decode => return encodings::from_base64(one),
            Self::Base64Encode => encodings::to_base64(one),
            Self::HexDecode => return encodings::from_hex(one),
            Self::HexEncode => encodings::to_hex(one),
            Self::UrlDecode => return encodings::from_url(one),
            Self::UrlEncode => encodings::to_url(one),

            Self::CsvParse => return csv::parse(one),
            Self::JsonCount => return json::count(one, two),
            Self::JsonGet => return json::get(one, two),
            Self::JsonParse => return json::parse(one),
            Self::JsonStringify => json::stringify(one),

            Self::RegexFindAll => return pattern::find_all(one, two),
            Self::RegexMatch => return pattern::matches(one, two),
            Self::RegexReplace => return pattern::replace(one, two, given.text(2)),

            Self::Version(relation) => truth(versions::compare(relation, one, two)),
            Self::VersionExtract => return versions::extract(one, operands.get(1).copied()),

            Self::FormatTime => return times::render(one, two),
            Self::ParseTime => return times::parse(one, two),
            Self::TimeDiff => return times::difference(one, two),
            Self::UnixToIso => return times::from_unix(given.int(0)),

            Self::Excerpt => shown(one),

            Self::Bytes => one.len().to_string(),
            Self::HasLines => truth(lines::has(one, two)),
            Self::LineEnd => lines::end(one).to_owned(),
            Self::PatternRoot => return paths::pattern(one).map(|(root, _)| root),
            Self::PatternRest => return paths::pattern(one).map(|(_, rest)| rest),
            Self::PatternPaths => paths::found(one, two, given.text(2)),

            Self::BaseName => paths::base_name(one),
            Self::DirName => paths::dir_name(one),
            Self::JoinPath => paths::join(one, two),

            Self::ListsPath => truth(variables::lists(one, two, given.text(2))),
            Self::PathLine => return variables::path_line(one, two),
            Self::Variables => variables::parts(one),
            Self::VariableOf => variables::name_of(one).to_owned(),
            Self::TextOf => variables::text_of(one),

            Self::Absolute => engine::absolute(one, two),
            Self::ProgramAt => engine::program(one, two),
            Self::Backoff => engine::backoff(one, two, given.text(2)),
            Self::Count => engine::count(one),
        })
    }

    /// What is reckoned from the content of a file, by its name in programs of ops.
    #[must_use]
    pub fn measure(name: &str) -> Option<Self> {
        Some(match name {
            "md5" => Self::Md5,
            "sha1" => Self::Sha1,
            "sha256" => Self::Sha256,
            "size" => Self::Bytes,
            "line_end" => Self::LineEnd,
            _ => return None,
        })
    }

    /// The result, or where there is none, what is said about that: one text in any case.
    #[must_use]
    pub fn text(self, operands: &[&str]) -> String {
        self.apply(operands).unwrap_or_else(|refusal| refusal.message)
    }

    /// Whether the function refuses known operands with this kind.
    #[must_use]
    pub fn refuses(self, kind: ErrorKind, operands: &[&str]) -> bool {
        !self.kinds().is_empty() && self.apply(operands).is_err_and(|refusal| refusal.kind == kind)
    }
}

/// Operands of a function.
#[derive(Clone, Copy)]
struct Operands<'o>(&'o [&'o str]);

impl<'o> Operands<'o> {
    fn text(self, at: usize) -> &'o str {
        self.0.get(at).copied().unwrap_or_default()
    }

    /// A whole number, which the evaluator has seen that it is.
    fn int(self, at: usize) -> i64 {
        self.text(at).parse().unwrap_or_default()
    }
}

fn truth(holds: bool) -> String {
    holds.to_string()
}

/// A text as it is quoted in messages: on one line, and not too long.
fn shown(text: &str) -> String {
    const MOST: usize = 120;
    let mut shown: String = text.chars().take(MOST).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(MOST).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests;
