//! What went wrong, for people.

use std::path::Path;

use perch_ops::ErrorKind;
use perch_policy::REFUSED;
use perch_syntax::visible;

use crate::USAGE;
use crate::aside::aside;
use crate::fit::{columns, fit};
use crate::secrets::Secrets;
use crate::test::Outcome;

/// Something that ends perch before a command runs, or in its place.
#[derive(Debug)]
pub(crate) struct Trouble {
    message: String,
    lines: Vec<(&'static str, String)>,
    status: u8,
}

impl Trouble {
    /// Words that cannot be used.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { message: message.into(), lines: Vec::new(), status: USAGE }
    }

    /// Something that was wanted and is not to be had.
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self { status: 1, ..Self::usage(message) }
    }

    /// Something that ends perch and is nobody's mistake.
    pub(crate) fn ended(message: impl Into<String>) -> Self {
        Self { status: 0, ..Self::usage(message) }
    }

    /// What happened.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// A failure that nothing has caught.
    pub(crate) fn failure(kind: ErrorKind, message: &str, place: Option<String>, status: u8) -> Self {
        let mut trouble = Self { status, ..Self::usage(message) };
        trouble.lines.push(("kind", kind.name().to_owned()));
        trouble.lines.extend(place.map(|place| ("at", place)));
        match advice(kind, message) {
            Some(advice) => trouble.help(advice),
            None => trouble,
        }
    }

    /// With more of what happened.
    pub(crate) fn also(mut self, more: &str) -> Self {
        self.message.push_str(more);
        self
    }

    /// With advice.
    pub(crate) fn help(mut self, advice: impl Into<String>) -> Self {
        self.lines.push(("help", advice.into()));
        self
    }

    /// With this advice and no other.
    pub(crate) fn help_instead(mut self, advice: impl Into<String>) -> Self {
        self.lines.retain(|(name, _)| *name != "help");
        self.help(advice)
    }

    /// With the candidate that resembles the word, if one does, else with other advice.
    pub(crate) fn did_you_mean<'c>(
        self,
        word: &str,
        candidates: impl IntoIterator<Item = &'c str>,
        otherwise: &str,
    ) -> Self {
        match perch_syntax::nearest(word, candidates) {
            Some(near) => self.help(format!("did you mean `{near}`?")),
            None => self.help(otherwise),
        }
    }

    /// Leaves it in a file in place of saying it, and gives the exit status.
    pub(crate) fn leave(&self, file: &Path) -> u8 {
        let lines = self.lines.iter().map(|(name, text)| ((*name).to_owned(), text.clone())).collect();
        Outcome { message: self.message.clone(), lines }.leave(file);
        self.status
    }

    /// Says it, and gives the exit status.
    pub(crate) fn tell(&self) -> u8 {
        let secrets = Secrets::of_environment();
        let columns = columns(&std::io::stderr());
        let say = |line: String| aside!("{}", fit(&visible(&secrets.hidden(&line)), columns));
        say(format!("↪ {}", self.message));
        for (name, text) in &self.lines {
            say(format!("  {name:<5} {text}"));
        }
        self.status
    }
}

