//! A telephone whose journal is on disk: it does what comes to its worker's mind, sends until the line breaks, and
//! holds every verdict it hears against what it heard before.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{Days, Utc};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use yichuang::adapters::clock::new_id;
use yichuang::catalog;
use yichuang::field_client::{Deed, Outbox};

use super::super::GRID;
use super::super::working::next_door;
use crate::chance::Dice;
use crate::world::papers::somebody;
use crate::world::program::Line;

/// Bytes of a piece.
const PIECE: usize = 262_144;

pub struct Draft {
    pub id: Uuid,
    pub address: String,
    pub filed: bool,
}

pub struct File {
    pub application: Uuid,
    pub attachment: Uuid,
    pub bytes: Vec<u8>,
    pub sha256: String,
    /// Pieces that were not acknowledged.
    open: Vec<usize>,
}

pub struct Telephone {
    pub outbox: Outbox,
    path: PathBuf,
    dice: Dice,
    pub visits: Vec<(Uuid, bool)>,
    pub drafts: Vec<Draft>,
    pub files: Vec<File>,
    /// What was heard of an operation for good.
    heard: BTreeMap<Uuid, Value>,
    broken_off: bool,
}

fn form() -> Value {
    let mut form = catalog::find("birth_registration").unwrap().sample();
    form["pregnancy"]["expected_on"] = (Utc::now().date_naive() + Days::new(60)).to_string().into();
    form
}

/// What of a verdict must never change.
fn for_good(verdict: &Value) -> Option<Value> {
    let first = verdict["first"].as_str().or_else(|| verdict["verdict"].as_str())?;
    (first != "held").then(|| json!([first, verdict["outcome"], verdict["obstacle"]]))
}

impl Telephone {
    pub fn new(device: Uuid, folder: &Path, dice: Dice) -> Self {
        let path = folder.join(format!("{device}.outbox"));
        let outbox = Outbox::open(&path, device).unwrap();
        let (visits, drafts, files) = (Vec::new(), Vec::new(), Vec::new());
        Self { outbox, path, dice, visits, drafts, files, heard: BTreeMap::new(), broken_off: false }
    }

    pub fn drafts(&self) -> impl Iterator<Item = Uuid> {
        self.drafts.iter().map(|draft| draft.id)
    }

    /// Whether a batch was under way when the line broke.
    pub fn broken_off(&self) -> bool {
        self.broken_off
    }

    /// Every second time the telephone dies as well.
    pub fn restarts(&mut self) {
        if self.dice.once_in(2) {
            let known = self.outbox.all().len();
            self.outbox = Outbox::open(&self.path, self.outbox.device()).unwrap();
            assert_eq!(self.outbox.all().len(), known, "what was noted is there");
        }
    }

    fn notes(&mut self, deed: Value) {
        self.outbox.record(Deed { at: Utc::now(), deed, base: None, resolves: None }).unwrap();
    }

    fn does_something(&mut self) {
        let some = if self.drafts.is_empty() { 0 } else { self.dice.below(self.drafts.len()) };
        match self.dice.below(8) {
            0 | 1 => self.begins(),
            2..=4 if !self.drafts.is_empty() && !self.drafts[some].filed => {
                let now = format!("福建省晋江市灵源街道林口社区东区{}号", self.dice.below(10_000));
                let was = std::mem::replace(&mut self.drafts[some].address, now.clone());
                let change = json!({"pointer": "/mother/residence_address", "was": was, "now": now});
                let id = self.drafts[some].id;
                self.notes(json!({"kind": "edit_draft", "application": id, "changes": [change]}));
            }
            5 if !self.drafts.is_empty() && !self.drafts[some].filed => {
                self.drafts[some].filed = true;
                let id = self.drafts[some].id;
                self.notes(json!({"kind": "submit", "application": id}));
            }
            6 if !self.drafts.is_empty() => self.photographs(self.drafts[some].id),
            7 => {
                if let Some(visit) = self.visits.iter_mut().find(|(_, ended)| !ended) {
                    visit.1 = true;
                    let id = visit.0;
                    self.notes(json!({"kind": "end_visit", "visit": id, "outcome": "home"}));
                }
            }
            _ => {}
        }
    }

