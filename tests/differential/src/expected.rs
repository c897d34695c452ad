//! Counters that must not stay at zero, derived from the catalogue and the contracts.

use std::collections::{BTreeMap, BTreeSet};

use perch_ops::contract::{Ask, Change, Contract, Remote, UNPACKING, Yields, contract};
use perch_ops::{Body, Control, Entry, ErrorKind, OpId, Primitive, catalogue, lookup};

use crate::compare::Claim;
use crate::counters::{Counters, FORMS, Seen};
use crate::source::{ARMS, Around, BODIES};

/// From so many triples on, each op must have had each outcome and each claim, and each block must have been in each other.
pub const ENOUGH: usize = 3_000;

/// From so many on, each product of those must have been seen, too: [`crate::steered`] sees to it that it is.
pub const ENOUGH_FOR_PRODUCTS: usize = 20_000;

/// Counters that nothing can raise, and why. `*` stands for any word but a pair of blocks, `*>*` for any of those.
pub const IMPOSSIBLE: &[(&str, &str)] = &[
    ("* parse_failed", "files of the hosts are UTF-8"),
    ("* file_permission_denied", "the harness may do everything below its root"),
    ("ungzip limit_exceeded", SMALL),
    ("tar_extract limit_exceeded", SMALL),
    ("tar_extract file_path_disallowed Fails", UNKNOWN_ARCHIVE),
    ("zip_extract limit_exceeded", SMALL),
    ("zip_extract file_path_disallowed Fails", UNKNOWN_ARCHIVE),
    ("*>* file_path_disallowed Fails", UNKNOWN_ARCHIVE),
    (
        "replace_in_file limit_exceeded",
        "a file of which nothing is known is taken to be small, so those of the hosts are",
    ),
    ("exec shell_signal_killed", "the stand-in for programs is never killed"),
    ("exec invalid_argument", "a working directory is a clean path; that a line has no words is a form of its own"),
    ("shell bin_not_found", EVERY_HOST),
    ("shell_output bin_not_found", EVERY_HOST),
    ("shell_in bin_not_found", EVERY_HOST),
    ("shell_detached bin_not_found", EVERY_HOST),
    ("try_shell bin_not_found", EVERY_HOST),
    ("shell shell_signal_killed", "the stand-in for programs is never killed"),
    ("shell_output shell_signal_killed", "the stand-in for programs is never killed"),
    ("shell_in shell_signal_killed", "the stand-in for programs is never killed"),
    ("shell invalid_argument", "a working directory is a clean path"),
    ("shell_output invalid_argument", "a working directory is a clean path"),
    ("shell_detached invalid_argument", "a working directory is a clean path"),
    ("try_shell invalid_argument", "a working directory is a clean path"),
    ("kill_by_name ok", NOBODY_LOOKS),
    ("kill_by_name io_error", NOBODY_LOOKS),
    ("kill_by_name Runs", NOBODY_LOOKS),
    ("kill_by_name * Open", NOBODY_LOOKS),
    ("process_running ok", NOBODY_LOOKS),
    ("process_running io_error", NOBODY_LOOKS),
    ("process_running Runs", NOBODY_LOOKS),
    ("process_running * Open", NOBODY_LOOKS),
    ("try unresolved_var", "nothing is evaluated"),
    ("try Fails", "the head of a `try` has nothing that could fail"),
    ("try Open", "the head of a `try` has nothing that could fail"),
    ("try * Open", "the head of a `try` has nothing that could fail"),
    ("sandbox unresolved_var", "what is given up is written, and no value"),
    ("sandbox Fails", "what is given up is written, and no value"),
    ("sandbox Open", "what is given up is written, and no value"),
    ("sandbox * Open", "what is given up is written, and no value"),
    ("arg Skipped", "a default is a node of the report where it is evaluated, and nowhere else"),
    ("*>* arg", "a default stands where an argument is declared, in no block"),
    ("bin_version io_error", "what keeps a program from saying its version makes that empty"),
    ("bin_version invalid_argument", "no program on PATH has a name that none can be given"),
    ("pkg_installed read_not_permitted", "what the machine is is only kept from those who have given everything up"),
    ("pkg_installed io_error", "what keeps a manager from saying what is there makes that false"),
    ("pkg_installed shell_bin_not_allowed Open", ONE_MANAGER),
    ("pkg_installed bin_not_declared Open", ONE_MANAGER),
    ("pkg_install bin_not_found *", ONE_MANAGER),
    ("pkg_install shell_exit_nonzero *", ONE_MANAGER),
    ("pkg_install shell_signal_killed", "the stand-in for programs is never killed"),
    ("pkg_install shell_bin_not_allowed Open", ONE_MANAGER),
    ("pkg_install bin_not_declared Open", ONE_MANAGER),
    ("pkg_uninstall bin_not_found *", ONE_MANAGER),
    ("pkg_uninstall shell_exit_nonzero *", ONE_MANAGER),
    ("pkg_uninstall shell_signal_killed", "the stand-in for programs is never killed"),
    ("pkg_uninstall shell_bin_not_allowed Open", ONE_MANAGER),
    ("pkg_uninstall bin_not_declared Open", ONE_MANAGER),
    ("mktemp_dir write_not_declared *", "the manifest of a scene has a root that may be written"),
    ("mktemp_file write_not_declared *", "the manifest of a scene has a root that may be written"),
    ("mktemp_dir write_not_permitted Open", "where temporary files are hangs on no operand"),
    ("mktemp_file write_not_permitted Open", "where temporary files are hangs on no operand"),
    ("link_into_path file_not_found", "it makes the directory"),
    ("path_contains env_not_declared", "every manifest of the harness declares PATH"),
    ("add_to_path file_not_found", "what is missing above its start-up file is made"),
    ("add_to_path not_a_directory", "the hosts have no home directory, and nothing makes a file of it"),
    ("add_to_path io_error", "nor a link"),
    ("add_to_path write_not_declared", "no manifest of the harness declares SHELL, which it reads before"),
    ("add_to_path write_not_permitted Open", "where its start-up file is hangs on no operand"),
    ("verify_sha256 io_error", "what cannot be read has no such checksum"),
    ("glob io_error", "where nothing can be reached, nothing is found"),
    ("bundle_extract file_already_exists", BESIDE),
    ("bundle_extract is_a_directory", BESIDE),
    ("bundle_extract read_not_declared", BESIDE),
    ("bundle_extract read_not_permitted", BESIDE),
    ("bundle_extract not_a_directory", BESIDE),
    ("bundle_extract io_error", BESIDE),
    ("bundle_extract ok Runs", BESIDE),
    ("bundle_extract * Open", BESIDE),
    ("bundle_extract Runs", BESIDE),
    ("bundle_hash invalid_argument", BESIDE),
    ("bundle_hash io_error", BESIDE),
    ("bundle_hash is_a_directory", BESIDE),
    ("bundle_hash not_a_directory", BESIDE),
    ("bundle_hash read_not_declared", BESIDE),
    ("bundle_hash read_not_permitted", BESIDE),
    ("bundle_hash ok Runs", BESIDE),
    ("bundle_hash * Open", BESIDE),
    ("bundle_hash Runs", BESIDE),
    ("fail Runs", "it raises"),
    ("fail Open", "it raises"),
    ("fail * Open", "it raises, if not one failure then another"),
    (
        "* cap_write_denied Open",
        "`--no-write` denies an op that writes on every run, before anything else can go wrong but its operands",
    ),
    ("* cap_subprocess_denied Open", "`--no-subprocess` denies every start of a program, likewise"),
    ("* cap_shell_denied Open", "`--no-shell` denies every line, likewise"),
    ("* cap_network_denied Open", "`--no-network` denies every use of the network, likewise"),
    ("*>* cap_network_denied Open", "all ops that use it are about it alone"),
    ("download http_ssrf_blocked Open", CLOSE),
    ("http_delete http_ssrf_blocked Open", CLOSE),
    ("http_get http_ssrf_blocked Open", CLOSE),
    ("http_post http_ssrf_blocked Open", CLOSE),
    ("http_put http_ssrf_blocked Open", CLOSE),
    ("public_ip *", ASKS_OTHERS),
    ("public_ip * *", ASKS_OTHERS),
    ("*>* public_ip", ASKS_OTHERS),
    ("find_free_port io_error", NETWORK_IS_THERE),
    ("interfaces io_error", NETWORK_IS_THERE),
    ("local_ip io_error", NETWORK_IS_THERE),
    ("mac_address io_error", NETWORK_IS_THERE),
];

