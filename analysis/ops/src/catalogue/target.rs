//! What hooks can be around (language §16).

use super::{Entry, Touch, find};

/// What a hook is around.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// Every op.
    Any,
    /// The ops that touch something of that sort.
    Category(Category),
    /// The op of that name.
    Op(&'static str),
}

/// A sort of things that ops touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Category {
    /// Programs.
    Exec,
    /// Other machines.
    Net,
    /// What is written, changed or removed.
    Write,
    /// What is read or looked at.
    Read,
    /// Variables of the environment.
    Env,
}

impl Category {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Exec, Self::Net, Self::Write, Self::Read, Self::Env];

    /// Its name in programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Exec => "exec",
            Self::Net => "net",
            Self::Write => "write",
            Self::Read => "read",
            Self::Env => "env",
        }
    }

    fn has(self, touch: &Touch) -> bool {
        match self {
            Self::Exec => matches!(touch, Touch::Start(_) | Touch::Shell(_)),
            Self::Net => matches!(touch, Touch::Net(_)),
            Self::Write => matches!(touch, Touch::Write(_)),
            Self::Read => matches!(touch, Touch::Read(_) | Touch::Look(_)),
            Self::Env => matches!(touch, Touch::ReadEnv(_) | Touch::WriteEnv(_)),
        }
    }
}

const ANY: &str = "any";

impl Target {
    /// The names of targets that are no ops.
    pub fn names() -> impl Iterator<Item = &'static str> {
        std::iter::once(ANY).chain(Category::ALL.map(Category::name))
    }

    /// What a name means as a target, if anything.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        if name == ANY {
            return Some(Self::Any);
        }
        let category = Category::ALL.into_iter().find(|category| category.name() == name);
        let op = || find(name).filter(|entry| !entry.is_keyword());
        category.map(Self::Category).or_else(|| op().map(|entry| Self::Op(entry.name)))
    }

    /// Its name in programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Any => ANY,
            Self::Category(category) => category.name(),
            Self::Op(name) => name,
        }
    }

    /// Whether it takes an op or a block in.
    #[must_use]
    pub fn includes(self, entry: &Entry) -> bool {
        match self {
            Self::Any => true,
            Self::Category(category) => entry.touches.iter().any(|touch| category.has(touch)),
            Self::Op(name) => entry.name == name,
        }
    }

    /// Whether a list of what may be used allows an op: by its name, or by every category that it is of. `cp` writes, so whoever allows what reads
    /// has not allowed it. What is of no category is allowed by its name alone.
    #[must_use]
    pub fn allow(listed: &[Self], entry: &Entry) -> bool {
        let is_whole = |target: &Self| !matches!(target, Self::Category(_)) && target.includes(entry);
        let mut of =
            Category::ALL.into_iter().map(Self::Category).filter(|category| category.includes(entry)).peekable();
        listed.iter().any(is_whole) || (of.peek().is_some() && of.all(|category| listed.contains(&category)))
    }

    /// Whether a hook with this target is around an op. Blocks are no ops, and around them is nothing.
    #[must_use]
    pub fn is_around(self, entry: &Entry) -> bool {
        !entry.is_keyword() && self.includes(entry)
    }
}

/// The operands that say what an op is about, the most telling first. Of two paths that is the one where something is put.
const TELLING: [&str; 9] = ["path", "url", "host", "bin", "dst", "link", "src", "name", "cmd"];

impl Entry {
    /// The positions of the operands that say what it is about, the most telling first.
    pub fn about(&self) -> impl Iterator<Item = usize> + '_ {
        TELLING.iter().filter_map(|name| self.operands.iter().position(|operand| operand.name == *name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(op: &str) -> Vec<&'static str> {
        let entry = find(op).unwrap();
        Target::names().filter(|name| Target::named(name).is_some_and(|target| target.is_around(entry))).collect()
    }

    #[test]
    fn an_op_is_of_every_sort_that_it_touches() {
        assert_eq!(around("cp"), ["any", "write", "read"]);
        assert_eq!(around("exec"), ["any", "exec"]);
        assert_eq!(around("get_env"), ["any", "env"]);
        assert_eq!(around("upper"), ["any"]);
        assert!(around("with_cwd").is_empty());
    }

    #[test]
    fn what_is_of_several_sorts_is_allowed_by_all_of_them_or_by_its_name() {
        let allow = |names: &[&str], op: &str| {
            let listed: Vec<Target> = names.iter().filter_map(|name| Target::named(name)).collect();
            Target::allow(&listed, find(op).unwrap())
        };
        assert!(allow(&["read"], "read_file") && allow(&["read"], "exists") && allow(&["exec"], "exec"));
        for op in ["cp", "mv", "copy_dir", "append_line", "tar_extract", "backup_file"] {
            assert!(!allow(&["read"], op) && !allow(&["write"], op) && !allow(&[], op), "{op}");
            assert!(allow(&["write", "read"], op) && allow(&[op], op) && allow(&["any"], op), "{op}");
        }
        assert!(!allow(&["env"], "add_to_path") && allow(&["env", "write"], "add_to_path"));
        assert!(!allow(&["net"], "download") && allow(&["net"], "http_get"));
        assert!(!allow(&["read", "write", "exec", "net", "env"], "print") && allow(&["print"], "print"));
    }

    #[test]
    fn an_op_is_its_own_target_under_all_its_names() {
        let print = Target::named("println").unwrap();
        assert!(print.is_around(find("print").unwrap()) && !print.is_around(find("upper").unwrap()));
        assert_eq!(Target::named("nothing"), None);
    }

    #[test]
    fn ops_are_about_what_they_put_somewhere() {
        let about = |op: &str| find(op).unwrap().about().collect::<Vec<_>>();
        assert_eq!(about("cp"), [1, 0]);
        assert_eq!(about("symlink"), [1]);
        assert_eq!(about("exec"), [0]);
        assert!(about("upper").is_empty());
    }
}
