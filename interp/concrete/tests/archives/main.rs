//! Archives: what is packed comes out again, others can read it, and what others have packed does no harm.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod attacks;
mod both_ways;
#[path = "../common/mod.rs"]
mod common;
mod made;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use common::Rig;
use made::Tar;

impl Rig {
    /// What comes of unpacking that to `root/new`.
    pub(crate) fn unpacked(&self, archive: Vec<u8>) -> &'static str {
        fs::write(self.path("root/a.tgz"), archive).unwrap();
        self.ended("tar_extract root/a.tgz root/new")
    }

    /// The kind of the failure; nothing if there is none.
    pub(crate) fn ended(&self, body: &str) -> &'static str {
        self.run(body).kind
    }

    /// It is refused, and nothing is left of it, anywhere.
    pub(crate) fn refuses(&self, archive: Tar, kind: &str) {
        let ran = self.unpacked(archive.end());
        assert_eq!(ran, kind);
        assert_eq!((self.names("root"), self.names("out")), (vec!["a.tgz".to_owned()], vec!["secret".to_owned()]));
        assert_eq!(self.text("out/secret"), "secret");
    }

    /// The same for a zip file.
    pub(crate) fn refuses_zip(&self, archive: Vec<u8>, kind: &str) {
        fs::write(self.path("root/a.zip"), archive).unwrap();
        assert_eq!(self.ended("zip_extract root/a.zip root/new"), kind);
        assert_eq!((self.names("root"), self.names("out")), (vec!["a.zip".to_owned()], vec!["secret".to_owned()]));
        assert_eq!(self.text("out/secret"), "secret");
    }

    pub(crate) fn mode(&self, name: &str) -> u32 {
        fs::metadata(self.path(name)).unwrap().permissions().mode() & 0o7777
    }
}
