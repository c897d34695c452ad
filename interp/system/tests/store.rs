//! What is stored is found again, and nothing else is.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use perch_policy::{Bounds, Decision, Effect, Known, Permit, Policy};
use perch_system::{Block, Cause, Entry, Error, Host, HostConfig, Last, MAX_ENTRY, Output, Place};
use tempfile::TempDir;

const DAY: Duration = Duration::from_secs(86400);

/// A host whose home is a directory of its own.
struct Home {
    host: Host,
    dir: String,
    _guard: Option<TempDir>,
}

impl Home {
    fn new() -> Self {
        let guard = tempfile::tempdir().unwrap();
        let dir = guard.path().canonicalize().unwrap().to_str().unwrap().to_owned();
        Self { _guard: Some(guard), ..Self::at(&dir) }
    }

    fn at(dir: &str) -> Self {
        Self { host: host(&[("HOME", dir)]), dir: dir.to_owned(), _guard: None }
    }

    fn place(&self, block: &Block) -> Place {
        self.host.walk::<()>(block.path(), Last::Entry, &mut |_| Ok(())).unwrap()
    }

    fn save(&self, key: &[&str], value: &str) -> Result<Block, Error> {
        let block = self.host.block(key).unwrap();
        let place = self.place(&block);
        let parents: Vec<Permit> = place.missing_parents().iter().map(|path| permit(Effect::Write, path)).collect();
        let write = permit(Effect::Write, place.resolved());
        self.host.save_block(&write, &parents, &place, &block, &entry(value))?;
        Ok(block)
    }

    fn load(&self, key: &[&str], max_age: Duration) -> Option<Entry> {
        let block = self.host.block(key).unwrap();
        let place = self.place(&block);
        let read = permit(Effect::Read, place.resolved());
        self.host.load_block(&read, &place, &block, max_age).unwrap().map(|(entry, _)| entry)
    }
}

fn host(env: &[(&str, &str)]) -> Host {
    let env = env.iter().map(|(name, value)| (name.into(), value.into())).collect();
    Host::new(HostConfig { env, stdout: Output::Sink(Box::new(std::io::sink())), quiet: true })
}

fn entry(value: &str) -> Entry {
    Entry { bindings: vec![("a".to_owned(), value.to_owned()), ("b".to_owned(), String::new())] }
}

