//! 发件箱: what was done and not answered yet. An operation stays until it is settled and is sent again, as it
//! is, until then; what builds on what is worked out here.

use std::io::Result;
use std::path::Path;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Journal;

/// What was done.
#[derive(Debug, Clone)]
pub struct Deed {
    /// When, by the device's clock.
    pub at: DateTime<Utc>,
    /// As in the API document, with its `kind`.
    pub deed: Value,
    /// Version of the application that the device had; none where it has made it itself.
    pub base: Option<i64>,
    /// A conflict or a quarantined operation that this settles.
    pub resolves: Option<Uuid>,
}

/// An operation with what became of it.
#[derive(Debug, Clone)]
pub struct Sent {
    /// Its id.
    pub id: Uuid,
    /// As it is sent.
    pub operation: Value,
    /// The last verdict, once there is one.
    pub verdict: Option<Value>,
}

impl Sent {
    fn record(&self) -> &Value {
        let deed = &self.operation["deed"];
        if deed["application"].is_null() { &deed["visit"] } else { &deed["application"] }
    }

    fn kind(&self) -> &str {
        self.operation["deed"]["kind"].as_str().unwrap_or_default()
    }

    /// In one word what became of it; of a duplicate what became of the first.
    pub fn state(&self) -> Option<&str> {
        let verdict = self.verdict.as_ref()?;
        verdict["first"].as_str().or_else(|| verdict["verdict"].as_str())
    }

    /// Whether it has to be sent again.
    pub fn open(&self) -> bool {
        matches!(self.state(), None | Some("held"))
    }

    /// Whether somebody has to look at it.
    pub fn troubled(&self) -> bool {
        matches!(self.state(), Some("conflict" | "quarantined"))
    }
}

/// 发件箱
#[derive(Debug)]
pub struct Outbox {
    device: Uuid,
    journal: Journal,
    sent: Vec<Sent>,
}

impl Outbox {
    /// The outbox of a device, kept in a file.
    pub fn open(path: &Path, device: Uuid) -> Result<Self> {
        let (journal, lines) = Journal::open(path)?;
        let mut outbox = Self { device, journal, sent: Vec::new() };
        for line in lines {
            match line.get("verdict") {
                Some(verdict) => outbox.keep(verdict),
                None => outbox.sent.extend(of(line)),
            }
        }
        Ok(outbox)
    }

    /// One that forgets, for trying things out.
    pub fn in_memory(device: Uuid) -> Self {
        Self { device, journal: Journal::in_memory(), sent: Vec::new() }
    }

    /// The device.
    pub fn device(&self) -> Uuid {
        self.device
    }

    /// Everything that was ever done.
    pub fn all(&self) -> &[Sent] {
        &self.sent
    }

    /// Receipt numbers that were given away on slips.
    pub fn given(&self) -> impl Iterator<Item = &str> {
        self.sent.iter().filter_map(|one| one.operation["deed"]["receipt_no"].as_str())
    }

    /// Takes note of a deed; it is safe when this answers. Answers its id.
    pub fn record(&mut self, deed: Deed) -> Result<Uuid> {
        let Deed { at, deed, base, resolves } = deed;
        let seconds = u64::try_from(at.timestamp()).unwrap_or(0);
        let id =
            Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, seconds, at.timestamp_subsec_nanos()));
        let mut operation = json!({
            "id": id, "sequence": self.sent.len() + 1, "at": at.to_rfc3339(), "deed": deed,
        });
        if let Some(base) = base {
            operation["base"] = base.into();
        }
        if let Some(resolved) = resolves {
            operation["resolves"] = json!(resolved);
        }
        let one = Sent { id, operation, verdict: None };
        let after = self.before(&one, resolves);
        let mut one = one;
        one.operation["after"] = json!(after);
        self.journal.add(std::slice::from_ref(&one.operation))?;
        self.sent.push(one);
        Ok(id)
    }

    /// What an operation builds on: the last on the same record that may stand, and of its visit the beginning or the
    /// mandate that came after it.
    fn before(&self, one: &Sent, resolves: Option<Uuid>) -> Vec<Uuid> {
        // What settles something builds on what stands, not on what waits for it.
        let fit = |earlier: &&Sent| !(earlier.troubled() || resolves.is_some() && earlier.open());
        let on_record = |earlier: &&Sent| earlier.record() == one.record() && earlier.kind() != "attach";
        let mut after: Vec<Uuid> = self
            .sent
            .iter()
            .rev()
            .filter(fit)
            .find(on_record)
            .map(|earlier| earlier.id)
            .into_iter()
            .collect();
        let visit = &one.operation["deed"]["visit"];
        let grounds = |earlier: &&Sent| {
            matches!(earlier.kind(), "start_visit" | "record_mandate")
                && &earlier.operation["deed"]["visit"] == visit
        };
        if one.kind() != "start_visit" && !visit.is_null() {
            after.extend(self.sent.iter().rev().filter(fit).find(grounds).map(|earlier| earlier.id));
        }
        after.sort();
        after.dedup();
        after
    }

    /// What is to be sent now, at most so many; `None` when everything is settled.
    pub fn batch(&self, sent_at: DateTime<Utc>, most: usize) -> Option<Value> {
        let open = self.sent.iter().filter(|one| one.open()).take(most);
        let operations: Vec<&Value> = open.map(|one| &one.operation).collect();
        (!operations.is_empty()).then(
            || json!({"device": self.device, "sent_at": sent_at.to_rfc3339(), "operations": operations}),
        )
    }

    /// Takes note of the answer to a batch.
    pub fn learn(&mut self, answer: &Value) -> Result<()> {
        let lists = [&answer["verdicts"], &answer["released"]];
        let verdicts: Vec<Value> =
            lists.iter().filter_map(|list| list.as_array()).flatten().cloned().collect();
        let lines: Vec<Value> = verdicts.iter().map(|verdict| json!({"verdict": verdict})).collect();
        self.journal.add(&lines)?;
        for verdict in &verdicts {
            self.keep(verdict);
        }
        Ok(())
    }

    fn keep(&mut self, verdict: &Value) {
        let id = verdict["operation"].as_str().and_then(|id| id.parse::<Uuid>().ok());
        if let Some(one) = self.sent.iter_mut().find(|one| Some(one.id) == id) {
            one.verdict = Some(verdict.clone());
        }
    }
}

fn of(operation: Value) -> Option<Sent> {
    let id = operation["id"].as_str()?.parse().ok()?;
    Some(Sent { id, operation, verdict: None })
}