const BESIDE: &str = "what stands beside a program is chance, and where it stands no fixture tells";
const ONE_MANAGER: &str = "hosts of scenes have one manager, which does the same with every package";
const SMALL: &str = "what the harness packs is small";
const UNKNOWN_ARCHIVE: &str = "of an archive with a link in it nothing is kept";
const ASKS_OTHERS: &str = "it would ask somebody who has nothing to do with it";
const CLOSE: &str = "whoever answers to the harness is in a private network";
const NETWORK_IS_THERE: &str = "this machine has a network";
const EVERY_HOST: &str = "every host has a shell";
const NOBODY_LOOKS: &str = "no host has the program that looks through the others";

/// Nodes that are no ops.
const BLOCKS: &[&str] = &[
    "if", "for_each", "match", "try", "os", "arch", "with_cwd", "with_env", "sandbox", "retry", "timeout", "parallel",
    "cache", "pipe",
];
const OTHERS: &[&str] = &["let", "arg", "call", "chain"];
/// Handlers around ops, by when they run. They stand in a section of the file, in no block.
const TIMINGS: [&str; 3] = ["before", "after", "on_error"];

/// What stands above everything, or is denied by what does. It is not brought about between blocks.
const ALONE: &[(&str, &str)] = &[
    ("requires", "ok"),
    ("requires", "requirement_unmet"),
    ("requires", "unresolved_var"),
    ("requires", "env_not_declared"),
    ("get_env", "env_not_permitted"),
    ("get_os", "read_not_permitted"),
    ("has_bin", "read_not_permitted"),
    ("exists", "read_not_permitted"),
    ("print", "cap_op_denied"),
    ("exec", "cap_op_denied"),
    ("write_file", "cap_op_denied"),
    ("pipe", "cap_op_denied"),
];

