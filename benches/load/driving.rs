//! Drives one kind of request over a number of kept-alive connections for a few seconds and measures
//! each answer.

use std::error::Error;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use uuid::Uuid;
use yichuang::domain::lifecycle::Status;

use crate::center::Center;
use crate::client::Connection;
use crate::filling::{Filled, beginning, id_of, status_of};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// Nothing: what HTTP itself costs here.
    Alive,
    Submit,
    Accept,
    /// Claims the next one; giving it back is not measured, but happens in between.
    Claim,
    Read,
    /// A page of 20 of a status that one in five has.
    List,
    /// … that two in a thousand have.
    ListSeldom,
    Search,
}

impl Ask {
    pub fn name(self) -> &'static str {
        match self {
            Ask::Alive => "empty answer",
            Ask::Submit => "submit",
            Ask::Accept => "act (accept)",
            Ask::Claim => "claim (then release)",
            Ask::Read => "read by id",
            Ask::List => "list, status of 1 in 5",
            Ask::ListSeldom => "list, status of 1 in 500",
            Ask::Search => "search by name",
        }
    }
}

/// What was measured.
pub struct Figures {
    pub ask: Ask,
    pub connections: usize,
    pub per_second: f64,
    pub p50: Duration,
    pub p99: Duration,
    /// Resident memory of the whole process afterwards, MiB.
    pub memory: u64,
}

/// Applications the window has not accepted yet.
pub struct Waiting(Mutex<Vec<Uuid>>);

impl Waiting {
    pub fn of(filled: &Filled) -> Self {
        let here = (0..filled.count).step_by(2).filter(|number| status_of(*number) == Status::Submitted);
        Self(Mutex::new(here.map(|number| id_of(filled.start, number)).collect()))
    }

    fn next(&self) -> Option<Uuid> {
        self.0.lock().ok()?.pop()
    }

    fn add(&self, id: Uuid) {
        if let Ok(mut waiting) = self.0.lock() {
            // To the front would cost a move of all; which one is next does not matter.
            waiting.push(id);
        }
    }
}

/// Answers that come before this much of the time are not counted.
const WARM_UP: f64 = 0.1;
static KEYS: AtomicU64 = AtomicU64::new(0);
/// The first ones are the templates of what was filled in.
static SUBMISSIONS: AtomicU64 = AtomicU64::new(2);

/// Runs `ask` over `connections` for `seconds`.
pub async fn drive(
    center: &Center,
    filled: &Filled,
    waiting: &Waiting,
    ask: Ask,
    connections: usize,
    seconds: f64,
) -> Result<Figures, Box<dyn Error>> {
    let start = Instant::now();
    let counted_from = start + Duration::from_secs_f64(seconds * WARM_UP);
    let end = start + Duration::from_secs_f64(seconds);
    let lanes = (0..connections).map(|lane| async move {
        let mut connection = Connection::open(center.address).await?;
        let mut random = Random(0x9E37_79B9_97F4_A7C1 ^ ((lane as u64 + 1) << 32));
        let mut taken = Vec::new();
        loop {
            let before = Instant::now();
            if before >= end
                || !one(center, filled, waiting, ask, lane, &mut connection, &mut random, &mut taken).await?
            {
                return Ok::<_, Box<dyn Error>>(taken);
            }
        }
    });
    let mut taken: Vec<Duration> = try_join_all(lanes)
        .await?
        .into_iter()
        .flatten()
        .filter(|(at, _)| *at >= counted_from)
        .map(|(_, t)| t)
        .collect();
    let counted = Instant::now().min(end) - counted_from;
    taken.sort_unstable();
    let percentile =
        |p: usize| taken.get((taken.len() * p / 100).min(taken.len().saturating_sub(1))).copied();
    Ok(Figures {
        ask,
        connections,
        per_second: taken.len() as f64 / counted.as_secs_f64(),
        p50: percentile(50).unwrap_or_default(),
        p99: percentile(99).unwrap_or_default(),
        memory: memory(),
    })
}

/// One request; false when there is nothing left to do. Any unexpected answer ends the run.
// Everything a request may need; a struct for one caller would only rename it.
#[allow(clippy::too_many_arguments)]
async fn one(
    center: &Center,
    filled: &Filled,
    waiting: &Waiting,
    ask: Ask,
    lane: usize,
    connection: &mut Connection,
    random: &mut Random,
    taken: &mut Vec<(Instant, Duration)>,
) -> Result<bool, Box<dyn Error>> {
    let clerk = &center.clerks[lane % center.clerks.len()].header;
    let key = || format!("idempotency-key: load-{}\r\n", KEYS.fetch_add(1, Ordering::Relaxed));
    let some = || id_of(filled.start, random.peek() as u32 % (filled.count / 2) * 2);
    let (line, headers, body) = match ask {
        Ask::Alive => ("GET /healthz".to_owned(), String::new(), String::new()),
        Ask::Submit => {
            let (resident, body) = center.submission(SUBMISSIONS.fetch_add(1, Ordering::Relaxed));
            ("POST /v1/applications".to_owned(), key() + &resident.header, body)
        }
        Ask::Accept => {
            let Some(id) = waiting.next() else { return Ok(false) };
            let headers = key() + "if-match: \"1\"\r\n" + clerk;
            (format!("POST /v1/applications/{id}/actions"), headers, r#"{"action":"accept"}"#.to_owned())
        }
        Ask::Claim => ("POST /v1/queue/claim".to_owned(), key() + clerk, "{}".to_owned()),
        Ask::Read => (format!("GET /v1/applications/{}", some()), clerk.clone(), String::new()),
        Ask::List => {
            ("GET /v1/applications?status=accepted&limit=20".to_owned(), clerk.clone(), String::new())
        }
        Ask::ListSeldom => {
            ("GET /v1/applications?status=declined&limit=20".to_owned(), clerk.clone(), String::new())
        }
        Ask::Search => {
            let body = format!(r#"{{"text":"{}","limit":20}}"#, beginning(random.peek()));
            ("POST /v1/applications/search".to_owned(), clerk.clone(), body)
        }
    };
    random.step();
    let expected = if ask == Ask::Submit { 201 } else { 200 };
    let before = Instant::now();
    let reply = connection.ask(&line, &headers, &body).await?;
    taken.push((before, before.elapsed()));
    if reply.status != expected {
        return Err(
            format!("{}: {} {}", ask.name(), reply.status, String::from_utf8_lossy(reply.body)).into()
        );
    }
    match ask {
        Ask::Submit => waiting.add(reply.text("id").ok_or("no id")?.parse()?),
        Ask::Claim => {
            let Some(id) = reply.text("id") else { return Ok(false) };
            let line = format!("POST /v1/applications/{id}/lease");
            let reply = connection.ask(&line, &(key() + clerk), r#"{"step":"release"}"#).await?;
            if reply.status != 200 {
                return Err(String::from_utf8_lossy(reply.body).into());
            }
        }
        _ => {}
    }
    Ok(true)
}

/// xorshift: repeatable, and cheaper than what it drives.
struct Random(u64);

impl Random {
    fn peek(&self) -> u64 {
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16
    }

    fn step(&mut self) {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
    }
}

fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib: u64 = line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0);
    kib / 1024
}
