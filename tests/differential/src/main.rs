//! `perch-differential`: generated programs, simulated and really run.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use perch_differential::campaign::{Finding, Settings, run_range};
use perch_differential::counters::Counters;
use perch_differential::expected::{ENOUGH, zeros};
use perch_differential::faults::{self, Summary};
use perch_differential::oracle::{self, Oracle};
use perch_differential::precision;

const USAGE: &str = "usage: perch-differential check [--triples N] [--seed S] [--hosts N] [--threads N] [--limit N] [--require-counters]
       perch-differential oracle [--triples N] [--seed S] [--hosts N] [--limit N]
       perch-differential faults [--triples N] [--seed S] [--hosts N] [--threads N]
       perch-differential show --seed S        one triple as text";

struct Options {
    triples: Option<u64>,
    seed: u64,
    hosts: Option<usize>,
    threads: usize,
    /// Findings after which a worker stops.
    limit: usize,
    /// A counter that stays at zero and need not is a failure.
    require_counters: bool,
}

impl Options {
    fn triples(&self) -> u64 {
        self.triples.unwrap_or(20_000)
    }

    fn hosts(&self) -> usize {
        self.hosts.unwrap_or(4)
    }
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let Some((verb, rest)) = words.split_first() else { return usage() };
    if verb == "decidable" {
        let settings = settings(1);
        let code = precision::main(rest, &settings);
        drop(std::fs::remove_dir_all(&settings.base));
        return code;
    }
    let Some(options) = options(rest) else { return usage() };
    match verb.as_str() {
        "check" => check(&options),
        "oracle" => on_a_large_stack(move || oracle(&options)),
        "faults" => on_a_large_stack(move || planted(&options)),
        "show" => show(&options),
        "sizes" => sizes(&options),
        _ => usage(),
    }
}

fn usage() -> ExitCode {
    eprintln!("{USAGE}");
    ExitCode::from(2)
}

fn options(words: &[String]) -> Option<Options> {
    let mut options = Options { triples: None, seed: 1, hosts: None, threads: 2, limit: 3, require_counters: false };
    let mut words = words.iter();
    while let Some(flag) = words.next() {
        if flag == "--require-counters" {
            options.require_counters = true;
            continue;
        }
        let value = words.next()?;
        match flag.as_str() {
            "--triples" => options.triples = Some(value.parse().ok()?),
            "--seed" => options.seed = value.parse().ok()?,
            "--hosts" => options.hosts = Some(value.parse().ok()?),
            "--limit" => options.limit = value.parse().ok()?,
            "--threads" => options.threads = value.parse().ok()?,
            _ => return None,
        }
    }
    Some(options)
}

fn settings(hosts: usize) -> Settings {
    let base = std::env::temp_dir().join(format!("perch-differential-{}", std::process::id()));
    let stub = std::env::current_exe().unwrap_or_default().with_file_name("perch-stub");
    Settings { base, stub, hosts, contracts: Vec::new() }
}

fn check(options: &Options) -> ExitCode {
    let start = Instant::now();
    let settings = settings(options.hosts());
    let (counters, findings) = campaign(options, &settings);
    drop(std::fs::remove_dir_all(&settings.base));
    report(&counters, &findings, options, start);
    let zeros = zeros(&counters);
    println!("{} expected counters are zero: {zeros:?}", zeros.len());
    let hole = options.require_counters && counters.triples >= ENOUGH && !zeros.is_empty();
    if findings.is_empty() && !hole { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Programs call each other 64 deep.
fn on_a_large_stack(work: impl FnOnce() -> ExitCode + Send) -> ExitCode {
    let done = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(256 << 20).spawn_scoped(scope, work);
        thread.map(|thread| thread.join())
    });
    match done {
        Ok(Ok(code)) => code,
        _ => ExitCode::from(3),
    }
}

