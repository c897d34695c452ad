//! Which scenes there must be, so that every product happens in one of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use crate::compare::Claim;
use crate::expected::{Product, expected, impossible, pairs};
use crate::random::Random;
use crate::source::{Around, BODIES};

use super::limits::Limit;
use super::recipes::{Recipe, recipes};

/// A statement that shall end in a certain way between two blocks.
#[derive(Clone, Copy, Debug)]
pub struct Scene {
    /// Where.
    pub around: Around,
    /// What, and how it ends.
    pub recipe: Recipe,
    /// Whether the fixture shall leave open that it does.
    pub open: bool,
}

impl Scene {
    /// Nothing after it happens: nobody can catch its failure, or it exits.
    fn is_last(&self) -> bool {
        self.around.outer == Some(BODIES[0]) || self.recipe.exits()
    }

    /// It is certain that a program is not there.
    fn hangs_on_programs(&self) -> bool {
        self.recipe.case == "bin_not_found" && !self.open
    }

    fn claim(&self) -> Claim {
        match (self.open, self.recipe.case) {
            (true, _) => Claim::Open,
            (false, "ok") => Claim::Runs,
            (false, _) => Claim::Fails,
        }
    }

    /// What it brings about.
    fn products(&self) -> [Product; 3] {
        let Recipe { row, case, .. } = self.recipe;
        [
            Product::Judged(row.op, case, self.claim()),
            Product::Place(self.around, row.op),
            Product::Told(self.around, case, self.claim()),
        ]
    }
}

/// Scenes of one program.
#[derive(Clone, Debug)]
pub struct Batch {
    /// What the program may not do.
    pub limit: Limit,
    /// In the order in which they happen.
    pub scenes: Vec<Scene>,
}

impl Batch {
    /// Whether packages come or go before a last scene for which some program must not be there: with packages it may have come.
    fn spoils_its_last(&self) -> bool {
        let Some((last, before)) = self.scenes.split_last() else { return false };
        last.hangs_on_programs() && before.iter().any(|scene| scene.recipe.changes_packages())
    }
}

/// So many scenes can be in one program besides one that must be the last.
const SCENES: usize = 8;

/// The plan: the programs in which everything happens once, and products that nothing brings about.
#[derive(Debug, Default)]
pub struct Plan {
    /// Programs.
    pub batches: Vec<Batch>,
    /// Expected products for which there is no recipe.
    pub missing: Vec<Product>,
}

/// The plan, made once.
pub static PLAN: LazyLock<Plan> = LazyLock::new(plan);

fn plan() -> Plan {
    let recipes: Vec<Recipe> = recipes().collect();
    let mut random = Random::new(0);
    let mut plan = Plan::default();
    let mut brought: BTreeSet<Product> = BTreeSet::new();
    // How each op ends comes first: that much a short campaign must see, too. Of the rest, what is told of two blocks comes before the
    // ops in them, since a scene for that brings about the others, too.
    let (judged, mut placed): (Vec<Product>, Vec<Product>) =
        expected().products.into_iter().partition(|product| matches!(product, Product::Judged(..)));
    let order = |product: &Product| match product {
        Product::Told(around, ..) => Some((*around, false)),
        Product::Place(around, _) => Some((*around, true)),
        Product::Judged(..) => None,
    };
    placed.sort_by_key(order);
    for products in [judged, placed] {
        let mut scenes: Vec<Scene> = Vec::new();
        for product in products {
            if brought.contains(&product) {
                continue;
            }
            match scene(&product, &recipes, &brought, &mut random) {
                None => plan.missing.push(product),
                Some(scene) => {
                    brought.extend(scene.products());
                    scenes.push(scene);
                }
            }
        }
        plan.batches.extend(batches(scenes, &mut random));
    }
    plan
}

/// The block in which there is a deadline.
const DEADLINE: &str = "timeout";

fn has_deadline(around: Around) -> bool {
    around.inner == DEADLINE || around.outer == Some(DEADLINE)
}

/// A scene for a product, one that brings about others that nothing has brought about yet if there is one.
fn scene(product: &Product, recipes: &[Recipe], brought: &BTreeSet<Product>, random: &mut Random) -> Option<Scene> {
    let some = |random: &mut Random| {
        let inner: Vec<Around> =
            pairs().filter(|around| around.outer != Some(BODIES[0]) && !has_deadline(*around)).collect();
        *random.pick(&inner)
    };
    let fits = |recipe: &&Recipe| recipe.brings(product) && said_of(recipe, product);
    let fitting: Vec<Recipe> = recipes.iter().filter(fits).copied().collect();
    let mut best: Option<(usize, Scene)> = None;
    let start = random.below(fitting.len());
    for recipe in fitting[start..].iter().chain(&fitting[..start]) {
        let (around, open) = match product {
            Product::Judged(_, _, claim) => (some(random), *claim == Claim::Open),
            Product::Place(around, _) => (*around, recipe.can_be(Claim::Open) && random.chance(30)),
            Product::Told(around, _, claim) => (*around, *claim == Claim::Open),
        };
        if recipe.waits() && !open && has_deadline(around) {
            continue;
        }
        let scene = Scene { around, recipe: *recipe, open };
        // Scenes without restrictions are easier to come by.
        let new = scene.products().iter().filter(|product| !brought.contains(product)).count() * 2
            + usize::from(recipe.limit() == Limit::None);
        if best.as_ref().is_none_or(|(most, _)| new > *most) {
            best = Some((new, scene));
        }
    }
    best.map(|(_, scene)| scene)
}

