//! From path texts to resolved paths (paths.md), on all runs at once.
//!
//! Where a link may stand on the way, the runs are divided: those on which it does go on with the target.

use perch_diagram::Dd;
use perch_policy::{Bounds, Decision, Effect, Known, path};

use crate::Symbolic;
use crate::cells::Cell;
use crate::host::Host;
use crate::made::{PathText, is_made};
use crate::record::Assumption;

/// Links that are followed before a walk is given up (paths §2).
pub(crate) const MAX_LINKS: usize = 40;

/// Ways through links that are told apart: beyond, where a path leads is not known.
const MAX_ROUTES: usize = 200;

/// Where a path leads on some of the runs.
#[derive(Clone, Debug)]
pub(crate) struct Route {
    /// On which.
    pub(crate) when: Dd,
    /// The path after each link that was followed, for the policy.
    pub(crate) through: Vec<String>,
    /// The end.
    pub(crate) end: RouteEnd,
}

#[derive(Clone, Debug)]
pub(crate) enum RouteEnd {
    /// No proper ancestor of this path is a link, and neither is the path if its end is followed.
    Path(String),
    /// Too many links.
    Loop,
    /// A link whose target is not known.
    Unknown,
}

struct Walk {
    when: Dd,
    done: String,
    todo: Vec<String>,
    through: Vec<String>,
}

impl Symbolic {
    /// Where an absolute, clean path leads on the runs of `host`.
    pub(crate) fn routes(&mut self, host: &Host, text: &str, follow_end: bool) -> Vec<Route> {
        if self.knows_of_no_link() || !self.may_meet_link(host, text, follow_end) {
            return vec![Route { when: host.pc, through: Vec::new(), end: RouteEnd::Path(text.to_owned()) }];
        }
        let mut routes = Vec::new();
        let todo = components(text);
        let mut walks = vec![Walk { when: host.pc, done: "/".to_owned(), todo, through: Vec::new() }];
        while let Some(walk) = walks.pop() {
            if routes.len() + walks.len() >= MAX_ROUTES {
                routes.push(Route { when: walk.when, through: walk.through, end: RouteEnd::Unknown });
                continue;
            }
            self.step(host, walk, follow_end, &mut walks, &mut routes);
        }
        routes
    }

    /// That there is no link on the way where a machine may not be looked at is taken for granted.
    pub(crate) fn hides_no_link(&mut self, host: &Host, text: &str, follow_end: bool) {
        if !self.facts.looked_up || self.policy.read_roots.is_none() {
            return;
        }
        let is_hidden = |path: &str| {
            let look = Effect::Look(Known::Text(path.to_owned()));
            !self.facts.files.contains_key(path)
                && !is_made(path)
                && !matches!(self.policy.decide(&Bounds::default(), look), Decision::Allowed(_))
        };
        let hidden: Vec<&str> =
            path::ancestors(text).chain(follow_end.then_some(text)).filter(|path| is_hidden(path)).collect();
        let mut when = Dd::FALSE;
        for path in hidden {
            let entry = self.entry(host, path);
            let of_start = self.dds.as_leaf(entry).is_none();
            let there = self.where_cell(entry, |cell| !matches!(cell, Cell::Absent));
            when = if of_start { self.dds.or(when, there) } else { when };
        }
        let when = self.dds.and(when, host.pc);
        if !when.is_false() {
            self.note_assumption(Assumption::NoHiddenLinks, when);
        }
    }

    /// Whether a link may stand anywhere on the way. Mostly none does, and the way is the path.
    pub(crate) fn may_meet_link(&mut self, host: &Host, text: &str, follow_end: bool) -> bool {
        let mut on_the_way = path::ancestors(text).chain(follow_end.then_some(text)).filter(|path| *path != "/");
        on_the_way.any(|path| {
            let entry = self.entry(host, path);
            self.dds.leaves(entry).into_iter().any(|leaf| matches!(self.names.cell(leaf), Cell::Link(_)))
        })
    }

    /// Every path that this one may lead to on some run; the root if it may be any.
    pub(crate) fn possible_ends(&mut self, host: &Host, text: &str) -> Vec<String> {
        if self.knows_of_no_link() {
            return vec![text.to_owned()];
        }
        let mut ends: Vec<String> = Vec::new();
        let mut seen: Vec<(String, Vec<String>)> = Vec::new();
        let mut todo = vec![("/".to_owned(), components(text))];
        while let Some((done, mut rest)) = todo.pop() {
            if seen.len() >= MAX_ROUTES {
                return vec!["/".to_owned()];
            }
            if rest.is_empty() {
                ends.push(done);
                continue;
            }
            if seen.contains(&(done.clone(), rest.clone())) {
                continue;
            }
            seen.push((done.clone(), rest.clone()));
            let next = path::join(&done, &rest.remove(0));
            let entry = self.entry(host, &next);
            let entry = self.simplified(entry, host.pc);
            let leaves = self.dds.leaves(entry);
            for leaf in &leaves {
                let Cell::Link(target) = self.names.cell(*leaf).clone() else { continue };
                let PathText::Path(target) = self.path_from(Some(&done), target) else {
                    return vec!["/".to_owned()];
                };
                todo.push(("/".to_owned(), components(&target).into_iter().chain(rest.iter().cloned()).collect()));
            }
            if leaves.iter().any(|leaf| !matches!(self.names.cell(*leaf), Cell::Link(_))) {
                todo.push((next, rest));
            }
        }
        ends
    }

    /// Goes on by one component.
    fn step(&mut self, host: &Host, mut walk: Walk, follow_end: bool, walks: &mut Vec<Walk>, routes: &mut Vec<Route>) {
        if walk.todo.is_empty() {
            routes.push(Route { when: walk.when, through: walk.through, end: RouteEnd::Path(walk.done) });
            return;
        }
        let next = path::join(&walk.done, &walk.todo.remove(0));
        let entry = if walk.todo.is_empty() && !follow_end { Dd::FALSE } else { self.entry(host, &next) };
        let mut straight = walk.when;
        for leaf in self.dds.leaves(entry) {
            let Cell::Link(target) = self.names.cell(leaf).clone() else { continue };
            let here = self.dds.equals(entry, leaf);
            let here = self.decided(here);
            let here = self.short_of(straight, here);
            let here = self.dds.and(straight, here);
            if here.is_false() {
                continue;
            }
            straight = self.dds.minus(straight, here);
            let known = match self.path_from(Some(&walk.done), target) {
                PathText::Path(target) => Some(target),
                PathText::Invalid | PathText::Unknown => None,
            };
            let end = match known {
                _ if walk.through.len() >= MAX_LINKS => RouteEnd::Loop,
                None => RouteEnd::Unknown,
                Some(target) => {
                    let mut whole = components(&target);
                    whole.extend(walk.todo.iter().cloned());
                    let mut through = walk.through.clone();
                    through.push(format!("/{}", whole.join("/")));
                    walks.push(Walk { when: here, done: "/".to_owned(), todo: whole, through });
                    continue;
                }
            };
            routes.push(Route { when: here, through: walk.through.clone(), end });
        }
        if !straight.is_false() {
            walks.push(Walk { when: straight, done: next, ..walk });
        }
    }
}

fn components(path: &str) -> Vec<String> {
    path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect()
}
