//! What a part of a program is held to, besides the policy of its run: rights that it has given up, and the lists of
//! `requires` and of a file's `sandbox`.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{Known, Mask};

/// Who says what is allowed. Those that come first here speak first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum By {
    /// `requires`
    Manifest,
    /// The command line
    Flags,
    /// What tests may do
    Test,
    /// The `sandbox` of a file
    Sandbox,
}

/// What a list is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Axis {
    /// Roots for reading
    Read,
    /// Roots for writing
    Write,
    /// Programs
    Bins,
    /// Variables
    Env,
    /// Hosts
    Hosts,
}

/// The lists that somebody has written down. A missing one does not restrict; an empty one allows nothing. What is not
/// known of a list may be anything.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Lists {
    /// Who.
    pub by: By,
    /// Cleaned paths. The write roots are read roots too.
    pub read: Option<Vec<Known>>,
    /// Cleaned paths.
    pub write: Option<Vec<Known>>,
    /// Names, and cleaned paths.
    pub bins: Option<Vec<Known>>,
    /// Names.
    pub env: Option<Vec<Known>>,
    /// As in [`crate::net::Pattern`].
    pub hosts: Option<Vec<Known>>,
    /// Nothing is given to the shell.
    pub no_shell: bool,
    /// Ops.
    pub ops: Option<Ops>,
}

/// Which clause says that an op may not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OpClause {
    /// It is not on `ops`.
    Ops,
    /// It is on `no_op`.
    NoOp,
}

impl OpClause {
    /// Its name in programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ops => "ops",
            Self::NoOp => "no_op",
        }
    }
}

/// The ops that may not be used, and why.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Ops {
    /// Each of them.
    pub denied: BTreeMap<&'static str, OpClause>,
    /// What `ops` names, as written.
    pub only: Vec<String>,
    /// What `no_op` names, as written.
    pub never: Vec<String>,
}

impl Ops {
    /// What a clause names.
    pub(crate) fn named(&self, clause: OpClause) -> &[String] {
        match clause {
            OpClause::Ops => &self.only,
            OpClause::NoOp => &self.never,
        }
    }
}

/// Variables that started programs see under a manifest, declared or not.
const BASELINE: [&str; 14] = [
    "HOME", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LOGNAME", "PATH", "SHELL", "TEMP", "TERM", "TMP", "TMPDIR",
    "TZ", "USER",
];

impl Lists {
    /// Lists that restrict nothing.
    #[must_use]
    pub fn open(by: By) -> Self {
        Self { by, read: None, write: None, bins: None, env: None, hosts: None, no_shell: false, ops: None }
    }

    /// What a test may do that writes beneath that directory alone, or anywhere, starts programs or none, gives lines to the
    /// shell or none, and uses the network or does not.
    #[must_use]
    pub fn of_test(room: Option<String>, programs: bool, shell: bool, network: bool) -> Self {
        let write = room.map(|room| vec![Known::Text(room)]);
        let none = |allowed: bool| (!allowed).then(Vec::new);
        Self { write, bins: none(programs), no_shell: !shell, hosts: none(network), ..Self::open(By::Test) }
    }

    /// What of an axis is allowed, if that is restricted.
    pub(crate) fn allowed(&self, axis: Axis) -> Option<Vec<&Known>> {
        let list = match axis {
            Axis::Read => {
                let read = self.read.as_ref()?;
                return Some(read.iter().chain(self.write.iter().flatten()).collect());
            }
            Axis::Write => &self.write,
            Axis::Bins => &self.bins,
            Axis::Env => &self.env,
            Axis::Hosts => &self.hosts,
        };
        list.as_ref().map(|list| list.iter().collect())
    }

    /// Whether a program that is started sees that variable of the host.
    fn hands_on(&self, variable: &str) -> bool {
        let Some(listed) = &self.env else { return true };
        let baseline = self.by == By::Manifest && BASELINE.contains(&variable);
        baseline || listed.iter().any(|name| name.text() == Some(variable))
    }
}

