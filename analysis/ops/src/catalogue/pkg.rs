//! The package manager of this machine.
//!
//! What the ops do follows from one table, [`MANAGERS`]: which managers there are, on which systems, and what is started for what. The
//! ops are programs that are written from it, so that who may start what, what a fixture says of programs and what a report says of
//! them holds for managers as for any other program.

use super::operand::{Operand, Type};
use super::touch::On::Of;
use super::touch::Touch::{HostFact, Start, Stderr, Stdout};
use super::{Body, Entry, Group, Meaning};
use crate::ErrorKind::{BinNotFound, FileNotFound, NotADirectory, ShellExitNonzero, ShellSignalKilled};
use crate::contract::Ask;

/// A package manager, and what is started when it is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manager {
    /// Its name in programs.
    pub name: &'static str,
    /// The fact that is true where it may be.
    pub system: &'static str,
    /// The program that is on PATH where it is.
    pub bin: &'static str,
    /// Only an administrator can change anything with it.
    pub privileged: bool,
    /// What is started to install a package, whose name comes behind.
    pub install: &'static str,
    /// The same to remove it.
    pub remove: &'static str,
    /// The same to learn whether it is there.
    pub query: &'static str,
    /// What that is answered where it is.
    pub answer: Answer,
}

/// How a manager that is asked whether a package is there says yes. Each takes that it ends with status 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// By that.
    Ending,
    /// By writing anything.
    Anything,
    /// By writing [`IS_INSTALLED`].
    Installed,
}

/// What `dpkg-query` writes of a package that is there, among other things.
pub const IS_INSTALLED: &str = "ok installed";

/// What a manager is started for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errand {
    /// To install.
    Install,
    /// To remove.
    Remove,
    /// To say whether it is there.
    Ask,
}

/// A manager that is started for a package as the ops start it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent<'w> {
    /// What for.
    pub errand: Errand,
    /// The name of the package.
    pub package: &'w str,
    /// By `sudo`.
    pub by_sudo: bool,
    /// The managers that are started with these words.
    pub managers: Vec<&'static Manager>,
}

impl Manager {
    /// The words that come before the name of a package.
    pub fn words(&self, errand: Errand) -> impl Iterator<Item = String> {
        let words = match errand {
            Errand::Install => self.install,
            Errand::Remove => self.remove,
            Errand::Ask => self.query,
        };
        // As programs write them: nothing in them needs quotes but for a `$`.
        words.split(' ').map(|word| word.replace(['\'', '\\'], ""))
    }
}

/// What a manager is started for by these words, if the ops start it so.
#[must_use]
pub fn sent<'w>(words: &[&'w str]) -> Option<Sent<'w>> {
    let by_sudo = words.first() == Some(&"sudo");
    let (package, before) = words.get(usize::from(by_sudo)..)?.split_last()?;
    let is_started = |manager: &Manager, errand: Errand| {
        let may_be = !by_sudo || manager.privileged && errand != Errand::Ask;
        may_be && manager.words(errand).eq(before.iter().copied())
    };
    [Errand::Install, Errand::Remove, Errand::Ask].into_iter().find_map(|errand| {
        let managers: Vec<_> = MANAGERS.iter().filter(|manager| is_started(manager, errand)).collect();
        (!managers.is_empty()).then_some(Sent { errand, package, by_sudo, managers })
    })
}

/// Whether a program is there to manage packages, so that none of these brings or takes it.
#[must_use]
pub fn manages(program: &str) -> bool {
    let asked = |manager: &Manager| manager.query.split(' ').next() == Some(program);
    program == "sudo" || MANAGERS.iter().any(|manager| manager.bin == program || asked(manager))
}

/// How a change is started. What is on PATH is another thing from then on.
macro_rules! change {
    (of administrators $bin:literal $words:literal) => {
        concat!(
            "may_start ",
            $bin,
            "\npackages_change\nif uid == 0\nexec ",
            $words,
            " \"${name}\"\nelse\nexec sudo ",
            $words,
            " \"${name}\"\nend\n"
        )
    };
    (of anybody $bin:literal $words:literal) => {
        concat!("may_start ", $bin, "\npackages_change\nexec ", $words, " \"${name}\"\n")
    };
}

