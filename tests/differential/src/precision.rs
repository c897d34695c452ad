//! The verb `decidable`: shares, misses, and the record that they are held against.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Instant;

use crate::campaign::Settings;
use crate::completions::{Effort, Measured, Miss, Programs, Share, measure_range, show, shrink};
use crate::hosts::Knowledge;

/// How to call it.
pub const USAGE: &str = "perch-differential decidable [--triples N] [--seed S] [--runs N] [--threads N] [--real-every N] [--programs small|campaign] [--misses N]";

struct Options {
    triples: u64,
    seed: u64,
    threads: usize,
    programs: Programs,
    effort: Effort,
    /// Kinds of misses that are shown as small programs.
    misses: usize,
}

fn options(words: &[String]) -> Option<Options> {
    let mut options = Options {
        triples: 1000,
        seed: 1,
        threads: 2,
        programs: Programs::Small,
        effort: Effort { runs: 3000, real_every: 8 },
        misses: 0,
    };
    let mut words = words.iter();
    while let Some(flag) = words.next() {
        let value = words.next()?;
        match flag.as_str() {
            "--triples" => options.triples = value.parse().ok()?,
            "--seed" => options.seed = value.parse().ok()?,
            "--threads" => options.threads = value.parse().ok()?,
            "--runs" => options.effort.runs = value.parse().ok()?,
            "--real-every" => options.effort.real_every = value.parse().ok()?,
            "--misses" => options.misses = value.parse().ok()?,
            "--programs" if value == "campaign" => options.programs = Programs::Campaign,
            "--programs" if value == "small" => options.programs = Programs::Small,
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
    let measured = measure(&options, settings);
    report(&measured, &options, settings);
    println!("{:.1} s", start.elapsed().as_secs_f64());
    if measured.wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn measure(options: &Options, settings: &Settings) -> Measured {
    let mut all = Measured::default();
    let step = usize::try_from(options.threads.max(1) as u64).unwrap_or(1);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..step)
            .map(|worker| {
                let seeds = (options.seed + worker as u64..options.seed + options.triples).step_by(step);
                let work = move || measure_range(seeds, worker, options.programs, &options.effort, settings);
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

fn report(measured: &Measured, options: &Options, settings: &Settings) {
    for (triple, message) in &measured.wrong {
        println!("── seed {}\n{}", triple.seed, triple.source.text());
        println!("fixture {}\n  ✗ {message}", serde_json::to_string(&triple.fixture).unwrap_or_default());
    }
    let mut kinds: BTreeMap<String, Vec<&Miss>> = BTreeMap::new();
    for miss in &measured.misses {
        let reasons: Vec<&str> = miss.reasons.iter().map(String::as_str).collect();
        let truth = if miss.fails { "fails" } else { "succeeds" };
        kinds.entry(format!("{} {truth}: {}", miss.op, reasons.join(" | "))).or_default().push(miss);
    }
    let mut kinds: Vec<(String, Vec<&Miss>)> = kinds.into_iter().collect();
    kinds.sort_by_key(|(_, misses)| std::cmp::Reverse(misses.len()));
    for (at, (kind, misses)) in kinds.iter().enumerate() {
        println!("{:>4} {kind}", misses.len());
        if at < options.misses
            && let Some(first) = misses.iter().min_by_key(|miss| (!miss.whole, miss.triple.source.text().len()))
        {
            println!("{}", show(&shrink(first, &options.effort, settings)));
        }
    }
    for ((knowledge, op), share) in &measured.shares {
        println!("{knowledge:?} {op}: {}", line(*share));
    }
    for knowledge in [Knowledge::Full, Knowledge::Half, Knowledge::None] {
        println!("{knowledge:?}: {}", line(measured.share(knowledge)));
    }
    println!(
        "{} triples from seed {}, {} runs in memory, {} really made, {} programs cut short, {} abandoned, {} wrong",
        measured.triples,
        options.seed,
        measured.runs,
        measured.real,
        measured.cut,
        measured.abandoned,
        measured.wrong.len()
    );
}

fn line(share: Share) -> String {
    let Share { decided, missed, open, unreached } = share;
    format!(
        "{:.1} % decided of what is decidable ({decided} of {}; {open} open, {unreached} unreached)",
        share.percent(),
        decided + missed
    )
}
