//! 资料包条目: everything a grid worker takes along, each as the worker sees it online; nothing in it changes
//! unless the thing itself does.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Days, FixedOffset, NaiveDate, Weekday};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::case::Case;
use super::clocks_view::local;
use super::dossiers::reach;
use super::guides::GuideView;
use super::plans::PlanView;
use super::view::{ApplicantView, ApplicationView};
use super::{Failure, Office};
use crate::catalog;
use crate::domain::actor::Actor;
use crate::domain::correction::CorrectionNotice;
use crate::domain::deadline::civil_date;
use crate::domain::lifecycle::{Role, Status};
use crate::domain::material::MaterialRequirement;
use crate::domain::pack::PackEntry;
use crate::domain::region::Region;
use crate::storage::mandates::{self, Of};
use crate::storage::{Conn, StorageError, households, open_cases, plans, reserved_numbers};

/// A grid is never left out in part: more than any has.
const MOST: i64 = 1_000_000;
/// Plans are taken along that far ahead.
const AHEAD: Days = Days::new(30);

/// 在办件, as it is taken along.
#[derive(Debug, Serialize)]
struct CaseEntry {
    id: Uuid,
    version: i64,
    service: String,
    status: Status,
    region: String,
    receipt_no: Option<String>,
    query_code: Option<String>,
    applicant: ApplicantView,
    headline: String,
    guide_version: u32,
    form: Value,
    checklist: Vec<MaterialRequirement>,
    pending_files: Vec<String>,
    correction: Option<CorrectionNotice>,
    due_at: Option<DateTime<FixedOffset>>,
    updated_at: DateTime<FixedOffset>,
}

impl CaseEntry {
    fn of(view: ApplicationView, due_at: Option<DateTime<FixedOffset>>) -> Self {
        Self {
            id: view.id,
            version: view.version,
            service: view.service,
            status: view.status,
            region: view.region,
            receipt_no: view.receipt_no,
            query_code: view.query_code,
            applicant: view.applicant,
            headline: view.headline,
            guide_version: view.guide_version,
            form: view.form,
            checklist: view.checklist,
            pending_files: view.pending_files,
            correction: view.correction,
            due_at,
            updated_at: view.updated_at,
        }
    }
}

fn entry(kind: &str, id: &str, content: &impl Serialize) -> Result<PackEntry, Failure> {
    let failed = |error: serde_json::Error| StorageError::Failed(error.to_string());
    let content = serde_json::to_value(content).map_err(failed)?;
    let key = format!("{kind}/{id}");
    let body = json!({"key": key, "kind": kind, "content": content});
    let digest = Sha256::digest(body.to_string().as_bytes());
    let hash = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    Ok(PackEntry { key, hash, body })
}

/// Days off and adjusted working days of the announced years.
fn calendar(office: &Office) -> Result<Vec<PackEntry>, Failure> {
    let calendar = &office.knowledge().calendar;
    let days = std::iter::successors(Some(calendar.horizon()), |day: &NaiveDate| day.pred_opt());
    let mut years: BTreeMap<String, (Vec<NaiveDate>, Vec<NaiveDate>)> = BTreeMap::new();
    for day in days.take_while(|day| calendar.covers(*day)) {
        let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        let (off, work) = years.entry(day.year().to_string()).or_default();
        match calendar.is_working_day(day) {
            true if weekend => work.push(day),
            false if !weekend => off.push(day),
            true | false => {}
        }
    }
    let told = |(year, (off, work)): (String, (Vec<NaiveDate>, Vec<NaiveDate>))| {
        entry("calendar", &year, &json!({"year": year, "off": off, "work": work}))
    };
    years.into_iter().map(told).collect()
}

impl Office {
    /// What everybody may know: guides with their forms, amounts, working days.
    fn public_entries(&self) -> Result<Vec<PackEntry>, Failure> {
        let mut entries = calendar(self)?;
        for item in catalog::all() {
            entries.push(entry("service", item.guide().code, &GuideView::of(item))?);
        }
        for (name, page) in &self.knowledge().policies.pages {
            entries.push(entry("policy", name, page)?);
        }
        Ok(entries)
    }

    /// Everything a worker takes along on that device, what is wanted first coming first.
    pub fn pack_entries(
        &self,
        conn: &mut Conn,
        actor: &Actor,
        device: Uuid,
    ) -> Result<Vec<PackEntry>, Failure> {
        // Other duties of the same person are no reason to carry more through the streets.
        let mut worker = actor.clone();
        worker.grants.retain(|grant| grant.role == Role::GridWorker);
        let grids: Vec<Region> =
            worker.grants.iter().filter_map(|grant| grant.scope.region().cloned()).collect();
        let today = civil_date(self.now());
        let mut entries = Vec::new();
        for number in reserved_numbers::free(conn, device)? {
            let content = json!({
                "receipt_no": number.receipt_no, "query_code": number.query_code, "community": number.community,
            });
            entries.push(entry("number", number.receipt_no.as_str(), &content)?);
        }
        for plan in plans::standing(conn, worker.id, today + AHEAD, MOST)? {
            if worker.has_in(Role::GridWorker, &plan.region) {
                let id = plan.id.to_string();
                entries.push(entry("plan", &id, &PlanView::of(plan, today, worker.id))?);
            }
        }
        for standing in mandates::of(conn, Of::Staff(worker.id))? {
            let in_reach = standing.region.as_ref().is_some_and(|at| worker.has_in(Role::GridWorker, at));
            if in_reach && standing.end_on(today).is_none() {
                let content = json!({
                    "id": standing.id, "visit": standing.visit, "mandate": standing.mandate,
                    "done": standing.done,
                });
                entries.push(entry("mandate", &standing.id.to_string(), &content)?);
            }
        }
        for (id, due_at) in open_cases::within_reach(conn, &reach(&worker), MOST)? {
            let case = Case::open(conn, &worker, id)?;
            let view = self.show(conn, case, &worker)?;
            entries.push(entry("application", &id.to_string(), &CaseEntry::of(view, due_at.map(local)))?);
        }
        entries.extend(self.public_entries()?);
        for household in households::within(conn, &grids, None, MOST)? {
            let id = household.id.to_string();
            entries.push(entry("household", &id, &self.household_view(household))?);
        }
        Ok(entries)
    }
}
