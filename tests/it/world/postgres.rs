//! One private PostgreSQL for the whole test run, on a free port, ended with the test process.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

struct Server {
    port: u16,
    user: String,
    // Closing its standard input ends the server: no destructor is needed for that.
    _child: Child,
}

/// Where its programs lie, if it is installed.
pub fn binaries() -> Option<PathBuf> {
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    versions.sort();
    versions.into_iter().rev().find(|bin| bin.join("initdb").exists() && bin.join("postgres").exists())
}

/// The account that runs the server: PostgreSQL refuses root.
fn account() -> Option<(u32, u32, String)> {
    let me = Command::new("id").arg("-u").output().ok()?;
    if String::from_utf8_lossy(&me.stdout).trim() != "0" {
        let name = Command::new("id").arg("-un").output().ok()?;
        return Some((u32::MAX, u32::MAX, String::from_utf8_lossy(&name.stdout).trim().to_owned()));
    }
    let passwd = std::fs::read_to_string("/etc/passwd").ok()?;
    let line = passwd.lines().find(|line| line.starts_with("postgres:"))?;
    let fields: Vec<&str> = line.split(':').collect();
    Some((fields[2].parse().ok()?, fields[3].parse().ok()?, "postgres".to_owned()))
}

fn run_as(command: &mut Command, uid: u32, gid: u32) -> &mut Command {
    if uid == u32::MAX { command } else { command.gid(gid).uid(uid) }
}

fn start() -> Option<Server> {
    let bin = binaries()?;
    let (uid, gid, user) = account()?;
    let folder = folder();
    std::fs::create_dir_all(&folder).unwrap();
    if uid != u32::MAX {
        std::os::unix::fs::chown(&folder, Some(uid), Some(gid)).unwrap();
    }
    let data = folder.join("data");
    let made = run_as(&mut Command::new(bin.join("initdb")), uid, gid)
        .args(["-A", "trust", "-U", &user, "--encoding=UTF8", "--locale=C", "--no-sync", "-D"])
        .arg(&data)
        .current_dir(&folder)
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(made.success(), "initdb failed");
    let port = free_port();
    let script = format!(
        "'{}' -D '{}' -p {port} -k '{}' -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=400 \
         >'{}' 2>&1 & server=$!; read end; kill -INT $server; wait $server; rm -rf '{}'",
        bin.join("postgres").display(),
        data.display(),
        folder.display(),
        folder.join("log").display(),
        folder.display(),
    );
    let child = run_as(Command::new("sh").args(["-c", &script]), uid, gid)
        .current_dir(&folder)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let server = Server { port, user, _child: child };
    for _ in 0..200 {
        if PgConnection::establish(&url(&server, "postgres")).is_ok() {
            return Some(server);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("PostgreSQL did not start: {}", read(&folder.join("log")));
}

fn folder() -> PathBuf {
    std::env::temp_dir().join(format!("yichuang-pg-{}", std::process::id()))
}

/// What the server has logged.
pub fn log() -> PathBuf {
    folder().join("log")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

/// A port nobody listens on at the moment.
pub fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn url(server: &Server, database: &str) -> String {
    format!("postgres://{}@127.0.0.1:{}/{database}", server.user, server.port)
}

/// The URL of a fresh, empty database; `None` when PostgreSQL is not installed.
pub fn fresh_database() -> Option<String> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let server = SERVER.get_or_init(start).as_ref();
    let Some(server) = server else {
        let strict = std::env::var_os("YICHUANG_TEST_SERVERS").is_some();
        assert!(!strict, "YICHUANG_TEST_SERVERS is set, but PostgreSQL is not installed");
        // Straight to the terminal: the harness would swallow what a passing test prints.
        let mut terminal = std::io::stderr();
        writeln!(terminal, "SKIPPED on PostgreSQL: not installed").unwrap();
        return None;
    };
    let name = format!("w{}", COUNT.fetch_add(1, Ordering::Relaxed));
    let mut conn = PgConnection::establish(&url(server, "postgres")).unwrap();
    conn.batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
    Some(url(server, &name))
}
