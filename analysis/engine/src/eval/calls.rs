//! Calls of commands, and their arguments.

use std::sync::Arc;

use perch_ir::construct::{Line, word_of};
use perch_ir::program::{Arg, ArgType, Command, Place, Program, Stmt, Text};
use perch_ops::ErrorKind;
use perch_policy::Bounds;

use super::texts::spliced;
use super::{Engine, Entered, Got, MAX_CALL_DEPTH, given_name, leaf};
use crate::arguments::{self, Usage};
use crate::domain::Act;
use crate::faults::{Fault, active};
use crate::flows::{hidden, join_into};
use crate::{CallPath, Context, Domain, Flows, Test, World};

impl<P: Program, D: Domain> Engine<'_, P, D> {
    pub(super) fn call_stmt(
        &mut self,
        cx: &Context,
        stmt: &Stmt,
        name: &str,
        words: &[Text],
        bind: Option<&str>,
        world: World<D>,
    ) -> Flows<D> {
        let mut node = leaf("call", &stmt.source, stmt.place, cx);
        node.callee = Some(name.into());
        self.visit(cx, &node, world, &|engine, cx, world| {
            let mut flows = engine.call(cx, stmt.place, name, words, world);
            if let (Some(bind), Some(world)) = (bind, &mut flows.next) {
                let value = engine.domain.text("");
                hidden::bind(&mut world.frame.bindings, bind, value);
            }
            flows
        })
    }

    pub(super) fn call(&mut self, cx: &Context, place: Place, name: &str, words: &[Text], world: World<D>) -> Flows<D> {
        let program = self.program;
        let Some(command) = program.command(name) else {
            return self.refuse(cx, ErrorKind::InvalidArgument, &format!("there is no command `{name}`"), world);
        };
        if cx.depth >= MAX_CALL_DEPTH {
            let message = format!("calls nest more than {MAX_CALL_DEPTH} deep");
            return self.refuse(cx, ErrorKind::RecursionLimit, &message, world);
        }
        let words = spliced(words, &world.frame);
        let given = match arguments::given_to(&command, &words) {
            Ok(given) => given,
            Err(usage) => return self.usage(cx, name, &usage, world),
        };
        let (entered, mut flows) = self.arguments(cx, &command, &given, world);
        let Some((world, arguments)) = entered else { return flows };
        self.domain.called(&arguments);
        let World { frame, host } = world;
        let mut own = frame.clone();
        if active(Fault::CalleeStartsEmpty) {
            own.bindings.clear();
        }
        hidden::drop_words(&mut own.bindings, "");
        own.bindings.extend(arguments);
        let callee = Context {
            calls: Arc::new(CallPath { outer: Some((Arc::clone(&cx.calls), place)), command: name.into() }),
            depth: cx.depth + 1,
            tries: cx.tries + 1,
            blocks: 0,
            captured: false,
            expanded: Arc::new([]),
            ..cx.clone()
        }
        .of_command(program, &command);
        let done = D::call(self, &callee, &command, own, host);
        let done = done.each_frame(|inner| {
            let mut outer = hidden::in_flight(&frame, inner);
            if active(Fault::CwdFlowsBack) {
                outer.cwd = inner.cwd.clone();
            }
            if active(Fault::BindingsFlowBack) {
                outer.bindings = inner.bindings.clone();
            }
            *inner = outer;
        });
        flows.merge(&mut self.domain, done);
        flows
    }

    /// What a call does once the domain has made room for it: what the command asks for, defaults, surroundings, body.
    pub fn callee(&mut self, cx: &Context, command: &Command, world: World<D>) -> Flows<D> {
        let cx = &cx.clone().within(command.file, command.config.mask);
        let mut flows = self.required(cx, command, world);
        let Some(world) = flows.next.take() else { return flows };
        let entered = self.defaults(cx, command, world);
        let Some(world) = flows.absorb(&mut self.domain, entered) else { return flows };
        let entered = self.surroundings(cx, command, world);
        let Some(world) = flows.absorb(&mut self.domain, entered) else { return flows };
        let done = match &command.config.on_signal {
            None => self.body(cx, &command.body, world),
            Some(line) => {
                let body: Act<'_, P, D> = &|engine, cx, world| engine.body(cx, &command.body, world);
                let handler: Act<'_, P, D> = &|engine, cx, world| engine.on_signal(cx, line, world);
                D::interruptible(self, cx, command, world, body, handler)
            }
        };
        flows.merge(&mut self.domain, done);
        flows
    }

    /// What a command does behind its body when a signal ends the run. The run ends with that signal's status, whatever comes of it.
    fn on_signal(&mut self, cx: &Context, line: &Line<String>, world: World<D>) -> Flows<D> {
        let mut world = world;
        let number = cx.tries;
        hidden::put_aside(&mut world.frame.bindings, number);
        let cx = Context {
            tries: number + 1,
            observed: true,
            caught: false,
            timeouts_caught: false,
            others: false,
            ..cx.clone()
        };
        let mut node = leaf(line.op, &line.source, line.place, &cx);
        node.callee = Some(line.value.as_str().into());
        let flows =
            self.visit(&cx, &node, world, &|engine, cx, world| engine.call(cx, line.place, &line.value, &[], world));
        let mut ended = Flows::default();
        for (_, mut world) in flows.ways() {
            hidden::settle(&mut world.frame.bindings);
            hidden::take_up(&mut world.frame.bindings, number);
            ended.add_exited(&mut self.domain, Some(world));
        }
        ended
    }

    /// `require_sandbox`, `require_os`, `require_arch`
    fn required(&mut self, cx: &Context, command: &Command, world: World<D>) -> Flows<D> {
        let mut flows = match &command.config.require_sandbox {
            Some(line) if !active(Fault::RequirementsIgnored) => {
                let node = leaf(line.op, &line.source, line.place, cx);
                self.visit(cx, &node, world, &|engine, cx, world| engine.in_a_sandbox(cx, command, world))
            }
            _ => Flows::next(world),
        };
        for line in command.config.require.iter().filter(|_| !active(Fault::RequirementsIgnored)) {
            let Some(world) = flows.next.take() else { return flows };
            let (fact, wanted) = &line.value;
            let done = self.visit(cx, &leaf(line.op, &line.source, line.place, cx), world, &|engine, cx, world| {
                engine.one_of(cx, fact, wanted, world)
            });
            flows.merge(&mut self.domain, done);
        }
        flows
    }

    /// Goes on if the command, or the whole run, is held to the `sandbox` of a file.
    fn in_a_sandbox(&mut self, cx: &Context, command: &Command, world: World<D>) -> Flows<D> {
        let mut files = self.program.sandboxes().iter().map(|(file, _)| *file);
        if files.any(|file| file == 0 || file == command.file) {
            return Flows::next(world);
        }
        let message = "this command runs in a `sandbox`, and neither its file nor the one that is run has one";
        self.refuse(cx, ErrorKind::RequirementUnmet, message, world)
    }

    /// Goes on where a fact of the host is one of these.
    fn one_of(&mut self, cx: &Context, fact: &str, wanted: &[Text], world: World<D>) -> Flows<D> {
        let mut flows = Flows::default();
        let mut open = Some(world);
        for text in wanted {
            let Some(world) = open.take() else { return flows };
            let got = self.text(cx, text, world);
            flows.merge(&mut self.domain, got.other);
            let Some((world, value)) = got.next else { return flows };
            let split = self.is_host(&unbounded(cx), fact, &value, world);
            join_into(&mut self.domain, &mut flows.next, split.yes);
            open = split.no;
        }
        if let Some(world) = open {
            let refused = self.elsewhere(cx, "command", fact, wanted.iter().map(Text::as_literal), world);
            flows.merge(&mut self.domain, refused);
        }
        flows
    }

    /// The failure of runs on other hosts.
    pub(super) fn elsewhere<'w>(
        &mut self,
        cx: &Context,
        who: &str,
        fact: &str,
        wanted: impl Iterator<Item = Option<&'w str>>,
        world: World<D>,
    ) -> Flows<D> {
        let shown: Vec<&str> = wanted.map(|text| text.unwrap_or("…")).collect();
        let message = format!("this {who} runs where `{fact}` is {}", shown.join(" or "));
        self.refuse(cx, ErrorKind::RequirementUnmet, &message, world)
    }

    /// `env` and `dir`. They end with the call, since no frame comes back from it.
    fn surroundings(&mut self, cx: &Context, command: &Command, world: World<D>) -> Flows<D> {
        let mut flows = Flows::next(world);
        for line in &command.config.env {
            let Some(world) = flows.next.take() else { return flows };
            let node = leaf(line.op, &line.source, line.place, cx);
            let done = self
                .visit(cx, &node, world, &|engine, cx, world| engine.set(cx, std::slice::from_ref(&line.value), world));
            flows.merge(&mut self.domain, done);
        }
        if let Some(line) = &command.config.dir
            && let Some(world) = flows.next.take()
        {
            let node = leaf(line.op, &line.source, line.place, cx);
            let done = self.visit(cx, &node, world, &|engine, cx, world| engine.entered(cx, &line.value, world));
            flows.merge(&mut self.domain, done);
        }
        flows
    }

    pub(super) fn usage(&mut self, cx: &Context, name: &str, usage: &Usage, world: World<D>) -> Flows<D> {
        self.refuse(cx, ErrorKind::InvalidArgument, &format!("`{name}` cannot be called like this: {usage}"), world)
    }

    pub(super) fn refuse(&mut self, cx: &Context, kind: ErrorKind, message: &str, world: World<D>) -> Flows<D> {
        let message = self.domain.text(message);
        self.refuse_with(cx, kind, message, world)
    }

    /// As [`Self::refuse`], with a message that says something of a value.
    pub(super) fn refuse_with(
        &mut self,
        cx: &Context,
        kind: ErrorKind,
        message: D::Value,
        world: World<D>,
    ) -> Flows<D> {
        let outcome = self.domain.raise(cx, kind, message, world.host);
        let got = self.outcome(cx, outcome, world.frame);
        self.bind(got, None)
    }

    /// Given texts as values of the declared types, under the names where [`Self::defaults`] looks for them.
    pub(super) fn arguments(
        &mut self,
        cx: &Context,
        command: &Command,
        given: &arguments::Given,
        world: World<D>,
    ) -> Entered<D> {
        let mut other = Flows::default();
        let mut values = Vec::new();
        let mut world = world;
        for (arg, text) in command.args.iter().zip(&given.texts) {
            let Some(text) = text else { continue };
            let got = self.text(cx, text, world);
            other.merge(&mut self.domain, got.other);
            let Some((next, value)) = got.next else { return (None, other) };
            let typed = self.typed(cx, arg, &value, next);
            other.merge(&mut self.domain, typed.other);
            let Some((next, ())) = typed.next.map(|(world, _)| (world, ())) else { return (None, other) };
            world = next;
            values.push((given_name(&arg.name), value));
        }
        let list = command.list().map_or("", |list| list.name);
        for (at, word) in given.list.iter().enumerate() {
            let got = self.text(cx, word, world);
            other.merge(&mut self.domain, got.other);
            let Some((next, value)) = got.next else { return (None, other) };
            world = next;
            values.push((word_of(list, at), value));
        }
        (Some((world, values)), other)
    }

    pub(super) fn typed(&mut self, cx: &Context, arg: &Arg, value: &D::Value, world: World<D>) -> Got<D> {
        if arg.ty == ArgType::Text {
            return Got::value(world, value.clone());
        }
        let split = self.test(cx, &Test::OfType(arg.ty.ty(), value), world);
        let mut other = Flows::default();
        let mut next = split.yes;
        if let Some(world) = split.no {
            let message = self.not_of_type(&format!("argument `{}`", arg.name), value, arg.ty.ty());
            let mut refused = self.refuse_with(cx, ErrorKind::InvalidArgument, message, world);
            join_into(&mut self.domain, &mut next, refused.next.take());
            other.merge(&mut self.domain, refused);
        }
        Got { next: next.map(|world| (world, value.clone())), other }
    }
}

/// What a program needs is looked for on behalf of whoever has started it, whatever the program gives up.
pub(super) fn unbounded(cx: &Context) -> Context {
    Context { bounds: Bounds::default(), ..cx.clone() }
}
