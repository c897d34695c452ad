//! What may not be done on this machine, or cannot, a dry run does not promise: on many hosts that somebody without rights works on, each op is told
//! beforehand and then run.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]
#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// Who runs it if we are root, from whom nothing is kept.
const NOBODY: u32 = 65534;

/// How a host is prepared, by root, in a directory where NOBODY owns everything; and what fails there. There are a file `f`, directories `d` and
/// `od`, with files `x` in both, and `s/y` beneath `d`.
const DENIED: [(&str, &[&str]); 25] = [
    ("chmod 700 d; chown root d", &["l = walk .", "l = glob \"**\"", "v = read_file d/x", "v = file_size d/x", "rm d"]),
    ("chmod 444 d", &["v = read_file d/x", "cp d/x o", "write_file d/n \"\"", "rm d/x", "l = walk d"]),
    ("chown root .; chmod 755 .", &["v = mktemp_file", "write_file n \"\"", "rm f", "mv f g", "mkdir n"]),
    (
        "chown root:root d d/x; chmod 1777 d; chmod 666 d/x",
        &["rm d/x", "rm d", "mv d/x o", "copy_dir od d", "write_file d/x \"\""],
    ),
    ("chown root f d; chmod 666 f; chmod 777 d", &["chmod f 600", "make_executable f", "chmod d 700"]),
    ("chown root d; chmod 755 d", &["touch d", "write_file d/n \"\"", "copy_dir od d", "rm d"]),
    ("chmod 000 f", &["v = read_file f", "cp f g", "s = sha256_file f", "gzip f f.gz"]),
    ("chown root f; chmod 644 f", &["append_file f \"\"", "chmod f 600"]),
    ("chown root d/s; chmod 755 d/s", &["rm d", "write_file d/s/n \"\""]),
    (
        "chmod 000 d/s",
        &["copy_dir d o", "tar_create d o.tgz", "zip_create d o.zip", "l = walk d", "l = glob \"d/**\"", "rm d"],
    ),
    ("chmod 000 d/s/y", &["copy_dir d o", "tar_create d o.tgz"]),
    ("chown root d/x; chmod 600 d/x", &["copy_dir d o", "v = read_file d/x"]),
    ("chmod 555 d/s", &["rm d"]),
    ("printf '\\377' > f", &["v = read_file f", "ensure_line_in_file f a", "replace_in_file f a b"]),
    ("touch \"$(printf 'bad\\377')\"", &["l = list_dir .", "l = walk .", "l = glob \"*\""]),
    ("mkfifo d/s/p", &["copy_dir d o", "tar_create d o.tgz", "zip_create d o.zip"]),
    ("printf 'abc\\n' > f; chmod 777 f", &["exec ./f"]),
    (
        "ln -s x d/l; chmod 600 d",
        &["v = read_link d/l", "mv d/x od", "mv d/s od", "symlink x d/m", "v = read_link d/no"],
    ),
    ("chmod 600 d", &["v = shell_in d true", "shell_in d true", "cd d\nshell true", "cd d\nexec true"]),
    ("chmod 600 d", &["with_cwd d\nshell true\nend", "with_cwd d\npipe\ntrue\ntrue\nend\nend"]),
    ("rm -r d/s d/x; chmod 311 d", &["rm d"]),
    (
        "touch \"$(printf 'd/bad\\377')\"",
        &["l = list_dir d", "mv d e\nl = list_dir e", "copy_dir d e\nl = walk e", "copy_dir d od\nl = glob \"od/*\""],
    ),
    ("ln -s \"$(printf '\\377')\" l", &["v = read_link l", "mv l m\nv = read_link m"]),
    ("true", &["v = read_link /proc/1/exe", "p = repeat d 5000\nsymlink \"${p}\" l"]),
    ("mkfifo p", &["mv p d/p\ncopy_dir d o"]),
];

struct Rig(TempDir);

