//! From modes and owners to what whoever runs a command may not do.
//!
//! Who that is `machine` says. Where it does not, a right may be missing that only an administrator has: it hangs on who runs the command.

use std::collections::{BTreeMap, BTreeSet};

use perch_fixtures::{FileFact, Fixture, Machine};
use perch_policy::path;
use perch_symbolic::facts::Denied;
use perch_symbolic::machine::ADMINISTRATOR;

use crate::host::{Contradiction, Statement};

/// In a directory with that bit, only owners remove their entries.
const STICKY: u32 = 0o1000;

const READ: u32 = 4;
const WRITE: u32 = 2;
const PASS: u32 = 1;

/// Who runs the command, as far as that is told.
struct Who<'m> {
    user: Option<&'m str>,
    /// Whether that is an administrator.
    root: Option<bool>,
}

/// How much is known against something.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Lacks {
    Nothing,
    Perhaps,
    Surely,
}

impl Lacks {
    fn if_not(told: Option<bool>) -> Self {
        match told {
            Some(true) => Self::Nothing,
            None => Self::Perhaps,
            Some(false) => Self::Surely,
        }
    }

    /// As far as nobody overrules it.
    fn unless(self, overruled: Option<bool>) -> Self {
        match overruled {
            Some(true) => Self::Nothing,
            None => self.min(Self::Perhaps),
            Some(false) => self,
        }
    }
}

impl<'m> Who<'m> {
    fn of(machine: &'m Machine) -> Self {
        let user = machine.user.as_deref();
        let root = machine.uid.map(|uid| uid == 0).or_else(|| user.map(|user| user == ADMINISTRATOR));
        Self { user, root }
    }

    /// Whether that is the owner. Who says nothing of one means who runs the command.
    fn owns(&self, owner: Option<&str>) -> Option<bool> {
        match (owner, self.user) {
            (None, _) => Some(true),
            (Some(owner), Some(user)) => Some(owner == user),
            (Some(ADMINISTRATOR), None) => self.root,
            (Some(_), None) => None,
        }
    }

    /// Whether these bits of a mode are missing: those of the owner, of the group or of others. Which groups there are nobody tells.
    fn lacks(&self, mode: u32, owner: Option<&str>, needed: u32) -> Lacks {
        let has = |shift: u32| (mode >> shift) & needed == needed;
        let others = (has(3) == has(0)).then_some(has(0));
        let told = match self.owns(owner) {
            Some(true) => Some(has(6)),
            Some(false) => others,
            None => others.filter(|others| *others == has(6)),
        };
        Lacks::if_not(told).unless(self.root)
    }

    fn lacks_ownership(&self, owner: Option<&str>) -> Lacks {
        Lacks::if_not(self.owns(owner)).unless(self.root)
    }
}

/// The files of which it is told whether whoever runs a command may start them. That an administrator may is in the mode, too.
pub(crate) fn startable(fixture: &Fixture, cwd: &str) -> Result<BTreeMap<String, bool>, Contradiction> {
    let who = Who::of(&fixture.machine);
    let mut told = BTreeMap::new();
    for (text, fact) in &fixture.files {
        let (FileFact::File { mode: Some(mode), owner, .. }, Some(path)) = (fact, path::clean(cwd, text)) else {
            continue;
        };
        let mode = bits(mode, text)?;
        let anybody = mode & 0o111 != 0;
        let may_start = match (who.root, who.lacks(mode, owner.as_deref(), PASS)) {
            (Some(true), _) => Some(anybody),
            (Some(false), Lacks::Nothing) => Some(true),
            (Some(false), Lacks::Surely) => Some(false),
            // An administrator may if anybody may.
            (None, Lacks::Nothing) if anybody => Some(true),
            (None, _) if !anybody => Some(false),
            _ => None,
        };
        told.extend(may_start.map(|may| (path, may)));
    }
    Ok(told)
}

/// The modes of files and directories that are told.
pub(crate) fn modes(fixture: &Fixture, cwd: &str) -> Result<BTreeMap<String, u32>, Contradiction> {
    let mut told = BTreeMap::new();
    for (text, fact) in &fixture.files {
        if let (Some(mode), Some(path)) = (fact.rights().0, path::clean(cwd, text)) {
            told.insert(path, bits(mode, text)?);
        }
    }
    Ok(told)
}

/// What whoever runs a command on that host may not do.
pub(crate) fn denied(fixture: &Fixture, cwd: &str) -> Result<Denied, Contradiction> {
    let who = Who::of(&fixture.machine);
    let mut denied = Denied::default();
    let kept = kept_by_directories(fixture, cwd, &who)?;
    for (text, fact) in &fixture.files {
        let Some(path) = path::clean(cwd, text) else { continue };
        let (mode, owner) = fact.rights();
        let mode = mode.map(|mode| bits(mode, text)).transpose()?;
        let is_dir = matches!(fact, FileFact::Dir { .. });
        let lacks = |needed: u32| mode.map_or(Lacks::Nothing, |mode| who.lacks(mode, owner, needed));
        // Whoever may not pass through a directory does nothing in it.
        let within = if is_dir { PASS } else { 0 };
        note(&mut denied.read, &mut denied.perhaps, &path, lacks(READ | within));
        note(&mut denied.write, &mut denied.perhaps, &path, lacks(WRITE | within));
        note(&mut denied.own, &mut denied.perhaps, &path, who.lacks_ownership(owner));
        if is_dir {
            note(&mut denied.pass, &mut denied.perhaps, &path, lacks(PASS));
        }
        let kept = kept.get(path::parent(&path)).copied().unwrap_or(Lacks::Nothing).min(who.lacks_ownership(owner));
        note(&mut denied.replace, &mut denied.perhaps, &path, kept);
    }
    Ok(denied)
}

fn note(lacking: &mut BTreeSet<String>, perhaps: &mut BTreeSet<String>, path: &str, lacks: Lacks) {
    if lacks != Lacks::Nothing {
        lacking.insert(path.to_owned());
    }
    if lacks == Lacks::Perhaps {
        perhaps.insert(path.to_owned());
    }
}

/// The directories that keep their entries to their owners, and whether whoever runs this is none of these.
fn kept_by_directories(fixture: &Fixture, cwd: &str, who: &Who<'_>) -> Result<BTreeMap<String, Lacks>, Contradiction> {
    let mut keeping = BTreeMap::new();
    for (text, fact) in &fixture.files {
        let FileFact::Dir { mode: Some(mode), owner, .. } = fact else { continue };
        if bits(mode, text)? & STICKY != 0 {
            keeping.extend(path::clean(cwd, text).map(|dir| (dir, who.lacks_ownership(owner.as_deref()))));
        }
    }
    Ok(keeping)
}

/// The bits of a mode.
fn bits(mode: &str, path: &str) -> Result<u32, Contradiction> {
    let is_octal = matches!(mode.len(), 3 | 4) && mode.bytes().all(|digit| (b'0'..=b'7').contains(&digit));
    let bits = u32::from_str_radix(mode, 8).ok().filter(|_| is_octal);
    bits.ok_or_else(|| Contradiction {
        one: Statement::of(&["files", path, "mode"]).is(mode),
        other: Statement::words("a mode is three or four octal digits, such as `0644`"),
    })
}
