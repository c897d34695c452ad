//! Room for deep programs.

use crate::report::Trouble;

/// Programs call each other 64 deep, and an op that is a program may go as deep as a path; this is enough
/// for both, and costs nothing until it is used.
const STACK: usize = 1 << 28;

/// Does the work where there is enough stack.
pub(crate) fn big<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T, Trouble> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        let thread = thread.map_err(|error| Trouble::usage(format!("cannot start a thread: {error}")))?;
        thread.join().map_err(|_| Trouble::usage("perch has a bug: the run panicked"))
    })
}
