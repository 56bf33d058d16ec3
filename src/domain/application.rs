//! The application (办件): one aggregate, changed only through [`Application::act`], which consults the
//! lifecycle table and returns the event that happened or the refusal that explains why not.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::action::Action;
use super::actor::{Actor, Footprint};
use super::calendar::Calendar;
use super::contact::PhoneNumber;
use super::correction::{CorrectionNotice, Promise};
use super::deadline::Pause;
use super::event::{Channel, Event};
use super::id_number::IdNumber;
use super::lifecycle::{self, Role, Status};
use super::limits::Limits;
use super::mandate::Representative;
use super::material::{MaterialRequirement, MaterialVerdict};
use super::person_name::PersonName;
use super::real_name::Assurance;
use super::receipt::ReceiptNo;
use super::refusal::Refusal;
use super::region::Region;
use super::review::{Decision, Delivery, DepartmentReview, Extension, PublicNotice, SiteVisit, Suspension};
use super::sensitive::in_full;

/// 申请人: the resident whose matter it is, whoever held the pen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Applicant {
    /// 姓名
    pub name: PersonName,
    /// 公民身份号码, or that of a residence permit or permanent resident card.
    pub id_number: IdNumber,
    /// 联系电话
    pub phone: PhoneNumber,
}

/// 办件类型: how the item travels; opens and closes rows of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Track {
    /// 即办件: decided at the window.
    Instant,
    /// 承诺件: goes to the departments.
    Committed,
}

/// 提交记录: who filed what, when and through which door.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Submission {
    /// Through which door.
    pub channel: Channel,
    /// Account that filed.
    pub by: Uuid,
    /// Their name.
    pub by_name: String,
    /// In which capacity.
    pub role: Role,
    /// The visit it is bound to, for the doorstep.
    pub visit: Option<Uuid>,
    /// How sure it was who they are; unknown of what was filed before that was kept.
    #[serde(default)]
    pub assurance: Option<Assurance>,
    /// When.
    pub at: DateTime<Utc>,
}

/// 卷宗: everything about an application that no list sorts or filters by; stored as one document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Dossier {
    /// Version of the guide the applicant was told.
    pub guide_version: u32,
    /// The item's track.
    pub track: Track,
    /// The limits the applicant was told.
    pub limits: Limits,
    /// The material checklist the applicant was told.
    pub checklist: Vec<MaterialRequirement>,
    /// The visit that carries the draft, for the doorstep.
    #[serde(default)]
    pub visit: Option<Uuid>,
    /// The mandate it rests on, where a resident files for another.
    #[serde(default)]
    pub mandate: Option<Uuid>,
    /// 法定代理人, where the applicant is a minor.
    #[serde(default)]
    pub representative: Option<Representative>,
    /// Every submission, the first and each correction.
    #[serde(default)]
    pub submissions: Vec<Submission>,
    /// Latest verdict per material.
    #[serde(default)]
    pub verdicts: Vec<MaterialVerdict>,
    /// When the present status was entered.
    pub entered_at: DateTime<Utc>,
    /// 受理: when accepted.
    #[serde(default)]
    pub accepted_at: Option<DateTime<Utc>>,
    /// Accepted by operation of law.
    #[serde(default)]
    pub deemed: bool,
    /// Intervals during which the clock stood.
    #[serde(default)]
    pub pauses: Vec<Pause>,
    /// Reminders sent in the present status.
    #[serde(default)]
    pub reminders: u32,
    /// The correction notice, at most one.
    #[serde(default)]
    pub correction: Option<CorrectionNotice>,
    /// Promised materials.
    #[serde(default)]
    pub promises: Vec<Promise>,
    /// The departments' parts.
    #[serde(default)]
    pub reviews: Vec<DepartmentReview>,
    /// The suspension, while it lasts.
    #[serde(default)]
    pub suspension: Option<Suspension>,
    /// The one extension.
    #[serde(default)]
    pub extension: Option<Extension>,
    /// The public notice.
    #[serde(default)]
    pub notice: Option<PublicNotice>,
    /// Site visits.
    #[serde(default)]
    pub site_visits: Vec<SiteVisit>,
    /// The decision.
    #[serde(default)]
    pub decision: Option<Decision>,
    /// The proof of delivery.
    #[serde(default)]
    pub delivery: Option<Delivery>,
    /// Why it ended without a decision.
    #[serde(default)]
    pub ending: Option<String>,
}

/// 办件
#[derive(Debug, Clone, PartialEq)]
pub struct Application {
    /// UUIDv7, made by the client or the server.
    pub id: Uuid,
    /// Counts the events; the ETag.
    pub version: i64,
    /// Code of the service item.
    pub service: String,
    /// Community or grid.
    pub region: Region,
    /// Where it stands.
    pub status: Status,
    /// The resident account it belongs to, if one is bound.
    pub owner: Option<Uuid>,
    /// The staff member who filed it, if one did.
    pub filed_by: Option<Uuid>,
    /// Whose matter it is.
    pub applicant: Applicant,
    /// Given at the first submission.
    pub receipt_no: Option<ReceiptNo>,
    /// Goes with the receipt number for anonymous look-ups.
    pub query_code: String,
    /// The line a clerk sees in the queue.
    pub headline: String,
    /// The typed form as JSON; its item reads it.
    pub form: Value,
    /// The rest.
    pub dossier: Dossier,
    /// When the draft was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// 链: what the last event added to the chain of its events.
    pub chain: Vec<u8>,
}