/// When a query is answered with yes, where the program that was asked has ended with status 0.
macro_rules! yes {
    (ending) => {
        "result = \"true\"\n"
    };
    (anything) => {
        "if said != \"\"\nresult = \"true\"\nend\n"
    };
    (installed) => {
        "if contains said \"ok installed\"\nresult = \"true\"\nend\n"
    };
}

macro_rules! answer {
    (ending) => {
        Answer::Ending
    };
    (anything) => {
        Answer::Anything
    };
    (installed) => {
        Answer::Installed
    };
}

macro_rules! is_privileged {
    (administrators) => {
        true
    };
    (anybody) => {
        false
    };
}

macro_rules! managers {
    ($($on:literal where $system:ident, first $first:literal {
        $($name:literal $bin:literal of $who:ident:
            install $install:literal, remove $remove:literal, query $tool:literal $query:literal by $answer:ident;)*
    })*) => {
        /// The managers, in the order in which they are looked for on their systems.
        pub static MANAGERS: &[Manager] = &[$($(Manager {
            name: $name,
            system: stringify!($system),
            bin: $bin,
            privileged: is_privileged!($who),
            install: $install,
            remove: $remove,
            query: concat!($tool, " ", $query),
            answer: answer!($answer),
        },)*)*];

        /// The first that is there.
        const DETECT: &str = concat!(
            "result = \"\"\n",
            $("if ", stringify!($system), "\n",
                $("if result == \"\"\nif has_bin ", $bin, "\nresult = \"", $name, "\"\nend\nend\n",)*
            "end\n",)*
        );

        const INSTALL: &str = concat!(
            "m = detect_pkg_mgr\nmatch m\n",
            $($("case ", $name, "\n", change!(of $who $bin $install),)*)*
            "else\nno_manager\nend\n",
        );

        const REMOVE: &str = concat!(
            "m = detect_pkg_mgr\nmatch m\n",
            $($("case ", $name, "\n", change!(of $who $bin $remove),)*)*
            "else\nno_manager\nend\n",
        );

        const QUERY: &str = concat!(
            "result = \"false\"\nm = detect_pkg_mgr\nmatch m\n",
            $($(
                "case ", $name, "\nmay_start ", $tool, "\ntry\nsaid = exec ", $tool, " ", $query, " \"${name}\"\n", yes!($answer),
                "rescue\nresult = \"false\"\nend\n",
            )*)*
            "else\nmay_manage\nend\n",
        );

        /// Where there is no manager, the policy is asked about the first that was looked for.
        pub(super) const MAY_MANAGE: &str =
            concat!("result = \"\"\n", $("if ", stringify!($system), "\nmay_start ", $first, "\nend\n",)*);

        pub(super) const NO_MANAGER: &str = concat!(
            "result = \"\"\nmay_manage\nno_program \"no package manager is on PATH: looked for",
            $($(" `", $bin, "`",)* " (", $on, ")",)*
            "\"\n",
        );
    };
}

managers! {
    "macOS" where is_macos, first "brew" {
        "brew" "brew" of anybody:
            install "brew install", remove "brew uninstall", query "brew" "list --versions" by ending;
        "port" "port" of administrators:
            install "port -N install", remove "port -N uninstall", query "port" "-q installed" by anything;
    }
    "Linux" where is_linux, first "apt-get" {
        "apt" "apt-get" of administrators:
            install "apt-get install -y", remove "apt-get remove -y",
            query "dpkg-query" "--show '--showformat=\\${Status}'" by installed;
        "dnf" "dnf" of administrators:
            install "dnf install -y", remove "dnf remove -y", query "rpm" "-q" by ending;
        "yum" "yum" of administrators:
            install "yum install -y", remove "yum remove -y", query "rpm" "-q" by ending;
        "pacman" "pacman" of administrators:
            install "pacman -S --noconfirm", remove "pacman -R --noconfirm", query "pacman" "-Q" by ending;
        "apk" "apk" of administrators:
            install "apk add", remove "apk del", query "apk" "info -e" by ending;
        "zypper" "zypper" of administrators:
            install "zypper --non-interactive install", remove "zypper --non-interactive remove", query "rpm" "-q" by ending;
    }
    "Windows" where is_windows, first "winget" {
        "winget" "winget" of anybody:
            install "winget install --silent --accept-package-agreements --accept-source-agreements --exact --id",
            remove "winget uninstall --silent --exact --id", query "winget" "list --exact --id" by ending;
        "choco" "choco" of anybody:
            install "choco install -y", remove "choco uninstall -y", query "choco" "list --exact --limit-output" by anything;
        "scoop" "scoop" of anybody:
            install "scoop install", remove "scoop uninstall", query "scoop" "prefix" by ending;
    }
}

