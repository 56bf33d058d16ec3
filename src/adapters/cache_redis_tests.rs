//! The Redis cache against servers that are off, silent or talk nonsense, and against a real one when
//! YICHUANG_TEST_REDIS names it and YICHUANG_TEST_REDIS_PID allows it to be frozen.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::{Read, Write};
use std::net::TcpListener;

use super::*;

const MINUTE: Duration = Duration::from_secs(60);

fn cache(url: &str) -> RedisCache {
    RedisCache::connect(url, LocalCache::new(1000)).unwrap()
}

async fn limits_and_values_hold(cache: &RedisCache) {
    for n in 1..=8 {
        assert_eq!(cache.hit("login", MINUTE, 5).await.allowed, n <= 5, "try {n}");
    }
    assert!(cache.hit("login", MINUTE, 5).await.retry_after > Duration::from_secs(50));
    cache.put("k", "v", MINUTE).await;
    assert_eq!(cache.get("k").await.as_deref(), Some("v"));
    cache.forget("k").await;
    assert_eq!(cache.get("k").await, None);
}

#[test]
fn connecting_needs_neither_redis_nor_a_runtime() {
    assert_eq!(cache("redis://127.0.0.1:1").state(), "redis");
    let refused = RedisCache::connect("http://:secret@x", LocalCache::new(1)).err().unwrap();
    assert!(!refused.to_string().contains("secret"));
}

#[tokio::test]
async fn holds_with_nothing_listening() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let cache = cache(&format!("redis://127.0.0.1:{port}"));
    let start = Instant::now();
    limits_and_values_hold(&cache).await;
    assert_eq!(cache.state(), "redis-degraded");
    assert!(start.elapsed() < Duration::from_millis(1500), "{:?}", start.elapsed());
}

fn server(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("redis://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut bytes = [0u8; 1024];
                while let Ok(1..) = stream.read(&mut bytes) {
                    if stream.write_all(answer).is_err() {
                        return;
                    }
                }
            });
        }
    });
    url
}

#[tokio::test]
async fn holds_with_a_server_that_talks_nonsense_or_nothing() {
    for answer in
        [b"".as_slice(), b"HTTP/1.1 400 Bad Request\r\n\r\n", b"+WAT\r\n+WAT\r\n+WAT\r\n", b":-7\r\n:-7\r\n"]
    {
        let cache = cache(&server(answer));
        let start = Instant::now();
        limits_and_values_hold(&cache).await;
        assert_eq!(cache.state(), "redis-degraded");
        assert!(start.elapsed() < Duration::from_millis(1500), "{:?}", start.elapsed());
    }
}

#[test]
fn while_open_one_caller_per_pause_tries() {
    let breaker = Breaker::new();
    assert!(breaker.may_try() && breaker.may_try() && !breaker.close());
    assert!(breaker.open() && !breaker.open());
    assert!(!breaker.may_try());
    breaker.retry_from.store(1, Ordering::SeqCst);
    std::thread::sleep(Duration::from_millis(2));
    assert!(breaker.may_try());
    assert!(!breaker.may_try(), "the first one is still trying");
    assert!(breaker.close() && breaker.may_try());
}

#[tokio::test]
async fn a_real_server_is_shared_survived_and_taken_back() {
    let Ok(url) = std::env::var("YICHUANG_TEST_REDIS") else { return };
    let (one, two) = (cache(&url), cache(&url));
    let mark = crate::adapters::clock::random_code(8);
    let (login, key) = (format!("login-{mark}"), format!("key-{mark}"));
    for n in 1..=8 {
        let who = if n % 2 == 0 { &one } else { &two };
        assert_eq!(who.hit(&login, MINUTE, 5).await.allowed, n <= 5, "try {n}");
    }
    one.put(&key, "old", MINUTE).await;
    assert_eq!(two.get(&key).await.as_deref(), Some("old"));
    let brief = format!("brief-{mark}");
    assert!(one.hit(&brief, Duration::from_millis(50), 1).await.allowed);
    assert!(!two.hit(&brief, Duration::from_millis(50), 1).await.allowed);
    one.put(&brief, "v", Duration::from_millis(50)).await;
    tokio::time::sleep(Duration::from_millis(80)).await;
    assert_eq!(one.get(&brief).await, None);
    assert!(two.hit(&brief, Duration::from_millis(50), 1).await.allowed);
    assert_eq!((one.state(), two.state()), ("redis", "redis"));

    let Ok(pid) = std::env::var("YICHUANG_TEST_REDIS_PID") else { return };
    let signal = |name: &str| std::process::Command::new("kill").args([name, &pid]).status().unwrap();
    for _ in 0..5 {
        one.hit(&format!("held-{mark}"), MINUTE, 5).await;
    }
    signal("-STOP");
    let start = Instant::now();
    assert!(!one.hit(&format!("held-{mark}"), MINUTE, 5).await.allowed, "the outage does not reset a limit");
    one.forget(&key).await;
    assert!(start.elapsed() < Duration::from_millis(900));
    assert_eq!((one.state(), one.get(&key).await), ("redis-degraded", None));
    signal("-CONT");
    tokio::time::sleep(PAUSE + Duration::from_millis(50)).await;
    assert_eq!((one.get(&key).await, one.state()), (None, "redis"), "what was forgotten does not come back");
}
