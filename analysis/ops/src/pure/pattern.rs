//! Patterns. The engine behind them takes time that is linear in the text, whatever the pattern; what a pattern may take
//! when it is compiled is limited.

use regex::{Regex, RegexBuilder};

use super::strings::fitting;
use super::{Applied, MAX_RESULT, Refusal, shown, truth};

/// A compiled pattern takes at most so many bytes.
const MAX_COMPILED: usize = 2 << 20;

pub(super) fn compile(pattern: &str) -> Result<Regex, Refusal> {
    RegexBuilder::new(pattern).size_limit(MAX_COMPILED).dfa_size_limit(MAX_COMPILED).build().map_err(|error| {
        let why = match error {
            regex::Error::CompiledTooBig(_) => "it is too large".to_owned(),
            other => other.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned(),
        };
        Refusal::argument(format!("`{}` is no pattern: {why}", shown(pattern)))
    })
}

/// Whether a text is a pattern.
pub(crate) fn is_pattern(text: &str) -> bool {
    compile(text).is_ok()
}

pub(super) fn matches(pattern: &str, text: &str) -> Applied {
    Ok(truth(compile(pattern)?.is_match(text)))
}

pub(super) fn find_all(pattern: &str, text: &str) -> Applied {
    let pattern = compile(pattern)?;
    let found: Vec<&str> = pattern.find_iter(text).map(|found| found.as_str()).collect();
    Ok(found.join("\n"))
}

/// `$1` and `${name}` in the replacement stand for groups, `$$` for the sign.
pub(super) fn replace(pattern: &str, text: &str, new: &str) -> Applied {
    let pattern = compile(pattern)?;
    let mut made = String::new();
    let mut at = 0;
    for found in pattern.captures_iter(text) {
        let Some(whole) = found.get(0) else { continue };
        made.push_str(&text[at..whole.start()]);
        found.expand(new, &mut made);
        at = whole.end();
        if made.len() > MAX_RESULT {
            return Err(Refusal::too_large());
        }
    }
    fitting(made.len(), 1, text.len() - at)?;
    made.push_str(&text[at..]);
    Ok(made)
}
