//! Operands to paths, and paths past the policy.
//!
//! A question about a path is asked for its cleaned text before anything of the host is looked at, then for the
//! text that each link on the way makes of it, and so also for the resolved path. The walk that meets the links
//! ends in the [`Place`] that the act then uses: what was asked about is what is touched.

use std::convert::Infallible;
use std::sync::PoisonError;

use perch_ops::ErrorKind;
use perch_ops::contract::Ask;
use perch_policy::{Decision, Denial, Effect, Known, Met, Permit, Rule, path};
use perch_system::{Cause, Error, Last, MAX_PATH, Place, Stop};

use crate::failure::Failure;
use crate::{Concrete, Consent, Text};

/// What an act wants of a path.
#[derive(Clone, Copy)]
pub(crate) enum Want {
    Look,
    Read,
    Write,
    Delete,
}

impl Want {
    pub(crate) fn effect(self, path: &str) -> Effect {
        let path = Known::Text(path.to_owned());
        match self {
            Self::Look => Effect::Look(path),
            Self::Read => Effect::Read(path),
            Self::Write => Effect::Write(path),
            Self::Delete => Effect::Delete(path),
        }
    }
}

/// Why an act did not happen.
pub(crate) enum Halt {
    /// It was not permitted.
    Denied(Failure),
    /// The host did not do it.
    Host(Error),
}

impl Halt {
    /// "cannot read `/x`: it does not exist"
    pub(crate) fn failure(self, act: &str, path: &str) -> Failure {
        match self {
            Self::Denied(failure) => failure,
            Self::Host(error) => Failure::host(act, path, &error),
        }
    }

    /// "cannot copy `/a` to `/b`: `/a` does not exist"
    pub(crate) fn failure_of_two(self, act: &str, from: &str, to: &str) -> Failure {
        match self {
            Self::Denied(failure) => failure,
            Self::Host(error) => Failure::host_two(act, from, to, &error),
        }
    }
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Self::Host(error)
    }
}

/// The operand as absolute, clean path.
pub(crate) fn clean(operands: &[Text], at: usize, cwd: &str) -> Result<String, Failure> {
    let text = operands.get(at).map_or("", |operand| operand);
    path::clean(cwd, text).ok_or_else(|| {
        let why = if text.is_empty() { "empty text is not a path" } else { "a path cannot contain a NUL" };
        Failure::new(ErrorKind::InvalidArgument, why)
    })
}

