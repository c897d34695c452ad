//! Programs in which something wanted happens.
//!
//! What chance brings about has gaps: that a `mv` in a `finally` within a `rescue` fails for lack of a permission, and the report says that it might,
//! is one of thousands of things that must have been seen, and rare. So a share of all programs is made of *scenes*: a statement
//! that ends in a certain way between two blocks, where the report says so or leaves it open. Which scenes there must be follows from
//! the products that are [expected](crate::expected): the [`plan`] has a scene for each.
//!
//! | module | knows |
//! |---|---|
//! | [`plan`] | which scenes there must be |
//! | [`recipes`], `files` | how each op is made to end in each way: a new op or kind has a row there; `ends` has what several share |
//! | [`blocks`] | how to write each block so that its body runs: a new block has a row there |
//! | [`doubts`] | what a fixture can leave open |
//! | [`limits`] | restrictions |
//! | [`helpers`] | commands and programs that scenes use |

pub mod blocks;
pub mod doubts;
mod ends;
mod files;
pub mod helpers;
pub mod limits;
pub mod plan;
pub mod recipes;

use crate::hosts::{Host, Knowledge};
use crate::programs::{CommandSource, Generator, Part, Size, Source};
use crate::random::Random;
use crate::served;
use crate::source::BODIES;
use crate::sturdy::{may_exit, rescued};
use crate::triples::Triple;

use doubts::Doubt;
use limits::Limit;
use plan::{Batch, PLAN, Scene};
use recipes::{Recipe, Row, THINGS};

/// One of so many triples is steered.
const SHARE: u64 = 5;

/// Is the program of that seed made of scenes?
#[must_use]
pub fn is_steered(seed: u64) -> bool {
    seed % SHARE == 2
}

/// The triple of a seed that is steered: the next program of the plan, over and over, each time in other words.
#[must_use]
pub fn triple(seed: u64, root: &str, hosts: usize) -> Triple {
    let turn = usize::try_from(seed / SHARE).unwrap_or_default();
    let Batch { limit, scenes } = &PLAN.batches[turn % PLAN.batches.len()];
    let mut random = Random::new(seed);
    // What is not known of the host spoils what a scene is there to show, so the first time everything is told but the doubts of the scenes.
    let first_time = turn < PLAN.batches.len();
    let knowledge = if first_time { Knowledge::Full } else { Knowledge::choose(&mut random) };
    let links = knowledge != Knowledge::None && random.chance(40);
    let mut origin = Host::generate(&mut random, root, links);
    if knowledge == Knowledge::Full {
        origin.keep_first_starts();
    }
    helpers::put_programs(&mut origin);
    helpers::put_answers(&mut origin);
    let mut writer = Writer { random: &mut random, root, limit: *limit, doubts: Vec::new(), unlisted: false };
    let chance = if first_time { Chance::After } else { Chance::Around };
    let source = writer.program(scenes, recipes::nth(seed / SHARE), (&origin, knowledge), chance);
    let Writer { doubts, unlisted, .. } = writer;
    doubts.iter().for_each(|doubt| doubt.arrange(&mut origin));
    let mut fixture = origin.forget(&mut random, knowledge);
    doubts.iter().for_each(|doubt| doubt.forget(&mut fixture));
    helpers::tell_variables(&mut fixture, &origin);
    helpers::tell_programs(&mut fixture, &origin);
    helpers::tell_answers(&mut fixture, &origin);
    if unlisted {
        helpers::tell_no_list(&mut fixture, &origin);
    }
    // That is not everything.
    let knowledge = if unlisted || !doubts.is_empty() { knowledge.max(Knowledge::Half) } else { knowledge };
    let hosts = origin.with_others(&mut random, &fixture, hosts);
    Triple { seed, knowledge, source, fixture, flags: limit.flags(&scenes_of(root)), hosts, budget: None }
}

/// The directory in which scenes happen.
fn scenes_of(root: &str) -> String {
    format!("{root}/k")
}

/// What is bound at the start of a command: templates of blocks rely on it.
const YES: &str = "yes = \"yes\"";

fn line(text: impl Into<String>) -> Part {
    Part::Line(text.into())
}

fn lines(text: &str) -> Vec<Part> {
    Part::parse(&mut text.lines())
}

/// A text of a recipe, in the scene of that number.
fn placed(text: &str, number: usize, root: &str) -> String {
    let directory = format!("{}/{number}", scenes_of(root));
    let text = text.replace("@k", &directory).replace("@n", &number.to_string());
    let text = text.replace("@z", "\"${z}\"").replace("@arch", perch_system::arch()).replace("@r", root);
    let [server, _] = served::authorities(root);
    text.replace("@s", &format!("http://{server}"))
}

