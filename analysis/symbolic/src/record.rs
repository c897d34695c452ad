//! What a symbolic run writes down about each visit of a node.

use std::cell::OnceCell;
use std::rc::Rc;

use perch_diagram::{Atom, Dd};
use perch_engine::Node;
use perch_ir::program::Place;
use perch_ops::ErrorKind;
use perch_policy::Rule;
use rustc_hash::FxHashMap;

/// One evaluation of a node. Conditions are relative to the start of the [`Summary`] that it is part of.
#[derive(Clone)]
pub struct Visit {
    /// The node.
    pub node: Node,
    /// Loop indices since the start of the summary.
    pub visit: Vec<u32>,
    /// On which runs it is evaluated.
    pub enter: Dd,
    /// Those of them that are no runs by what was taken for granted here: it would have failed.
    pub excluded: Dd,
    /// On which of them it fails, by kind.
    pub failed: Vec<(ErrorKind, Dd)>,
    /// Why it can fail, in the order found.
    pub reasons: Vec<Reason>,
    /// What was taken for granted, and on which runs it made a difference.
    pub assumptions: Vec<(Assumption, Dd)>,
    /// A failure here is looked at, and caught.
    pub handled: bool,
    /// The atom of its mended failure.
    pub ghost: Option<Atom>,
    /// What is no older came up in it: also the mended failures of what stands within.
    pub since: u32,
    /// The callee's visits, entered on these runs.
    pub callee: Option<(Dd, Rc<Summary>)>,
    /// Of a block that chooses among bodies: the number of the one that runs, as a text; of the runs that go on behind its head.
    pub arm: Option<Dd>,
    /// Paths at which something else stands behind it.
    pub changed: Vec<Rc<str>>,
    /// The same on runs on which a failure has been mended.
    pub changed_by_mended: Vec<Rc<str>>,
    /// What came before it was forgotten, to keep the run within its budget.
    pub forgot: bool,
    /// Its number in order of evaluation, counted through the whole run.
    pub order: u32,
}

/// The visits of one evaluation of a body, in order, calls nested.
#[derive(Default)]
pub struct Summary {
    /// In order of evaluation.
    pub visits: Vec<Rc<Visit>>,
    /// Those of each place, by number, found when they are asked for.
    by_place: OnceCell<FxHashMap<Place, Vec<usize>>>,
}

impl Summary {
    /// With these visits.
    pub(crate) fn of(visits: Vec<Rc<Visit>>) -> Self {
        Self { visits, by_place: OnceCell::new() }
    }

    /// The visits of what stands at a place, in order.
    pub fn at(&self, place: Place) -> impl Iterator<Item = &Rc<Visit>> {
        let by_place = self.by_place.get_or_init(|| {
            let mut by_place: FxHashMap<Place, Vec<usize>> = FxHashMap::default();
            for (number, visit) in self.visits.iter().enumerate() {
                by_place.entry(visit.node.place).or_default().push(number);
            }
            by_place
        });
        by_place.get(&place).into_iter().flatten().filter_map(|number| self.visits.get(*number))
    }
}

/// Why a node can fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The kind of failure.
    pub kind: ErrorKind,
    /// What would happen.
    pub message: String,
    /// On which runs.
    pub when: Dd,
    /// Which fact decides it.
    pub about: Option<About>,
    /// Another branch may be changing what that is about.
    pub met: bool,
}

/// A fact that a failure hangs on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// What stands at a path.
    Path(String),
    /// Who may do what with something that is there.
    Rights(String),
    /// Whether a program is on PATH.
    Bin(String),
    /// Whether a variable is set.
    Variable(String),
    /// What a program with these words does.
    Program(String),
    /// What a package of that name is to the manager of the machine.
    Package(String),
    /// What is answered to a request for that address.
    Answer(String),
    /// Which addresses a host of that name has.
    Name(String),
    /// Whether what is waited for ends before the deadlines around.
    Deadline,
    /// A restriction, and the path, program or name that it is asked about, if that is known.
    Rule(Rule, Option<String>),
}

/// Something that a verdict takes for granted.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Assumption {
    /// A path under a listed root is a directory.
    IsDirectory(String),
    /// It is a file.
    IsFile(String),
    /// Something is there.
    IsThere(String),
    /// It is no directory.
    NoDirectory(String),
    /// It is no file.
    NoFile(String),
    /// This program, with these words, ends with status 0.
    Succeeds(String),
    /// This program changes only paths that its words name, and what is beneath its working directory.
    StaysInFrame(String),
    /// The usual program of that name.
    IsUsual(String),
    /// Nothing that the command changes is on PATH.
    PathUntouched,
    /// Nothing that the command changes at places that are not known is on PATH.
    PathUntouchedElsewhere,
    /// No program and no wait meets a deadline, where nobody looks at that.
    InTime,
    /// No permission is missed that the command has taken away itself.
    StillPermitted,
    /// Nothing is stored for `cache` blocks at the start.
    ColdCache,
    /// What `cache` blocks store is found again.
    Storable,
    /// The command looks at nothing and changes nothing where `cache` blocks store, which is not known.
    StoreApart,
    /// What others have packed has no links in it.
    NoLinksPacked,
    /// What may not be looked at is no link.
    NoHiddenLinks,
    /// Nothing else is called what is made of the time or the number of the process.
    NewByTime,
    /// What has a name that is made of the day is none of those that somebody has spelled out.
    ApartByTime,
    /// All of the run falls on that day.
    OnTheDay(String),
    /// No package brings or takes a program that manages packages.
    ManagersStay,
    /// No package of which it is told what it is comes or goes with another.
    PackagesApart,
}

impl Assumption {
    /// The words of the program that it is about, if it is about what one does with just these words.
    #[must_use]
    pub fn program(&self) -> Option<&str> {
        if let Self::Succeeds(words) = self { Some(words) } else { None }
    }
}
