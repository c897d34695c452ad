//! A file from standard input: `-f -`.
//!
//! Nobody has looked at it, so it runs under everything that can be denied and without variables of the host. What it may do
//! all the same is named by flags that stand in front of the command, where nothing that is handed through to a command gets.

use clap::{ArgAction, Args};
use perch_ops::ErrorKind;
use perch_policy::{Policy, Right};

use super::{Limits, Restrictions, STDIN, active, wrong_word};
use crate::report::Trouble;

/// What a file from standard input may do.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
#[command(next_help_heading = "Files from standard input (`-f -`), which may do little")]
pub(crate) struct Trust {
    /// Let it do what other files may
    #[arg(long)]
    trust_stdin: bool,
    /// Let it do these: shell, subprocess, network, write
    #[arg(long, value_name = "RIGHT,…", action = ArgAction::Append)]
    stdin_allow: Vec<String>,
}

/// The rights that can be given, with their names.
const RIGHTS: [(&str, Right); 4] =
    [("shell", Right::Shell), ("subprocess", Right::Subprocess), ("network", Right::Network), ("write", Right::Write)];

impl Trust {
    /// The restrictions of a run of that file: those that are asked for, and if nobody trusts it, all that are not lifted.
    pub(crate) fn restricted(&self, file: &str, mut restrictions: Restrictions) -> Result<Restrictions, Trouble> {
        if file != STDIN {
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
        file == STDIN && !self.trust_stdin
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
