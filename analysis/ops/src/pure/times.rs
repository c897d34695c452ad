//! Points in time (language §9.4).
//!
//! Nothing here knows what time it is, nor where: a point in time is a text, and it has the offset that it is written with.

use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::strtime;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};

use super::{Applied, Given, Pure, Refusal, Written, shown};
use crate::ErrorKind::{self, ParseFailed};
use crate::catalogue::operand::{is_float, is_int};

/// What a format with `%` may hold.
const LETTERS: &str = "YmdHMSyjaAbBIpzsFT%";

/// Of these, what is the same for all of a day, wherever that is.
const LETTERS_OF_A_DAY: &str = "YmdyjaAbBF%";

/// Of these, what is the same for all of a second, wherever that is.
const LETTERS_OF_AN_INSTANT: &str = "s%";

const NANOSECONDS: i128 = 1_000_000_000;

/// What a clock says throughout, in the time zone of its machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Clock {
    /// Moments of a second, at that offset.
    Second(Timestamp, Offset),
    /// Moments of a second, at an offset that is not known.
    Instant(Timestamp),
    /// Moments of a day.
    Day(Date),
}

impl Clock {
    /// `2024-01-31`, or a point in time as in RFC 3339 without parts of seconds.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_day = text.len() == "2024-01-31".len();
        let whole = if is_day { &format!("{text}T00:00:00Z") } else { text };
        let at = moment(whole).ok().filter(|_| !is_float(text) && !text.contains('.'))?;
        Some(if is_day { Self::Day(at.date()) } else { Self::Second(at.timestamp(), at.offset()) })
    }

    /// The day, as people write it.
    #[must_use]
    pub fn day(self) -> String {
        let day = match self {
            Self::Second(at, offset) => at.to_zoned(TimeZone::fixed(offset)).date(),
            Self::Instant(at) => at.to_zoned(TimeZone::UTC).date(),
            Self::Day(day) => day,
        };
        day.to_string()
    }

    /// Unix seconds, if they are told.
    #[must_use]
    pub fn unix(self) -> Option<i64> {
        match self {
            Self::Second(at, _) | Self::Instant(at) => Some(at.as_second()),
            Self::Day(_) => None,
        }
    }

    /// The same clock on a machine where `TZ` says that. Of a zone that only the machine knows it is not known how far from UTC it is.
    ///
    /// # Errors
    /// If it is told at another offset than such a machine has then: both, as people write them.
    pub fn with_zone(self, tz: &str) -> Result<Self, [String; 2]> {
        let Self::Second(at, told) = self else { return Ok(self) };
        let Some(zone) = zone(tz) else { return Ok(Self::Instant(at)) };
        let there = zone.to_offset(at);
        let written = |offset: Offset| at.to_zoned(TimeZone::fixed(offset)).strftime("%:z").to_string();
        if there == told { Ok(self) } else { Err([told, there].map(written)) }
    }

    /// What a moment is in a format, if it is the same for each that the clock may say.
    pub(super) fn rendered(self, wanted: &str) -> Option<String> {
        let format = format(wanted).ok()?;
        let at = match (self, &format) {
            (_, Format::UnixMilli) => return None,
            (Self::Second(at, offset), _) => at.to_zoned(TimeZone::fixed(offset)),
            (Self::Instant(at), Format::Unix) => at.to_zoned(TimeZone::UTC),
            (Self::Instant(at), Format::Pattern(pattern)) if holds_only(pattern, LETTERS_OF_AN_INSTANT) => {
                at.to_zoned(TimeZone::UTC)
            }
            (Self::Instant(_), _) => return None,
            (Self::Day(day), Format::Pattern(pattern)) if holds_only(pattern, LETTERS_OF_A_DAY) => {
                day.to_zoned(TimeZone::UTC).ok()?
            }
            (Self::Day(_), _) => return None,
        };
        written(&at, &format).ok()
    }
}

/// Names of UTC that every machine knows, if without its database of time zones: what is not in there is UTC.
const NAMES_OF_UTC: [&str; 8] = ["UTC", "UCT", "Zulu", "Universal", "GMT", "Greenwich", "GMT+0", "GMT-0"];

/// The time zone that the value of `TZ` is by itself: a rule such as `CET-1CEST,M3.5.0,M10.5.0/3`, or UTC. Of the names of others a database says what
/// they mean.
fn zone(tz: &str) -> Option<TimeZone> {
    let name = tz.strip_prefix(':').unwrap_or(tz);
    let name = name.strip_prefix("Etc/").unwrap_or(name);
    if tz.is_empty() || NAMES_OF_UTC.iter().any(|utc| utc.eq_ignore_ascii_case(name)) {
        return Some(TimeZone::UTC);
    }
    TimeZone::posix(tz).ok()
}

