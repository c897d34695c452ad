//! Patterns. The engine behind them takes time that is linear in the text, whatever the pattern; what a pattern may take
//! when it is compiled is limited.

use regex::{Regex, RegexBuilder};

use super::{Refusal, shown};

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
