//! `perch-differential`: generated programs, simulated and really run.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use perch_differential::binary::{self, Binary, Setup, user};
use perch_differential::campaign::{Finding, Settings, run_range};
use perch_differential::compare::Contradiction;
use perch_differential::counters::Counters;
use perch_differential::expected::zeros;
use perch_differential::faults::{self, Row, Search, Summary, Witness, are_good};
use perch_differential::lane::{InProcess, Lane};
use perch_differential::oracle::{self, Oracle, Tally};
use perch_differential::precision;
use perch_differential::regressions;
use perch_engine::faults::Fault;

/// As in the program itself: what is measured and proved is what is used.
#[global_allocator]
static ALLOCATOR: perch_system::Memory = perch_system::Memory;

const USAGE: &str = "usage: perch-differential check [--triples N] [--seed S] [--hosts N] [--threads N] [--limit N] [--require-counters]
       perch-differential binary [--triples N] [--seed S] [--hosts N] [--threads N] [--limit N] [--perch PATH] [--strace]
       perch-differential oracle [--triples N] [--seed S] [--hosts N] [--limit N]
       perch-differential faults [--triples N] [--seed S] [--hosts N] [--threads N] [--every K]
       perch-differential show --seed S        one triple as text
       perch-differential replay FILE          a contradiction of the past";

struct Options {
    triples: Option<u64>,
    seed: u64,
    hosts: Option<usize>,
    threads: usize,
    /// Findings after which a worker stops.
    limit: usize,
    /// One of so many faults is planted; which ones, the seed says.
    every: usize,
    /// A counter that stays at zero and need not is a failure.
    require_counters: bool,
    /// The binary, if it is not beside this program.
    perch: Option<PathBuf>,
    /// Somebody looks at the binary from the outside.
    strace: bool,
}

impl Options {
    fn triples(&self) -> u64 {
        self.triples.unwrap_or(20_000)
    }

    fn hosts(&self) -> usize {
        self.hosts.unwrap_or(4)
    }