/// Whether no other letters stand behind `%` in a pattern.
fn holds_only(pattern: &str, wanted: &str) -> bool {
    let mut letters = pattern.chars();
    let mut all = true;
    while let Some(c) = letters.next() {
        if c == '%' {
            all &= letters.next().is_some_and(|letter| wanted.contains(letter));
        }
    }
    all
}

/// What is known of a text that says when it was made: good for a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Characters that may be in it. None of them means anything in a path, or in a pattern for paths.
    pub signs: String,
    /// So many bytes it has at most.
    pub longest: usize,
    /// When it is the same again.
    pub recurs: Recurs,
}

/// How soon a text that says when it was made is the same again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Recurs {
    /// Hardly ever: it says the second of a day.
    Never,
    /// Once more on the same day, and then no more.
    SameDay,
    /// On other days, too.
    OtherDays,
}

impl Stamp {
    /// A whole number.
    #[must_use]
    pub fn number() -> Self {
        Self { signs: "-0123456789".to_owned(), longest: 20, recurs: Recurs::Never }
    }

    /// A moment in a format.
    #[must_use]
    pub fn of_moment(wanted: &str) -> Option<Self> {
        match format(wanted).ok()? {
            Format::Unix | Format::UnixMilli => Some(Self::number()),
            Format::Rfc3339 => Self::of_pattern("%FT%TZ%z"),
            Format::Pattern(pattern) => Self::of_pattern(pattern),
        }
    }

    fn of_pattern(pattern: &str) -> Option<Self> {
        let mut stamp = Self::number();
        let mut said = String::new();
        let mut letters = pattern.chars();
        while let Some(c) = letters.next() {
            let letter = if c == '%' { letters.next() } else { None };
            said.extend(letter);
            match letter {
                None if !is_plain(c) => return None,
                None => stamp.signs.push(c),
                Some('j' | 'Y' | 'm' | 'd' | 'H' | 'M' | 'S' | 'y' | 'I' | 's' | 'F') => {}
                Some('T') => stamp.signs.push(':'),
                Some('z') => stamp.signs.push_str("+:"),
                Some('%') => stamp.signs.push('%'),
                Some(_) => stamp.signs.extend(('a'..='z').chain('A'..='Z')),
            }
            stamp.longest += LONGEST_PART;
        }
        Some(Self { recurs: Recurs::of_pattern(&said), ..stamp })
    }

    /// Whether a name with it can be told from those that somebody has spelled out.
    #[must_use]
    pub fn makes_names(&self) -> bool {
        self.recurs != Recurs::OtherDays
    }

    /// What it is with one text in place of another.
    #[must_use]
    pub fn replaced(self, from: &str, to: &str) -> Option<Self> {
        let goes = to.is_empty() && from.contains(|c: char| c.is_ascii_digit());
        if from.is_empty() || goes || !to.chars().all(is_plain) {
            return None;
        }
        Some(Self { signs: self.signs + to, longest: self.longest * to.len().max(1), ..self })
    }
}

impl Recurs {
    /// What these letters of a pattern say, together.
    fn of_pattern(letters: &str) -> Self {
        let says = |any_of: &str| letters.contains(|letter| any_of.contains(letter));
        let says_day = says("sF") || says("Yy") && (says("j") || says("mbB") && says("d"));
        if says("HITs") && says("MTs") && says("STs") {
            Self::Never
        } else if says_day {
            Self::SameDay
        } else {
            Self::OtherDays
        }
    }
}

/// Whether a character means nothing in a path, or in a pattern for paths.
fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_:+,=@ ".contains(c)
}

/// So many bytes stand for a letter of a pattern at most.
const LONGEST_PART: usize = 12;

/// A format.
enum Format<'f> {
    Rfc3339,
    Unix,
    UnixMilli,
    Pattern(&'f str),
}

