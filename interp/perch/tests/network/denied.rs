//! Where there is no network, none is used: no op opens as much as a socket for it, as the kernel sees it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use perch_ops::{Entry, Group, Type, catalogue};

const PROMISED: [&str; 10] = [
    "port_check",
    "port_free",
    "find_free_port",
    "wait_for_port",
    "wait_for_url",
    "local_ip",
    "public_ip",
    "mac_address",
    "dns_lookup",
    "interfaces",
];

/// Ops that use the network, among them those that everybody asks for (O-087).
fn ops() -> impl Iterator<Item = &'static Entry> {
    catalogue().filter(|entry| matches!(entry.group, Group::Http | Group::Net) && entry.name != "hostname")
}

/// An op on this machine, where somebody would notice.
fn line(entry: &Entry) -> String {
    let operand = |ty: Type| match ty {
        Type::Url => "http://127.0.0.1:9/",
        Type::Host => "127.0.0.1",
        Type::Port => "9",
        Type::Duration => "0",
        _ => "x",
    };
    let operands = entry.operands.iter().map(|one| format!(" {}", operand(one.ty)));
    let bind = if entry.result.is_some() { "y = " } else { "" };
    format!("{bind}{}{}", entry.name, operands.collect::<String>())
}

/// A command for each op.
fn file() -> String {
    ops().map(|entry| format!("command try_{}\n  do\n    {}\n  end\nend\n", entry.name, line(entry))).collect()
}

fn strace() -> Option<PathBuf> {
    let dirs = std::env::var("PATH").unwrap_or_default();
    dirs.split(':').map(|dir| PathBuf::from(dir).join("strace")).find(|path| path.exists())
}

/// Calls that open sockets, but for those by which parts of one machine talk to each other.
fn sockets(log: &str) -> Vec<&str> {
    log.lines().filter(|line| line.contains("socket(") && !line.contains("AF_UNIX")).collect()
}

#[test]
fn o_028_no_network_denies_every_op_that_uses_it() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("commands.perch"), file()).unwrap();
    assert!(ops().count() >= 15);
    assert!(PROMISED.iter().all(|name| ops().any(|entry| entry.name == *name && entry.op().is_some())));
    for entry in ops() {
        let command = format!("try_{}", entry.name);
        let log = dir.path().join("log");
        let perch = env!("CARGO_BIN_EXE_perch");
        let mut run = match strace() {
            Some(strace) => {
                let mut run = Command::new(strace);
                run.args(["-f", "-qq", "-e", "trace=network", "-o"]).arg(&log).arg(perch);
                run
            }
            None => Command::new(perch),
        };
        let done =
            run.args(["--allow-private-ips", "--no-network", &command]).current_dir(dir.path()).output().unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(said.contains("kind  cap_network_denied"), "{command}: {said}");
        let log = fs::read_to_string(&log).unwrap_or_default();
        assert_eq!(sockets(&log), [""; 0], "{command}");
    }
}

/// The same ops without the flag: else nothing would be shown.
#[test]
fn with_a_network_sockets_are_opened() {
    let Some(strace) = strace() else { return };
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("commands.perch"), file()).unwrap();
    // Others ask somebody else, read what the system keeps, or are through with an address.
    for name in ["http_get", "http_status", "download", "port_check", "wait_for_port", "port_free", "find_free_port"] {
        let log = dir.path().join("log");
        let mut run = Command::new(&strace);
        run.args(["-f", "-qq", "-e", "trace=network", "-o"]).arg(&log).arg(env!("CARGO_BIN_EXE_perch"));
        run.args(["--allow-private-ips", &format!("try_{name}")]).current_dir(dir.path()).output().unwrap();
        assert!(!sockets(&fs::read_to_string(&log).unwrap()).is_empty(), "{name}");
    }
}