/// A combination of what is counted one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Product {
    /// An op that ended like this, and what had been said of it.
    Judged(&'static str, &'static str, Claim),
    /// An op between these two blocks.
    Place(Around, &'static str),
    /// Something between these two blocks that ended like this, and what had been said of it.
    Told(Around, &'static str, Claim),
}

impl std::fmt::Display for Product {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Judged(op, case, claim) => write!(f, "{op} {case} {claim:?}"),
            Self::Place(around, op) => write!(f, "{around} {op}"),
            Self::Told(around, case, claim) => write!(f, "{around} {case} {claim:?}"),
        }
    }
}

/// What must be seen, without what cannot be.
#[derive(Debug, Default)]
pub struct Expected {
    /// `op kind` and `op ok`.
    pub outcomes: BTreeSet<(&'static str, &'static str)>,
    /// `op claim`.
    pub claims: BTreeSet<String>,
    /// `block block`: the second in the first.
    pub nested: BTreeSet<String>,
    /// Products of these.
    pub products: BTreeSet<Product>,
}

/// What must be seen, without what cannot be.
#[must_use]
pub fn expected() -> Expected {
    let outcomes = outcomes();
    let nested =
        BODIES.iter().chain(ARMS).flat_map(|around| BLOCKS.iter().map(move |inner| format!("{around} {inner}")));
    Expected { claims: claims(), nested: nested.filter(possible).collect(), products: products(&outcomes), outcomes }
}

/// Names of all ops and other nodes.
fn names() -> impl Iterator<Item = &'static str> {
    BLOCKS.iter().chain(OTHERS).copied().chain(ops().map(|op| op.entry().name))
}

fn ops() -> impl Iterator<Item = OpId> {
    catalogue().filter(|entry| !entry.internal).filter_map(Entry::op)
}

