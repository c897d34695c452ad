//! What a primitive asks the policy, for each path that it may be about.

use perch_diagram::Dd;
use perch_engine::{Context, Frame, Outcome};
use perch_ops::contract::{Ask, End, PathFrom, PathUse, Yields};
use perch_ops::{Contract, ErrorKind, Primitive};
use perch_policy::{Decision, Effect, Known, Mask, Met, path};

use crate::Symbolic;
use crate::host::Host;

use super::{Case, Gathered, PathText, Why};

impl Symbolic {
    /// Asks the policy for an op with a program: texts only, nothing of the host.
    pub(crate) fn ask_policy(
        &mut self,
        cx: &Context,
        asks: &'static [Ask],
        operands: &[Dd],
        frame: &Frame<Dd>,
        host: Host,
    ) -> Outcome<Self> {
        let contract = Contract { asks, paths: OPERANDS, ..perch_ops::contract::contract(Primitive::Print) };
        let contract = Contract { paths: &contract.paths[..operands.len().min(OPERANDS.len())], ..contract };
        let mut all = Gathered::default();
        for (chosen, cwd, when) in self.choices(&contract, Primitive::Print, operands, frame.cwd, host.pc) {
            let host = Host { pc: when, ..host.clone() };
            let mut case =
                Case { cx, contract: &contract, operands, frame, chosen, cwd, paths: Vec::new(), hidden: false };
            let Some((texts, Some(host))) = self.path_texts(&case, host, &mut all) else { continue };
            let known: Vec<Known> = texts.iter().map(PathText::known).collect();
            let asked = self.asks(&mut case, &known, host, &mut all);
            let value = self.known_text("");
            self.gather_next(&mut all, asked, value);
        }
        self.outcome(all)
    }

    /// The questions of the contract, on the paths as written or as redirected by links.
    pub(super) fn asks(
        &mut self,
        case: &mut Case<'_>,
        paths: &[Known],
        host: Host,
        all: &mut Gathered,
    ) -> Option<Host> {
        let mut host = host;
        for ask in case.contract.asks {
            host = self.ask_one(case, *ask, paths, host, all)?;
        }
        Some(host)
    }

    pub(super) fn ask_one(
        &mut self,
        case: &mut Case<'_>,
        ask: Ask,
        paths: &[Known],
        host: Host,
        all: &mut Gathered,
    ) -> Option<Host> {
        let at = |at: usize| paths.get(at).cloned().unwrap_or(Known::Unknown);
        let effect = match ask {
            Ask::Look(path) => Effect::Look(at(path)),
            Ask::Read(path) => Effect::Read(at(path)),
            Ask::Write(path) => Effect::Write(at(path)),
            Ask::Delete(path) => Effect::Delete(at(path)),
            Ask::Start => self.start_effect(case),
            Ask::ReadEnv => Effect::ReadEnv(self.known_operand(case, 0)),
            Ask::HostFact => Effect::HostFact,
            Ask::Output => Effect::Output,
        };
        match self.policy.decide(case.cx.mask, effect) {
            Decision::Allowed(_) => Some(host),
            Decision::Denied(_) if matches!(ask, Ask::Look(_)) => {
                case.hidden = true;
                Some(host)
            }
            Decision::Denied(denial) => {
                let why = Why::new(
                    denial.rule.into(),
                    denial.sentence(case.cx.inside.unwrap_or(case.cx.op), Met::Simulating),
                );
                self.fail(host, Dd::TRUE, &why, all)
            }
            Decision::Depends(_) if matches!(ask, Ask::Look(_)) => Some(host),
            Decision::Depends(rule) => {
                let denied = self.fresh("the target is outside the allowed ones");
                let why = Why::new(
                    rule.into(),
                    format!("target not statically determinable, and `{}` restricts it", rule.flag()),
                );
                self.fail(host, denied, &why, all)
            }
        }
    }

    pub(super) fn start_effect(&self, case: &Case<'_>) -> Effect {
        let bin = match self.known_operand(case, 0) {
            Known::Text(bin) if bin.contains('/') => {
                let cwd = self.names.known(case.cwd);
                path::clean(cwd.as_deref().unwrap_or("/"), &bin).map_or(Known::Text(bin), Known::Text)
            }
            other => other,
        };
        let argv = (1..case.chosen.len()).map(|at| self.known_operand(case, at)).collect();
        Effect::Exec { bin, argv }
    }

    /// Asks the questions that concern one path, for another path that a link has led to.
    pub(super) fn ask_about(
        &mut self,
        case: &mut Case<'_>,
        at: usize,
        path: &str,
        host: Host,
        all: &mut Gathered,
    ) -> Option<Host> {
        let mut known = vec![Known::Unknown; case.contract.paths.len()];
        known[at] = Known::Text(path.to_owned());
        let mut host = host;
        for ask in case.contract.asks {
            if matches!(ask, Ask::Look(of) | Ask::Read(of) | Ask::Write(of) | Ask::Delete(of) if *of == at) {
                host = self.ask_one(case, *ask, &known, host, all)?;
            }
        }
        Some(host)
    }

    /// A primitive that yields the kind of what is there has an answer for every path.
    pub(super) fn answers_anyway(&self, case: &Case<'_>) -> bool {
        matches!(case.contract.yields, Yields::KindName(_))
    }

    /// What an ask can raise when a link may lead anywhere.
    pub(super) fn possible_denial(&self, mask: Mask, ask: Ask) -> Option<ErrorKind> {
        let effect = match ask {
            Ask::Read(_) => Effect::Read(Known::Unknown),
            Ask::Write(_) => Effect::Write(Known::Unknown),
            Ask::Delete(_) => Effect::Delete(Known::Unknown),
            _ => return None,
        };
        match self.policy.decide(mask, effect) {
            Decision::Allowed(_) => None,
            Decision::Denied(denial) => Some(denial.rule.into()),
            Decision::Depends(rule) => Some(rule.into()),
        }
    }
}

/// The paths that an op with a program asks about are its operands.
const OPERANDS: &[PathUse] = &[
    PathUse { from: PathFrom::Operand(0), end: End::Followed },
    PathUse { from: PathFrom::Operand(1), end: End::Followed },
];
