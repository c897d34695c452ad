//! Values in a format: `%`, flags, a width, a precision and a letter.

use super::strings::{fitting, pad};
use super::{Applied, Refusal, shown};
use crate::catalogue::operand::{is_float, is_int};
use crate::{ErrorKind, Type};

/// A place for a value.
#[derive(Debug, Default)]
struct Place {
    left: bool,
    zeros: bool,
    plus: bool,
    width: usize,
    precision: Option<usize>,
}

/// Nobody needs more digits.
const MAX_PRECISION: usize = 1_000;

pub(super) fn format(format: &str, values: &[&str]) -> Applied {
    let mut made = String::new();
    let mut values = values.iter();
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        made.push_str(&rest[..at]);
        let (place, letter, behind) = place(&rest[at + 1..])?;
        rest = behind;
        if letter == '%' {
            made.push('%');
            continue;
        }
        let Some(value) = values.next() else {
            return Err(Refusal::argument(format!("format `{}` has more places than there are values", shown(format))));
        };
        let text = place.written(letter, value)?;
        fitting(made.len(), 1, text.len())?;
        made.push_str(&text);
    }
    if values.next().is_some() {
        return Err(Refusal::argument(format!("there are more values than format `{}` has places", shown(format))));
    }
    fitting(made.len(), 1, rest.len())?;
    Ok(made + rest)
}

/// Whether a known format refuses unknown values, so many of them, with this kind.
pub(super) fn may_refuse(kind: ErrorKind, format: &str, values: usize) -> Option<bool> {
    let mut rest = format;
    let (mut places, mut picky, mut wide) = (0, false, false);
    while let Some(at) = rest.find('%') {
        let (place, letter, behind) = match place(&rest[at + 1..]) {
            Ok(place) => place,
            // What comes before may be refused first.
            Err(_) if picky || places > values => return None,
            Err(refusal) => return Some(refusal.kind == kind),
        };
        rest = behind;
        wide |= place.width > MAX_PRECISION;
        if letter != '%' {
            places += 1;
            picky |= !matches!(letter, 's' | 'v' | 'q');
        }
    }
    match kind {
        ErrorKind::LimitExceeded => (!wide).then_some(false),
        _ => (places == values && !picky).then_some(false),
    }
}

/// What a known format wants of so many unknown values, by their places: it refuses them as arguments if one is of another type. Nothing if it may be for something
/// else.
pub(super) fn wants(format: &str, values: usize) -> Option<Vec<(usize, Type)>> {
    let mut wanted = Vec::new();
    let mut rest = format;
    let mut places = 0;
    while let Some(at) = rest.find('%') {
        let (place, letter, behind) = place(&rest[at + 1..]).ok()?;
        rest = behind;
        if place.width > MAX_PRECISION {
            return None;
        }
        if letter != '%' {
            places += 1;
        }
        match letter {
            '%' | 's' | 'v' | 'q' => {}
            'd' | 'x' | 'X' | 'o' | 'b' => wanted.push((places, Type::Int)),
            'f' => wanted.push((places, Type::Float)),
            _ => return None,
        }
    }
    (places == values).then_some(wanted)
}

/// What stands behind a `%`: the place, its letter, and what follows.
fn place(text: &str) -> Result<(Place, char, &str), Refusal> {
    let mut place = Place::default();
    let mut rest = text;
    while let Some(flag) = rest.chars().next().filter(|c| matches!(c, '-' | '0' | '+')) {
        match flag {
            '-' => place.left = true,
            '0' => place.zeros = true,
            _ => place.plus = true,
        }
        rest = &rest[1..];
    }
    let (width, behind) = number(rest);
    place.width = width.map_or(Ok(0), |width| width.ok_or_else(Refusal::too_large))?;
    rest = behind;
    if let Some(behind) = rest.strip_prefix('.') {
        let (precision, behind) = number(behind);
        let precision = precision.map_or(Ok(0), |precision| precision.ok_or_else(Refusal::too_large))?;
        if precision > MAX_PRECISION {
            return Err(Refusal::too_large());
        }
        place.precision = Some(precision);
        rest = behind;
    }
    let Some(letter) = rest.chars().next() else {
        return Err(Refusal::argument("a format ends behind a `%`; write `%%` for the sign itself"));
    };
    Ok((place, letter, &rest[letter.len_utf8()..]))
}

/// Digits at the start, if there are any, as a number unless it is too large; and what follows.
fn number(text: &str) -> (Option<Option<usize>>, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    ((!digits.is_empty()).then(|| digits.parse().ok()), rest)
}

impl Place {
    fn written(&self, letter: char, value: &str) -> Applied {
        let cut = |text: &str| match self.precision {
            Some(most) => text.chars().take(most).collect(),
            None => text.to_owned(),
        };
        match letter {
            's' | 'v' => self.padded(&cut(value), false),
            'q' => self.padded(&quoted(value), false),
            'd' => self.signed(int(value)?.to_string()),
            'x' => self.signed(based(int(value)?, |number| format!("{number:x}"))),
            'X' => self.signed(based(int(value)?, |number| format!("{number:X}"))),
            'o' => self.signed(based(int(value)?, |number| format!("{number:o}"))),
            'b' => self.signed(based(int(value)?, |number| format!("{number:b}"))),
            'f' => self.signed(float(value, self.precision.unwrap_or(6))?),
            _ => Err(Refusal::argument(format!(
                "`%{letter}` is no place for a value; there are %s %v %q %d %x %X %o %b %f"
            ))),
        }
    }

    fn signed(&self, number: String) -> Applied {
        let number = if self.plus && !number.starts_with('-') { format!("+{number}") } else { number };
        self.padded(&number, self.zeros && !self.left)
    }

    fn padded(&self, text: &str, zeros: bool) -> Applied {
        let width = i64::try_from(self.width).map_err(|_| Refusal::too_large())?;
        if zeros {
            let (sign, digits) = text.split_at(usize::from(text.starts_with(['-', '+'])));
            let fill = pad(text, width, "0")?;
            return Ok(format!("{sign}{fill}{digits}"));
        }
        let fill = pad(text, width, " ")?;
        Ok(if self.left { text.to_owned() + &fill } else { fill + text })
    }
}

fn int(value: &str) -> Result<i64, Refusal> {
    let number = if is_int(value) { value.parse().ok() } else { None };
    number.ok_or_else(|| Refusal::argument(format!("`{}` is no whole number", shown(value))))
}

fn float(value: &str, digits: usize) -> Applied {
    let number: Option<f64> = if is_float(value) { value.parse().ok() } else { None };
    let number = number.ok_or_else(|| Refusal::argument(format!("`{}` is no number", shown(value))))?;
    Ok(format!("{number:.digits$}"))
}

fn based(number: i64, digits: impl Fn(u64) -> String) -> String {
    let sign = if number < 0 { "-" } else { "" };
    format!("{sign}{}", digits(number.unsigned_abs()))
}

/// In double quotes, so that the language reads it as the same text.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            '\0' => quoted.push_str("\\0"),
            c if c.is_control() => quoted.push_str(&format!("\\x{:02x}", u32::from(c))),
            '$' => quoted.push_str("\\$"),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