fn format(text: &str) -> Result<Format<'_>, Refusal> {
    Ok(match text {
        "rfc3339" => Format::Rfc3339,
        "unix" => Format::Unix,
        "unix_milli" => Format::UnixMilli,
        "rfc822" => Format::Pattern("%d %b %y %H:%M %z"),
        "date" => Format::Pattern("%F"),
        "time" => Format::Pattern("%T"),
        "datetime" => Format::Pattern("%F %T"),
        pattern if is_pattern(pattern) => Format::Pattern(pattern),
        other => {
            let message = format!(
                "`{}` is no format: there are rfc3339, rfc822, unix, unix_milli, date, time, datetime, and patterns such as `%Y-%m-%d` with %Y %m %d %H %M %S %y %j %a %A %b %B %I %p %z %s %F %T %%",
                shown(other)
            );
            return Err(Refusal::argument(message));
        }
    })
}

/// Whether a text is a format.
pub(crate) fn is_format(text: &str) -> bool {
    format(text).is_ok()
}

/// How a moment is written in that format, if what is written is a point in time, too.
#[must_use]
pub fn says_moment(text: &str) -> Option<Written> {
    match format(text) {
        Ok(Format::Rfc3339) => Some(Written::Rfc3339),
        Ok(Format::Unix) => Some(Written::Unix),
        _ => None,
    }
}

/// Whether everything in that format is a whole number.
#[must_use]
pub fn counts_moments(text: &str) -> bool {
    matches!(format(text), Ok(Format::Unix | Format::UnixMilli))
}

fn is_pattern(text: &str) -> bool {
    let mut parts = text.split('%').skip(1);
    let mut any = false;
    while let Some(part) = parts.next() {
        any = true;
        match part.chars().next() {
            Some(letter) if LETTERS.contains(letter) => {}
            // `%%`: the part behind it is plain text.
            None if parts.next().is_some() => {}
            _ => return false,
        }
    }
    any
}

/// Whether operands of which something is known are refused.
pub(super) fn may_refuse(kind: ErrorKind, function: Pure, given: &[Given<'_>]) -> Option<bool> {
    let is_format = format(given.get(1)?.known()?).is_ok();
    let time = given.first()?;
    let told = match function {
        Pure::FormatTime => is_told(time),
        _ => time.moment().is_some() && time.moment() == says_moment(given.get(1)?.known()?),
    };
    match kind {
        ErrorKind::InvalidArgument => Some(!is_format),
        _ if !is_format => Some(false),
        _ => told.then_some(false),
    }
}

/// Whether what is given is a point in time, whichever.
pub(super) fn is_told(given: &Given<'_>) -> bool {
    given.is_moment() || given.known().is_some_and(|text| moment(text).is_ok())
}

/// Whether what is given is no point in time.
pub(super) fn is_none(given: &Given<'_>) -> bool {
    given.known().is_some_and(|text| moment(text).is_err())
}

fn wrong(text: &str, what: &str) -> Refusal {
    Refusal::new(ParseFailed, format!("`{}` is {what}", shown(text)))
}

/// A point in time: Unix seconds, or as RFC 3339 has it.
fn moment(text: &str) -> Result<Zoned, Refusal> {
    let outside = || wrong(text, "not within the years 1 to 9998");
    let moment = if is_float(text) {
        Timestamp::from_nanosecond(nanoseconds(text).ok_or_else(outside)?)
            .map_err(|_| outside())?
            .to_zoned(TimeZone::UTC)
    } else {
        rfc3339(text)
            .ok_or_else(|| wrong(text, "no point in time: neither Unix seconds nor such as `2024-01-31T12:00:00Z`"))?
    };
    if (1..=9998).contains(&moment.year()) { Ok(moment) } else { Err(outside()) }
}

/// A number of seconds, as nanoseconds. What is less does not count.
fn nanoseconds(text: &str) -> Option<i128> {
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |text| (true, text));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction = format!("{:0<9}", fraction.get(..fraction.len().min(9)).unwrap_or_default());
    let total = whole.parse::<i128>().ok()?.checked_mul(NANOSECONDS)?.checked_add(fraction.parse().ok()?)?;
    Some(if negative { -total } else { total })
}

fn rfc3339(text: &str) -> Option<Zoned> {
    let part =
        |from: usize, to: usize| text.get(from..to).filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    let number = |from: usize, to: usize| part(from, to)?.parse::<i8>().ok();
    let sign = |at: usize, signs: &str| text.get(at..=at).is_some_and(|sign| signs.contains(sign));
    if !(sign(4, "-") && sign(7, "-") && sign(10, "Tt ") && sign(13, ":") && sign(16, ":")) {
        return None;
    }
    let date = Date::new(part(0, 4)?.parse().ok()?, number(5, 7)?, number(8, 10)?).ok()?;
    let rest = text.get(19..)?;
    let (fraction, zone) = match rest.strip_prefix('.') {
        Some(behind) => {
            let end = behind.find(|c: char| !c.is_ascii_digit()).filter(|end| *end > 0)?;
            behind.split_at(end)
        }
        None => ("", rest),
    };
    let fraction = format!("{:0<9}", fraction.get(..fraction.len().min(9)).unwrap_or_default());
    let time = Time::new(number(11, 13)?, number(14, 16)?, number(17, 19)?, fraction.parse().ok()?).ok()?;
    DateTime::from_parts(date, time).to_zoned(TimeZone::fixed(offset(zone)?)).ok()
}

