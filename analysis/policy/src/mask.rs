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

    /// The right that this flag takes away; a dash will do for the underscore.
    #[must_use]
    pub fn of_flag(flag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|right| right.flag() == flag.replace('-', "_"))
    }
}

/// What has been given up. Rights can be taken away and never be given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Mask(u8);

impl Mask {
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
    fn a_right_is_found_by_its_flag_and_by_nothing_else() {
        for right in Right::ALL {
            assert_eq!(Right::of_flag(right.flag()), Some(right));
        }
        assert_eq!(Right::of_flag("no-network"), Some(Right::Network));
        assert_eq!(Right::of_flag("network"), None);
    }
}
