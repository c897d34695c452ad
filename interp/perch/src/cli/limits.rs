//! How long a run may take.

use std::time::{Duration, Instant};

use perch_ops::duration::nanoseconds;
use perch_system::signals;

use super::Restrictions;
use crate::report::Trouble;

/// How long a run may take.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Limits {
    /// As it is written.
    pub(crate) max_runtime: Option<String>,
    /// What runs when the time is up is let be.
    pub(crate) soft: bool,
}

impl Restrictions {
    /// The limits that the flags set. Of several, the shortest holds.
    pub(crate) fn limits(&self) -> Result<Limits, Trouble> {
        let mut shortest: Option<(u64, &String)> = None;
        for text in self.max_runtime.iter().flatten() {
            let length = nanoseconds(text).ok_or_else(|| {
                let trouble = Trouble::usage(format!("`{text}` is no value of `--max-runtime`"));
                trouble.help("it takes a number of seconds, or lengths of time such as `90s`, `5m` and `1h30m`")
            })?;
            shortest = shortest.into_iter().chain([(length, text)]).min_by_key(|(length, _)| *length);
        }
        if self.soft_deadline && shortest.is_none() {
            let trouble = Trouble::usage("`--soft-deadline` is about `--max-runtime`, and there is none");
            return Err(trouble.help("`perch --max-runtime 60 --soft-deadline COMMAND`"));
        }
        Ok(Limits { max_runtime: shortest.map(|(_, text)| text.clone()), soft: self.soft_deadline })
    }
}

impl Limits {
    /// From now on, for a run that began at that moment.
    pub(crate) fn start(&self, began: Instant) -> Result<(), Trouble> {
        let length = self.max_runtime.as_deref().and_then(nanoseconds).map(Duration::from_nanos);
        // Later than clocks go is never.
        let Some(end) = length.and_then(|length| began.checked_add(length)) else { return Ok(()) };
        let started = signals::limit(end, !self.soft);
        started.map_err(|error| Trouble::usage(format!("cannot watch the time: {error}")))
    }

    /// As on the command line.
    pub(super) fn flags(&self) -> impl Iterator<Item = String> {
        let limit = self.max_runtime.as_ref().map(|text| format!("--max-runtime {text}"));
        limit.into_iter().chain(self.soft.then(|| "--soft-deadline".to_owned()))
    }
}
