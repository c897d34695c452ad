//! The policy of a run, and [`Policy::decide`].

use crate::{Effect, Known, Mask, Right, path};

/// What a run may do. Each axis narrows; a missing list does not restrict.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Policy {
    /// `--no-write`
    pub no_write: bool,
    /// `--no-subprocess`
    pub no_subprocess: bool,
    /// `--allow-read`, cleaned. The write roots are read roots too.
    pub read_roots: Option<Vec<String>>,
    /// `--allow-write`, cleaned.
    pub write_roots: Option<Vec<String>>,
    /// `--allow-bin`: names, and cleaned paths.
    pub bins: Option<Vec<String>>,
}

/// Which restriction said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    /// `--no-write`
    NoWrite,
    /// `--no-subprocess`
    NoSubprocess,
    /// `--allow-read`
    ReadRoots,
    /// `--allow-write`
    WriteRoots,
    /// `--allow-bin`
    Bins,
    /// A `sandbox` block around
    Sandbox(Right),
}

impl Rule {
    /// The failure kind of a denial by this rule.
    #[must_use]
    pub fn kind(self) -> &'static str {
        match self {
            Self::NoWrite => "cap_write_denied",
            Self::NoSubprocess => "cap_subprocess_denied",
            Self::ReadRoots => "read_not_permitted",
            Self::WriteRoots => "write_not_permitted",
            Self::Bins => "shell_bin_not_allowed",
            Self::Sandbox(Right::Shell) => "cap_shell_denied",
            Self::Sandbox(Right::Subprocess) => "cap_subprocess_denied",
            Self::Sandbox(Right::Network) => "cap_network_denied",
            Self::Sandbox(Right::Write) => "cap_write_denied",
        }
    }

    /// The flag, or what else a person would look at.
    #[must_use]
    pub fn flag(self) -> &'static str {
        match self {
            Self::NoWrite => "--no-write",
            Self::NoSubprocess => "--no-subprocess",
            Self::ReadRoots => "--allow-read",
            Self::WriteRoots => "--allow-write",
            Self::Bins => "--allow-bin",
            Self::Sandbox(right) => right.flag(),
        }
    }
}

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Denial {
    /// Which restriction said no.
    pub rule: Rule,
    /// The effect, for messages.
    pub effect: Effect,
    /// What is on the list that the effect is not on.
    pub listed: Vec<String>,
}

/// Where a denial is met: on a report, the flags are those of the simulated run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Met {
    /// By a run.
    Running,
    /// By a simulation.
    Simulating,
}

impl Denial {
    /// The refusal of an op as a sentence.
    #[must_use]
    pub fn sentence(&self, op: &str, met: Met) -> String {
        let flag = match met {
            Met::Running => self.rule.flag().to_owned(),
            Met::Simulating => format!("sim {}", self.rule.flag()),
        };
        let (what, target) = match &self.effect {
            Effect::Look(path) | Effect::Read(path) => ("read path", path),
            Effect::Write(path) => ("write path", path),
            Effect::Delete(path) => ("delete path", path),
            Effect::Exec { bin, .. } => ("exec binary", bin),
            Effect::ReadEnv(name) => ("variable", name),
            Effect::HostFact | Effect::Output | Effect::Store => ("op", &Known::Unknown),
        };
        let target = target.text().unwrap_or("${…}");
        let listed = if self.listed.is_empty() { "none".to_owned() } else { self.listed.join(", ") };
        match self.rule {
            Rule::NoWrite | Rule::NoSubprocess => format!("op \"{op}\" is disabled by {}", self.rule.flag()),
            Rule::Sandbox(right) => format!("op \"{op}\" is forbidden by the `sandbox {}` around it", right.flag()),
            Rule::ReadRoots | Rule::WriteRoots => {
                format!("{what} \"{target}\" is outside {flag} roots (allowed: {listed})")
            }
            Rule::Bins => format!("{what} \"{target}\" not in {flag} allowlist (have: {listed})"),
        }
    }
}

/// Leave to do one effect. Only [`Policy::decide`] makes them; the host does nothing without one.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Permit {
    effect: Effect,
}

impl Permit {
    /// What is permitted.
    #[must_use]
    pub fn effect(&self) -> &Effect {
        &self.effect
    }
}

/// What the policy says to an effect.
#[derive(Debug, PartialEq, Eq)]
pub enum Decision {
    /// Go ahead.
    Allowed(Permit),
    /// No.
    Denied(Denial),
    /// It depends on a text that is not known: this rule would look at it.
    Depends(Rule),
}