    /// Takes a flag with its value, if there is such a flag and it takes such a value.
    fn set(&mut self, flag: &str, value: &str) -> Option<()> {
        match flag {
            "--triples" => self.triples = Some(value.parse().ok()?),
            "--seed" => self.seed = value.parse().ok()?,
            "--hosts" => self.hosts = Some(value.parse().ok()?),
            "--limit" => self.limit = value.parse().ok()?,
            "--threads" => self.threads = value.parse::<usize>().ok().filter(|threads| *threads > 0)?,
            "--every" => self.every = value.parse::<usize>().ok().filter(|every| *every > 0)?,
            "--perch" => self.perch = Some(value.into()),
            _ => return None,
        }
        Some(())
    }
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let Some((verb, rest)) = words.split_first() else { return usage() };
    if let ("replay", [file]) = (verb.as_str(), rest) {
        return on_a_large_stack(|| code(replay(Path::new(file))));
    }
    if verb == "decidable" {
        let settings = settings(1);
        let code = precision::main(rest, &settings);
        drop(std::fs::remove_dir_all(&settings.base));
        return code;
    }
    let Some(options) = options(rest) else { return usage() };
    match verb.as_str() {
        "check" => on_a_large_stack(|| code(check(&options))),
        "binary" => through_the_binary(&options, &words),
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
    let mut options = Options {
        triples: None,
        seed: 1,
        hosts: None,
        threads: 2,
        limit: 3,
        every: 1,
        require_counters: false,
        perch: None,
        strace: false,
    };
    let mut words = words.iter();
    while let Some(flag) = words.next() {
        match flag.as_str() {
            "--require-counters" => options.require_counters = true,
            "--strace" => options.strace = true,
            flag => options.set(flag, words.next()?)?,
        }
    }
    Some(options)
}

fn settings(hosts: usize) -> Settings {
    settings_in(&std::env::temp_dir(), hosts)
}

fn settings_in(dir: &Path, hosts: usize) -> Settings {
    let base = dir.join(format!("perch-differential-{}", std::process::id()));
    let stub = std::env::current_exe().unwrap_or_default().with_file_name("perch-stub");
    Settings { base, stub, hosts }
}

/// Where files are in memory on most systems: half of what a run takes is making and removing them.
const MEMORY: &str = "/dev/shm";

/// With hosts in memory, if programs can be started there.
fn fast_settings(hosts: usize) -> Settings {
    let Settings { base, stub, hosts } = settings_in(Path::new(MEMORY), hosts);
    let own = base.join("stub");
    let copied = std::fs::create_dir_all(&base).and_then(|()| std::fs::copy(&stub, &own));
    let started = copied.and_then(|_| std::process::Command::new(&own).status());
    if started.is_ok() {
        return Settings { base, stub: own, hosts };
    }
    drop(std::fs::remove_dir_all(&base));
    settings(hosts)
}

/// A file, with what is wrong with it still.
fn replay(file: &Path) -> bool {
    let settings = settings(1);
    match regressions::read(file, &settings.root("replay")) {
        Ok(regression) => println!("{}\n{}", regression.about, regression.triple),
        Err(message) => println!("{message}"),
    }
    let verdicts = replayed(&[file.to_owned()], |file| regressions::replay(file, &settings));
    let oracle = Oracle::start();
    let language =
        oracle.map(|mut oracle| replayed(&[file.to_owned()], |file| regressions::ask(file, &settings, &mut oracle)));
    drop(std::fs::remove_dir_all(&settings.base));
    verdicts
        && language.unwrap_or_else(|message| {
            println!("the oracle was not asked: {message}");
            true
        })
}

/// Is none of these contradicted again?
fn replayed(files: &[PathBuf], mut replay: impl FnMut(&Path) -> Result<Vec<Contradiction>, String>) -> bool {
    let mut again = 0;
    for file in files {
        let wrong = replay(file).unwrap_or_else(|message| vec![Contradiction::new("replay", message)]);
        again += usize::from(!wrong.is_empty());
        wrong.iter().for_each(|one| println!("{}: {one}", file.display()));
    }
    println!("{} regressions, {again} contradicted again", files.len());
    again == 0
}

fn check(options: &Options) -> bool {
    let start = Instant::now();
    let settings = fast_settings(options.hosts());
    let Some(files) = regression_files() else { return false };
    let kept = replayed(&files, |file| regressions::replay(file, &settings));
    let in_process = |_| Ok(InProcess { stub: &settings.stub });
    let (counters, findings) = campaign(options, &settings, &in_process);
    drop(std::fs::remove_dir_all(&settings.base));
    report(&counters, &findings, options, start);
    let zeros = zeros(&counters);
    println!("{} counters are zero, and {} products of them", zeros.single.len(), zeros.products.len());
    let wanting: Vec<&String> = zeros.wanting(counters.triples).collect();
    if !wanting.is_empty() {
        println!("these must not be: {wanting:?}");
    }
    let hole = options.require_counters && !wanting.is_empty();
    if counters.leaves_too_many_open() {
        println!("too many ops are open at full knowledge: {}", counters.open.len());
    }
    if counters.abandons_too_many() {
        println!("too many triples are over budget: {} of {}", counters.count_abandoned(), counters.triples);
    }
    kept && findings.is_empty() && !hole && !counters.leaves_too_many_open() && !counters.abandons_too_many()
}

/// Through the binary, as somebody who is not root.
fn through_the_binary(options: &Options, words: &[String]) -> ExitCode {
    let settings = settings(options.hosts());
    let done = binary::perch(options.perch.as_deref()).and_then(|perch| {
        if user::is_root() {
            user::again(words, &perch, &settings.base)
        } else {
            as_this_user(options, settings.clone(), &perch)
        }
    });
    drop(std::fs::remove_dir_all(&settings.base));
    ExitCode::from(done.unwrap_or_else(|message| {
        eprintln!("{message}");
        2
    }))
}

fn as_this_user(options: &Options, settings: Settings, perch: &Path) -> Result<u8, String> {
    let start = Instant::now();
    let setup = Setup::new(perch, &settings.stub, &settings.base)?;
    let setup = if options.strace { setup.watched() } else { setup };
    let settings = Settings { base: setup.base.clone(), stub: setup.stub.clone(), ..settings };
    let (counters, findings) = campaign(options, &settings, &|worker| Binary::new(&setup, worker));
    report(&counters, &findings, options, start);
    println!("{}", setup.tally.show());
    Ok(u8::from(!findings.is_empty() || counters.runs == 0))
}

fn regression_files() -> Option<Vec<PathBuf>> {
    regressions::files().map_err(|message| eprintln!("{message}")).ok()
}

fn code(good: bool) -> ExitCode {
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
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
    let settings = fast_settings(options.hosts.unwrap_or(2));
    let Some(files) = regression_files() else { return ExitCode::from(2) };
    let done = Oracle::start().and_then(|mut oracle| {
        let kept = replayed(&files, |file| regressions::ask(file, &settings, &mut oracle));
        drop(oracle);
        asked(options, &settings).map(|(tally, found)| (kept, tally, found))
    });
    drop(std::fs::remove_dir_all(&settings.base));
    let (kept, tally, found) = match done {
        Ok(done) => done,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(2);
        }
    };
    show_findings(&found);
    println!(
        "{} triples from seed {}, {} runs, {} visits, {} racing, {} abandoned, {} unspecified, {} disagreements, {:.1} s",
        tally.triples,
        options.seed,
        tally.runs,
        tally.visits,
        tally.racing,
        tally.abandoned,
        tally.unspecified,
        found.len(),
        start.elapsed().as_secs_f64()
    );
    code(kept && found.is_empty())
}