/// What must have been seen between all blocks. The evaluator goes the same way with all ops that are functions, so one of each sort will
/// do: those that refuse texts and those that refuse none, with an answer or another result. One op that says a fact will do, too, and one
/// of those that are made of the same calls.
fn between_blocks() -> impl Iterator<Item = &'static str> {
    let mut sorts = BTreeSet::new();
    let mut facts = false;
    let mut ways = BTreeSet::new();
    names().filter(move |name| match lookup(name).map(OpId::body) {
        Some(Body::Pure(function)) => {
            let predicate = lookup(name).is_some_and(|op| op.entry().predicate);
            sorts.insert((function.kinds().is_empty(), predicate))
        }
        Some(Body::Program(_, [Ask::HostFact])) if never_fails(name) => !std::mem::replace(&mut facts, true),
        Some(Body::Program(text, asks)) => ways.insert(way(text, asks)),
        Some(Body::Primitive(primitive)) => ways.insert(called(*primitive)),
        _ => true,
    })
}

/// The calls that an op is made of, as far as the evaluator tells them apart.
fn way(text: &'static str, asks: &[Ask]) -> String {
    // What is started makes no difference.
    let called_by = |line: &'static str| {
        let by = line.split_whitespace().next().filter(|first| ["exec", "may_start"].contains(first));
        by.unwrap_or(line)
    };
    let calls =
        text.lines().map(called_by).flat_map(str::split_whitespace).map(|word| match lookup(word).map(OpId::body) {
            Some(Body::Primitive(primitive)) => called(*primitive),
            _ if word.starts_with('"') => "text".to_owned(),
            _ => word.to_owned(),
        });
    format!("{asks:?} {}", calls.collect::<Vec<_>>().join(" "))
}

/// What the evaluator knows of a primitive. What is shown of a result of which nothing is known makes no difference.
fn called(primitive: Primitive) -> String {
    let contract = contract(primitive);
    let yields = match contract.yields {
        Yields::Something(_) => Yields::Something(""),
        Yields::Answer(_) => Yields::Answer(""),
        yields => yields,
    };
    format!("{:?}", Contract { yields, ..contract })
}

/// Has it nothing that could fail?
fn never_fails(name: &str) -> bool {
    lookup(name).is_some_and(|op| op.entry().operands.is_empty())
}

fn outcomes() -> BTreeSet<(&'static str, &'static str)> {
    let failing = ops().flat_map(|op| kinds(op).into_iter().map(move |kind| (op.entry().name, kind.name())));
    let going_on = ops().filter(|op| !matches!(op.body(), Body::Control(Control::Raise)));
    let nodes = BLOCKS.iter().chain(OTHERS).flat_map(|name| [(*name, "ok"), (*name, "unresolved_var")]);
    let more = [
        ("call", "invalid_argument"),
        ("call", "recursion_limit"),
        ("call", "user_fail"),
        ("chain", "shell_exit_nonzero"),
        ("chain", "bin_not_found"),
        ("with_cwd", "file_not_found"),
        ("with_cwd", "not_a_directory"),
        ("retry", "invalid_argument"),
        ("timeout", "invalid_argument"),
        ("parallel", "invalid_argument"),
        ("pipe", "shell_exit_nonzero"),
        ("pipe", "bin_not_found"),
        ("pipe", "shell_bin_not_allowed"),
        ("pipe", "cap_subprocess_denied"),
    ];
    let handled = TIMINGS.iter().flat_map(|timing| [(*timing, "ok"), (*timing, "user_fail")]);
    let more = more.into_iter().chain(handled);
    let all = failing.chain(going_on.map(|op| (op.entry().name, "ok"))).chain(nodes).chain(more);
    let all = all.chain(ALONE.iter().copied());
    all.filter(|(op, case)| possible(&format!("{op} {case}"))).collect()
}

