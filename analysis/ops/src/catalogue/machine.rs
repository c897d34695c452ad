//! What facts of a machine are made of: language §5.4.
//!
//! Most facts follow from a few others: the system, the variables that perch was started with, the user. How they do is said
//! here once, for whoever knows these. Where not all of them are known, [`by_windows`] and [`user_dir`] still say what a fact
//! hangs on.

use perch_policy::path;

/// A variable that is set, and not to nothing, on a build server.
pub const CI_VARIABLES: &[&str] =
    &["CI", "GITHUB_ACTIONS", "GITLAB_CI", "CIRCLECI", "TRAVIS", "BUILDKITE", "JENKINS_URL", "TEAMCITY_VERSION"];

/// Some facts have two names: the one that the other is another name for.
#[must_use]
pub fn first_name(name: &str) -> &str {
    match name {
        "app_data_dir" => "data_dir",
        "home_dir" => "home",
        name => name,
    }
}

/// A directory of the user, on systems other than Windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserDir {
    /// The variable that says where it is, if it does so with an absolute path.
    pub variable: &'static str,
    /// Where it is else, beneath the home directory.
    pub below: &'static str,
    /// The same on macOS.
    pub below_on_macos: &'static str,
}

impl UserDir {
    /// Where it is else, on that system.
    #[must_use]
    pub fn below(&self, os: &str) -> &'static str {
        if os == "macos" { self.below_on_macos } else { self.below }
    }
}

/// Where the directory of the user is that has that name, if there is one.
#[must_use]
pub fn user_dir(name: &str) -> Option<UserDir> {
    let dir = |variable, below, below_on_macos| Some(UserDir { variable, below, below_on_macos });
    match name {
        "cache_dir" => dir("XDG_CACHE_HOME", ".cache", "Library/Caches"),
        "config_dir" => dir("XDG_CONFIG_HOME", ".config", "Library/Application Support"),
        "data_dir" => dir("XDG_DATA_HOME", ".local/share", "Library/Application Support"),
        _ => None,
    }
}

/// What a fact is that hangs on nothing but whether the system is Windows: there, and elsewhere.
#[must_use]
pub fn by_windows(name: &str) -> Option<[&'static str; 2]> {
    Some(match name {
        "exe_ext" => [".exe", ""],
        "null_device" => ["NUL", "/dev/null"],
        "path_list_sep" => [";", ":"],
        "path_sep" => ["\\", "/"],
        "shell_name" => ["cmd", "bash"],
        _ => return None,
    })
}

/// Where temporary files are on Linux, if no variable says so.
pub const TEMPORARY: &str = "/tmp";

/// The variable that says where temporary files are.
pub const TEMPORARY_VARIABLE: &str = "TMPDIR";

/// What follows from nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Plain {
    /// The operating system.
    Os,
    /// The processor.
    Arch,
    /// The home directory, as the database of users has it.
    Home,
    /// The directory for temporary files when no variable says where they are.
    Temporary,
    /// The name of the user.
    User,
    /// The number of the user.
    UserNumber,
    /// The name of the machine.
    Hostname,
    /// The number of processors.
    Processors,
    /// The number of the process.
    Process,
    /// When the run started.
    Started,
    /// The executable that runs.
    Executable,
    /// Whether standard output is a terminal.
    Terminal,
    /// The version of the operating system.
    Release,
}

/// A machine of which everything is known.
pub trait Machine {
    /// A variable of the environment that perch was started in.
    fn variable(&mut self, name: &str) -> Option<String>;
    /// What follows from nothing else, as far as it is known.
    fn plain(&mut self, what: Plain) -> Option<String>;
}

/// The value of a fact, if there is one of that name and it is known.
pub fn fact(machine: &mut impl Machine, name: &str) -> Option<String> {
    let name = first_name(name);
    let is = |known: Option<String>, what: &str| Some((known? == what).to_string());
    if let Some([there, elsewhere]) = by_windows(name) {
        return Some(if machine.plain(Plain::Os)? == "windows" { there } else { elsewhere }.to_owned());
    }
    if let Some(dir) = user_dir(name) {
        return match named_by(machine, dir.variable) {
            Some(path) => Some(path),
            None => Some(path::join(&fact(machine, "home")?, dir.below(&machine.plain(Plain::Os)?))),
        };
    }
    match name {
        "is_windows" | "is_macos" | "is_linux" => is(machine.plain(Plain::Os), &name["is_".len()..]),
        "is_amd64" | "is_arm64" => is(machine.plain(Plain::Arch), &name["is_".len()..]),
        "is_unix" => Some((machine.plain(Plain::Os)? != "windows").to_string()),
        "is_ci" => {
            let mut says = |name: &&str| machine.variable(name).is_some_and(|value| !value.is_empty());
            Some(CI_VARIABLES.iter().any(&mut says).to_string())
        }
        "home" => named_by(machine, "HOME").or_else(|| machine.plain(Plain::Home)),
        "temp_dir" => named_by(machine, TEMPORARY_VARIABLE).or_else(|| machine.plain(Plain::Temporary)),
        "exe_dir" => machine.plain(Plain::Executable).map(|path| path::parent(&path).to_owned()),
        "exe_name" => machine.plain(Plain::Executable).map(|path| path::base(&path).to_owned()),
        name => machine.plain(plain(name)?),
    }
}

