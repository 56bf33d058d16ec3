//! 次序: one device's log, sent in order, in another order that respects what builds on what, and in any order at all:
//! the same visits, applications and materials come of it, without anything being sent again.

use std::collections::BTreeSet;

use chrono::Duration;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use yichuang::adapters::clock::new_id;
use yichuang::domain::actor::Actor;
use yichuang::storage::{Conn, applications, events, materials, needs, operations, visits};
use yichuang::usecases::Failure;
use yichuang::usecases::once::OnceKey;
use yichuang::usecases::syncing::Batch;
use yichuang::usecases::uploads::PIECE;

use super::histories::{form, hired};
use super::model::History;
use super::steps::{Step, deed};
use super::working::next_door;
use crate::chance::{Dice, asked, runner};
use crate::world::papers::somebody;
use crate::world::{Database, World};

/// What was done on a device, and the files on it.
#[derive(Clone)]
struct Log {
    operations: Vec<Value>,
    papers: Vec<Vec<u8>>,
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn id(value: &Value) -> Option<Uuid> {
    value.as_str()?.parse().ok()
}

impl Log {
    async fn of(world: &World, actor: &Actor, form: &Value, steps: &[Step]) -> Self {
        let mut history = History::begun(world, actor, form, 1).await;
        for step in steps {
            world.later(Duration::milliseconds(1));
            history.does(0, step).await;
        }
        let papers = history.telephones[0].papers.iter().map(|paper| paper.bytes.clone()).collect();
        Self { operations: history.all().into_iter().map(|(_, operation)| operation).collect(), papers }
    }

    /// The records it is about, in their order.
    fn records(&self, name: &str) -> Vec<Uuid> {
        let mut seen = Vec::new();
        for found in self.operations.iter().filter_map(|one| id(&one["deed"][name])) {
            if !seen.contains(&found) {
                seen.push(found);
            }
        }
        seen
    }

    /// Whose doors they are.
    fn principals(&self) -> BTreeSet<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mandates =
            self.operations.iter().map(|one| &one["deed"]["mandate"]).filter(|one| one.is_object());
        mandates.map(|one| (text(&one["principal_name"]), text(&one["principal_id_number"]))).collect()
    }

    fn ids(&self) -> Vec<Uuid> {
        self.operations.iter().filter_map(|one| id(&one["id"])).collect()
    }

    /// The same, done by somebody else: nothing of it was ever heard of.
    fn anew(&self, world: &World) -> Self {
        let mut text = Value::from(self.operations.clone()).to_string();
        let records = ["visit", "application", "attachment"].into_iter().flat_map(|name| self.records(name));
        for id in self.ids().into_iter().chain(records) {
            text = text.replace(&id.to_string(), &new_id(world.office().now()).to_string());
        }
        // At other doors: the same person's would be the same matter.
        for (before, now) in self.principals().into_iter().map(|before| (before, somebody(next_door()))) {
            text = text.replace(&before.0, &now.0).replace(&before.1, &now.1);
        }
        let mut papers = self.papers.clone();
        for paper in &mut papers {
            let before = hash(paper);
            paper.splice(9..9, new_id(world.office().now()).to_string().bytes().take(36));
            paper.drain(45..81);
            text = text.replace(&before, &hash(paper));
        }
        Self { operations: serde_json::from_str(&text).unwrap(), papers }
    }

    /// In some order in which nothing comes before what it builds on.
    fn in_causal_order(&self, dice: &mut Dice) -> Vec<Value> {
        let (mut left, mut taken, mut done) = (self.operations.clone(), Vec::new(), BTreeSet::new());
        while !left.is_empty() {
            let free = |one: &Value| {
                one["after"].as_array().unwrap().iter().filter_map(id).all(|id| done.contains(&id))
            };
            let free: Vec<usize> = (0..left.len()).filter(|at| free(&left[*at])).collect();
            let one = left.remove(free[dice.below(free.len())]);
            done.extend(id(&one["id"]));
            taken.push(one);
        }
        taken
    }

    fn in_any_order(&self, dice: &mut Dice) -> Vec<Value> {
        let mut all = self.operations.clone();
        dice.shuffle(&mut all);
        all
    }

    /// Sends everything once, in batches, the files somewhere in between; answers what there is then.
    async fn sent(&self, world: &World, actor: &Actor, order: Vec<Value>, dice: &mut Dice) -> Value {
        let (office, device) = (world.office(), new_id(world.office().now()));
        let key = OnceKey { account: actor.id, key: device.to_string(), fingerprint: String::new() };
        office.register_device(actor.clone(), (device, "手机".to_owned()), None, key).await.unwrap();
        let mut papers: Vec<&Vec<u8>> = self.papers.iter().collect();
        let mut order = order.into_iter().peekable();
        while order.peek().is_some() || !papers.is_empty() {
            if let Some(paper) = if dice.once_in(2) { papers.pop() } else { None } {
                let mut pieces: Vec<_> = (0..).zip(paper.chunks(usize::try_from(PIECE).unwrap())).collect();
                dice.shuffle(&mut pieces);
                for (index, piece) in pieces {
                    let place = (index, paper.len() as u64);
                    office.keep_piece(actor, hash(paper), place, piece.to_vec()).await.unwrap();
                }
            }
            let operations: Vec<Value> = order.by_ref().take(1 + dice.below(12)).collect();
            let batch = Batch { device, sent_at: office.now(), operations };
            if !batch.operations.is_empty() {
                office.sync(actor, batch).await.unwrap();
            }
        }
        self.state(world, actor.id).await
    }

