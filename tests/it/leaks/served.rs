//! The real program with its log turned all the way up, everything that was asked of it, and what it answered.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;

use reqwest::{Method, RequestBuilder};

use super::canaries::Canaries;
use crate::world::people::{Answer, answer};
use crate::world::weixin::Weixin;
use crate::world::{Database, postgres, redis, temp_folder};

/// An answer as it came.
pub struct Exchange {
    pub status: u16,
    pub headers: String,
    pub text: String,
}

/// A run of the program, from its first command to its last.
pub struct Run {
    pub folder: PathBuf,
    pub url: String,
    pub redis: Option<String>,
    pub weixin: Weixin,
    pub exchanges: Mutex<Vec<Exchange>>,
    pub canaries: Mutex<Canaries>,
    /// What commands printed.
    pub printed: Mutex<String>,
    client: reqwest::Client,
    base: String,
    process: Option<Child>,
}

impl Drop for Run {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            let _ = process.kill();
            let _ = process.wait();
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Run {
    /// Nothing served yet; `None` when the database is not installed.
    pub async fn prepare(database: Database) -> Option<Self> {
        let folder = temp_folder();
        let (url, redis) = match database {
            Database::Sqlite => (format!("sqlite://{}", folder.join("data/it.db").display()), None),
            Database::Postgres => (postgres::fresh_database()?, redis::fresh_database()),
        };
        for part in ["data", "log"] {
            std::fs::create_dir_all(folder.join(part)).unwrap();
        }
        Some(Self {
            folder,
            url,
            redis,
            weixin: Weixin::start(11).await,
            exchanges: Mutex::default(),
            canaries: Mutex::default(),
            printed: Mutex::default(),
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
            base: String::new(),
            process: None,
        })
    }

    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    pub fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    /// The program as configured here, its log at the end of a file of its own.
    fn program(&self, log: &str) -> Command {
        let file = File::options().create(true).append(true).open(self.log().join(log)).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_yichuang"));
        command
            .envs(self.settings())
            .env("RUST_LOG", "trace")
            .env("RUST_BACKTRACE", "1")
            .stdin(Stdio::null())
            .stderr(Stdio::from(file));
        command
    }

    pub fn settings(&self) -> Vec<(String, String)> {
        let own = [
            ("YICHUANG_STORAGE__URL", self.url.clone()),
            ("YICHUANG_STORAGE__POOL", "8".to_owned()),
            ("YICHUANG_DATA__FOLDER", self.data().display().to_string()),
            ("YICHUANG_SERVER__BIND", "127.0.0.1:0".to_owned()),
            ("YICHUANG_SERVER__BODY_SECONDS", "3".to_owned()),
            ("YICHUANG_CACHE__REDIS_URL", self.redis.clone().unwrap_or_default()),
            ("YICHUANG_LIMITS__SIGN_IN_PER_ADDRESS", "100000".to_owned()),
            ("YICHUANG_LIMITS__PHONE_CODES_PER_HOUR", "100000".to_owned()),
            ("YICHUANG_LIMITS__PROGRESS_PER_QUARTER_HOUR", "4".to_owned()),
            ("YICHUANG_OUTBOX__POLL_SECONDS", "1".to_owned()),
        ];
        let wechat = self.weixin.settings().map(|(key, value)| (key.to_owned(), value.to_owned()));
        own.into_iter().map(|(key, value)| (key.to_owned(), value)).chain(wechat).collect()
    }

    /// Runs a command to its end; what it printed.
    pub fn commands(&self, arguments: &[&str]) -> String {
        let done = self.program("commands").args(arguments).output().unwrap();
        let told = String::from_utf8(done.stdout).unwrap();
        let log = || std::fs::read_to_string(self.log().join("commands")).unwrap();
        assert!(done.status.success(), "{arguments:?}: {}", log());
        self.printed.lock().unwrap().push_str(&told);
        told
    }

    pub fn serves(&mut self) {
        let mut process = self.program("serve").stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        self.base = line.trim().trim_end_matches("/docs/").to_owned();
        self.process = Some(process);
        assert!(self.base.starts_with("http://127.0.0.1:"), "{line}");
        self.printed.lock().unwrap().push_str(&line);
    }

    /// Asks it to end, and waits until it has.
    pub fn ends(&mut self) {
        let mut process = self.process.take().unwrap();
        let asked = Command::new("kill").args(["-TERM", &process.id().to_string()]).status().unwrap();
        assert!(asked.success());
        assert!(process.wait().unwrap().success());
    }

    pub fn hide(&self, kind: &'static str, value: impl AsRef<[u8]>) {
        self.canaries.lock().unwrap().add(kind, value);
    }

    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        self.client.request(method, format!("{}{path}", self.base))
    }

    /// Sends it and keeps the answer.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let told = answer(request.send().await.unwrap()).await;
        self.keep(&told);
        told
    }

    fn keep(&self, told: &Answer) {
        let headers = format!("{:?}", told.headers);
        let (status, text) = (told.status, told.text.clone());
        self.exchanges.lock().unwrap().push(Exchange { status, headers, text });
    }

    /// Sends bytes as they are and keeps what comes back until the server closes.
    pub fn sends_raw(&self, bytes: &[u8]) -> String {
        let mut stream = std::net::TcpStream::connect(self.base.trim_start_matches("http://")).unwrap();
        stream.set_read_timeout(Some(std::time::Duration::from_secs(20))).unwrap();
        let _ = stream.write_all(bytes);
        let mut told = Vec::new();
        let _ = std::io::Read::read_to_end(&mut stream, &mut told);
        let told = String::from_utf8_lossy(&told).into_owned();
        let status = told.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        let exchange = Exchange { status, headers: String::new(), text: told.clone() };
        self.exchanges.lock().unwrap().push(exchange);
        told
    }
}

/// Every file below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}