fn claims() -> BTreeSet<String> {
    let can_be = |name: &str, claim| !never_fails(name) || matches!(claim, Claim::Runs | Claim::Skipped);
    let of = |name| {
        let claims = [Claim::Runs, Claim::Fails, Claim::Open, Claim::Skipped].into_iter();
        claims.filter(move |claim| can_be(name, *claim)).map(move |claim| format!("{name} {claim:?}"))
    };
    // A handler that never runs is no node of a report.
    let judged = [Claim::Runs, Claim::Fails, Claim::Open];
    let handled = TIMINGS.iter().flat_map(|name| judged.iter().map(move |claim| format!("{name} {claim:?}")));
    names().flat_map(of).filter(possible).chain(handled).collect()
}

fn products(outcomes: &BTreeSet<(&'static str, &'static str)>) -> BTreeSet<Product> {
    // Handlers are counted one by one.
    let alone = |outcome: &&(&'static str, &'static str)| ALONE.contains(outcome) || TIMINGS.contains(&outcome.0);
    let outcomes = || outcomes.iter().filter(move |outcome| !alone(outcome));
    let judged = outcomes().flat_map(|(op, case)| said(case).map(|claim| Product::Judged(op, case, claim)));
    let cases: BTreeSet<&'static str> = outcomes().map(|(_, case)| *case).collect();
    let mut all: BTreeSet<Product> = judged.collect();
    for around in pairs() {
        all.extend(between_blocks().map(|name| Product::Place(around, name)));
        all.extend(cases.iter().flat_map(|case| said(case).map(|claim| Product::Told(around, case, claim))));
    }
    all.retain(|product| {
        let certain = matches!(product, Product::Judged(op, _, Claim::Open) if never_fails(op));
        !certain && possible(&product.to_string())
    });
    all
}

/// Every two blocks that can be around something.
pub fn pairs() -> impl Iterator<Item = Around> {
    let outer = || BODIES.iter().chain(ARMS);
    outer().flat_map(|outer| ARMS.iter().map(|inner| Around { outer: Some(outer), inner }))
}

/// What can have been said of a visit that ended like this.
fn said(case: &str) -> [Claim; 2] {
    [if case == "ok" { Claim::Runs } else { Claim::Fails }, Claim::Open]
}

fn possible(name: &impl AsRef<str>) -> bool {
    impossible(name.as_ref()).is_none()
}

/// Why a counter stays at zero, if it must.
#[must_use]
pub fn impossible(name: &str) -> Option<&'static str> {
    let words: Vec<&str> = name.split(' ').collect();
    let is = |pattern: &str| {
        let pattern: Vec<&str> = pattern.split(' ').collect();
        pattern.len() == words.len() && pattern.iter().zip(&words).all(|(pattern, word)| stands_for(pattern, word))
    };
    IMPOSSIBLE.iter().find(|(pattern, _)| is(pattern)).map(|(_, reason)| *reason)
}

fn stands_for(pattern: &str, word: &str) -> bool {
    match pattern {
        "*" => !word.contains('>'),
        "*>*" => word.contains('>'),
        _ => pattern == word,
    }
}

/// Counters that are zero.
#[derive(Debug, Default)]
pub struct Zeros {
    /// Of single things and pairs of blocks.
    pub single: Vec<String>,
    /// Of products.
    pub products: Vec<String>,
}

impl Zeros {
    /// Those that a campaign of so many triples must not have.
    pub fn wanting(&self, triples: usize) -> impl Iterator<Item = &String> {
        let single = (triples >= ENOUGH).then_some(&self.single);
        let products = (triples >= ENOUGH_FOR_PRODUCTS).then_some(&self.products);
        single.into_iter().chain(products).flatten()
    }
}

/// What a campaign has not seen.
#[must_use]
pub fn zeros(counters: &Counters) -> Zeros {
    let Expected { outcomes, claims, nested, products } = expected();
    let outcomes = outcomes.iter().map(|(op, case)| format!("{op} {case}")).collect();
    let around = |seen: &Seen| seen.around.map_or_else(String::new, |around| around.to_string());
    let inner = |seen: &Seen| seen.around.map_or("", |around| around.inner);
    let mut seen = counters.by(|seen| format!("{} {} {:?}", seen.op, seen.case, seen.claim));
    seen.extend(counters.by(|seen| format!("{} {}", around(seen), seen.op)));
    seen.extend(counters.by(|seen| format!("{} {} {:?}", around(seen), seen.case, seen.claim)));
    Zeros {
        single: [
            missing(outcomes, &counters.by(|seen| format!("{} {}", seen.op, seen.case))),
            missing(claims, &counters.claims),
            missing(nested, &counters.by(|seen| format!("{} {}", inner(seen), seen.op))),
            FORMS.iter().filter(|form| !counters.forms.contains_key(*form)).map(|form| (*form).to_owned()).collect(),
        ]
        .concat(),
        products: missing(products.iter().map(Product::to_string).collect(), &seen),
    }
}

