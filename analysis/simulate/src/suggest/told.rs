//! How a change is said to somebody who has given flags: of a key that a flag replaces, the flag is heard and not the fixture.

use perch_fixtures::{EnvOnly, Fixture};
use serde_json::{Map, Value};

use super::Described;
use super::change::{Change, Right, in_a_row, joined};

/// A change as it is to be said.
pub(super) struct Told {
    /// The part of a fixture.
    pub(super) fixture: Option<Value>,
    /// Flags that it takes besides.
    pub(super) besides: Option<String>,
    /// Flags that must be left out.
    pub(super) without: Option<String>,
}

impl Told {
    /// Nothing if it takes a flag that cannot be written.
    pub(super) fn of(change: &Change, host: &Described<'_>) -> Option<Self> {
        let mut part = change.fixture(host.fixture, host.scenario);
        let changed = change.applied(host.fixture);
        let given = |key: &str| host.sources.flag(key);
        // Only a scenario could say of a variable in it that it is not set.
        if host.scenario.is_some() && given("env").is_some() && change.env.values().any(Option::is_none) {
            return None;
        }
        let mut besides = Vec::new();
        for (key, is_changed) in differing(host.fixture, &changed) {
            if let Some(flag) = given(key) {
                drop_key(&mut part, key);
                if is_changed {
                    besides.push(written(flag, key, &changed)?);
                }
            }
        }
        besides.extend(change.flags_of_the_run(host.allowed)?);
        let mut without = change.without_flags_of_the_run(host.allowed);
        for key in Right::ALL.map(Right::key) {
            if let Some(flag) = given(key).filter(|_| part.get(key).is_some()) {
                drop_key(&mut part, key);
                without.push(flag.to_owned());
            }
        }
        let fixture = part.as_object().is_some_and(|keys| !keys.is_empty()).then_some(part);
        Some(Self { fixture, besides: in_a_row(&besides), without: in_a_row(&without) })
    }
}

/// The keys that flags can replace, and whether a change has changed what they say.
fn differing(before: &Fixture, after: &Fixture) -> [(&'static str, bool); 8] {
    [
        ("os", before.os != after.os),
        ("arch", before.arch != after.arch),
        ("env", before.env != after.env),
        ("env_only", before.env_only != after.env_only),
        ("fs_read", before.fs_read != after.fs_read),
        ("fs_write", before.fs_write != after.fs_write),
        ("bins", before.bins != after.bins),
        ("network", before.network != after.network),
    ]
}

/// A flag with all that it must say; nothing if it cannot.
fn written(flag: &str, key: &str, fixture: &Fixture) -> Option<String> {
    let list = |list: &Option<Vec<String>>| joined(list.iter().flatten().cloned());
    let said = match key {
        "os" => fixture.os.clone()?,
        "arch" => fixture.arch.clone()?,
        "env" => {
            let is_plain = |text: &String| !text.is_empty() && !text.contains(',');
            let env = fixture.env.values().all(is_plain).then_some(&fixture.env)?;
            joined(env.iter().map(|(name, value)| format!("{name}={value}")))?
        }
        "env_only" => match &fixture.env_only {
            Some(EnvOnly::Names(names)) => joined(names.iter().cloned())?,
            Some(EnvOnly::Closed(_)) | None => return None,
        },
        "fs_read" => list(&fixture.fs_read)?,
        "fs_write" => list(&fixture.fs_write)?,
        "bins" => list(&fixture.bins)?,
        _ => list(&fixture.network)?,
    };
    (!said.is_empty()).then(|| format!("{flag}={said}"))
}

/// The part without what it says of a key, of the host or in its scenario.
fn drop_key(part: &mut Value, key: &str) {
    let Some(keys) = part.as_object_mut() else { return };
    keys.shift_remove(key);
    let scenario = keys.get_mut("scenarios").and_then(|all| all.get_mut(0)).and_then(Value::as_object_mut);
    let is_empty = scenario.is_some_and(|scenario: &mut Map<String, Value>| {
        scenario.shift_remove(key);
        scenario.keys().all(|key| key == "name")
    });
    if is_empty {
        keys.shift_remove("scenarios");
    }
}
