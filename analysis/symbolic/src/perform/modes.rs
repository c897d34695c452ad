//! Permission bits.
//!
//! Cells have none. That no permission is missing is taken for granted of every host, and a command that takes one away can come to
//! miss it: then it is said that this is taken for granted, too.

use perch_diagram::Dd;

use crate::Symbolic;
use crate::cells::Cell;
use crate::host::Host;
use crate::record::Assumption;

/// What one needs of one's own file, and of one's own directory.
const FILE: u32 = 0o600;
const DIRECTORY: u32 = 0o700;

impl Symbolic {
    /// An entry gets these permission bits. Where they leave its owner less than is needed, something may be missing from now on.
    pub(super) fn permissions_may_go(&mut self, host: &Host, path: &str, mode: Dd) {
        let entry = self.entry(host, path);
        let taken = self.map(mode, |this, leaf| {
            let text = this.names.known(leaf);
            if text.as_deref() == Some("executable") {
                return Dd::FALSE;
            }
            let bits = text.and_then(|text| u32::from_str_radix(&text, 8).ok()).unwrap_or(0);
            let lacks = |needed: u32| bits & needed != needed;
            this.where_cell(entry, |cell| match cell {
                Cell::Dir => lacks(DIRECTORY),
                Cell::Absent => false,
                _ => lacks(FILE),
            })
        });
        let taken = self.dds.and(host.pc, taken);
        if !taken.is_false() {
            self.note_assumption(Assumption::StillPermitted, taken);
        }
    }
}
