//! What programs can be given, as words, as a line for the shell, and as variables: no NUL, for the system ends texts with one, and not
//! more than every system takes.

use crate::ErrorKind;
use crate::pure::Refusal;

/// So many bytes a word, a line or a variable has at most. It is what Linux takes.
pub const MAX_GIVEN: usize = (128 << 10) - 1;

/// Something that a program is given.
#[derive(Clone, Copy, Debug)]
pub enum Given<'n> {
    /// Itself, or one of its words, counted from 0.
    Word(usize),
    /// A line for the shell.
    Line,
    /// The value of this variable.
    Variable(&'n str),
}

impl Given<'_> {
    /// Why nothing can be given that consists of these parts, of which others may be between.
    #[must_use]
    pub fn refusal<'t>(self, parts: impl Iterator<Item = &'t str>) -> Option<Refusal> {
        let mut bytes = if let Self::Variable(name) = self { name.len() + 1 } else { 0 };
        for part in parts {
            if part.contains('\0') {
                return Some(Refusal::new(
                    ErrorKind::InvalidArgument,
                    format!("{} holds a NUL, which no program can be given", self.called()),
                ));
            }
            bytes += part.len();
        }
        (bytes > MAX_GIVEN).then(|| {
            let message = format!(
                "{} has more than {MAX_GIVEN} bytes, which is all that a program can be given; write it to a file",
                self.called()
            );
            Refusal::new(ErrorKind::LimitExceeded, message)
        })
    }

    fn called(self) -> String {
        match self {
            Self::Word(0) => "the name of a program".to_owned(),
            Self::Word(at) => format!("argument {at} of a program"),
            Self::Line => "a line for the shell".to_owned(),
            Self::Variable(name) => format!("variable `{name}`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nul_and_too_much_are_refused() {
        let kind = |given: Given<'_>, text: &str| given.refusal([text].into_iter()).map(|refusal| refusal.kind);
        assert_eq!(kind(Given::Word(1), ""), None);
        assert_eq!(kind(Given::Word(1), "a\0"), Some(ErrorKind::InvalidArgument));
        assert_eq!(kind(Given::Line, &"x".repeat(MAX_GIVEN)), None);
        assert_eq!(kind(Given::Line, &"x".repeat(MAX_GIVEN + 1)), Some(ErrorKind::LimitExceeded));
        assert_eq!(kind(Given::Variable("A"), &"x".repeat(MAX_GIVEN - 1)), Some(ErrorKind::LimitExceeded));
    }
}
