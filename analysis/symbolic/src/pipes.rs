//! Programs of which each reads what the one before it writes. They run at once, so what they change they change in any order.
//!
//! If it is known of each what it does, the orders are gone through: how the host stands when the first has gone so many steps and the second so
//! many is put together from how it stood one step before, with an unknown for who went last. Otherwise the places at which they meet are
//! unsteady, as with branches ([`crate::parallel`]).

use perch_diagram::{Dd, Leaf};
use perch_engine::domain::Stage;
use perch_engine::{Context, Outcome};
use perch_ops::contract::{Change, Yields};
use perch_ops::{Contract, ErrorKind, Primitive};
use perch_policy::path;

use crate::Symbolic;
use crate::cells::Cell;
use crate::facts::{EffectFact, ProgramFact};
use crate::host::{Host, Places};
use crate::parallel::{Around, Footprint, Reads, all_clashes, rounds};
use crate::paths::{Route, RouteEnd};
use crate::perform::{Case, Failed, Gathered};

/// With more ways to stand in the middle, orders are not gone through.
const MAX_MIDDLES: usize = 64;

/// How it stands after some programs have ended: with the first failure, the host, and what the last of them has printed.
type End = (Option<Failed>, Host, Dd);

/// A program of which it is known what it does.
struct Told<'c> {
    case: Case<'c>,
    /// What it changes, and where.
    effects: Vec<(EffectFact, String)>,
    /// How it ends, its changes aside.
    ends: ProgramFact,
}

impl Symbolic {
    /// Programs that run at the same time. All are permitted, then all are found, before the first is started; the first that fails,
    /// in their order, is the failure of all.
    pub(crate) fn run_pipeline(&mut self, cx: &Context, stages: &[Stage<Dd>], host: Host) -> Outcome<Self> {
        let spawn = self.contracts[Primitive::Spawn as usize].clone();
        let check = Contract { change: Change::None, yields: Yields::Nothing, ..spawn.clone() };
        let permit = Contract { guards: &[], ..check.clone() };
        let find = Contract { asks: &[], ..check };
        let mut all = Gathered::default();
        let mut host = Some(host);
        for (check, stage) in [permit, find].iter().flat_map(|check| stages.iter().map(move |stage| (check, stage))) {
            let Some(before) = host.take() else { break };
            let mut checked = Gathered::default();
            self.by_contract(cx, (Primitive::Spawn, check), &stage.words, &stage.frame, before, &mut checked);
            all.failed.extend(checked.failed);
            host = checked.next.map(|(host, _)| host);
        }
        if let Some(host) = host {
            let run = Contract { asks: &[], guards: &[], ..spawn };
            self.run_stages(cx, &run, stages, host, &mut all);
        }
        self.outcome(all)
    }

    fn run_stages(&mut self, cx: &Context, run: &Contract, stages: &[Stage<Dd>], host: Host, all: &mut Gathered) {
        let ends = match self.told(cx, run, stages, &host) {
            Some(told) => {
                let host = self.in_any_order(&told, host);
                let prints: Vec<bool> = told.iter().map(|one| !one.ends.stdout.is_empty()).collect();
                self.one_by_one(&prints, host, |this, at, host| {
                    let mut done = Gathered::default();
                    this.modelled(&told[at].case, &told[at].ends, host, &mut done);
                    done
                })
            }
            None => self.until_steady(cx, run, stages, &host),
        };
        for (first, host, value) in ends {
            match first {
                None => self.gather_next(all, Some(host), value),
                Some(failed) => all.failed.push(Failed { host, ..failed }),
            }
        }
    }

    /// One after the other, with the ends of those before. `prints` says of each whether it may print something.
    fn one_by_one(
        &mut self,
        prints: &[bool],
        host: Host,
        mut run: impl FnMut(&mut Self, usize, Host) -> Gathered,
    ) -> Vec<End> {
        let empty = self.known_text("");
        let mut ends: Vec<End> = vec![(None, host, empty)];
        for (at, prints_something) in prints.iter().enumerate() {
            let mut next: Vec<End> = Vec::new();
            for (first, host, _) in ends {
                let done = run(self, at, host);
                let is_read = *prints_something && at + 1 < prints.len();
                for (end, host, value) in self.ends_of_stage(done, first, is_read) {
                    self.add_end(&mut next, end, host, value);
                }
            }
            ends = next;
        }
        ends
    }

    // ---- if it is known what each does -------------------------------------------------------------

