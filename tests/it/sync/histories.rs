//! Random histories of up to three devices against a model: whatever is lost, doubled, turned around or cut short on
//! the way, and whoever crashes, the server ends where the model does. `YICHUANG_HISTORIES=20000` for the full run.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::Duration;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use uuid::Uuid;
use yichuang::adapters::clock::new_id;
use yichuang::domain::actor::{Actor, Grant};
use yichuang::domain::lifecycle::Role;
use yichuang::domain::region::Region;
use yichuang::field_client::{Deed, Outbox};
use yichuang::usecases::once::OnceKey;
use yichuang::usecases::staff::NewStaff;
use yichuang::usecases::syncing::Batch;

use super::GRID;
use super::model::{Expected, History, Telephone};
use super::steps::{FIELDS, OWN, Step, step};
use crate::chance::runner;
use crate::world::papers::somebody;
use crate::world::{Database, World};

static PEOPLE: AtomicU32 = AtomicU32::new(0);

impl History {
    fn fresh(&self) -> Uuid {
        new_id(self.office.now())
    }

    fn note(&mut self, device: usize, deed: Value) {
        let at = self.office.now();
        let deed = Deed { at, deed, base: None, resolves: None };
        self.telephones[device].outbox.record(deed).unwrap();
    }

    fn draft(&self, device: usize, which: usize) -> Option<usize> {
        let drafts = &self.telephones[device].drafts;
        (!drafts.is_empty()).then(|| which % drafts.len())
    }

    async fn does(&mut self, device: usize, step: &Step) {
        match step {
            Step::Visit => {
                let visit = self.fresh();
                let number = PEOPLE.fetch_add(1, Ordering::Relaxed);
                self.telephones[device].visits.push((visit, false));
                self.telephones[device].people.push(number);
                let (name, id_number) = somebody(number);
                self.note(device, json!({
                    "kind": "start_visit", "visit": visit, "region": GRID, "address": "中区1号", "latitude": 24.7,
                    "longitude": 118.5, "mandate": {
                        "principal_name": name, "principal_id_number": id_number, "evidence": "signature",
                        "matters": ["birth_registration"], "valid_until": "2026-12-31",
                    },
                }));
            }
            Step::Draft => {
                // A mandate carries one filing.
                let drafts = self.telephones[device].drafts.len();
                let Some((visit, _)) = self.telephones[device].visits.get(drafts).copied() else { return };
                let draft = self.fresh();
                let number = self.telephones[device].people[drafts];
                let (name, id_number) = somebody(number);
                let mut form = self.form.clone();
                form["mother"]["residence_address"] = format!("灵源街道林口社区中区{number}号").into();
                self.telephones[device].drafts.push((draft, Expected::default()));
                self.note(device, json!({
                    "kind": "create_draft", "application": draft, "region": GRID, "service": "birth_registration",
                    "visit": visit, "form": form,
                    "applicant": {"name": name, "id_number": id_number, "phone": "13805950001"},
                }));
            }
            Step::Edit(which, field, value) => {
                let Some(at) = self.draft(device, *which) else { return };
                let (id, expected) = &mut self.telephones[device].drafts[at];
                if expected.filed {
                    return;
                }
                let (id, now) = (*id, format!("值{value}"));
                let was = expected.fields.insert(*field, now.clone());
                let was = was.map_or_else(|| self.form["model"][FIELDS[*field]].clone(), Value::from);
                let change = json!({"pointer": format!("/model/{}", FIELDS[*field]), "was": was, "now": now});
                self.note(device, json!({"kind": "edit_draft", "application": id, "changes": [change]}));
            }
            Step::EditAnothers(who, which, value) => {
                let who = who % self.telephones.len();
                let Some(at) = self.draft(who, *which).filter(|_| who != device) else { return };
                let (id, expected) = &mut self.telephones[who].drafts[at];
                // What the server has told of; the next pack brings it to the other devices.
                let there = self.acknowledged.values().any(|told| told["outcome"]["id"] == json!(id));
                if expected.filed || !there {
                    return;
                }
                let (id, field, now) = (*id, OWN + device, format!("补{value}"));
                let was = expected.fields.insert(field, now.clone()).map_or(Value::Null, Value::from);
                let change = json!({"pointer": format!("/model/{}", FIELDS[field]), "was": was, "now": now});
                self.note(device, json!({"kind": "edit_draft", "application": id, "changes": [change]}));
            }
            Step::Crash => {
                let telephone = &mut self.telephones[device];
                let known = telephone.outbox.all().len();
                let mut file = std::fs::OpenOptions::new().append(true).open(&telephone.file).unwrap();
                file.write_all(b"{\"id\": \"half a li").unwrap();
                telephone.outbox = Outbox::open(&telephone.file, telephone.outbox.device()).unwrap();
                assert_eq!(telephone.outbox.all().len(), known, "what was noted is there");
            }
            Step::Reassign => {
                let grid = if self.actor.has_in(Role::GridWorker, &region(GRID)) { OTHER } else { GRID };
                self.actor.grants = grants(self.actor.id, grid);
            }
            Step::Restart => self.office = (self.again)(),
            Step::Submit(which) => {
                let Some(at) = self.draft(device, *which) else { return };
                let (id, expected) = &mut self.telephones[device].drafts[at];
                if !expected.fields.is_empty() || expected.filed {
                    return; // An edited model form would not pass its checks.
                }
                expected.filed = true;
                let id = *id;
                self.note(device, json!({"kind": "submit", "application": id}));
            }
            Step::Withdraw(which) => {
                let Some(at) = self.draft(device, *which) else { return };
                let (id, expected) = &mut self.telephones[device].drafts[at];
                if !expected.filed || expected.withdrawn {
                    return;
                }
                expected.withdrawn = true;
                let id = *id;
                self.note(device, json!({"kind": "withdraw", "application": id, "reason": "不办了"}));
            }
            Step::EndVisit(which) => {
                let visits = &mut self.telephones[device].visits;
                let Some(at) = (!visits.is_empty()).then(|| which % visits.len()) else { return };
                if std::mem::replace(&mut visits[at].1, true) {
                    return;
                }
                let visit = visits[at].0;
                self.note(device, json!({"kind": "end_visit", "visit": visit, "outcome": "home"}));
            }
            Step::Send { skip, most, backwards, lost, twice, cut } => {
                let Some(batch) = self.telephones[device].outbox.batch(self.office.now(), 100) else {
                    return;
                };
                let mut some: Vec<Value> =
                    batch["operations"].as_array().unwrap().iter().skip(*skip).take(*most).cloned().collect();
                if *backwards {
                    some.reverse();
                }
                if *cut {
                    some.truncate(some.len() / 2);
                }
                for _ in 0..=usize::from(*twice) {
                    let answer = self.send(device, some.clone()).await;
                    if !lost {
                        self.telephones[device].outbox.learn(&answer).unwrap();
                        self.acknowledge(&answer);
                    }
                }
            }
        }
    }

