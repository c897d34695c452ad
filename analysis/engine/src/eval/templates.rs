//! Templates: a body that is evaluated where it is used.

use std::sync::Arc;

use perch_ir::arguments::empty_of;
use perch_ir::construct::hygienic;
use perch_ir::program::{Absent, Arg, Command, Part, Program, Stmt, Text};
use perch_ops::ErrorKind;

use super::{Engine, leaf};
use crate::faults::{Fault, active};
use crate::flows::join_into;
use crate::{CallPath, Context, Domain, Flows, World};

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
                names(&template).for_each(|name| drop(frame.bindings.remove(&name)));
            }
        });
        flows.merge(&mut self.domain, done);
        flows
    }

    fn template_arguments(&mut self, cx: &Context, template: &Command, words: &[Text], world: World<D>) -> Flows<D> {
        let mut flows = Flows::next(world);
        for (at, arg) in template.args.iter().enumerate() {
            let Some(world) = flows.next.take() else { return flows };
            let text = if arg.rest { joined(words.get(at..).unwrap_or_default()) } else { given(arg, words.get(at)) };
            let got = self.text(cx, &text, world);
            flows.merge(&mut self.domain, got.other);
            let Some((world, value)) = got.next else { return flows };
            let typed = self.typed(cx, arg, &value, world);
            flows.merge(&mut self.domain, typed.other);
            let Some((mut world, value)) = typed.next else { return flows };
            let name = hygienic(&template.name, &arg.name);
            if arg.rest {
                let count = self.domain.text(&words.len().saturating_sub(at).to_string());
                world.frame.bindings.insert(format!("{name}_count"), count);
            }
            world.frame.bindings.insert(name, value);
            join_into(&mut self.domain, &mut flows.next, Some(world));
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

/// Words, one per line.
fn joined(words: &[Text]) -> Text {
    let newline = || Part::Literal("\n".to_owned());
    let mut parts: Vec<Part> = Vec::new();
    for (at, word) in words.iter().enumerate() {
        parts.extend((at > 0).then(newline));
        parts.extend(word.parts.iter().cloned());
    }
    Text { parts }
}

/// Under which names the arguments are bound.
fn names(template: &Command) -> impl Iterator<Item = String> {
    template.args.iter().flat_map(|arg| {
        let name = hygienic(&template.name, &arg.name);
        [format!("{name}_count"), name]
    })
}
