//! Room for deep programs.

use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use perch_system::machine;

use crate::report::Trouble;

/// Programs call each other 64 deep, and an op that is a program may go as deep as a path; this is enough
/// for both, and costs nothing until it is used.
const STACK: usize = 1 << 28;

/// Does the work where there is enough stack: on this thread, because another one costs what a small command takes to run.
pub(crate) fn big<T>(work: impl FnOnce() -> T) -> Result<T, Trouble> {
    // Whoever makes the stack panics when there is no room for it.
    machine::room_for(STACK).map_err(|error| {
        let trouble = Trouble::usage(format!("there is no room for a stack of {} MiB: {error}", STACK >> 20));
        trouble.help("run perch where it may have more memory: `ulimit -v` says how much a process may have here")
    })?;
    // Nothing that the work has begun is looked at once it has panicked.
    let work = AssertUnwindSafe(|| stacker::grow(STACK, work));
    catch_unwind(work).map_err(|_| Trouble::usage("perch has a bug: the run panicked"))
}

/// Fewer items are not worth more than one thread.
const MANY: usize = 2;

/// Does that with each item, at the same time where there are processors for it, and gives what comes of it in the order of the items.
pub(crate) fn each<I: Sync, T: Send>(items: &[I], work: impl Fn(&I) -> T + Sync) -> Result<Vec<T>, Trouble> {
    let next = AtomicUsize::new(0);
    let worker = || {
        let numbers = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed));
        let mine = numbers.map_while(|at| items.get(at).map(|item| (at, work(item))));
        mine.collect::<Vec<(usize, T)>>()
    };
    if items.len() < MANY {
        return big(|| items.iter().map(&work).collect());
    }
    let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
    let workers: Vec<usize> = (0..processors.min(items.len())).collect();
    let done = std::thread::scope(|scope| {
        let started: Vec<_> = workers.iter().map(|_| scope.spawn(|| big(worker))).collect();
        let ended = started
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err(Trouble::usage("perch has a bug: the run panicked"))));
        ended.collect::<Result<Vec<_>, Trouble>>()
    })?;
    let mut done: Vec<(usize, T)> = done.into_iter().flatten().collect();
    done.sort_by_key(|(at, _)| *at);
    Ok(done.into_iter().map(|(_, done)| done).collect())
}
