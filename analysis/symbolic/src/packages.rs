//! Packages of which a description tells what they are.
//!
//! What is told is told of the manager that the machine has, when it is started as the ops start it: what it answers, and how it ends. So it is
//! as good for a program of a file that starts it with the same words. From then on it is known what the package has become; whatever else
//! may manage packages leaves nothing known of any.

use std::collections::BTreeMap;
use std::rc::Rc;

use perch_diagram::Dd;
use perch_engine::Test;
use perch_ops::contract::Yields;
use perch_ops::{Answer, Errand, ErrorKind, IS_INSTALLED, MANAGERS, Manager, Pure, Sent};
use perch_policy::path;

use crate::Symbolic;
use crate::cells::Cell;
use crate::consulted::Oracle;
use crate::facts::{Packaged, ProgramFact};
use crate::host::Host;
use crate::perform::{Case, Gathered, Why};
use crate::record::{About, Assumption};
use crate::values::PRINTED;

impl Symbolic {
    /// What is told of packages.
    pub(crate) fn packages_at_start(&mut self) -> Dd {
        let told = self.facts.packages.iter().map(|(name, is)| (Rc::from(name.as_str()), *is)).collect();
        self.cell(Cell::Packages(Rc::new(told)))
    }

    pub(crate) fn no_packages_known(&mut self) -> Dd {
        self.cell(Cell::Packages(Rc::default()))
    }

    /// Packages may have come and gone.
    pub(crate) fn packages_unknown(&mut self, host: &mut Host) {
        if !self.facts.packages.is_empty() {
            host.packages = self.no_packages_known();
            host.written.packages |= !host.mended;
        }
    }

    fn where_package_is(&mut self, host: &Host, name: &str, is: Packaged) -> Dd {
        let packages = self.packages(host);
        self.where_cell(packages, |cell| matches!(cell, Cell::Packages(known) if known.get(name) == Some(&is)))
    }

    fn put_package(&mut self, host: &mut Host, name: &str, is: Packaged) {
        let packages = self.packages(host);
        host.written.packages |= !host.mended;
        host.packages = self.map(packages, |this, leaf| {
            let mut known: BTreeMap<Rc<str>, Packaged> = match this.names.cell(leaf) {
                Cell::Packages(known) => (**known).clone(),
                _ => BTreeMap::new(),
            };
            known.insert(name.into(), is);
            this.cell(Cell::Packages(Rc::new(known)))
        });
    }

    /// Whether what is started may install or remove packages, by its words.
    pub(crate) fn may_manage_packages(&self, case: &Case<'_>) -> bool {
        if self.facts.packages.is_empty() {
            return false;
        }
        let line = self.command_line(case);
        let is_part_of_name = |c: char| c.is_alphanumeric() || "-_.".contains(c);
        let mut named = line.split(|c| !is_part_of_name(c));
        let words = self.known_words(case);
        // What is told of a line is told of all of it.
        if words.is_none() && case.line.is_none() {
            return self.starts_manager(case);
        }
        let words = words.unwrap_or_default();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let only_asks = perch_ops::sent(&words).is_some_and(|sent| sent.errand == Errand::Ask);
        !only_asks && named.any(is_manager)
    }

    /// Whether what is started is the program of a manager, or `sudo`, whatever its other words.
    fn starts_manager(&self, case: &Case<'_>) -> bool {
        self.known_operand(case, 0).text().is_some_and(|bin| perch_ops::manages(path::base(bin)))
    }

    /// A program runs of whose words nothing is told. Where it is the manager of the machine, sent for a package of which it is known what it is,
    /// it does what follows from that; gives the other runs.
    pub(crate) fn sent_for_package(&mut self, case: &Case<'_>, host: Host, all: &mut Gathered) -> Option<Host> {
        if self.facts.packages.is_empty() {
            return Some(host);
        }
        let Some(words) = self.known_words(case) else {
            if self.starts_manager(case) {
                self.consulted.is_not_clear(Oracle::Packages);
            }
            return Some(host);
        };
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let Some(sent) = perch_ops::sent(&words) else { return Some(host) };
        self.consulted.asks(Oracle::Packages, sent.package);
        if self.facts.packages.contains_key(sent.package) {
            self.consulted.uses(Oracle::Packages, sent.package);
        }
        let is_sent = self.where_manager_is_sent(&sent, &host);
        let mut left = host.pc;
        for is in [Packaged::Installed, Packaged::Available, Packaged::Missing] {
            let is_so = self.where_package_is(&host, sent.package, is);
            let is_so = self.dds.and(is_sent, is_so);
            let is_so = self.decided(is_so);
            let is_so = self.condition_within_budget(is_so);
            let here = self.dds.and(left, is_so);
            left = self.dds.minus(left, is_so);
            if !here.is_false() {
                self.manages(case, &sent, is, Host { pc: here, ..host.clone() }, all);
            }
        }
        (!left.is_false()).then_some(Host { pc: left, ..host })
    }

    /// Where the one that is sent is the manager of the machine, and may do what it is sent for.
    fn where_manager_is_sent(&mut self, sent: &Sent<'_>, host: &Host) -> Dd {
        let raised = if sent.by_sudo || sent.errand == Errand::Ask { Dd::TRUE } else { self.where_fact_is("uid", "0") };
        sent.managers.iter().fold(Dd::FALSE, |any, manager| {
            let is = self.where_manager_is(manager, host);
            let may = if manager.privileged { self.dds.and(is, raised) } else { is };
            self.dds.or(any, may)
        })
    }

    fn where_manager_is(&mut self, manager: &Manager, host: &Host) -> Dd {
        let mut is = self.where_fact_is(manager.system, "true");
        let all = MANAGERS.iter().filter(|other| other.system == manager.system);
        for other in all.take_while(|other| other.name != manager.name) {
            let there = self.on_path(host, other.bin);
            is = self.dds.minus(is, there);
        }
        let there = self.on_path(host, manager.bin);
        self.dds.and(is, there)
    }