/// Whether it can be said for certain of the op that it ends like this, if that is to be said.
fn said_of(recipe: &Recipe, product: &Product) -> bool {
    let Product::Told(_, case, Claim::Fails) = product else { return true };
    impossible(&Product::Judged(recipe.row.op, case, Claim::Fails).to_string()).is_none()
}

/// Programs of these scenes: those under the same restriction together, and in each at most one after which nothing happens.
fn batches(scenes: Vec<Scene>, random: &mut Random) -> Vec<Batch> {
    let mut by_limit: BTreeMap<Limit, (Vec<Scene>, Vec<Scene>)> = BTreeMap::new();
    for scene in scenes {
        let (others, last) = by_limit.entry(scene.recipe.limit()).or_default();
        if scene.is_last() { last.push(scene) } else { others.push(scene) }
    }
    let mut batches: Vec<Batch> = Vec::new();
    for (limit, (mut others, mut last)) in by_limit {
        shuffle(&mut others, random);
        shuffle(&mut last, random);
        let mut chunks = others.chunks(SCENES);
        let mut last = last.into_iter();
        let first = batches.len();
        loop {
            let mut scenes = chunks.next().unwrap_or_default().to_vec();
            // What is known of a host is spoilt by what is not: that comes later.
            scenes.sort_by_key(|scene| (scene.open, scene.recipe.changes_packages()));
            scenes.extend(last.next());
            if scenes.is_empty() {
                break;
            }
            batches.push(Batch { limit, scenes });
        }
        let own = &mut batches[first..];
        for at in 0..own.len() {
            if own[at].spoils_its_last() {
                swap_last(own, at);
            }
        }
    }
    shuffle(&mut batches, random);
    batches
}

/// Gives the last scene of a program to another one in which packages are left alone, for one of that.
fn swap_last(all: &mut [Batch], at: usize) {
    let takes = |batch: &Batch| {
        let last = batch.scenes.last();
        last.is_some_and(|last| last.is_last() && !last.hangs_on_programs())
            && !batch.scenes.iter().any(|scene| scene.recipe.changes_packages())
    };
    let Some(other) = all.iter().position(takes) else { return };
    let (Some(one), Some(two)) = (all[at].scenes.pop(), all[other].scenes.pop()) else { return };
    all[at].scenes.push(two);
    all[other].scenes.push(one);
}

fn shuffle<T>(all: &mut [T], random: &mut Random) {
    for at in (1..all.len()).rev() {
        all.swap(at, random.below(at + 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expected::ENOUGH_FOR_PRODUCTS;

    #[test]
    fn there_is_a_recipe_for_every_product() {
        let missing: Vec<String> = PLAN.missing.iter().map(Product::to_string).collect();
        assert!(missing.is_empty(), "no row of `ROWS` brings about {missing:?}, nor says `IMPOSSIBLE` why nothing can");
    }

    #[test]
    fn every_product_is_planned() {
        let scenes = PLAN.batches.iter().flat_map(|batch| &batch.scenes);
        let planned: BTreeSet<Product> = scenes.flat_map(Scene::products).collect();
        let expected = expected().products;
        let unplanned: Vec<&Product> = expected.difference(&planned).collect();
        assert!(unplanned.is_empty(), "{unplanned:?}");
    }

    #[test]
    fn everything_happens_where_it_must_have_happened() {
        let programs = (0..ENOUGH_FOR_PRODUCTS as u64).filter(|seed| crate::steered::is_steered(*seed)).count();
        assert!(PLAN.batches.len() <= programs, "{} programs, and there are {programs}", PLAN.batches.len());
    }

    #[test]
    fn no_package_brings_a_program_that_must_be_missing_in_the_end() {
        assert!(PLAN.batches.iter().all(|batch| !batch.spoils_its_last()));
    }

    #[test]
    fn a_program_goes_on_to_its_last_scene() {
        for batch in &PLAN.batches {
            let [before @ .., _] = batch.scenes.as_slice() else { panic!("an empty program") };
            assert!(before.iter().all(|scene| !scene.is_last()) && before.len() <= SCENES);
            assert!(batch.scenes.iter().all(|scene| scene.recipe.limit() == batch.limit));
        }
    }
}
