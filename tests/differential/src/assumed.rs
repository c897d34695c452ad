//! Hosts that violate what a report takes for granted.
//!
//! Verdicts speak of the hosts on which the printed assumptions hold. On a host that agrees with the fixture and violates one,
//! they need not hold, but the report is not worthless there: everything must be as it says up to the op that
//! printed the assumption, and if a run leaves the report at all, it must do so there.

use std::collections::BTreeSet;

use perch_fixtures::{EffectFact, ExecFact, WriteFact};
use perch_policy::path;
use perch_symbolic::record::Assumption;

use crate::hosts::{Entry, Host, pool, usual};
use crate::random::Random;
use crate::triples::Triple;

/// At most so many hosts per triple.
const MOST: usize = 4;

/// Does the host, as it is at the start, violate an assumption about a path?
#[must_use]
pub fn lacks(assumption: &Assumption, host: &Host) -> bool {
    let is_dir = |path: &str| host.tree.get(path) == Some(&Entry::Dir) || path::within(&host.root, path);
    let is_file = |path: &str| matches!(host.tree.get(path), Some(Entry::File { .. }));
    match assumption {
        Assumption::IsDirectory(path) => !is_dir(path),
        Assumption::IsFile(path) => !is_file(path),
        Assumption::IsThere(path) => !is_dir(path) && !host.tree.contains_key(path),
        Assumption::NoDirectory(path) => is_dir(path),
        Assumption::NoFile(path) => is_file(path),
        Assumption::Succeeds(_)
        | Assumption::StaysInFrame(_)
        | Assumption::IsUsual(_)
        | Assumption::ManagersStay
        | Assumption::PackagesApart
        | Assumption::PathUntouched
        | Assumption::PathUntouchedElsewhere
        | Assumption::InTime
        | Assumption::StillPermitted
        | Assumption::ColdCache
        | Assumption::Storable
        | Assumption::StoreApart
        | Assumption::NewByTime
        | Assumption::ApartByTime
        | Assumption::OnTheDay(_)
        | Assumption::NoLinksPacked
        | Assumption::NoHiddenLinks => false,
    }
}

/// Does the host have a program that does what the assumption excludes, though it may not fail by it?
#[must_use]
pub fn goes_astray(assumption: &Assumption, host: &Host) -> bool {
    let starts = |name: &String| host.programs.get(name).map_or(&[][..], Vec::as_slice);
    match assumption {
        Assumption::StaysInFrame(name) => {
            let mut called = host.programs.iter().filter(|(program, _)| is_called(name, program));
            called.any(|(_, starts)| starts.iter().any(leaves_frame))
        }
        Assumption::IsUsual(name) => starts(name).iter().any(|start| Some(start) != usual(name).as_ref()),
        _ => false,
    }
}

/// Whether that is the program, or a line for the shell that may start it.
fn is_called(called: &str, program: &str) -> bool {
    let mut words = called.split(|c: char| !c.is_alphanumeric());
    called == program || called.contains(' ') && words.any(|word| word == program)
}

/// Generated programs name what they change relative to their working directory, unless they are to leave it.
fn leaves_frame(start: &ExecFact) -> bool {
    start.effects.iter().any(|effect| match effect {
        EffectFact::Write(fact) => fact.write.starts_with('/'),
        EffectFact::Mkdir(fact) => fact.mkdir.starts_with('/'),
        EffectFact::Remove(fact) => fact.remove.starts_with('/'),
    })
}

/// Does the host violate the assumption, as far as that can be told before a run?
fn violates(assumption: &Assumption, host: &Host) -> bool {
    let fails =
        |words: &str| program(words).and_then(|name| host.programs.get(name)).is_some_and(|starts| ends_badly(starts));
    match assumption {
        Assumption::Succeeds(words) => fails(words),
        _ => lacks(assumption, host) || goes_astray(assumption, host),
    }
}

fn ends_badly(starts: &[ExecFact]) -> bool {
    starts.iter().any(|start| start.status != 0)
}

fn program(words: &str) -> Option<&str> {
    words.split(' ').next()
}

