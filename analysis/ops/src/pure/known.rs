//! What is known of a result when not all operands are known.
//!
//! An unknown text often has known pieces: `"${dir}/app.conf"` ends with `.conf` whatever `dir` is. So operands are given
//! as pieces here, and the answers hold for every text that the unknown pieces may be.
//!
//! One thing is taken for granted: that no text is so large that a function which cannot make much more of it refuses
//! (`limit_exceeded`). The specification lists that with the other failures that no description of a host excludes.

use super::times::Clock;
use super::{Pure, engine, json, printf, times};
use crate::ErrorKind::{self, InvalidArgument, LimitExceeded, ParseFailed};
use crate::{Type, counts};

/// A piece of an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'t> {
    /// That text.
    Text(&'t str),
    /// Some text.
    Unknown,
    /// What the clock has said, or the like: a point in time, of which that much is known, written like that.
    Moment(Option<Clock>, Written),
    /// Some result of a function.
    Result(Pure),
}

/// How a point in time is written that is one for whoever reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// As in RFC 3339.
    Rfc3339,
    /// In Unix seconds.
    Unix,
}

/// An operand, as far as it is known. Two known pieces do not stand next to each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given<'t>(pub Vec<Piece<'t>>);

/// What is known of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// It is that text.
    Text(String),
    /// It is `true` or `false`.
    Truth,
    /// It is the results for the pieces of the operand, one after the other.
    Piecewise,
    /// Nothing.
    Open,
}

impl<'t> Given<'t> {
    pub(super) fn known(&self) -> Option<&'t str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    fn int(&self) -> Option<i64> {
        self.known().and_then(|text| text.parse().ok())
    }

    fn texts(&self) -> impl DoubleEndedIterator<Item = &'t str> + '_ {
        self.0.iter().filter_map(|piece| if let Piece::Text(text) = piece { Some(*text) } else { None })
    }

    /// One of these functions has made it.
    fn is_result_of(&self, functions: &[Pure]) -> bool {
        matches!(self.0.as_slice(), [Piece::Result(function)] if functions.contains(function))
    }

    /// The clock has said it.
    pub(super) fn is_moment(&self) -> bool {
        self.moment().is_some()
    }

    /// The point in time that it is, and how it is written.
    pub(super) fn moment(&self) -> Option<Written> {
        if let [Piece::Moment(_, written)] = self.0.as_slice() { Some(*written) } else { None }
    }

    /// What it is in a format, if the clock has said it and that is known.
    fn moment_in(&self, format: &Self) -> Option<String> {
        match self.0.as_slice() {
            [Piece::Moment(Some(clock), _)] => clock.rendered(format.known()?),
            _ => None,
        }
    }

    /// As a path text, if it ends with one that is known.
    fn last_component(&self) -> Option<String> {
        let (_, base) = self.end().rsplit_once('/')?;
        (!matches!(base, "" | "." | "..")).then(|| base.to_owned())
    }

    /// What it begins with.
    fn start(&self) -> &'t str {
        if let Some(Piece::Text(text)) = self.0.first() { text } else { "" }
    }

    /// What it ends with.
    fn end(&self) -> &'t str {
        if let Some(Piece::Text(text)) = self.0.last() { text } else { "" }
    }
}

/// Up to so many characters, or times, nobody needs to ask whether that is too much.
const MODEST: i64 = 1 << 20;

impl Pure {
    /// Whether it is about the names in paths, and looks at nothing in a name but slashes, dots, what makes a pattern of it, and whether it is
    /// another one.
    #[must_use]
    pub fn is_about_names(self) -> bool {
        matches!(
            self,
            Self::Absolute
                | Self::BaseName
                | Self::DirName
                | Self::JoinPath
                | Self::PathAbs
                | Self::PathBase
                | Self::PathClean
                | Self::PathDir
                | Self::PathExt
                | Self::PathJoin
                | Self::PathRel
                | Self::PathWithExt
                | Self::PathWithin
                | Self::PatternPaths
                | Self::PatternRest
                | Self::PatternRoot
        )
    }

    /// Whether, of those that are about names, it asks whether two names are one.
    #[must_use]
    pub fn compares_names(self) -> bool {
        matches!(self, Self::PathRel | Self::PathWithin | Self::PatternPaths)
    }

