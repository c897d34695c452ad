//! The domain of real runs.
//!
//! A value is a text and the host is the host, so every test has one side, every outcome is one, and nothing is ever
//! joined. What the host is in the evaluator's eyes is a [`Token`], which is not `Clone`: whoever holds it is the
//! one place where the run stands, and acts.
//!
//! A primitive is performed in four steps, always in this order: the path operands are cleaned, the policy
//! is asked, the host's facts are checked, the effect is made. The last two are `perch-system`'s.

mod act;
mod ask;
mod end;
mod failure;

use std::sync::Arc;

use perch_engine::domain::{Act, LoopBody, repeat_known};
use perch_engine::flows::hidden;
use perch_engine::{Context, Domain, Engine, Flows, Frame, Node, Outcome, Raised, Split, Test, World, arguments};
use perch_ir::program::{Command, Program};
use perch_ops::contract::Ask;
use perch_ops::{ErrorKind, Primitive, Pure};
use perch_policy::Policy;
use perch_system::Host;

pub use end::{Uncaught, exit_status, exited, uncaught};
use failure::Failure;

/// A text.
pub type Text = Arc<str>;

/// The one place where a run stands. Not `Clone`.
#[derive(Debug)]
#[expect(missing_copy_implementations, reason = "a run stands in one place")]
pub struct Token(());

impl Token {
    /// For the start of a run.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "made once per run, on purpose")]
    pub fn new() -> Self {
        Self(())
    }
}

/// How the visit of a node ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen<'m> {
    /// It did not fail; `exit` does not either.
    Fine,
    /// It failed. A call or chain fails if a failure comes out of it.
    Failed {
        /// With this kind.
        kind: ErrorKind,
        /// And this message.
        message: &'m str,
    },
}

/// Watches a run. `cx.node_id(node.place, node.clause)` names a node, `cx.visit` counts the loops around it.
pub trait Observer {
    /// A node is about to be visited.
    fn enter(&mut self, _cx: &Context, _node: &Node) {}

    /// A node has been visited. Those of a callee, and the clauses of a chain, lie between its two ends.
    fn visit(&mut self, cx: &Context, node: &Node, seen: Seen<'_>);
}

/// The domain.
pub struct Concrete<'a> {
    policy: &'a Policy,
    host: &'a Host,
    observer: Option<&'a mut dyn Observer>,
}

impl<'a> Concrete<'a> {
    /// On that host, under that policy.
    #[must_use]
    pub fn new(policy: &'a Policy, host: &'a Host) -> Self {
        Self { policy, host, observer: None }
    }

    /// With somebody who watches.
    #[must_use]
    pub fn observed(self, observer: &'a mut dyn Observer) -> Self {
        Self { observer: Some(observer), ..self }
    }
}

/// The name of the op as the program wrote it.
fn op_name(cx: &Context) -> &'static str {
    cx.inside.unwrap_or(cx.op)
}

fn outcome<'a>(done: Result<Text, Failure>, host: Token) -> Outcome<Concrete<'a>> {
    match done {
        Ok(value) => Outcome { next: Some((host, value)), failed: Vec::new() },
        Err(failure) => Outcome { next: None, failed: vec![(failure.raised(), host)] },
    }
}

fn one_side(yes: bool, host: Token) -> Split<Token> {
    if yes { Split { yes: Some(host), no: None } } else { Split { yes: None, no: Some(host) } }
}

fn truth(yes: bool) -> Text {
    if yes { "true".into() } else { "false".into() }
}

