//! The end of a history: everything is sent, whoever answers for the grid now empties the box, and a worker settles
//! what is in conflict, until nothing is left for anybody to look at.

use serde_json::{Value, json};
use uuid::Uuid;
use yichuang::domain::lifecycle::Status;
use yichuang::field_client::Sent;
use yichuang::storage::{Conn, operations};
use yichuang::usecases::hand_over::BoxDecision;
use yichuang::usecases::once::OnceKey;

use super::GRID;
use super::model::History;

impl History {
    async fn everything_is_sent(&mut self) {
        for device in 0..self.telephones.len() {
            for _ in 0..3 {
                let Some(batch) = self.telephones[device].outbox.batch(self.office.now(), 200) else { break };
                let answer = self.send(device, batch["operations"].as_array().unwrap().clone()).await;
                self.telephones[device].outbox.learn(&answer).unwrap();
                self.acknowledge(&answer);
            }
            for which in 0..self.telephones[device].papers.len() {
                while !self.telephones[device].papers[which].open.is_empty() {
                    self.sends_piece(device, which).await;
                }
            }
        }
    }

    /// The successor lets in what came while the grid was another's.
    async fn box_is_emptied(&self) {
        loop {
            let open = self.office.hand_over_box(self.successor.clone()).await.unwrap();
            let open: Vec<Uuid> =
                open.into_iter().filter(|entry| entry.acceptable).map(|entry| entry.id).collect();
            if open.is_empty() {
                return;
            }
            for id in open {
                let decision = BoxDecision { accept: true, reason: "已核实".to_owned() };
                let key =
                    OnceKey { account: self.successor.id, key: id.to_string(), fingerprint: String::new() };
                self.office.decide_in_box(self.successor.clone(), id, decision, key).await.unwrap();
            }
        }
    }

    /// What somebody has to look at and nobody has settled.
    fn troubled(&self) -> Option<(usize, Sent)> {
        let all = self.telephones.iter().enumerate();
        let mut all =
            all.flat_map(|(device, telephone)| telephone.outbox.all().iter().map(move |one| (device, one)));
        all.find(|(_, one)| one.troubled() && !self.dismissed.contains(&one.id) && !self.is_resolved(one.id))
            .map(|(device, one)| (device, one.clone()))
    }

    /// Whether a later operation has settled it.
    pub fn is_resolved(&self, id: Uuid) -> bool {
        let mut all = self.telephones.iter().flat_map(|telephone| telephone.outbox.all());
        all.any(|one| one.operation["resolves"] == json!(id) && !one.open() && !one.troubled())
    }

    /// A worker looks at both values and takes their own, files what is there by now, or gives it up where the
    /// application was filed without it.
    async fn resolve(&mut self, device: usize, one: &Sent) -> Result<(), String> {
        let (deed, verdict) = (&one.operation["deed"], one.verdict.as_ref().unwrap());
        let id: Uuid =
            deed["application"].as_str().and_then(|id| id.parse().ok()).ok_or(format!("{one:?}"))?;
        let there = self.there(id).await.ok_or(format!("{one:?}"))?;
        match (verdict["obstacle"]["code"].as_str().unwrap_or_default(), there.status) {
            ("same_fields_changed", Status::Draft) => {
                let mut deed = deed.clone();
                let change = &mut deed["changes"][0];
                assert_eq!(verdict["clashes"][0]["mine"], change["now"]);
                change["was"] = there.form.pointer(change["pointer"].as_str().unwrap()).unwrap().clone();
                self.note_on(device, Some(there.version), Some(one.id), deed);
            }
            ("changed_since_seen", Status::Draft) => {
                self.note_on(device, Some(there.version), Some(one.id), deed.clone());
            }
            // Filed meanwhile, as it was looked at or by what settled the same.
            ("same_fields_changed" | "wrong_status" | "changed_since_seen", status)
                if status != Status::Draft =>
            {
                self.is_dismissed(one.id).await;
            }
            _ => return Err(format!("{one:?}")),
        }
        Ok(())
    }

    async fn is_dismissed(&mut self, operation: Uuid) {
        let staff = self.actor.id;
        let find = move |conn: &mut Conn| operations::of_ids(conn, staff, &[operation]);
        let id = self.office.db().read(find).await.unwrap()[0].id;
        let decision = BoxDecision { accept: false, reason: "已提交，不再修改".to_owned() };
        let key = OnceKey { account: staff, key: id.to_string(), fingerprint: String::new() };
        self.office.decide_in_box(self.actor.clone(), id, decision, key).await.unwrap();
        self.dismissed.insert(operation);
    }

    /// Everything finds its way in the end; then the server is where the model is.
    pub async fn settles(&mut self) -> Result<(), String> {
        let most = self.telephones.iter().map(|telephone| telephone.outbox.all().len()).sum::<usize>();
        for _ in 0..=2 * most {
            self.everything_is_sent().await;
            self.box_is_emptied().await;
            self.everything_is_sent().await;
            let Some((device, one)) = self.troubled() else { return self.agrees().await };
            self.is_put_in(GRID);
            self.resolve(device, &one).await?;
        }
        Err("there is no end of it".to_owned())
    }

    /// Everything that was ever noted.
    pub fn all(&self) -> Vec<(Uuid, Value)> {
        let all = self.telephones.iter().flat_map(|telephone| telephone.outbox.all());
        all.map(|one| (one.id, one.operation.clone())).collect()
    }
}
