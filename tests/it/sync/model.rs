//! The model of a history, and how the server is held against it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};
use uuid::Uuid;
use yichuang::domain::actor::Actor;
use yichuang::field_client::Outbox;
use yichuang::storage::{Conn, applications, events, operations, visits};
use yichuang::usecases::Office;
use yichuang::usecases::hand_over::BoxDecision;
use yichuang::usecases::once::OnceKey;

use super::steps::FIELDS;

/// A draft as the model has it: each device edits the drafts it has made.
#[derive(Debug, Clone, Default)]
pub struct Expected {
    pub fields: BTreeMap<usize, String>,
    pub filed: bool,
    pub withdrawn: bool,
}

pub struct Telephone {
    pub outbox: Outbox,
    pub file: PathBuf,
    pub visits: Vec<(Uuid, bool)>,
    /// Whom each visit was with: somebody of their own, so that nothing is in already.
    pub people: Vec<u32>,
    pub drafts: Vec<(Uuid, Expected)>,
}

pub struct History {
    pub office: Office,
    pub again: Box<dyn Fn() -> Office>,
    pub actor: Actor,
    pub successor: Actor,
    pub form: Value,
    pub telephones: Vec<Telephone>,
    pub acknowledged: BTreeMap<Uuid, Value>,
}

impl Drop for Telephone {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.file);
    }
}

impl History {
    async fn everything_is_sent(&mut self) {
        for device in 0..self.telephones.len() {
            for _ in 0..3 {
                let Some(batch) = self.telephones[device].outbox.batch(self.office.now(), 200) else { break };
                let answer = self.send(device, batch["operations"].as_array().unwrap().clone()).await;
                self.telephones[device].outbox.learn(&answer).unwrap();
                self.acknowledge(&answer);
            }
        }
    }

    /// The successor lets in what came while the grid was another's.
    async fn box_is_emptied(&self) {
        loop {
            let open = self.office.hand_over_box(self.successor.clone()).await.unwrap();
            if open.is_empty() {
                return;
            }
            for entry in open {
                assert!(entry.acceptable, "{entry:?}");
                let decision = BoxDecision { accept: true, reason: "已核实".to_owned() };
                let key = entry.id.to_string();
                let key = OnceKey { account: self.successor.id, key, fingerprint: String::new() };
                self.office.decide_in_box(self.successor.clone(), entry.id, decision, key).await.unwrap();
            }
        }
    }

    /// Everything finds its way in the end; then the server is where the model is.
    pub async fn settles(&mut self) -> Result<(), String> {
        self.everything_is_sent().await;
        self.box_is_emptied().await;
        self.everything_is_sent().await;
        let all: Vec<(Uuid, Value)> = self
            .telephones
            .iter()
            .flat_map(|telephone| telephone.outbox.all())
            .map(|one| (one.id, one.operation.clone()))
            .collect();
        for telephone in &self.telephones {
            if let Some(bad) =
                telephone.outbox.all().iter().find(|one| !matches!(one.state(), Some("applied" | "merged")))
            {
                return Err(format!("{} {:?}", bad.operation["deed"]["kind"], bad.verdict));
            }
        }
        let (staff, ids) = (self.actor.id, all.iter().map(|(id, _)| *id).collect::<Vec<_>>());
        let wanted: Vec<(Uuid, Expected)> = self.telephones.iter().flat_map(|t| t.drafts.clone()).collect();
        let called: Vec<(Uuid, bool)> = self.telephones.iter().flat_map(|t| t.visits.clone()).collect();
        let acknowledged = self.acknowledged.clone();
        let form = self.form.clone();
        let compare = move |conn: &mut Conn| -> Result<Result<(), String>, yichuang::usecases::Failure> {
            let kept = operations::of_ids(conn, staff, &ids)?;
            if kept.len() != ids.len() {
                return Ok(Err(format!("{} kept of {}", kept.len(), ids.len())));
            }
            if let Some(lost) = acknowledged.keys().find(|id| !kept.iter().any(|one| one.operation == **id)) {
                return Ok(Err(format!("acknowledged and lost: {lost}")));
            }
            for (id, ended) in called {
                let visit = visits::find(conn, id)?;
                if visit.is_none_or(|visit| visit.report.is_some() != ended) {
                    return Ok(Err(format!("visit {id}")));
                }
            }
            for (id, expected) in wanted {
                let Some(there) = applications::find(conn, id)? else { return Ok(Err(format!("no {id}"))) };
                for (field, name) in FIELDS.iter().enumerate() {
                    let want = expected
                        .fields
                        .get(&field)
                        .map_or_else(|| form["model"][*name].clone(), |v| json!(v));
                    if !expected.filed && there.form["model"][*name] != want {
                        return Ok(Err(format!("{name} of {id}: {} not {want}", there.form["model"][*name])));
                    }
                }
                let told: Vec<String> =
                    events::of(conn, id, false)?.into_iter().map(|event| event.action.name()).collect();
                let mut should = Vec::new();
                should.extend(expected.filed.then(|| "submit".to_owned()));
                should.extend(expected.withdrawn.then(|| "withdraw".to_owned()));
                if told != should {
                    return Ok(Err(format!("{id}: {told:?} not {should:?}")));
                }
            }
            Ok(Ok(()))
        };
        self.office.db().read(compare).await.unwrap()
    }
}