impl Domain for Concrete<'_> {
    type Value = Text;
    type Host = Token;

    fn text(&mut self, text: &str) -> Text {
        text.into()
    }

    fn concat(&mut self, parts: &[Text]) -> Text {
        match parts {
            [one] => Arc::clone(one),
            parts => parts.iter().map(|part| &**part).collect::<String>().into(),
        }
    }

    fn bound_or(&mut self, value: Text, _: Text) -> Text {
        value
    }

    fn pure(&mut self, function: Pure, operands: &[Text]) -> Text {
        let operands: Vec<&str> = operands.iter().map(|operand| &**operand).collect();
        function.apply(&operands).into()
    }

    fn fact(&mut self, name: &str, cwd: &Text) -> Option<Text> {
        let os = perch_system::os();
        Some(match name {
            "cwd" => Arc::clone(cwd),
            "os" => os.into(),
            "arch" => perch_system::arch().into(),
            "is_windows" | "is_macos" | "is_linux" => truth(name.strip_prefix("is_") == Some(os)),
            "is_unix" => truth(cfg!(unix)),
            _ => return None,
        })
    }

    fn perform(
        &mut self,
        cx: &Context,
        primitive: Primitive,
        operands: &[Text],
        cwd: &Text,
        host: Token,
    ) -> Outcome<Self> {
        outcome(self.act(cx, primitive, operands, cwd), host)
    }

    fn ask(&mut self, cx: &Context, asks: &[Ask], operands: &[Text], cwd: &Text, host: Token) -> Outcome<Self> {
        outcome(self.ask_for_program(op_name(cx), asks, operands, cwd).map(|()| "".into()), host)
    }

    fn variable(&mut self, _: &Context, name: &str, host: Token) -> Outcome<Self> {
        let missing = || {
            Failure::new(ErrorKind::UnresolvedVar, format!("`${{{name}}}` is not bound, and no environment variable"))
        };
        outcome(self.environment(name).and_then(|value| value.map(Text::from).ok_or_else(missing)), host)
    }

    fn raise(&mut self, _: &Context, kind: ErrorKind, message: Text, host: Token) -> Outcome<Self> {
        outcome(Err(Failure::new(kind, &*message)), host)
    }

    fn split(&mut self, _: &Context, test: &Test<'_, Text>, host: Token) -> Split<Token> {
        let yes = match test {
            Test::Truth(value) => arguments::is_true(value),
            Test::Compare(op, left, right) => arguments::compare(*op, left, right),
            Test::OfType(ty, value) => ty.accepts(value),
            Test::Status(value) => arguments::status(value).is_some(),
            Test::Bound(_) => true,
        };
        one_side(yes, host)
    }

    /// Two worlds of one run would need two tokens.
    fn join(&mut self, _: World<Self>, _: World<Self>) -> World<Self> {
        unreachable!("a concrete run is in one place, so it has nothing to join")
    }

    fn visit<P: Program>(
        engine: &mut Engine<'_, P, Self>,
        cx: &Context,
        node: &Node,
        world: World<Self>,
        act: Act<'_, P, Self>,
    ) -> Flows<Self> {
        if let Some(observer) = &mut engine.domain.observer {
            observer.enter(cx, node);
        }
        let flows = act(engine, cx, world);
        if let Some(observer) = &mut engine.domain.observer {
            let failed = flows.failed.first_key_value();
            let seen = failed.map_or(Seen::Fine, |(kind, world)| Seen::Failed { kind: *kind, message: message(world) });
            observer.visit(cx, node, seen);
        }
        flows
    }

    fn repeat<P: Program>(
        engine: &mut Engine<'_, P, Self>,
        cx: &Context,
        list: &Text,
        world: World<Self>,
        body: LoopBody<'_, P, Self>,
    ) -> Flows<Self> {
        let elements = list.split('\n').filter(|element| !element.is_empty()).map(Into::into);
        repeat_known(engine, cx, elements, world, body)
    }

    fn call<P: Program>(
        engine: &mut Engine<'_, P, Self>,
        cx: &Context,
        command: &Arc<Command>,
        frame: Frame<Text>,
        host: Token,
    ) -> Flows<Self> {
        engine.callee(cx, command, World { frame, host })
    }
}

/// The message of the failure that a world carries.
fn message<'w>(world: &'w World<Concrete<'_>>) -> &'w str {
    world.frame.bindings.get(hidden::MESSAGE).map_or("", |message| message)
}

impl Failure {
    fn raised(self) -> Raised<Text> {
        Raised { kind: self.kind, message: self.message.into(), code: self.code.into(), detail: "".into() }
    }
}
