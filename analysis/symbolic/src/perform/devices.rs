//! Files that are none: what stands beneath `/dev`.
//!
//! They are written to and not replaced, and what is written there is not what is read there later.

use perch_diagram::Dd;
use perch_ops::contract::Change;
use perch_policy::path;

use crate::Symbolic;
use crate::cells::Cell;
use crate::host::Host;

/// Where devices are.
const DEVICES: &str = "/dev";

/// The one that keeps nothing.
const NULL: &str = "/dev/null";

/// What stood where something is written that may be a device.
pub(crate) struct Device {
    path: String,
    before: Dd,
}

impl Symbolic {
    /// The device that this change may write to.
    pub(super) fn device_of(&mut self, change: Change, paths: &[String], host: &Host) -> Option<Device> {
        self.device(paths.get(written(change)?)?, host)
    }

    /// The device that may be at a path.
    pub(crate) fn device(&mut self, path: &str, host: &Host) -> Option<Device> {
        if path == DEVICES || !path::within(path, DEVICES) {
            return None;
        }
        let before = self.entry(host, path);
        Some(Device { path: path.to_owned(), before })
    }

    /// Something was written there: a file that was there is what it was, and what it holds is not known, but for one.
    pub(crate) fn written_to(&mut self, device: Device, host: &mut Host) {
        let Device { path, before } = device;
        let content = if path == NULL { self.known_text("") } else { self.fresh_text("what is read from a device") };
        let still_there = self.map(content, |this, leaf| this.cell(Cell::File(leaf)));
        let was_there = self.where_cell(before, |cell| matches!(cell, Cell::File(_)));
        let after = self.entry(host, &path);
        let after = self.dds.ite(was_there, still_there, after);
        let after = self.simplified(after, host.pc);
        host.put(path, after);
    }
}

/// The path at which a change writes into what may be there.
fn written(change: Change) -> Option<usize> {
    match change {
        Change::PutFile(at, _)
        | Change::PutSent(at)
        | Change::Append(at, _)
        | Change::CopyFile(_, at)
        | Change::Pack(_, at)
        | Change::Unpack(_, at)
        | Change::PackTree(_, at) => Some(at),
        _ => None,
    }
}