    async fn state(&self, world: &World, staff: Uuid) -> Value {
        let (ids, hashes) = (self.ids(), self.papers.iter().map(|paper| hash(paper)).collect::<Vec<_>>());
        let (called, filed) = (self.records("visit"), self.records("application"));
        let look = move |conn: &mut Conn| -> Result<Value, Failure> {
            let kept = operations::of_ids(conn, staff, &ids)?;
            let verdict =
                |id: &Uuid| kept.iter().find(|one| one.operation == *id).map(|one| one.verdict.name());
            let verdicts: Vec<_> = ids.iter().map(verdict).collect();
            let (mut calls, mut cases) = (Vec::new(), Vec::new());
            let open: Vec<Uuid> =
                needs::open(conn, staff, 100_000)?.into_iter().map(|need| need.visit).collect();
            for id in called {
                let visit = visits::find(conn, id)?.unwrap();
                let report =
                    visit.report.map(|report| (report.outcome.name(), report.ended_at, report.needs));
                let open = open.contains(&id);
                // Of whom is another's every time.
                let mandate = visit.mandate.map(|mandate| (mandate.matters, mandate.evidence.name()));
                calls.push(json!([visit.address.reveal(), visit.started_at, mandate, report, open]));
            }
            for id in filed {
                let there = applications::find(conn, id)?.unwrap();
                let told: Vec<String> =
                    events::of(conn, id, false)?.into_iter().map(|event| event.action.name()).collect();
                let mut files: Vec<(String, Option<usize>)> = Vec::new();
                for file in materials::of(conn, id)? {
                    files.push((file.material, hashes.iter().position(|hash| *hash == file.sha256)));
                }
                files.sort();
                cases.push(json!([
                    there.status.name(),
                    there.version,
                    there.form,
                    there.headline,
                    told,
                    files
                ]));
            }
            Ok(json!({"verdicts": verdicts, "visits": calls, "applications": cases}))
        };
        world.office().db().read(look).await.unwrap()
    }
}

async fn one_log(
    world: &World,
    actor: &Actor,
    form: &Value,
    steps: &[Step],
    dice: u64,
) -> Result<(), String> {
    let mut dice = Dice::new(dice);
    let log = Log::of(world, actor, form, steps).await;
    let expected = log.sent(world, actor, log.operations.clone(), &mut dice).await;
    let all = expected["verdicts"].as_array().unwrap();
    if all.iter().any(|verdict| verdict != "applied") {
        return Err(format!("in order: {expected}"));
    }
    for causal in [true, false] {
        let log = log.anew(world);
        let order = if causal { log.in_causal_order(&mut dice) } else { log.in_any_order(&mut dice) };
        let state = log.sent(world, actor, order.clone(), &mut dice).await;
        if state != expected {
            let order: Vec<String> =
                order.iter().map(|one| format!("{} {}", one["sequence"], one["deed"]["kind"])).collect();
            return Err(format!("{order:?}\n{state:#}\nis not\n{expected:#}"));
        }
    }
    Ok(())
}

fn permutations(database: Database, cases: u32) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let Some(world) = runtime.block_on(World::open(database)) else { return };
    let form = form(&world);
    let mut runner: TestRunner = runner("orders of a log", cases);
    let strategy = (prop::collection::vec(deed(), 1..80), any::<u64>());
    let mut worker = (0, runtime.block_on(hired(&world, 0)));
    let worker = std::cell::RefCell::new(&mut worker);
    let outcome = runner.run(&strategy, |(steps, dice)| {
        let mut worker = worker.borrow_mut();
        worker.0 += 1;
        if worker.0 % 20 == 0 {
            worker.1 = runtime.block_on(hired(&world, worker.0));
        }
        runtime
            .block_on(one_log(&world, &worker.1, &form, &steps, dice))
            .map_err(proptest::test_runner::TestCaseError::fail)
    });
    outcome.unwrap();
}

#[test]
fn in_whatever_order_the_same_comes_of_it_on_sqlite() {
    permutations(Database::Sqlite, asked("YICHUANG_HISTORIES", 30));
}

#[test]
fn in_whatever_order_the_same_comes_of_it_on_postgres() {
    permutations(Database::Postgres, asked("YICHUANG_HISTORIES", 15));
}
