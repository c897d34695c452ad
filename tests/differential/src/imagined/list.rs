//! What is in a directory.
//!
//! There are more names than can be gone through. When somebody asks for all, those that anything is known of may be there, and
//! one that nobody has spoken of. Then there are no others.

use std::collections::BTreeSet;

use perch_ops::ErrorKind;
use perch_ops::search::Search;
use perch_policy::path;

use super::{Done, Imagined, Job, Origin, Rest, Standing, Want};

/// What nobody has spoken of.
const OTHER: &str = "other";

impl Imagined<'_> {
    pub(super) fn list(&mut self, job: &Job<'_>) -> Done {
        let place = self.go(&job.path(0)?, true, &[Want::Read])?;
        place.directory()?;
        let search = Search::named(job.text(1), job.text(2)).ok_or(ErrorKind::InvalidArgument)?;
        let mut found = Vec::new();
        self.find(&place.resolved, "", &search, &mut found);
        found.sort();
        Ok(found.join("\n"))
    }

    fn find(&mut self, dir: &str, below: &str, search: &Search, found: &mut Vec<String>) {
        for name in self.all_names(dir) {
            let at = path::join(dir, &name);
            let below = if below.is_empty() { name } else { path::join(below, &name) };
            let there = self.standing(&at);
            if there == Standing::Absent {
                continue;
            }
            let is_dir = there == Standing::Dir;
            if search.finds(&below, is_dir) {
                found.push(below.clone());
            }
            if is_dir && search.enters(&below) {
                self.find(&at, &below, search, found);
            }
        }
    }

    /// The names that may stand in a directory.
    fn all_names(&mut self, dir: &str) -> BTreeSet<String> {
        let mut names = self.names_in([dir, dir]);
        let rest = self.rests.get(dir).cloned().unwrap_or(Rest::Empty);
        let mut origins = Vec::new();
        origins_of(&rest, &mut origins);
        for origin in &origins {
            names.extend(self.names_at(origin));
        }
        for name in &names {
            self.standing(&path::join(dir, name));
            // Looked at now, for nobody can look at it for the first time once all are known.
            for (epoch, base) in &origins {
                self.seen(&(*epoch, path::join(base, name)));
            }
        }
        self.listed.extend(origins);
        names
    }

    fn names_at(&self, (epoch, base): &Origin) -> BTreeSet<String> {
        let past = self.chosen.keys().chain(self.before.keys()).map(|(_, path)| path);
        let known = self.universe.facts.files.keys().chain(past);
        let inside = known.filter(|path| path.as_str() != "/" && path::parent(path) == base);
        let mut names: BTreeSet<String> = inside.map(|path| path::base(path).to_owned()).collect();
        if !self.listed.contains(&(*epoch, base.clone())) {
            names.insert(OTHER.to_owned());
        }
        names
    }
}

fn origins_of(rest: &Rest, origins: &mut Vec<Origin>) {
    match rest {
        Rest::Empty => {}
        Rest::Was(origin) => origins.push(origin.clone()),
        Rest::Both(a, b) => {
            origins_of(a, origins);
            origins_of(b, origins);
        }
    }
}