    /// With which kinds it may refuse operands of the right types, in the order in which they are looked at.
    #[must_use]
    pub fn kinds(self) -> &'static [ErrorKind] {
        match self {
            Self::Format | Self::PadLeft | Self::PadRight | Self::Repeat => &[InvalidArgument, LimitExceeded],
            Self::Slice => &[InvalidArgument],
            Self::Join | Self::Replace | Self::RegexReplace => &[LimitExceeded],
            Self::PathAbs
            | Self::PathLine
            | Self::PathRel
            | Self::UnixToIso
            | Self::PatternRoot
            | Self::PatternRest => &[InvalidArgument],
            Self::Base64Decode | Self::HexDecode | Self::UrlDecode | Self::CsvParse | Self::TimeDiff => &[ParseFailed],
            Self::JsonParse => &[ParseFailed, LimitExceeded],
            Self::JsonCount | Self::JsonGet => &[InvalidArgument, ParseFailed, LimitExceeded],
            Self::FormatTime | Self::ParseTime => &[InvalidArgument, ParseFailed],
            _ => &[],
        }
    }

    /// Whether it refuses operands with this kind, as far as that can be told.
    #[must_use]
    pub fn may_refuse(self, kind: ErrorKind, given: &[Given<'_>]) -> Option<bool> {
        if !self.kinds().contains(&kind) {
            return Some(false);
        }
        let number = |at: usize| given.get(at).map(Given::int);
        match (self, kind) {
            (Self::Join | Self::Replace | Self::RegexReplace, LimitExceeded) => Some(false),
            (Self::FormatTime | Self::ParseTime, _) => times::may_refuse(kind, self, given),
            // A document stands in one line, with nothing around it, as deep as it was.
            (Self::JsonParse, _) => {
                given.first()?.is_result_of(&[Self::JsonStringify, Self::JsonParse]).then_some(false)
            }
            (Self::UnixToIso, _) => given.first()?.is_moment().then_some(false),
            (Self::TimeDiff, _) if given.iter().any(times::is_none) => Some(true),
            (Self::TimeDiff, _) => given.iter().all(times::is_told).then_some(false),
            (Self::JsonCount | Self::JsonGet, InvalidArgument) => Some(!json::is_path(given.get(1)?.known()?)),
            (Self::PadLeft | Self::PadRight | Self::Repeat, InvalidArgument) => Some(number(1)?? < 0),
            (Self::PadLeft | Self::PadRight | Self::Repeat, LimitExceeded) => (number(1)?? < MODEST).then_some(false),
            (Self::Slice, InvalidArgument) => {
                let negative = [number(1), number(2)].into_iter().flatten().map(|at| at.map(|at| at < 0));
                let negative: Vec<Option<bool>> = negative.collect();
                if negative.contains(&Some(true)) { Some(true) } else { (!negative.contains(&None)).then_some(false) }
            }
            (Self::Format, _) => printf::may_refuse(kind, given.first()?.known()?, given.len() - 1),
            _ => None,
        }
    }

    /// On which types of its operands it hangs whether it refuses them with this kind: it does if one is not of the type beside it. Of a known format.
    #[must_use]
    pub fn wants(self, kind: ErrorKind, given: &[Given<'_>]) -> Option<Vec<(usize, Type)>> {
        match (self, kind) {
            (Self::Format, InvalidArgument) => printf::wants(given.first()?.known()?, given.len() - 1),
            _ => None,
        }
    }

    /// Which of its operands, whole numbers, it refuses with this kind if one is negative, and for nothing else.
    #[must_use]
    pub fn wants_counts(self, kind: ErrorKind) -> &'static [usize] {
        match (self, kind) {
            (Self::PadLeft | Self::PadRight | Self::Repeat, InvalidArgument) => &[1],
            (Self::Slice, InvalidArgument) => &[1, 2],
            _ => &[],
        }
    }

    /// The operand, a whole number, that is at least so much where it refuses its operands with this kind.
    #[must_use]
    pub fn too_much(self, kind: ErrorKind) -> Option<(usize, i64)> {
        match (self, kind) {
            (Self::PadLeft | Self::PadRight | Self::Repeat, LimitExceeded) => Some((1, MODEST)),
            _ => None,
        }
    }

    /// The function whose results it takes back to the operand, whatever that was.
    #[must_use]
    pub fn undoes(self) -> Option<Self> {
        Some(match self {
            Self::Base64Decode => Self::Base64Encode,
            Self::HexDecode => Self::HexEncode,
            Self::UrlDecode => Self::UrlEncode,
            _ => return None,
        })
    }

    /// Whether results can hold a NUL where no operand does.
    #[must_use]
    pub fn may_make_nul(self) -> bool {
        matches!(
            self,
            Self::Base64Decode
                | Self::HexDecode
                | Self::UrlDecode
                | Self::JsonGet
                | Self::JsonParse
                | Self::CsvParse
                | Self::Variables
                | Self::VariableOf
                | Self::TextOf
        )
    }

    /// Whether a text can be one of its results, as far as that is looked at.
    #[must_use]
    pub fn can_be(self, text: &str) -> bool {
        let digits = match self {
            Self::Crc32 => 8,
            Self::Md5 => 32,
            Self::Sha1 => 40,
            Self::Sha256 => 64,
            Self::JsonStringify | Self::FormatTime | Self::UnixToIso => return !text.is_empty(),
            _ => return self.yields().is_none_or(|ty| ty.accepts(text)),
        };
        text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    }

    /// Whether it looks at nothing but blanks, line ends and how many characters there are, and takes or leaves words as a whole.
    #[must_use]
    pub fn treats_words_alike(self) -> bool {
        matches!(self, Self::CountLines | Self::Cut | Self::Head | Self::Length | Self::Tail | Self::Trim)
    }

    /// The least that its result can be, which is a number.
    #[must_use]
    pub fn least(self) -> Option<i64> {
        matches!(self, Self::Length | Self::CountLines | Self::JsonCount | Self::Bytes).then_some(0)
    }

    /// What is known of the result for operands that it does not refuse and that are not all known.
    #[must_use]
    pub fn shape(self, given: &[Given<'_>]) -> Shape {
        match self {
            Self::Upper | Self::HexEncode | Self::UrlEncode => Shape::Piecewise,
            Self::PathBase => given.first().and_then(Given::last_component).map_or(Shape::Open, Shape::Text),
            Self::RegexMatch | Self::Version(_) | Self::PathWithin | Self::ListsPath | Self::IsSum | Self::HasLines => {
                Shape::Truth
            }
            Self::Contains | Self::HasPrefix | Self::HasSuffix | Self::IsAbs => match self.holds(given) {
                Some(holds) => Shape::Text(holds.to_string()),
                None => Shape::Truth,
            },
            Self::LineEnd => match given.first().map(Given::end) {
                None | Some("") => Shape::Open,
                Some(text) => Shape::Text(super::lines::end(text).to_owned()),
            },
            Self::FormatTime => match given {
                [time, format] => time.moment_in(format).map_or(Shape::Open, Shape::Text),
                _ => Shape::Open,
            },
            Self::Backoff => engine::longest_backoff(given).map_or(Shape::Open, Shape::Text),
            _ => Shape::Open,
        }
    }

    /// The type that each of its results is of, as far as ops look for it.
    #[must_use]
    pub fn yields(self) -> Option<Type> {
        match self {
            Self::Backoff => Some(Type::Duration),
            Self::TimeDiff => Some(Type::Float),
            Self::Bytes => Some(Type::Int),
            _ => counts(self).then_some(Type::Int),
        }
    }

    /// Whether the answer is yes.
    fn holds(self, given: &[Given<'_>]) -> Option<bool> {
        let one = given.first()?;
        if self == Self::IsAbs {
            return begins(one.start().bytes(), "/".bytes());
        }
        let two = given.get(1)?.known()?;
        if two.is_empty() {
            return Some(true);
        }
        match self {
            Self::Contains => one.texts().any(|text| text.contains(two)).then_some(true),
            Self::HasPrefix => begins(one.start().bytes(), two.bytes()),
            Self::HasSuffix => begins(one.end().bytes().rev(), two.bytes().rev()),
            _ => None,
        }
    }
}

/// Whether what begins like this, and goes on in an unknown way, begins with that.
fn begins(known: impl ExactSizeIterator<Item = u8>, wanted: impl ExactSizeIterator<Item = u8>) -> Option<bool> {
    let enough = known.len() >= wanted.len();
    if known.zip(wanted).any(|(known, wanted)| known != wanted) { Some(false) } else { enough.then_some(true) }
}
