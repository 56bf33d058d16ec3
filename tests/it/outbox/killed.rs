//! The real program, killed in the middle of work again and again: what it acknowledged is there after
//! the restart, once, and its letter arrives.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use yichuang::catalog;

use crate::world::LINKOU;
use crate::world::papers::another_child;

const ROUNDS: u32 = 10;

struct Served {
    process: Child,
    base: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yichuang"));
    command
        .env("YICHUANG_STORAGE__URL", format!("sqlite://{}", folder.join("it.db").display()))
        .env("YICHUANG_DATA__FOLDER", folder.join("data"))
        .env("YICHUANG_SERVER__BIND", "127.0.0.1:0")
        .env("YICHUANG_LIMITS__SIGN_IN_PER_ADDRESS", "1000")
        .env("YICHUANG_LIMITS__FILINGS_PER_HOUR", "100000")
        .env("YICHUANG_OUTBOX__POLL_SECONDS", "1")
        .env("RUST_LOG", "error");
    command
}

impl Served {
    fn start(folder: &Path) -> Self {
        let mut process = program(folder).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let base = line.trim().trim_end_matches("/docs/").to_owned();
        assert!(base.starts_with("http://127.0.0.1:"), "{line}");
        Self { process, base }
    }
}

/// One person's line to the server; `None` when the server died before it answered.
#[derive(Clone)]
struct Line {
    client: reqwest::Client,
    base: String,
    token: String,
}

impl Line {
    async fn open(served: &Served, body: &Value) -> Self {
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(20)).build().unwrap();
        let mut line = Line { client, base: served.base.clone(), token: String::new() };
        let signed = line.post("/v1/sessions", "", None, body).await.unwrap();
        line.token = signed.1["access_token"].as_str().unwrap_or_else(|| panic!("{signed:?}")).to_owned();
        line
    }

    async fn post(&self, path: &str, key: &str, version: Option<i64>, body: &Value) -> Option<(u16, Value)> {
        let mut request =
            self.client.post(format!("{}{path}", self.base)).bearer_auth(&self.token).json(body);
        request = request.header("idempotency-key", key);
        if let Some(version) = version {
            request = request.header("if-match", format!("\"{version}\""));
        }
        let response = request.send().await.ok()?;
        let status = response.status().as_u16();
        Some((status, response.json().await.ok()?))
    }

    async fn get(&self, path: &str) -> Value {
        let request = self.client.get(format!("{}{path}", self.base)).bearer_auth(&self.token);
        request.send().await.unwrap().json().await.unwrap()
    }
}

/// What is filed under a key: of a child of its own, so that none is there already.
fn filing(key: &str) -> Value {
    let (round, number) = key.trim_start_matches("round").split_once('-').unwrap();
    let child = round.parse::<u32>().unwrap() * 200 + number.parse::<u32>().unwrap();
    let mut form = another_child(&catalog::find("birth_registration").unwrap().sample(), child);
    form["service"] = "birth_registration".into();
    json!({"region": LINKOU, "submit": true, "form": form})
}

/// What somebody at the counter wants done, until it was acknowledged.
#[derive(Default)]
struct Wishes {
    /// Filed, by key: the application's id and receipt number.
    filed: BTreeMap<String, (String, String)>,
    /// Accepted, by key of the filing.
    accepted: Vec<String>,
    /// Sent, but the answer was lost.
    open: Vec<String>,
}

/// Works until the server is gone.
async fn work(resident: &Line, clerk: &Line, round: u32, wishes: &mut Wishes) {
    let retried = std::mem::take(&mut wishes.open).into_iter();
    let fresh = (0..).map(|number| format!("round{round}-{number}"));
    for key in retried.chain(fresh) {
        let id = match wishes.filed.get(&key) {
            Some((id, _)) => id.clone(),
            None => {
                let Some((status, case)) = resident.post("/v1/applications", &key, None, &filing(&key)).await
                else {
                    wishes.open.push(key);
                    return;
                };
                assert_eq!(status, 201, "{case}");
                let text = |name: &str| case[name].as_str().unwrap().to_owned();
                wishes.filed.insert(key.clone(), (text("id"), text("receipt_no")));
                text("id")
            }
        };
        let (path, act) = (format!("/v1/applications/{id}/actions"), json!({"action": "accept"}));
        match clerk.post(&path, &format!("accept-{key}"), Some(1), &act).await {
            Some((status, case)) => {
                assert_eq!((status, &case["status"]), (200, &json!("accepted")), "{case}");
                wishes.accepted.push(key);
            }
            None => {
                wishes.open.push(key);
                return;
            }
        }
    }
}

/// The text of a letter, whichever way it is wrapped for the road.
fn unwrapped(letter: &str) -> String {
    let (head, body) = letter.split_once("\r\n\r\n").unwrap();
    if head.to_lowercase().contains("content-transfer-encoding: base64") {
        let value = |c: u8| match c {
            b'A'..=b'Z' => Some(c - b'A'),
            b'a'..=b'z' => Some(c - b'a' + 26),
            b'0'..=b'9' => Some(c - b'0' + 52),
            b'+' => Some(62),
            b'/' => Some(63),
            _ => None,
        };
        let bits: Vec<u8> = body.bytes().filter_map(value).collect();
        let word =
            |chunk: &[u8]| (0..4).fold(0_u32, |w, at| w << 6 | u32::from(*chunk.get(at).unwrap_or(&0)));
        let bytes = bits.chunks(4).flat_map(|chunk| word(chunk).to_be_bytes()[1..chunk.len()].to_vec());
        return String::from_utf8(bytes.collect()).unwrap();
    }
    // Quoted-printable keeps digits and hyphens and only breaks lines.
    body.replace("=\r\n", "")
}

