//! Faults that tests plant in the evaluator, to see that somebody notices.
//!
//! Without the `planted-faults` feature, which only the test harness enables, `active` is constantly false and
//! the compiler removes what it guards.

/// A way in which the evaluator can be made wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Fault {
    /// `cd` in a callee moves the caller.
    CwdFlowsBack = 1,
    /// A callee's bindings flow back.
    BindingsFlowBack,
    /// A callee does not see its caller's bindings.
    CalleeStartsEmpty,
    /// The loop variable keeps its last value.
    LoopVariableStays,
    /// `finally` swallows a failure.
    FinallySwallows,
    /// `finally` is skipped on `exit`.
    FinallyMissesExit,
    /// `rescue` does not bind what happened.
    RescueBindsNothing,
    /// A failure in `rescue` is dropped.
    RescueSwallows,
    /// `&&` runs after a failure.
    AndRunsAnyway,
    /// `||` runs after success.
    OrRunsAnyway,
    /// The skipped clause resets the chain to success.
    SkippedClauseSucceeds,
    /// `match` runs every equal arm.
    MatchFallsThrough,
    /// `not` is ignored.
    NotIgnored,
    /// `or` evaluates as `and`.
    OrIsAnd,
    /// The first arm of an `if` runs whatever its test says.
    FirstArmAlways,
    /// An unbound operand name is empty text.
    NameIsEmpty,
    /// A failing right side still binds.
    FailureBinds,
    /// `exit` is rescued.
    ExitIsRescued,
    /// Default values of arguments are ignored.
    DefaultsIgnored,
    /// A statement after a failure still runs.
    GoesOnAfterFailure,
    /// `os unix` names no system.
    UnixIsNothing,
    /// The working directory of a block stays behind it.
    CwdStays,
    /// The variables of a block stay behind it.
    VariablesStay,
    /// `${NAME}` does not see the variables of a block.
    VariablesUnseen,
    /// A `sandbox` takes nothing away.
    SandboxIgnored,
    /// A deadline that passes is not a failure.
    DeadlineSwallowed,
    /// `retry` tries once.
    NeverRetries,
    /// The failure of a branch is dropped.
    BranchesNeverFail,
    /// The arguments of a template stay bound behind it.
    TemplateArgumentsStay,
    /// `require_os` and `require_arch` are ignored.
    RequirementsIgnored,
    /// The failure of a program in a `pipe` is dropped.
    PipeIgnoresFailures,
    /// `${NAME...}` is the text of the list, one word.
    SplicesAreOneWord,
    /// The last word of a splice is lost.
    SplicesMissTheLast,
    /// `NAME_count` is one too many.
    CountsOneTooMany,
    /// Versions are compared as numbers, which they are not.
    VersionsAreNumbers,
    /// What is imported with an alias sees the bindings of the main file alone.
    AliasesShare,
    /// Operands of functions may be of any type.
    TypesIgnored,
    /// `requires` demands nothing and allows everything.
    ManifestIgnored,
    /// The `sandbox` of a file takes nothing away.
    FileSandboxIgnored,
    /// Whether an op may be used is not asked.
    OpsUnasked,
    /// What is private sees facts of the machine.
    FactsStay,
    /// What no fact is known for is a variable of the environment.
    FactsAreVariables,
    /// A variable that is set is not.
    NothingIsSet,
    /// A variable that is taken away is still there.
    TakenVariablesStay,
    /// A handler that fails before an op does not keep it from running.
    VetoIgnored,
    /// A handler that fails after an op does not fail it.
    AfterNeverFails,
    /// The failure of a handler takes the place of the one that it notices.
    OnErrorFails,
    /// Nobody notices failures.
    OnErrorMissed,
    /// Ops of handlers have hooks.
    HandlersHaveHooks,
    /// What a handler is told stays bound behind the op.
    HookStaysBound,
    /// Handlers are told nothing.
    HooksTellNothing,
}

impl Fault {
    /// All faults.
    pub const ALL: &'static [Self] = &[
        Self::CwdFlowsBack,
        Self::BindingsFlowBack,
        Self::CalleeStartsEmpty,
        Self::LoopVariableStays,
        Self::FinallySwallows,
        Self::FinallyMissesExit,
        Self::RescueBindsNothing,
        Self::RescueSwallows,
        Self::AndRunsAnyway,
        Self::OrRunsAnyway,
        Self::SkippedClauseSucceeds,
        Self::MatchFallsThrough,
        Self::NotIgnored,
        Self::OrIsAnd,
        Self::FirstArmAlways,
        Self::NameIsEmpty,
        Self::FailureBinds,
        Self::ExitIsRescued,
        Self::DefaultsIgnored,
        Self::GoesOnAfterFailure,
        Self::UnixIsNothing,
        Self::CwdStays,
        Self::VariablesStay,
        Self::VariablesUnseen,
        Self::SandboxIgnored,
        Self::DeadlineSwallowed,
        Self::NeverRetries,
        Self::BranchesNeverFail,
        Self::TemplateArgumentsStay,
        Self::RequirementsIgnored,
        Self::PipeIgnoresFailures,
        Self::SplicesAreOneWord,
        Self::SplicesMissTheLast,
        Self::CountsOneTooMany,
        Self::VersionsAreNumbers,
        Self::AliasesShare,
        Self::TypesIgnored,
        Self::ManifestIgnored,
        Self::FileSandboxIgnored,
        Self::OpsUnasked,
        Self::FactsStay,
        Self::FactsAreVariables,
        Self::NothingIsSet,
        Self::TakenVariablesStay,
        Self::VetoIgnored,
        Self::AfterNeverFails,
        Self::OnErrorFails,
        Self::OnErrorMissed,
        Self::HandlersHaveHooks,
        Self::HookStaysBound,
        Self::HooksTellNothing,
    ];
}

#[cfg(feature = "planted-faults")]
mod planted {
    use std::cell::Cell;
    thread_local! {
        static ACTIVE: Cell<u32> = const { Cell::new(0) };
    }

    /// Plants a fault in the evaluators of this thread; `None` removes it.
    pub fn plant(fault: Option<super::Fault>) {
        ACTIVE.with(|active| active.set(fault.map_or(0, |fault| fault as u32)));
    }

    pub(super) fn number() -> u32 {
        ACTIVE.with(Cell::get)
    }

    pub(super) fn plant_number(number: u32) {
        ACTIVE.with(|active| active.set(number));
    }

    pub(crate) fn active(fault: super::Fault) -> bool {
        ACTIVE.with(Cell::get) == fault as u32
    }
}

#[cfg(feature = "planted-faults")]
pub(crate) use planted::active;
#[cfg(feature = "planted-faults")]
pub use planted::plant;

#[cfg(not(feature = "planted-faults"))]
pub(crate) const fn active(_: Fault) -> bool {
    false
}

/// The fault that is planted in evaluators of a thread, to be planted in those of another.
#[derive(Clone, Copy, Debug)]
pub struct Planted(#[cfg_attr(not(feature = "planted-faults"), expect(dead_code, reason = "nothing is planted"))] u32);

/// What is planted in this thread.
#[must_use]
pub fn planted_here() -> Planted {
    #[cfg(feature = "planted-faults")]
    return Planted(planted::number());
    #[cfg(not(feature = "planted-faults"))]
    Planted(0)
}

impl Planted {
    /// Plants it in this thread.
    pub fn plant(self) {
        #[cfg(feature = "planted-faults")]
        planted::plant_number(self.0);
    }
}
