//! The real program, killed with SIGKILL at random moments while telephones send what was done at the doors: nothing
//! that was noted is lost, nothing is doubled, no verdict changes. `YICHUANG_KILLS=200` for the full run.

mod reckoning;
mod telephone;

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use uuid::Uuid;
use yichuang::adapters::clock::{SystemClock, new_id};
use yichuang::domain::lifecycle::Role;
use yichuang::domain::region::Region;
use yichuang::usecases::once::OnceKey;
use yichuang::usecases::staff::NewStaff;

use self::telephone::Telephone;
use super::GRID;
use crate::chance::{Dice, asked, seed};
use crate::world::Database;
use crate::world::program::{Line, Program};

/// Deaths that one worker sees: nobody has thousands of mandates at a time.
const OF_A_WORKER: u32 = 10;
/// The latest moment, in milliseconds of work.
const LATEST: usize = 400;

/// One who works with two telephones.
struct Worker {
    id: Uuid,
    username: String,
    telephones: [Telephone; 2],
}

impl Worker {
    async fn hired(program: &Program, number: u32) -> Self {
        let office = program.office(Arc::new(SystemClock));
        let username = format!("chen{number}");
        let new = NewStaff {
            username: username.clone(),
            name: "小陈".to_owned(),
            password: "a-long-password".to_owned(),
            role: Role::GridWorker,
            region: Region::parse(GRID).unwrap(),
            department: None,
            email: None,
        };
        let actor = office.add_staff(new).await.unwrap().actor;
        let mut telephones = Vec::new();
        for lane in 0..2 {
            let device = new_id(office.now());
            let key = OnceKey { account: actor.id, key: device.to_string(), fingerprint: String::new() };
            office.register_device(actor.clone(), (device, "手机".to_owned()), None, key).await.unwrap();
            let dice = Dice::new(u64::from(number) << 8 | lane);
            telephones.push(Telephone::new(device, program.folder(), dice));
        }
        let telephones = telephones.try_into().unwrap_or_else(|_| unreachable!("two were made"));
        Self { id: actor.id, username, telephones }
    }

    async fn line(&self, served: &crate::world::program::Served) -> Line {
        let body = json!({"kind": "staff", "username": self.username, "password": "a-long-password"});
        Line::open(served, &body).await
    }
}

async fn killed_again_and_again(database: Database) {
    let kills = asked("YICHUANG_KILLS", 8);
    let Some(program) = Program::on(database) else { return };
    let (started, mut dice) = (Instant::now(), Dice::new(u64::MAX));
    let (mut in_flight, mut deeds, mut drafts) = (0, 0, Vec::new());
    for first in (0..kills).step_by(OF_A_WORKER as usize) {
        let mut worker = Worker::hired(&program, first / OF_A_WORKER).await;
        for _ in first..kills.min(first + OF_A_WORKER) {
            let served = program.serve();
            let line = worker.line(&served).await;
            let moment = Duration::from_millis(5 + dice.below(LATEST) as u64);
            let killer = served.killed_after(moment);
            let [one, two] = &mut worker.telephones;
            tokio::join!(one.works(&line), two.works(&line));
            killer.await.unwrap();
            in_flight += worker.telephones.iter().filter(|telephone| telephone.broken_off()).count();
            for telephone in &mut worker.telephones {
                telephone.restarts();
            }
        }
        let served = program.serve();
        let line = worker.line(&served).await;
        for telephone in &mut worker.telephones {
            telephone.settles(&line).await;
        }
        drafts.extend(worker.telephones.iter().flat_map(|telephone| telephone.drafts()));
        reckoning::listed(&line, &drafts).await;
        drop(served);
        deeds += reckoning::of(&program, &worker).await;
    }
    let (seed, took) = (seed(), started.elapsed().as_secs());
    eprintln!(
        "{database:?}: {kills} kills, {in_flight} batches in flight, {deeds} operations, {} applications, \
         {took} s, YICHUANG_SEED={seed}",
        drafts.len()
    );
    assert!(in_flight > 0, "no batch was ever in flight");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_telephones_send_on_sqlite() {
    killed_again_and_again(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_telephones_send_on_postgres() {
    killed_again_and_again(Database::Postgres).await;
}
