//! What scenes have in common: commands that they call, and programs that they start.

use perch_fixtures::{EffectFact, EnvOnly, ExecFact, Fixture, HttpFact, RemoveFact};
use perch_ops::MANAGERS;
use perch_ops::contract::LOOKS_THROUGH;

use crate::hosts::{Host, PACKAGED, bin_dir, program_names};
use crate::programs::{CommandSource, Part};
use crate::served;

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
case tells
shell p
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

/// The program that doubts are about.
pub const DOUBTFUL: &str = "r";

/// Of the programs, `p` succeeds, `q` fails, and `r` succeeds where scenes ask it. So do those that manage packages, and what is in one.
const STATUS: [(&str, u8); 6] = [("p", 0), ("q", 1), (DOUBTFUL, 0), ("apk", 0), ("sudo", 0), (PACKAGED, 0)];

/// What is started to remove the package with a program in it, by an administrator and by others.
const REMOVING: [&str; 2] = ["apk del", "sudo apk del"];

/// What happens then: the program is not on PATH any more.
fn removals(root: &str) -> impl Iterator<Item = (String, ExecFact)> {
    let remove = format!("{}/{PACKAGED}", bin_dir(root));
    let fact = ExecFact { effects: vec![EffectFact::Remove(RemoveFact { remove })], ..ExecFact::default() };
    REMOVING.into_iter().map(move |how| (format!("{how} {PACKAGED}"), fact.clone()))
}

/// Gives a host the programs of recipes. Nothing is there under the name `nope`.
pub fn put_programs(host: &mut Host) {
    for (name, status) in STATUS {
        let starts = host.programs.entry(name.to_owned()).or_insert_with(|| vec![ExecFact::default()]);
        starts.truncate(1);
        starts.iter_mut().for_each(|start| start.status = status);
    }
    let removals = removals(&host.root);
    host.programs.extend(removals.map(|(words, fact)| (words, vec![fact])));
}

/// What the server of recipes answers: the path, the status, and the body or where the answer leads.
const ANSWERS: [(&str, u16, &str); 5] =
    [("ok", 200, "a"), ("gone", 404, "lost"), ("broken", 500, ""), ("moved", 302, "/ok"), ("round", 302, "/round")];

fn answers(root: &str) -> impl Iterator<Item = (String, HttpFact)> {
    let [server, _] = served::authorities(root);
    ANSWERS.into_iter().map(move |(path, status, text)| {
        let [body, redirect] = if status == 302 { ["", text] } else { [text, ""] };
        let redirect = (!redirect.is_empty()).then(|| redirect.to_owned());
        (format!("http://{server}/{path}"), HttpFact { status, body: body.to_owned(), redirect, status_only: false })
    })
}

/// Gives a host the answers of recipes.
pub fn put_answers(host: &mut Host) {
    let answers = answers(&host.root);
    host.answers.extend(answers);
}

/// Tells of them.
pub fn tell_answers(fixture: &mut Fixture, host: &Host) {
    fixture.oracles.http.extend(answers(&host.root));
}

/// A program that is nowhere.
pub const NOWHERE: &str = "nope";

/// Tells of these programs what recipes rely on.
pub fn tell_programs(fixture: &mut Fixture, host: &Host) {
    for (name, _) in STATUS.iter().filter(|(name, _)| *name != DOUBTFUL) {
        let starts = host.programs.get(*name).and_then(|starts| starts.first());
        fixture.oracles.exec.extend(starts.map(|fact| (format!("{name} *"), fact.clone())));
        fixture.oracles.has_bin.insert((*name).to_owned(), true);
    }
    fixture.oracles.exec.extend(removals(&host.root));
}

/// Tells of each program for itself whether it is there, and of one nothing at all. What is not on a list of programs is denied, not
/// missing, so there is no list.
pub fn tell_no_list(fixture: &mut Fixture, host: &Host) {
    fixture.bins = None;
    let there = program_names().map(|name| (name.to_owned(), host.programs.contains_key(name)));
    let managers = MANAGERS.iter().map(|manager| manager.bin).filter(|name| !host.programs.contains_key(*name));
    let nowhere = [NOWHERE, LOOKS_THROUGH].into_iter().chain(managers).map(|name| (name.to_owned(), false));
    fixture.oracles.has_bin.extend(there.chain(nowhere));
    fixture.oracles.has_bin.remove(DOUBTFUL);
    fixture.oracles.exec.remove(&format!("{DOUBTFUL} *"));
}

/// Tells which variables are set, and so that others are not: where nothing is bound, nothing is to be found.
pub fn tell_variables(fixture: &mut Fixture, host: &Host) {
    let others = || host.env.keys().filter(|name| !fixture.env.contains_key(*name)).cloned().collect();
    if fixture.env_only.is_none() {
        fixture.env_only = Some(EnvOnly::Names(others()));
    }
}
