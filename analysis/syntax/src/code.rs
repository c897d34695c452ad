//! The codes of all that is said of programs, whichever crate says it.
//!
//! People search for a code, suppress it by name and put it into rules of their CI. So a code is never given a second meaning: when
//! nothing says it any more, its line goes, and its name is not used again. Every code has a page, which `perch --explain` prints.

use std::fmt;

use crate::diagnostic::Severity;

macro_rules! codes {
    ($($severity:ident $variant:ident = $name:literal,)*) => {
        /// What kind of thing is wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[expect(missing_docs, reason = "each has a page")]
        pub enum Code { $($variant,)* }

        impl Code {
            /// All codes, in the order of their names.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its name, for people and machines.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// How bad it is.
            #[must_use]
            pub fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }
        }
    };
}

/// Hands the list of all codes to a macro that takes lines `SEVERITY VARIANT = NAME,`.
#[macro_export]
macro_rules! with_codes {
    ($take:ident) => {
        $take! {
            Warning AllowError = "allow-error",
                Error ArgsAndProxy = "args-and-proxy",
            Warning ArgumentType = "argument-type",
            Error BadCall = "bad-call",
            Error BadCatch = "bad-catch",
            Error BadCondition = "bad-condition",
            Error BadDefault = "bad-default",
            Error BadForEach = "bad-for-each",
            Error BadHead = "bad-head",
            Error BadImport = "bad-import",
            Error BadInclude = "bad-include",
            Error BadIndex = "bad-index",
            Error BadInterpolation = "bad-interpolation",
            Error BadModuleLine = "bad-module-line",
            Error BadName = "bad-name",
            Error BadPair = "bad-pair",
            Warning BadRemark = "bad-remark",
            Error BadRest = "bad-rest",
            Error BadSetting = "bad-setting",
            Error BadSharedBinding = "bad-shared-binding",
            Error BadSplice = "bad-splice",
            Error BadStage = "bad-stage",
            Error BeforeCase = "before-case",
            Error BidiCharacter = "bidi-character",
            Error BinVersion = "bin-version",
            Warning BindingOverwritten = "binding-overwritten",
            Warning CallMismatch = "call-mismatch",
            Error ChainCaptured = "chain-captured",
            Error ComputedRight = "computed-right",
            Error ConfigAfterDo = "config-after-do",
            Warning ConstantCondition = "constant-condition",
            Error ControlCharacter = "control-character",
            Error DefaultAndOptional = "default-and-optional",
            Warning DroppedValue = "dropped-value",
            Error DuplicateArg = "duplicate-arg",
            Warning DuplicateBinding = "duplicate-binding",
            Error DuplicateCatch = "duplicate-catch",
            Error DuplicateCommand = "duplicate-command",
            Warning DuplicateImport = "duplicate-import",
            Error DuplicateIndex = "duplicate-index",
            Error DuplicateName = "duplicate-name",
            Error DuplicateOperand = "duplicate-operand",
            Warning DuplicateRequirement = "duplicate-requirement",
            Error DuplicateSetting = "duplicate-setting",
            Error DuplicateTemplate = "duplicate-template",
            Error ElseIf = "else-if",
            Error EmptyClause = "empty-clause",
            Error EmptyPipe = "empty-pipe",
            Warning EndlessRecursion = "endless-recursion",
            Warning ForeignForm = "foreign-form",
            Error GluedAssignment = "glued-assignment",
            Warning GluedJoint = "glued-joint",
            Warning HookNeverRuns = "hook-never-runs",
            Warning HostPath = "host-path",
            Error ImportLoop = "import-loop",
            Warning ImpossibleValue = "impossible-value",
            Error KeywordAsName = "keyword-as-name",
            Warning MaybeMisspelt = "maybe-misspelt",
            Warning MaybeUnbound = "maybe-unbound",
            Error MisplacedArm = "misplaced-arm",
            Error MisplacedKeyword = "misplaced-keyword",
            Error MissingCondition = "missing-condition",
            Warning MissingDescription = "missing-description",
            Error MissingDo = "missing-do",
            Error MissingName = "missing-name",
            Error MissingType = "missing-type",
            Error MissingValue = "missing-value",
            Error ModuleFromUrl = "module-from-url",
            Error MountPoint = "mount-point",
            Warning NamedOperand = "named-operand",
            Error NestedTooDeep = "nested-too-deep",
            Error NotATest = "not-a-test",
            Warning NotAVersion = "not-a-version",
            NotYet NotAvailable = "not-available",
            Warning NotMounted = "not-mounted",
            Error NulCharacter = "nul-character",
            Error OpInChain = "op-in-chain",
            Error OutsideCommand = "outside-command",
            Warning OutsideSandbox = "outside-sandbox",
            Warning ParallelOfOne = "parallel-of-one",
            Warning PathAsText = "path-as-text",
            Error PipeInLine = "pipe-in-line",
            Warning PredicateWithoutOperands = "predicate-without-operands",
            Error RemovedForm = "removed-form",
            Warning RescueKind = "rescue-kind",
            Warning ReservedVerb = "reserved-verb",
            Warning RetryNotRepeatable = "retry-not-repeatable",
            Warning SandboxContradiction = "sandbox-contradiction",
            Error SecondDo = "second-do",
            Warning ShadowedCommand = "shadowed-command",
            Warning ShadowedName = "shadowed-name",
            Warning ShadowedProgram = "shadowed-program",
            Warning ShellSubstitution = "shell-substitution",
            Warning ShellValue = "shell-value",
            Warning StatusCompared = "status-compared",
            Error StrayEnd = "stray-end",
            Error SurplusWords = "surplus-words",
            Warning SwappedOperands = "swapped-operands",
            Error SyntaxError = "syntax-error",
            Error TemplateCaptured = "template-captured",
            Error TemplateLoop = "template-loop",
            Error TemplateTooLarge = "template-too-large",
            Warning TestDenied = "test-denied",
            Error TestWithArgs = "test-with-args",
            Error TooManyArguments = "too-many-arguments",
            Warning UnboundCondition = "unbound-condition",
            Warning UnboundWord = "unbound-word",
            Error UnclosedBlock = "unclosed-block",
            Error UnclosedCall = "unclosed-call",
            Error UnclosedInterpolation = "unclosed-interpolation",
            Error UndeclaredHost = "undeclared-host",
            Error UndeclaredPath = "undeclared-path",
            Error UndeclaredProgram = "undeclared-program",
            Error UndeclaredVariable = "undeclared-variable",
            Warning UnknownArgument = "unknown-argument",
            Warning UnknownCode = "unknown-code",
            Error UnknownCommand = "unknown-command",
            Warning UnknownErrorKind = "unknown-error-kind",
            Error UnknownModule = "unknown-module",
            Error UnknownName = "unknown-name",
            Error UnknownOp = "unknown-op",
            Error UnknownOperand = "unknown-operand",
            Warning UnknownPlatform = "unknown-platform",
            Error UnknownRight = "unknown-right",
            Error UnknownSetting = "unknown-setting",
            Warning UnknownTarget = "unknown-target",
            Error UnknownType = "unknown-type",
            Warning UnreachableCase = "unreachable-case",
            Warning UnreachableCode = "unreachable-code",
            Warning UnreachablePlatform = "unreachable-platform",
            Error UnreadableImport = "unreadable-import",
            Error UnterminatedString = "unterminated-string",
            Warning UnusedAllow = "unused-allow",
            Warning UnusedArgument = "unused-argument",
            Warning UnusedBinding = "unused-binding",
            Warning UnusedCommand = "unused-command",
            Warning UnusedImport = "unused-import",
            Warning UnusedRequirement = "unused-requirement",
            Warning UnusedTemplate = "unused-template",
            Warning UsedBeforeBound = "used-before-bound",
            Warning VersionCompared = "version-compared",
            Error WrongOperandCount = "wrong-operand-count",
            Error WrongOperandType = "wrong-operand-type",
            Error WrongWordCount = "wrong-word-count",
        }
    };
}

with_codes!(codes);

impl Code {
    /// The code of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == name)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn names_are_in_order_and_in_kebab_case() {
        let names: Vec<&str> = Code::ALL.iter().map(|code| code.name()).collect();
        assert!(names.is_sorted_by(|a, b| a < b), "{names:?}");
        for name in names {
            let words = name.split('-');
            assert!(words.clone().count() > 1, "{name}");
            assert!(words.flat_map(str::chars).all(|c| c.is_ascii_lowercase()), "{name}");
            assert_eq!(Code::from_name(name).map(Code::name), Some(name));
        }
    }
}
