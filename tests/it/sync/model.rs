//! The model: what every device has done, as far as one can say what must come of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::{Value, json};
use uuid::Uuid;
use yichuang::adapters::clock::new_id;
use yichuang::domain::actor::Actor;
use yichuang::domain::application::Application;
use yichuang::field_client::{Deed, Outbox};
use yichuang::storage::applications;
use yichuang::usecases::Office;

/// Three fields that a device edits in its own drafts, one for each device in those of another, one that all want.
pub const FIELDS: [&str; 7] = [
    "/mother/residence_address",
    "/father/residence_address",
    "/mother/registered_address",
    "/father/registered_address",
    "/mother/phone",
    "/father/phone",
    "/married_on",
];
/// How many of them a device edits in its own drafts.
pub const OWN: usize = 3;
/// The one that all want.
pub const CONTESTED: usize = 6;

/// Something that a field may say.
pub fn value_of(field: usize, value: u8) -> String {
    match field {
        4 | 5 => format!("13805{:06}", u32::from(value) + 100_000),
        CONTESTED => format!("20{:02}-05-{:02}", 10 + value % 4, 1 + value / 4 % 7),
        _ => format!("福建省晋江市灵源街道林口社区{value}号"),
    }
}

/// A visit as the model has it.
#[derive(Debug, Clone)]
pub struct Call {
    pub id: Uuid,
    /// Whose door it is.
    pub who: u32,
    pub mandate: bool,
    pub drafted: bool,
    pub ended: bool,
    pub finished: bool,
}

/// An application as the model has it.
#[derive(Debug, Clone)]
pub struct Draft {
    pub id: Uuid,
    /// As it was begun.
    pub form: Value,
    /// The last value that somebody wanted in a field that only they edit.
    pub fields: BTreeMap<usize, String>,
    /// What each device believes to stand in the field that all want.
    pub believed: BTreeMap<usize, String>,
    pub filed: bool,
    pub asked: Option<i64>,
    pub corrected: bool,
    pub withdrawn: bool,
    /// Attachments, with the hash of each.
    pub files: BTreeSet<(Uuid, String)>,
}

impl Draft {
    pub fn new(id: Uuid, form: Value) -> Self {
        let (fields, believed, files) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        let (filed, asked, corrected, withdrawn) = (false, None, false, false);
        Self { id, form, fields, believed, filed, asked, corrected, withdrawn, files }
    }
}

/// A file on a device, and which of its pieces were not sent.
#[derive(Debug, Clone)]
pub struct Paper {
    pub sha256: String,
    pub bytes: Vec<u8>,
    pub open: Vec<usize>,
}

pub struct Telephone {
    pub outbox: Outbox,
    pub file: PathBuf,
    pub visits: Vec<Call>,
    pub drafts: Vec<Draft>,
    pub papers: Vec<Paper>,
}

impl Telephone {
    /// One whose journal lies in memory where there is such a folder.
    pub fn new(device: Uuid) -> Self {
        let memory = std::path::Path::new("/dev/shm");
        let folder = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let file = folder.join(format!("yichuang-it-{device}.outbox"));
        let outbox = Outbox::open(&file, device).unwrap();
        Self { outbox, file, visits: Vec::new(), drafts: Vec::new(), papers: Vec::new() }
    }
}

impl Drop for Telephone {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.file);
    }
}

pub struct History {
    pub office: Office,
    pub again: Box<dyn Fn() -> Office>,
    pub actor: Actor,
    pub successor: Actor,
    pub clerk: Actor,
    pub form: Value,
    pub telephones: Vec<Telephone>,
    pub acknowledged: BTreeMap<Uuid, Value>,
    /// What a person has put aside.
    pub dismissed: BTreeSet<Uuid>,
}

impl History {
    pub fn fresh(&self) -> Uuid {
        new_id(self.office.now())
    }

    pub fn note(&mut self, device: usize, deed: Value) {
        self.note_on(device, None, None, deed);
    }

    pub fn note_on(&mut self, device: usize, base: Option<i64>, resolves: Option<Uuid>, deed: Value) {
        let at = self.office.now();
        self.telephones[device].outbox.record(Deed { at, deed, base, resolves }).unwrap();
    }

    /// Which of a device's drafts, if it has any.
    pub fn draft(&self, device: usize, which: usize) -> Option<usize> {
        let drafts = &self.telephones[device].drafts;
        (!drafts.is_empty()).then(|| which % drafts.len())
    }

    /// Whether the server has told anybody of it; the next pack brings that to the other devices.
    pub fn is_told(&self, kind: &str, record: Uuid) -> bool {
        let all = self.telephones.iter().flat_map(|telephone| telephone.outbox.all());
        let name = if kind.ends_with("visit") { "visit" } else { "application" };
        all.into_iter().any(|one| {
            let deed = &one.operation["deed"];
            deed["kind"] == kind && deed[name] == json!(record) && self.acknowledged.contains_key(&one.id)
        })
    }

    pub async fn there(&self, id: Uuid) -> Option<Application> {
        self.office.db().read(move |conn| applications::find(conn, id)).await.unwrap()
    }

    pub fn acknowledge(&mut self, answer: &Value) {
        for verdict in ["verdicts", "released"].iter().flat_map(|list| answer[list].as_array().unwrap()) {
            let word = verdict["first"].as_str().or_else(|| verdict["verdict"].as_str()).unwrap();
            if ["applied", "merged", "duplicate"].contains(&word) {
                let id = verdict["operation"].as_str().unwrap().parse().unwrap();
                let told = json!([word, verdict["outcome"]]);
                let before = self.acknowledged.insert(id, told.clone());
                assert!(before.as_ref().is_none_or(|before| *before == told), "{before:?} became {told}");
            }
        }
    }
}