fn permit(effect: fn(Known) -> Effect, path: &str) -> Permit {
    match Policy::default().decide(&Bounds::default(), effect(Known::Text(path.to_owned()))) {
        Decision::Allowed(permit) => permit,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_stored_is_found_again_until_it_is_too_old() {
    let home = Home::new();
    assert_eq!(home.load(&["k"], DAY), None);
    home.save(&["k"], "one\n\"two\"").unwrap();
    home.save(&["other"], "x").unwrap();
    assert_eq!(home.load(&["k"], DAY), Some(entry("one\n\"two\"")));
    home.save(&["k"], "new").unwrap();
    assert_eq!(home.load(&["k"], DAY), Some(entry("new")));
    assert_eq!(home.load(&["k", ""], DAY), None);
}

#[test]
fn r09_keys_are_told_apart_whatever_is_in_them() {
    let home = Home::new();
    let keys: [&[&str]; 6] = [&["a", "b"], &["ab"], &["a|b"], &["../../../../tmp/x"], &["\0"], &[]];
    for (at, key) in keys.iter().enumerate() {
        home.save(key, &at.to_string()).unwrap();
    }
    for (at, key) in keys.iter().enumerate() {
        assert_eq!(home.load(key, DAY), Some(entry(&at.to_string())));
    }
    let blocks = format!("{}/perch/blocks", caches(&home.dir));
    assert_eq!(fs::read_dir(&blocks).unwrap().count(), keys.len());
    assert_eq!(fs::read_dir(&home.dir).unwrap().count(), 1);
}

fn caches(home: &str) -> String {
    format!("{home}/{}", if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" })
}

#[test]
fn entries_are_where_the_caches_of_the_user_are() {
    let path = |env: &[(&str, &str)]| host(env).block(&["k"]).map(|block| block.path().to_owned());
    let name = path(&[("HOME", "/h")]).unwrap().rsplit_once('/').unwrap().1.to_owned();
    assert!(name.len() == 69 && name.ends_with(".json"), "{name}");
    let at = |dir: &str| Some(format!("{dir}/perch/blocks/{name}"));
    assert_eq!(path(&[("HOME", "/h")]), at(&caches("/h")));
    assert_eq!(path(&[("HOME", "/h"), ("XDG_CACHE_HOME", "/x//y/../z/")]), at("/x/z"));
    assert_eq!(path(&[("HOME", "/h"), ("XDG_CACHE_HOME", "relative")]), at(&caches("/h")));
    assert_eq!(path(&[("HOME", "/h"), ("XDG_CACHE_HOME", "")]), at(&caches("/h")));
    assert_eq!(path(&[("HOME", "/")]), at(&caches("")));
    for none in [&[][..], &[("HOME", "")], &[("HOME", "relative")], &[("HOME", "~")]] {
        assert_eq!(path(none), None, "{none:?}");
    }
}

#[test]
fn entries_are_private() {
    let home = Home::new();
    let block = home.save(&["k"], "x").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
    let path = Path::new(block.path());
    assert_eq!((mode(path), mode(path.parent().unwrap())), (0o600, 0o700));
    assert_eq!(mode(path.parent().unwrap().parent().unwrap()), 0o700);
}

#[test]
fn whatever_is_no_sound_entry_of_this_key_counts_as_nothing() {
    let home = Home::new();
    let block = home.save(&["k"], "x").unwrap();
    let sound = fs::read_to_string(block.path()).unwrap();
    let other = home.save(&["other"], "x").unwrap();
    let number = |name: &str| {
        let value: serde_json::Value = serde_json::from_str(&sound).unwrap();
        format!("\"{name}\":{}", value[name])
    };
    let future = "\"stored_at\":99999999999999";
    let wrong = [
        String::new(),
        sound[..sound.len() / 2].to_owned(),
        format!("{sound}x"),
        "{}".to_owned(),
        "[".repeat(100_000),
        sound.replace(&number("version"), "\"version\":2"),
        sound.replace(&number("version"), "\"version\":0"),
        sound.replace(&number("stored_at"), future),
        sound.replace(&number("stored_at"), "\"stored_at\":-1"),
        sound.replace(&number("stored_at"), "\"stored_at\":5"),
        sound.replace("\"k\"", "\"other\""),
        fs::read_to_string(other.path()).unwrap(),
    ];
    for text in wrong {
        assert_ne!(text, sound);
        fs::write(block.path(), &text).unwrap();
        assert_eq!(home.load(&["k"], DAY), None, "{text:.80}");
    }
    fs::write(block.path(), &sound).unwrap();
    assert_eq!(home.load(&["k"], DAY), Some(entry("x")));
}

#[test]
fn links_pipes_and_what_others_may_write_to_count_as_nothing() {
    let home = Home::new();
    let block = home.save(&["k"], "x").unwrap();
    let (path, aside) = (block.path().to_owned(), format!("{}/aside", home.dir));
    let set = |path: &str, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    set(&path, 0o620);
    assert_eq!(home.load(&["k"], DAY), None);
    set(&path, 0o644);
    assert_eq!(home.load(&["k"], DAY), Some(entry("x")));
    let dir = Path::new(&path).parent().unwrap().to_str().unwrap().to_owned();
    set(&dir, 0o777);
    assert_eq!(home.load(&["k"], DAY), None);
    assert_eq!(home.save(&["k"], "y").unwrap_err().cause, Cause::Foreign);
    set(&dir, 0o700);
    fs::rename(&path, &aside).unwrap();
    symlink(&aside, &path).unwrap();
    assert_eq!(home.load(&["k"], DAY), None);
    assert!(Command::new("mkfifo").arg(format!("{path}.pipe")).status().unwrap().success());
    fs::rename(format!("{path}.pipe"), &path).unwrap();
    assert_eq!(home.load(&["k"], DAY), None);
    symlink(&aside, format!("{path}.link")).unwrap();
    fs::rename(format!("{path}.link"), &path).unwrap();
    let before = fs::read(&aside).unwrap();
    home.save(&["k"], "new").unwrap();
    assert_eq!((home.load(&["k"], DAY), fs::read(&aside).unwrap()), (Some(entry("new")), before));
}

#[test]
fn the_age_of_an_entry_is_told() {
    let home = Home::new();
    let block = home.save(&["k"], "x").unwrap();
    let sound = fs::read_to_string(block.path()).unwrap();
    let value: serde_json::Value = serde_json::from_str(&sound).unwrap();
    let stored = value["stored_at"].as_u64().unwrap();
    let older = sound.replace(&stored.to_string(), &(stored - 3_600_000).to_string());
    fs::write(block.path(), older).unwrap();
    let place = home.place(&block);
    let read = permit(Effect::Read, place.resolved());
    let (_, age) = home.host.load_block(&read, &place, &block, DAY).unwrap().unwrap();
    assert!((3600..3660).contains(&age.as_secs()), "{age:?}");
    assert_eq!(home.load(&["k"], Duration::from_secs(3599)), None);
}

#[test]
fn nothing_too_large_is_stored() {
    let home = Home::new();
    let error = home.save(&["k"], &"x".repeat(MAX_ENTRY as usize)).unwrap_err();
    assert_eq!((error.cause, home.load(&["k"], DAY)), (Cause::TooLarge(MAX_ENTRY), None));
}

#[test]
fn a_permit_is_good_for_its_entry_and_act_only() {
    let home = Home::new();
    let block = home.save(&["k"], "x").unwrap();
    let other = home.save(&["other"], "x").unwrap();
    let place = home.place(&block);
    for wrong in [permit(Effect::Write, block.path()), permit(Effect::Read, other.path())] {
        let error = home.host.load_block(&wrong, &place, &block, DAY).unwrap_err();
        assert_eq!(error.cause, Cause::Unpermitted);
    }
    let read = permit(Effect::Read, block.path());
    assert_eq!(home.host.save_block(&read, &[], &place, &block, &entry("y")).unwrap_err().cause, Cause::Unpermitted);
    assert_eq!(home.load(&["k"], DAY), Some(entry("x")));
}

/// Starts a process that saves the same key for ever, or 200 times.
fn saver(home: &Home, value: &str, times: &str) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "--exact", "process_that_saves"]);
    command.env("SAVER_HOME", &home.dir).env("SAVER_VALUE", value).env("SAVER_TIMES", times);
    command.stdout(Stdio::null()).spawn().unwrap()
}

