//! What is said beside the output: on standard error.
//!
//! Whoever reads that may have gone, and the disk that it is kept on may be full. Then there is nobody left to say so to, and what perch was
//! about to do goes on, with the exit status that it would have had.

use std::fmt::Arguments;
use std::io::{Write as _, stderr};

/// Says a line on standard error, as `eprintln!` would, without minding that nobody hears it.
macro_rules! aside {
    ($($words:tt)*) => {
        $crate::aside::say(format_args!($($words)*))
    };
}
pub(crate) use aside;

/// A text of which nothing is an order to the terminal, or changes in which order it is read: such signs are written out.
pub(crate) fn visible(text: &str) -> String {
    let is_order = |c: char| {
        let is_bidi = matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        is_bidi || c.is_control() && !matches!(c, '\n' | '\t')
    };
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_order(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Says a line.
pub(crate) fn say(words: Arguments<'_>) {
    part(format_args!("{words}\n"));
}

/// Says words without an end of line.
pub(crate) fn part(words: Arguments<'_>) {
    let _ = stderr().lock().write_fmt(words);
}
