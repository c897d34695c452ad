//! The host itself: environment, and what kind of system it is.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::sync::Mutex;
use std::time::SystemTime;

use perch_policy::{Effect, Permit};

use crate::beside::Beside;
use crate::permit::known;
use crate::{Cause, Error};

/// Where standard output goes.
pub enum Output {
    /// To that of the process.
    Inherit,
    /// There, what started programs print included, in order.
    Sink(Box<dyn Write + Send>),
}

/// What of a host can be chosen.
pub struct HostConfig {
    /// Environment variables, for programs and for those that they start.
    pub env: BTreeMap<OsString, OsString>,
    /// Where standard output goes.
    pub stdout: Output,
    /// Started programs get an empty standard input, and their standard error goes nowhere.
    pub quiet: bool,
}

/// The real host.
pub struct Host {
    pub(crate) env: BTreeMap<OsString, OsString>,
    pub(crate) quiet: bool,
    /// Nothing is said to the person in front of perch.
    pub(crate) silent: bool,
    pub(crate) sink: Option<Mutex<Box<dyn Write + Send>>>,
    /// Where standard error goes, if not to that of the process.
    pub(crate) errors: Option<Mutex<Box<dyn Write + Send>>>,
    /// Programs that nobody waits for.
    pub(crate) beside: Beside,
    /// What is said once and has been.
    pub(crate) said: Mutex<BTreeSet<String>>,
    /// Facts that somebody has asked for.
    pub(crate) remembered: Mutex<BTreeMap<String, String>>,
    pub(crate) started: SystemTime,
}

impl Host {
    /// The host as the process sees it, except for what is configured.
    #[must_use]
    pub fn new(config: HostConfig) -> Self {
        let sink = match config.stdout {
            Output::Inherit => None,
            Output::Sink(sink) => Some(Mutex::new(sink)),
        };
        Self {
            env: config.env,
            quiet: config.quiet,
            silent: config.quiet,
            sink,
            errors: None,
            beside: Beside::default(),
            said: Mutex::default(),
            remembered: Mutex::default(),
            started: SystemTime::now(),
        }
    }

    /// The same host, with a place for what is written to standard error.
    #[must_use]
    pub fn with_errors(mut self, sink: Box<dyn Write + Send>) -> Self {
        self.errors = Some(Mutex::new(sink));
        self
    }

    /// The same host, where nothing is said to the person in front of perch if that is not wanted.
    #[must_use]
    pub fn with_notes(mut self, wanted: bool) -> Self {
        self.silent |= !wanted;
        self
    }

    /// The host as the process sees it.
    #[must_use]
    pub fn real() -> Self {
        Self::new(HostConfig { env: std::env::vars_os().collect(), stdout: Output::Inherit, quiet: false })
    }

    /// The value of an environment variable, if it is set.
    pub fn variable(&self, permit: &Permit) -> Result<Option<String>, Error> {
        let Effect::ReadEnv(name) = permit.effect() else {
            return Err(Error::new("environment", Cause::Unpermitted));
        };
        Ok(self.env.get(OsStr::new(known(name)?)).map(|value| value.to_string_lossy().into_owned()))
    }

    pub(crate) fn is_redirected(&self) -> bool {
        self.sink.is_some()
    }
}

/// The operating system, in the spelling of programs.
#[must_use]
pub fn os() -> &'static str {
    std::env::consts::OS
}

/// The processor architecture, in the spelling of programs.
#[must_use]
pub fn arch() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}