fn offset(text: &str) -> Option<Offset> {
    if matches!(text, "Z" | "z") {
        return Some(Offset::UTC);
    }
    let (sign, rest) =
        text.strip_prefix('+').map(|rest| (1, rest)).or_else(|| text.strip_prefix('-').map(|rest| (-1, rest)))?;
    let (hours, minutes) = rest.split_once(':')?;
    let two = |text: &str| {
        (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse::<i32>().ok())?
    };
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    if hours > 23 || minutes > 59 {
        return None;
    }
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

pub(super) fn render(time: &str, wanted: &str) -> Applied {
    let wanted = format(wanted)?;
    written(&moment(time)?, &wanted)
}

fn written(moment: &Zoned, format: &Format<'_>) -> Applied {
    Ok(match format {
        Format::Unix => seconds(moment).to_string(),
        Format::UnixMilli => moment.timestamp().as_nanosecond().div_euclid(1_000_000).to_string(),
        Format::Rfc3339 if moment.offset() == Offset::UTC => moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        Format::Rfc3339 => moment.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        Format::Pattern(pattern) => {
            strtime::format(pattern, moment).map_err(|error| wrong(pattern, &format!("no format for that: {error}")))?
        }
    })
}

fn seconds(moment: &Zoned) -> i128 {
    moment.timestamp().as_nanosecond().div_euclid(NANOSECONDS)
}

pub(super) fn from_unix(number: i64) -> Applied {
    let text = number.to_string();
    let moment = moment(&text).map_err(|refusal| Refusal::argument(refusal.message))?;
    written(&moment, &Format::Rfc3339)
}

/// A text in a format, as Unix seconds. What has no offset is in UTC, what has no time at the start of its day.
pub(super) fn parse(text: &str, wanted: &str) -> Applied {
    let outside = || wrong(text, "not within the years 1 to 9998");
    let at = match format(wanted)? {
        Format::Rfc3339 => {
            rfc3339(text).ok_or_else(|| wrong(text, "no point in time such as `2024-01-31T12:00:00Z`"))?
        }
        Format::Unix | Format::UnixMilli if !is_int(text) => return Err(wrong(text, "no whole number")),
        Format::Unix => moment(text)?,
        Format::UnixMilli => {
            let at = text.parse().ok().and_then(|number| Timestamp::from_millisecond(number).ok());
            at.ok_or_else(outside)?.to_zoned(TimeZone::UTC)
        }
        Format::Pattern(pattern) => read(pattern, text)
            .ok_or_else(|| wrong(text, &format!("no point in time in the format `{}`", shown(wanted))))?,
    };
    if (1..=9998).contains(&at.year()) { Ok(seconds(&at).to_string()) } else { Err(outside()) }
}

/// What a text says that is written exactly as the pattern would write it.
fn read(pattern: &str, text: &str) -> Option<Zoned> {
    let read = strtime::parse(pattern, text).ok()?;
    let offset = read.offset().unwrap_or(Offset::UTC);
    let at = match read.timestamp() {
        Some(at) => at,
        None => {
            let time = read.to_time().unwrap_or(Time::midnight());
            offset.to_timestamp(DateTime::from_parts(read.to_date().ok()?, time)).ok()?
        }
    };
    let at = at.to_zoned(TimeZone::fixed(offset));
    let again = strtime::format(pattern, &at).ok()?;
    (again == text).then_some(at)
}

/// Seconds from one point in time to another, with a fraction only where there is one.
pub(super) fn difference(from: &str, to: &str) -> Applied {
    let nanoseconds = moment(to)?.timestamp().as_nanosecond() - moment(from)?.timestamp().as_nanosecond();
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let (whole, fraction) = (nanoseconds.abs() / NANOSECONDS, nanoseconds.abs() % NANOSECONDS);
    let fraction = format!(".{fraction:09}");
    Ok(format!("{sign}{whole}{}", fraction.trim_end_matches('0').trim_end_matches('.')))
}
