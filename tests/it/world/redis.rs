//! One private Redis for the whole test run, on a free port, ended with the test process; each world has
//! a database number of its own.

use std::io::Write;
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::postgres::free_port;

/// A Redis that ends when it is dropped, or with the test process.
pub struct Redis {
    pub port: u16,
    child: Child,
}

impl Drop for Redis {
    fn drop(&mut self) {
        // Its shell waits for the end of its standard input.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// Starts one; `None` when it is not installed.
pub fn start() -> Option<Redis> {
    let installed = Command::new("redis-server").arg("--version").stdout(Stdio::null()).status().is_ok();
    if !installed {
        let strict = std::env::var_os("YICHUANG_TEST_SERVERS").is_some();
        assert!(!strict, "YICHUANG_TEST_SERVERS is set, but Redis is not installed");
        // Straight to the terminal: the harness would swallow what a passing test prints.
        let mut terminal = std::io::stderr();
        writeln!(terminal, "SKIPPED with Redis: not installed").unwrap();
        return None;
    }
    let port = free_port();
    let script = format!(
        "redis-server --port {port} --bind 127.0.0.1 --save '' --appendonly no --databases 4096 >/dev/null 2>&1 & \
         server=$!; read end; kill -9 $server; wait $server 2>/dev/null"
    );
    let child = Command::new("sh").args(["-c", &script]).stdin(Stdio::piped()).spawn().unwrap();
    let redis = Redis { port, child };
    for _ in 0..200 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Some(redis);
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    panic!("Redis did not start");
}

/// The URL of an empty database of the shared server.
pub fn fresh_database() -> Option<String> {
    static SERVER: OnceLock<Option<Redis>> = OnceLock::new();
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let server = SERVER.get_or_init(start).as_ref()?;
    Some(format!("redis://127.0.0.1:{}/{}", server.port, COUNT.fetch_add(1, Ordering::Relaxed)))
}
