//! Requests no client library sends, as bytes. What cannot be read as a request is answered by the HTTP library
//! before the product sees it: without a body, so there is nothing the product's headers would protect.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::carried::{Asked, Findings};
use crate::world::people::Answer;
use crate::world::{Database, World};

/// Sends bytes and reads until the server closes; `None` when it closes without a word.
fn sends(world: &World, bytes: &[u8]) -> Option<Answer> {
    let mut stream = TcpStream::connect(world.base().trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    // A server that has heard enough closes before it has heard everything.
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let mut told = Vec::new();
    let _ = stream.read_to_end(&mut told);
    let told = String::from_utf8_lossy(&told).into_owned();
    let (head, text) = told.split_once("\r\n\r\n")?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let mut headers = HeaderMap::new();
    for line in lines {
        let (name, value) = line.split_once(": ").unwrap();
        let name: HeaderName = name.parse().unwrap();
        headers.append(name, HeaderValue::from_str(value).unwrap());
    }
    Some(Answer { status, headers, text: text.to_owned() })
}

const END: &str = "host: localhost\r\nconnection: close\r\n\r\n";

/// What the product sees and answers itself, with the status.
fn understood() -> Vec<(&'static str, u16, String)> {
    let line = |line: &str| format!("{line}\r\n{END}");
    vec![
        ("the server as a whole", 404, line("OPTIONS * HTTP/1.1")),
        ("a tunnel", 404, line("CONNECT evil.example:443 HTTP/1.1")),
        ("a tunnel to a path", 405, line("CONNECT /v1/me HTTP/1.1")),
        ("a trace", 405, line("TRACE /v1/me HTTP/1.1")),
        ("another server's address", 401, line("GET http://evil.example/v1/me HTTP/1.1")),
        ("an unknown method", 405, line("13957246813 /v1/me HTTP/1.1")),
        ("an older client", 401, line("GET /v1/me HTTP/1.0")),
        ("a method in small letters", 405, line("get /v1/me HTTP/1.1")),
        ("a path that is not text", 404, line("GET /v1/%ff%fe%00 HTTP/1.1")),
        ("a line break in the path", 404, line("GET /v1/%0d%0aset-cookie:x=1 HTTP/1.1")),
        ("NUL in the query", 400, line("GET /v1/services?q=%00 HTTP/1.1")),
        ("a header that is not text", 401, format!("GET /v1/me HTTP/1.1\r\nx: \u{91d1}\u{2028}\r\n{END}")),
        ("an empty origin", 401, format!("GET /v1/me HTTP/1.1\r\norigin:\r\n{END}")),
        (
            "two origins",
            401,
            format!("GET /v1/me HTTP/1.1\r\norigin: null\r\norigin: http://evil.example\r\n{END}"),
        ),
    ]
}

/// What no request can be read from.
fn garbage() -> Vec<(&'static str, Vec<u8>)> {
    let text = |text: &str| text.as_bytes().to_vec();
    vec![
        ("one word", text("GARBAGE\r\n\r\n")),
        ("no address", text("GET\r\n\r\n")),
        ("an unknown version", text(&format!("GET /v1/me HTTP/9.9\r\n{END}"))),
        ("no version", text(&format!("GET /v1/me\r\n{END}"))),
        ("a method that is none", text(&format!("G<T /v1/me HTTP/1.1\r\n{END}"))),
        ("a blank in a name", text(&format!("GET /v1/me HTTP/1.1\r\nbad header: x\r\n{END}"))),
        ("no colon", text(&format!("GET /v1/me HTTP/1.1\r\nnonsense\r\n{END}"))),
        ("an escape in the address", text(&format!("GET /\x1b[31m HTTP/1.1\r\n{END}"))),
        ("an escape in a header", text(&format!("GET /v1/me HTTP/1.1\r\nuser-agent: \x1b[31m\r\n{END}"))),
        (
            "two lengths",
            text(&format!("POST /v1/sessions HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n{END}")),
        ),
        (
            "a length that is none",
            text(&format!("POST /v1/sessions HTTP/1.1\r\ncontent-length: -1\r\n{END}")),
        ),
        (
            "length and chunks",
            text(&format!(
                "POST /v1/sessions HTTP/1.1\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n{END}"
            )),
        ),
        ("no host", text("GET /v1/me HTTP/1.1\r\nconnection: close\r\n\r\n")),
        ("two hosts", text(&format!("GET /v1/me HTTP/1.1\r\nhost: a\r\n{END}"))),
        ("another protocol", text("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")),
        ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n".to_vec()),
        (
            "a head without end",
            format!("GET /v1/me HTTP/1.1\r\nx: {}\r\n{END}", "x".repeat(300_000)).into_bytes(),
        ),
        (
            "ninety-seven headers",
            format!("GET /v1/me HTTP/1.1\r\n{}{END}", "x: y\r\n".repeat(97)).into_bytes(),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_that_are_strange_requests_are_answered_like_any_other() {
    let world = World::open(Database::Sqlite).await.unwrap();
    let place = world.clone();
    let work = move || {
        let mut findings = Findings::default();
        for (what, status, bytes) in understood() {
            let told = sends(&place, bytes.as_bytes()).unwrap_or_else(|| panic!("{what}: no answer"));
            findings.demand(told.status == status, || format!("{what}: {}", told.status));
            let allowed: BTreeSet<String> = match status {
                404 => BTreeSet::new(),
                _ => ["GET", "HEAD"].map(str::to_owned).into(),
            };
            let method = bytes.split(' ').next().unwrap();
            findings.look(&Asked { method, path: what, origin: "", allowed, operation: None }, &told);
        }
        findings.none("strange requests");
    };
    tokio::task::spawn_blocking(work).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_request_gets_an_empty_refusal_that_tells_nothing() {
    let world = World::open(Database::Sqlite).await.unwrap();
    let place = world.clone();
    let work = move || {
        for (what, bytes) in garbage() {
            let told = sends(&place, &bytes).unwrap_or_else(|| panic!("{what}: no answer"));
            assert!(matches!(told.status, 400 | 431), "{what}: {}", told.status);
            let carried: BTreeSet<&str> = told.headers.keys().map(HeaderName::as_str).collect();
            let known: BTreeSet<&str> = ["connection", "content-length", "date"].into();
            assert!(carried.is_subset(&known), "{what}: {carried:?}");
            assert_eq!(
                (told.text.as_str(), &told.headers["content-length"]),
                ("", &"0".parse().unwrap()),
                "{what}"
            );
        }
    };
    tokio::task::spawn_blocking(work).await.unwrap();
}
