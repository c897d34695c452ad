//! What scenes have in common: commands that they call, and programs that they start.

use perch_fixtures::{ExecFact, Fixture};

use crate::hosts::{Host, PROGRAMS};
use crate::programs::{CommandSource, Part};

/// A call of the command with a default that holds what is in the hole of a recipe.
pub const LACKING: &str = "lacking";

/// A command that does what its argument says.
const HELPER: &str = "match n
case fails
fail odd
case loops
helper loops
case writes
write_file @r/out x
case starts
p
else
print n
end";

/// Both commands, on a host with that root.
pub fn commands(root: &str) -> [CommandSource; 2] {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<String>>();
    let helper = HELPER.replace("@r", root);
    [
        CommandSource {
            name: "helper".to_owned(),
            config: lines("arg n\ntype string\noptional\nindex 0\nend\narg k\ntype int\noptional\nend"),
            body: Part::parse(&mut helper.lines()),
        },
        CommandSource {
            name: LACKING.to_owned(),
            config: lines("arg n\ntype string\ndefault \"${z}\"\nend"),
            body: vec![Part::Line("print n".to_owned())],
        },
    ]
}

/// Of the programs, `p` succeeds, `q` fails, and `r` succeeds where scenes ask it.
const STATUS: [(&str, u8); 3] = [("p", 0), ("q", 1), ("r", 0)];

/// Gives a host the programs of recipes. Nothing is there under the name `nope`.
pub fn put_programs(host: &mut Host) {
    for (name, status) in STATUS {
        let starts = host.programs.entry(name.to_owned()).or_insert_with(|| vec![ExecFact::default()]);
        starts.truncate(1);
        starts.iter_mut().for_each(|start| start.status = status);
    }
}

/// Tells of these programs what recipes rely on, and of `r` nothing if that is to be in doubt.
pub fn tell_programs(fixture: &mut Fixture, host: &Host, doubt_r: bool) {
    if doubt_r {
        let there = fixture.bins.take().unwrap_or_default();
        fixture.oracles.has_bin.extend(there.into_iter().map(|name| (name, true)));
        fixture.oracles.has_bin.remove("r");
        fixture.oracles.exec.remove("r *");
    }
    for name in PROGRAMS.iter().filter(|name| **name != "r") {
        let starts = host.programs.get(*name).and_then(|starts| starts.first());
        fixture.oracles.exec.extend(starts.map(|fact| (format!("{name} *"), fact.clone())));
    }
    if fixture.bins.is_none() {
        let told = [("p", true), ("q", true), ("nope", false)];
        fixture.oracles.has_bin.extend(told.map(|(name, there)| (name.to_owned(), there)));
    }
}
