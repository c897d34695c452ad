//! Requests to a server that does what servers do to clients that trust them.

#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{IpAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use perch_net::{Answer, Names, Request, Stop, Trouble};
use perch_policy::net::Url;
use perch_policy::{Bounds, Decision, Effect, Known, Permit, Policy, Redirects, Rule};
use perch_system::{Cause, Until};

/// What was asked of a server: the first line and the headers, then the body.
type Heard = Arc<Mutex<Vec<String>>>;

/// A server for as long as the test runs.
struct Server {
    port: u16,
    heard: Heard,
}

impl Server {
    /// Answers each request with what is made of its path.
    fn start(answer: impl Fn(&str, &mut TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Heard::default();
        let (log, answer) = (Arc::clone(&heard), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                thread::spawn(move || serve(stream, &log, &*answer));
            }
        });
        Self { port, heard }
    }

    /// One whose answers are the same for everybody.
    fn saying(text: &'static str) -> Self {
        Self::start(move |_, stream| drop(stream.write_all(text.as_bytes())))
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

fn serve(mut stream: TcpStream, log: &Heard, answer: &(dyn Fn(&str, &mut TcpStream) + Send + Sync)) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = String::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return log.lock().unwrap().push(head);
        }
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        head.push_str(&line);
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap_or_default();
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    log.lock().unwrap().push(head + &String::from_utf8_lossy(&body));
    answer(&path, &mut stream);
}

/// Everybody who is called `…​.example` is this machine.
fn here() -> Names {
    Names::by(|_| Ok(vec!["127.0.0.1".parse::<IpAddr>().unwrap()]))
}

fn trusting() -> Policy {
    Policy { private_addresses: true, ..Policy::default() }
}

fn gate(policy: &Policy) -> impl FnMut(&Url) -> Result<Permit, Rule> {
    |url| {
        let [host, port] = [url.host().to_string(), url.port().to_string()].map(Known::Text);
        match policy.decide(&Bounds::default(), Effect::Connect { host, port, web: true }) {
            Decision::Allowed(permit) => Ok(permit),
            Decision::Denied(denial) => Err(denial.rule),
            Decision::Depends { on, .. } => Err(on[0]),
        }
    }
}

fn send(policy: &Policy, method: &str, url: &str, body: &str, until: Until) -> Result<Answer, Stop<Rule>> {
    let request = Request { method, url: Url::parse(url).unwrap(), body, whole: true };
    here().send(request, policy.redirects, &mut gate(policy), until)
}

fn get(policy: &Policy, url: &str) -> Result<Answer, Stop<Rule>> {
    send(policy, "GET", url, "", Until::default())
}

fn trouble<T>(done: Result<T, Stop<Rule>>) -> Trouble {
    match done {
        Err(Stop::Failed(trouble)) => trouble,
        Err(Stop::Gate(rule)) => panic!("{rule:?}"),
        Ok(_) => panic!("it was answered"),
    }
}

fn rule<T>(done: Result<T, Stop<Rule>>) -> Rule {
    match done {
        Err(Stop::Gate(rule)) => rule,
        Err(Stop::Failed(trouble)) => panic!("{trouble}"),
        Ok(_) => panic!("it was answered"),
    }
}

