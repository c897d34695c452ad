//! The verb `decidable`: shares, misses, and the record that they are held against.
//!
//! The record, `precision.json` beside this crate's manifest, holds the shares of the usual programs. `--check` measures them again and
//! fails if one has become smaller; `--record` writes them down.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;
use std::{fs, io};

use serde::{Deserialize, Serialize};

use crate::campaign::Settings;
use crate::completions::{MANY_RUNS, Measured, Miss, Share, measure_range, really_range, show, shrink};
use crate::hosts::Knowledge;
use crate::small::Programs;

/// How to call it.
pub const USAGE: &str = "\
perch-differential decidable [--check | --record] [--threads N]
       perch-differential decidable --programs small|campaign [--triples N] [--seed S] [--runs N] [--threads N] [--misses N]";

/// Triples of the record, by programs.
const USUAL: [(Programs, u64); 2] = [(Programs::Small, 3000), (Programs::Campaign, 1200)];

/// Of every so many triples, runs are really made.
const REALLY_EVERY: usize = 8;

struct Options {
    /// Those of the record, unless others are asked for.
    programs: Option<Programs>,
    triples: u64,
    seed: u64,
    runs: usize,
    threads: usize,
    /// Kinds of misses that are shown as small programs.
    misses: usize,
    check: bool,
    record: bool,
}

fn options(words: &[String]) -> Option<Options> {
    let mut options = Options {
        programs: None,
        triples: 1000,
        seed: 1,
        runs: MANY_RUNS,
        threads: 2,
        misses: 0,
        check: false,
        record: false,
    };
    let mut words = words.iter();
    while let Some(flag) = words.next() {
        match flag.as_str() {
            "--check" => options.check = true,
            "--record" => options.record = true,
            "--programs" => {
                options.programs = match words.next()?.as_str() {
                    "small" => Some(Programs::Small),
                    "campaign" => Some(Programs::Campaign),
                    _ => return None,
                }
            }
            "--triples" => options.triples = words.next()?.parse().ok()?,
            "--seed" => options.seed = words.next()?.parse().ok()?,
            "--runs" => options.runs = words.next()?.parse().ok()?,
            "--threads" => options.threads = words.next()?.parse().ok()?,
            "--misses" => options.misses = words.next()?.parse().ok()?,
            _ => return None,
        }
    }
    Some(options)
}

/// Runs the verb.
pub fn main(words: &[String], settings: &Settings) -> ExitCode {
    let Some(options) = options(words) else {
        eprintln!("usage: {USAGE}");
        return ExitCode::from(2);
    };
    let start = Instant::now();
    let parts = match options.programs {
        Some(programs) => vec![(programs, options.triples)],
        None => USUAL.to_vec(),
    };
    let mut record = Record::new();
    let mut good = true;
    for (programs, triples) in parts {
        let measured = measure(programs, triples, &options, settings);
        report(programs, &measured, &options);
        good &= measured.wrong.is_empty();
        record.insert(programs.name().to_owned(), figures(&measured));
    }
    if options.record
        && let Err(error) = write(&record)
    {
        eprintln!("cannot write `{}`: {error}", path().display());
        good = false;
    }
    if options.check {
        good &= is_no_worse(&record);
    }
    println!("{:.1} s", start.elapsed().as_secs_f64());
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn measure(programs: Programs, triples: u64, options: &Options, settings: &Settings) -> Measured {
    let mut all = Measured::default();
    let step = options.threads.max(1);
    let seeds = options.seed..options.seed + triples;
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..step)
            .map(|worker| {
                let seeds = seeds.clone().skip(worker).step_by(step);
                let few = seeds.clone().step_by(REALLY_EVERY);
                let work = move || {
                    let mut measured = measure_range(seeds, programs, options.runs);
                    measured.add(really_range(few, worker, programs, settings));
                    measured
                };
                std::thread::Builder::new().stack_size(256 << 20).spawn_scoped(scope, work)
            })
            .collect();
        for worker in workers.into_iter().flatten() {
            match worker.join() {
                Ok(measured) => all.add(measured),
                Err(_) => {
                    eprintln!("a worker crashed");
                    std::process::exit(3);
                }
            }
        }
    });
    all
}

fn report(programs: Programs, measured: &Measured, options: &Options) {
    for (triple, message) in &measured.wrong {
        println!("── seed {}\n{}", triple.seed, triple.source.text());
        println!("fixture {}\n  ✗ {message}", serde_json::to_string(&triple.fixture).unwrap_or_default());
    }
    println!("── misses, {} programs", programs.name());
    for (at, (kind, misses)) in kinds(&measured.misses).iter().enumerate() {
        println!("{:>4} {kind}", misses.len());
        if at < options.misses
            && let Some(first) = misses.iter().min_by_key(|miss| (!miss.whole, miss.triple.source.text().len()))
        {
            println!("{}", show(&shrink(first, options.runs)));
        }
    }
    let seeds = |knowledge: Knowledge| {
        let of = measured.abandoned.iter().filter(|triple| triple.knowledge == knowledge);
        of.map(|triple| triple.seed.to_string()).collect::<Vec<_>>().join(" ")
    };
    for knowledge in [Knowledge::Full, Knowledge::Half, Knowledge::None] {
        println!("over budget, {}: {}", knowledge.name(), seeds(knowledge));
    }
    println!("── decided of what is decidable, {} programs", programs.name());
    for ((knowledge, op), share) in &measured.shares {
        println!("{:<5} {op:<11} {}", knowledge.name(), line(*share));
    }
    for (knowledge, share) in shares(measured) {
        println!("{:<5} {:<11} {}", knowledge.name(), "all", line(share));
    }
    println!(
        "{} triples from seed {}, {} abandoned, {} cut short, {} runs in memory, {} really made, {} wrong",
        measured.triples,
        options.seed,
        measured.abandoned.len(),
        measured.cut,
        measured.runs,
        measured.real,
        measured.wrong.len()
    );
}

