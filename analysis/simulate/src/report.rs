//! The report as data. Its JSON has a schema in `schemas/`.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use crate::moved::NodeAt;
pub use crate::moved::Words;

/// The name and version of the format.
pub const SCHEMA: &str = "perch.simulate/1";

/// A whole simulation.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Report {
    /// `perch.simulate/1`
    pub schema: &'static str,
    /// The file.
    pub file: String,
    /// The host is the one at hand, on which the facts were looked up.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub on_this_host: bool,
    /// What the process exits with.
    pub exit_code: u8,
    /// Which rule decided the exit status.
    pub rule: String,
    /// What every verdict takes for granted.
    pub assumptions: Vec<String>,
    /// One per scenario.
    pub scenarios: Vec<Scenario>,
    /// What the fixture tells and nothing that was simulated has asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unused: Vec<UnusedReport>,
}

/// A key of the fixture's oracles that was of no use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UnusedReport {
    /// The key, as one finds it in the fixture: `oracles.exec["git psuh"]`.
    pub key: String,
    /// Where it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// What to write instead, if that can be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

/// The name of what is simulated when a fixture has no scenarios.
pub const DEFAULT: &str = "default";

/// One scenario.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Scenario {
    /// Its name.
    pub name: String,
    /// The scenario where whose end it starts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// How many ops of all commands have which verdict.
    pub summary: Counts,
    /// One per command.
    pub commands: Vec<CommandReport>,
}

impl Scenario {
    /// A scenario of that name.
    #[must_use]
    pub fn new(name: &str, after: Option<String>, commands: Vec<CommandReport>) -> Self {
        let summary = commands.iter().map(|command| command.summary).fold(Counts::default(), Counts::and);
        Self { name: name.to_owned(), after, summary, commands }
    }
}

/// One command.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CommandReport {
    /// Its name.
    pub command: String,
    /// Its description.
    pub description: Option<String>,
    /// Whether it succeeds.
    pub verdict: Verdict,
    /// How many ops have which verdict.
    pub summary: Counts,
    /// Its statements.
    pub ops: Vec<Op>,
    /// A budget was reached, so that nothing is decided.
    pub gave_up: bool,
    /// The cases that make a difference, if they were asked for and there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cases: Option<CasesReport>,
}

/// The cases of what is not said of the host that make a difference.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CasesReport {
    /// The first of them.
    pub told: Vec<CaseReport>,
    /// How many there are besides.
    pub more: usize,
    /// There are no others: nothing was left out for want of time, and nothing is `untried`.
    pub complete: bool,
    /// Conditions, in words, not all cases of which were tried, for no value is known that stands for them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub untried: Vec<String>,
}

/// One case.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CaseReport {
    /// What makes it, in words.
    pub when: String,
    /// Whether the command succeeds then.
    pub verdict: Verdict,
    /// The statements of which not the same is said in all cases.
    pub ops: Vec<CaseOp>,
    /// The part of a fixture that says so.
    pub fixture: serde_json::Value,
    /// Flags that it takes besides that part, where a flag replaces what a fixture says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub besides: Option<String>,
}

/// What is said of a statement in a case.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CaseOp {
    /// Its place and the calls on the way to it.
    pub id: String,
    /// The statement on one line.
    pub text: Arc<str>,
    /// The file that it stands in.
    pub file: Arc<str>,
    /// Line, from 1.
    pub line: u32,
    /// What is claimed.
    pub verdict: Verdict,
    /// Whether it is reached.
    pub reach: Reach,
    /// Why it fails or may fail.
    pub reasons: Vec<ReasonReport>,
    /// What its verdict takes for granted.
    pub assumptions: Vec<AssumptionReport>,
}

impl CaseOp {
    pub(crate) fn of(op: &Op) -> Self {
        let Op { id, text, file, line, verdict, reach, reasons, assumptions, .. } = op.clone();
        Self { id, text, file, line, verdict, reach, reasons, assumptions }
    }
}

/// What is claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verdict {
    /// Never fails.
    WillRun,
    /// Undecided.
    MightFail,
    /// Fails whenever it is reached.
    WillFail,
    /// Is never reached.
    Skipped,
}

