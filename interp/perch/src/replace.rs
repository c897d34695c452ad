//! A file with another text in place of its own, and at no moment with anything else.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, fchown};
use std::path::Path;

use tempfile::Builder;

use crate::report::Trouble;

/// Gives a file another text. Its permissions stay, its owner where that is allowed; a link stays a link.
pub(crate) fn replace(name: &str, text: &str) -> Result<(), Trouble> {
    replaced(Path::new(name), text).map_err(|error| {
        let trouble = Trouble::usage(format!("cannot write `{name}`: {error}"));
        trouble.help("the file is as it was")
    })
}

fn replaced(name: &Path, text: &str) -> io::Result<()> {
    let place = name.canonicalize()?;
    let about = fs::metadata(&place)?;
    if about.permissions().readonly() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is marked as read-only"));
    }
    let folder = place.parent().unwrap_or(Path::new("/"));
    let mut next = Builder::new().prefix(".perch-").tempfile_in(folder)?;
    next.write_all(text.as_bytes())?;
    // Only root can give a file away, and nobody else has to.
    drop(fchown(next.as_file(), Some(about.uid()), Some(about.gid())));
    next.as_file().set_permissions(about.permissions())?;
    next.as_file().sync_all()?;
    next.persist(&place)?;
    // The new name is on the disk when its folder is.
    File::open(folder)?.sync_all()
}