#[test]
fn an_answer_has_a_status_and_a_body() {
    let server = Server::saying("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    let answer = get(&trusting(), &format!("http://a.example:{}/x?y#z", server.port)).ok().unwrap();
    assert_eq!((answer.status, answer.text()), (200, Ok("hello".to_owned())));
    let heard = server.heard();
    assert!(heard[0].starts_with("GET /x?y HTTP/1.1\r\n"), "{heard:?}");
    assert!(heard[0].to_lowercase().contains(&format!("host: a.example:{}", server.port)), "{heard:?}");
}

#[test]
fn methods_send_json() {
    let server = Server::saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    for method in ["POST", "PUT", "DELETE"] {
        let url = format!("http://a.example:{}/", server.port);
        let answer = send(&trusting(), method, &url, "{\"a\":1}", Until::default()).ok().unwrap();
        assert_eq!(answer.text().unwrap(), "ok");
        let heard = server.heard().pop().unwrap();
        assert!(heard.starts_with(method) && heard.ends_with("\r\n\r\n{\"a\":1}"), "{heard}");
        assert!(heard.to_lowercase().contains("content-type: application/json"), "{heard}");
    }
}

#[test]
fn a_failure_is_an_answer_with_a_beginning() {
    let server = Server::saying("HTTP/1.1 404 Not Found\r\nContent-Length: 7\r\n\r\nno such");
    let answer = get(&trusting(), &format!("http://a.example:{}/", server.port)).ok().unwrap();
    assert_eq!((answer.status, answer.beginning()), (404, "no such".to_owned()));
}

#[test]
fn n05_a_name_in_a_private_network_is_not_dialled() {
    let server = Server::saying("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let said = trouble(get(&Policy::default(), &format!("http://a.example:{}/", server.port)));
    assert!(matches!(said, Trouble::Private(_)), "{said:?}");
    assert_eq!(rule(get(&Policy::default(), &format!("http://127.1:{}/", server.port))), Rule::PrivateAddress);
    assert!(server.heard().is_empty());
}

#[test]
fn n08_redirects_are_asked_about_like_first_requests() {
    let policy = Policy { hosts: Some(vec!["a.example".into()]), ..trusting() };
    let to = |place: &str| {
        let place = place.to_owned();
        let server = Server::start(move |path, stream| {
            let text = match path {
                "/" => format!("HTTP/1.1 302 Found\r\nLocation: {place}\r\nContent-Length: 0\r\n\r\n"),
                _ => "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nthere".to_owned(),
            };
            drop(stream.write_all(text.as_bytes()));
        });
        (get(&policy, &format!("http://a.example:{}/", server.port)), server)
    };
    let (here, server) = to("/there");
    assert_eq!((here.ok().unwrap().text().unwrap(), server.heard().len()), ("ther".to_owned(), 2));
    let other = to("http://b.example/");
    assert!(matches!(rule(other.0), Rule::List(..)));
    assert_eq!(other.1.heard().len(), 1);
    for place in [
        "file:///etc/passwd",
        "gopher://x/",
        "ftp://x/",
        "data:,x",
        "http://me:pw@a.example/",
        "http://[fe80::1%25eth0]/",
    ] {
        let said = trouble(to(place).0);
        assert!(matches!(said, Trouble::Redirect(_)), "{place}: {said:?}");
    }
}

#[test]
fn n08_a_redirect_into_a_private_network_is_refused() {
    let open = Policy::default();
    let server = Server::saying("HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n");
    // The first request is let through, as if it were in the open.
    let mut first = true;
    let mut strict = gate(&open);
    let lax = trusting();
    let mut lax = gate(&lax);
    let mut gate = |url: &Url| if std::mem::take(&mut first) { lax(url) } else { strict(url) };
    let url = Url::parse(&format!("http://a.example:{}/", server.port)).unwrap();
    let request = Request { method: "GET", url, body: "", whole: true };
    let done = here().send(request, Redirects::default(), &mut gate, Until::default());
    assert_eq!(rule(done), Rule::PrivateAddress);
}

#[test]
fn o_041_at_most_five_redirects_are_followed() {
    let server = Server::start(|path, stream| {
        let number: usize = path.trim_start_matches('/').parse().unwrap_or(0);
        let text = match number {
            0 => "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nin".to_owned(),
            n => format!("HTTP/1.1 301 Moved\r\nLocation: /{}\r\nContent-Length: 0\r\n\r\n", n - 1),
        };
        drop(stream.write_all(text.as_bytes()));
    });
    let url = |n: usize| format!("http://a.example:{}/{n}", server.port);
    assert_eq!(get(&trusting(), &url(5)).ok().unwrap().text().unwrap(), "in");
    assert!(matches!(trouble(get(&trusting(), &url(6))), Trouble::Redirect(_)));
    let none = Policy { redirects: Redirects { most: 0, downgrade: false }, ..trusting() };
    assert!(matches!(trouble(get(&none, &url(1))), Trouble::Redirect(_)));
    assert!(get(&none, &url(0)).is_ok());
}

#[test]
fn n09_what_was_meant_for_one_is_not_handed_to_another() {
    let other = Server::saying("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let port = other.port;
    let server = Server::start(move |path, stream| {
        let status = path.trim_start_matches('/');
        let text = format!("HTTP/1.1 {status} Go\r\nLocation: http://b.example:{port}/\r\nContent-Length: 0\r\n\r\n");
        drop(stream.write_all(text.as_bytes()));
    });
    let post = |status: u16| {
        let url = format!("http://a.example:{}/{status}", server.port);
        send(&trusting(), "POST", &url, "secret", Until::default())
    };
    assert!(matches!(trouble(post(307)), Trouble::Redirect(_)));
    assert!(matches!(trouble(post(308)), Trouble::Redirect(_)));
    assert!(other.heard().is_empty());
    assert!(post(303).is_ok());
    let heard = other.heard().pop().unwrap();
    assert!(
        heard.starts_with("GET / ") && !heard.contains("secret") && !heard.to_lowercase().contains("content-type"),
        "{heard}"
    );
}

#[test]
fn n15_no_variable_changes_where_anything_goes() {
    let proxy = Server::saying("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nproxy");
    let server = Server::saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nme");
    let program = std::env::current_exe().unwrap();
    let url = format!("http://127.0.0.1:{}/", server.port);
    if let Ok(url) = std::env::var("PERCH_TEST_URL") {
        assert_eq!(get(&trusting(), &url).ok().unwrap().text().unwrap(), "me");
        return;
    }
    let mut run = std::process::Command::new(program);
    run.args(["--exact", "n15_no_variable_changes_where_anything_goes"]).env("PERCH_TEST_URL", &url);
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"] {
        run.env(name, format!("http://127.0.0.1:{}", proxy.port));
    }
    assert!(run.status().unwrap().success());
    assert_eq!((proxy.heard().len(), server.heard().len()), (0, 1));
}

#[test]
fn n19_a_flood_of_headers_is_no_answer() {
    let server = Server::start(|_, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n");
        for number in 0..40_000 {
            if stream.write_all(format!("X-{number}: {}\r\n", "y".repeat(64)).as_bytes()).is_err() {
                return;
            }
        }
        let _ = stream.write_all(b"Content-Length: 0\r\n\r\n");
    });
    let said = trouble(get(&trusting(), &format!("http://a.example:{}/", server.port)));
    assert!(matches!(said, Trouble::Garbled(_)), "{said:?}");
}

#[test]
fn an_answer_that_is_not_whole_is_none() {
    for text in [
        "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    ] {
        let server = Server::saying(text);
        let answer = get(&trusting(), &format!("http://a.example:{}/", server.port)).ok().unwrap();
        let said = answer.text().unwrap_err();
        assert!(matches!(said, Trouble::Garbled(_)), "{said:?}");
    }
    for text in ["", "SSH-2.0-OpenSSH\r\n", "HTTP/1.1 200"] {
        let server = Server::saying(text);
        let said = trouble(get(&trusting(), &format!("http://a.example:{}/", server.port)));
        assert!(matches!(said, Trouble::Garbled(_)), "{text:?}: {said:?}");
    }
    let server = Server::saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhello");
    assert_eq!(get(&trusting(), &format!("http://a.example:{}/", server.port)).ok().unwrap().text().unwrap(), "he");
}

#[test]
fn a_deadline_holds_at_every_step() {
    let silent = Server::start(|_, stream| {
        thread::sleep(Duration::from_secs(20));
        drop(stream.flush());
    });
    let slow = Server::start(|_, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
        for _ in 0..1000 {
            if stream.write_all(b"x").is_err() {
                return;
            }
            thread::sleep(Duration::from_millis(100));
        }
    });
    let start = Instant::now();
    let until = || Until::default().deadline(Instant::now() + Duration::from_millis(300));
    let late = Trouble::Cut(Cause::DeadlinePassed);
    assert_eq!(trouble(send(&trusting(), "GET", &format!("http://a.example:{}/", silent.port), "", until())), late);
    let answer = send(&trusting(), "GET", &format!("http://a.example:{}/", slow.port), "", until()).ok().unwrap();
    assert_eq!(answer.text(), Err(late));
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
fn nobody_there_and_nobody_trusted() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let said = trouble(get(&trusting(), &format!("http://a.example:{free}/")));
    assert!(matches!(said, Trouble::Unreachable(_)), "{said:?}");
    // Whoever does not speak that language is not trusted.
    let plain = Server::saying("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    let said = trouble(get(&trusting(), &format!("https://a.example:{}/", plain.port)));
    assert!(matches!(said, Trouble::Insecure(_) | Trouble::Garbled(_)), "{said:?}");
}