fn missing(names: BTreeSet<String>, seen: &BTreeMap<String, usize>) -> Vec<String> {
    names.into_iter().filter(|name| !seen.contains_key(name)).collect()
}

/// How an op can fail.
fn kinds(op: OpId) -> BTreeSet<ErrorKind> {
    let mut kinds = BTreeSet::new();
    if !op.entry().operands.is_empty() {
        kinds.insert(ErrorKind::UnresolvedVar);
    }
    match op.body() {
        Body::Primitive(primitive) => of_primitive(*primitive, &mut kinds),
        Body::Pure(function) => {
            kinds.extend(function.kinds());
            kinds.extend(typed(op).then_some(ErrorKind::InvalidArgument));
        }
        Body::Control(Control::Raise) => drop(kinds.insert(ErrorKind::UserFail)),
        Body::Control(Control::Refuse(kind)) => drop(kinds.insert(*kind)),
        Body::Control(Control::Exit) => drop(kinds.insert(ErrorKind::InvalidArgument)),
        Body::Program(text, asks) => {
            let about_paths = asks.iter().any(|ask| !matches!(ask, Ask::HostFact | Ask::Start));
            kinds.extend(about_paths.then_some(ErrorKind::InvalidArgument));
            asks.iter().for_each(|ask| denials(*ask, &mut kinds));
            let mut inner = BTreeSet::new();
            for op in text.split_whitespace().filter_map(lookup) {
                match op.body() {
                    Body::Primitive(primitive) => of_primitive(*primitive, &mut inner),
                    Body::Pure(function) => inner.extend(function.kinds()),
                    Body::Control(Control::Refuse(kind)) => drop(inner.insert(*kind)),
                    _ => {}
                }
            }
            // What its program sees to is no failure of the op.
            let own = op.entry().error_kinds();
            kinds.extend(inner.into_iter().filter(|kind| own.contains(kind)));
            kinds.extend(typed(op).then_some(ErrorKind::InvalidArgument));
        }
    }
    kinds
}

/// An operand may be of another type than the op takes.
fn typed(op: OpId) -> bool {
    op.entry().operands.iter().any(|operand| operand.ty.refuses())
}

fn of_primitive(primitive: Primitive, kinds: &mut BTreeSet<ErrorKind>) {
    let contract = contract(primitive);
    kinds.extend(contract.guards.iter().map(|guard| guard.kind));
    kinds.extend(contract.environment);
    contract.asks.iter().for_each(|ask| denials(*ask, kinds));
    if matches!(contract.remote, Remote::Named | Remote::Fetched) {
        kinds.insert(ErrorKind::HttpDnsFailed);
    }
    if matches!(contract.remote, Remote::Answers | Remote::Fetched) {
        kinds.insert(ErrorKind::HttpRedirectRefused);
    }
    if contract.remote == Remote::Fetched {
        kinds.extend([ErrorKind::Http4xx, ErrorKind::Http5xx]);
    }
    if matches!(contract.change, Change::UnpackTree(..)) {
        kinds.extend(UNPACKING);
    }
    if !contract.paths.is_empty() {
        kinds.insert(ErrorKind::InvalidArgument);
    }
    if contract.change == Change::Program && contract.yields == Yields::Stdout {
        kinds.extend([ErrorKind::ShellExitNonzero, ErrorKind::ShellSignalKilled]);
    }
}

