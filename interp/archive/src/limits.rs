//! How much may come of an archive.

/// Beyond these, an archive is not unpacked. None is near what people pack, and each keeps a small file from filling a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// So many bytes at most, of all entries together.
    pub bytes: u64,
    /// What is larger than this
    pub free: u64,
    /// is not made of a part of it that is smaller than one in so many.
    pub ratio: u64,
    /// So many entries at most.
    pub entries: u64,
    /// So many directories within each other at most.
    pub depth: usize,
    /// Links that take so many bytes at most, as they are made last.
    pub links: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 64 << 30, free: 256 << 20, ratio: 250, entries: 500_000, depth: 256, links: 16 << 20 }
    }
}
