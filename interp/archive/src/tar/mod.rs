//! Tar files that are compressed by gzip.

mod read;
mod write;

pub(crate) use read::untar;
pub(crate) use write::TarFile;