/// Who acts, in which of their capacities, through which door.
#[derive(Debug, Clone, Copy)]
pub struct By<'a> {
    /// The actor.
    pub actor: &'a Actor,
    /// The capacity the table is asked for.
    pub role: Role,
    /// The door.
    pub channel: Channel,
}

/// When, and on which calendar.
#[derive(Debug, Clone, Copy)]
pub struct Desk<'a> {
    /// The instant of the act.
    pub now: DateTime<Utc>,
    /// Working days.
    pub calendar: &'a Calendar,
}

impl Application {
    /// The facts that decide who may see it; `departments` comes from [`Application::departments`].
    pub fn footprint<'a>(&'a self, departments: &'a [String]) -> Footprint<'a> {
        Footprint {
            owner: self.owner,
            region: &self.region,
            filed_by: self.filed_by,
            departments,
            draft: self.status == Status::Draft,
        }
    }

    /// Whether they filed it for somebody else at the door: nobody reviews what they have filed as an agent.
    pub fn filed_as_agent(&self, staff: Uuid) -> bool {
        let agent = |submission: &Submission| submission.by == staff && submission.role == Role::GridWorker;
        self.dossier.submissions.iter().any(agent)
    }

    /// Departments it was transferred to.
    pub fn departments(&self) -> Vec<String> {
        self.dossier.reviews.iter().map(|review| review.department.clone()).collect()
    }

    /// Does one thing, or says why not. On a refusal nothing has changed.
    pub fn act(&mut self, action: &Action, by: By<'_>, desk: Desk<'_>) -> Result<Event, Refusal> {
        let kind = action.kind();
        let row = lifecycle::transition(self.status, by.role, kind)
            .ok_or_else(|| Refusal::wrong_status(self.status, kind, &[by.role]))?;
        match action {
            Action::Submit {} => self.submit(by, desk)?,
            Action::CheckMaterials { verdicts } => self.check_materials(verdicts)?,
            Action::AskToCorrect { gaps } => self.ask_to_correct(gaps, desk)?,
            Action::Correct { form } => self.correct(form.as_ref(), by, desk)?,
            Action::Accept {} => self.accept(desk)?,
            Action::AcceptWithPromise { materials, within_working_days } => {
                self.accept_with_promise(materials, *within_working_days, desk)?;
            }
            Action::DeemAccept {} => self.deem_accept(desk)?,
            Action::Decline { reason, right_office, .. } => {
                self.dossier.ending = Some(format!("{reason}（请到：{right_office}）"));
            }
            Action::FulfilPromise { material } => self.fulfil_promise(material, desk)?,
            Action::Transfer { departments, .. } => self.transfer(departments, desk)?,
            Action::Endorse { opinion, reason } => self.endorse(*opinion, reason.as_deref(), by, desk)?,
            Action::SendBack { reason } => self.send_back(reason, by)?,
            Action::Resubmit { .. } => {}
            Action::RecordSiteVisit { visit } => self.record_site_visit(visit, desk)?,
            Action::Suspend { ground, reason, working_days } => {
                self.suspend(*ground, reason, *working_days, desk);
            }
            Action::Resume {} => self.resume(desk),
            Action::Extend { reason, approved_by } => self.extend(reason, approved_by, desk)?,
            Action::PublishNotice { text, place } => self.publish_notice(text, place, desk)?,
            Action::Object { objector, reason } => self.object(objector, reason, desk)?,
            Action::ResolveObjection { index, upheld, explanation } => {
                self.resolve_objection(*index, *upheld, explanation, desk)?;
            }
            Action::CloseNotice {} => self.close_notice(desk)?,
            Action::Approve { reason } => self.approve(reason.as_deref(), by, desk)?,
            Action::Reject { reason, basis } => self.reject(reason, basis, by, desk)?,
            Action::Deliver { method, receiver } => self.deliver(*method, receiver, desk),
            Action::Close {} => {}
            Action::Withdraw { reason } => self.withdraw(reason.as_deref(), desk),
            Action::Terminate {} => self.terminate(desk)?,
            Action::Remind {} => self.remind(desk),
        }
        let event = Event {
            application: self.id,
            sequence: self.version + 1,
            action: kind,
            from: self.status,
            to: row.to,
            role: by.role,
            actor: by.actor.id,
            actor_name: by.actor.name.clone(),
            channel: by.channel,
            at: desk.now,
            detail: in_full(|| serde_json::to_value(action)).unwrap_or(Value::Null),
            public: action.is_public(),
        };
        if row.to != self.status {
            self.dossier.entered_at = desk.now;
            self.dossier.reminders = 0;
        }
        self.status = row.to;
        self.version += 1;
        self.updated_at = desk.now;
        Ok(event)
    }
}