#[test]
#[ignore = "started by another test"]
fn process_that_saves() {
    let variable = |name: &str| std::env::var(name).unwrap();
    let home = Home::at(&variable("SAVER_HOME"));
    let value = variable("SAVER_VALUE").repeat(20_000);
    for _ in 0..variable("SAVER_TIMES").parse().unwrap() {
        home.save(&["k"], &value).unwrap();
    }
}

/// How many files there are besides the entry.
fn leftovers(home: &Home) -> usize {
    fs::read_dir(format!("{}/perch/blocks", caches(&home.dir))).unwrap().count() - 1
}

#[test]
fn r04_two_processes_may_save_one_key() {
    let home = Home::new();
    home.save(&["k"], &"a".repeat(20_000)).unwrap();
    let savers = [saver(&home, "a", "200"), saver(&home, "b", "200")];
    let whole = [entry(&"a".repeat(20_000)), entry(&"b".repeat(20_000))];
    let mut running = savers.map(Some);
    while running.iter().any(Option::is_some) {
        assert!(whole.contains(&home.load(&["k"], DAY).unwrap()));
        for saver in &mut running {
            if let Some(status) = saver.as_mut().and_then(|saver| saver.try_wait().unwrap()) {
                assert!(status.success());
                *saver = None;
            }
        }
    }
    assert_eq!(leftovers(&home), 0);
}

#[test]
fn a_process_that_is_killed_leaves_a_whole_entry() {
    let home = Home::new();
    let whole = [entry(&"a".repeat(20_000)), entry(&"b".repeat(20_000))];
    for round in 0..20 {
        home.save(&["k"], &"a".repeat(20_000)).unwrap();
        let mut child = saver(&home, "b", "1000000");
        // Until it saves at all, and then at a moment that is another one every time.
        while home.load(&["k"], DAY) == Some(whole[0].clone()) {
            assert!(child.try_wait().unwrap().is_none());
        }
        for _ in 0..round * 3 {
            assert!(whole.contains(&home.load(&["k"], DAY).unwrap()));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(whole.contains(&home.load(&["k"], DAY).unwrap()));
    }
}