impl Rig {
    fn new(prepared: &str) -> Self {
        let rig = Self(TempDir::with_prefix("denied").unwrap());
        fs::set_permissions(rig.0.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let made =
            "mkdir -p w/d/s w/od && cd w && for f in f d/x od/x d/s/y; do echo a > $f; done && chown -R 65534:65534 .";
        let whole = format!("{made} && {prepared}");
        let done = Command::new("sh").args(["-c", &whole]).current_dir(rig.0.path()).status().unwrap();
        assert!(done.success(), "{prepared}");
        rig
    }

    /// A dry run promises all these statements, and a run does them.
    fn is_promised_and_done(&self, statements: &str) {
        let file = self.0.path().join("it.perch");
        fs::write(&file, format!("command main\n  do\n    {statements}\n  end\nend\n")).unwrap();
        let dry = self.perch(&file, &["--dry-run", "--json", "main"]);
        let report: Value = serde_json::from_slice(&dry.stdout).unwrap();
        assert!(!ops(&report).is_empty(), "{statements}");
        for op in ops(&report) {
            assert_eq!(op["verdict"], "WILL_RUN", "{statements}: {}", op["reasons"]);
        }
        assert!(self.perch(&file, &["main"]).status.success(), "{statements}");
    }

    fn perch(&self, file: &Path, words: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_perch"));
        let at = self.0.path().join("w");
        command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", &at).env("TMPDIR", &at).current_dir(&at);
        command.uid(NOBODY).gid(NOBODY).arg("-f").arg(file).args(words).output().unwrap()
    }
}

/// The ops that a dry run speaks of.
fn ops(report: &Value) -> Vec<&Value> {
    let all = report.pointer("/scenarios/0/commands/0/ops").and_then(Value::as_array);
    all.into_iter().flatten().collect()
}

/// With what kinds these or what is in them may fail.
fn kinds(told: &Value) -> Vec<&str> {
    let each = told.as_array().into_iter().flatten();
    let own = each.clone().flat_map(|op| op["reasons"].as_array().into_iter().flatten());
    let own = own.filter_map(|one| one["code"].as_str());
    own.chain(each.flat_map(|op| kinds(&op["children"]))).collect()
}

#[test]
fn what_fails_was_not_promised_and_its_kind_was_told() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("NOT TESTED: nobody else can be made to own something");
        return;
    }
    let (mut wrong, mut failed) = (Vec::new(), 0);
    for (prepared, statements) in DENIED {
        for statement in statements {
            let rig = Rig::new(prepared);
            let file = rig.0.path().join("it.perch");
            fs::write(&file, format!("command main\n  do\n    try\n      {statement}\n    rescue\n      print \"kind ${{err.kind}}\"\n    end\n  end\nend\n")).unwrap();
            let dry = rig.perch(&file, &["--dry-run", "--json", "main"]);
            let report: Value = serde_json::from_slice(&dry.stdout).unwrap();
            let whole = ops(&report)[0].pointer("/children/0").unwrap().clone();
            let kinds = kinds(&ops(&report)[0]["children"]);
            let ran = rig.perch(&file, &["main"]);
            let said = String::from_utf8_lossy(&ran.stdout).into_owned();
            let kind = said.lines().find_map(|line| line.strip_prefix("kind "));
            failed += usize::from(kind.is_some());
            if kind.is_some_and(|kind| !kinds.contains(&kind)) || kind.is_none() && whole["verdict"] == "WILL_FAIL" {
                wrong.push(format!("{prepared}: {statement}: {} for {kinds:?}, and really {kind:?}", whole["verdict"]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(failed > 50, "only {failed} have failed");
}

/// Statements in a directory that anybody may change, in which files and directories are that belong to somebody else. Who lists a directory
/// opens no file, and goes into no directory that he does not search.
const PERMITTED: [&str; 9] = [
    "rm f",
    "mv f g",
    "rm d/x",
    "mv d/x d/z",
    "rm ro/nothing",
    "l = list_dir d",
    "l = glob \"d/*\"",
    "l = glob \"d/s*/*\"",
    "l = walk d/s",
];

/// What is done with copies, in a directory of one's own. Directories above belong to others.
const COPIED: [&str; 7] = [
    "cp f g\nv = read_file g\nappend_line g x",
    "mv f g\nv = read_file g\nappend_line g x",
    "copy_dir d e\nv = read_file e/x\nl = walk e",
    "v = backup_file f\nw = read_file \"${v}\"",
    "gzip f f.gz\nungzip f.gz g\nv = read_file g",
    "cp f g\nreplace_in_file g a b\nl = glob \"**/g\"",
    "mv d/x od/y\ncp od/y f\nv = read_file f",
];

#[test]
fn a_copy_has_the_rights_of_what_was_copied() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("NOT TESTED: nobody else can be made to own something");
        return;
    }
    for statements in COPIED {
        Rig::new("true").is_promised_and_done(statements);
    }
}

#[test]
fn what_only_directories_must_permit_is_promised_where_they_do() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("NOT TESTED: nobody else can be made to own something");
        return;
    }
    for statement in PERMITTED {
        let rig = Rig::new(
            "mkdir ro d/no; chown root f d/x d/s/y ro d/no; chmod 600 f d/x d/s/y; chmod 755 ro; chmod 700 d/no",
        );
        rig.is_promised_and_done(statement);
    }
}

