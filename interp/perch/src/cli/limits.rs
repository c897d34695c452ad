//! How long a run may take.

use std::time::{Duration, Instant};

use perch_ir::program::{Program, Sandbox};
use perch_ops::duration::nanoseconds;
use perch_system::signals::{self, ON_THE_WAY_OUT};

use super::Restrictions;
use crate::report::Trouble;

/// How long a run may take.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) max_runtime: Option<MaxRuntime>,
    /// What runs when the time is up is let be.
    pub(crate) soft: bool,
}

/// The shortest of the limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MaxRuntime {
    /// As it is written.
    length: String,
    nanoseconds: u64,
    by: By,
}

/// Who sets a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Flag,
    File,
}

impl Restrictions {
    /// The limits that the flags and the files of a program set. Of several, the shortest holds. What a file says is never loosened, so
    /// that nothing is let be behind its end.
    pub(crate) fn limits(&self, program: &impl Program) -> Result<Limits, Trouble> {
        let all = self.max_runtime()?;
        if self.soft_deadline && all.is_empty() {
            let trouble = Trouble::usage("`--soft-deadline` is about `--max-runtime`, and there is none");
            return Err(trouble.help("`perch --max-runtime 60 --soft-deadline COMMAND`"));
        }
        let of_file = |(_, sandbox): &(u32, Sandbox)| MaxRuntime::of(sandbox.max_runtime.as_deref()?, By::File);
        let of_files: Vec<MaxRuntime> = program.sandboxes().iter().filter_map(of_file).collect();
        let soft = self.soft_deadline && of_files.is_empty();
        let max_runtime = all.into_iter().chain(of_files).min_by_key(|limit| limit.nanoseconds);
        Ok(Limits { max_runtime, soft })
    }

    /// How long all may take that the flags are about, whatever files say of runs.
    pub(crate) fn limits_of_all(&self) -> Result<Limits, Trouble> {
        let max_runtime = self.max_runtime()?.into_iter().min_by_key(|limit| limit.nanoseconds);
        Ok(Limits { max_runtime, soft: self.soft_deadline })
    }

    /// The limits that the flags set.
    pub(super) fn max_runtime(&self) -> Result<Vec<MaxRuntime>, Trouble> {
        let limit = |text: &String| match MaxRuntime::of(text, By::Flag) {
            Some(limit) if limit.nanoseconds > 0 => Ok(limit),
            Some(_) => Err(no_limit(text, ": every run takes longer")),
            None => Err(no_limit(text, "")),
        };
        self.max_runtime.iter().flatten().map(limit).collect()
    }
}

/// Trouble with the value of `--max-runtime`.
fn no_limit(text: &str, why: &str) -> Trouble {
    let trouble = Trouble::usage(format!("`{text}` is no value of `--max-runtime`{why}"));
    trouble.help("it takes a number of seconds, or lengths of time such as `90s`, `5m` and `1h30m`")
}

impl MaxRuntime {
    fn of(length: &str, by: By) -> Option<Self> {
        Some(Self { length: length.to_owned(), nanoseconds: nanoseconds(length)?, by })
    }

    /// As part of a sentence.
    fn shown(&self) -> &'static str {
        match self.by {
            By::Flag => "`--max-runtime`",
            By::File => "`max_runtime` of a file's `sandbox`",
        }
    }

    /// What a report takes for granted.
    pub(crate) fn assumption(&self) -> String {
        format!("the run takes less than {} ({})", self.length, self.shown())
    }

    /// What is said of a run that has not come to its end after that, either.
    fn outlasted(&self) -> String {
        let extra = ON_THE_WAY_OUT.as_secs();
        format!(
            "{}; `finally` arms and `on_signal` have taken {extra} seconds more and were stopped, too",
            self.exceeded()
        )
    }

    /// What is said of a run that has taken longer.
    pub(crate) fn exceeded(&self) -> String {
        match self.by {
            By::Flag => "stopped: --max-runtime exceeded".to_owned(),
            By::File => format!("stopped: {} is {}, and that time is up", self.shown(), self.length),
        }
    }
}

impl Limits {
    /// From now on, for a run that began at that moment.
    pub(crate) fn start(&self, began: Instant) -> Result<(), Trouble> {
        let Some(limit) = &self.max_runtime else { return Ok(()) };
        // Later than clocks go is never.
        let Some(end) = began.checked_add(Duration::from_nanos(limit.nanoseconds)) else { return Ok(()) };
        let outlasted = limit.outlasted();
        let started = signals::limit(end, !self.soft, move || _ = Trouble::failed(outlasted).tell());
        started.map_err(|error| Trouble::usage(format!("cannot watch the time: {error}")))
    }

    /// As on the command line, as far as it is from there.
    pub(super) fn flags(&self) -> impl Iterator<Item = String> {
        let by_flag = self.max_runtime.iter().filter(|limit| limit.by == By::Flag);
        by_flag
            .map(|limit| format!("--max-runtime {}", limit.length))
            .chain(self.soft.then(|| "--soft-deadline".to_owned()))
    }
}