/// What a part of a program is held to. It can only become less.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Bounds {
    mask: Mask,
    /// By whom they are, in order; none twice.
    lists: Option<Arc<Vec<Arc<Lists>>>>,
}

impl From<Mask> for Bounds {
    fn from(mask: Mask) -> Self {
        Self { mask, lists: None }
    }
}

impl From<Lists> for Bounds {
    fn from(lists: Lists) -> Self {
        Self { mask: Mask::default(), lists: Some(Arc::new(vec![Arc::new(lists)])) }
    }
}

impl Bounds {
    /// What has been given up.
    #[must_use]
    pub fn mask(&self) -> Mask {
        self.mask
    }

    /// Whether some ops may not be used.
    #[must_use]
    pub fn picks_ops(&self) -> bool {
        self.lists().any(|lists| lists.ops.is_some())
    }

    /// All lists.
    pub(crate) fn lists(&self) -> impl Iterator<Item = &Lists> {
        self.lists.iter().flat_map(|lists| lists.iter().map(|lists| &**lists))
    }

    /// What both allow.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let mask = self.mask.and(other.mask);
        let (Some(own), Some(more)) = (&self.lists, &other.lists) else {
            return Self { mask, lists: self.lists.clone().or_else(|| other.lists.clone()) };
        };
        let mut all: Vec<Arc<Lists>> = own.to_vec();
        all.extend(more.iter().filter(|lists| !own.contains(lists)).cloned());
        all.sort_by_key(|lists| lists.by);
        Self { mask, lists: Some(Arc::new(all)) }
    }

    /// The same without what `requires` says: for what perch does for itself.
    #[must_use]
    pub fn undeclared(&self) -> Self {
        let others = self.lists.iter().flat_map(|lists| lists.iter()).filter(|lists| lists.by != By::Manifest);
        let others: Vec<_> = others.cloned().collect();
        Self { mask: self.mask, lists: (!others.is_empty()).then(|| Arc::new(others)) }
    }

    /// Whether one of them names a variable.
    pub(crate) fn names(&self, variable: &str) -> bool {
        let mut listed = self.lists().filter_map(|lists| lists.env.as_ref()).flatten();
        listed.any(|name| name.text() == Some(variable))
    }

    /// Whether a program that is started sees that variable of the host.
    pub(crate) fn hands_on(&self, variable: &str) -> bool {
        self.lists().all(|lists| lists.hands_on(variable))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Right;

    fn env(by: By, names: &[&str]) -> Bounds {
        let names = names.iter().map(|name| Known::Text((*name).to_owned())).collect();
        Lists { env: Some(names), ..Lists::open(by) }.into()
    }

    #[test]
    fn bounds_only_become_less_and_none_is_counted_twice() {
        let (a, b) = (env(By::Sandbox, &["A"]), env(By::Manifest, &["A", "B"]));
        let both = a.and(&b);
        assert_eq!(both, both.and(&a).and(&b));
        assert_eq!(both.lists().map(|lists| lists.by).collect::<Vec<_>>(), [By::Manifest, By::Sandbox]);
        assert!(both.hands_on("A") && !both.hands_on("B"));
        let masked = both.and(&Mask::default().without(Right::Write).into());
        assert!(masked.mask().denies(Right::Write) && !masked.hands_on("B"));
    }

    #[test]
    fn the_baseline_is_for_manifests_alone() {
        assert!(env(By::Manifest, &[]).hands_on("PATH") && !env(By::Manifest, &[]).hands_on("LD_PRELOAD"));
        assert!(!env(By::Sandbox, &["HOME"]).hands_on("PATH"));
        assert!(Bounds::default().hands_on("LD_PRELOAD"));
    }

    #[test]
    fn what_perch_does_for_itself_needs_no_declaration() {
        let both = env(By::Manifest, &[]).and(&env(By::Sandbox, &["A"]));
        assert_eq!(both.undeclared(), env(By::Sandbox, &["A"]));
        assert_eq!(env(By::Manifest, &[]).undeclared(), Bounds::default());
    }
}
