//! Servers that answer as a host has it.
//!
//! What is answered is as much a part of a host as its files are. So every root has two servers of its own, at two addresses of
//! this machine, and [`crate::hosts::Host::build`] tells them what the host at that root answers. To everything else they say 404. Their ports
//! are chosen by the system, so programs are the same in every process but for those.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use perch_fixtures::HttpFact;

/// What is answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// By web address, as it is sent.
    pub told: BTreeMap<String, HttpFact>,
    /// Addresses of which the answer ends before its body does.
    pub cut: BTreeSet<String>,
}

/// Something that answers, until the process ends.
#[derive(Debug)]
struct Server {
    address: SocketAddrV4,
    answers: Arc<Mutex<Answers>>,
}

/// Who connects and says nothing is not waited for longer.
const PATIENCE: Duration = Duration::from_secs(2);

impl Server {
    /// At that address, on a port of its own, with no answers yet.
    fn at(address: Ipv4Addr) -> io::Result<Self> {
        let listener = TcpListener::bind((address, 0))?;
        let address = SocketAddrV4::new(address, listener.local_addr()?.port());
        let answers: Arc<Mutex<Answers>> = Arc::default();
        let server = Self { address, answers: Arc::clone(&answers) };
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let answers = answers.lock().unwrap_or_else(PoisonError::into_inner).clone();
                // Who asks goes away as it likes.
                let _ = answered(stream, &answers);
            }
        });
        Ok(server)
    }

    fn port(&self) -> u16 {
        self.address.port()
    }

    /// It answers that from now on.
    fn answer(&self, answers: Answers) {
        *self.answers.lock().unwrap_or_else(PoisonError::into_inner) = answers;
    }
}

/// Reads one request, and answers it.
fn answered(mut stream: TcpStream, answers: &Answers) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let (mut lines, mut length) = (Vec::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or_default();
        }
        lines.push(line);
    }
    io::copy(&mut reader.take(length), &mut io::sink())?;
    let mut first = lines.first().map(|line| line.split(' ')).into_iter().flatten();
    let (method, path) = (first.next().unwrap_or_default(), first.next().unwrap_or_default());
    let host = lines.iter().find_map(|line| line.strip_prefix("host: ").or(line.strip_prefix("Host: ")));
    let url = format!("http://{}{path}", host.unwrap_or_default());
    let lost = HttpFact { status: 404, ..HttpFact::default() };
    let HttpFact { status, body, redirect, .. } = answers.told.get(&url).unwrap_or(&lost);
    let location = redirect.iter().map(|to| format!("Location: {to}\r\n")).collect::<String>();
    let shown = if method == "HEAD" { "" } else { body.as_str() };
    let length = body.len() + usize::from(answers.cut.contains(&url));
    write!(stream, "HTTP/1.1 {status} Told\r\n{location}Content-Length: {length}\r\nConnection: close\r\n\r\n{shown}")
}

/// Where the servers of a root are: the hosts, which differ, and their ports.
const HOSTS: [Ipv4Addr; 2] = [Ipv4Addr::LOCALHOST, Ipv4Addr::new(127, 0, 0, 2)];

/// Those that there are.
static SERVERS: Mutex<BTreeMap<String, Arc<[Server]>>> = Mutex::new(BTreeMap::new());

/// The port of the first of them.
#[must_use]
pub fn port(root: &str) -> u16 {
    of(root).first().map_or(1, Server::port)
}

fn of(root: &str) -> Arc<[Server]> {
    let mut servers = SERVERS.lock().unwrap_or_else(PoisonError::into_inner);
    let start = || HOSTS.iter().filter_map(|host| Server::at(*host).ok()).collect();
    Arc::clone(servers.entry(root.to_owned()).or_insert_with(start))
}

/// Host and port of each server of a root. Where one cannot be had, nobody answers, which contradicts fixtures: it does not go unnoticed.
#[must_use]
pub fn authorities(root: &str) -> [String; 2] {
    let servers = of(root);
    HOSTS.map(|host| {
        let port = servers.iter().find(|server| *server.address.ip() == host).map_or(1, Server::port);
        format!("{host}:{port}")
    })
}

/// The servers of a root, if it has any so far, answer that from now on.
pub fn answer(root: &str, answers: &Answers) {
    let servers = SERVERS.lock().unwrap_or_else(PoisonError::into_inner);
    servers.get(root).iter().flat_map(|servers| servers.iter()).for_each(|server| server.answer(answers.clone()));
}