/// Hosts that agree with the triple's fixture and violate one of the assumptions that its report prints, each another one. They violate
/// no other, unless that cannot be: what lies in a directory that is missing is missing too.
#[must_use]
pub fn violating(triple: &Triple, printed: &BTreeSet<Assumption>) -> Vec<Host> {
    let mut random = Random::new(!triple.seed);
    let good = triple.hosts.iter().find_map(|host| {
        let mut host = host.clone();
        printed.iter().for_each(|one| satisfy(&mut host, one));
        (host.agrees(&triple.fixture) && !printed.iter().any(|one| violates(one, &host))).then_some(host)
    });
    let Some(good) = good else { return Vec::new() };
    let mut open: Vec<&Assumption> = printed.iter().collect();
    let mut hosts = Vec::new();
    while !open.is_empty() && hosts.len() < MOST {
        let assumption = open.swap_remove(random.below(open.len()));
        let mut host = good.clone();
        violate(&mut host, assumption, &mut random);
        if host.agrees(&triple.fixture) && violates(assumption, &host) {
            hosts.push(host);
        }
    }
    hosts
}

/// Is it a path that the harness may change?
fn is_ours(host: &Host, path: &str) -> bool {
    path != host.root && path::within(path, &host.root)
}

fn satisfy(host: &mut Host, assumption: &Assumption) {
    let path = match assumption {
        Assumption::IsDirectory(path)
        | Assumption::IsFile(path)
        | Assumption::IsThere(path)
        | Assumption::NoDirectory(path)
        | Assumption::NoFile(path)
            if lacks(assumption, host) && is_ours(host, path) =>
        {
            path
        }
        Assumption::Succeeds(words) => {
            let starts = program(words).and_then(|name| host.programs.get_mut(name));
            return starts.into_iter().flatten().for_each(|start| start.status = 0);
        }
        Assumption::IsUsual(name) => {
            let usual = host.programs.get_mut(name).zip(usual(name));
            return usual.into_iter().for_each(|(starts, usual)| *starts = vec![usual]);
        }
        _ => return,
    };
    host.remove(path);
    match assumption {
        Assumption::IsDirectory(_) => host.put(path, Entry::Dir),
        Assumption::IsFile(_) | Assumption::IsThere(_) => host.put(path, Entry::File { content: "x".to_owned() }),
        _ => {}
    }
}

/// Where a program can write, outside of the working directory if there is such a place.
fn outside(host: &Host) -> Vec<String> {
    let mut places = pool(&host.root);
    let writable = |place: &String| {
        host.tree.get(path::parent(place)) == Some(&Entry::Dir) && host.tree.get(place) != Some(&Entry::Dir)
    };
    if places.iter().any(|place| writable(place) && !path::within(place, &host.cwd)) {
        places.retain(|place| writable(place) && !path::within(place, &host.cwd));
    }
    places
}

fn violate(host: &mut Host, assumption: &Assumption, random: &mut Random) {
    let file = Entry::File { content: "x".to_owned() };
    match assumption {
        Assumption::IsDirectory(path) | Assumption::IsFile(path) if is_ours(host, path) => {
            host.remove(path);
            if random.chance(50) {
                let other = if matches!(assumption, Assumption::IsFile(_)) { Entry::Dir } else { file };
                host.put(path, other);
            }
        }
        Assumption::IsThere(path) if is_ours(host, path) => host.remove(path),
        Assumption::NoDirectory(path) if is_ours(host, path) => {
            host.remove(path);
            host.put(path, Entry::Dir);
        }
        Assumption::NoFile(path) if is_ours(host, path) => {
            host.remove(path);
            host.put(path, file);
        }
        Assumption::Succeeds(words) => {
            let starts = program(words).and_then(|name| host.programs.get_mut(name));
            starts.into_iter().flatten().for_each(|start| start.status = 1 + u8::from(random.chance(50)));
        }
        Assumption::StaysInFrame(name) => {
            let write = random.pick(&outside(host)).clone();
            let effect = EffectFact::Write(WriteFact { write, content: "astray".to_owned() });
            let starts = host.programs.get_mut(name);
            starts.into_iter().flatten().for_each(|start| start.effects.push(effect.clone()));
        }
        Assumption::IsUsual(name) => {
            let starts = host.programs.get_mut(name);
            starts.into_iter().flatten().for_each(|start| {
                start.status = u8::from(start.status == 0);
                start.stdout = "unusual".to_owned();
            });
        }
        _ => {}
    }
}