fn letters(folder: &Path) -> Vec<String> {
    let Ok(files) = std::fs::read_dir(folder.join("data/mail")) else { return Vec::new() };
    let eml = |path: &PathBuf| path.extension().is_some_and(|kind| kind == "eml");
    files
        .map(|file| file.unwrap().path())
        .filter(eml)
        .map(|path| unwrapped(&std::fs::read_to_string(path).unwrap()))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_being_killed() {
    let folder = std::env::temp_dir().join(format!("yichuang-killed-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let made = program(&folder)
        .args(["staff", "li", "窗口小李", "clerk", LINKOU])
        .env("YICHUANG_NEW_PASSWORD", "a-long-password")
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(made.success());
    let resident_in = json!({"kind": "wechat", "code": "dev:xiuying"});
    let clerk_in = json!({"kind": "staff", "username": "li", "password": "a-long-password"});
    let identity = json!({
        "name": "林秀英", "id_number": "350582199412150025", "phone": "13805950001", "email": "xiuying@example.org",
    });

    let mut wishes = Wishes::default();
    for round in 0..ROUNDS {
        let mut served = Served::start(&folder);
        let resident = Line::open(&served, &resident_in).await;
        let clerk = Line::open(&served, &clerk_in).await;
        let put = resident.client.put(format!("{}/v1/me/identity", served.base)).bearer_auth(&resident.token);
        assert_eq!(put.json(&identity).send().await.unwrap().status().as_u16(), 204);
        let put = resident.client.put(format!("{}/v1/me/phone", served.base)).bearer_auth(&resident.token);
        let vouched = put.json(&json!({"code": "dev:13805950001"})).send().await.unwrap();
        assert_eq!(vouched.status().as_u16(), 200);
        // Some other moment every time, within the first work and well into it.
        let moment = Duration::from_millis(40 + u64::from(round * 7919 % 600));
        let killer = tokio::task::spawn_blocking(move || {
            std::thread::sleep(moment);
            served.process.kill().unwrap();
            served.process.wait().unwrap();
        });
        work(&resident, &clerk, round, &mut wishes).await;
        killer.await.unwrap();
    }

    // The last start: what was in doubt is sent again, then everything is counted.
    let served = Served::start(&folder);
    let resident = Line::open(&served, &resident_in).await;
    let clerk = Line::open(&served, &clerk_in).await;
    let open = std::mem::take(&mut wishes.open);
    for key in open {
        let (status, case) = resident.post("/v1/applications", &key, None, &filing(&key)).await.unwrap();
        assert_eq!(status, 201, "{case}");
        let text = |name: &str| case[name].as_str().unwrap().to_owned();
        wishes.filed.insert(key, (text("id"), text("receipt_no")));
    }
    assert!(wishes.accepted.len() > ROUNDS as usize, "hardly anything was done: {}", wishes.accepted.len());
    let mut stored: Vec<String> = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = resident.get(&format!("/v1/applications?limit=100{cursor}")).await;
        stored.extend(
            page["items"].as_array().unwrap().iter().map(|line| line["id"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    stored.sort();
    let mut filed: Vec<String> = wishes.filed.values().map(|(id, _)| id.clone()).collect();
    filed.sort();
    assert_eq!(stored, filed, "every acknowledged application is there once, and no other");
    for key in &wishes.accepted {
        let (id, _) = &wishes.filed[key];
        assert_eq!(clerk.get(&format!("/v1/applications/{id}")).await["status"], "accepted", "{key}");
    }

    // Mail taken by a deliverer that was killed comes back when its lease is over, two minutes later; a
    // restarted one whose clock says so delivers it now.
    drop(served);
    later_delivery(&folder).await;
    let letters = letters(&folder);
    for key in &wishes.accepted {
        let (_, number) = &wishes.filed[key];
        let told = letters.iter().filter(|letter| letter.contains(number)).count();
        assert_eq!(told, 1, "{key} {number}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Delivers what is left as of five minutes from now.
async fn later_delivery(folder: &Path) {
    let clock =
        yichuang::adapters::clock::SteppedClock::at(chrono::Utc::now() + chrono::Duration::minutes(5));
    let url = format!("sqlite://{}", folder.join("it.db").display());
    let settings = crate::world::settings(&folder.join("data"), &url, &[]);
    let office = yichuang::assemble::office(&settings, std::sync::Arc::new(clock)).unwrap();
    let started = Instant::now();
    while office.outbox_figures().await.unwrap().0 > 0 {
        office.deliver_mail().await.unwrap();
        assert!(started.elapsed() < Duration::from_secs(30), "mail is stuck");
    }
    assert_eq!(office.outbox_figures().await.unwrap(), (0, 0));
}
