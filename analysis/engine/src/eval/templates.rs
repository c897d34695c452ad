//! Templates: a body that is evaluated where it is used.

use std::sync::Arc;

use perch_ir::arguments::empty_of;
use perch_ir::construct::{hygienic, word_of};
use perch_ir::program::{Absent, Arg, Command, List, Program, Stmt, Text, count_of};
use perch_ops::ErrorKind;

use super::texts::spliced;
use super::{Engine, leaf};
use crate::faults::{Fault, active};
use crate::flows::{hidden, join_into};
use crate::{CallPath, Context, Domain, Flows, Frame, World};

impl<P: Program, D: Domain> Engine<'_, P, D> {
    /// Arguments are bound under names that nobody else can write; what else the body binds is bound here.
    pub(super) fn expand(
        &mut self,
        cx: &Context,
        stmt: &Stmt,
        name: &str,
        words: &[Text],
        world: World<D>,
    ) -> Flows<D> {
        let program = self.program;
        let mut node = leaf("template", &stmt.source, stmt.place, cx);
        node.callee = Some(name.into());
        let Some(template) = program.template(name) else {
            let message = format!("there is no template `{name}`");
            return self.visit(cx, &node, world, &|engine, cx, world| {
                engine.refuse(cx, ErrorKind::UnresolvedTemplate, &message, world)
            });
        };
        node.callee = None;
        let mut flows =
            self.visit(cx, &node, world, &|engine, cx, world| engine.template_arguments(cx, &template, words, world));
        let Some(world) = flows.next.take() else { return flows };
        let calls = Arc::new(CallPath { outer: Some((Arc::clone(&cx.calls), stmt.place)), command: name.into() });
        let expanded = cx.expanded.iter().copied().chain([stmt.place]).collect();
        let inside = Context { calls, blocks: cx.blocks + 1, file: template.file, expanded, ..cx.clone() };
        let done = self.body(&inside, &template.body, world);
        let done = done.each_frame(|frame| {
            if !active(Fault::TemplateArgumentsStay) {
                forget(&template, frame);
            }
        });
        flows.merge(&mut self.domain, done);
        flows
    }

    fn template_arguments(&mut self, cx: &Context, template: &Command, words: &[Text], world: World<D>) -> Flows<D> {
        let words = &*spliced(words, &world.frame);
        let mut flows = self.check_words(cx, template, words.len(), world);
        for (at, arg) in template.args.iter().enumerate() {
            let Some(world) = flows.next.take() else { return flows };
            let done = if arg.rest {
                self.template_list(cx, template, arg, words.get(at..).unwrap_or_default(), world)
            } else {
                self.template_argument(cx, template, arg, words.get(at), world)
            };
            flows.merge(&mut self.domain, done);
        }
        flows
    }

    /// Only splices leave it open until here how many words there are.
    fn check_words(&mut self, cx: &Context, template: &Command, given: usize, world: World<D>) -> Flows<D> {
        let (needed, most) = template.takes_words();
        if given >= needed && most.is_none_or(|most| given <= most) {
            return Flows::next(world);
        }
        let message = format!("the template `{}` does not take {given} words", template.name);
        self.refuse(cx, ErrorKind::InvalidArgument, &message, world)
    }

    fn template_argument(
        &mut self,
        cx: &Context,
        template: &Command,
        arg: &Arg,
        word: Option<&Text>,
        world: World<D>,
    ) -> Flows<D> {
        let got = self.text(cx, &given(arg, word), world);
        let mut flows = got.other;
        let Some((world, value)) = got.next else { return flows };
        let typed = self.typed(cx, arg, &value, world);
        flows.merge(&mut self.domain, typed.other);
        let Some((mut world, value)) = typed.next else { return flows };
        hidden::bind(&mut world.frame.bindings, &hygienic(&template.name, &arg.name), value);
        join_into(&mut self.domain, &mut flows.next, Some(world));
        flows
    }

    fn template_list(
        &mut self,
        cx: &Context,
        template: &Command,
        arg: &Arg,
        words: &[Text],
        world: World<D>,
    ) -> Flows<D> {
        let name = hygienic(&template.name, &arg.name);
        let mut flows = Flows::next(world);
        for (at, word) in words.iter().enumerate() {
            let Some(world) = flows.next.take() else { return flows };
            let got = self.text(cx, word, world);
            let done = self.bind(got, Some(&word_of(&name, at)));
            flows.merge(&mut self.domain, done);
        }
        if let Some(world) = &mut flows.next {
            self.bind_list(List { name: &name, joint: "\n", counted: true }, &mut world.frame);
        }
        flows
    }
}

/// What an argument that is no `rest` is.
fn given(arg: &Arg, word: Option<&Text>) -> Text {
    match (word, &arg.absent) {
        (Some(word), _) => word.clone(),
        (None, Absent::Default(text)) => text.clone(),
        (None, _) => Text::literal(empty_of(arg.ty)),
    }
}

/// Forgets the arguments.
fn forget<V: Clone>(template: &Command, frame: &mut Frame<V>) {
    for arg in &template.args {
        let name = hygienic(&template.name, &arg.name);
        hidden::take(&mut frame.bindings, &count_of(&name));
        hidden::drop_words(&mut frame.bindings, &format!("{name} "));
        hidden::take(&mut frame.bindings, &name);
    }
}