    pub async fn send(&self, device: usize, operations: Vec<Value>) -> Value {
        let id = self.telephones[device].outbox.device();
        let batch = Batch { device: id, sent_at: self.office.now(), operations };
        let (verdicts, released) = self.office.sync(&self.actor, batch).await.unwrap();
        json!({"verdicts": verdicts, "released": released})
    }

    pub fn acknowledge(&mut self, answer: &Value) {
        for verdict in
            answer["verdicts"].as_array().unwrap().iter().chain(answer["released"].as_array().unwrap())
        {
            let stands = ["applied", "merged"].contains(&verdict["verdict"].as_str().unwrap());
            if stands {
                let id = verdict["operation"].as_str().unwrap().parse().unwrap();
                let twice = self.acknowledged.insert(id, verdict.clone());
                assert!(twice.is_none_or(|before| before["outcome"] == verdict["outcome"]), "{verdict}");
            }
        }
    }
}

const OTHER: &str = "350582006001002";

fn region(code: &str) -> Region {
    Region::parse(code).unwrap()
}

fn grants(staff: Uuid, grid: &str) -> Vec<Grant> {
    Grant::to_staff(staff, Role::GridWorker, region(grid), None).into_iter().collect()
}

async fn history(
    world: &World,
    actor: &Actor,
    form: &Value,
    (steps, devices): (&[(usize, Step)], usize),
) -> Result<(), String> {
    let (worker, actor, office) = (actor.id, actor.clone(), world.office());
    let (place, id) = (world.clone(), new_id(office.now()));
    let successor = Actor { id, name: "继任".to_owned(), grants: grants(id, GRID), ..actor.clone() };
    let mut history = History {
        office: office.clone(),
        again: Box::new(move || place.another_office()),
        successor,
        actor,
        form: form.clone(),
        telephones: Vec::new(),
        acknowledged: BTreeMap::new(),
    };
    for _ in 0..devices {
        let device = new_id(office.now());
        let key = OnceKey { account: worker, key: device.to_string(), fingerprint: String::new() };
        office.register_device(history.actor.clone(), (device, "手机".to_owned()), None, key).await.unwrap();
        let memory = std::path::Path::new("/dev/shm");
        let folder = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let file = folder.join(format!("yichuang-it-{device}.outbox"));
        let outbox = Outbox::open(&file, device).unwrap();
        history.telephones.push(Telephone {
            outbox,
            file,
            visits: Vec::new(),
            people: Vec::new(),
            drafts: Vec::new(),
        });
    }
    for (device, step) in steps {
        world.later(Duration::milliseconds(1));
        history.does(device % devices, step).await;
    }
    history.settles().await
}

async fn hired(world: &World, number: usize) -> Actor {
    let new = NewStaff {
        username: format!("chen{number}"),
        name: "小陈".to_owned(),
        password: "a-long-password".to_owned(),
        role: Role::GridWorker,
        region: Region::parse(GRID).unwrap(),
        department: None,
        email: None,
    };
    world.office().add_staff(new).await.unwrap().actor
}

fn histories(database: Database, cases: u32) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let Some(world) = runtime.block_on(World::open(database)) else { return };
    let mut form = world.form("birth_registration");
    form.as_object_mut().unwrap().remove("service");
    let mut runner: TestRunner = runner("histories of devices", cases);
    let strategy = (1..4usize, prop::collection::vec((0..3usize, step()), 1..200));
    let (actor, told) = (RefCell::new(runtime.block_on(hired(&world, 0))), Cell::new(0));
    let outcome = runner.run(&strategy, |(devices, steps)| {
        // A worker does not have thousands of mandates at a time.
        if told.replace(told.get() + 1) % 50 == 49 {
            actor.replace(runtime.block_on(hired(&world, told.get())));
        }
        runtime
            .block_on(history(&world, &actor.borrow(), &form, (&steps, devices)))
            .map_err(proptest::test_runner::TestCaseError::fail)
    });
    outcome.unwrap();
}

/// How many are run: a slice, unless more are asked for.
fn cases(slice: u32) -> u32 {
    std::env::var("YICHUANG_HISTORIES").ok().and_then(|text| text.parse().ok()).unwrap_or(slice)
}

#[test]
fn devices_and_model_agree_on_sqlite() {
    histories(Database::Sqlite, cases(150));
}

#[test]
fn devices_and_model_agree_on_postgres() {
    histories(Database::Postgres, cases(50));
}