fn denials(ask: Ask, kinds: &mut BTreeSet<ErrorKind>) {
    match ask {
        Ask::Look(_) => kinds.extend([ErrorKind::ReadNotDeclared]),
        Ask::Read(_) => kinds.extend([ErrorKind::ReadNotDeclared, ErrorKind::ReadNotPermitted]),
        Ask::Write(_) | Ask::Delete(_) => {
            kinds.extend([ErrorKind::CapWriteDenied, ErrorKind::WriteNotDeclared, ErrorKind::WriteNotPermitted]);
        }
        Ask::Start => {
            kinds.extend([ErrorKind::BinNotDeclared, ErrorKind::CapSubprocessDenied, ErrorKind::ShellBinNotAllowed]);
        }
        Ask::Shell(_) => kinds.extend([
            ErrorKind::BinNotDeclared,
            ErrorKind::CapShellDenied,
            ErrorKind::CapSubprocessDenied,
            ErrorKind::ShellBinNotAllowed,
        ]),
        Ask::Helper(_) => {
            kinds.extend([ErrorKind::BinNotDeclared, ErrorKind::CapSubprocessDenied, ErrorKind::ShellBinNotAllowed]);
        }
        Ask::ReadEnv | Ask::WriteEnv => kinds.extend([ErrorKind::EnvNotDeclared]),
        Ask::Host(..) | Ask::Url(_) => kinds.extend([
            ErrorKind::CapNetworkDenied,
            ErrorKind::HostNotDeclared,
            ErrorKind::HttpSsrfBlocked,
            ErrorKind::NetNotPermitted,
        ]),
        // Whoever lists hosts lets it be used if there is one.
        Ask::Network => kinds.extend([ErrorKind::CapNetworkDenied]),
        Ask::Op | Ask::HostFact | Ask::Output => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contracts_say_what_to_expect() {
        let expected = expected();
        let outcomes = [
            ("cp", "is_a_directory"),
            ("mv", "cap_write_denied"),
            ("exec", "bin_not_found"),
            ("mkdir", "ok"),
            ("exit", "invalid_argument"),
        ];
        assert!(outcomes.iter().all(|outcome| expected.outcomes.contains(outcome)));
        let others = [("fail", "ok"), ("cwd", "read_not_declared"), ("read_file", "parse_failed")];
        assert!(others.iter().all(|outcome| !expected.outcomes.contains(outcome)));
        assert!(expected.claims.contains("cp Open") && expected.nested.contains("finally try"));
        assert!(expected.nested.contains("retry timeout") && expected.nested.contains("cache pipe"));
        assert!(!expected.claims.contains("cwd Fails") && expected.claims.contains("cwd Skipped"));
    }

    #[test]
    fn what_is_expected_one_by_one_is_expected_together() {
        let products: BTreeSet<String> = expected().products.iter().map(Product::to_string).collect();
        for name in ["cp ok Runs", "cp is_a_directory Fails", "try>finally cp", "main>if cap_write_denied Open"] {
            assert!(products.contains(name), "{name}");
        }
        for name in ["cp ok Fails", "cwd ok Open", "cp cap_write_denied Open", "main>if arg", "try ok Open"] {
            assert!(!products.contains(name), "{name}");
        }
    }

    #[test]
    fn nothing_seen_is_all_zeros() {
        let Expected { outcomes, claims, nested, products } = expected();
        let zeros = zeros(&Counters::default());
        assert_eq!(zeros.single.len(), outcomes.len() + claims.len() + nested.len() + FORMS.len());
        assert_eq!(zeros.products.len(), products.len());
        let wanting = |triples| zeros.wanting(triples).count();
        assert_eq!(wanting(ENOUGH - 1), 0);
        assert_eq!(wanting(ENOUGH), zeros.single.len());
        assert_eq!(wanting(ENOUGH_FOR_PRODUCTS), zeros.single.len() + products.len());
    }

    #[test]
    fn a_pair_of_blocks_is_no_word() {
        assert!(impossible("cp parse_failed").is_some() && impossible("main>if arg").is_some());
        assert!(
            impossible("main>if cap_write_denied Open").is_none() && impossible("cp cap_write_denied Open").is_some()
        );
    }
}
