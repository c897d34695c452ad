//! Operands, texts and names.

use std::borrow::Cow;

use perch_ir::construct::word_of;
use perch_ir::program::{Operand, Part, Program, Text};
use perch_ops::pure::Refusal;
use perch_ops::{ErrorKind, fact_named};

use super::{Engine, Got, RESULT, Several};
use crate::faults::{Fault, active};
use crate::{Context, Domain, Flows, Frame, Split, Test, World};

impl<P: Program, D: Domain> Engine<'_, P, D> {
    /// Operands from left to right.
    pub(super) fn operands(&mut self, cx: &Context, operands: &[Operand], world: World<D>) -> Several<D> {
        let mut other = Flows::default();
        let mut values = Vec::with_capacity(operands.len());
        let mut world = world;
        for operand in spliced_operands(operands, &world.frame).iter() {
            let got = match operand {
                Operand::Text(text) => self.text(cx, text, world),
                Operand::Name(name) => {
                    let text = if active(Fault::NameIsEmpty) { "" } else { name };
                    let value = self.name_or(cx, name, text, &world.frame);
                    Got::value(world, value)
                }
            };
            other.merge(&mut self.domain, got.other);
            let Some((next, value)) = got.next else { return (None, other) };
            values.push(value);
            world = next;
        }
        (Some((world, values)), other)
    }

    /// The binding or fact of that name in a condition, where an unbound name is empty.
    pub(super) fn condition_name(&mut self, cx: &Context, name: &str, frame: &Frame<D::Value>) -> D::Value {
        self.name_or(cx, name, if matches!(name, "true" | "false") { name } else { "" }, frame)
    }

    /// The binding or fact of that name, else a text.
    fn name_or(&mut self, cx: &Context, name: &str, text: &str, frame: &Frame<D::Value>) -> D::Value {
        let fallback = match self.unbound_name(cx, name, frame) {
            Some(fact) => fact,
            None => self.domain.text(text),
        };
        match frame.bindings.get(name) {
            Some(value) => self.domain.bound_or(value.clone(), fallback),
            None => fallback,
        }
    }

    /// The value of a fact, where facts may be known.
    pub(super) fn fact(&mut self, cx: &Context, name: &str, cwd: &D::Value) -> Option<D::Value> {
        // An op that says a fact has asked for it.
        let is_private = cx.bounds.mask().is_private() && cx.inside.is_none() && !active(Fault::FactsStay);
        if is_private || cx.inside.is_none() && fact_named(name).is_none() {
            return None;
        }
        self.own_fact(name).or_else(|| self.domain.fact(name, cwd))
    }

    /// A text with its names replaced.
    pub(super) fn text(&mut self, cx: &Context, text: &Text, world: World<D>) -> Got<D> {
        let mut other = Flows::default();
        let mut values = Vec::with_capacity(text.parts.len());
        let mut world = world;
        for part in &text.parts {
            match part {
                Part::Literal(literal) => values.push(self.domain.text(literal)),
                Part::Name(name) | Part::Splice(name) => {
                    let got = self.name(cx, name, world);
                    other.merge(&mut self.domain, got.other);
                    let Some((next, value)) = got.next else { return Got { next: None, other } };
                    values.push(value);
                    world = next;
                }
                Part::Call(call) => {
                    let cx = &Context { op: call.op.entry().name, captured: true, ..cx.clone() };
                    let got = self.op_value(cx, call, world);
                    other.merge(&mut self.domain, got.other);
                    let Some((next, value)) = got.next else { return Got { next: None, other } };
                    values.push(value);
                    world = next;
                }
                Part::NotYet(_) => {
                    let failed = self.not_yet(cx, world);
                    other.merge(&mut self.domain, failed);
                    return Got { next: None, other };
                }
            }
        }
        let world = if values.len() > 1 { self.fitting(cx, &values, world, &mut other) } else { Some(world) };
        let value = |engine: &mut Self, world| (world, engine.domain.concat(&values));
        Got { next: world.map(|world| value(self, world)), other }
    }

    /// Where these make a text together. A program could make one as large as it likes by putting what it has together again and again.
    fn fitting(
        &mut self,
        cx: &Context,
        values: &[D::Value],
        world: World<D>,
        other: &mut Flows<D>,
    ) -> Option<World<D>> {
        let World { frame, host } = world;
        let split = self.domain.split(cx, &Test::Fits(values), host);
        if let Some(host) = split.no {
            let message = self.domain.text(&Refusal::too_large().message);
            let outcome = self.domain.raise(cx, ErrorKind::LimitExceeded, message, host);
            let failed = self.outcome(cx, outcome, frame.clone());
            other.merge(&mut self.domain, failed.other);
        }
        split.yes.map(|host| World { frame, host })
    }

    /// `${name}`: binding, fact, environment (language §5.1).
    pub(super) fn name(&mut self, cx: &Context, name: &str, world: World<D>) -> Got<D> {
        self.resolve(cx, name, world, |engine, frame, host| engine.variable(cx, name, World { frame, host }))
    }

    /// A variable that the program has set, else one of the host. The name of a fact is never one of the host's: it would mean
    /// another thing wherever the fact is not known.
    fn variable(&mut self, cx: &Context, name: &str, world: World<D>) -> Got<D> {
        let own = self.domain.own_variable(&world.frame, name);
        let value = own.value.filter(|_| !active(Fault::VariablesUnseen));
        self.where_bound(cx, value, world, |engine, frame, host| {
            engine.where_not_taken(cx, name, own.taken, World { frame, host })
        })
    }

    /// A variable of the host, where the program has not taken it away.
    fn where_not_taken(&mut self, cx: &Context, name: &str, taken: Option<D::Value>, world: World<D>) -> Got<D> {
        let World { frame, host } = world;
        let split = match taken.filter(|_| !active(Fault::TakenVariablesStay)) {
            Some(taken) => self.domain.split(cx, &Test::Bound(&taken), host),
            None => Split { yes: None, no: Some(host) },
        };
        let mut got = Got { next: None, other: Flows::default() };
        if let Some(host) = split.yes {
            let message = self.domain.text(&format!("`{name}` is not bound, and variable `{name}` is taken away"));
            let outcome = self.domain.raise(cx, ErrorKind::UnresolvedVar, message, host);
            got = self.outcome(cx, outcome, frame.clone());
        }
        let Some(host) = split.no else { return got };
        let of_host = self.variable_of_host(cx, name, World { frame, host });
        got.other.merge(&mut self.domain, of_host.other);
        Got { next: self.join_values(got.next, of_host.next), other: got.other }
    }

    /// A variable of the host.
    fn variable_of_host(&mut self, cx: &Context, name: &str, world: World<D>) -> Got<D> {
        let World { frame, host } = world;
        let outcome = if fact_named(name).is_some() && !active(Fault::FactsAreVariables) {
            let message = format!("`{name}` is a fact, and none is known here: see `perch help facts`");
            let message = self.domain.text(&message);
            self.domain.raise(cx, ErrorKind::UnresolvedVar, message, host)
        } else {
            self.domain.variable(cx, name, host)
        };
        self.outcome(cx, outcome, frame)
    }

    /// The binding or fact of that name, or a failure.
    pub(super) fn bound_name(&mut self, cx: &Context, name: &str, world: World<D>) -> Got<D> {
        self.resolve(cx, name, world, |engine, frame, host| {
            let message = engine.domain.text(&format!("no binding is named `{name}`"));
            let outcome = engine.domain.raise(cx, ErrorKind::UnresolvedVar, message, host);
            engine.outcome(cx, outcome, frame)
        })
    }

    /// The binding of that name where it is bound, else what is shared, else the fact, else what `otherwise` gives.
    pub(super) fn resolve(
        &mut self,
        cx: &Context,
        name: &str,
        world: World<D>,
        otherwise: impl FnOnce(&mut Self, Frame<D::Value>, D::Host) -> Got<D>,
    ) -> Got<D> {
        let World { frame, host } = world;
        let unbound = self.unbound_name(cx, name, &frame);
        let bound = frame.bindings.get(name).cloned();
        match (bound, unbound) {
            (Some(value), Some(unbound)) => {
                let value = self.domain.bound_or(value, unbound);
                Got::value(World { frame, host }, value)
            }
            (None, Some(value)) => Got::value(World { frame, host }, value),
            (value, None) => self.where_bound(cx, value, World { frame, host }, otherwise),
        }
    }

    /// The value where it is bound, else what `otherwise` gives.
    fn where_bound(
        &mut self,
        cx: &Context,
        value: Option<D::Value>,
        world: World<D>,
        otherwise: impl FnOnce(&mut Self, Frame<D::Value>, D::Host) -> Got<D>,
    ) -> Got<D> {
        let World { frame, host } = world;
        let Some(value) = value else { return otherwise(self, frame, host) };
        let Split { yes, no } = self.domain.split(cx, &Test::Bound(&value), host);
        let bound = yes.map(|host| (World { frame: frame.clone(), host }, value));
        let Some(host) = no else { return Got { next: bound, other: Flows::default() } };
        let unbound = otherwise(self, frame, host);
        Got { next: self.join_values(bound, unbound.next), other: unbound.other }
    }

    /// Joins two worlds with a value each, which travels in the frame.
    pub(super) fn join_values(
        &mut self,
        a: Option<(World<D>, D::Value)>,
        b: Option<(World<D>, D::Value)>,
    ) -> Option<(World<D>, D::Value)> {
        match (a, b) {
            (Some(a), Some(b)) => {
                let [a, b] = [a, b].map(|(mut world, value)| {
                    world.frame.bindings.insert(RESULT.into(), value);
                    world
                });
                let mut joined = self.domain.join(a, b);
                let value = joined.frame.bindings.remove(RESULT);
                value.map(|value| (joined, value))
            }
            (a, b) => a.or(b),
        }
    }
}

