//! Rights that a part of a program has given up.

/// A right that a `sandbox` block can take away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Right {
    /// Running shell text.
    Shell,
    /// Starting programs.
    Subprocess,
    /// Using the network.
    Network,
    /// Writing and removing.
    Write,
}

impl Right {
    /// All rights.
    pub const ALL: [Self; 4] = [Self::Shell, Self::Subprocess, Self::Network, Self::Write];

    /// How a program says that it is taken away.
    #[must_use]
    pub fn flag(self) -> &'static str {
        match self {
            Self::Shell => "no_shell",
            Self::Subprocess => "no_subprocess",
            Self::Network => "no_network",
            Self::Write => "no_write",
        }
    }

    /// What it is a right to.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Shell => "shell",
            Self::Subprocess => "subprocess",
            Self::Network => "network",
            Self::Write => "write",
        }
    }

    /// How a file or a command says that it gives it up, if in another word.
    #[must_use]
    pub fn clause(self) -> Option<&'static str> {
        match self {
            Self::Shell | Self::Subprocess => None,
            Self::Network => Some("offline"),
            Self::Write => Some("read_only"),
        }
    }

    /// The right that this flag takes away; a dash will do for the underscore.
    #[must_use]
    pub fn of_flag(flag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|right| right.flag() == flag.replace('-', "_"))
    }
}

/// What has been given up. Rights can be taken away and never be given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Mask(u8);

/// Bits behind those of the rights.
const PRIVATE: u8 = 1 << 4;
const CLOSED: u8 = 1 << 5;
const UNMIXED: u8 = 1 << 6;
const UNRAISED: u8 = 1 << 7;

impl Mask {
    /// `private_ops`: nothing is said of the machine.
    #[must_use]
    pub fn private() -> Self {
        Self(PRIVATE)
    }

    /// `pure`: nothing is left but output.
    #[must_use]
    pub fn pure() -> Self {
        Right::ALL.into_iter().fold(Self(PRIVATE | CLOSED), Self::without)
    }

    /// `no_shell_metachars`: a line for the shell is one command.
    #[must_use]
    pub fn unmixed() -> Self {
        Self(UNMIXED)
    }

    /// Whether a line for the shell must be one command.
    #[must_use]
    pub fn is_unmixed(self) -> bool {
        self.0 & UNMIXED != 0
    }

    /// `no_sudo`: nothing is started that raises privileges.
    #[must_use]
    pub fn unraised() -> Self {
        Self(UNRAISED)
    }

    /// Whether nothing may be started that raises privileges.
    #[must_use]
    pub fn is_unraised(self) -> bool {
        self.0 & UNRAISED != 0
    }

    /// Whether nothing is said of the machine.
    #[must_use]
    pub fn is_private(self) -> bool {
        self.0 & PRIVATE != 0
    }

    /// Whether nothing is left but output.
    #[must_use]
    pub fn is_pure(self) -> bool {
        self.0 & CLOSED != 0
    }

    /// The same, and this right gone too.
    #[must_use]
    pub fn without(self, right: Right) -> Self {
        Self(self.0 | 1 << right as u8)
    }

    /// What is gone in either.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether a right is gone.
    #[must_use]
    pub fn denies(self, right: Right) -> bool {
        self.0 & 1 << right as u8 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_go_and_do_not_come_back() {
        let mask = Mask::default().without(Right::Write);
        assert!(mask.denies(Right::Write) && !mask.denies(Right::Shell));
        let both = mask.and(Mask::default().without(Right::Shell));
        assert!(both.denies(Right::Write) && both.denies(Right::Shell) && !both.denies(Right::Network));
        assert_eq!(both.and(Mask::default()), both);
    }

    #[test]
    fn what_is_pure_is_private_and_has_no_rights() {
        let pure = Mask::default().and(Mask::pure());
        assert!(pure.is_pure() && pure.is_private() && Right::ALL.into_iter().all(|right| pure.denies(right)));
        assert!(Mask::private().is_private() && !Mask::private().is_pure() && !Mask::private().denies(Right::Write));
    }

    #[test]
    fn a_right_is_found_by_its_flag_and_by_nothing_else() {
        for right in Right::ALL {
            assert_eq!(Right::of_flag(right.flag()), Some(right));
        }
        assert_eq!(Right::of_flag("no-network"), Some(Right::Network));
        assert_eq!(Right::of_flag("network"), None);
    }
}
