//! Senders that take their time: a body has its own deadline, and nobody else waits for it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::world::people::{Person, fresh_key};
use crate::world::{Database, World};

async fn world() -> (World, Person) {
    let own = [
        ("YICHUANG_SERVER__HEAD_SECONDS", "1"),
        ("YICHUANG_SERVER__BODY_SECONDS", "2"),
        ("YICHUANG_SERVER__HANDLER_SECONDS", "1"),
    ];
    let world = World::with(Database::Sqlite, &own).await.unwrap();
    let resident = world.xiuying().await;
    (world, resident)
}

fn head(person: &Person, path: &str, kind: &str, length: &str) -> String {
    let (token, key) = (&person.token, fresh_key());
    format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\nidempotency-key: {key}\r\n\
         content-type: {kind}\r\n{length}\r\n\r\n"
    )
}

fn connect(world: &World) -> TcpStream {
    let stream = TcpStream::connect(world.base().trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream
}

/// Sends the head, then a byte now and then; what comes back, and when.
fn drip(world: &World, head: &str, bytes: &[u8], every: Duration) -> (String, Duration) {
    let mut stream = connect(world);
    let started = Instant::now();
    stream.write_all(head.as_bytes()).unwrap();
    let mut slow = stream.try_clone().unwrap();
    let bytes = bytes.to_vec();
    let dripping = std::thread::spawn(move || {
        for byte in bytes {
            if slow.write_all(&[byte]).is_err() {
                return;
            }
            std::thread::sleep(every);
        }
    });
    let mut text = Vec::new();
    let mut piece = [0; 4096];
    // Until the server closes the connection, or has plainly answered and keeps it.
    while let Ok(count) = stream.read(&mut piece) {
        if count == 0 {
            break;
        }
        text.extend_from_slice(&piece[..count]);
        if text.ends_with(b"}") {
            break;
        }
    }
    let took = started.elapsed();
    let _ = stream.shutdown(std::net::Shutdown::Both);
    dripping.join().unwrap();
    (String::from_utf8_lossy(&text).into_owned(), took)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_drips_is_cut_off() {
    let (world, resident) = world().await;
    let json = "application/json";
    let form = "multipart/form-data; boundary=x";
    let upload = "/v1/applications/01890000-0000-7000-8000-000000000000/materials/id_cards";
    let part = b"--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n".as_slice();
    let slowly = Duration::from_millis(100);
    for (path, kind, length, bytes) in [
        ("/v1/applications", json, "content-length: 1000", b" ".repeat(1000)),
        ("/v1/applications", json, "transfer-encoding: chunked", b"1\r\n \r\n".repeat(100)),
        (upload, form, "content-length: 1000", part.repeat(10)),
        ("/v1/applications", json, "content-length: 1000", Vec::new()),
    ] {
        let head = head(&resident, path, kind, length);
        let place = world.clone();
        let outcome = tokio::task::spawn_blocking(move || drip(&place, &head, &bytes, slowly));
        // Meanwhile the others are served.
        resident.get("/v1/me").await.expect(200);
        let (text, took) = outcome.await.unwrap();
        assert!(text.starts_with("HTTP/1.1 408"), "{path} {length}: {text}");
        assert!(text.contains("application/problem+json") && text.contains("\"request_timeout\""), "{text}");
        assert!(text.to_lowercase().contains("connection: close"), "{text}");
        assert!(took >= Duration::from_millis(1900), "{path} {length}: cut after {took:?}");
        assert!(took < Duration::from_secs(6), "{path} {length}: cut after {took:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_body_that_arrives_in_time_is_served() {
    let (world, resident) = world().await;
    // Longer on its way than a handler may take, but within the body's own limit.
    let body = br#"{"text": "lin"}"#;
    let length = format!("content-length: {}", body.len());
    let head = head(&resident, "/v1/applications/search", "application/json", &length);
    let place = world.clone();
    let every = Duration::from_millis(90);
    let (text, took) = tokio::task::spawn_blocking(move || drip(&place, &head, body, every)).await.unwrap();
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
    assert!(took > Duration::from_secs(1), "{took:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_that_drips_is_cut_off() {
    let (world, resident) = world().await;
    let head = head(&resident, "/v1/applications", "application/json", "content-length: 2");
    let place = world.clone();
    let every = Duration::from_millis(100);
    let cut = tokio::task::spawn_blocking(move || drip(&place, "", head.as_bytes(), every)).await.unwrap();
    assert!(cut.0.is_empty() || cut.0.starts_with("HTTP/1.1 408"), "{}", cut.0);
    assert!(cut.1 < Duration::from_secs(5), "{:?}", cut.1);
    resident.get("/v1/me").await.expect(200);
}
