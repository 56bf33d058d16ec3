//! A private PostgreSQL with fsync on, on a free port of this machine; ends with the run.

use std::error::Error;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use diesel::{Connection, PgConnection};

pub struct Server {
    pub port: u16,
    pub user: String,
    pub binaries: PathBuf,
    child: Child,
}

impl Drop for Server {
    fn drop(&mut self) {
        // The shell around the server waits for the end of its input, then stops it and cleans up.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

fn binaries() -> Option<PathBuf> {
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    versions.sort();
    versions.into_iter().rev().find(|bin| bin.join("initdb").exists() && bin.join("postgres").exists())
}

/// The account that runs the server: PostgreSQL refuses root.
fn account() -> Option<(Option<(u32, u32)>, String)> {
    let said = |flag: &str| -> Option<String> {
        let output = Command::new("id").arg(flag).output().ok()?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    if said("-u")? != "0" {
        return Some((None, said("-un")?));
    }
    let passwd = std::fs::read_to_string("/etc/passwd").ok()?;
    let mut fields = passwd.lines().find(|line| line.starts_with("postgres:"))?.split(':').skip(2);
    Some((Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?)), "postgres".to_owned()))
}

fn run_as(mut command: Command, account: Option<(u32, u32)>, folder: &Path) -> Command {
    command.current_dir(folder);
    if let Some((uid, gid)) = account {
        command.gid(gid).uid(uid);
    }
    command
}

impl Server {
    /// Starts it in `folder`; `None` when PostgreSQL is not installed.
    pub fn start(folder: &Path) -> Result<Option<Self>, Box<dyn Error>> {
        let (Some(binaries), Some((ids, user))) = (binaries(), account()) else { return Ok(None) };
        std::fs::create_dir_all(folder)?;
        if let Some((uid, gid)) = ids {
            std::os::unix::fs::chown(folder, Some(uid), Some(gid))?;
        }
        let data = folder.join("data");
        let made = run_as(Command::new(binaries.join("initdb")), ids, folder)
            .args(["-A", "trust", "-U", &user, "--encoding=UTF8", "--locale=C", "-D"])
            .arg(&data)
            .stdout(Stdio::null())
            .status()?;
        if !made.success() {
            return Err("initdb failed".into());
        }
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let script = format!(
            "'{}' -D '{}' -p {port} -k '{}' -c listen_addresses=127.0.0.1 -c max_connections=200 >'{}' 2>&1 & \
             server=$!; read end; kill -INT $server; wait $server; rm -rf '{}'/*",
            binaries.join("postgres").display(),
            data.display(),
            folder.display(),
            folder.join("log").display(),
            folder.display(),
        );
        let mut shell = Command::new("sh");
        shell.args(["-c", &script]).stdin(Stdio::piped());
        let child = run_as(shell, ids, folder).spawn()?;
        let server = Self { port, user, binaries, child };
        for _ in 0..400 {
            if PgConnection::establish(&server.url("postgres")).is_ok() {
                return Ok(Some(server));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Err(std::fs::read_to_string(folder.join("log")).unwrap_or_default().into())
    }

    pub fn url(&self, database: &str) -> String {
        format!("postgres://{}@127.0.0.1:{}/{database}", self.user, self.port)
    }
}
