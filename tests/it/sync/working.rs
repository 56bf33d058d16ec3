//! What each step of a history does to the devices, to the wire and to the model.

use std::io::Write;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use yichuang::domain::actor::{Actor, Grant};
use yichuang::domain::lifecycle::{Role, Status};
use yichuang::domain::region::Region;
use yichuang::field_client::Outbox;
use yichuang::usecases::once::OnceKey;
use yichuang::usecases::syncing::Batch;
use yichuang::usecases::uploads::PIECE;

use super::GRID;
use super::model::{CONTESTED, Call, Draft, FIELDS, History, OWN, Paper, value_of};
use super::steps::Step;
use crate::world::papers::somebody;

/// The grid that the worker has while theirs is another's.
const OTHER: &str = "350582006001002";

pub fn region(code: &str) -> Region {
    Region::parse(code).unwrap()
}

pub fn grants(staff: Uuid, role: Role, place: &str) -> Vec<Grant> {
    Grant::to_staff(staff, role, region(place), None).into_iter().collect()
}

/// Nobody calls at the same door twice: what is filed there would be the same matter.
pub fn next_door() -> u32 {
    static DOORS: AtomicU32 = AtomicU32::new(0);
    DOORS.fetch_add(1, Ordering::Relaxed)
}

fn mandate(who: u32) -> Value {
    let (name, id_number) = somebody(who);
    json!({
        "principal_name": name, "principal_id_number": id_number, "evidence": "signature",
        "matters": ["birth_registration"], "valid_until": "2026-12-31",
    })
}

fn change(field: usize, was: &Value, now: &str) -> Value {
    json!([{"pointer": FIELDS[field], "was": was, "now": now}])
}

impl History {
    /// Which of a device's visits is fit, if one is.
    fn visit(&mut self, device: usize, which: usize, fit: impl Fn(&Call) -> bool) -> Option<&mut Call> {
        let mut all: Vec<&mut Call> =
            self.telephones[device].visits.iter_mut().filter(|call| fit(call)).collect();
        let count = all.len();
        (count > 0).then(|| all.swap_remove(which % count))
    }