impl Concrete<'_> {
    /// Leave for one effect.
    pub(crate) fn permit(&self, op: &str, effect: Effect) -> Result<Permit, Failure> {
        let asked = effect.clone();
        let decision = {
            let own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
            self.policy.decide_with(&self.bounds, &own, effect)
        };
        let denial = match decision {
            Decision::Allowed(permit) => return self.consented(op, permit),
            Decision::Denied(denial) => denial,
            // Nothing is unknown in a real run. What were, would be refused.
            Decision::Depends { on, then } => {
                let rule = on.first().copied().unwrap_or(Rule::NoWrite);
                then.unwrap_or(Denial { rule, effect: asked, listed: Vec::new(), program: None })
            }
        };
        Err(denied(op, &denial))
    }

    /// The same leave, if whoever watches does not object. They hear of effects that take a right.
    fn consented(&self, op: &str, permit: Permit) -> Result<Permit, Failure> {
        let Some(right) = permit.effect().rights().first().copied() else { return Ok(permit) };
        let asked = self.watched(|observer| observer.consents(op, permit.effect(), self.until()));
        match asked.unwrap_or(Ok(Consent::Given)).map_err(|cause| Failure::wait(&cause))? {
            Consent::Given => Ok(permit),
            Consent::Refused => {
                let (rule, effect) = (Rule::Refused(right), permit.effect().clone());
                Err(denied(op, &Denial { rule, effect, listed: Vec::new(), program: None }))
            }
            Consent::Unrecorded(why) => {
                Err(Failure::new(ErrorKind::IoError, format!("op \"{op}\" was not begun: {why}")))
            }
        }
    }

    /// Asks for what is wanted of cleaned texts.
    pub(crate) fn ask_texts(&self, op: &str, wanted: &[(Want, &str)]) -> Result<(), Failure> {
        wanted.iter().try_for_each(|(want, path)| self.permit(op, want.effect(path)).map(drop))
    }

    /// Goes to a path and asks for all that is wanted there, at each link again.
    pub(crate) fn go<const N: usize>(
        &self,
        op: &str,
        path: &str,
        last: Last,
        wants: [Want; N],
    ) -> Result<(Place, [Permit; N]), Halt> {
        let mut permits = Vec::new();
        let mut gate = |text: &str| {
            permits = wants.iter().map(|want| self.permit(op, want.effect(text))).collect::<Result<_, _>>()?;
            Ok(())
        };
        let place = match self.host.walk(path, last, &mut gate) {
            Ok(place) => place,
            Err(Stop::Gate(denied)) => return Err(Halt::Denied(denied)),
            Err(Stop::Failed(error)) => return Err(Halt::Host(error)),
        };
        match <[Permit; N]>::try_from(permits) {
            Ok(permits) => Ok((place, permits)),
            Err(_) => Err(Halt::Host(Error { path: path.to_owned(), cause: Cause::Unpermitted })),
        }
    }

    /// Asks about files that the shell opens for a line, at each link again. What else is in the way of that, the shell finds out.
    pub(crate) fn may_open(&self, op: &str, files: &[Effect]) -> Result<(), Failure> {
        for file in files {
            let (want, path) = match file {
                Effect::Read(Known::Text(path)) => (Want::Read, path),
                Effect::Write(Known::Text(path)) => (Want::Write, path),
                _ => continue,
            };
            if let Err(Halt::Denied(failure)) = self.go(op, path, Last::Followed, [want]) {
                return Err(failure);
            }
        }
        Ok(())
    }

    /// Goes to where something is to be made that will belong to the run, wherever links lead.
    pub(crate) fn go_to_own(&self, op: &str, path: &str) -> Result<(Place, Permit), Halt> {
        let mut permit = None;
        let mut gate = |text: &str| {
            self.own.lock().unwrap_or_else(PoisonError::into_inner).push(text.to_owned());
            permit = Some(self.permit(op, Want::Write.effect(text))?);
            Ok(())
        };
        let place = match self.host.walk(path, Last::Entry, &mut gate) {
            Ok(place) => place,
            Err(Stop::Gate(denied)) => return Err(Halt::Denied(denied)),
            Err(Stop::Failed(error)) => return Err(Halt::Host(error)),
        };
        let permit = permit.ok_or_else(|| Error { path: path.to_owned(), cause: Cause::Unpermitted })?;
        Ok((place, permit))
    }

    /// Goes to a path that nothing is done to.
    pub(crate) fn go_unasked(&self, path: &str) -> Result<Place, Error> {
        self.look_unasked(path, Last::Followed)
    }

    /// The same, or to a link that is there.
    pub(crate) fn look_unasked(&self, path: &str, last: Last) -> Result<Place, Error> {
        match self.host.walk::<Infallible>(path, last, &mut |_| Ok(())) {
            Ok(place) => Ok(place),
            Err(Stop::Failed(error)) => Err(error),
            Err(Stop::Gate(never)) => match never {},
        }
    }

    /// What an op that is a program asks before its first statement; what its statements do they ask again.
    pub(crate) fn ask_for_program(
        &self,
        op: &'static str,
        asks: &[Ask],
        operands: &[Text],
        cwd: &str,
    ) -> Result<(), Failure> {
        let wanted = asks.iter().filter_map(|ask| path_ask(*ask));
        // What stands before a path is one, too, whether or not it is asked about: what is no path comes before all questions.
        let named = wanted.clone().map(|(_, at)| at).max();
        (0..named.unwrap_or(0)).try_for_each(|at| clean(operands, at, cwd).map(drop))?;
        let paths: Vec<(Want, String)> =
            wanted.map(|(want, at)| Ok((want, clean(operands, at, cwd)?))).collect::<Result<_, Failure>>()?;
        if asks.contains(&Ask::Op) {
            self.permit(op, Effect::Op(op))?;
        }
        if asks.contains(&Ask::HostFact) {
            self.permit(op, Effect::HostFact)?;
        }
        if asks.contains(&Ask::Start) {
            self.may_start(op, operands, cwd)?;
        }
        for (want, path) in paths {
            // Outside of what is visible nothing is there, which is no failure; `kind_of` tells the one from the other.
            if matches!(want, Want::Look) {
                continue;
            }
            self.permit(op, want.effect(&path))?;
            // The program of `mkdir` goes up a path name by name; of this one it would never come down again.
            if path.len() > MAX_PATH {
                return Err(Failure::new(ErrorKind::IoError, format!("a path has more than {MAX_PATH} bytes")));
            }
        }
        Ok(())
    }
}

fn denied(op: &str, denial: &Denial) -> Failure {
    let failure = Failure::new(ErrorKind::from(denial.rule), denial.sentence(op, Met::Running));
    Failure { hides: denial.rule.hides(), ..failure }
}

/// The want and the operand, of a question about a path.
fn path_ask(ask: Ask) -> Option<(Want, usize)> {
    match ask {
        Ask::Look(at) => Some((Want::Look, at)),
        Ask::Read(at) => Some((Want::Read, at)),
        Ask::Write(at) => Some((Want::Write, at)),
        Ask::Delete(at) => Some((Want::Delete, at)),
        Ask::Op
        | Ask::Start
        | Ask::Shell(_)
        | Ask::Helper(_)
        | Ask::ReadEnv
        | Ask::WriteEnv
        | Ask::Host(..)
        | Ask::Url(_)
        | Ask::Network
        | Ask::HostFact
        | Ask::Output => None,
    }
}
