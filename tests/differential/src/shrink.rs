//! Making a triple smaller while it still shows what is wrong.

use std::time::{Duration, Instant};

use perch_fixtures::{EnvOnly, FileFact, Fixture, Machine, Oracles};
use perch_policy::path;

use crate::hosts::{Entry, Host};
use crate::triples::{Flags, Triple};

/// Ways to make a triple smaller, the coarsest first.
const STEPS: &[fn(&Triple) -> Vec<Triple>] = &[one_host, smaller_program, fewer_flags, fewer_facts, less_on_hosts];

/// A triple from which nothing can be left out, or what has been reached when the time is up. `shows` says how a triple
/// shows what is wrong; hosts keep agreeing with the fixture.
pub fn smallest<W>(
    triple: Triple,
    shown: W,
    time: Duration,
    mut shows: impl FnMut(&Triple) -> Option<W>,
) -> (Triple, W) {
    let start = Instant::now();
    let mut best = (triple, shown);
    loop {
        let mut smaller = false;
        for step in STEPS {
            let mut at = 0;
            let mut candidates = step(&best.0);
            while let Some(one) = candidates.get(at) {
                if start.elapsed() > time {
                    return best;
                }
                match if one.agrees() { shows(one) } else { None } {
                    // What comes next stands at this position among those of the smaller triple.
                    Some(shown) => {
                        best = (one.clone(), shown);
                        candidates = step(&best.0);
                        smaller = true;
                    }
                    None => at += 1,
                }
            }
        }
        if !smaller {
            return best;
        }
    }
}

fn one_host(triple: &Triple) -> Vec<Triple> {
    if triple.hosts.len() < 2 {
        return Vec::new();
    }
    triple.hosts.iter().map(|host| Triple { hosts: vec![host.clone()], ..triple.clone() }).collect()
}

fn smaller_program(triple: &Triple) -> Vec<Triple> {
    triple.source.smaller().into_iter().map(|source| Triple { source, ..triple.clone() }).collect()
}

type Change<'c, T> = Box<dyn Fn(&mut T) + 'c>;

/// What becomes of a thing by each change that does change it.
fn changed<T: Clone + PartialEq>(of: &T, changes: &[Change<'_, T>], triple: impl Fn(T) -> Triple) -> Vec<Triple> {
    let after = |change: &Change<'_, T>| {
        let mut one = of.clone();
        change(&mut one);
        one
    };
    changes.iter().map(after).filter(|one| one != of).map(triple).collect()
}

fn fewer_flags(triple: &Triple) -> Vec<Triple> {
    let without: Vec<Change<'_, Flags>> = vec![
        Box::new(|flags| flags.no_write = false),
        Box::new(|flags| flags.no_subprocess = false),
        Box::new(|flags| flags.no_shell = false),
        Box::new(|flags| flags.no_shell_metachars = false),
        Box::new(|flags| flags.read = None),
        Box::new(|flags| flags.write = None),
        Box::new(|flags| flags.bins = None),
        Box::new(|flags| flags.no_network = false),
        Box::new(|flags| flags.private_addresses = false),
        Box::new(|flags| flags.hosts = None),
    ];
    changed(&triple.flags, &without, |flags| Triple { flags, ..triple.clone() })
}

fn fewer_facts(triple: &Triple) -> Vec<Triple> {
    let fixture = &triple.fixture;
    let mut forget: Vec<Change<'_, Fixture>> = vec![
        Box::new(|fixture| fixture.oracles = Oracles::default()),
        Box::new(|fixture| fixture.env.clear()),
        Box::new(|fixture| fixture.files.retain(|_, fact| matches!(fact, FileFact::Link { .. }))),
        Box::new(|fixture| fixture.os = None),
        Box::new(|fixture| fixture.arch = None),
        Box::new(|fixture| fixture.machine = Machine::default()),
        Box::new(|fixture| fixture.clock = None),
        Box::new(|fixture| fixture.in_time = false),
        Box::new(|fixture| fixture.env_only = None),
        Box::new(|fixture| fixture.env_missing.clear()),
        Box::new(|fixture| fixture.bins = None),
        Box::new(|fixture| fixture.fs_read = None),
        Box::new(|fixture| fixture.fs_write = None),
    ];
    for name in fixture.env.keys() {
        forget.push(Box::new(move |fixture| drop(fixture.env.remove(name))));
    }
    for path in fixture.files.keys() {
        forget.push(Box::new(move |fixture| drop(fixture.files.remove(path))));
        forget.push(Box::new(move |fixture| match fixture.files.get_mut(path) {
            Some(FileFact::Dir { closed, .. }) => *closed = false,
            Some(FileFact::File { content, .. }) => *content = None,
            _ => {}
        }));
    }
    for path in fixture.oracles.file_exists.keys() {
        forget.push(Box::new(move |fixture| fixture.oracles.file_exists.retain(|other, _| other != path)));
    }
    for name in fixture.oracles.has_bin.keys() {
        forget.push(Box::new(move |fixture| fixture.oracles.has_bin.retain(|other, _| other != name)));
    }
    for words in fixture.oracles.exec.keys() {
        forget.push(Box::new(move |fixture| drop(fixture.oracles.exec.remove(words))));
    }
    for address in fixture.oracles.http.keys() {
        forget.push(Box::new(move |fixture| drop(fixture.oracles.http.remove(address))));
    }
    changed(fixture, &forget, |fixture| Triple { fixture, ..triple.clone() })
}