    pub async fn does(&mut self, device: usize, step: &Step) {
        match step {
            Step::Visit(with_mandate) => {
                let (id, who) = (self.fresh(), next_door());
                let mandate = with_mandate.then(|| mandate(who));
                let (drafted, ended, finished) = (false, false, false);
                let call = Call { id, who, mandate: *with_mandate, drafted, ended, finished };
                self.telephones[device].visits.push(call);
                let mut deed = json!({
                    "kind": "start_visit", "visit": id, "region": GRID, "address": "中区1号", "latitude": 24.7,
                    "longitude": 118.5,
                });
                if let Some(mandate) = mandate {
                    deed["mandate"] = mandate;
                }
                self.note(device, deed);
            }
            Step::Mandate(which) => {
                let Some(call) = self.visit(device, *which, |call| !call.mandate && !call.ended) else {
                    return;
                };
                call.mandate = true;
                let (id, mandate) = (call.id, mandate(call.who));
                self.note(device, json!({"kind": "record_mandate", "visit": id, "mandate": mandate}));
            }
            Step::Draft(which) => {
                // A mandate carries one filing.
                let Some(call) = self.visit(device, *which, |call| call.mandate && !call.drafted) else {
                    return;
                };
                call.drafted = true;
                let (visit, who) = (call.id, call.who);
                let (id, mut form, (name, id_number)) = (self.fresh(), self.form.clone(), somebody(who));
                form["mother"]["residence_address"] = format!("灵源街道林口社区中区{who}号").into();
                self.telephones[device].drafts.push(Draft::new(id, form.clone()));
                self.note(device, json!({
                    "kind": "create_draft", "application": id, "region": GRID, "service": "birth_registration",
                    "visit": visit, "form": form,
                    "applicant": {"name": name, "id_number": id_number, "phone": "13805950001"},
                }));
            }
            Step::Edit(which, field, value) => {
                let Some(at) = self.draft(device, *which) else { return };
                if !self.telephones[device].drafts[at].filed {
                    let (id, changes) = self.changes((device, at), *field, *value);
                    self.note(device, json!({"kind": "edit_draft", "application": id, "changes": changes}));
                }
            }
            Step::EditAnothers(who, which, value) => {
                let who = who % self.telephones.len();
                let Some(at) = self.draft(who, *which).filter(|_| who != device) else { return };
                if self.is_told("create_draft", self.telephones[who].drafts[at].id) {
                    let (id, changes) = self.changes((who, at), OWN + device, *value);
                    self.note(device, json!({"kind": "edit_draft", "application": id, "changes": changes}));
                }
            }
            Step::Contest(who, which, value) => {
                let who = who % self.telephones.len();
                let Some(at) = self.draft(who, *which) else { return };
                let draft = &self.telephones[who].drafts[at];
                let fit = if who == device { !draft.filed } else { self.is_told("create_draft", draft.id) };
                if fit {
                    let (id, now) = (draft.id, value_of(CONTESTED, *value));
                    let was = self.telephones[who].drafts[at].believed.insert(device, now.clone());
                    let was = was.map_or_else(|| self.form["married_on"].clone(), Value::from);
                    let changes = change(CONTESTED, &was, &now);
                    self.note(device, json!({"kind": "edit_draft", "application": id, "changes": changes}));
                }
            }
            Step::Submit(which) => {
                let Some(at) = self.draft(device, *which) else { return };
                let draft = &mut self.telephones[device].drafts[at];
                if !std::mem::replace(&mut draft.filed, true) {
                    let id = draft.id;
                    self.note(device, json!({"kind": "submit", "application": id}));
                }
            }
            Step::Ask(who, which) => self.asks(who % self.telephones.len(), *which).await,
            Step::Correct(which, value) => {
                let Some(at) = self.draft(device, *which) else { return };
                let draft = &mut self.telephones[device].drafts[at];
                let Some(base) = draft.asked.filter(|_| !draft.corrected && !draft.withdrawn) else { return };
                draft.corrected = true;
                let (id, changes) = self.changes((device, at), 0, *value);
                let deed = json!({"kind": "correct", "application": id, "changes": changes});
                self.note_on(device, Some(base), None, deed);
            }
            Step::Withdraw(which) => {
                let Some(at) = self.draft(device, *which) else { return };
                let draft = &mut self.telephones[device].drafts[at];
                // What has ended takes no more files, so which comes first would matter.
                if draft.filed && !draft.withdrawn && draft.files.is_empty() {
                    draft.withdrawn = true;
                    let id = draft.id;
                    self.note(device, json!({"kind": "withdraw", "application": id, "reason": "不办了"}));
                }
            }
            Step::EndVisit(which) => {
                let Some(call) = self.visit(device, *which, |call| !call.ended) else { return };
                call.ended = true;
                let id = call.id;
                self.note(
                    device,
                    json!({"kind": "end_visit", "visit": id, "outcome": "home",
                    "needs": [{"about": "助行器", "by": "2026-12-15"}]}),
                );
            }
            Step::Finish(who, which) => {
                let who = if *who == usize::MAX { device } else { who % self.telephones.len() };
                let told: Vec<Uuid> = self.telephones[who].visits.iter().map(|call| call.id).collect();
                let told: Vec<Uuid> =
                    told.into_iter().filter(|id| who == device || self.is_told("end_visit", *id)).collect();
                let fit =
                    |call: &Call| call.ended && told.contains(&call.id) && !(call.finished && who == device);
                let Some(call) = self.visit(who, *which, fit) else { return };
                call.finished = true;
                let id = call.id;
                self.note(device, json!({"kind": "finish_need", "visit": id, "index": 0}));
            }
            Step::Attach(which, new, large) => self.attaches(device, *which, (*new, *large)),
            Step::Piece(which) => {
                let papers = &self.telephones[device].papers;
                if !papers.is_empty() {
                    self.sends_piece(device, which % papers.len()).await;
                }
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
                let here = self.actor.has_in(Role::GridWorker, &region(GRID));
                self.is_put_in(if here { OTHER } else { GRID });
            }
            Step::Restart => self.office = (self.again)(),
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

    pub fn is_put_in(&mut self, grid: &str) {
        let Actor { id, grants: had, .. } = &mut self.actor;
        *had = grants(*id, Role::GridWorker, grid);
    }

    /// A change of a field that only one device edits.
    fn changes(&mut self, (who, at): (usize, usize), field: usize, value: u8) -> (Uuid, Value) {
        let now = value_of(field, value);
        let draft = &mut self.telephones[who].drafts[at];
        let (id, was) = (draft.id, draft.fields.insert(field, now.clone()));
        let was = was.map_or_else(|| draft.form.pointer(FIELDS[field]).unwrap().clone(), Value::from);
        (id, change(field, &was, &now))
    }

    /// The window asks to correct what lies there as it was filed.
    async fn asks(&mut self, who: usize, which: usize) {
        let Some(at) = self.draft(who, which) else { return };
        let id = self.telephones[who].drafts[at].id;
        let there = self.there(id).await.filter(|there| there.status == Status::Submitted);
        let Some(there) = there.filter(|_| self.telephones[who].drafts[at].asked.is_none()) else { return };
        let asked =
            json!({"action": "ask_to_correct", "gaps": [{"about": "household_books", "how": "请补首页"}]});
        let action = serde_json::from_value(asked).unwrap();
        let key = OnceKey { account: self.clerk.id, key: id.to_string(), fingerprint: String::new() };
        self.office.act(self.clerk.clone(), id, there.version, action, key).await.unwrap();
        self.telephones[who].drafts[at].asked = Some(there.version + 1);
    }

    fn attaches(&mut self, device: usize, which: usize, (new, large): (bool, bool)) {
        let Some(at) = self.draft(device, which) else { return };
        if self.telephones[device].drafts[at].withdrawn {
            return;
        }
        let attachment = self.fresh();
        let telephone = &mut self.telephones[device];
        if new || telephone.papers.is_empty() {
            let filling = if large { usize::try_from(PIECE).unwrap() } else { 10 };
            let bytes = format!("%PDF-1.7\n{attachment}{}\n%%EOF\n", "x".repeat(filling)).into_bytes();
            let sha256 = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            let open = (0..bytes.len().div_ceil(usize::try_from(PIECE).unwrap())).collect();
            telephone.papers.push(Paper { sha256, bytes, open });
        }
        let (paper, draft) = (&telephone.papers[telephone.papers.len() - 1], &mut telephone.drafts[at]);
        draft.files.insert((attachment, paper.sha256.clone()));
        let (sha256, size, id) = (paper.sha256.clone(), paper.bytes.len(), draft.id);
        self.note(
            device,
            json!({"kind": "attach", "attachment": attachment, "application": id,
            "material": "household_books", "file_name": "户口簿", "sha256": sha256, "size": size}),
        );
    }

    /// The last piece that was not sent, so that they come backwards.
    pub async fn sends_piece(&mut self, device: usize, which: usize) {
        let paper = &mut self.telephones[device].papers[which];
        let Some(index) = paper.open.pop() else { return };
        let piece = paper.bytes.chunks(usize::try_from(PIECE).unwrap()).nth(index).unwrap().to_vec();
        let (sha256, place) =
            (paper.sha256.clone(), (u32::try_from(index).unwrap(), paper.bytes.len() as u64));
        let whole = paper.open.is_empty();
        let view = self.office.keep_piece(&self.actor, sha256, place, piece).await.unwrap();
        assert_eq!(view.complete, whole);
    }

    pub async fn send(&self, device: usize, operations: Vec<Value>) -> Value {
        let id = self.telephones[device].outbox.device();
        let batch = Batch { device: id, sent_at: self.office.now(), operations };
        let (verdicts, released) = self.office.sync(&self.actor, batch).await.unwrap();
        json!({"verdicts": verdicts, "released": released})
    }
}
