//! The scenarios of a fixture as cases to be simulated.

use std::collections::BTreeSet;

use perch_fixtures::{Fixture, Scenario};
use perch_simulate::Sources;
use perch_simulate::report::DEFAULT;

use super::fixture::{trouble, wrong_value};
use crate::report::Trouble;

/// A description that is complete: the fixture with what a scenario lays over it.
pub(super) struct Described {
    /// Its name; nothing if the fixture has no scenarios.
    pub(super) scenario: Option<String>,
    /// The number of the one where whose end it starts.
    pub(super) after: Option<usize>,
    pub(super) fixture: Fixture,
    pub(super) sources: Sources,
    /// It is asked for, not only started from.
    pub(super) wanted: bool,
}

impl Described {
    pub(super) fn name(&self) -> &str {
        self.scenario.as_deref().unwrap_or(DEFAULT)
    }
}

/// So many scenarios are named in place of one that is not there.
const MOST_NAMED: usize = 12;

/// Variables that say where things are found. Where another run has ended, they are what they were.
const FOR_GOOD: [&str; 3] = ["PATH", "HOME", "XDG_CACHE_HOME"];

/// What is described, each in every scenario, in the order of the file.
pub(super) fn described(fixture: &Fixture, sources: &Sources, wanted: Option<&str>) -> Result<Vec<Described>, Trouble> {
    let scenarios = &fixture.scenarios;
    check_names(scenarios, sources)?;
    if let Some(name) = wanted {
        check_wanted(name, scenarios)?;
    }
    if scenarios.is_empty() {
        let (fixture, sources) = (fixture.clone(), sources.clone());
        return Ok(vec![Described { scenario: None, after: None, fixture, sources, wanted: true }]);
    }
    let shared = Fixture { scenarios: Vec::new(), ..fixture.clone() };
    let described = |at: usize| {
        let scenario = scenarios.get(at)?;
        let chain = chain(scenarios, at);
        let whole = chain.iter().rev().filter_map(|at| scenarios.get(*at));
        Some(Described {
            scenario: Some(scenario.name.clone()),
            after: chain.get(1).copied(),
            fixture: whole.fold(shared.clone(), |fixture, scenario| fixture.in_scenario(scenario)),
            sources: sources.in_scenario(&chain),
            wanted: wanted.is_none_or(|name| name == scenario.name),
        })
    };
    Ok((0..scenarios.len()).filter_map(described).collect())
}

/// The scenario, the one where whose end it starts, and so on.
fn chain(scenarios: &[Scenario], at: usize) -> Vec<usize> {
    let mut chain = vec![at];
    let before = |at: usize| {
        let name = scenarios.get(at)?.after.as_ref()?;
        scenarios.iter().position(|scenario| scenario.name == *name)
    };
    let mut next = before(at);
    while let Some(at) = next.filter(|at| !chain.contains(at)) {
        chain.push(at);
        next = before(at);
    }
    chain
}

fn check_names(scenarios: &[Scenario], sources: &Sources) -> Result<(), Trouble> {
    let mut known = BTreeSet::new();
    for (at, scenario) in scenarios.iter().enumerate() {
        let number = at.to_string();
        let wrong = |key: &str, message: &str| wrong_value(sources, &["scenarios", &number, key], message);
        let name = &scenario.name;
        if name.trim().is_empty() {
            return Err(wrong("name", "a scenario has an empty name").help("the report calls it by its name"));
        }
        if !known.insert(name) {
            let message = format!("two scenarios are called `{name}`");
            return Err(wrong("name", &message).help("give each a name of its own"));
        }
        let Some(after) = &scenario.after else { continue };
        if !scenarios.iter().any(|other| other.name == *after) {
            let others = names(scenarios).filter(|other| other != name);
            return Err(none_such(wrong("after", &format!("there is no scenario `{after}`")), after, others.collect()));
        }
        if chain(scenarios, at)
            .last()
            .is_some_and(|first| scenarios.get(*first).is_some_and(|first| first.after.is_some()))
        {
            let message = format!("scenario `{name}` would start where it ends itself");
            return Err(wrong("after", &message).help("one of them must start from what the fixture says"));
        }
        check_after(scenario, after, &number, sources)?;
    }
    Ok(())
}

/// Where another run has ended, the host is what that has left.
fn check_after(scenario: &Scenario, after: &str, number: &str, sources: &Sources) -> Result<(), Trouble> {
    let said = [
        (!scenario.files.is_empty(), vec!["files"]),
        (!scenario.overrides.file_exists.is_empty(), vec!["overrides", "file_exists"]),
        (!scenario.overrides.has_bin.is_empty(), vec!["overrides", "has_bin"]),
        (!scenario.overrides.packages.is_empty(), vec!["overrides", "packages"]),
        (!scenario.overrides.cache.is_empty(), vec!["overrides", "cache"]),
        (scenario.os.is_some(), vec!["os"]),
        (scenario.arch.is_some(), vec!["arch"]),
        (!scenario.machine.is_empty(), vec!["machine"]),
    ];
    let for_good =
        FOR_GOOD.iter().filter(|name| scenario.env.contains_key(**name)).map(|name| (true, vec!["env", *name]));
    let Some((_, way)) = said.into_iter().chain(for_good).find(|(said, _)| *said) else { return Ok(()) };
    let message = format!(
        "scenario `{}` starts where `{after}` has ended, so `{}` is what that has left",
        scenario.name,
        way.join(".")
    );
    let whole = [&["scenarios", number][..], &way].concat();
    let help = format!("say it in `{after}`; here only `args`, other variables and what programs do can be different");
    Err(trouble(sources, &whole, &message).help(help))
}

fn check_wanted(name: &str, scenarios: &[Scenario]) -> Result<(), Trouble> {
    if scenarios.iter().any(|scenario| scenario.name == name) {
        return Ok(());
    }
    let trouble = Trouble::usage(format!("there is no scenario `{name}`"));
    if scenarios.is_empty() {
        return Err(trouble.help("`scenarios` of the fixture that `--sim-file` names would list it"));
    }
    Err(none_such(trouble, name, names(scenarios).collect()))
}

/// One of these was meant, of which the first few are named.
fn none_such(trouble: Trouble, wrong: &str, mut known: Vec<String>) -> Trouble {
    if known.is_empty() {
        return trouble.help("the fixture has no other scenario");
    }
    let near = perch_syntax::nearest(wrong, known.iter().map(String::as_str)).map(str::to_owned);
    if let Some(near) = near {
        return trouble.help(format!("did you mean `{near}`?"));
    }
    let more = known.split_off(known.len().min(MOST_NAMED)).len();
    let mut list = known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if more > 0 {
        list += &format!(" and {more} more");
    }
    trouble.help(format!("the scenarios are {list}"))
}

fn names(scenarios: &[Scenario]) -> impl Iterator<Item = String> {
    scenarios.iter().map(|scenario| scenario.name.clone())
}