fn oracle(options: &Options) -> ExitCode {
    let start = Instant::now();
    let settings = settings(options.hosts.unwrap_or(2));
    let triples = options.triples.unwrap_or(2000);
    let seeds = options.seed..options.seed + triples;
    let done = Oracle::start().and_then(|mut oracle| {
        oracle::run_range(seeds, &settings, &mut oracle, options.limit, true).map_err(|error| error.to_string())
    });
    drop(std::fs::remove_dir_all(&settings.base));
    let (tally, found) = match done {
        Ok(done) => done,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(2);
        }
    };
    for one in &found {
        println!("{}", oracle::show(one));
    }
    println!(
        "{} triples from seed {}, {} runs, {} visits, {} abandoned, {} unspecified, {} disagreements, {:.1} s",
        tally.triples,
        options.seed,
        tally.runs,
        tally.visits,
        tally.abandoned,
        tally.unspecified,
        found.len(),
        start.elapsed().as_secs_f64()
    );
    if found.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn planted(options: &Options) -> ExitCode {
    let start = Instant::now();
    let settings = settings(options.hosts());
    let seeds = options.seed..options.seed + options.triples.unwrap_or(1500);
    // Some faults make the evaluator stumble; that is noticed, and not worth a message.
    std::panic::set_hook(Box::new(|_| ()));
    let engine = Oracle::start().and_then(|mut oracle| {
        let settings = Settings { hosts: 2, ..settings.clone() };
        faults::engine_rows(seeds.clone(), &settings, &mut oracle).map_err(|error| error.to_string())
    });
    let mut rows = match engine {
        Ok(rows) => rows,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(2);
        }
    };
    let all = faults::contract_faults();
    for name in faults::unknown_equivalents(&all) {
        eprintln!("`{name}` is listed as equivalent, and no such fault is planted");
    }
    let mut usable = 0;
    let parts: Vec<Vec<_>> = (0..options.threads.max(1))
        .map(|worker| all.iter().skip(worker).step_by(options.threads.max(1)).cloned().collect())
        .collect();
    std::thread::scope(|scope| {
        let (settings, seeds) = (&settings, &seeds);
        let workers: Vec<_> = parts
            .iter()
            .enumerate()
            .map(|(worker, part)| {
                let work = move || faults::contract_rows(part, seeds.clone(), worker, settings);
                std::thread::Builder::new().stack_size(256 << 20).spawn_scoped(scope, work)
            })
            .collect();
        for worker in workers.into_iter().flatten() {
            let (used, part) = worker.join().unwrap_or_default();
            usable = usable.max(used);
            rows.extend(part);
        }
    });
    let _ = std::panic::take_hook();
    drop(std::fs::remove_dir_all(&settings.base));
    rows.sort_by(|a, b| (a.witness, &a.name).cmp(&(b.witness, &b.name)));
    for row in &rows {
        let caught = row.caught.map_or("–".to_owned(), |count| count.to_string());
        println!("{:<78} {:<13} {caught:>6}  {}", row.name, row.witness, row.equivalent.unwrap_or_default());
    }
    let summary = Summary::of(&rows);
    println!(
        "{} of {} planted faults caught ({:.1} %), {} equivalent ({} of them caught), {usable} triples small enough, {:.1} s",
        summary.caught,
        summary.planted,
        100.0 * summary.caught as f64 / summary.planted.max(1) as f64,
        summary.equivalent,
        summary.mistaken,
        start.elapsed().as_secs_f64()
    );
    if summary.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn campaign(options: &Options, settings: &Settings) -> (Counters, Vec<Finding>) {
    let mut counters = Counters::default();
    let mut findings = Vec::new();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..options.threads)
            .map(|worker| {
                let step = options.threads as u64;
                let seeds = (options.seed + worker as u64..options.seed + options.triples())
                    .step_by(usize::try_from(step).unwrap_or(1));
                let work = move || run_range(seeds, worker, settings, options.limit);
                std::thread::Builder::new().stack_size(256 << 20).spawn_scoped(scope, work)
            })
            .collect();
        for worker in workers.into_iter().flatten() {
            if let Ok((seen, found)) = worker.join() {
                counters.add(&seen);
                findings.extend(found);
            } else {
                eprintln!("a worker crashed");
                std::process::exit(3);
            }
        }
    });
    (counters, findings)
}

fn report(counters: &Counters, findings: &[Finding], options: &Options, start: Instant) {
    for finding in findings {
        println!("── seed {}", finding.triple.seed);
        println!("{}", finding.triple.source.text());
        println!("fixture {}", serde_json::to_string(&finding.triple.fixture).unwrap_or_default());
        println!("flags {}", serde_json::to_string(&finding.triple.flags).unwrap_or_default());
        for host in &finding.triple.hosts {
            println!("host {}", serde_json::to_string(host).unwrap_or_default());
        }
        for one in &finding.contradictions {
            println!("  ✗ {}: {}", one.about, one.message);
        }
    }
    println!("claims {:?}", counters.claims);
    println!("outcomes {:?}", counters.outcomes);
    println!("nested {:?}", counters.nested);
    println!("decided {:?}", counters.decided);
    println!("open at full knowledge {:?}", counters.open);
    println!(
        "{} triples from seed {}, {} runs ({} outside the assumptions), {} op checks, {} abandoned, {} unloadable, {} contradictions, {:.1} s",
        counters.triples,
        options.seed,
        counters.runs,
        counters.outside,
        counters.checks,
        counters.abandoned,
        counters.unloadable,
        findings.len(),
        start.elapsed().as_secs_f64()
    );
}

/// How large the simulation of each triple is.
fn sizes(options: &Options) -> ExitCode {
    let root = PathBuf::from("/tmp/perch-differential/0/w");
    for seed in options.seed..options.seed + options.triples() {
        let (triple, _) = perch_differential::campaign::triple(seed, &root.to_string_lossy(), 1);
        let start = Instant::now();
        let nodes = perch_differential::campaign::size(&triple);
        println!("{seed} {nodes} nodes {:.1} ms", start.elapsed().as_secs_f64() * 1000.0);
    }
    ExitCode::SUCCESS
}

fn show(options: &Options) -> ExitCode {
    let root = PathBuf::from("/tmp/perch-differential/0/w");
    let (triple, _) = perch_differential::campaign::triple(options.seed, &root.to_string_lossy(), options.hosts());
    println!("{}", triple.source.text());
    println!("{}", serde_json::to_string_pretty(&triple.fixture).unwrap_or_default());
    ExitCode::SUCCESS
}
