//! Does the permit fit the act? What was decided about is compared with what is touched.

use perch_policy::{Effect, Known, Permit};

use crate::{Cause, Error, Place};

/// What an act does to a place.
#[derive(Clone, Copy)]
pub(crate) enum To {
    Read,
    Write,
    Delete,
}

/// Fails unless the permit is for this, at this place.
pub(crate) fn covers(permit: &Permit, to: To, place: &Place) -> Result<(), Error> {
    covers_path(permit, to, place.resolved())
}

/// Fails unless the permit is for this, at this resolved path.
pub(crate) fn covers_path(permit: &Permit, to: To, path: &str) -> Result<(), Error> {
    let permitted = match (to, permit.effect()) {
        (To::Read, Effect::Read(path)) | (To::Write, Effect::Write(path)) | (To::Delete, Effect::Delete(path)) => path,
        _ => return Err(Error::new(path, Cause::Unpermitted)),
    };
    if permitted.text() == Some(path) { Ok(()) } else { Err(Error::new(path, Cause::Unpermitted)) }
}

/// The text that a permit names.
pub(crate) fn known(text: &Known) -> Result<&str, Error> {
    text.text().ok_or_else(|| Error::new("", Cause::Unpermitted))
}
