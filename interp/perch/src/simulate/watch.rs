//! `--watch`: the report again whenever something is saved that it hangs on.
//!
//! What was read stays in the database, and what was judged is kept ([`super::kept`]), so that an edit costs what it concerns.

use std::path::Path;
use std::thread;
use std::time::{Duration, SystemTime};

use perch_ir::Snapshot;

use super::flags::Flags;
use super::kept::Kept;
use super::{Asked, page};
use crate::aside::aside;
use crate::cli::STDIN;
use crate::load::Opened;
use crate::report::Trouble;
use crate::{list, stack};

/// How often it is looked whether something was saved.
const TICK: Duration = Duration::from_millis(100);

/// When a file was saved and how long it is; nothing if it is not there.
type Stamp = Option<(SystemTime, u64)>;

/// Says what the commands would do, and again whenever a file is saved, until somebody ends it.
pub(super) fn watch(asked: &Asked) -> Result<u8, Trouble> {
    if asked.file == STDIN {
        let trouble = Trouble::usage("`--watch` watches files, and `-f -` is none");
        return Err(trouble.help("name the file with `-f FILE`"));
    }
    let mut opened = None;
    let mut kept = Kept::for_later();
    let mut fixture = None;
    loop {
        let described = asked.flags.host.sim_file.as_ref().map(std::fs::read);
        let described = described.map(|read| read.unwrap_or_default());
        if fixture.as_ref() != Some(&described) {
            kept.forget();
            fixture = Some(described);
        }
        let before = stamps(&files(asked, kept.program()));
        match once(asked, &mut opened, &mut kept) {
            // Whoever reads what is printed may have gone: then there is nobody to watch for.
            Ok((page, judged)) => {
                if !list::print_to_reader(&page)? {
                    return Ok(0);
                }
                aside!("\n↻ judged {judged}");
            }
            Err(trouble) => drop(trouble.tell()),
        }
        let files = files(asked, kept.program());
        aside!("\n↻ watching {}: Ctrl-C ends it", files.join(", "));
        // What was saved while it was judged counts as well.
        let known = if before.len() == files.len() { before } else { stamps(&files) };
        while settled(&files) == known {
            thread::sleep(TICK);
        }
    }
}

/// The page on what the files hold now, and how much of it was judged for that.
fn once(asked: &Asked, opened: &mut Option<Opened>, kept: &mut Kept) -> Result<(String, String), Trouble> {
    let now = match opened.take() {
        Some(mut before) => before.again().map(|()| before),
        None => Opened::new(&asked.file),
    };
    let loaded = opened.insert(now?).loaded();
    let report = asked.report(&loaded, kept)?;
    let format = asked.flags.format();
    let page = stack::big(|| page(&report, format))??;
    let (again, all) = kept.counted();
    let plural = if all == 1 { "" } else { "s" };
    Ok((page, format!("{again} of {all} command{plural}")))
}

/// The files that a report hangs on: those of the program, as far as they are known, and the fixture.
fn files(asked: &Asked, program: Option<&Snapshot>) -> Vec<String> {
    let of_program = program.map_or_else(|| vec![asked.file.clone()], |program| program.files().to_vec());
    of_program.into_iter().chain(fixture_of(&asked.flags)).collect()
}

fn fixture_of(flags: &Flags) -> Option<String> {
    flags.host.sim_file.clone()
}

fn stamps(files: &[String]) -> Vec<Stamp> {
    let stamp = |file: &String| {
        let found = std::fs::metadata(Path::new(file)).ok()?;
        Some((found.modified().ok()?, found.len()))
    };
    files.iter().map(stamp).collect()
}

/// The same once nobody is writing any more.
fn settled(files: &[String]) -> Vec<Stamp> {
    let mut last = stamps(files);
    loop {
        thread::sleep(TICK / 4);
        let now = stamps(files);
        if now == last {
            return now;
        }
        last = now;
    }
}
