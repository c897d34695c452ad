//! Colours are for terminals, and for those who want them.

use std::io::IsTerminal;

/// Whether what is written there is coloured.
pub(crate) fn is_wanted(there: &impl IsTerminal) -> bool {
    let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    !unwanted && there.is_terminal()
}
