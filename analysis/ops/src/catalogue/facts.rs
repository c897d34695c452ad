//! Names that every program may use without binding them: language §5.4.
//!
//! Their values come from the domains. Here they are described, and which of them this version knows: tests
//! compare that with a run.

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
}

const fn fact(name: &'static str, ty: Type, summary: &'static str) -> Fact {
    Fact { name, ty, summary, bound: true }
}

const fn later(name: &'static str, ty: Type, summary: &'static str) -> Fact {
    Fact { bound: false, ..fact(name, ty, summary) }
}

/// All of them, in the order of the alphabet.
pub static FACTS: &[Fact] = &[
    later("app_data_dir", Type::Path, "Directory for application data of this user."),
    fact("arch", Type::Text, "The processor architecture: `amd64`, `arm64`."),
    later("bundle_dir", Type::Path, "Directory with the bundled files."),
    later("bundle_hash", Type::Text, "SHA-256 of the bundled files."),
    later("cache_dir", Type::Path, "Directory for cached files of this user."),
    later("config_dir", Type::Path, "Directory for settings of this user."),
    later("cpu_count", Type::Int, "Number of processors."),
    fact("cwd", Type::Path, "The working directory of the moment."),
    later("data_dir", Type::Path, "Directory for application data of this user."),
    later("exe_dir", Type::Path, "Directory of the running executable."),
    later("exe_ext", Type::Text, "Ending of programs: `.exe` on Windows, else nothing."),
    later("exe_name", Type::Text, "Name of the running executable."),
    later("exe_path", Type::Path, "Path of the running executable, links followed."),
    later("home", Type::Path, "Home directory of this user."),
    later("home_dir", Type::Path, "Home directory of this user."),
    later("hostname", Type::Text, "Name of this machine."),
    later("is_amd64", Type::Bool, "Whether `arch` is `amd64`."),
    later("is_arm64", Type::Bool, "Whether `arch` is `arm64`."),
    fact("is_linux", Type::Bool, "Whether `os` is `linux`."),
    fact("is_macos", Type::Bool, "Whether `os` is `macos`."),
    fact("is_unix", Type::Bool, "Whether `os` is anything but `windows`."),
    fact("is_windows", Type::Bool, "Whether `os` is `windows`."),
    later("now_unix", Type::Int, "Unix seconds at the start of the run."),
    later("null_device", Type::Path, "The file that swallows everything."),
    fact("os", Type::Text, "The operating system: `linux`, `macos`, `windows`."),
    later("path_list_sep", Type::Text, "What separates the directories in PATH."),
    later("path_sep", Type::Text, "What separates the components of a path."),
    later("perch_version", Type::Text, "Version of perch."),
    later("pid", Type::Int, "Number of this process."),
    later("program_name", Type::Text, "`name` of the file of commands."),
    later("program_version", Type::Text, "`version` of the file of commands."),
    later("script_dir", Type::Path, "Directory of the file of commands; of a built program, of its bundled files."),
    later("script_path", Type::Path, "Path of the file of commands; `-` for standard input, empty in a built program."),
    later("shell_name", Type::Text, "The shell of `shell`: `bash` or `cmd`."),
    later("temp_dir", Type::Path, "Directory for temporary files."),
    later("uid", Type::Text, "Number of this user."),
    later("user", Type::Text, "Name of this user."),
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
        assert!(fact_named("os").is_some_and(|fact| fact.bound) && fact_named("upper").is_none());
        assert!(FACTS.iter().all(|fact| fact.summary.ends_with('.')));
    }
}
