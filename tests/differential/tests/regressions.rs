//! Contradictions that were found once do not come back.

use std::path::PathBuf;

use perch_differential::campaign::Settings;
use perch_differential::regressions::{files, folder, read, replay};

/// Simulations call each other deep.
const STACK: usize = 256 << 20;

#[test]
fn nothing_that_was_found_is_contradicted_again() {
    let base = std::env::temp_dir().join(format!("perch-regressions-{}", std::process::id()));
    let settings = Settings { base: base.clone(), stub: PathBuf::from(env!("CARGO_BIN_EXE_perch-stub")), hosts: 1 };
    let work = move || {
        let replayed = files().unwrap().into_iter().map(|file| (file.clone(), replay(&file, &settings)));
        replayed.collect::<Vec<_>>()
    };
    let replayed = std::thread::Builder::new().stack_size(STACK).spawn(work).unwrap().join().unwrap();
    drop(std::fs::remove_dir_all(base));
    assert!(!replayed.is_empty(), "there is nothing in {}", folder().display());
    for (file, wrong) in replayed {
        assert_eq!(wrong, Ok(Vec::new()), "{}", file.display());
    }
}

#[test]
fn every_file_says_what_it_is_about() {
    for file in files().unwrap() {
        let regression = read(&file, "/w").unwrap();
        assert!(!regression.about.is_empty() && !regression.contradicted.is_empty(), "{}", file.display());
    }
}