/// Whether a statement is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// On every run.
    Always,
    /// On some runs, perhaps.
    Sometimes,
    /// On none.
    Never,
    /// Only once a failure before it is mended.
    Blocked,
}

/// Numbers of verdicts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Counts {
    /// WILL_RUN
    pub will_run: usize,
    /// MIGHT_FAIL
    pub might_fail: usize,
    /// WILL_FAIL
    pub will_fail: usize,
    /// SKIPPED
    pub skipped: usize,
}

impl Counts {
    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            will_run: self.will_run + other.will_run,
            might_fail: self.might_fail + other.might_fail,
            will_fail: self.will_fail + other.will_fail,
            skipped: self.skipped + other.skipped,
        }
    }
}

/// One statement.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Op {
    /// Its place and the calls on the way to it.
    pub id: String,
    /// Name of the op or block.
    pub op: &'static str,
    /// The statement on one line.
    pub text: Arc<str>,
    /// The file that it stands in.
    pub file: Arc<str>,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
    /// The template that it comes from.
    pub template: Option<String>,
    /// What is claimed.
    pub verdict: Verdict,
    /// Whether it is reached.
    pub reach: Reach,
    /// Under which conditions, when sometimes; besides those of the statement that it stands in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub condition: Vec<String>,
    /// The calls on the way to it, and where it stands.
    #[serde(skip)]
    #[schemars(skip)]
    pub(crate) node: NodeAt,
    /// It is what comes next: the runs that reach it are those that went on from the statement before it.
    #[serde(skip)]
    pub comes_next: bool,
    /// Every failure of it is caught.
    pub handled: bool,
    /// Its visits, when there are several.
    pub visits: Vec<VisitReport>,
    /// The failure that blocks it.
    pub after: Option<String>,
    /// Why it fails or may fail, or is not reached.
    pub reasons: Vec<ReasonReport>,
    /// What its verdict takes for granted.
    pub assumptions: Vec<AssumptionReport>,
    /// What would change the verdict.
    pub suggestions: Vec<SuggestionReport>,
    /// Statements within, or of the callee.
    pub children: Vec<Child>,
}

/// A statement within another.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Child {
    /// It.
    Op(Box<Op>),
    /// The same statements as beneath another one.
    Same {
        /// Whose children they are.
        same_as: String,
        /// Why they stand for this call's own, if those are not exactly the same.
        #[serde(skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
}

/// One visit.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct VisitReport {
    /// Loop indices, `*` for all.
    pub path: Vec<String>,
    /// What is claimed of it.
    pub verdict: Verdict,
    /// Why.
    pub reasons: Vec<ReasonReport>,
}

/// One reason.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
pub struct ReasonReport {
    /// Kind of failure, or why it is not reached.
    pub code: String,
    /// In words.
    #[schemars(with = "String")]
    pub message: Words,
    /// Where the fact was said that decides it: a flag, a line of the fixture, or a line of the program that came before.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub source: Option<Words>,
}

impl ReasonReport {
    /// A reason that no fact decides alone.
    #[must_use]
    pub fn new(code: &str, message: impl Into<Words>) -> Self {
        Self { code: code.to_owned(), message: message.into(), source: None }
    }
}

/// Something taken for granted.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct AssumptionReport {
    /// In words.
    pub message: String,
    /// The part of a fixture that would say so; nothing where only the run knows the name of what it is about.
    pub pin: Option<serde_json::Value>,
}

/// A change that would settle the verdict.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SuggestionReport {
    /// In words.
    pub message: String,
    /// As a flag.
    pub flag: Option<String>,
    /// As a part of a fixture.
    pub fixture: Option<serde_json::Value>,
    /// Flags that it takes besides that part: of the run, or of the host where a flag replaces what a fixture says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub besides: Option<String>,
    /// Flags that must be left out for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub without: Option<String>,
}

/// The JSON Schema of a report, as it is written.
#[must_use]
pub fn schema() -> schemars::Schema {
    schemars::generate::SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<Report>()
}
