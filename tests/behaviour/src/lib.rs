//! Behaviour tests as prose.
//!
//! A page of `cases/` is for readers. Its tests are its sections: a heading, which is the test's name, a program, and what is expected of it.
//! The same program is simulated and really run, each against what the page says and both against each other.
//! Blocks of a section, of which all but the program may be left out:
//!
//! | block | holds |
//! |---|---|
//! | `perch` | the program; its command `main` is meant, or else its first |
//! | `file NAME` | another file of the program, beside it |
//! | `fixture` | what is known of the host, as JSON (`docs/spec/fixtures.md`) |
//! | `args` | words for the command, on one line; or a JSON array of them |
//! | `flags` | policy flags, for the simulation and the runs |
//! | `verdicts` | what the simulation must say |
//! | `run` | a real run and what must come of it; there may be several |
//! | `check` | all that `perch --check` says, as `LINE PART` (of a code or message); the program need not load then |
//! | `bug` | what is wrong with perch here, so far: the test passes as long as the case does not hold, and fails when it does |
//! | `text` | nothing; for readers |
//!
//! **Verdicts.** A line is `LINE VERDICT [REACH]` for the statement that starts on that line of the program, `LINE/K` for clause K of the
//! chain there, or `command VERDICT`. Nothing is expected of statements that are not named. A line is about
//! what the program means, and true for ever; one that begins with `today:` is about what perch can decide so far, which must get
//! no worse, and when it gets better the line must be mended and lose its mark. `must:` may be written, for contrast.
//!
//! **Runs.** The host is what the fixture says and nothing besides: a directory `/w` (really a temporary one), in which the command starts, and
//! stub programs on a private PATH. What the fixture leaves open, `host` can say. Lines are `KEY: VALUE`:
//!
//! | key | says |
//! |---|---|
//! | `host` | more of the host, as JSON: `files` (as in a fixture, or just a text), `env`, `programs`: a name to what it does, as in `oracles.exec`, to a list of that, one per start, or to the text of a shell script |
//! | `again` | the host is what the run before has left (no value); verdicts are not compared then, for they speak of the first |
//! | `interrupted` | a signal ends the run (no value); likewise |
//! | `out` | a line that is printed; all lines are, in this order, and no others |
//! | `err` | a part of what is said on standard error |
//! | `call` | the words of the command line, where they are not the command and its arguments; likewise |
//! | `fails` | `KIND [LINE]`: the failure that nothing catches, and the line that it is shown at |
//! | `exit` | the exit status, where it is not 0, or 1 after a failure |
//! | `file` | `PATH TEXT`: a file that is there in the end, with that content (as JSON) |
//! | `dir`, `gone` | a directory that is there in the end; something that is there no more |
//! | `takes` | how long it takes: `under 2s`, `over 100ms` |
//!
//! Before a command is run, `perch --dry-run` says on the same host what it would do, which must change nothing and hold.
//!
//! **Answers.** `@port` is the port of a server on `127.0.0.1` that answers what `oracles.http` of the fixture says, and 404 to everything else. So what is said
//! of a request, and what really comes of it, come from one place.
//!
//! **Packages.** Where `oracles.packages` tells what packages are, the managers that are there know it, and remember what they have installed and removed.
//!
//! All else stands in the end as at the start. Every verdict must agree with every run of its section, and so must the diagrams behind
//! them (`perch_differential::compare`).
//!
//! **Waiting.** Pages in `cases/waiting/` are about what this version does not have yet: they are read and not run. As soon as all
//! programs of such a page could be run, its test fails and asks to move the page.
//!
//! | module | is about |
//! |---|---|
//! | [`page`] | reading pages |
//! | [`expected`] | reading what they expect |
//! | [`pairs`] | cases of every block in every block |
//! | [`simulated`] | verdicts |
//! | [`model`] | the host of a run |
//! | [`real`] | running |
//! | [`served`] | who answers requests |
//! | `dry` | what is said on the host before |

mod dry;
pub mod expected;
pub mod model;
pub mod page;
pub mod pairs;
pub mod real;
pub mod served;
pub mod simulated;

pub use page::{Case, cases};
pub use simulated::check;