/// What to do about a failure, where its kind says it; of a denial, where its message says by whom.
fn advice(kind: ErrorKind, message: &str) -> Option<&'static str> {
    let by_the_file = message.contains("is forbidden by the `") || message.contains("of the file's `sandbox`");
    if by_the_file && is_denial(kind) {
        return Some("the file gives that up: change its `sandbox`, or move what needs it out of there");
    }
    if message.ends_with(REFUSED) {
        return None;
    }
    if message.starts_with("what the line for the shell ") {
        return Some(
            "write out where the line opens something: as an absolute path, or as one beneath the directory where it is started",
        );
    }
    Some(match kind {
        ErrorKind::UnresolvedVar if message.starts_with("no binding is named `") => {
            "bind the name; behind `=`, `exec` starts a program of one word, and quotes make it a text"
        }
        ErrorKind::UnresolvedVar => "bind the name, or set the environment variable",
        ErrorKind::IoError if message.starts_with("cannot start `") => return unreadable(message),
        ErrorKind::BinNotFound if message.split('`').nth(1).is_some_and(|name| name.contains('/')) => {
            "see whether the file is there and may be executed; `make_executable` lets it"
        }
        ErrorKind::BinNotFound => "install the program, or add its directory to PATH",
        ErrorKind::CapWriteDenied => "the run was started with --no-write",
        ErrorKind::CapSubprocessDenied if message.ends_with("which tests may not") => {
            "the line `test_allow_subprocess` lets a test start programs"
        }
        ErrorKind::CapSubprocessDenied => "the run was started with --no-subprocess",
        ErrorKind::CapShellDenied if message.ends_with("which tests may not") => {
            "the line `test_allow_shell` lets a test use the shell"
        }
        ErrorKind::CapShellDenied => "the run was started with --no-shell",
        ErrorKind::CapNetworkDenied if message.ends_with("which tests may not") => {
            "the line `test_allow_network` lets a test use the network"
        }
        ErrorKind::CapNetworkDenied => "the run was started with --no-network",
        ErrorKind::NetNotPermitted => "add the host to --allow-host",
        ErrorKind::HostNotDeclared => "if the file may talk to it, add a `host` line to its `requires`",
        ErrorKind::ShellMetacharsDenied => {
            "write one program per line; `&&`, `||`, `;` and `pipe` join programs without a shell"
        }
        ErrorKind::ShellBinNotAllowed if message.starts_with("what ") => {
            "write plain commands, or lines that perch reads itself: `exec`, `&&`, `pipe`"
        }
        ErrorKind::BinNotDeclared if message.starts_with("what ") => {
            "write plain commands, or lines that perch reads itself: `exec`, `&&`, `pipe`"
        }
        // Others are about what is in an archive.
        ErrorKind::FilePathDisallowed if message.contains(" is outside of the directory of the test") => {
            "the line `test_allow_write` lets a test write anywhere"
        }
        ErrorKind::ReadNotPermitted => "add the directory to --allow-read",
        ErrorKind::WriteNotPermitted => "add the directory to --allow-write",
        ErrorKind::ShellBinNotAllowed => "add the program to --allow-bin",
        ErrorKind::ReadNotDeclared => "if the file may read there, add a `read` line to its `requires`",
        ErrorKind::WriteNotDeclared => "if the file may write there, add a `write` line to its `requires`",
        ErrorKind::BinNotDeclared => "if the file may start it, add a `bin` line to its `requires`",
        ErrorKind::EnvNotDeclared => "if the file may read it, add an `env` line to its `requires`",
        _ => return None,
    })
}

/// What to do about a program that is there and cannot be started, where that is known.
fn unreadable(message: &str) -> Option<&'static str> {
    if message.contains(" first line ") && message.contains("\\r`") {
        return Some("its lines end as on Windows: take the carriage returns out");
    }
    Some(match message {
        _ if message.ends_with("which does not exist") => {
            "install what reads it, or name something else in its first line"
        }
        _ if message.ends_with("says what reads it") => {
            "begin it with a line such as `#!/bin/sh`, or start what reads it: `sh FILE`"
        }
        _ if message.ends_with("is no program for this system") => "get it, or build it, for this system",
        _ => return None,
    })
}

/// Whether a restriction has said no that a flag, a `sandbox` or a command can be.
fn is_denial(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::CapWriteDenied
            | ErrorKind::CapSubprocessDenied
            | ErrorKind::CapShellDenied
            | ErrorKind::CapNetworkDenied
            | ErrorKind::CapOpDenied
            | ErrorKind::CapSudoDenied
            | ErrorKind::NetNotPermitted
            | ErrorKind::ShellMetacharsDenied
            | ErrorKind::ReadNotPermitted
            | ErrorKind::WriteNotPermitted
            | ErrorKind::ShellBinNotAllowed
            | ErrorKind::EnvNotPermitted
    )
}
