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

/// Says a line.
pub(crate) fn say(words: Arguments<'_>) {
    part(format_args!("{words}\n"));
}

/// Says words without an end of line.
pub(crate) fn part(words: Arguments<'_>) {
    let _ = stderr().lock().write_fmt(words);
}