    fn where_fact_is(&mut self, name: &str, text: &str) -> Dd {
        let value = self.machine_fact(name).unwrap_or(Dd::FALSE);
        self.map(value, |this, leaf| this.equals_literal(leaf, text))
    }

    /// The manager does what it is sent for.
    fn manages(&mut self, case: &Case<'_>, sent: &Sent<'_>, is: Packaged, host: Host, all: &mut Gathered) {
        let becomes = match (sent.errand, is) {
            (Errand::Ask, _) => return self.answers(case, sent, is, host, all),
            (Errand::Install, Packaged::Missing) => None,
            (Errand::Install, _) => Some(Packaged::Installed),
            (Errand::Remove, Packaged::Installed) => Some(Packaged::Available),
            (Errand::Remove, _) => Some(is),
        };
        let Some(mut host) = self.stopped(case, None, host, all) else { return };
        let known = host.packages;
        self.leave_frame_unknown(case, &mut host);
        host.packages = known;
        if self.facts.packages.len() > 1 {
            self.note_assumption(Assumption::PackagesApart, host.pc);
        }
        match becomes {
            None => self.refuses_all(case, sent, host, all),
            // To remove what is not there is an error to one manager, and nothing to do for another.
            Some(same) if same == is && sent.errand == Errand::Remove => {
                self.ends_somehow(case, false, None, host, all);
            }
            Some(other) => {
                self.put_package(&mut host, sent.package, other);
                let value = self.printed(case);
                self.ends(case, 0, value, host, all);
            }
        }
    }

    /// It ends with a status other than 0. Where that is mended, it is as if it had not.
    fn refuses_all(&mut self, case: &Case<'_>, sent: &Sent<'_>, host: Host, all: &mut Gathered) {
        let mended = self.refuses(case, sent, Dd::TRUE, host, all);
        let value = self.fresh_text(PRINTED);
        self.gather_next(all, mended, value);
    }

    /// It ends with a status other than 0 where that holds; gives the other runs.
    fn refuses(&mut self, case: &Case<'_>, sent: &Sent<'_>, when: Dd, host: Host, all: &mut Gathered) -> Option<Host> {
        let some = self.exit_status(case);
        let zero = self.is_zero(some);
        let one = self.known_text("1");
        let code = self.dds.ite(zero, one, some);
        let fails = self.dds.and(host.pc, when);
        if case.contract.yields == Yields::Status {
            let left = self.dds.minus(host.pc, fails);
            let failed = Host { pc: fails, ..host.clone() };
            self.gather_next(all, (!fails.is_false()).then_some(failed), code);
            return (!left.is_false()).then_some(Host { pc: left, ..host });
        }
        let package = sent.package;
        let told = match sent.errand {
            Errand::Ask => format!("package `{package}` is not installed"),
            Errand::Install | Errand::Remove => format!("there is no package `{package}`"),
        };
        let says = format!("`{}` ends with a status other than 0: {told}", self.command_line(case));
        let why = Why { code: Some(code), ..Why::new(ErrorKind::ShellExitNonzero, says) };
        let why = why.about(Some(About::Package(package.to_owned())));
        self.fail_then(host, fails, &why, all, |this, mut host| {
            this.put_package(&mut host, package, Packaged::Installed);
            host
        })
    }

    /// The manager is asked, which changes nothing.
    fn answers(&mut self, case: &Case<'_>, sent: &Sent<'_>, is: Packaged, host: Host, all: &mut Gathered) {
        let Some(host) = self.stopped(case, Some(&ProgramFact::default()), host, all) else { return };
        let Some(answer) = sent.managers.first().map(|manager| manager.answer) else { return };
        let printed = self.printed(case);
        let says_yes = self.where_it_says_yes(answer, printed);
        let is_there = is == Packaged::Installed;
        // Whatever it prints, it is something that says this.
        let (yes, no) = match answer {
            Answer::Ending | Answer::Anything => (sent.package, ""),
            Answer::Installed => (IS_INSTALLED, ""),
        };
        let (yes, no) = (self.known_text(yes), self.known_text(no));
        let value = match (answer, is_there) {
            (Answer::Ending, _) => printed,
            (_, true) => self.dds.ite(says_yes, printed, yes),
            (_, false) => self.dds.ite(says_yes, no, printed),
        };
        let refused = match (answer, is_there) {
            (_, true) => Dd::FALSE,
            (Answer::Ending, false) => Dd::TRUE,
            (_, false) => self.fresh("who is asked for a package that is not there fails"),
        };
        let left = if refused.is_false() { Some(host) } else { self.refuses(case, sent, refused, host, all) };
        if let Some(host) = left {
            self.ends(case, 0, value, host, all);
        }
    }

    /// Where an answer that ends with status 0 says yes.
    fn where_it_says_yes(&mut self, answer: Answer, printed: Dd) -> Dd {
        match answer {
            Answer::Ending => Dd::TRUE,
            Answer::Anything => {
                let nothing = self.map(printed, |this, leaf| this.equals_literal(leaf, ""));
                self.dds.not(nothing)
            }
            Answer::Installed => {
                let is_installed = self.known_text(IS_INSTALLED);
                let says = self.pure_value(Pure::Contains, &[printed, is_installed]);
                self.condition(&Test::Truth(&says))
            }
        }
    }
}

/// Whether it is the name of a manager, or of a program of one: not of `sudo`, which may start anything.
fn is_manager(word: &str) -> bool {
    word != "sudo" && (perch_ops::manages(word) || MANAGERS.iter().any(|manager| manager.name == word))
}
