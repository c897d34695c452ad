//! Names that every program may use without binding them: language §5.4.
//!
//! What the program says of itself the evaluator knows ([`Subject`]); what the machine is comes from the domains. Here
//! they are described. None of these names is ever that of a variable of the environment.

use super::Type;

/// A name that is bound for every program.
#[derive(Debug)]
pub struct Fact {
    /// The name.
    pub name: &'static str,
    /// What its value is.
    pub ty: Type,
    /// One line for the reference.
    pub summary: &'static str,
    /// This version binds it.
    pub bound: bool,
    /// What it is about.
    pub about: Subject,
}

/// What a fact is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The machine, its user, this process.
    Machine,
    /// The version of perch.
    Perch,
    /// What the program calls itself.
    Name,
    /// What the program says of its version.
    Version,
    /// What it offers, for people.
    Offer,
    /// What it carries along.
    Bundle,
    /// The main file.
    File,
    /// The directory that holds it.
    Folder,
}

impl Fact {
    /// Whether the program says it, and not the machine.
    #[must_use]
    pub fn of_program(&self) -> bool {
        self.about != Subject::Machine
    }
}

const fn fact(name: &'static str, ty: Type, summary: &'static str) -> Fact {
    Fact { name, ty, summary, bound: true, about: Subject::Machine }
}

const fn own(about: Subject, name: &'static str, ty: Type, summary: &'static str) -> Fact {
    Fact { about, ..fact(name, ty, summary) }
}

const fn later(name: &'static str, ty: Type, summary: &'static str) -> Fact {
    Fact { bound: false, ..fact(name, ty, summary) }
}

/// All of them, in the order of the alphabet.
pub static FACTS: &[Fact] = &[
    fact("app_data_dir", Type::Path, "Directory for application data of this user."),
    fact("arch", Type::Text, "The processor architecture: `amd64`, `arm64`."),
    own(Subject::Folder, "bundle_dir", Type::Path, "Directory with the bundled files."),
    later("bundle_hash", Type::Text, "SHA-256 of the bundled files."),
    fact("cache_dir", Type::Path, "Directory for cached files of this user."),
    fact("config_dir", Type::Path, "Directory for settings of this user."),
    fact("cpu_count", Type::Int, "Number of processors."),
    fact("cwd", Type::Path, "The working directory of the moment."),
    fact("data_dir", Type::Path, "Directory for application data of this user."),
    fact("exe_dir", Type::Path, "Directory of the running executable."),
    fact("exe_ext", Type::Text, "Ending of programs: `.exe` on Windows, else nothing."),
    fact("exe_name", Type::Text, "Name of the running executable."),
    fact("exe_path", Type::Path, "Path of the running executable, links followed."),
    fact("home", Type::Path, "Home directory of this user."),
    fact("home_dir", Type::Path, "Home directory of this user."),
    fact("hostname", Type::Text, "Name of this machine."),
    fact("is_amd64", Type::Bool, "Whether `arch` is `amd64`."),
    fact("is_arm64", Type::Bool, "Whether `arch` is `arm64`."),
    fact("is_linux", Type::Bool, "Whether `os` is `linux`."),
    fact("is_macos", Type::Bool, "Whether `os` is `macos`."),
    fact("is_unix", Type::Bool, "Whether `os` is anything but `windows`."),
    fact("is_windows", Type::Bool, "Whether `os` is `windows`."),
    fact("now_unix", Type::Int, "Unix seconds at the start of the run."),
    fact("null_device", Type::Path, "The file that swallows everything."),
    fact("os", Type::Text, "The operating system: `linux`, `macos`, `windows`."),
    fact("path_list_sep", Type::Text, "What separates the directories in PATH."),
    fact("path_sep", Type::Text, "What separates the components of a path."),
    own(Subject::Perch, "perch_version", Type::Text, "Version of perch."),
    fact("pid", Type::Int, "Number of this process."),
    own(Subject::Name, "program_name", Type::Text, "`name` of the file of commands."),
    own(Subject::Version, "program_version", Type::Text, "`version` of the file of commands."),
    own(
        Subject::Folder,
        "script_dir",
        Type::Path,
        "Directory of the file of commands; of a built program, of its bundled files.",
    ),
    own(
        Subject::File,
        "script_path",
        Type::Path,
        "Path of the file of commands; `-` for standard input, empty in a built program.",
    ),
    fact("shell_name", Type::Text, "The shell of `shell`: `bash` or `cmd`."),
    fact("temp_dir", Type::Path, "Directory for temporary files."),
    fact("uid", Type::Text, "Number of this user."),
    fact("user", Type::Text, "Name of this user."),
];

/// What only ops say, with their own names: no program may name them.
pub static INNER_FACTS: &[Fact] = &[
    own(
        Subject::Bundle,
        "bundle_list",
        Type::List,
        "What the lines of `bundle` name, as paths from the directory of the main file.",
    ),
    own(Subject::Offer, "command_list", Type::Text, "What `--list` shows of the file of commands."),
    fact("is_ci", Type::Bool, "Whether a variable says that this is a build server."),
    fact("is_tty", Type::Bool, "Whether standard output is a terminal."),
    fact("os_version", Type::Text, "Version of the operating system."),
];

/// The fact of that name.
#[must_use]
pub fn fact_named(name: &str) -> Option<&'static Fact> {
    FACTS.iter().find(|fact| fact.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_order_and_there_once() {
        assert!(FACTS.windows(2).all(|pair| pair[0].name < pair[1].name));
        assert!(INNER_FACTS.iter().all(|fact| fact_named(fact.name).is_none()));
        assert!(fact_named("os").is_some_and(|fact| fact.bound) && fact_named("upper").is_none());
        assert!(FACTS.iter().all(|fact| fact.summary.ends_with('.')));
    }
}
