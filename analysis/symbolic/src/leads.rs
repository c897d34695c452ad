//! Where paths lead at the start, by the links that are told.

use std::collections::BTreeSet;

use perch_policy::path;

use crate::facts::{Facts, Stated};
use crate::paths::MAX_LINKS;

/// Where a path leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Lead {
    /// To this path: neither it nor what is above is a link that is told.
    To(String),
    /// Nowhere: something on the way is not there or is no directory, or it leads in a circle.
    Nowhere,
    /// Nobody can tell.
    Anywhere,
}

/// The way of a path through links.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    /// Everything on it that something hangs on: directories, links and the end, also one that is not there.
    pub(crate) over: Vec<String>,
    /// Where it leads.
    pub(crate) lead: Lead,
}

/// A way, as far as it is gone.
struct Walk {
    at: String,
    /// What is still to be gone, the next part last.
    todo: Vec<String>,
    links: usize,
    over: Vec<String>,
}

impl Facts {
    /// The way of an absolute path. As the system goes it: `..` leads to what is above where a link has led.
    pub(crate) fn way(&self, path: &str) -> Way {
        let mut walk = Walk { at: "/".to_owned(), todo: parts(path), links: 0, over: Vec::new() };
        let lead = loop {
            let Some(part) = walk.todo.pop() else { break Lead::To(walk.at.clone()) };
            if let Some(lead) = self.go_on(&mut walk, &part) {
                break lead;
            }
        };
        if !matches!(lead, Lead::To(_)) {
            walk.note_rest();
        }
        Way { over: walk.over, lead }
    }

    /// Goes on by one part. Something if the way ends there.
    fn go_on(&self, walk: &mut Walk, part: &str) -> Option<Lead> {
        let stated = |at: &str| self.files.get(at);
        if matches!(part, "" | "." | "..") {
            // Of what is no directory neither the parent nor it itself can be asked for in this way.
            if walk.at != "/" && !matches!(stated(&walk.at), Some(Stated::Dir { .. })) {
                return Some(Lead::Anywhere);
            }
            if part == ".." {
                walk.at = path::parent(&walk.at).to_owned();
            }
            return None;
        }
        let is_closed = matches!(stated(&walk.at), Some(Stated::Dir { closed: true }));
        let above = std::mem::take(&mut walk.at);
        walk.at = path::join(&above, part);
        walk.over.push(walk.at.clone());
        match stated(&walk.at) {
            Some(Stated::Absent) => Some(Lead::Nowhere),
            None if is_closed => Some(Lead::Nowhere),
            Some(Stated::File(_)) if !walk.todo.is_empty() && !walk.ends_in_dots() => Some(Lead::Nowhere),
            Some(Stated::LinkSomewhere) => Some(Lead::Anywhere),
            Some(Stated::Link(target)) => {
                walk.links += 1;
                if walk.links > MAX_LINKS || target.is_empty() {
                    return Some(Lead::Nowhere);
                }
                walk.at = if target.starts_with('/') { "/".to_owned() } else { above };
                walk.todo.extend(parts(target));
                None
            }
            _ => None,
        }
    }

    /// The names in directories on PATH of which it is told what stands there: links, and files of which it is told whether they may be started.
    #[must_use]
    pub fn told_on_path(&self) -> BTreeSet<String> {
        let dirs = self.ways_of_path();
        let may_tell = |at: &String, stated: &Stated| is_link(stated) || self.startable.contains_key(at);
        let told = self.files.iter().filter(|(at, stated)| may_tell(at, stated) && is_in(&dirs, at));
        told.map(|(at, _)| path::base(at).to_owned()).collect()
    }

    /// Whether what is at a path, or beneath, is somewhere where links lead by which there can be programs on PATH.
    pub(crate) fn leads_to_programs(&self, at: &str) -> bool {
        if !self.files.values().any(is_link) {
            return false;
        }
        let dirs = self.ways_of_path();
        if dirs.iter().any(|dir| path::within(at, dir.end())) {
            return true;
        }
        let links = self.files.iter().filter(|(at, stated)| is_link(stated) && is_in(&dirs, at));
        let links: Vec<Way> = links.map(|(at, _)| self.way(at)).collect();
        dirs.iter().chain(&links).flat_map(|way| &way.over).any(|over| path::within(over, at))
    }

    fn ways_of_path(&self) -> Vec<Way> {
        self.path_directories().unwrap_or_default().iter().map(|dir| self.way(dir)).collect()
    }
}

impl Way {
    /// The end, or where it would be.
    fn end(&self) -> &str {
        match &self.lead {
            Lead::To(end) => end,
            Lead::Nowhere | Lead::Anywhere => self.over.last().map_or("/", String::as_str),
        }
    }
}

impl Walk {
    /// Whether all that is left says that what is here is a directory, or asks for what is above.
    fn ends_in_dots(&self) -> bool {
        self.todo.iter().all(|part| matches!(part.as_str(), "" | "." | ".."))
    }

    /// The end of a way that is not there is where it would be if nothing but that were missing.
    fn note_rest(&mut self) {
        let rest: Vec<&str> = self.todo.iter().rev().map(String::as_str).collect();
        self.over.extend(path::clean(&self.at, &rest.join("/")));
    }
}

fn is_link(stated: &Stated) -> bool {
    matches!(stated, Stated::Link(_) | Stated::LinkSomewhere)
}

/// Whether something stands in a directory to which one of these ways leads.
fn is_in(dirs: &[Way], at: &str) -> bool {
    dirs.iter().any(|dir| matches!(&dir.lead, Lead::To(dir) if dir == path::parent(at)))
}

/// The parts of a path, the first last. A slash at the end is one, too: it asks for a directory.
fn parts(path: &str) -> Vec<String> {
    path.trim_start_matches('/').split('/').rev().map(str::to_owned).collect()
}
