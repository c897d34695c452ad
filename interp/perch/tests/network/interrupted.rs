//! A download is there when it is whole: else the old file is, or none, and nothing besides.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// So much comes before something goes wrong.
const BEGINNING: &[u8] = &[b'a'; 100_000];

/// A server that sends the beginning of a body, says so, and then does this.
fn server(head: &'static str, then: fn(TcpStream)) -> (u16, Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (told, begun) = channel();
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
            let sent = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(BEGINNING));
            if sent.is_ok() && told.send(()).is_ok() {
                then(stream);
            }
        }
    });
    (port, begun)
}

const LONG: &str = "HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n";
const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n186a0\r\n";

fn ends(stream: TcpStream) {
    stream.shutdown(Shutdown::Both).unwrap();
}

fn waits(stream: TcpStream) {
    thread::sleep(Duration::from_secs(60));
    drop(stream);
}

/// A directory with a command that downloads into `file`.
struct Rig(TempDir);

impl Rig {
    fn new(port: u16) -> Self {
        let rig = Self(tempfile::tempdir().unwrap());
        let text = format!("command main\n  do\n    download \"http://127.0.0.1:{port}/\" out/file\n  end\nend\n");
        fs::write(rig.0.path().join("commands.perch"), text).unwrap();
        fs::create_dir(rig.0.path().join("out")).unwrap();
        rig
    }

    fn with_old(self) -> Self {
        fs::write(self.0.path().join("out/file"), "old").unwrap();
        self
    }

    fn start(&self, words: &[&str]) -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_perch"));
        command.arg("--allow-private-ips").args(words).arg("main").current_dir(self.0.path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// What is said of a failure.
    fn fails(&self, words: &[&str]) -> String {
        let done = self.start(words).wait_with_output().unwrap();
        assert!(!done.status.success());
        String::from_utf8_lossy(&done.stderr).into_owned()
    }

    /// Everything in the directory, with what it holds.
    fn found(&self) -> Vec<(String, String)> {
        let entries = fs::read_dir(self.0.path().join("out")).unwrap().map(Result::unwrap);
        let mut found: Vec<_> = entries
            .map(|entry| (entry.file_name().into_string().unwrap(), fs::read_to_string(entry.path()).unwrap()))
            .collect();
        found.sort();
        found
    }

    /// Nothing has changed.
    fn is_as_before(&self, old: bool) {
        let before: &[(String, String)] = if old { &[("file".to_owned(), "old".to_owned())] } else { &[] };
        assert_eq!(self.found(), before);
    }
}

#[test]
fn what_ends_early_leaves_what_was_there() {
    for head in [LONG, CHUNKED] {
        let (port, _begun) = server(head, ends);
        for old in [false, true] {
            let rig = if old { Rig::new(port).with_old() } else { Rig::new(port) };
            let said = rig.fails(&[]);
            assert!(said.contains("kind  io_error"), "{said}");
            rig.is_as_before(old);
        }
    }
}

#[test]
fn so_does_what_is_stopped_by_a_signal() {
    for signal in [Signal::INT, Signal::TERM] {
        let (port, begun) = server(LONG, waits);
        let rig = Rig::new(port).with_old();
        let child = rig.start(&[]);
        begun.recv().unwrap();
        kill_process(Pid::from_child(&child), signal).unwrap();
        assert!(!child.wait_with_output().unwrap().status.success());
        rig.is_as_before(true);
    }
}

#[test]
fn so_does_what_takes_too_long() {
    let (port, _begun) = server(LONG, waits);
    let rig = Rig::new(port);
    rig.fails(&["--max-runtime", "1s"]);
    rig.is_as_before(false);
}

/// Nobody can tidy up behind a process that is killed. But what it was about is as it was.
#[test]
fn what_is_killed_has_not_touched_the_file() {
    let (port, begun) = server(LONG, waits);
    let rig = Rig::new(port).with_old();
    let mut child = rig.start(&[]);
    begun.recv().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(rig.found().contains(&("file".to_owned(), "old".to_owned())));
}
