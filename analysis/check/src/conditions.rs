//! Conditions that come out the same whatever the host.

use perch_ir::deeds::Word;
use perch_ir::{Comparison, Cond, Operand, Stmt, Text, arguments};

use crate::platform::{ARCH, OS, Platform};
use crate::view::{Constant, View};

/// What decides a condition.
#[derive(Clone, Debug, Default)]
pub(crate) struct Because<'s> {
    /// Names that have one value.
    pub(crate) constants: Vec<(String, Constant<'s>)>,
    /// What is said of the system.
    pub(crate) demands: Vec<String>,
}

/// Judges the conditions of a statement.
pub(crate) struct Judge<'v, 'p, 'db> {
    pub(crate) view: &'v View<'p, 'db>,
    pub(crate) stmt: &'db Stmt,
    pub(crate) platform: &'v Platform,
    pub(crate) because: Because<'db>,
}

impl<'db> Judge<'_, '_, 'db> {
    /// How a condition comes out, if it can come out in one way only.
    pub(crate) fn decide(&mut self, test: &'db Cond) -> Option<bool> {
        match test {
            Cond::Or(parts) => self.any(parts, true),
            Cond::And(parts) => self.any(parts, false),
            Cond::Not(part) => self.decide(part).map(|holds| !holds),
            Cond::Compare { left, op, right } => self.compare(left, *op, right),
            Cond::Truth(name) | Cond::TruthOrPredicate(name, _) => self.truth(name),
            Cond::Predicate(_) | Cond::Programs(_) | Cond::NotYet(_) => None,
        }
    }

    /// Whether one part is `wanted`, which decides, or all are the opposite.
    fn any(&mut self, parts: &'db [Cond], wanted: bool) -> Option<bool> {
        let parts: Vec<Option<bool>> = parts.iter().map(|part| self.decide(part)).collect();
        if parts.contains(&Some(wanted)) {
            return Some(wanted);
        }
        parts.iter().all(|part| *part == Some(!wanted)).then_some(!wanted)
    }

    fn truth(&mut self, name: &str) -> Option<bool> {
        if let Some(value) = self.value(name) {
            return Some(!matches!(value.as_str(), "" | "false" | "0"));
        }
        if self.view.body.binds(name) {
            return None;
        }
        match name {
            "true" => Some(true),
            "false" => Some(false),
            // Of predicates, such as `is_admin`, nothing is known.
            _ if perch_ops::fact_named(name).is_none() => None,
            _ => {
                name.strip_prefix("is_").and_then(|value| [OS, ARCH].into_iter().find_map(|fact| self.is(fact, value)))
            }
        }
    }

    fn is(&mut self, fact: &'static str, value: &str) -> Option<bool> {
        // `is_amd64` is about the one, `is_linux` about the other.
        let is_arch = matches!(value, "amd64" | "arm64");
        if is_arch != (fact == ARCH) {
            return None;
        }
        let decided = self.platform.is(fact, value);
        if decided.is_some() {
            self.note(fact, value);
        }
        decided
    }

    fn note(&mut self, fact: &str, value: &str) {
        let by = match self.platform.excludes(fact, value) {
            Some(demand) => demand.by.clone(),
            None => format!("what is said of `{fact}` around it"),
        };
        self.because.demands.push(by);
    }

    fn compare(&mut self, left: &'db Operand, op: Comparison, right: &'db Text) -> Option<bool> {
        let right = self.characters(right)?;
        let is_equal = match left {
            Operand::Name(name) => match (name.as_str(), op) {
                (OS | ARCH, Comparison::Equal | Comparison::NotEqual) if !self.view.body.binds(name) => {
                    let fact = if name == OS { OS } else { ARCH };
                    let is = self.platform.is(fact, &right)?;
                    self.note(fact, &right);
                    return Some(is == (op == Comparison::Equal));
                }
                _ => self.value(name)?,
            },
            Operand::Text(text) => self.characters(text)?,
        };
        compared(&is_equal, op, &right)
    }

    /// The only text that a name can have where the statement stands.
    fn value(&mut self, name: &str) -> Option<String> {
        let constant = self.view.constant(name, self.stmt.place)?;
        self.because.constants.push((name.to_owned(), constant));
        Some(constant.text.to_owned())
    }

    fn characters(&mut self, text: &'db Text) -> Option<String> {
        let value = self.view.text_of(Word::Text(text), self.stmt.place)?;
        for part in &text.parts {
            if let perch_ir::Part::Name(name) = part {
                self.value(name);
            }
        }
        Some(value)
    }
}

/// A comparison of two texts: language §7.4. Versions are not decided here.
fn compared(left: &str, op: Comparison, right: &str) -> Option<bool> {
    let numbers = || Some((arguments::number(left)?, arguments::number(right)?));
    Some(match op {
        Comparison::Equal => left == right,
        Comparison::NotEqual => left != right,
        Comparison::Less => numbers().map(|(left, right)| left < right)?,
        Comparison::LessOrEqual => numbers().map(|(left, right)| left <= right)?,
        Comparison::Greater => numbers().map(|(left, right)| left > right)?,
        Comparison::GreaterOrEqual => numbers().map(|(left, right)| left >= right)?,
    })
}
