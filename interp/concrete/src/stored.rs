//! Cached blocks: what they have bound, stored between runs.

use std::time::Duration;

use perch_engine::domain::{Act, CacheEntry};
use perch_engine::flows::hidden;
use perch_engine::{Context, Engine, Flows, Frame, World};
use perch_ir::program::Program;
use perch_ops::duration::nanoseconds;
use perch_policy::store::KIND;
use perch_policy::{Decision, Effect};
use perch_system::{Block, Entry, Last};

use crate::ask::Want;
use crate::{Concrete, Text};

pub(crate) fn cached<'a, P: Program>(
    engine: &mut Engine<'_, P, Concrete<'a>>,
    cx: &Context,
    entry: &CacheEntry<'_, Text>,
    world: World<Concrete<'a>>,
    body: Act<'_, P, Concrete<'a>>,
) -> Flows<Concrete<'a>> {
    engine.domain.bounds = cx.bounds.undeclared();
    let Some(block) = engine.domain.usable_block(entry.key) else { return body(engine, cx, world) };
    let ttl = Duration::from_nanos(nanoseconds(entry.ttl).unwrap_or_default());
    if let Some((found, age)) = engine.domain.load(&block, ttl) {
        let left = ttl.saturating_sub(age);
        engine.domain.host.note(&hit(entry.key, found.bindings.len(), left));
        let World { mut frame, host } = world;
        replay(&mut frame, entry.names, &found);
        return Flows::next(World { frame, host });
    }
    let flows = body(engine, cx, world);
    if let Some(world) = &flows.next {
        engine.domain.bounds = cx.bounds.undeclared();
        engine.domain.save(&block, &bound(&world.frame, entry.names));
    }
    flows
}

/// What the names of a body are bound to.
fn bound(frame: &Frame<Text>, names: &[String]) -> Entry {
    let bindings = names.iter().filter_map(|name| Some((name.clone(), frame.bindings.get(name.as_str())?.to_string())));
    Entry { bindings: bindings.collect() }
}

/// Binds what the body bound, and nothing else that it could have.
fn replay(frame: &mut Frame<Text>, names: &[String], entry: &Entry) {
    for name in names {
        match entry.bindings.iter().find(|(bound, _)| bound == name) {
            Some((_, value)) => hidden::bind(&mut frame.bindings, name, value.as_str().into()),
            None => drop(hidden::take(&mut frame.bindings, name)),
        }
    }
}

impl Concrete<'_> {
    /// The block of that key, if blocks may be stored.
    fn usable_block(&self, key: &str) -> Option<Block> {
        let allowed = matches!(self.policy.decide(&self.bounds, Effect::Store), Decision::Allowed(_));
        let block = if allowed { self.host.block(&[KIND, key]) } else { None };
        if block.is_none() {
            let why = if allowed { "HOME names no directory" } else { "writing is restricted" };
            self.host.note_once(&format!("↪ cache: nothing is stored or looked up, for {why}"));
        }
        block
    }

    /// What is stored for a block, if it is not too old. An entry that cannot be read is none.
    fn load(&self, block: &Block, ttl: Duration) -> Option<(Entry, Duration)> {
        let (place, [read]) = self.go("cache", block.path(), Last::Entry, [Want::Read]).ok()?;
        let found = self.host.load_block(&read, &place, block, ttl).ok()??;
        (found.1 < ttl).then_some(found)
    }

    /// Stores what a block has bound. If that fails, the next run does the work again.
    fn save(&self, block: &Block, entry: &Entry) {
        let saved = self.go("cache", block.path(), Last::Entry, [Want::Write]).and_then(|(place, [write])| {
            let parents = self.parents("cache", &place)?;
            Ok(self.host.save_block(&write, &parents, &place, block, entry)?)
        });
        if let Err(halt) = saved {
            let why = halt.failure("store a result at", block.path()).message;
            self.host.note_once(&format!("↪ cache: {why}"));
        }
    }
}

/// What is said of an entry that was found.
fn hit(key: &str, bindings: usize, left: Duration) -> String {
    let plural = if bindings == 1 { "" } else { "s" };
    format!("↪ cache hit: {} (replayed {bindings} binding{plural}, {} left)", shown(key), rounded(left))
}

/// Digits of a hash in a row that are still shown.
const HASH: usize = 12;

/// How much of a key is shown.
const SHOWN: usize = 60;

/// A key as people read it: hashes as their beginnings, and not longer than a line.
fn shown(key: &str) -> String {
    let mut shown = String::new();
    let mut run = String::new();
    for sign in key.chars().chain(['\n']) {
        if sign.is_ascii_hexdigit() {
            run.push(sign);
            continue;
        }
        let short = run.len() > HASH;
        shown.push_str(if short { &run[..6] } else { &run });
        shown.push_str(if short { "…" } else { "" });
        run.clear();
        shown.push(if sign.is_control() { ' ' } else { sign });
    }
    let shown = shown.trim_end();
    match shown.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &shown[..at]),
        None => shown.to_owned(),
    }
}

/// A length of time in its largest unit, and from hours on in the next one, too.
fn rounded(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0 => format!("{}ms", time.as_millis()),
        1..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m", seconds / 60),
        3_600..86_400 => format!("{}h{}m", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{}d{}h", seconds / 86_400, seconds % 86_400 / 3_600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_shown_short() {
        assert_eq!(shown("deps"), "deps");
        assert_eq!(shown("deps-0123456789abcdef-x"), "deps-012345…-x");
        assert_eq!(shown("0123456789ab"), "0123456789ab");
        assert_eq!(shown("a\nb"), "a b");
        assert_eq!(shown(&"x".repeat(80)).chars().count(), SHOWN + 1);
    }

    #[test]
    fn what_is_left_is_rounded() {
        let cases = [(90_000, "1d1h"), (2_591_999, "29d23h"), (3_601, "1h0m"), (61, "1m"), (59, "59s")];
        for (seconds, wanted) in cases {
            assert_eq!(rounded(Duration::from_secs(seconds)), wanted);
        }
    }
}
