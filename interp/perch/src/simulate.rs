//! `perch simulate …`

/// Says what a command would do on a described host; gives the exit status.
pub(crate) fn main(_args: &[String]) -> u8 {
    crate::report::Trouble::usage("`perch simulate` is not built yet").tell()
}
