//! Packing and unpacking. What is packed is kept as it is, behind a sign that no text has; a packed tree, at a path that no program can name.

use perch_ops::ErrorKind;
use perch_policy::path;
use perch_symbolic::facts::Stated;

use super::{Content, Done, Imagined, Job, Place, Rest, Standing};

/// Begins what is compressed.
const PACKED: &str = "\u{1f}";

/// Behind it, begins what is a packed tree.
const TREE: &str = "tree ";

impl Imagined<'_> {
    pub(super) fn compress(&mut self, job: &Job<'_>) -> Done<()> {
        let [source, target] = self.file_and_target(job)?;
        let Standing::File(content) = source.there else { return Err(ErrorKind::IoError.into()) };
        let packed = format!("{PACKED}{}", self.read(&content));
        self.put_packed(&target, packed);
        Ok(())
    }

    pub(super) fn decompress(&mut self, job: &Job<'_>) -> Done<()> {
        let [source, target] = self.file_and_target(job)?;
        let packed = self.content_of(&source, |_| "packed".to_owned())?;
        let content = packed.strip_prefix(PACKED).ok_or(ErrorKind::ParseFailed)?;
        self.put_packed(&target, content.to_owned());
        Ok(())
    }

    fn put_packed(&mut self, target: &Place, content: String) {
        // A real host has other bytes.
        self.unreal = true;
        self.put(&target.resolved, Standing::File(Content::Is(content)));
    }

    pub(super) fn pack_tree(&mut self, job: &Job<'_>) -> Done<()> {
        let [source, target] = self.source_and_target(job)?;
        source.directory()?;
        target.parent()?;
        target.not_directory()?;
        if path::within(&target.resolved, &source.resolved) {
            return Err(ErrorKind::InvalidArgument.into());
        }
        let kept = self.new_archive(job);
        self.put_tree(&source.resolved, &place_of(&kept));
        self.put_packed(&target, format!("{PACKED}{kept}"));
        Ok(())
    }

    /// The name of a new archive.
    fn new_archive(&mut self, job: &Job<'_>) -> String {
        self.archives += 1;
        format!("{TREE}{} {}", job.text(2), self.archives)
    }

    pub(super) fn unpack_tree(&mut self, job: &Job<'_>) -> Done<()> {
        let [source, target] = self.source_and_target(job)?;
        source.file()?;
        if target.obstacle == Some(true) || matches!(target.there, Standing::File(_)) {
            return Err(ErrorKind::NotADirectory.into());
        }
        self.may_make_parents(&target)?;
        let packed = self.content_of(&source, |this| this.somebodys_archive(job))?;
        let begins = format!("{TREE}{} ", job.text(2));
        let kept =
            packed.strip_prefix(PACKED).filter(|kept| kept.starts_with(&begins)).ok_or(ErrorKind::ParseFailed)?;
        let (from, to) = (place_of(kept), &target.resolved);
        if !self.is_known(&from) && self.tape.choose(3) == 0 {
            // Whether something in it leads elsewhere is not looked at here.
            return Err(ErrorKind::FilePathDisallowed.into());
        }
        if target.there == Standing::Dir && self.clash(&from, to) {
            return Err(ErrorKind::FileAlreadyExists.into());
        }
        self.make_parents(&target)?;
        self.merge(&from, to);
        Ok(())
    }

    /// Whether all beneath a directory follows from the fixture and what the run has done, and is directories and files.
    fn is_known(&mut self, dir: &str) -> bool {
        let mut names = self.names_in([dir, dir]);
        match self.rests.get(dir) {
            None | Some(Rest::Empty) => {}
            Some(Rest::Was((0, was))) => {
                let files = &self.universe.facts.files;
                if files.get(was) != Some(&Stated::Dir { closed: true }) {
                    return false;
                }
                let inside = files.keys().filter(|path| path::parent(path) == was && *path != was);
                names.extend(inside.map(|path| path::base(path).to_owned()));
            }
            Some(_) => return false,
        }
        names.iter().all(|name| {
            let path = path::join(dir, name);
            match self.standing(&path) {
                Standing::Absent | Standing::File(Content::Is(_)) => true,
                Standing::Dir => self.is_known(&path),
                _ => false,
            }
        })
    }

    /// What somebody else has packed.
    fn somebodys_archive(&mut self, job: &Job<'_>) -> String {
        let kept = self.new_archive(job);
        let at = place_of(&kept);
        self.put_dir(&at);
        self.put(&path::join(&at, "a"), Standing::File(Content::Is("packed".to_owned())));
        kept
    }

    /// The content of the file at a place. One that nobody has read may be compressed, and then it is what `or` says.
    fn content_of(&mut self, place: &Place, or: impl Fn(&mut Self) -> String) -> Done {
        let Standing::File(content) = &place.there else { return Err(ErrorKind::IoError.into()) };
        if let Content::Unread(origin) = content
            && !self.contents.contains_key(origin)
        {
            self.unreal = true;
            if self.tape.choose(2) == 0 {
                let packed = format!("{PACKED}{}", or(self));
                self.contents.insert(origin.clone(), packed);
            }
        }
        Ok(self.read(content))
    }
}

fn place_of(kept: &str) -> String {
    format!("/\0/{kept}")
}
