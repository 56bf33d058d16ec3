//! Random histories of up to three devices against a model: whatever is lost, doubled, turned around or cut short on
//! the way, and whoever crashes, the server ends where the model does. `YICHUANG_HISTORIES=20000` for the full run.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use chrono::Duration;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::Value;
use yichuang::adapters::clock::new_id;
use yichuang::domain::actor::Actor;
use yichuang::domain::lifecycle::Role;
use yichuang::domain::region::Region;
use yichuang::usecases::once::OnceKey;
use yichuang::usecases::staff::NewStaff;

use super::GRID;
use super::model::{History, Telephone};
use super::steps::{Step, step};
use super::working::grants;
use crate::chance::{asked, runner, seed};
use crate::world::{Database, LINKOU, World};

impl History {
    /// A worker with so many devices, before anything was done.
    pub async fn begun(world: &World, actor: &Actor, form: &Value, devices: usize) -> Self {
        let (place, office) = (world.clone(), world.office().clone());
        let somebody = |name: &str, role, place| {
            let id = new_id(office.now());
            Actor { id, name: name.to_owned(), grants: grants(id, role, place), ..actor.clone() }
        };
        let mut history = Self {
            office: office.clone(),
            again: Box::new(move || place.another_office()),
            successor: somebody("继任", Role::GridWorker, GRID),
            clerk: somebody("窗口", Role::Clerk, LINKOU),
            actor: actor.clone(),
            form: form.clone(),
            telephones: Vec::new(),
            acknowledged: BTreeMap::new(),
            dismissed: BTreeSet::new(),
        };
        for _ in 0..devices {
            let device = new_id(office.now());
            let key = OnceKey { account: actor.id, key: device.to_string(), fingerprint: String::new() };
            office.register_device(actor.clone(), (device, "手机".to_owned()), None, key).await.unwrap();
            history.telephones.push(Telephone::new(device));
        }
        history
    }
}

/// What was run, to be told at the end.
#[derive(Debug, Default, Clone, Copy)]
struct Count {
    histories: u32,
    operations: usize,
    /// On one device, at most.
    most: usize,
    /// Devices that did forty or more.
    forty: usize,
    /// What a person settled or put aside.
    conflicts: usize,
}

impl Count {
    fn add(&mut self, history: &History) {
        self.histories += 1;
        for telephone in &history.telephones {
            let done = telephone.outbox.all();
            self.operations += done.len();
            self.most = self.most.max(done.len());
            self.forty += usize::from(done.len() >= 40);
            self.conflicts += done.iter().filter(|one| one.troubled()).count();
        }
    }
}

async fn history(
    world: &World,
    actor: &Actor,
    form: &Value,
    (steps, devices): (&[(usize, Step)], usize),
    count: &Cell<Count>,
) -> Result<(), String> {
    let mut history = History::begun(world, actor, form, devices).await;
    for (device, step) in steps {
        world.later(Duration::milliseconds(1));
        history.does(device % devices, step).await;
    }
    history.settles().await?;
    let mut counted = count.get();
    counted.add(&history);
    count.set(counted);
    Ok(())
}

pub async fn hired(world: &World, number: u32) -> Actor {
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

pub fn form(world: &World) -> Value {
    let mut form = world.form("birth_registration");
    form.as_object_mut().unwrap().remove("service");
    form
}

fn histories(database: Database, cases: u32) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let Some(world) = runtime.block_on(World::open(database)) else { return };
    let form = form(&world);
    let mut runner: TestRunner = runner("histories of devices", cases);
    let strategy = (1..4usize, prop::collection::vec((0..3usize, step()), 1..240));
    let actor = RefCell::new(runtime.block_on(hired(&world, 0)));
    let (told, count, started) = (Cell::new(0), Cell::new(Count::default()), Instant::now());
    let failed = Cell::new(false);
    let outcome = runner.run(&strategy, |(devices, steps)| {
        // A worker does not have thousands of mandates at a time.
        if told.replace(told.get() + 1) % 20 == 19 {
            actor.replace(runtime.block_on(hired(&world, told.get())));
        }
        runtime.block_on(history(&world, &actor.borrow(), &form, (&steps, devices), &count)).map_err(
            |reason| {
                // What failed first; shorter ones may fail for what that has left behind.
                if !failed.replace(true) {
                    eprintln!("history {}: {reason}\n{devices} devices: {steps:?}", told.get());
                }
                proptest::test_runner::TestCaseError::fail(reason)
            },
        )
    });
    let (count, seconds) = (count.get(), started.elapsed().as_secs());
    eprintln!("{database:?}: {count:?}, {seconds} s, YICHUANG_SEED={}", seed());
    outcome.unwrap();
}

#[test]
fn devices_and_model_agree_on_sqlite() {
    histories(Database::Sqlite, asked("YICHUANG_HISTORIES", 60));
}

#[test]
fn devices_and_model_agree_on_postgres() {
    histories(Database::Postgres, asked("YICHUANG_HISTORIES", 25));
}