/// Changes that all hosts and the fixture undergo together.
fn less_on_hosts(triple: &Triple) -> Vec<Triple> {
    let mut simplify: Vec<Change<'_, Triple>> = Vec::new();
    for host in &triple.hosts {
        for path in host.tree.keys() {
            if !path::within(&host.cwd, path) {
                simplify.push(Box::new(move |triple| without_path(triple, path)));
            }
        }
        for (path, entry) in &host.tree {
            if matches!(entry, Entry::File { content } if !content.is_empty()) {
                simplify.push(Box::new(move |triple| emptied(triple, path)));
            }
        }
        for name in host.env.keys().filter(|name| !matches!(name.as_str(), "PATH" | "HOME")) {
            simplify.push(Box::new(move |triple| {
                triple.fixture.env.remove(name);
                if let Some(EnvOnly::Names(names)) = &mut triple.fixture.env_only {
                    names.retain(|other| other != name);
                }
                triple.hosts.iter_mut().for_each(|host| drop(host.env.remove(name)));
            }));
        }
        for address in host.answers.keys() {
            simplify.push(Box::new(move |triple| {
                triple.fixture.oracles.http.remove(address);
                triple.hosts.iter_mut().for_each(|host| drop(host.answers.remove(address)));
            }));
        }
        for name in host.programs.keys() {
            simplify.push(Box::new(move |triple| without_program(triple, name)));
            simplify.push(Box::new(move |triple| tamed(triple, name)));
        }
    }
    changed(triple, &simplify, |triple| triple)
}

fn without_path(triple: &mut Triple, gone: &str) {
    triple.hosts.iter_mut().for_each(|host| host.remove(gone));
    triple.fixture.files.retain(|path, fact| *fact == FileFact::Absent {} || !path::within(path, gone));
    triple.fixture.oracles.file_exists.retain(|path, there| !*there || !path::within(path, gone));
}

fn emptied(triple: &mut Triple, path: &str) {
    let empty = |entry: &mut Entry| {
        if let Entry::File { content } = entry {
            content.clear();
        }
    };
    triple.hosts.iter_mut().filter_map(|host| host.tree.get_mut(path)).for_each(empty);
    if let Some(FileFact::File { content: Some(content), .. }) = triple.fixture.files.get_mut(path) {
        content.clear();
    }
}

fn without_program(triple: &mut Triple, name: &str) {
    triple.hosts.iter_mut().for_each(|host: &mut Host| drop(host.programs.remove(name)));
    if let Some(bins) = &mut triple.fixture.bins {
        bins.retain(|bin| bin != name);
    }
    triple.fixture.oracles.has_bin.remove(name);
    triple.fixture.oracles.exec.remove(&format!("{name} *"));
}

/// The program does one thing less.
fn tamed(triple: &mut Triple, name: &str) {
    let started = triple.hosts.iter_mut().filter_map(|host| host.programs.get_mut(name)).flatten();
    let told = triple.fixture.oracles.exec.get_mut(&format!("{name} *"));
    for fact in started.chain(told) {
        if fact.effects.pop().is_none() {
            fact.stdout.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triples::triple;

    #[test]
    fn what_is_not_needed_is_left_out() {
        let shows = |triple: &Triple| {
            let removes = triple.source.text().contains("rm ");
            let told = triple.fixture.files.values().any(|fact| matches!(fact, FileFact::File { .. }));
            (removes && told).then_some(())
        };
        let large = (1..).map(|seed| triple(seed, "/w", 3)).find(|triple| shows(triple).is_some());
        let (small, ()) = smallest(large.unwrap(), (), Duration::from_secs(20), shows);
        assert!(small.source.text().lines().count() <= 6, "{small}");
        assert_eq!(small.fixture.files.len(), 1);
        assert!(small.fixture.env.is_empty() && small.fixture.oracles == Oracles::default());
        let [host] = &small.hosts[..] else { panic!("{small}") };
        assert!(host.tree.len() <= 3 && host.programs.is_empty() && host.env.len() == 2, "{small}");
        assert!(small.agrees());
    }
}