/// What may be done in ways that need different rights.
const DONE: [&str; 27] = [
    "exec ./AT a",
    "v = read_file AT",
    "write_file AT q",
    "append_file AT q",
    "cp AT o",
    "cp od/x AT",
    "mv AT o",
    "mv od/x AT",
    "rm AT",
    "v = exists AT",
    "v = file_size AT",
    "v = file_mtime AT",
    "touch AT",
    "chmod AT 644",
    "gzip AT o.gz",
    "gzip od/x AT",
    "symlink od AT",
    "backup_file AT",
    "ensure_line_in_file AT zz",
    "mkdir AT",
    "tar_create od AT",
    "l = list_dir AT",
    "copy_dir AT o",
    "copy_dir od AT",
    "l = glob \"AT/*\"",
    "if is_file AT\nfail here\nend",
    "cd AT",
];

/// Hosts on which some of that may not be done, and places.
const HOSTS: [&str; 8] = [
    "chmod 000 f",
    "chown root f; chmod 644 f",
    "chmod 700 d; chown root d",
    "chmod 444 d",
    "chown root d; chmod 755 d",
    "chown root:root d d/x; chmod 1777 d; chmod 666 d/x",
    "chown root d/s; chmod 755 d/s",
    "chmod 555 .",
];
const PLACES: [&str; 5] = ["f", "d", "d/x", "d/new", "d/s/y"];

/// All that can be said of a tree, in which some of what is there belongs to others.
fn described(dir: &Path, files: &mut serde_json::Map<String, Value>) {
    let rights = |at: &Path| {
        let found = fs::symlink_metadata(at).unwrap();
        let mut said = serde_json::json!({"mode": format!("{:04o}", found.mode() & 0o7777)});
        if found.uid() != NOBODY {
            said["owner"] = "root".into();
        }
        said
    };
    let mut said = rights(dir);
    (said["kind"], said["closed"]) = ("dir".into(), true.into());
    files.insert(dir.to_str().unwrap().to_owned(), said);
    for entry in fs::read_dir(dir).unwrap() {
        let at = entry.unwrap().path();
        if at.is_dir() {
            described(&at, files);
            continue;
        }
        let mut said = rights(&at);
        (said["kind"], said["content"]) = ("file".into(), fs::read_to_string(&at).unwrap().into());
        files.insert(at.to_str().unwrap().to_owned(), said);
    }
}

/// What was said of runs, and what they came to.
#[derive(Default)]
struct Tally {
    all: usize,
    open: usize,
    failing: usize,
    wrong: Vec<String>,
}

impl Tally {
    /// Tells all of a host, on which somebody without rights works, and holds what is said of these statements against what they do.
    fn compare(&mut self, host: &str, statement: &str) {
        let rig = Rig::new(host);
        let at = rig.0.path().join("w");
        let file = rig.0.path().join("it.perch");
        fs::write(&file, format!("command main\n  do\n    {statement}\n  end\nend\n")).unwrap();
        let mut files = serde_json::Map::new();
        described(&at, &mut files);
        let machine = serde_json::json!({"user": "nobody", "uid": NOBODY});
        let fixture = serde_json::json!({"cwd": at, "env_only": true, "machine": machine, "files": files});
        let told = rig.0.path().join("host.json");
        fs::write(&told, fixture.to_string()).unwrap();
        let words = ["simulate", "main", "--format", "json", "--sim-file", told.to_str().unwrap()];
        let report: Value = serde_json::from_slice(&rig.perch(&file, &words).stdout).unwrap();
        let verdict = report.pointer("/scenarios/0/commands/0/verdict").and_then(Value::as_str).unwrap();
        let ran = rig.perch(&file, &["main"]);
        let (runs, kinds) = (ran.status.success(), kinds(report.pointer("/scenarios/0/commands/0/ops").unwrap()));
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        let is_told = runs || kinds.iter().any(|kind| said.contains(&format!("kind  {kind}")));
        if verdict == "WILL_RUN" && !runs || verdict == "WILL_FAIL" && runs || !is_told {
            self.wrong.push(format!("{host}: {statement}: {verdict} for {kinds:?}, and really {said}"));
        }
        self.all += 1;
        self.open += usize::from(verdict == "MIGHT_FAIL");
        self.failing += usize::from(verdict == "WILL_FAIL");
    }
}

