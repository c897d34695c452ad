//! Restrictions under which ops are denied.

use crate::triples::Flags;

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
    /// `--allow-read` with the directory that scenes are in.
    Read,
    /// `--allow-write`, likewise.
    Write,
    /// `--allow-bin` with some of the programs.
    Bins,
}

impl Limit {
    /// The one under which something fails in this way.
    #[must_use]
    pub fn of(case: &str) -> Self {
        match case {
            "cap_write_denied" => Self::NoWrite,
            "cap_subprocess_denied" => Self::NoSubprocess,
            "read_not_permitted" => Self::Read,
            "write_not_permitted" => Self::Write,
            "shell_bin_not_allowed" => Self::Bins,
            _ => Self::None,
        }
    }

    /// It does not matter what an op is about.
    #[must_use]
    pub fn is_blind(self) -> bool {
        matches!(self, Self::NoWrite | Self::NoSubprocess)
    }

    /// The flags for it, if scenes are in that directory.
    #[must_use]
    pub fn flags(self, scenes: &str) -> Flags {
        let only = |text: &str| Some(vec![text.to_owned()]);
        let mut flags = Flags::default();
        match self {
            Self::None => {}
            Self::NoWrite => flags.no_write = true,
            Self::NoSubprocess => flags.no_subprocess = true,
            Self::Read => flags.read = only(scenes),
            Self::Write => flags.write = only(scenes),
            Self::Bins => flags.bins = Some(["p", "r"].map(str::to_owned).to_vec()),
        }
        flags
    }
}
