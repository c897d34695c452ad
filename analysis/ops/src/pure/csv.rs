//! Tables with comma-separated values, as RFC 4180 has them.

use super::json::quoted;
use super::{Applied, Refusal, shown};
use crate::ErrorKind::ParseFailed;

/// The rows, a JSON array of texts on a line each. Empty lines are no rows.
pub(super) fn parse(text: &str) -> Applied {
    let mut rows = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (row, behind) = row(rest)?;
        rest = behind;
        if let Some(row) = row {
            rows.push(row);
        }
    }
    Ok(rows.join("\n"))
}

/// The row that a text begins with, and what is behind it.
fn row(text: &str) -> Result<(Option<String>, &str), Refusal> {
    let mut fields = Vec::new();
    let mut rest = text;
    loop {
        let (field, behind) = match rest.strip_prefix('"') {
            Some(inner) => in_quotes(inner)?,
            None => {
                let end = rest.find([',', '\n']).unwrap_or(rest.len());
                let (field, behind) = rest.split_at(end);
                let field = if behind.starts_with(',') { field } else { field.strip_suffix('\r').unwrap_or(field) };
                if field.contains('"') {
                    return Err(wrong("a quote stands within a field that has none around it", text));
                }
                (field.to_owned(), behind)
            }
        };
        fields.push(field);
        match behind.strip_prefix(',') {
            Some(next) => rest = next,
            None => {
                let end = ["\r\n", "\n"].iter().find_map(|end| behind.strip_prefix(end));
                if end.is_none() && !behind.is_empty() {
                    return Err(wrong("something follows a field that has quotes around it", text));
                }
                let is_row = fields.len() > 1 || text.starts_with('"') || !fields[0].is_empty();
                let fields: Vec<String> = fields.iter().map(|field| quoted(field)).collect();
                return Ok((is_row.then(|| format!("[{}]", fields.join(","))), end.unwrap_or_default()));
            }
        }
    }
}

/// What stands before the closing quote, and what behind it. Two quotes are one.
fn in_quotes(text: &str) -> Result<(String, &str), Refusal> {
    let mut field = String::new();
    let mut rest = text;
    loop {
        let Some((part, behind)) = rest.split_once('"') else {
            return Err(wrong("a field has no quote at its end", text));
        };
        field.push_str(part);
        match behind.strip_prefix('"') {
            Some(more) => {
                field.push('"');
                rest = more;
            }
            None => return Ok((field, behind)),
        }
    }
}

fn wrong(what: &str, text: &str) -> Refusal {
    Refusal::new(ParseFailed, format!("{what}, in `{}`", shown(text.lines().next().unwrap_or_default())))
}