/// What is said of runs of these statements, each on its host, and what they come to. `None` if nobody else can be made to own something.
fn compared(runs: impl IntoIterator<Item = (&'static str, String)>) -> Option<Tally> {
    if !rustix::process::geteuid().is_root() {
        eprintln!("NOT TESTED: nobody else can be made to own something");
        return None;
    }
    let mut tally = Tally::default();
    runs.into_iter().for_each(|(host, statement)| tally.compare(host, &statement));
    assert!(tally.wrong.is_empty(), "{}", tally.wrong.join("\n"));
    Some(tally)
}

/// What a fixture tells of modes and owners decides what ops do: nothing is said that does not happen, and little is left open.
#[test]
fn modes_and_owners_that_are_told_decide() {
    let of = |host| DONE.iter().flat_map(move |done| PLACES.map(|at| (host, done.replace("AT", at))));
    let Some(Tally { all, open, failing, .. }) = compared(HOSTS.into_iter().flat_map(of)) else { return };
    assert!(failing > 300 && open < 40, "{failing} of {all} fail, {open} are open");
}

/// Hosts on which some of a tree is closed, and what goes through one.
const CLOSED: [&str; 11] = [
    "chmod 000 d/s",
    "chmod 000 d/s/y",
    "chmod 444 d/s",
    "chmod 311 d/s",
    "chmod 555 d/s",
    "chmod 555 d",
    "chown root d/s; chmod 700 d/s",
    "chown root:root d d/x; chmod 1777 d; chmod 666 d/x",
    "mkdir d/no; chmod 000 d/no",
    "mkdir d/no; chmod 555 d/no",
    "ln -s y d/s/l; chmod 555 d/s",
];
const WHOLE: [&str; 12] = [
    "l = walk AT",
    "l = glob \"AT/**\"",
    "l = glob \"AT/s*/*\"",
    "l = glob \"AT/x*/*\"",
    "tar_create o.tar AT",
    "tar_create AT no/o.tar",
    "zip_create AT o.zip",
    "copy_dir AT o",
    "copy_dir AT f",
    "rm AT",
    "try\ncopy_dir AT n/e\nrescue\nprint no\nend\nwrite_file n/y a",
    "try\ncopy_dir AT n/e\nrescue\nprint no\nend\nsymlink x n",
];

#[test]
fn what_goes_through_a_tree_fails_where_some_of_it_is_closed() {
    let of = |host| WHOLE.iter().flat_map(move |whole| ["d", "d/s"].map(|at| (host, whole.replace("AT", at))));
    let Some(Tally { all, open, failing, .. }) = compared(CLOSED.into_iter().flat_map(of)) else { return };
    assert!(failing > 100 && open < 50, "{failing} of {all} fail, {open} are open");
}

/// Modes that a command sets, and where.
const SET: [&str; 12] = [
    "chmod f 000",
    "chmod f 400",
    "chmod f 200",
    "chmod f 755",
    "make_executable f",
    "chmod d 000",
    "chmod d 500",
    "chmod d 300",
    "chmod d 600",
    "chmod d/s 555",
    "chmod d/x 400",
    "chmod f 111",
];
const BEFORE: [&str; 3] = ["true", "chmod 000 f d/x", "chmod 500 d; chmod 444 f"];

#[test]
fn modes_that_a_command_sets_decide_what_it_may_do_later() {
    let sets = BEFORE.into_iter().flat_map(|host| SET.map(|set| (host, set)));
    let runs = sets.enumerate().flat_map(|(number, (host, set))| {
        let place = set.split(' ').nth(1).unwrap();
        // Each with some of what may be done, and all of it with some.
        let done = DONE.iter().chain(&WHOLE[..8]).skip(number % 8).step_by(8);
        let done = done.flat_map(move |done| [place, "d/x", "d/new"].map(|at| done.replace("AT", at)));
        done.map(move |done| (host, format!("{set}\n{done}")))
    });
    let Some(Tally { all, open, failing, .. }) = compared(runs) else { return };
    assert!(failing > 100 && open < 30, "{failing} of {all} fail, {open} are open");
}

/// How what sets a mode and what is done later can belong together.
const TOGETHER: [&str; 7] = [
    "SET\nlater\nend\nend\n\ncommand later\ndo\nDONE",
    "before\nDONE\nend\nend\n\ncommand before\ndo\nSET",
    "SET\nlater\nend\nend\n\ncommand later\ndo\ntry\nchmod f 600\nrescue\nprint no\nend\nDONE",
    "SET\nt = uuid\nfor_each t x\nDONE\nend",
    "SET\nparallel\nDONE\nu = uuid\nend",
    "parallel\nif true\nSET\nend\nu = uuid\nend\nDONE",
    "parallel\nif true\nDONE\nend\nif true\nSET\nend\nend",
];

#[test]
fn modes_are_known_across_calls_and_in_loops_and_branches() {
    let ways = SET.into_iter().flat_map(|set| TOGETHER.map(|way| (set, way)));
    let runs = ways.enumerate().flat_map(|(number, (set, way))| {
        let place = set.split(' ').nth(1).unwrap();
        let done = DONE.iter().chain(&WHOLE[..8]).skip(number % 13).step_by(13);
        let done = done.flat_map(move |done| [place, "d/x"].map(|at| done.replace("AT", at)));
        done.map(move |done| ("true", way.replace("SET", set).replace("DONE", &done)))
    });
    let Some(Tally { all, open, failing, .. }) = compared(runs) else { return };
    assert!(failing > 200 && open < 60, "{failing} of {all} fail, {open} are open");
}

/// What is done with something after it was written to, copied or moved.
const LATER: [&str; 12] = [
    "write_file AT q\nv = read_file AT",
    "write_file AT q\nchmod AT 600",
    "append_file AT q\nappend_file AT q",
    "append_file AT q\nchmod AT 600",
    "append_file AT q\nv = read_file AT\nwrite_file AT x",
    "cp AT o\nchmod o 600",
    "cp AT o\nappend_file o x",
    "cp AT o\nv = read_file o\nrm o",
    "cp od/x AT\nv = read_file AT\nappend_file AT x",
    "gzip AT o.gz\nchmod o.gz 600\ngunzip o.gz o\nwrite_file o x",
    "mv AT o\nv = file_size o\nwrite_file o x",
    "chmod f 400\nmv f AT\nappend_file AT x",
];

#[test]
fn what_was_written_copied_or_moved_has_the_rights_that_this_gives_it() {
    let modes =
        ["chown root f d/x; chmod 644 f; chmod 666 d/x", "chown root f; chmod 066 f; chmod 400 d/x", "chmod 277 f d/x"];
    let hosts = HOSTS.into_iter().chain(modes);
    let of = |host| LATER.iter().flat_map(move |later| ["f", "d/x"].map(|at| (host, later.replace("AT", at))));
    let Some(Tally { all, open, failing, .. }) = compared(hosts.flat_map(of)) else { return };
    assert!(failing > 100 && open < 30, "{failing} of {all} fail, {open} are open");
}

/// Where programs get some variables only, the system does not tell them the others: not even those that perch was started with.
#[cfg(target_os = "linux")]
#[test]
fn variables_that_are_kept_from_programs_cannot_be_asked_of_perch() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("NOT TESTED: root would be told anyway, and nobody else is there");
        return;
    }
    let rig = Rig::new("true");
    let file = rig.0.path().join("it.perch");
    fs::write(&file, "command main\n  do\n    shell \"tr '\\\\0' '\\\\n' < /proc/$PPID/environ\"\n  end\nend\n")
        .unwrap();
    let told = rig.perch(&file, &["main"]);
    assert!(String::from_utf8_lossy(&told.stdout).contains("TMPDIR="), "{told:?}");
    let kept = rig.perch(&file, &["--env", "PATH", "main"]);
    assert!(!kept.status.success() && kept.stdout.is_empty(), "{kept:?}");
}