/// How starting a manager can fail, besides for lack of a permission.
const STARTING: &[crate::ErrorKind] = &[BinNotFound, ShellExitNonzero, ShellSignalKilled, FileNotFound, NotADirectory];

/// What is started, for those who read about it.
const MANAGER: super::Touch = Start(Of("the package manager"));

const NAME: Operand = Operand::new("name", Type::Package);

const STATEMENT: Entry = Entry::statement(Group::Pkg);
const PREDICATE: Entry = Entry::predicate(Group::Pkg);

pub(super) static OPS: &[Entry] = &[
    Entry {
        name: "detect_pkg_mgr",
        result: Some(Type::Text),
        touches: &[HostFact],
        summary: "Name of the package manager on PATH, or nothing.",
        example: "m = detect_pkg_mgr",
        meaning: Meaning::Runs(Body::Program(DETECT, &[Ask::HostFact])),
        ..PREDICATE
    },
    Entry {
        name: "pkg_install",
        operands: &[NAME],
        touches: &[MANAGER, HostFact, Stdout, Stderr],
        kinds: STARTING,
        summary: "Install a package.",
        example: "pkg_install jq",
        meaning: Meaning::Runs(Body::Program(INSTALL, &[Ask::HostFact])),
        ..STATEMENT
    },
    Entry {
        name: "pkg_installed",
        operands: &[NAME],
        touches: &[MANAGER, HostFact],
        summary: "True if a package is installed.",
        example: "if pkg_installed jq\n  print \"jq is there\"\nend",
        meaning: Meaning::Runs(Body::Program(QUERY, &[Ask::HostFact])),
        ..PREDICATE
    },
    Entry {
        name: "pkg_uninstall",
        operands: &[NAME],
        touches: &[MANAGER, HostFact, Stdout, Stderr],
        kinds: STARTING,
        summary: "Remove a package.",
        example: "pkg_uninstall jq",
        meaning: Meaning::Runs(Body::Program(REMOVE, &[Ask::HostFact])),
        ..STATEMENT
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact_named;

    fn of(system: &str) -> Vec<&'static Manager> {
        MANAGERS.iter().filter(|manager| manager.system == system).collect()
    }

    fn names(system: &str) -> Vec<&'static str> {
        of(system).iter().map(|manager| manager.name).collect()
    }

    /// The lines of a program between the arm of a manager and the next.
    fn arm(program: &'static str, manager: &Manager) -> Vec<&'static str> {
        let head = format!("case {}", manager.name);
        let behind = program.lines().skip_while(move |line| *line != head).skip(1);
        behind.take_while(|line| !line.starts_with("case ") && *line != "no_manager" && *line != "may_manage").collect()
    }

    #[test]
    fn every_system_has_its_managers_in_the_order_in_which_they_are_looked_for() {
        assert_eq!(names("is_macos"), ["brew", "port"]);
        assert_eq!(names("is_linux"), ["apt", "dnf", "yum", "pacman", "apk", "zypper"]);
        assert_eq!(names("is_windows"), ["winget", "choco", "scoop"]);
        assert!(MANAGERS.iter().all(|manager| fact_named(manager.system).is_some()));
        let looked_for = |manager: &Manager| DETECT.find(&format!("has_bin {}\n", manager.bin));
        assert!(MANAGERS.iter().map(looked_for).is_sorted_by(|a, b| a.is_some() && a < b));
    }

    #[test]
    fn what_is_asked_about_where_none_is_there_is_what_was_looked_for_first() {
        for system in ["is_macos", "is_linux", "is_windows"] {
            let asked = format!("if {system}\nmay_start {}\nend\n", of(system)[0].bin);
            assert!(MAY_MANAGE.contains(&asked), "{asked}");
        }
    }

    #[test]
    fn a_change_is_started_by_the_manager_and_by_sudo_where_it_must_and_the_user_is_no_administrator() {
        for manager in MANAGERS {
            for (program, words) in [(INSTALL, manager.install), (REMOVE, manager.remove)] {
                let started = words.split(' ').next().unwrap_or_default();
                assert_eq!(started, manager.bin, "{}: the policy is asked about what was looked for", manager.name);
                let plain = format!("exec {words} \"${{name}}\"");
                let (may, sudo) = (format!("may_start {}", manager.bin), format!("exec sudo {words} \"${{name}}\""));
                let mut wanted: Vec<&str> = vec![&may, "packages_change"];
                if manager.privileged {
                    wanted.extend(["if uid == 0", &plain, "else", &sudo, "end"]);
                } else {
                    wanted.push(&plain);
                }
                let found = arm(program, manager);
                assert_eq!(found[..wanted.len()], wanted, "{}", manager.name);
            }
        }
    }

    #[test]
    fn a_query_changes_nothing_and_needs_no_administrator() {
        for manager in MANAGERS {
            let found = arm(QUERY, manager);
            assert!(found.contains(&format!("said = exec {} \"${{name}}\"", manager.query).as_str()), "{found:?}");
            assert!(found.iter().all(|line| !line.contains("sudo") && !line.contains("install ")), "{found:?}");
        }
    }

    #[test]
    fn nothing_asks_anybody_back() {
        let quiet = ["-y", "-N", "--noconfirm", "--non-interactive", "--silent"];
        for manager in MANAGERS.iter().filter(|one| !matches!(one.name, "brew" | "apk" | "scoop")) {
            for words in [manager.install, manager.remove] {
                assert!(words.split(' ').any(|word| quiet.contains(&word)), "{words}");
            }
        }
    }

    #[test]
    fn where_there_is_none_a_person_is_told_what_was_looked_for() {
        assert!(MANAGERS.iter().all(|manager| NO_MANAGER.contains(&format!("`{}`", manager.bin))));
    }

    #[test]
    fn what_is_started_tells_what_it_is_for() {
        for manager in MANAGERS {
            for errand in [Errand::Install, Errand::Remove, Errand::Ask] {
                let words: Vec<String> = manager.words(errand).chain(["jq".to_owned()]).collect();
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                let found = sent(&words).unwrap();
                assert_eq!((found.errand, found.package, found.by_sudo), (errand, "jq", false), "{words:?}");
                assert!(found.managers.contains(&manager));
                let raised: Vec<&str> = ["sudo"].into_iter().chain(words).collect();
                let takes_sudo = manager.privileged && errand != Errand::Ask;
                assert_eq!(sent(&raised).is_some(), takes_sudo, "{raised:?}");
            }
        }
        let asked = sent(&["rpm", "-q", "jq"]).unwrap().managers;
        assert_eq!(asked.iter().map(|manager| manager.name).collect::<Vec<_>>(), ["dnf", "yum", "zypper"]);
        for other in
            [&["apt-get", "install", "jq"][..], &["apt-get", "install", "-y"], &["apk add", "jq"], &["sudo"], &[]]
        {
            assert_eq!(sent(other), None, "{other:?}");
        }
    }

    #[test]
    fn how_a_manager_says_yes_is_what_the_op_looks_at() {
        for manager in MANAGERS {
            let found = arm(QUERY, manager);
            let looks = |line: &str| found.contains(&line);
            let is_installed = format!("if contains said \"{IS_INSTALLED}\"");
            let expected = match manager.answer {
                Answer::Ending => [false, false],
                Answer::Anything => [true, false],
                Answer::Installed => [false, true],
            };
            assert_eq!([looks("if said != \"\""), looks(&is_installed)], expected, "{}", manager.name);
        }
    }

    /// Each manager would do something else with one of the others.
    #[test]
    fn a_name_of_a_package_is_nothing_else() {
        let taken = ["jq", "g++", "libc6:amd64", "python3.12", "gcc@13", "user/tap/tool", "jq=1.7", "Git.Git", "7zip"];
        assert!(taken.iter().all(|name| Type::Package.accepts(name)));
        let refused =
            ["", "-y", "--force", "a b", "a\n", "jq-", "./a.deb", "/a", "http://a.org/a.rpm", "a*", "@all", "a;b", "ä"];
        assert!(refused.iter().all(|name| !Type::Package.accepts(name)));
    }
}
