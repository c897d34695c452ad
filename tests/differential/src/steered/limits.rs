//! Restrictions under which ops are denied.

use std::collections::BTreeSet;

use crate::declared;
use crate::hosts::VARIABLES;
use crate::source::Source;
use crate::triples::Flags;

/// More than there are scenes in a program.
const DOUBTS: usize = 12;

/// Hosts that may be talked to, where some may not.
const HOSTS: [&str; 3] = ["x.invalid", "8.8.8.8", "127.0.0.1"];

/// What a scene may not do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Limit {
    /// Everything may be done.
    #[default]
    None,
    /// `--no-write`
    NoWrite,
    /// `--no-subprocess`
    NoSubprocess,
    /// `--no-shell`
    NoShell,
    /// `--no-network`
    NoNetwork,
    /// Without `--allow-private-ips`, which all others have: the servers of the harness are in a private network.
    Guarded,
    /// `--allow-host` with a host that there is none of, and one that is an address.
    Hosts,
    /// `--allow-read` with the directory that scenes are in.
    Read,
    /// `--allow-write`, likewise.
    Write,
    /// `--allow-bin` with some of the programs.
    Bins,
    /// A manifest: the root of the host may be read, the directory that scenes are in written, some programs started.
    Manifest,
}

impl Limit {
    /// The one under which something fails in this way.
    #[must_use]
    pub fn of(case: &str) -> Self {
        match case {
            "cap_write_denied" => Self::NoWrite,
            "cap_subprocess_denied" => Self::NoSubprocess,
            "cap_shell_denied" => Self::NoShell,
            "cap_network_denied" => Self::NoNetwork,
            "http_ssrf_blocked" => Self::Guarded,
            "net_not_permitted" => Self::Hosts,
            "read_not_permitted" => Self::Read,
            "write_not_permitted" => Self::Write,
            "shell_bin_not_allowed" => Self::Bins,
            "read_not_declared" | "write_not_declared" | "bin_not_declared" | "env_not_declared"
            | "host_not_declared" => Self::Manifest,
            _ => Self::None,
        }
    }

    /// It does not matter what an op is about.
    #[must_use]
    pub fn is_blind(self) -> bool {
        matches!(self, Self::NoWrite | Self::NoSubprocess | Self::NoShell | Self::NoNetwork)
    }

    /// Adds the lines for it to a program for a host with that root, if scenes are in that directory.
    pub fn declare(self, source: &mut Source, root: &str, scenes: &str) {
        if self != Self::Manifest {
            return;
        }
        let bins = ["p", "r"].map(str::to_owned).into_iter().chain(declared::needed(source));
        let bins: BTreeSet<String> = bins.collect();
        let variables = VARIABLES.iter().map(|name| (*name).to_owned());
        let doubts = (0..DOUBTS).map(|number| format!("U{number}"));
        let variables: Vec<String> = variables.chain(doubts).chain(["PATH".to_owned()]).collect();
        let bins: Vec<String> = bins.into_iter().collect();
        let lines = vec![
            format!("bin {} optional", bins.join(" ")),
            format!("env {} optional", variables.join(" ")),
            format!("host {}", HOSTS.join(" ")),
            format!("read {root}"),
            format!("write {scenes}"),
        ];
        declared::put(source, "requires", lines);
    }

    /// The flags for it, if scenes are in that directory.
    #[must_use]
    pub fn flags(self, scenes: &str) -> Flags {
        let only = |text: &str| Some(vec![text.to_owned()]);
        let mut flags = Flags { private_addresses: true, ..Flags::default() };
        match self {
            Self::None | Self::Manifest => {}
            Self::Guarded => flags.private_addresses = false,
            Self::NoWrite => flags.no_write = true,
            Self::NoSubprocess => flags.no_subprocess = true,
            Self::NoShell => flags.no_shell = true,
            Self::NoNetwork => flags.no_network = true,
            Self::Hosts => flags.hosts = Some(HOSTS.map(str::to_owned).to_vec()),
            Self::Read => flags.read = only(scenes),
            Self::Write => flags.write = only(scenes),
            Self::Bins => flags.bins = Some(["p", "r"].map(str::to_owned).to_vec()),
        }
        flags
    }
}