    /// What each does, if that is known of all, there are few orders, and no deadline comes between.
    fn told<'c>(
        &mut self,
        cx: &'c Context,
        run: &'c Contract,
        stages: &'c [Stage<Dd>],
        host: &Host,
    ) -> Option<Vec<Told<'c>>> {
        if !(self.deadlines.is_empty() || self.facts.in_time && self.passed(host.slept).is_false()) {
            return None;
        }
        let mut all = Vec::new();
        for stage in stages {
            let mut chosen = Vec::new();
            for word in stage.words.iter().chain([&stage.frame.cwd]) {
                let word = self.expanded(*word);
                let [(leaf, _)] = self.dds.cases(word, host.pc)[..] else { return None };
                chosen.push(Some(leaf));
            }
            let cwd = chosen.pop().flatten()?;
            let (operands, frame) = (&stage.words[..], &stage.frame);
            let case = Case {
                cx,
                primitive: Primitive::Spawn,
                contract: run,
                operands,
                frame,
                chosen,
                cwd,
                paths: Vec::new(),
                hidden: false,
                unseen: Dd::FALSE,
                line: None,
                made: None,
            };
            let mut ends = self.model(&case, host.pc).filter(|model| !model.status_only)?;
            if self.may_manage_packages(&case) || self.is_disturbed(&case, host) {
                return None;
            }
            let effects = std::mem::take(&mut ends.effects);
            let effects = effects.into_iter().map(|effect| self.placed(cwd, effect, host)).collect::<Option<_>>()?;
            all.push(Told { case, effects, ends });
        }
        let middles = all.iter().try_fold(1_usize, |all, one| all.checked_mul(one.effects.len() + 1));
        (middles? <= MAX_MIDDLES && !self.may_be_torn(&all, host)).then_some(all)
    }

    /// With its place, if no link is on the way there. What makes or removes an entry does not follow a link that is the entry.
    fn placed(&mut self, cwd: Leaf, effect: EffectFact, host: &Host) -> Option<(EffectFact, String)> {
        let (EffectFact::Write(text, _) | EffectFact::MakeDir(text) | EffectFact::Remove(text)) = &effect;
        let place = path::clean(&self.names.absolute(cwd)?, text)?;
        let follow = matches!(effect, EffectFact::Write(..));
        let [Route { end: RouteEnd::Path(end), .. }] = &self.routes(host, &place, follow)[..] else { return None };
        (*end == place).then_some((effect, place))
    }

    /// Does somebody put something into a directory that somebody else removes? That is no single step. What several remove is gone.
    fn may_be_torn(&mut self, told: &[Told<'_>], host: &Host) -> bool {
        let removed = told.iter().enumerate().flat_map(|(at, one)| one.effects.iter().map(move |effect| (at, effect)));
        let removed: Vec<_> = removed.filter(|(_, (effect, _))| matches!(effect, EffectFact::Remove(_))).collect();
        removed.into_iter().any(|(at, (_, dir))| {
            let others = told.iter().enumerate().filter(|(other, _)| *other != at).flat_map(|(_, one)| &one.effects);
            let put = others.filter(|(effect, _)| !matches!(effect, EffectFact::Remove(_)));
            let touched: Vec<&String> = put.map(|(_, place)| place).filter(|place| path::within(place, dir)).collect();
            let entry = self.entry(host, dir);
            let is_dir = self.where_cell(entry, |cell| matches!(cell, Cell::Dir));
            let is_dir = self.dds.and(host.pc, is_dir);
            touched.iter().any(|place| !is_dir.is_false() || *place != dir)
        })
    }

    /// Of what two have written at the same place at once, there may be a part of each.
    fn mixed(&mut self, told: &[Told<'_>], host: &mut Host) {
        for (at, one) in told.iter().enumerate() {
            let others: Vec<_> = told[at + 1..].iter().flat_map(|one| &one.effects).collect();
            for (effect, place) in &one.effects {
                let EffectFact::Write(_, content) = effect else { continue };
                let differs = |other: &EffectFact| matches!(other, EffectFact::Write(_, other) if other != content);
                if !others.iter().any(|(other, at)| at == place && differs(other)) {
                    continue;
                }
                let content = self.fresh_text("what two programs have written at once");
                let entry = self.entry(host, place);
                let entry = self.map(entry, |this, leaf| match this.names.cell(leaf) {
                    Cell::File(_) => this.map(content, |this, leaf| this.cell(Cell::File(leaf))),
                    _ => this.dds.leaf(leaf),
                });
                host.put(place.as_str(), entry);
            }
        }
    }

    /// What programs change, in any order, each for itself in its own.
    fn in_any_order(&mut self, told: &[Told<'_>], host: Host) -> Host {
        let steps: usize = told.iter().map(|one| one.effects.len()).sum();
        // How it stands when each has gone so many steps; all have the same sum.
        let mut stands = vec![(vec![0_usize; told.len()], host)];
        for _ in 0..steps {
            let last: Vec<Dd> = told.iter().skip(1).map(|_| self.fresh("which program goes on first")).collect();
            let mut next: Vec<(Vec<usize>, Host)> = Vec::new();
            for (at, one) in told.iter().enumerate() {
                for (gone, host) in &stands {
                    let Some((effect, _)) = one.effects.get(gone[at]) else { continue };
                    let host = self.effect(&one.case, effect, host.clone());
                    let mut gone = gone.clone();
                    gone[at] += 1;
                    match next.iter().position(|(other, _)| *other == gone) {
                        None => next.push((gone, host)),
                        Some(same) => {
                            let (gone, other) = next.swap_remove(same);
                            next.push((gone, self.either_host(last[at - 1], host, other)));
                        }
                    }
                }
            }
            stands = next;
        }
        let mut host = stands.swap_remove(0).1;
        self.mixed(told, &mut host);
        host
    }

    /// The one host where it holds, the other elsewhere. Both are of the same runs.
    fn either_host(&mut self, holds: Dd, one: Host, other: Host) -> Host {
        let yes = self.dds.and(one.pc, holds);
        let no = self.dds.minus(other.pc, holds);
        self.join_hosts(Host { pc: yes, ..one }, Host { pc: no, ..other })
    }

    // ---- if it is not ------------------------------------------------------------------------------

    fn until_steady(&mut self, cx: &Context, run: &Contract, stages: &[Stage<Dd>], host: &Host) -> Vec<End> {
        let mut ways =
            |this: &mut Self, around: &Around| this.one_round_of_stages(cx, run, stages, (host.clone(), around));
        let (ends, unsteady, _) = rounds(self, |this| this, &mut ways, all_clashes);
        let after = |this: &mut Self, mut host: Host| {
            this.no_longer_known(&mut host, &unsteady);
            host
        };
        ends.into_iter().map(|(first, host, value)| (first, after(self, host), value)).collect()
    }

    fn one_round_of_stages(
        &mut self,
        cx: &Context,
        run: &Contract,
        stages: &[Stage<Dd>],
        (host, around): (Host, &Around),
    ) -> (Vec<End>, Vec<Footprint>) {
        let outer_reads = self.reads.replace(Reads::default());
        let outer_written = host.written.clone();
        let put_before = self.put_before.clone();
        self.put_before = put_before.clone().and(outer_written.clone());
        let mut prints: Vec<Footprint> = stages.iter().map(|_| Footprint::default()).collect();
        let ends = self.one_by_one(&vec![true; stages.len()], host, |this, at, mut host| {
            let before = host.clone();
            host.written = Places::default();
            this.unsteady = around.branch(at);
            let stage = &stages[at];
            let mut done = Gathered::default();
            this.by_contract(cx, (Primitive::Spawn, run), &stage.words, &stage.frame, host, &mut done);
            let next = done.next.iter().map(|(host, _)| host);
            for host in next.chain(done.failed.iter().map(|failed| &failed.host)) {
                prints[at].wrote(this, host, &before);
            }
            prints[at].looked(this.reads.replace(Reads::default()).unwrap_or_default());
            done
        });
        self.reads = outer_reads;
        self.put_before = put_before;
        let written = prints.iter().fold(outer_written, |all, print| all.and(print.written.clone()));
        self.also_looked(&prints);
        let ends = ends.into_iter().map(|(first, mut host, value)| {
            host.written = written.clone();
            (first, host, value)
        });
        (ends.collect(), prints)
    }

    // ---- ends --------------------------------------------------------------------------------------

    /// How it stands after a program has ended: with its failure, if none before it has failed.
    fn ends_of_stage(&mut self, done: Gathered, first: Option<Failed>, is_read: bool) -> Vec<End> {
        let empty = self.known_text("");
        let mut ends = Vec::new();
        ends.extend(done.next.map(|(host, value)| (first.clone(), host, value)));
        for failed in done.failed {
            let mut host = failed.host.clone();
            // One that nobody reads on from has succeeded. What is told of one is told of such as are read to their end.
            if is_read && matches!(failed.kind, ErrorKind::ShellSignalKilled | ErrorKind::ShellExitNonzero) {
                let unread = self.fresh("nobody has read on");
                let fine = self.dds.and(host.pc, unread);
                ends.push((first.clone(), Host { pc: fine, ..host.clone() }, empty));
                host.pc = self.dds.minus(host.pc, unread);
            }
            ends.push((first.clone().or(Some(failed)), host, empty));
        }
        ends
    }

    /// Adds runs that stand there; those that have failed alike are put together.
    fn add_end(&mut self, ends: &mut Vec<End>, end: Option<Failed>, host: Host, value: Dd) {
        let key = |end: &Option<Failed>| end.as_ref().map(|failed| (failed.kind, failed.late));
        let Some(at) = ends.iter().position(|(other, ..)| key(other) == key(&end)) else {
            return ends.push((end, host, value));
        };
        let (other, there, known) = ends.remove(at);
        let care = self.dds.or(there.pc, host.pc);
        let cond = self.divide(there.pc, care);
        let mut choose = |a, b| self.either(cond, a, b, care);
        let value = choose(known, value);
        let end = match (other, end) {
            (Some(a), Some(b)) => {
                let (message, code) = (choose(a.message, b.message), choose(a.code, b.code));
                Some(Failed { message, code, ..a })
            }
            (other, _) => other,
        };
        let host = self.join_hosts(there, host);
        ends.push((end, host, value));
    }
}
