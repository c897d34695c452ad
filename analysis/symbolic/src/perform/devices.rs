//! Files that are none: what stands beneath `/dev`, and what was found to be neither file, directory nor link.
//!
//! They are written to and not replaced, and what is written there is not what is read there later. What is read twice may be two texts.

use perch_diagram::{Dd, Leaf};
use perch_ops::ErrorKind;
use perch_ops::contract::{Change, Yields};
use perch_policy::path;

use crate::Symbolic;
use crate::cells::{Cell, HoleKey, Means, Piece};
use crate::facts::{DEVICES, SYSTEMS_OWN, Stated, is_among_devices};
use crate::host::Host;
use crate::made::shown;
use crate::rights::NOT_DONE;

use super::{Case, Gathered, Why};

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
        let before = self.entry(host, path);
        let is_there = is_among_devices(path) || !self.where_special(before).is_false();
        is_there.then(|| Device { path: path.to_owned(), before })
    }

    /// Where that stands at a path which was found to hold nothing by itself.
    fn where_special(&mut self, entry: Dd) -> Dd {
        if self.facts.special.is_empty() {
            return Dd::FALSE;
        }
        self.map(entry, |this, leaf| match *this.names.cell(leaf) {
            Cell::File(content) if this.special(content).is_some() => Dd::TRUE,
            _ => Dd::FALSE,
        })
    }

    /// Where that was found, if a content is that of such a thing.
    fn special(&self, content: Leaf) -> Option<&str> {
        let [Piece::Hole(hole)] = *self.names.pieces(content)?.as_slice() else { return None };
        match self.names.hole_key(hole) {
            HoleKey::Content(0, path) => self.facts.special.get(&**path).map(String::as_str),
            _ => None,
        }
    }

    /// What is read where that is the content.
    pub(crate) fn read_from(&mut self, content: Leaf) -> Leaf {
        match self.special(content) {
            Some(NULL) => self.names.text(""),
            Some(_) => {
                let number = self.number();
                self.names.unknown(HoleKey::Fresh(number, "what is read from a device"))
            }
            None => content,
        }
    }

    /// What holds nothing by itself may refuse to be read or written to, but for the one that keeps nothing.
    pub(crate) fn as_held(&mut self, case: &Case<'_>, read: &[usize], host: Host, all: &mut Gathered) -> Option<Host> {
        let mut host = host;
        let written = written(case.contract.change);
        for at in read.iter().copied().chain(written) {
            let path = &case.paths[at];
            let entry = self.entry(&host, path);
            for (leaf, when) in self.dds.cases(entry, host.pc) {
                let Cell::File(content) = *self.names.cell(leaf) else { continue };
                let Some(found) = self.special(content).filter(|found| *found != NULL) else { continue };
                let says = says_special(found);
                let no_text = matches!(case.contract.yields, Yields::Content(of) if of == at);
                let kinds = [ErrorKind::IoError, ErrorKind::FilePermissionDenied, ErrorKind::ParseFailed];
                for kind in kinds.into_iter().filter(|kind| *kind != ErrorKind::ParseFailed || no_text) {
                    let perhaps = self.fresh_meaning(NOT_DONE, refuses(path));
                    let perhaps = self.dds.and(when, perhaps);
                    host = self.fail(host, perhaps, &Why::new(kind, says.clone()), all)?;
                }
            }
        }
        Some(host)
    }

    /// Whether a file at the path of the device that keeps nothing is certain to be that device.
    fn is_null_still(&mut self, host: &Host) -> bool {
        let was_there = matches!(self.facts.files.get(NULL), Some(Stated::File(_)));
        let is_left = host.written.leave_file(NULL) && self.put_before.leave_file(NULL);
        let is_written_to = was_there && is_left && self.levels.is_empty() && !self.is_changed_by_others(NULL);
        is_written_to || self.is_untouched(host, NULL)
    }

    /// Where what stands at a path is a device: as far as that was looked up, and at the path of the one that keeps nothing as long as
    /// nothing can have taken its place.
    fn where_device(&mut self, host: &Host, path: &str) -> Dd {
        let is_null = path == NULL && self.is_null_still(host);
        let entry = self.entry(host, path);
        self.map(entry, |this, leaf| match *this.names.cell(leaf) {
            Cell::File(content) => match this.special(content) {
                Some(found) if this.facts.devices.contains(found) => Dd::TRUE,
                None if is_null => Dd::TRUE,
                None if is_among_devices(path) => {
                    let [yes, no] = ["is", "is not"].map(|is| format!("`{}` {is} a device", shown(path)).into());
                    this.fresh_meaning("it is a device", Means { yes, no })
                }
                _ => Dd::FALSE,
            },
            _ => Dd::FALSE,
        })
    }

    /// Where an op writes to what stands at a path, and does not touch the directory in which that is. Where that may not be changed, nothing
    /// has taken the place of the one that keeps nothing.
    pub(crate) fn where_written_in_place(&mut self, case: &Case<'_>, host: &Host, path: &str) -> Dd {
        if written(case.contract.change).is_none_or(|at| case.paths[at] != path) {
            return Dd::FALSE;
        }
        let entry = self.entry(host, path);
        if path == NULL {
            return self.where_cell(entry, |cell| matches!(cell, Cell::File(_)));
        }
        let special = self.where_special(entry);
        let device = self.where_device(host, path);
        self.dds.or(special, device)
    }

    /// A device is neither removed nor replaced. Whether it is one, only the machine knows.
    pub(super) fn as_kept(&mut self, case: &Case<'_>, host: Host, all: &mut Gathered) -> Option<Host> {
        let mut host = host;
        for at in put_away(case.contract.change) {
            let path = &case.paths[at];
            let is_one = self.where_device(&host, path);
            let is = if path == NULL || self.facts.devices.contains(path) { "is" } else { "may be" };
            let says = format!("`{path}` {is} a device, which is neither removed nor replaced");
            host = self.fail(host, is_one, &Why::new(ErrorKind::IoError, says), all)?;
        }
        let (Change::CopyTree(_, to) | Change::UnpackTree(_, to)) = case.contract.change else { return Some(host) };
        let into = &case.paths[to];
        let among = path::within(DEVICES, into).then(|| DEVICES.to_owned());
        let among = among.or_else(|| is_among_devices(into).then(|| into.clone()));
        let known = self.facts.devices.iter().find(|device| path::within(device, into)).cloned();
        let Some(device) = known.or(among) else { return Some(host) };
        let [yes, no] = ["", "no "].map(|no| format!("{no}device is in the way beneath `{}`", shown(into)).into());
        let meets_one = self.fresh_meaning("a device is in the way", Means { yes, no });
        let says = format!("`{device}` may be a device, or hold one, which is neither removed nor replaced");
        self.fail(host, meets_one, &Why::new(ErrorKind::IoError, says), all)
    }

    /// Something was written there: a file that was there is what it was, and what it holds is not known, but for one. What was found to hold
    /// nothing by itself is what it was.
    pub(crate) fn written_to(&mut self, device: Device, host: &mut Host) {
        let Device { path, before } = device;
        let content = if path == NULL { self.known_text("") } else { self.fresh_text("what is read from a device") };
        let still_there = self.map(content, |this, leaf| this.cell(Cell::File(leaf)));
        let is_device = is_among_devices(&path);
        let special = self.where_special(before);
        let was_there = self.where_cell(before, |cell| is_device && matches!(cell, Cell::File(_)));
        let after = self.entry(host, &path);
        let after = self.dds.ite(was_there, still_there, after);
        let after = self.dds.ite(special, before, after);
        let after = self.simplified(after, host.pc);
        let before = host.written.clone();
        host.put(path.as_str(), after);
        if self.dds.leaves(after).into_iter().all(|leaf| matches!(self.names.cell(leaf), Cell::File(_))) {
            host.put_was_file(&path, &before);
        }
    }
}

/// That a device does not do what it is asked for, or does.
fn refuses(path: &str) -> Means {
    let [yes, no] = ["refuses", "allows"].map(|does| format!("`{}` {does} what is asked of it", shown(path)).into());
    Means { yes, no }
}

/// What stands in the way of taking what is there for a file.
pub(crate) fn says_special(path: &str) -> String {
    if SYSTEMS_OWN.iter().any(|root| path::within(path, root)) {
        return format!("what is in `{path}` is made up by the system as it is read");
    }
    format!("`{path}` is neither a file nor a directory nor a link")
}

/// The paths at which a change takes away what is there.
fn put_away(change: Change) -> Vec<usize> {
    match change {
        Change::Remove(at) | Change::PutLink(at, _) => vec![at],
        Change::Move(from, to) => vec![from, to],
        _ => Vec::new(),
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
