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
//! | [`source`] | programs as trees |
//! | [`programs`] | generated programs |
//! | [`fresh`] | names that a run makes up, by which runs differ |
//! | [`functions`] | ops that are functions of texts, as programs use them |
//! | [`sturdy`] | programs that go on after failures |
//! | [`steered`] | programs in which something wanted happens |
//! | [`declared`] | what programs say of what they may touch |
//! | [`triples`] | programs with fixtures, flags and hosts |
//! | [`real`] | running one |
//! | [`compare`] | verdicts and diagrams against a run |
//! | [`assumed`] | hosts that violate what a report takes for granted |
//! | [`campaign`] | many triples |
//! | [`shrink`] | a triple made smaller |
//! | [`regressions`] | what was found once |
//! | [`served`] | what answers requests |
//! | [`lane`] | where programs are run: in this process, or |
//! | [`binary`] | by the built `perch`, as somebody who is not root |
//! | [`counters`] | what a campaign has seen |
//! | [`completions`] | how much of what can be decided is decided |
//! | [`small`] | small programs for that |
//! | [`precision`] | the record of that |
//! | [`imagined`] | runs on all hosts that agree with a fixture, in memory |
//! | [`expected`] | what it must have seen |
//! | [`oracle`] | real runs against an independent reading of the specification |
//! | [`golden`] | what reports say, as people have read it |
//! | [`faults`] | planted faults, and whether anybody notices |

pub mod assumed;
pub mod binary;
mod bundled;
pub mod campaign;
pub mod compare;
pub mod completions;
pub mod counters;
pub mod declared;
pub mod expected;
pub mod faults;
pub mod fresh;
pub mod functions;
pub mod golden;
pub mod hosts;
pub mod imagined;
pub mod lane;
pub mod oracle;
pub mod precision;
pub mod programs;
pub mod random;
pub mod real;
pub mod regressions;
pub mod served;
pub mod shrink;
pub mod small;
pub mod source;
pub mod steered;
pub mod sturdy;
pub mod triples;
