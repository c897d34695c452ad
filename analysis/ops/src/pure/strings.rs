//! Texts.

use super::{Applied, MAX_RESULT, Refusal, lines};

pub(super) fn capitalize(text: &str) -> String {
    let mut rest = text.chars();
    let first = rest.next().map(|first| first.to_uppercase().collect::<String>()).unwrap_or_default();
    first + rest.as_str()
}

/// Three operands are a text, what is replaced, and by what; two have the latter in one, with a comma between them.
pub(super) fn replace(text: &str, old: &str, new: Option<&str>) -> Applied {
    match new.map(|new| (old, new)).or_else(|| old.split_once(',')) {
        Some((old, new)) if !old.is_empty() => {
            let found = if new.len() > old.len() { text.matches(old).count() } else { 0 };
            fitting(text.len(), found, new.len().saturating_sub(old.len()))?;
            Ok(text.replace(old, new))
        }
        _ => Ok(text.to_owned()),
    }
}

pub(super) fn split(text: &str, separator: &str) -> String {
    if separator.is_empty() {
        let characters: Vec<String> = text.chars().map(String::from).collect();
        return characters.join("\n");
    }
    text.replace(separator, "\n")
}

pub(super) fn join(list: &str, separator: &str) -> Applied {
    fitting(list.len(), lines::of(list).count(), separator.len())?;
    Ok(lines::of(list).collect::<Vec<_>>().join(separator))
}

pub(super) fn repeat(text: &str, count: i64) -> Applied {
    let Ok(count) = usize::try_from(count) else {
        return Err(Refusal::argument(format!("a text cannot be repeated {count} times")));
    };
    fitting(0, count, text.len())?;
    Ok(text.repeat(count))
}

/// What fills a text up to a width.
pub(super) fn pad(text: &str, width: i64, fill: &str) -> Applied {
    let Ok(width) = usize::try_from(width) else {
        return Err(Refusal::argument(format!("{width} is no width: it is negative")));
    };
    let missing = width.saturating_sub(text.chars().count());
    let fill = if fill.is_empty() { " " } else { fill };
    fitting(text.len(), missing, fill.len())?;
    Ok(fill.chars().cycle().take(missing).collect())
}

pub(super) fn slice(text: &str, start: i64, end: Option<i64>) -> Applied {
    let position = |number: i64| {
        usize::try_from(number)
            .map_err(|_| Refusal::argument(format!("{number} is no position: characters are counted from 0")))
    };
    let start = position(start)?;
    let end = end.map_or(Ok(usize::MAX), position)?;
    Ok(text.chars().skip(start).take(end.saturating_sub(start)).collect())
}

/// Refuses what would get too large: a text, and more pieces of a size.
pub(super) fn fitting(text: usize, pieces: usize, size: usize) -> Result<(), Refusal> {
    let total = pieces.checked_mul(size).and_then(|more| more.checked_add(text));
    let grows = pieces > 0 && size > 0;
    if grows && total.is_none_or(|total| total > MAX_RESULT) { Err(Refusal::too_large()) } else { Ok(()) }
}