impl Policy {
    /// May this effect happen, where these rights have been given up?
    #[must_use]
    pub fn decide(&self, given_up: Mask, effect: Effect) -> Decision {
        let (rule, target) = match self.rule_for(given_up, &effect) {
            None => return Decision::Allowed(Permit { effect }),
            Some(found) => found,
        };
        let Some(list) = self.list(rule) else {
            return Decision::Denied(Denial { rule, effect, listed: Vec::new() });
        };
        let Known::Text(target) = target else {
            return if list.is_empty() {
                Decision::Denied(Denial { rule, effect, listed: list })
            } else {
                Decision::Depends(rule)
            };
        };
        let listed = match rule {
            Rule::Bins => list.contains(&target),
            _ => list.iter().any(|root| path::within(&target, root)),
        };
        if listed {
            Decision::Allowed(Permit { effect })
        } else {
            Decision::Denied(Denial { rule, effect, listed: list })
        }
    }

    /// The rule that speaks about the effect, and what it looks at.
    fn rule_for(&self, given_up: Mask, effect: &Effect) -> Option<(Rule, Known)> {
        let needed = effect.right().filter(|right| given_up.denies(*right));
        if let Some(right) = needed {
            return Some((Rule::Sandbox(right), Known::Unknown));
        }
        match effect {
            Effect::Look(path) | Effect::Read(path) => {
                self.read_roots.is_some().then(|| (Rule::ReadRoots, path.clone()))
            }
            Effect::Write(path) | Effect::Delete(path) => {
                if self.no_write {
                    return Some((Rule::NoWrite, Known::Unknown));
                }
                self.write_roots.is_some().then(|| (Rule::WriteRoots, path.clone()))
            }
            Effect::Exec { bin, .. } => {
                if self.no_subprocess {
                    return Some((Rule::NoSubprocess, Known::Unknown));
                }
                self.bins.is_some().then(|| (Rule::Bins, bin.clone()))
            }
            Effect::Store if self.no_write => Some((Rule::NoWrite, Known::Unknown)),
            Effect::Store => {
                // It is outside of all roots but `/`.
                let rule = self.write_roots.as_ref().map(|_| Rule::WriteRoots);
                let rule = rule.or_else(|| self.read_roots.as_ref().map(|_| Rule::ReadRoots));
                rule.map(|rule| (rule, Known::Text("the store of cached blocks".to_owned())))
            }
            Effect::ReadEnv(_) | Effect::HostFact | Effect::Output => None,
        }
    }

    fn list(&self, rule: Rule) -> Option<Vec<String>> {
        match rule {
            Rule::NoWrite | Rule::NoSubprocess | Rule::Sandbox(_) => None,
            Rule::WriteRoots => self.write_roots.clone(),
            Rule::Bins => self.bins.clone(),
            Rule::ReadRoots => {
                let mut roots = self.read_roots.clone()?;
                roots.extend(self.write_roots.iter().flatten().cloned());
                roots.dedup();
                Some(roots)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Known {
        Known::Text(text.to_owned())
    }

    fn allowed(policy: &Policy, effect: Effect) -> bool {
        matches!(policy.decide(Mask::default(), effect), Decision::Allowed(_))
    }

    #[test]
    fn a_missing_list_allows_and_an_empty_one_does_not() {
        let open = Policy::default();
        assert!(allowed(&open, Effect::Write(Known::Unknown)));
        let closed = Policy { write_roots: Some(Vec::new()), ..Policy::default() };
        assert!(matches!(closed.decide(Mask::default(), Effect::Write(Known::Unknown)), Decision::Denied(_)));
    }

    #[test]
    fn a_write_root_is_a_read_root() {
        let policy =
            Policy { read_roots: Some(vec!["/r".into()]), write_roots: Some(vec!["/w".into()]), ..Policy::default() };
        assert!(allowed(&policy, Effect::Read(path("/w/x"))) && allowed(&policy, Effect::Read(path("/r"))));
        assert!(!allowed(&policy, Effect::Write(path("/r/x"))) && !allowed(&policy, Effect::Read(path("/rr"))));
    }

    #[test]
    fn an_unknown_target_depends_on_the_list() {
        let policy = Policy { bins: Some(vec!["git".into()]), ..Policy::default() };
        let exec = |bin| Effect::Exec { bin, argv: Vec::new() };
        assert!(matches!(policy.decide(Mask::default(), exec(Known::Unknown)), Decision::Depends(Rule::Bins)));
        assert!(allowed(&policy, exec(path("git"))) && !allowed(&policy, exec(path("./git"))));
    }

    #[test]
    fn what_a_sandbox_takes_away_no_flag_gives_back() {
        let mask = Mask::default().without(Right::Write);
        let policy = Policy { write_roots: Some(vec!["/w".into()]), ..Policy::default() };
        let Decision::Denied(denial) = policy.decide(mask, Effect::Write(path("/w/x"))) else { panic!("allowed") };
        assert_eq!(denial.rule.kind(), "cap_write_denied");
        assert!(matches!(policy.decide(mask, Effect::Look(path("/w/x"))), Decision::Allowed(_)));
    }
}