/// Where else something happens, which may spoil what a scene is there to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Chance {
    /// Behind the scenes.
    After,
    /// On both sides.
    Around,
}

/// Writes programs of scenes.
struct Writer<'r> {
    random: &'r mut Random,
    root: &'r str,
    limit: Limit,
    /// What must be left open.
    doubts: Vec<Doubt>,
    /// No list of programs may be told.
    unlisted: bool,
}

impl Writer<'_> {
    /// Scenes, each in a command of its own unless it stands in `main` itself, with something else around them, and a row that is passed over.
    fn program(
        &mut self,
        scenes: &[Scene],
        passed_over: &Row,
        (origin, knowledge): (&Host, Knowledge),
        chance: Chance,
    ) -> Source {
        let never = lines(&placed(passed_over.statement, 0, self.root));
        let mut main = vec![line(YES), Part::Block(vec![("if yes == no".to_owned(), never)])];
        if chance == Chance::Around {
            main.extend(self.something(origin, knowledge));
        }
        let mut commands = Vec::new();
        for (number, scene) in scenes.iter().enumerate() {
            let body = self.scene(number, scene);
            if scene.around.outer == Some(BODIES[0]) {
                main.extend(body);
                continue;
            }
            let name = format!("s{number}");
            let call = line(name.clone());
            let may_stand_alone = scene.recipe.case == "ok" && !scene.open;
            main.push(if may_stand_alone && self.random.chance(50) { call } else { rescued(call) });
            let body = [vec![line(YES)], body].concat();
            commands.push(CommandSource { name, config: Vec::new(), body });
        }
        main.extend(self.something(origin, knowledge));
        commands.insert(0, CommandSource { name: BODIES[0].to_owned(), config: Vec::new(), body: main });
        commands.extend(helpers::commands(self.root));
        let mut source = Source { commands, ..Source::default() };
        self.limit.declare(&mut source, self.root, &scenes_of(self.root));
        source
    }

    /// Statements that chance has made, which do not end the run.
    fn something(&mut self, origin: &Host, knowledge: Knowledge) -> Vec<Part> {
        let statements = Generator::new(self.random, origin, Size::plain(knowledge)).statements(2);
        statements.into_iter().filter(|part| !may_exit(part)).map(rescued).collect()
    }

    fn scene(&mut self, number: usize, scene: &Scene) -> Vec<Part> {
        let root = self.root.to_owned();
        let place = |text: &str| placed(text, number, &root);
        let other = scene.open.then(|| *self.random.pick(&scene.recipe.others()));
        let mut before = self.things(scene.recipe, other, &place);
        before.extend(self.hole(number, scene.recipe, other, &place));
        before.extend(lines(&place(scene.recipe.row.before)));
        let statement = lines(&place(scene.recipe.row.statement));
        blocks::between(scene.around, before, statement, &place, self.random)
    }

    /// The scene's directory with what the scene speaks of. Whatever was there before is gone.
    fn things(&self, recipe: Recipe, other: Option<Recipe>, place: &dyn Fn(&str) -> String) -> Vec<Part> {
        if self.limit == Limit::NoWrite {
            return Vec::new();
        }
        let texts: Vec<&str> = recipe.texts().chain(other.iter().flat_map(Recipe::texts)).collect();
        let mut made = lines(&place("rm @k\nmkdir @k\ncd @r"));
        for (name, how) in THINGS.iter().filter(|(name, _)| texts.iter().any(|text| text.contains(name))) {
            debug_assert!(how.contains(name));
            made.extend(lines(&place(how)));
        }
        made
    }

    /// Fills the hole, with the one text or with either.
    fn hole(
        &mut self,
        number: usize,
        recipe: Recipe,
        other: Option<Recipe>,
        place: &dyn Fn(&str) -> String,
    ) -> Vec<Part> {
        let filled = |recipe: Recipe| recipe.hole.map(|text| line(format!("z = \"{}\"", place(text))));
        self.unlisted |= [Some(recipe), other].iter().flatten().any(Recipe::needs_no_list);
        let Some(other) = other else { return filled(recipe).into_iter().collect() };
        // What one scene leaves open is decided behind it, if it is about what another one asks.
        let r_is_free = !self.doubts.iter().any(Doubt::is_about_r);
        let doubt = Doubt::choose(self.random, &scenes_of(self.root), number, self.limit, r_is_free);
        let [then, otherwise] = [recipe, other].map(|recipe| vec![filled(recipe).unwrap_or_else(|| line("print yes"))]);
        let decides = doubt.decides(then, otherwise);
        self.unlisted |= doubt.is_about_r();
        self.doubts.push(doubt);
        vec![decides]
    }
}
