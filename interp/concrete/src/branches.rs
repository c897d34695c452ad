//! Branches that run at the same time: threads.
//!
//! The one place where tokens are minted: each branch gets one of its own, which ends with it. What a branch came to goes on in the frame
//! of the whole, under the branch's number, as the evaluator wants it ([`Engine::settled`]).

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use perch_engine::domain::{Branch, Branches, LoopBody};
use perch_engine::faults;
use perch_engine::flows::hidden;
use perch_engine::{Context, Engine, Flows, Frame, Turn, Way, World};
use perch_ir::program::Program;

use crate::{Concrete, Text, Token};

/// Room for calls within calls in a branch.
const STACK: usize = 1 << 28;

/// More threads than that help nobody.
const MAX_WIDTH: usize = 256;

/// How a branch ended, and what it carries.
type Ended = (Way, Frame<Text>);

pub(crate) fn concurrently<'a, P: Program>(
    engine: &mut Engine<'_, P, Concrete<'a>>,
    cx: &Context,
    branches: Branches<'_, P, Concrete<'a>>,
    most: Option<&str>,
    world: World<Concrete<'a>>,
) -> Flows<Concrete<'a>> {
    match branches {
        Branches::Each(branches) => all(engine, cx, branches, most, world),
        Branches::PerElement(list, body) => {
            let elements = list.split('\n').filter(|element| !element.is_empty());
            let branches: Vec<_> = (0..).zip(elements).map(|(index, line)| element(index, line.into(), body)).collect();
            all(engine, cx, &branches, most, world)
        }
    }
}

fn element<'b, 'a: 'b, P: Program>(
    index: u32,
    element: Text,
    body: LoopBody<'b, P, Concrete<'a>>,
) -> Branch<'b, P, Concrete<'a>> {
    Box::new(move |engine, cx, world| {
        let mut cx = cx.clone();
        cx.visit.push(index);
        body(engine, &cx, Turn { element: Arc::clone(&element), last: None }, world)
    })
}

fn all<'a, P: Program>(
    engine: &mut Engine<'_, P, Concrete<'a>>,
    cx: &Context,
    branches: &[Branch<'_, P, Concrete<'a>>],
    most: Option<&str>,
    world: World<Concrete<'a>>,
) -> Flows<Concrete<'a>> {
    let World { frame, host } = world;
    let inside = Context { tries: cx.tries + branches.len(), ..cx.clone() };
    let was_unwinding = engine.domain.unwinding;
    let ended = run(engine, &inside, branches, width(most).min(branches.len()), &frame);
    let is_told = engine.domain.unwinding && !was_unwinding;
    let mut open = World { frame: frame.clone(), host };
    let mut ways = Vec::new();
    for (at, ended) in ended.into_iter().enumerate() {
        let Some((way, mut inner)) = ended else { continue };
        // An `exit` that goes before the end that the run was told to come to is that end.
        if let (Way::Exited, true, Some(status)) = (way, is_told, inner.bindings.get(hidden::STATUS).cloned()) {
            hidden::tell_to_end(&mut inner.bindings, status);
        }
        hidden::carry(&mut open.frame.bindings, cx.tries + at, &way.name().into(), &inner.bindings);
        ways.push(vec![way]);
    }
    engine.settled(cx, &frame, &ways, open)
}

/// How many branches run at a time.
fn width(most: Option<&str>) -> usize {
    let asked = most.and_then(|most| most.parse().ok()).filter(|most| *most > 0);
    let default = || thread::available_parallelism().map_or(1, std::num::NonZero::get);
    asked.unwrap_or_else(default).min(MAX_WIDTH)
}

/// Runs all branches, and gives how each has ended.
fn run<'a, P: Program>(
    engine: &mut Engine<'_, P, Concrete<'a>>,
    cx: &Context,
    branches: &[Branch<'_, P, Concrete<'a>>],
    width: usize,
    frame: &Frame<Text>,
) -> Vec<Option<Ended>> {
    let ended: Vec<Mutex<Option<Ended>>> = branches.iter().map(|_| Mutex::new(None)).collect();
    let next = AtomicUsize::new(0);
    let planted = faults::planted_here();
    let (program, parent, shared) = (engine.program, engine.domain.branch(), engine.shared_bindings());
    let unwinding = AtomicBool::new(parent.unwinding);
    let announced = parent.watched(|observer| observer.branches());
    let work = || {
        planted.plant();
        parent.watched(|observer| observer.branch(announced.unwrap_or_default()));
        while let Some((branch, end)) = take(&next, branches, &ended) {
            // That a branch was told to end does not let the next one do what is done on the way out: it has not begun.
            let mut engine = Engine::of_part(program, parent.branch(), shared.clone());
            let flows = branch(&mut engine, cx, World { frame: frame.clone(), host: Token::new() });
            unwinding.fetch_or(engine.domain.unwinding, Ordering::Relaxed);
            *end.lock().unwrap_or_else(PoisonError::into_inner) =
                flows.ways().next().map(|(way, world)| (way, world.frame));
        }
    };
    thread::scope(|scope| {
        for _ in 1..width {
            // One that cannot be started leaves its work to the others.
            let _ = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        }
        work();
    });
    engine.domain.unwinding = unwinding.into_inner();
    ended.into_iter().map(|end| end.into_inner().unwrap_or_else(PoisonError::into_inner)).collect()
}

/// The next branch that nobody has taken, and where its end is to be noted.
fn take<'t, B>(
    next: &AtomicUsize,
    branches: &'t [B],
    ended: &'t [Mutex<Option<Ended>>],
) -> Option<(&'t B, &'t Mutex<Option<Ended>>)> {
    let at = next.fetch_add(1, Ordering::Relaxed);
    Some((branches.get(at)?, ended.get(at)?))
}
