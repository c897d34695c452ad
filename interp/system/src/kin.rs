//! Who stems from programs that we have started, whatever group or session they have moved to.
//!
//! On Linux a process can adopt what its descendants leave behind when they end ([`adopt`]): then everybody who stems
//! from a program is beneath that program or, once orphaned, beneath us. Elsewhere only the group of a program is known.

use rustix::process::Pid;

/// A process, at some moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) id: Pid,
    /// `None` for a parent, or a group, that cannot be seen from here.
    pub(crate) parent: Option<Pid>,
    pub(crate) group: Option<Pid>,
    /// When it was started. Another process of the same number has another start.
    pub(crate) start: u64,
    /// It has ended, and its parent does not know yet.
    pub(crate) ended: bool,
}

/// Those of `all` that stem from the members, or are in the group; `adopted` stem from it too.
pub(crate) fn stemming(
    all: &[Process],
    group: Pid,
    members: &[Pid],
    adopted: impl Fn(&Process) -> bool,
) -> Vec<Process> {
    let root = |process: &&Process| process.group == Some(group) || members.contains(&process.id) || adopted(process);
    let mut found: Vec<Process> = all.iter().filter(root).copied().collect();
    let mut at = 0;
    while let Some(parent) = found.get(at).map(|process| process.id) {
        let children = all.iter().filter(|process| process.parent == Some(parent));
        let new: Vec<Process> = children.filter(|child| !found.contains(child)).copied().collect();
        found.extend(new);
        at += 1;
    }
    found
}

#[cfg(target_os = "linux")]
pub(crate) use linux::{adopt, adopts, processes};

#[cfg(target_os = "linux")]
mod linux {
    use std::sync::atomic::{AtomicBool, Ordering};

    use rustix::process::Pid;

    use super::Process;

    static ADOPTS: AtomicBool = AtomicBool::new(false);

    /// Makes orphans among our descendants our children.
    pub(crate) fn adopt() {
        let done = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
        ADOPTS.store(done.is_ok(), Ordering::SeqCst);
    }

    /// True if it does.
    pub(crate) fn adopts() -> bool {
        ADOPTS.load(Ordering::SeqCst)
    }

    /// All processes that we can see.
    pub(crate) fn processes() -> Vec<Process> {
        let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
        entries.flatten().filter_map(|entry| process(pid(entry.file_name().to_str()?)?)).collect()
    }

    /// Of a process that is just going, some numbers are negative.
    fn pid(text: &str) -> Option<Pid> {
        text.parse().ok().filter(|id| *id > 0).and_then(Pid::from_raw)
    }

    fn process(id: Pid) -> Option<Process> {
        let stat = std::fs::read(format!("/proc/{}/stat", id.as_raw_pid())).ok()?;
        parse(id, &String::from_utf8_lossy(&stat))
    }

    /// What stands in `stat`: number, name in parentheses (which may hold anything), state, parent, group, …
    pub(super) fn parse(id: Pid, stat: &str) -> Option<Process> {
        let fields: Vec<&str> = stat[stat.rfind(')')? + 1..].split_whitespace().collect();
        let ended = matches!(*fields.first()?, "Z" | "X" | "x");
        Some(Process {
            id,
            parent: pid(fields.get(1)?),
            group: pid(fields.get(2)?),
            start: fields.get(19)?.parse().ok()?,
            ended,
        })
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) use elsewhere::{adopt, adopts, processes};

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    pub(crate) fn adopt() {}

    pub(crate) fn adopts() -> bool {
        false
    }

    pub(crate) fn processes() -> Vec<super::Process> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pid(id: i32) -> Pid {
        Pid::from_raw(id).unwrap()
    }

    fn process(id: i32, parent: i32, group: i32) -> Process {
        Process { id: pid(id), parent: Some(pid(parent)), group: Some(pid(group)), start: 0, ended: false }
    }

    #[test]
    fn whoever_is_beneath_a_member_or_in_the_group_stems_from_it() {
        let all = [(5, 4, 5), (4, 3, 3), (3, 1, 3), (6, 1, 3), (7, 1, 7), (8, 7, 8), (9, 2, 9)];
        let all = all.map(|(id, parent, group)| process(id, parent, group));
        let ids = |adopted: i32| {
            let found = stemming(&all, pid(3), &[pid(3)], |process| process.id.as_raw_pid() == adopted);
            let mut ids: Vec<i32> = found.iter().map(|process| process.id.as_raw_pid()).collect();
            ids.sort_unstable();
            ids
        };
        assert_eq!(ids(0), [3, 4, 5, 6]);
        assert_eq!(ids(7), [3, 4, 5, 6, 7, 8]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_process_that_is_just_going_has_no_group() {
        let line = "7 (a) X 0 -1 -1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 99 0";
        let found = linux::parse(pid(7), line).unwrap();
        assert_eq!((found.parent, found.group, found.ended), (None, None, true));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_process_may_have_any_name() {
        let line = "7 (a) Z 1 (b) R 3 4 5 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 99 0";
        assert_eq!(linux::parse(pid(7), line).unwrap(), Process { start: 99, ..process(7, 3, 4) });
        assert!(processes().iter().any(|process| process.id == rustix::process::getpid()));
    }
}
