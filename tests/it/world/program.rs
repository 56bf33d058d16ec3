//! The real program as a process of its own, on data that outlives it, and a person's line to it that breaks when
//! it dies.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use yichuang::adapters::clock::Clock;
use yichuang::assemble;
use yichuang::usecases::Office;

use super::{Database, postgres, settings, temp_folder};

/// What is there while no process runs; its folder goes with it.
pub struct Program {
    folder: PathBuf,
    url: String,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Program {
    /// `None` when the database is not installed.
    pub fn on(database: Database) -> Option<Self> {
        let folder = temp_folder();
        let url = match database {
            Database::Sqlite => format!("sqlite://{}", folder.join("it.db").display()),
            Database::Postgres => postgres::fresh_database()?,
        };
        Some(Self { folder, url })
    }

    /// Where it keeps what is not in the database.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What the program itself does, in this process, while it does not run.
    pub fn office(&self, clock: Arc<dyn Clock>) -> Office {
        assemble::office(&settings(&self.data(), &self.url, &[]), clock).unwrap()
    }

    /// Starts it; answers when it does.
    pub fn serve(&self) -> Served {
        let mut process = Command::new(env!("CARGO_BIN_EXE_yichuang"))
            .env("YICHUANG_STORAGE__URL", &self.url)
            .env("YICHUANG_STORAGE__POOL", "8")
            .env("YICHUANG_DATA__FOLDER", self.data())
            .env("YICHUANG_SERVER__BIND", "127.0.0.1:0")
            .env("YICHUANG_LIMITS__SIGN_IN_PER_ADDRESS", "100000")
            .env("YICHUANG_LIMITS__FILINGS_PER_HOUR", "100000")
            .env("YICHUANG_OUTBOX__POLL_SECONDS", "1")
            .env("RUST_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let base = line.trim().trim_end_matches("/docs/").to_owned();
        assert!(base.starts_with("http://127.0.0.1:"), "{line}");
        Served { process, base }
    }
}

/// The program at work; it is killed with this.
pub struct Served {
    process: Child,
    base: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Served {
    /// Killed at that moment, whatever it is doing.
    pub fn killed_after(self, moment: Duration) -> tokio::task::JoinHandle<()> {
        tokio::task::spawn_blocking(move || {
            std::thread::sleep(moment);
            drop(self);
        })
    }
}

/// One person's line to the server; every answer is `None` when the server died before it.
#[derive(Clone)]
pub struct Line {
    client: reqwest::Client,
    base: String,
    token: String,
}

impl Line {
    /// Signs in.
    pub async fn open(served: &Served, body: &Value) -> Self {
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(20)).build().unwrap();
        let mut line = Line { client, base: served.base.clone(), token: String::new() };
        let signed = line.post("/v1/sessions", "", None, body).await.unwrap();
        line.token = signed.1["access_token"].as_str().unwrap_or_else(|| panic!("{signed:?}")).to_owned();
        line
    }

    async fn answer(&self, request: reqwest::RequestBuilder) -> Option<(u16, Value)> {
        let response = request.bearer_auth(&self.token).send().await.ok()?;
        let status = response.status().as_u16();
        let body = response.bytes().await.ok()?;
        Some((status, serde_json::from_slice(&body).unwrap_or_default()))
    }

    pub async fn post(
        &self,
        path: &str,
        key: &str,
        version: Option<i64>,
        body: &Value,
    ) -> Option<(u16, Value)> {
        let mut request = self.client.post(format!("{}{path}", self.base)).json(body);
        request = request.header("idempotency-key", key);
        if let Some(version) = version {
            request = request.header("if-match", format!("\"{version}\""));
        }
        self.answer(request).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Option<(u16, Value)> {
        self.answer(self.client.put(format!("{}{path}", self.base)).json(body)).await
    }

    pub async fn put_bytes(&self, path: &str, bytes: Vec<u8>) -> Option<(u16, Value)> {
        let request = self.client.put(format!("{}{path}", self.base)).body(bytes);
        self.answer(request.header("content-type", "application/octet-stream")).await
    }

    pub async fn get(&self, path: &str) -> Value {
        self.answer(self.client.get(format!("{}{path}", self.base))).await.unwrap().1
    }
}