/// Asks the oracle about all triples, by several workers with an oracle each.
fn asked(options: &Options, settings: &Settings) -> Result<(Tally, Vec<Finding>), String> {
    let end = options.seed + options.triples.unwrap_or(2000);
    let ask = |worker: usize| {
        let mut oracle = Oracle::start()?;
        let seeds = (options.seed + worker as u64..end).step_by(options.threads);
        let done = oracle::run_range(seeds, &settings.of_worker(worker), &mut oracle, options.limit, true);
        done.map_err(|error| error.to_string())
    };
    let mut all = (Tally::default(), Vec::new());
    for (tally, found) in by_workers(options.threads, ask)? {
        all.0.add(tally);
        all.1.extend(found);
    }
    Ok(all)
}

/// What each of the workers comes to.
fn by_workers<T: Send>(
    workers: usize,
    work: impl Fn(usize) -> Result<T, String> + Copy + Send,
) -> Result<Vec<T>, String> {
    std::thread::scope(|scope| {
        let spawn =
            |worker| std::thread::Builder::new().stack_size(256 << 20).spawn_scoped(scope, move || work(worker));
        let started: Vec<_> = (0..workers).map(spawn).collect();
        let joined = started.into_iter().map(|worker| {
            let worker = worker.map_err(|error| error.to_string())?;
            worker.join().map_err(|_| "a worker crashed".to_owned())?
        });
        joined.collect()
    })
}

fn planted(options: &Options) -> ExitCode {
    let start = Instant::now();
    // Some faults make the evaluator stumble; that is noticed, and not worth a message.
    std::panic::set_hook(Box::new(|_| ()));
    let rows = planted_rows(options);
    let _ = std::panic::take_hook();
    let mut rows = match rows {
        Ok(rows) => rows,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(2);
        }
    };
    rows.sort_by(|a, b| (a.witness, &a.name).cmp(&(b.witness, &b.name)));
    for row in &rows {
        let caught = row.caught.map_or("–".to_owned(), |count| count.to_string());
        println!("{:<78} {:<13} {caught:>6}  {}", row.name, row.witness.name(), row.equivalent.unwrap_or_default());
    }
    for witness in Witness::ALL {
        let Summary { planted, caught, equivalent, mistaken } = Summary::of(&rows, *witness);
        let share = 100.0 * caught as f64 / planted.max(1) as f64;
        println!(
            "{}: {caught} of {planted} planted faults caught ({share:.1} %), {equivalent} equivalent ({mistaken} of them caught)",
            witness.name()
        );
    }
    println!("{:.1} s", start.elapsed().as_secs_f64());
    code(are_good(&rows))
}

/// Plants every so manieth fault.
fn planted_rows(options: &Options) -> Result<Vec<Row>, String> {
    let settings = fast_settings(options.hosts());
    let seeds = options.seed..options.seed + options.triples.unwrap_or(1500);
    let first = usize::try_from(options.seed).unwrap_or_default() % options.every;
    let all = faults::contract_faults();
    for name in faults::unknown_equivalents(&all) {
        eprintln!("`{name}` is listed as equivalent, and no such fault is planted");
    }
    let some = all.into_iter().skip(first).step_by(options.every);
    let (golden, real): (Vec<_>, Vec<_>) = some.partition(|fault| fault.witness == Witness::Golden);
    let mut rows = faults::golden_rows(&golden)?;
    let engine: Search<Fault> = Search::new(Fault::ALL.iter().skip(first).step_by(options.every).copied().collect());
    let contracts = Search::new(real);
    let few = (seeds.end - seeds.start) / 5;
    let (settings, seeds, contracts, engine) = (&settings, &seeds, &contracts, &engine);
    let work = |worker: usize| {
        let mut oracle = Oracle::start()?;
        let two = Settings { hosts: 2, ..settings.of_worker(worker) };
        let part = || (1..).zip(seeds.clone()).skip(worker).step_by(options.threads);
        engine.look_for(part(), &two, &mut oracle).map_err(|error| error.to_string())?;
        contracts.look_for(part(), few, &settings.of_worker(worker));
        Ok(())
    };
    by_workers(options.threads, work)?;
    rows.extend(contracts.rows());
    rows.extend(engine.rows());
    drop(std::fs::remove_dir_all(&settings.base));
    Ok(rows)
}

