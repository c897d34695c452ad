//! A file from standard input: `-f -`.
//!
//! Nobody has looked at it, so it runs under everything that can be denied and without variables of the host. What it may do
//! all the same is named by flags that stand in front of the command, where nothing that is handed through to a command gets.

use std::path::{Path, PathBuf};

use clap::{ArgAction, Args};
use perch_ops::ErrorKind;
use perch_policy::{Policy, Right};

use super::{Limits, Restrictions, STDIN, active, wrong_word};
use crate::report::Trouble;

/// What a file from standard input may do.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
#[command(next_help_heading = "Files from standard input, which may do little")]
pub(crate) struct Trust {
    /// With `-f -`: let the file do what other files may
    #[arg(long)]
    trust_stdin: bool,
    /// With `-f -`: let the file do these: shell, subprocess, network, write
    #[arg(long, value_name = "RIGHT,…", action = ArgAction::Append)]
    stdin_allow: Vec<String>,
}

/// The rights that can be given, with their names.
const RIGHTS: [(&str, Right); 4] =
    [("shell", Right::Shell), ("subprocess", Right::Subprocess), ("network", Right::Network), ("write", Right::Write)];

impl Trust {
    /// The restrictions of a run of that file: those that are asked for, and if nobody trusts it, all that are not lifted.
    pub(crate) fn restricted(&self, file: &str, mut restrictions: Restrictions) -> Result<Restrictions, Trouble> {
        if !is_standard_input(file) {
            self.is_for_nothing()?;
        }
        let rights = self.rights()?;
        if self.is_untrusted(file) {
            restrictions.add(Restrictions::but(&rights));
        }
        Ok(restrictions)
    }

    /// Whether that file may do little.
    pub(crate) fn is_untrusted(&self, file: &str) -> bool {
        is_standard_input(file) && !self.trust_stdin
    }

    /// Trouble if there are flags about a file from standard input: there is none, or it is not run.
    pub(super) fn is_for_nothing(&self) -> Result<(), Trouble> {
        let flag = match (self.trust_stdin, self.stdin_allow.is_empty()) {
            (false, true) => return Ok(()),
            (true, _) => "--trust-stdin",
            (false, false) => "--stdin-allow",
        };
        let trouble =
            Trouble::usage(format!("`{flag}` is about a file from standard input that is run, and there is none"));
        Err(trouble
            .help(format!("`perch -f - {flag} COMMAND` reads the file from standard input", flag = self.example(flag))))
    }

    /// What to do about a denial that a run meets to which nobody has given that right.
    pub(crate) fn advice(&self, kind: ErrorKind) -> Option<String> {
        let name = match kind {
            ErrorKind::CapWriteDenied => "write",
            ErrorKind::CapSubprocessDenied => "subprocess",
            ErrorKind::CapShellDenied => "shell",
            ErrorKind::CapNetworkDenied => "network",
            _ => return None,
        };
        let (_, right) = RIGHTS.iter().find(|(known, _)| *known == name)?;
        let is_given = self.rights().is_ok_and(|rights| rights.contains(right));
        (!is_given)
            .then(|| format!("a file from standard input may not do that, unless you say `--stdin-allow {name}`"))
    }

    fn example(&self, flag: &str) -> String {
        if flag == "--trust-stdin" { flag.to_owned() } else { format!("{flag} {}", self.stdin_allow.join(",")) }
    }

    /// The rights that it has. The shell is a program, and starts others.
    fn rights(&self) -> Result<Vec<Right>, Trouble> {
        if self.trust_stdin && !self.stdin_allow.is_empty() {
            let trouble =
                Trouble::usage("`--trust-stdin` lets the file do everything, so `--stdin-allow` adds nothing");
            return Err(trouble.help("leave out the one that you do not mean"));
        }
        let mut rights = Vec::new();
        let names = self.stdin_allow.iter().flat_map(|list| list.split(',')).filter(|name| !name.is_empty());
        for name in names {
            let found = RIGHTS.iter().find(|(known, _)| *known == name);
            let Some((_, right)) = found else {
                return Err(wrong_word("--stdin-allow", name, &RIGHTS.map(|(known, _)| known)));
            };
            rights.push(*right);
        }
        if rights.contains(&Right::Shell) {
            rights.push(Right::Subprocess);
        }
        Ok(rights)
    }
}

/// As many links as a system follows.
const MOST_LINKS: usize = 40;

/// Whether a file is standard input, however it is called: `-`, or one of the names that the system has for it.
fn is_standard_input(file: &str) -> bool {
    let mut path = PathBuf::from(file);
    for _ in 0..MOST_LINKS {
        let above = path.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let (Ok(above), Some(name)) = (above.canonicalize(), path.file_name()) else { break };
        if name == "0" && is_of_handles(&above) {
            return true;
        }
        let here = above.join(name);
        match here.read_link() {
            Ok(target) => path = above.join(target),
            Err(_) => return file == STDIN || (cfg!(not(target_os = "linux")) && here == Path::new("/dev/stdin")),
        }
    }
    file == STDIN
}

/// Whether a directory holds the handles of this process: `/dev/fd`, `/proc/self/fd`, those of its threads.
fn is_of_handles(dir: &Path) -> bool {
    let own = Path::new("/proc").join(std::process::id().to_string());
    dir == Path::new("/dev/fd") || (dir.ends_with("fd") && dir.starts_with(own))
}

impl Restrictions {
    /// Everything that can be denied, but for these rights. No variable of the host is visible.
    fn but(rights: &[Right]) -> Self {
        Self {
            no_write: !rights.contains(&Right::Write),
            no_subprocess: !rights.contains(&Right::Subprocess),
            no_shell: !rights.contains(&Right::Shell),
            no_network: !rights.contains(&Right::Network),
            env: Some(Vec::new()),
            // What else there is restricts what of these is left.
            no_shell_metachars: false,
            allow_read: None,
            allow_write: None,
            allow_bin: None,
            allow_host: None,
            allow_private_ips: false,
            allow_scheme_downgrade: false,
            no_redirects: false,
            max_redirects: None,
            max_runtime: None,
            soft_deadline: false,
        }
    }
}

/// What is said of a run of a file that nobody trusts: what it is held to, and how that is lifted.
pub(crate) fn untrusted_banner(policy: &Policy, limits: &Limits, audit: Option<&str>) -> String {
    let active = active(policy, limits, audit).unwrap_or_default();
    format!(
        "🔒 stdin (untrusted): {active}\n  `--stdin-allow shell,subprocess,network,write` lets it do what is named, `--env A,…` lets it see \
         variables\n  `--trust-stdin` lets it do everything"
    )
}
