//! Variables of the environment: those of the host, and what the program has made of them.
//!
//! What the program sets and takes away is in the frame, under hidden names, like a binding. Where the name of a variable is not
//! known, one of those that are spoken of may be it; of all others the frame remembers that some variable was changed, and each look at
//! one of them gives what the host has or anything else.

use perch_diagram::Dd;
use perch_engine::Frame;
use perch_engine::domain::Own;
use perch_engine::flows::hidden;

use crate::Symbolic;
use crate::cells::Cell;

impl Symbolic {
    /// The value of a variable for the program, `Unbound` where it is not set.
    pub(crate) fn variable_in(&mut self, frame: &Frame<Dd>, name: &str) -> Dd {
        let of_host = self.variable_value(name);
        let (value, taken) = self.made_of(frame, name);
        let unbound = self.cell(Cell::Unbound);
        let else_ = self.dds.ite(taken, unbound, of_host);
        let touched = self.is_bound(value);
        self.dds.ite(touched, value, else_)
    }

    /// Where the program has set a variable or taken it away.
    pub(crate) fn is_of_program(&mut self, frame: &Frame<Dd>, name: &str) -> Dd {
        let (value, taken) = self.made_of(frame, name);
        let set = self.is_bound(value);
        self.dds.or(set, taken)
    }

    /// What the program has made of a variable: its value, `Unbound` where it has not set it; where it has taken it away.
    fn made_of(&mut self, frame: &Frame<Dd>, name: &str) -> (Dd, Dd) {
        let value = self.in_frame(frame, &hidden::variable(name));
        let taken = self.in_frame(frame, &hidden::taken(name));
        let taken = self.is_bound(taken);
        let some = self.in_frame(frame, hidden::SOME_VARIABLE);
        let some = self.is_bound(some);
        if some.is_false() {
            return (value, taken);
        }
        let set = self.is_bound(value);
        let known = self.dds.or(set, taken);
        let this = self.fresh("this is the variable that was changed");
        let perhaps = self.dds.and(some, this);
        let changed = self.dds.minus(perhaps, known);
        let still_set = self.fresh("the variable that was changed is set");
        let is_set = self.dds.and(changed, still_set);
        let gone = self.dds.minus(changed, still_set);
        let text = self.fresh_text("value of a variable that was changed");
        (self.dds.ite(is_set, text, value), self.dds.or(taken, gone))
    }

    pub(crate) fn own_variable_of(&mut self, frame: &Frame<Dd>, name: &str) -> Own<Dd> {
        let (value, taken) = self.made_of(frame, name);
        let [unbound, mark] = [self.cell(Cell::Unbound), self.known_text("")];
        let taken = self.dds.ite(taken, mark, unbound);
        let there = |dd: Dd| (dd != unbound).then_some(dd);
        Own { value: there(value), taken: there(taken) }
    }

    /// Sets a variable, or takes it away.
    pub(crate) fn change_variable(&mut self, frame: &mut Frame<Dd>, name: Dd, value: Option<Dd>) {
        let name = self.expanded(name);
        let [unbound, mark] = [self.cell(Cell::Unbound), self.known_text("")];
        let (set, taken) = (value.unwrap_or(unbound), if value.is_some() { unbound } else { mark });
        let mut unknown = Dd::FALSE;
        for (leaf, when) in self.dds.cases(name, Dd::TRUE) {
            if let Some(text) = self.names.known(leaf) {
                self.put_when(frame, &hidden::variable(&text), when, set);
                self.put_when(frame, &hidden::taken(&text), when, taken);
                continue;
            }
            unknown = self.dds.or(unknown, when);
            let spoken_of = frame.bindings.keys();
            let spoken_of = spoken_of.filter_map(|name| hidden::as_variable(name).or_else(|| hidden::as_taken(name)));
            let mut spoken_of: Vec<String> = spoken_of.map(str::to_owned).collect();
            spoken_of.sort_unstable();
            spoken_of.dedup();
            for other in spoken_of {
                let is = self.equals_literal(leaf, &other);
                let when = self.dds.and(when, is);
                self.put_when(frame, &hidden::variable(&other), when, set);
                self.put_when(frame, &hidden::taken(&other), when, taken);
            }
        }
        self.put_when(frame, hidden::SOME_VARIABLE, unknown, mark);
    }

    /// Some variable may have been changed.
    pub(crate) fn variables_may_change(&mut self, frame: &mut Frame<Dd>) {
        let name = self.fresh_text("name of a variable");
        let value = self.fresh_text("value of a variable that was changed");
        self.change_variable(frame, name, Some(value));
    }

    fn put_when(&mut self, frame: &mut Frame<Dd>, name: &str, when: Dd, value: Dd) {
        let before = self.in_frame(frame, name);
        let after = self.dds.ite(when, value, before);
        if after == self.cell(Cell::Unbound) {
            frame.bindings.remove(name);
        } else {
            frame.bindings.insert(name.into(), after);
        }
    }

    fn in_frame(&mut self, frame: &Frame<Dd>, name: &str) -> Dd {
        frame.bindings.get(name).copied().unwrap_or_else(|| self.cell(Cell::Unbound))
    }

    fn is_bound(&mut self, value: Dd) -> Dd {
        let unbound = self.where_cell(value, |cell| matches!(cell, Cell::Unbound));
        self.dds.not(unbound)
    }
}
