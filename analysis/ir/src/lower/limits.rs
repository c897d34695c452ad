//! Limits: `max_runtime 10m`, `max_download 100M`, `max_processes 8` of a `sandbox`, `test_timeout 30s` of a test. What is not written
//! out is not judged.

use perch_ops::Type;
use perch_syntax::tree::Word;
use perch_syntax::{Code, Diagnostic};

use super::Lowering;

/// What limits count.
#[derive(Clone, Copy)]
enum Of {
    Time,
    Bytes,
    Things,
}

/// Lines that set one.
const LIMITS: [(&str, Of); 5] = [
    ("max_runtime", Of::Time),
    ("test_timeout", Of::Time),
    ("max_download", Of::Bytes),
    ("max_file_size", Of::Bytes),
    ("max_processes", Of::Things),
];

/// What may stand behind a number of bytes.
const UNITS: [&str; 8] = ["", "B", "K", "KB", "M", "MB", "G", "GB"];

impl Lowering<'_> {
    /// Looks at the value of a limit. Other lines are fine.
    pub(super) fn check_limit(&mut self, line: &str, word: &Word) {
        let Some((_, of)) = LIMITS.into_iter().find(|(name, _)| *name == line) else { return };
        let Some(value) = word.literal().filter(|value| !of.accepts(value)) else { return };
        let message = format!("`{line}` takes {}, not `{value}`", of.wants());
        let problem = Diagnostic::new(Code::BadSetting, word.span, message);
        self.report(problem.help(format!("write `{line} {}`, for instance", of.example())));
    }
}

impl Of {
    fn accepts(self, value: &str) -> bool {
        match self {
            Self::Time => Type::Duration.accepts(value),
            Self::Bytes => {
                let (number, unit) = value.split_at(value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len()));
                number.parse::<u64>().is_ok() && UNITS.iter().any(|known| known.eq_ignore_ascii_case(unit))
            }
            Self::Things => value.parse::<u64>().is_ok_and(|number| number > 0),
        }
    }

    fn wants(self) -> &'static str {
        match self {
            Self::Time => "a duration",
            Self::Bytes => "a number of bytes",
            Self::Things => "a number from 1 on",
        }
    }

    fn example(self) -> &'static str {
        match self {
            Self::Time => "90s",
            Self::Bytes => "100M",
            Self::Things => "8",
        }
    }
}