/// Misses of the same op with the same reasons, the most frequent first.
fn kinds(misses: &[Miss]) -> Vec<(String, Vec<&Miss>)> {
    let mut kinds: BTreeMap<String, Vec<&Miss>> = BTreeMap::new();
    for miss in misses {
        let reasons: Vec<&str> = miss.reasons.iter().map(String::as_str).collect();
        let truth = if miss.fails { "fails" } else { "succeeds" };
        kinds.entry(format!("{} {truth}: {}", miss.op, reasons.join(" | "))).or_default().push(miss);
    }
    let mut kinds: Vec<(String, Vec<&Miss>)> = kinds.into_iter().collect();
    kinds.sort_by_key(|(_, misses)| std::cmp::Reverse(misses.len()));
    kinds
}

fn shares(measured: &Measured) -> Vec<(Knowledge, Share)> {
    let all =
        [Knowledge::Full, Knowledge::Half, Knowledge::None].map(|knowledge| (knowledge, measured.share(knowledge)));
    all.into_iter().filter(|(_, share)| *share != Share::default()).collect()
}

fn line(share: Share) -> String {
    let Share { decided, missed, open, unreached } = share;
    format!("{:>5.1} % ({decided} of {}; {open} open, {unreached} unreached)", share.percent(), decided + missed)
}

// ---- the record -----------------------------------------------------------------------------------

/// Figures by programs and knowledge.
type Record = BTreeMap<String, BTreeMap<String, Figures>>;

/// What is written down of a share.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Figures {
    /// Of what is decidable, rounded down.
    percent: f64,
    decided: usize,
    missed: usize,
}

fn figures(measured: &Measured) -> BTreeMap<String, Figures> {
    let figures = |share: Share| Figures {
        percent: (share.percent() * 10.0).floor() / 10.0,
        decided: share.decided,
        missed: share.missed,
    };
    shares(measured).into_iter().map(|(knowledge, share)| (knowledge.name().to_owned(), figures(share))).collect()
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("precision.json")
}

fn write(record: &Record) -> io::Result<()> {
    fs::write(path(), serde_json::to_string_pretty(record)? + "\n")
}

fn read() -> io::Result<Record> {
    Ok(serde_json::from_str(&fs::read_to_string(path())?)?)
}

/// Is no share smaller than it was?
fn is_no_worse(measured: &Record) -> bool {
    let recorded = match read() {
        Ok(recorded) => recorded,
        Err(error) => {
            println!("cannot read `{}`: {error}", path().display());
            return false;
        }
    };
    let worse = worse(&recorded, measured);
    worse.iter().for_each(|line| println!("{line}"));
    worse.is_empty()
}

fn worse(recorded: &Record, measured: &Record) -> Vec<String> {
    let mut worse = Vec::new();
    for (programs, figures) in recorded {
        for (knowledge, before) in figures {
            let now = measured.get(programs).and_then(|figures| figures.get(knowledge));
            let percent = now.map_or(0.0, |now| now.percent);
            if percent < before.percent {
                worse.push(format!(
                    "{programs} programs, {knowledge} knowledge: {percent:.1} % decided of what is decidable, and it was {:.1} %",
                    before.percent
                ));
            }
        }
    }
    worse
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(percent: f64) -> Record {
        let figures = Figures { percent, decided: 0, missed: 0 };
        BTreeMap::from([("small".to_owned(), BTreeMap::from([("half".to_owned(), figures)]))])
    }

    #[test]
    fn shares_may_only_grow() {
        assert!(worse(&record(97.0), &record(97.0)).is_empty() && worse(&record(97.0), &record(99.0)).is_empty());
        assert_eq!(worse(&record(97.0), &record(96.9)).len(), 1);
        assert_eq!(worse(&record(97.0), &Record::new()).len(), 1);
    }

    #[test]
    fn there_is_a_record_of_the_usual_programs() {
        let record = read().unwrap();
        for (programs, _) in USUAL {
            let figures = &record[programs.name()];
            assert!(figures.values().all(|figures| figures.percent >= 95.0), "{figures:?}");
            // One in a thousand may be missed where the fixture tells everything.
            let few = |figures: &Figures| figures.missed * 1000 <= figures.decided;
            assert!(figures.get("full").is_none_or(few), "{figures:?}");
        }
    }
}