/// The names of the words of a list. Nothing but a call binds them, so there are as many in all runs of a body.
pub(super) fn names_of<V>(list: &str, frame: &Frame<V>) -> impl Iterator<Item = String> {
    (0..).map(move |at| word_of(list, at)).take_while(|name| frame.bindings.contains_key(name.as_str()))
}

/// The words of a list, each as a name that stands for it.
fn words_of<V>(list: &str, frame: &Frame<V>) -> Vec<Text> {
    let mut words: Vec<Text> = names_of(list, frame).map(Text::name).collect();
    if active(Fault::SplicesMissTheLast) {
        words.pop();
    }
    words
}

/// Words, with those of lists in the place of splices.
pub(super) fn spliced<'w, V>(words: &'w [Text], frame: &Frame<V>) -> Cow<'w, [Text]> {
    if words.iter().all(|word| word.splice().is_none()) {
        return Cow::Borrowed(words);
    }
    let each = |word: &Text| match word.splice() {
        Some(list) if active(Fault::SplicesAreOneWord) => vec![Text::name(list)],
        Some(list) => words_of(list, frame),
        None => vec![word.clone()],
    };
    Cow::Owned(words.iter().flat_map(each).collect())
}

/// The same of operands.
fn spliced_operands<'o, V>(operands: &'o [Operand], frame: &Frame<V>) -> Cow<'o, [Operand]> {
    if !operands.iter().any(is_splice) {
        return Cow::Borrowed(operands);
    }
    let each = |operand: &Operand| match operand {
        Operand::Text(text) => spliced(std::slice::from_ref(text), frame).iter().cloned().map(Operand::Text).collect(),
        Operand::Name(_) => vec![operand.clone()],
    };
    Cow::Owned(operands.iter().flat_map(each).collect())
}

/// Whether there may be any number of operands in the place of this one.
pub(super) fn is_splice(operand: &Operand) -> bool {
    matches!(operand, Operand::Text(text) if text.splice().is_some())
}
