//! The real program, killed in the middle of work again and again: what it acknowledged is there after
//! the restart, once, and its letter arrives.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use yichuang::adapters::clock::{SteppedClock, SystemClock};
use yichuang::catalog;
use yichuang::domain::lifecycle::Role;
use yichuang::domain::region::Region;
use yichuang::usecases::staff::NewStaff;

use crate::world::papers::another_child;
use crate::world::program::{Line, Program};
use crate::world::{Database, LINKOU};

const ROUNDS: u32 = 10;

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

fn letters(data: &Path) -> Vec<String> {
    let Ok(files) = std::fs::read_dir(data.join("mail")) else { return Vec::new() };
    let eml = |path: &PathBuf| path.extension().is_some_and(|kind| kind == "eml");
    files
        .map(|file| file.unwrap().path())
        .filter(eml)
        .map(|path| unwrapped(&std::fs::read_to_string(path).unwrap()))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_being_killed() {
    let program = Program::on(Database::Sqlite).unwrap();
    let clerk = NewStaff {
        username: "li".to_owned(),
        name: "窗口小李".to_owned(),
        password: "a-long-password".to_owned(),
        role: Role::Clerk,
        region: Region::parse(LINKOU).unwrap(),
        department: None,
        email: None,
    };
    program.office(Arc::new(SystemClock)).add_staff(clerk).await.unwrap();
    let resident_in = json!({"kind": "wechat", "code": "dev:xiuying"});
    let clerk_in = json!({"kind": "staff", "username": "li", "password": "a-long-password"});
    let identity = json!({
        "name": "林秀英", "id_number": "350582199412150025", "phone": "13805950001", "email": "xiuying@example.org",
    });

    let mut wishes = Wishes::default();
    for round in 0..ROUNDS {
        let served = program.serve();
        let resident = Line::open(&served, &resident_in).await;
        let clerk = Line::open(&served, &clerk_in).await;
        assert_eq!(resident.put("/v1/me/identity", &identity).await.unwrap().0, 204);
        let vouched = resident.put("/v1/me/phone", &json!({"code": "dev:13805950001"})).await.unwrap();
        assert_eq!(vouched.0, 200);
        // Some other moment every time, within the first work and well into it.
        let moment = Duration::from_millis(40 + u64::from(round * 7919 % 600));
        let killer = served.killed_after(moment);
        work(&resident, &clerk, round, &mut wishes).await;
        killer.await.unwrap();
    }

    // The last start: what was in doubt is sent again, then everything is counted.
    let served = program.serve();
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
    later_delivery(&program).await;
    let letters = letters(&program.data());
    for key in &wishes.accepted {
        let (_, number) = &wishes.filed[key];
        let told = letters.iter().filter(|letter| letter.contains(number)).count();
        assert_eq!(told, 1, "{key} {number}");
    }
}

/// Delivers what is left as of five minutes from now.
async fn later_delivery(program: &Program) {
    let clock = SteppedClock::at(chrono::Utc::now() + chrono::Duration::minutes(5));
    let office = program.office(Arc::new(clock));
    let started = Instant::now();
    while office.outbox_figures().await.unwrap().0 > 0 {
        office.deliver_mail().await.unwrap();
        assert!(started.elapsed() < Duration::from_secs(30), "mail is stuck");
    }
    assert_eq!(office.outbox_figures().await.unwrap(), (0, 0));
}
