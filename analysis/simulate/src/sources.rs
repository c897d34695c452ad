//! Who says what is known at the start: a flag, or a line of a fixture.

use std::collections::BTreeMap;

use perch_fixtures::places::{Place, Places};

/// Where a host is described.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The fixture, and where it says what.
    file: Option<(String, Places)>,
    /// The scenario, and the ones that it starts from, by their numbers in the fixture.
    scenarios: Vec<usize>,
    /// Flags by the keys that they replace.
    flags: BTreeMap<&'static str, &'static str>,
}

/// The parts of a scenario, by what they lie over: where they stand in the scenario.
const IN_SCENARIO: [(&str, &[&str]); 6] = [
    ("os", &["os"]),
    ("arch", &["arch"]),
    ("env", &["env"]),
    ("files", &["files"]),
    ("args", &["args"]),
    ("oracles", &["overrides"]),
];

impl Sources {
    /// A host that is described by a fixture and these flags.
    #[must_use]
    pub fn new(file: Option<(String, Places)>, flags: BTreeMap<&'static str, &'static str>) -> Self {
        Self { file, scenarios: Vec::new(), flags }
    }

    /// The same in a scenario that starts from others: their numbers, its own first.
    #[must_use]
    pub fn in_scenario(&self, scenarios: &[usize]) -> Self {
        Self { scenarios: scenarios.to_vec(), ..self.clone() }
    }

    /// Where that key of a fixture is said: a flag, or file and line.
    #[must_use]
    pub fn of(&self, way: &[&str]) -> Option<String> {
        if let Some(flag) = way.first().and_then(|key| self.flags.get(key)) {
            return Some((*flag).to_owned());
        }
        let (file, _) = self.file.as_ref()?;
        self.place(way).map(|place| format!("{file}:{}", place.line))
    }

    /// The same with the column; flags have none.
    #[must_use]
    pub fn exactly(&self, way: &[&str]) -> Option<String> {
        let (file, _) = self.file.as_ref()?;
        self.place(way).map(|place| format!("{file}:{place}"))
    }

    fn place(&self, way: &[&str]) -> Option<Place> {
        let (_, places) = self.file.as_ref()?;
        self.own_place(places, way).or_else(|| places.get(way))
    }

    /// Where the scenario itself says it.
    fn own_place(&self, places: &Places, way: &[&str]) -> Option<Place> {
        let (first, rest) = way.split_first()?;
        let (_, there) = IN_SCENARIO.iter().find(|(key, _)| key == first)?;
        self.scenarios
            .iter()
            .find_map(|number| places.get(&[&["scenarios", number.to_string().as_str()], *there, rest].concat()))
    }
}

#[cfg(test)]
mod tests {
    use perch_fixtures::Fixture;

    use super::*;

    #[test]
    fn a_flag_goes_before_a_scenario_before_the_fixture() {
        let text = "{\"os\": \"linux\",\n\"oracles\": {\"has_bin\": {\"a\": true,\n\"b\": true}},\n\"scenarios\": [{\"name\": \"s\",\n\"overrides\": {\"has_bin\": {\"a\": false}}}]}";
        let (_, places) = Fixture::read(text).unwrap();
        let sources = Sources::new(Some(("host.json".to_owned(), places)), [("os", "--sim-os")].into());
        let said = |sources: &Sources, way: &[&str]| sources.of(way);
        assert_eq!(said(&sources, &["os"]).as_deref(), Some("--sim-os"));
        let a = ["oracles", "has_bin", "a"];
        assert_eq!(said(&sources, &a).as_deref(), Some("host.json:2"));
        let inner = sources.in_scenario(&[0]);
        assert_eq!(said(&inner, &a).as_deref(), Some("host.json:5"));
        assert_eq!(said(&inner, &["oracles", "has_bin", "b"]).as_deref(), Some("host.json:3"));
        assert_eq!(said(&inner, &["oracles", "has_bin", "c"]), None);
        assert_eq!(inner.exactly(&a).as_deref(), Some("host.json:5:27"));
    }
}