    fn begins(&mut self) {
        let (visit, id, door) = (new_id(Utc::now()), new_id(Utc::now()), next_door());
        let (mut form, (name, id_number)) = (form(), somebody(door));
        form["mother"]["residence_address"] = format!("灵源街道林口社区中区{door}号").into();
        let address = form["mother"]["residence_address"].as_str().unwrap().to_owned();
        self.visits.push((visit, false));
        self.drafts.push(Draft { id, address, filed: false });
        self.notes(json!({
            "kind": "start_visit", "visit": visit, "region": GRID, "address": "中区1号", "latitude": 24.7,
            "longitude": 118.5, "mandate": {
                "principal_name": name, "principal_id_number": id_number, "evidence": "signature",
                "matters": ["birth_registration"], "valid_until": Utc::now().date_naive() + Days::new(30),
            },
        }));
        self.notes(json!({
            "kind": "create_draft", "application": id, "region": GRID, "service": "birth_registration",
            "visit": visit, "form": form,
            "applicant": {"name": name, "id_number": id_number, "phone": "13805950001"},
        }));
    }

    /// A small paper, or one of two pieces; no two are the same.
    fn photographs(&mut self, application: Uuid) {
        let attachment = new_id(Utc::now());
        let filling = if self.dice.once_in(3) { PIECE } else { 100 };
        let bytes = format!("%PDF-1.7\n{attachment}{}\n%%EOF\n", "x".repeat(filling)).into_bytes();
        let sha256: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        self.notes(json!({"kind": "attach", "attachment": attachment, "application": application,
            "material": "household_books", "file_name": "户口簿", "sha256": sha256, "size": bytes.len()}));
        let open = (0..bytes.len().div_ceil(PIECE)).collect();
        self.files.push(File { application, attachment, bytes, sha256, open });
    }

    /// Works and sends until the line breaks.
    pub async fn works(&mut self, line: &Line) {
        loop {
            for _ in 0..=self.dice.below(6) {
                self.does_something();
            }
            if !self.sends_a_piece(line).await {
                return;
            }
            let Some(mut batch) = self.outbox.batch(Utc::now(), 1 + self.dice.below(40)) else { continue };
            let operations = batch["operations"].as_array_mut().unwrap();
            // Something is lost on the way, or comes before what it builds on.
            if self.dice.once_in(4) {
                operations.remove(self.dice.below(operations.len()));
            }
            if self.dice.once_in(4) {
                operations.reverse();
            }
            self.broken_off = !self.sends(line, &batch).await;
            if self.broken_off {
                return;
            }
        }
    }

    async fn sends(&mut self, line: &Line, batch: &Value) -> bool {
        let Some((status, told)) = line.post("/v1/sync", "", None, batch).await else { return false };
        assert_eq!(status, 200, "{told}");
        assert_eq!(told["verdicts"].as_array().unwrap().len(), batch["operations"].as_array().unwrap().len());
        for verdict in ["verdicts", "released"].iter().flat_map(|list| told[list].as_array().unwrap()) {
            if let Some(now) = for_good(verdict) {
                let id = verdict["operation"].as_str().unwrap().parse().unwrap();
                let before = self.heard.insert(id, now.clone());
                assert!(before.as_ref().is_none_or(|before| *before == now), "{before:?} became {now}");
            }
        }
        self.outbox.learn(&told).unwrap();
        true
    }

    async fn sends_a_piece(&mut self, line: &Line) -> bool {
        let Some(file) = self.files.iter_mut().find(|file| !file.open.is_empty()) else { return true };
        let index = file.open[self.dice.below(file.open.len())];
        let piece = file.bytes.chunks(PIECE).nth(index).unwrap().to_vec();
        let path = format!("/v1/uploads/{}/pieces/{index}?size={}", file.sha256, file.bytes.len());
        let Some((status, told)) = line.put_bytes(&path, piece).await else { return false };
        assert_eq!(status, 200, "{told}");
        file.open.retain(|open| *open != index);
        let complete = told["complete"] == true;
        assert!(complete || !file.open.is_empty(), "{told}");
        if complete {
            // A piece whose acknowledgement was lost had been kept.
            file.open.clear();
        }
        true
    }

    /// Sends what is open until everything is settled, then everything once more.
    pub async fn settles(&mut self, line: &Line) {
        while self.files.iter().any(|file| !file.open.is_empty()) {
            assert!(self.sends_a_piece(line).await);
        }
        // Whatever can be settled is, a batch at a time.
        for _ in 0..=self.outbox.all().len() / 100 {
            let Some(batch) = self.outbox.batch(Utc::now(), 200) else { break };
            assert!(self.sends(line, &batch).await);
        }
        let all: Vec<Value> = self.outbox.all().iter().map(|one| one.operation.clone()).collect();
        for some in all.chunks(200) {
            let batch = json!({"device": self.outbox.device(), "sent_at": Utc::now(), "operations": some});
            assert!(self.sends(line, &batch).await);
        }
        for one in self.outbox.all() {
            let told = one.verdict.as_ref().unwrap();
            assert_eq!((&told["verdict"], one.state()), (&json!("duplicate"), Some("applied")), "{one:?}");
        }
    }
}
