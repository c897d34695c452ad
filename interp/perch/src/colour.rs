//! Colours are for terminals that have some, and for those who want them.

use std::io::IsTerminal;

/// Whether what is written there is coloured.
pub(crate) fn is_wanted(there: &impl IsTerminal) -> bool {
    let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let has_none = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
    !unwanted && !has_none && there.is_terminal()
}
