//! Not being root.
//!
//! Root may do what others may not, so what root sees says little of what happens to people. A harness that root has started
//! starts itself again as a user without privileges, from copies that this user may read, in a directory of its own.

use std::fs;
use std::io;
use std::ops::Range;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

/// Numbers that are given neither to people nor to services nor to containers.
const FREE: Range<u32> = 60_578..61_184;

/// The user who owns nothing, for where other numbers are not mapped.
const NOBODY: u32 = 65_534;

/// The stand-in for programs, beside this one.
const STUB: &str = "perch-stub";

/// Is this process root's?
#[must_use]
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Users to become, the best first.
fn candidates(passwd: &str) -> impl Iterator<Item = u32> {
    let taken: Vec<u32> = passwd.lines().filter_map(|line| line.split(':').nth(2)?.parse().ok()).collect();
    FREE.into_iter().find(|uid| !taken.contains(uid)).into_iter().chain([NOBODY])
}

/// Starts this program again with these words, and `--perch` with a copy of that one, and gives its exit status.
///
/// # Errors
/// With a sentence, if there is no user to become.
pub fn again(words: &[String], perch: &Path, base: &Path) -> Result<u8, String> {
    let copies = copies(perch, base)?;
    let mut refused = String::new();
    for uid in candidates(&fs::read_to_string("/etc/passwd").unwrap_or_default()) {
        if let Err(error) = chown(&copies.hosts, Some(uid), Some(uid)) {
            refused = format!("{error}");
            continue;
        }
        let mut command = Command::new(&copies.own);
        command.args(words).arg("--perch").arg(&copies.perch);
        // As `std` does it for root: other groups go, too.
        command.uid(uid).gid(uid).env("TMPDIR", &copies.hosts).current_dir(&copies.hosts);
        match command.spawn() {
            Ok(mut child) => return child.wait().map_err(|error| error.to_string()).and_then(status),
            Err(error) => refused = format!("user {uid}: {error}"),
        }
    }
    Err(format!("cannot become another user than root ({refused}); start the harness as one"))
}

fn status(ended: ExitStatus) -> Result<u8, String> {
    let code = ended.code().and_then(|code| u8::try_from(code).ok());
    code.ok_or_else(|| format!("the harness of the other user ended with {ended}"))
}

/// What another user may read, and where it may write.
struct Copies {
    own: PathBuf,
    perch: PathBuf,
    hosts: PathBuf,
}

fn copies(perch: &Path, base: &Path) -> Result<Copies, String> {
    let (bin, hosts) = (base.join("bin"), base.join("hosts"));
    for dir in [base, &bin, &hosts] {
        let made = fs::create_dir_all(dir).and_then(|()| readable(dir));
        made.map_err(|error| format!("cannot make `{}`: {error}", dir.display()))?;
    }
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let copy = |file: &Path, name: &str| {
        let to = bin.join(name);
        let done = fs::copy(file, &to).and_then(|_| readable(&to));
        done.map_err(|error| format!("cannot copy `{}`: {error}", file.display()))?;
        Ok::<PathBuf, String>(to)
    };
    copy(&own.with_file_name(STUB), STUB)?;
    Ok(Copies { own: copy(&own, "perch-differential")?, perch: copy(perch, "perch")?, hosts })
}

fn readable(path: &Path) -> io::Result<()> {
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_number_is_chosen() {
        let of = |passwd: &str| candidates(passwd).collect::<Vec<_>>();
        assert_eq!(of("root:x:0:0::/root:/bin/sh\n"), [60_578, NOBODY]);
        assert_eq!(of("a:x:60578:1::/:/bin/sh\nb:x:60579:1::/:/bin/sh\n"), [60_580, NOBODY]);
    }
}
