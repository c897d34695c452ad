//! Servers that speak securely, and that are not who they say, or not any more. Their certificates are beside this file, made by
//! `certificates/make`.

#![allow(clippy::unwrap_used)]

use std::io::{Read, Write};
use std::net::{IpAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use perch_net::{Names, Request, Stop, Trouble};
use perch_policy::net::Url;
use perch_policy::{Bounds, Decision, Effect, Known, Permit, Policy};
use perch_system::Until;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};

const KEY: &[u8] = include_bytes!("certificates/key.der");
const AUTHORITY: &[u8] = include_bytes!("certificates/authority.der");

/// What a server shows.
fn certificate(name: &str) -> &'static [u8] {
    match name {
        "good" => include_bytes!("certificates/good.der"),
        "expired" => include_bytes!("certificates/expired.der"),
        "other" => include_bytes!("certificates/other.der"),
        _ => include_bytes!("certificates/own.der"),
    }
}

/// A server with that certificate; gives its port.
fn server(name: &str) -> u16 {
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(KEY));
    let chain = vec![CertificateDer::from(certificate(name))];
    let config = Arc::new(ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let config = Arc::clone(&config);
            thread::spawn(move || answer(stream, config));
        }
    });
    port
}

/// Who asks may go away in the middle of it.
fn answer(mut stream: TcpStream, config: Arc<ServerConfig>) {
    let Ok(mut connection) = ServerConnection::new(config) else { return };
    let mut secure = Stream::new(&mut connection, &mut stream);
    let mut asked = Vec::new();
    let mut byte = [0];
    while !asked.ends_with(b"\r\n\r\n") {
        match secure.read(&mut byte) {
            Ok(1) => asked.push(byte[0]),
            _ => return,
        }
    }
    let _ = secure.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsecret");
    secure.conn.send_close_notify();
    let _ = secure.flush();
}

/// Everybody is this machine.
fn here() -> Names {
    Names::by(|_| Ok(vec!["127.0.0.1".parse::<IpAddr>().unwrap()]))
}

fn fetched(names: &Names, url: &str) -> Result<String, Trouble> {
    let policy = Policy { private_addresses: true, ..Policy::default() };
    let mut gate = |url: &Url| -> Result<Permit, ()> {
        let [host, port] = [url.host().to_string(), url.port().to_string()].map(Known::Text);
        match policy.decide(&Bounds::default(), Effect::Connect { host, port, web: true }) {
            Decision::Allowed(permit) => Ok(permit),
            _ => Err(()),
        }
    };
    let request = Request { method: "GET", url: Url::parse(url).unwrap(), body: "", whole: true };
    match names.send(request, policy.redirects, &mut gate, Until::default()) {
        Ok(answer) => answer.text(),
        Err(Stop::Failed(trouble)) => Err(trouble),
        Err(Stop::Gate(())) => panic!("it is not permitted"),
    }
}

/// Why a server is not believed, by somebody who trusts the authority of these tests.
fn disbelieved(certificate: &str, host: &str) -> String {
    let url = format!("https://{host}:{}/", server(certificate));
    match fetched(&here().trusting(AUTHORITY), &url) {
        Err(Trouble::Insecure(why)) => why,
        other => panic!("{certificate}: {other:?}"),
    }
}

#[test]
fn who_is_vouched_for_is_believed() {
    let url = format!("https://good.example:{}/", server("good"));
    assert_eq!(fetched(&here().trusting(AUTHORITY), &url).unwrap(), "secret");
}

#[test]
fn who_is_not_any_more_is_not() {
    let why = disbelieved("expired", "good.example");
    assert!(why.contains("expired"), "{why}");
}

#[test]
fn who_is_somebody_else_is_not() {
    let why = disbelieved("other", "good.example");
    assert!(why.contains("good.example"), "{why}");
    let why = disbelieved("good", "sub.good.example");
    assert!(why.contains("sub.good.example"), "{why}");
}

#[test]
fn who_vouches_for_himself_is_not() {
    disbelieved("own", "good.example");
}

#[test]
fn an_authority_that_nobody_knows_vouches_for_nobody() {
    let url = format!("https://good.example:{}/", server("good"));
    assert!(matches!(fetched(&here(), &url), Err(Trouble::Insecure(_))));
}

/// Whoever may set variables cannot bring an authority of his own.
#[test]
fn n15_no_variable_names_another_authority() {
    let names = ["SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"];
    if std::env::var_os("PERCH_TEST_INNER").is_none() {
        let pem = std::env::temp_dir().join(format!("perch-authority-{}", std::process::id()));
        let text = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", base64(AUTHORITY));
        std::fs::write(&pem, text).unwrap();
        let mut again = std::process::Command::new(std::env::current_exe().unwrap());
        again.args(["--exact", "n15_no_variable_names_another_authority"]).env("PERCH_TEST_INNER", "1");
        let keys = pem.with_extension("keys");
        again.env(names[0], &pem).env(names[1], std::env::temp_dir()).env(names[2], &keys);
        let done = again.output().unwrap();
        let kept = keys.exists();
        std::fs::remove_file(&pem).unwrap();
        assert!(done.status.success() && !kept, "{}", String::from_utf8_lossy(&done.stdout));
        return;
    }
    let url = format!("https://good.example:{}/", server("good"));
    assert!(matches!(fetched(&here(), &url), Err(Trouble::Insecure(_))));
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |number: u32, at: u32| char::from(DIGITS[(number >> (18 - 6 * at) & 63) as usize]);
    let four = |three: &[u8]| -> String {
        let number = (0..3).fold(0, |number, at| number << 8 | u32::from(three.get(at).copied().unwrap_or(0)));
        (0..4).map(|at| if (at as usize) <= three.len() { digit(number, at) } else { '=' }).collect()
    };
    let text: String = bytes.chunks(3).map(four).collect();
    text.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line).into_owned()).collect::<Vec<_>>().join("\n")
}
