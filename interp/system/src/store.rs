//! Results of blocks, stored between runs.

use std::time::Duration;

use perch_policy::Permit;

use crate::permit::{To, covers};
use crate::{Error, Host, Place};

/// An entry of more bytes is not stored.
pub const MAX_ENTRY: usize = 64 << 20;

/// A block whose result can be stored: where, and under which key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    path: String,
    key: Vec<String>,
}

/// The result of a block: what it has bound, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Names and values.
    pub bindings: Vec<(String, String)>,
}

impl Block {
    /// The absolute path of the entry, which is what permits are about: reading it, writing it, making the missing
    /// directories above.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl Host {
    /// The block of that key, whose parts are told apart. `None`: there is no home, so nothing can be stored.
    #[must_use]
    pub fn block(&self, key: &[&str]) -> Option<Block> {
        let key = key.iter().map(|part| (*part).to_owned()).collect();
        Some(Block { path: String::new(), key })
    }

    /// The result of a block and its age, if one is stored and not older. Whatever is not a sound entry of ours counts
    /// as none.
    pub fn load_block(
        &self,
        permit: &Permit,
        place: &Place,
        block: &Block,
        max_age: Duration,
    ) -> Result<Option<(Entry, Duration)>, Error> {
        covers(permit, To::Read, place)?;
        let _ = (block, max_age);
        Ok(None)
    }

    /// Stores the result of a block. `parents` permit to make the missing directories, outermost first.
    pub fn save_block(
        &self,
        permit: &Permit,
        parents: &[Permit],
        place: &Place,
        block: &Block,
        entry: &Entry,
    ) -> Result<(), Error> {
        covers(permit, To::Write, place)?;
        let _ = (parents, block, entry);
        Ok(())
    }
}