/// What a fact is that follows from nothing else.
fn plain(name: &str) -> Option<Plain> {
    Some(match name {
        "os" => Plain::Os,
        "arch" => Plain::Arch,
        "user" => Plain::User,
        "uid" => Plain::UserNumber,
        "hostname" => Plain::Hostname,
        "cpu_count" => Plain::Processors,
        "pid" => Plain::Process,
        "now_unix" => Plain::Started,
        "exe_path" => Plain::Executable,
        "is_tty" => Plain::Terminal,
        "os_version" => Plain::Release,
        _ => return None,
    })
}

/// Whether a fact is hardly ever the same for two runs: the number of a process, and when it has started.
#[must_use]
pub fn is_of_run(name: &str) -> bool {
    matches!(plain(name), Some(Plain::Process | Plain::Started))
}

/// The least that a fact can be which is a number.
#[must_use]
pub fn least(name: &str) -> Option<i64> {
    matches!(plain(name), Some(Plain::Process | Plain::Processors)).then_some(1)
}

/// Whether a fact is a point in time.
#[must_use]
pub fn is_moment(name: &str) -> bool {
    matches!(plain(name), Some(Plain::Started))
}

/// The path that a variable names. One that is not absolute would be another one in every directory.
fn named_by(machine: &mut impl Machine, variable: &str) -> Option<String> {
    machine.variable(variable).as_deref().and_then(absolute)
}

/// A text as a path that is the same everywhere, if it is one.
#[must_use]
pub fn absolute(text: &str) -> Option<String> {
    if text.starts_with('/') { path::clean("/", text) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FACTS, INNER_FACTS};

    struct Made(&'static str, &'static [(&'static str, &'static str)]);

    impl Machine for Made {
        fn variable(&mut self, name: &str) -> Option<String> {
            self.1.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
        }

        fn plain(&mut self, what: Plain) -> Option<String> {
            let text = match what {
                Plain::Os => self.0,
                Plain::Arch => "arm64",
                Plain::Home => "/of/user",
                Plain::Temporary => TEMPORARY,
                Plain::Executable => "/bin/perch",
                Plain::Terminal => "true",
                _ => "1",
            };
            Some(text.to_owned())
        }
    }

    fn on(os: &'static str, env: &'static [(&'static str, &'static str)], name: &str) -> String {
        fact(&mut Made(os, env), name).unwrap()
    }

    #[test]
    fn variables_say_where_directories_are_if_their_paths_are_absolute() {
        let env = &[("HOME", "/home/u/"), ("XDG_CACHE_HOME", "/fast/x/.."), ("XDG_DATA_HOME", "data"), ("TMPDIR", "")];
        let dirs = ["home", "home_dir", "cache_dir", "config_dir", "data_dir", "app_data_dir", "temp_dir"];
        let found: Vec<String> = dirs.iter().map(|name| on("linux", env, name)).collect();
        let data = "/home/u/.local/share";
        assert_eq!(found, ["/home/u", "/home/u", "/fast", "/home/u/.config", data, data, "/tmp"]);
        assert_eq!(on("macos", env, "config_dir"), "/home/u/Library/Application Support");
        assert_eq!(on("linux", &[("HOME", "u")], "home"), "/of/user");
        assert_eq!(on("linux", &[("HOME", "/")], "config_dir"), "/.config");
    }

    #[test]
    fn a_build_server_is_told_by_a_variable_that_is_not_empty() {
        assert_eq!(on("linux", &[("CI", ""), ("TRAVIS", "1")], "is_ci"), "true");
        assert_eq!(on("linux", &[("CI", "")], "is_ci"), "false");
    }

    #[test]
    fn every_fact_of_a_machine_but_the_working_directory_is_there() {
        for fact in
            FACTS.iter().chain(INNER_FACTS).filter(|fact| fact.bound && !fact.of_program() && fact.name != "cwd")
        {
            let value = on("linux", &[], fact.name);
            assert!(fact.ty.accepts(&value), "{}: {value}", fact.name);
        }
        assert_eq!((on("windows", &[], "exe_ext"), on("linux", &[], "exe_ext")), (".exe".into(), String::new()));
        assert_eq!((on("linux", &[], "exe_dir"), on("linux", &[], "exe_name")), ("/bin".into(), "perch".into()));
    }
}
