//! What files say of what they may touch: `requires` before a command and at every op, `sandbox` around the commands of a file.
//!
//! Both become [`Bounds`], which the domain's policy is asked with. Nothing here decides what they allow.

use perch_ir::files::folder;
use perch_ir::program::{Demand, Of, OpCall, Operand, Program, Sandbox};
use perch_ops::Pure;
use perch_policy::{Bounds, By, Known, Lists, path};

use super::calls::unbounded;
use super::{Engine, Several, leaf};
use crate::faults::{Fault, active};
use crate::flows::join_into;
use crate::{Context, Domain, Flows, Frame, World};

/// What is allowed of what a manifest can name.
type Allowed = Vec<(Of, Known)>;

impl<P: Program, D: Domain> Engine<'_, P, D> {
    /// The lines of the manifest that are written out, or the others: each is a node, unless it cannot fail. What they
    /// allow is added to `allowed`.
    pub(super) fn demands(
        &mut self,
        written_out: bool,
        bounds: &Bounds,
        allowed: &mut Allowed,
        world: World<D>,
    ) -> Flows<D> {
        let mut flows = Flows::next(world);
        let program = self.program;
        let demands = program.manifest().into_iter().flat_map(|manifest| manifest.demands(written_out));
        for demand in demands.filter(|_| !active(Fault::ManifestIgnored)) {
            let Some(world) = flows.next.take() else { return flows };
            let cx = Context { bounds: bounds.clone(), ..Context::of_demand(program, demand) };
            let done = if demand.is_node() {
                let node = leaf("requires", &demand.source, demand.place, &cx);
                self.visit(&cx, &node, world, &|engine, cx, world| engine.demand(cx, demand, world))
            } else {
                self.demand(&cx, demand, world)
            };
            flows.merge(&mut self.domain, done);
            if let Some(world) = &mut flows.next {
                self.note(demand, allowed, &mut world.frame);
            }
        }
        flows
    }

    /// What a line demands, and what its words are.
    fn demand(&mut self, cx: &Context, demand: &Demand, world: World<D>) -> Flows<D> {
        let (next, mut flows) = self.words(cx, demand, world);
        let Some((world, values)) = next else { return flows };
        let open = unbounded(cx);
        let mut next = Some(world);
        if let Some(fact) = demand.of.fact() {
            let done = next.take().map(|world| self.one_of_values(&open, fact, &demand.words, &values, world));
            done.into_iter().for_each(|done| flows.merge(&mut self.domain, done));
            next = flows.next.take();
        }
        for value in values.iter().filter(|_| demand.needs.is_some()) {
            let (Some(world), Some(needs)) = (next.take(), demand.needs) else { break };
            let got = self.performed(&open, &OpCall::new(needs, Vec::new()), vec![value.clone()], world);
            let done = self.bind(got, None);
            flows.merge(&mut self.domain, done);
            next = flows.next.take();
        }
        flows.next = next.map(|mut world| {
            for (at, value) in values.into_iter().enumerate() {
                world.frame.bindings.insert(word(at).into(), value);
            }
            world
        });
        flows
    }

    /// Goes on where a fact of the host is one of these.
    fn one_of_values(
        &mut self,
        cx: &Context,
        fact: &str,
        words: &[Operand],
        values: &[D::Value],
        world: World<D>,
    ) -> Flows<D> {
        let mut flows = Flows::default();
        let mut left = Some(world);
        for value in values {
            let Some(world) = left.take() else { return flows };
            let split = self.is_host(cx, fact, value, world);
            join_into(&mut self.domain, &mut flows.next, split.yes);
            left = split.no;
        }
        if let Some(world) = left {
            let shown = words.iter().map(|word| match word {
                Operand::Text(text) => text.as_literal(),
                Operand::Name(name) => Some(name.as_str()),
            });
            let refused = self.elsewhere(cx, "file", fact, shown, world);
            flows.merge(&mut self.domain, refused);
        }
        flows
    }

    /// The words of a line as it means them: paths from where they are relative to.
    fn words(&mut self, cx: &Context, demand: &Demand, world: World<D>) -> Several<D> {
        let (next, other) = self.operands(cx, &demand.words, world);
        let next = next.map(|(world, values)| {
            let cwd = world.frame.cwd.clone();
            let function = match demand.of {
                Of::Read | Of::Write => Some((cwd, Pure::Absolute)),
                Of::Bin => {
                    let folder = self.domain.text(folder(self.program.file_name(cx.file)));
                    Some((self.domain.pure(Pure::Absolute, &[cwd, folder]), Pure::ProgramAt))
                }
                Of::Os | Of::Arch | Of::Env | Of::Host => None,
            };
            let Some((base, function)) = function else { return (world, values) };
            let values = values.into_iter().map(|value| self.domain.pure(function, &[base.clone(), value])).collect();
            (world, values)
        });
        (next, other)
    }

    /// Takes the words of a line out of the frame.
    fn note(&mut self, demand: &Demand, allowed: &mut Allowed, frame: &mut Frame<D::Value>) {
        for at in 0..demand.words.len() {
            let Some(value) = frame.bindings.remove(word(at).as_str()) else { continue };
            allowed.push((demand.of, self.domain.known(&value)));
            if let Some(handle) = &demand.handle {
                // The importer's goes first.
                frame.bindings.entry(perch_ir::construct::handle(handle).into()).or_insert(value);
            }
        }
    }

    /// What the manifest allows, if there is one: what its lines have named, and nothing else.
    pub(super) fn declared(&self, allowed: &Allowed) -> Bounds {
        if self.program.manifest().is_none() || active(Fault::ManifestIgnored) {
            return Bounds::default();
        }
        let of = |of: Of| {
            let named = allowed.iter().filter(|(other, _)| *other == of).map(|(_, text)| text.clone());
            Some(named.filter(|text| text.text() != Some("")).collect())
        };
        let lists = Lists {
            read: of(Of::Read),
            write: of(Of::Write),
            bins: of(Of::Bin),
            env: of(Of::Env),
            hosts: of(Of::Host),
            ..Lists::open(By::Manifest)
        };
        lists.into()
    }

    /// What the `sandbox` of a file leaves its commands, in a run that starts in that directory.
    pub(super) fn sandbox_of(&self, sandbox: &Sandbox, cwd: &D::Value) -> Bounds {
        if active(Fault::FileSandboxIgnored) {
            return Bounds::default();
        }
        let cwd = self.domain.known(cwd);
        let path = |text: &String| match (&cwd, text.starts_with('/')) {
            (Known::Text(cwd), _) => path::clean(cwd, text).map(Known::Text),
            (Known::Unknown, true) => path::clean("/", text).map(Known::Text),
            (Known::Unknown, false) => Some(Known::Unknown),
        };
        let paths = |list: &'_ Option<Vec<String>>| list.as_ref().map(|list| list.iter().filter_map(path).collect());
        let name = |text: &String| if text.contains('/') { path(text) } else { Some(Known::Text(text.clone())) };
        let names = |list: &'_ Option<Vec<String>>| list.as_ref().map(|list| list.iter().filter_map(name).collect());
        let host = |text: &String| Known::Text(text.clone());
        let hosts = |list: &'_ Option<Vec<String>>| list.as_ref().map(|list| list.iter().map(host).collect());
        let lists = Lists {
            read: paths(&sandbox.read),
            write: paths(&sandbox.write),
            bins: names(&sandbox.bins),
            env: names(&sandbox.env),
            hosts: hosts(&sandbox.hosts),
            ops: sandbox.ops.clone(),
            ..Lists::open(By::Sandbox)
        };
        Bounds::from(sandbox.mask).and(&if lists == Lists::open(By::Sandbox) {
            Bounds::default()
        } else {
            lists.into()
        })
    }
}

/// Under which name a line keeps its word until it is noted.
fn word(at: usize) -> String {
    format!(" required {at}")
}
