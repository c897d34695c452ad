//! A server for the runs of a page: it answers what the fixture says is answered, and 404 to everything else.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use perch_fixtures::{Fixture, HttpFact};

/// What stands for its port in a page.
pub const PORT: &str = "@port";

/// The port in pages that nobody runs.
pub const NO_PORT: u16 = 8080;

/// A server that has a port, and no answers yet.
#[derive(Debug)]
pub struct Server(TcpListener);

impl Server {
    /// On a port of its own.
    ///
    /// # Errors
    /// If there is none.
    pub fn new() -> io::Result<Self> {
        TcpListener::bind("127.0.0.1:0").map(Self)
    }

    /// Its port.
    ///
    /// # Errors
    /// If the system does not say.
    pub fn port(&self) -> io::Result<u16> {
        Ok(self.0.local_addr()?.port())
    }

    /// Lets it answer until the process ends.
    pub fn answer(self, fixture: &Fixture) {
        let answers = fixture.oracles.http.clone();
        thread::spawn(move || {
            for stream in self.0.incoming().map_while(Result::ok) {
                // Who asks goes away as it likes.
                let _ = answered(stream, &answers);
            }
        });
    }
}

/// Reads one request, and answers it.
fn answered(mut stream: TcpStream, answers: &BTreeMap<String, HttpFact>) -> io::Result<()> {
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
    let lost = HttpFact { status: 404, ..HttpFact::default() };
    let HttpFact { status, body, redirect } =
        answers.get(&format!("http://{}{path}", host.unwrap_or_default())).unwrap_or(&lost);
    let location = redirect.iter().map(|to| format!("Location: {to}\r\n")).collect::<String>();
    let shown = if method == "HEAD" { "" } else { body.as_str() };
    write!(
        stream,
        "HTTP/1.1 {status} Told\r\n{location}Content-Length: {}\r\nConnection: close\r\n\r\n{shown}",
        body.len()
    )
}