fn campaign<L: Lane>(
    options: &Options,
    settings: &Settings,
    lane: &(dyn Fn(usize) -> std::io::Result<L> + Sync),
) -> (Counters, Vec<Finding>) {
    let mut counters = Counters::default();
    let mut findings = Vec::new();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..options.threads)
            .map(|worker| {
                let step = options.threads as u64;
                let seeds = (options.seed + worker as u64..options.seed + options.triples())
                    .step_by(usize::try_from(step).unwrap_or(1));
                let work =
                    move || lane(worker).map(|mut lane| run_range(&mut lane, seeds, worker, settings, options.limit));
                std::thread::Builder::new().stack_size(256 << 20).spawn_scoped(scope, work)
            })
            .collect();
        for worker in workers.into_iter().flatten() {
            match worker.join() {
                Ok(Ok((seen, found))) => {
                    counters.add(&seen);
                    findings.extend(found);
                }
                Ok(Err(error)) => {
                    eprintln!("a worker cannot start: {error}");
                    std::process::exit(3);
                }
                Err(_) => {
                    eprintln!("a worker crashed");
                    std::process::exit(3);
                }
            }
        }
    });
    (counters, findings)
}

fn show_findings(findings: &[Finding]) {
    for finding in findings {
        println!("{}", finding.triple);
        finding.contradictions.iter().for_each(|one| println!("  ✗ {one}"));
        match regressions::save(finding) {
            Ok(file) => println!("saved; `perch-differential replay {}` shows it again", file.display()),
            Err(message) => println!("not saved: {message}"),
        }
    }
}

/// Ops that are open at full knowledge, and are listed.
const MAX_OPEN: usize = 20;

fn report(counters: &Counters, findings: &[Finding], options: &Options, start: Instant) {
    show_findings(findings);
    println!("claims {:?}", counters.claims);
    println!("outcomes {:?}", counters.by(|seen| format!("{} {}", seen.op, seen.case)));
    println!("decided {:?}", counters.decided);
    for ((sort, part), seeds) in &counters.abandoned {
        println!("abandoned, {sort}, {part:?}: {seeds:?}");
    }
    for (message, seeds) in &counters.unloadable {
        println!("does not load, {message}: {seeds:?}");
    }
    println!(
        "{} hosts made to violate an assumption, {} runs left the report where one was printed",
        counters.violating, counters.departed
    );
    println!("open at full knowledge: {}, and {} that go by chance", counters.open.len(), counters.by_chance.len());
    for (seed, node) in counters.open.iter().take(MAX_OPEN) {
        println!("  seed {seed}: {node}");
    }
    println!(
        "{} triples from seed {}, {} runs, {} op checks, {} abandoned, {} unloadable, {} contradictions, {:.1} s",
        counters.triples,
        options.seed,
        counters.runs,
        counters.checks,
        counters.count_abandoned(),
        counters.count_unloadable(),
        findings.len(),
        start.elapsed().as_secs_f64()
    );
}

/// How large the simulation of each triple is.
fn sizes(options: &Options) -> ExitCode {
    // As deep as where campaigns are run: what is above the root takes nodes, too.
    let root = settings_in(Path::new(MEMORY), 1).root("0");
    for seed in options.seed..options.seed + options.triples() {
        let triple = perch_differential::campaign::triple(seed, &root, 1);
        let start = Instant::now();
        let nodes = perch_differential::campaign::size(&triple);
        println!("{seed} {nodes} nodes {:.1} ms", start.elapsed().as_secs_f64() * 1000.0);
    }
    ExitCode::SUCCESS
}

fn show(options: &Options) -> ExitCode {
    for seed in options.seed..options.seed + options.triples.unwrap_or(1) {
        println!("{}", perch_differential::campaign::triple(seed, "/tmp/perch-differential/w", options.hosts()));
    }
    ExitCode::SUCCESS
}
