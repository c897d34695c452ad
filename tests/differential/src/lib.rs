//! Verdicts against reality.
//!
//! A *triple* is a program, a fixture and flags, all generated. The fixture is what is left of a full host after some
//! facts have been forgotten; it is completed to several hosts that agree with it, which are built for real in a
//! temporary directory. The program is simulated once and really run on each host, under the same policy. Then every op's verdict,
//! and the diagrams behind it, must agree with what happened, and so must the final state at every path.
//!
//! | module | is about |
//! |---|---|
//! | [`random`] | the generator of choices, from a printed seed |
//! | [`hosts`] | model hosts, forgetting, completing, building, reading back |
//! | [`programs`] | generated programs |
//! | [`sturdy`] | programs that go on after failures |
//! | [`real`] | running one |
//! | [`compare`] | verdicts and diagrams against a run |
//! | [`campaign`] | many triples, shrinking |
//! | [`counters`] | what a campaign has seen |
//! | [`completions`] | how much of what can be decided is decided |
//! | [`precision`] | the record of that |
//! | [`imagined`] | runs on all hosts that agree with a fixture, in memory |
//! | [`expected`] | what it must have seen |
//! | [`oracle`] | real runs against an independent reading of the specification |
//! | [`faults`] | planted faults, and whether anybody notices |

pub mod campaign;
pub mod compare;
pub mod completions;
pub mod counters;
pub mod expected;
pub mod faults;
pub mod hosts;
pub mod imagined;
pub mod oracle;
pub mod precision;
pub mod programs;
pub mod random;
pub mod real;
pub mod sturdy;
