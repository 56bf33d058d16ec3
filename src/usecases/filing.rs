//! Filing through three doors into the same application: the mini-program (a resident for themselves or
//! a household member), the counter (the clerk only holds the pen), the doorstep (a grid worker bound to
//! a visit and its mandate).

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::acting::{Act, load, load_for};
use super::once::{Answer, OnceKey};
use super::{Failure, Office};
use crate::adapters::clock::{new_id, random_code};
use crate::catalog;
use crate::domain::action::Action;
use crate::domain::actor::Actor;
use crate::domain::application::{Applicant, Application, Dossier};
use crate::domain::deadline::civil_date;
use crate::domain::event::Channel;
use crate::domain::lifecycle::{Role, Status};
use crate::domain::refusal::{Refusal, RefusalKind};
use crate::domain::region::Region;
use crate::domain::text::{FieldError, Text};
use crate::storage::{Conn, StorageError, applications, people, visits};

/// Characters of a query code: 32^8 possibilities against a rate limit.
const QUERY_CODE: usize = 8;

/// 新办件
#[derive(Debug, Clone)]
pub struct NewApplication {
    /// Made by the client, or here.
    pub id: Option<Uuid>,
    /// Code of the service item.
    pub service: String,
    /// Community or grid.
    pub region: Region,
    /// Whose matter it is; a resident may leave it out.
    pub applicant: Option<Applicant>,
    /// The visit, for the doorstep.
    pub visit: Option<Uuid>,
    /// The form, as far as it is filled.
    pub form: Value,
    /// File it at once.
    pub submit: bool,
}

/// The door through which an actor files.
pub fn door(actor: &Actor, region: &Region) -> Result<Channel, Refusal> {
    if actor.has(Role::Resident) {
        Ok(Channel::MiniProgram)
    } else if actor.has_in(Role::Clerk, region) {
        Ok(Channel::Counter)
    } else if actor.has_in(Role::GridWorker, region) {
        Ok(Channel::Doorstep)
    } else {
        Err(Refusal::not_permitted())
    }
}

impl Office {
    /// Makes a draft, and files it at once if asked to.
    pub async fn file(&self, actor: Actor, new: NewApplication, key: OnceKey) -> Result<Answer, Failure> {
        let now = self.now();
        let channel = door(&actor, &new.region)?;
        if new.region.community().is_none() {
            return Err(one_field(
                "/region",
                "community_needed",
                "请选择社区或网格。",
                "Name a community or grid.",
            ));
        }
        if self.knowledge().regions.name_of(&new.region).is_none() {
            return Err(one_field(
                "/region",
                "region_unknown",
                "没有这个社区或网格。",
                "There is no such place.",
            ));
        }
        let receipt_no = match new.submit {
            true => Some(self.next_receipt_no(&new.region, civil_date(now)).await?),
            false => None,
        };
        self.once(key, 201, move |office, conn| {
            let mut application = office.draft(conn, &actor, &new, channel, now)?;
            applications::insert(conn, &application, office.desk(now))?;
            if new.submit {
                let act = Act {
                    actor: actor.clone(),
                    application: application.id,
                    seen: None,
                    action: Action::Submit {},
                    channel,
                    receipt_no,
                };
                application = office.perform(conn, &act)?;
            }
            office.seen_by(conn, application, &actor)
        })
        .await
        .map_err(id_taken)
    }

    fn draft(
        &self,
        conn: &mut Conn,
        actor: &Actor,
        new: &NewApplication,
        channel: Channel,
        now: DateTime<Utc>,
    ) -> Result<Application, Failure> {
        let unknown =
            || one_field("/form/service", "service_unknown", "没有这个事项。", "There is no such service.");
        let guide = catalog::find(&new.service).ok_or_else(unknown)?.guide();
        let resident = channel == Channel::MiniProgram;
        let applicant =
            if resident { own_or_member(conn, actor, new.applicant.as_ref())? } else { named(new)? };
        let application = Application {
            id: new.id.unwrap_or_else(|| new_id(now)),
            version: 0,
            service: new.service.clone(),
            region: new.region.clone(),
            status: Status::Draft,
            owner: resident.then_some(actor.id),
            filed_by: (!resident).then_some(actor.id),
            applicant,
            receipt_no: None,
            query_code: random_code(QUERY_CODE),
            headline: guide.name.zh.to_string(),
            form: new.form.clone(),
            dossier: Dossier {
                guide_version: guide.version,
                track: guide.track,
                limits: guide.limits,
                checklist: Vec::new(),
                visit: new.visit,
                submissions: Vec::new(),
                verdicts: Vec::new(),
                entered_at: now,
                accepted_at: None,
                deemed: false,
                pauses: Vec::new(),
                reminders: 0,
                correction: None,
                promises: Vec::new(),
                reviews: Vec::new(),
                suspension: None,
                extension: None,
                notice: None,
                site_visits: Vec::new(),
                decision: None,
                delivery: None,
                ending: None,
            },
            created_at: now,
            updated_at: now,
        };
        if channel == Channel::Doorstep {
            self.mandate_carries(conn, &application, actor.id, now)?;
        }
        Ok(application)
    }

    /// The visit a doorstep filing is bound to is the worker's own and its mandate covers the matter.
    pub fn mandate_carries(
        &self,
        conn: &mut Conn,
        application: &Application,
        staff: Uuid,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let missing =
            || one_field("/visit", "visit_needed", "上门代办须先登记走访。", "Record the visit first.");
        let id = application.dossier.visit.ok_or_else(missing)?;
        let visit = visits::find(conn, id)?.filter(|visit| visit.staff == staff).ok_or_else(missing)?;
        visit.carries(&application.service, &application.applicant.id_number, civil_date(now))?;
        Ok(())
    }

    /// Saves a draft again; whoever may see it may continue it, on whichever channel.
    pub async fn save_draft(
        &self,
        actor: Actor,
        id: Uuid,
        seen: i64,
        (service, form): (String, Value),
        visit: Option<Uuid>,
    ) -> Result<super::view::ApplicationView, Failure> {
        let office = self.clone();
        self.db()
            .write(move |conn| {
                let now = office.now();
                let filers = [Role::Resident, Role::Clerk, Role::GridWorker];
                let (mut application, roles) = load_for(conn, &actor, id, &filers)?;
                if application.status != Status::Draft {
                    let kind = crate::domain::lifecycle::ActionKind::Submit;
                    return Err(Refusal::wrong_status(application.status, kind, &roles).into());
                }
                if application.service != service {
                    let en = "A draft keeps its service; make a new one.";
                    return Err(one_field(
                        "/form/service",
                        "service_fixed",
                        "草稿不能改换事项，请另建。",
                        en,
                    ));
                }
                if application.version != seen {
                    let detail = Text::fixed("草稿已被更新，请刷新。", "The draft has changed; refresh.");
                    return Err(Refusal::new(RefusalKind::Stale, "stale_version", detail)
                        .with("current_version", Value::from(application.version))
                        .into());
                }
                application.form = form;
                application.dossier.visit = visit.or(application.dossier.visit);
                application.version += 1;
                application.updated_at = now;
                applications::save(conn, &application, seen, office.desk(now))?;
                office.seen_by(conn, application, &actor)
            })
            .await
    }

    /// Does one thing to an application, once per key.
    pub async fn act(
        &self,
        actor: Actor,
        id: Uuid,
        seen: i64,
        action: Action,
        key: OnceKey,
    ) -> Result<Answer, Failure> {
        let now = self.now();
        let region = {
            let actor = actor.clone();
            self.db()
                .read(move |conn| load(conn, &actor, id).map(|(application, _)| application.region))
                .await?
        };
        let channel = door(&actor, &region).unwrap_or(Channel::Counter);
        let receipt_no = match action {
            Action::Submit {} => Some(self.next_receipt_no(&region, civil_date(now)).await?),
            _ => None,
        };
        self.once(key, 200, move |office, conn| {
            let act = Act { actor, application: id, seen: Some(seen), action, channel, receipt_no };
            let application = office.perform(conn, &act)?;
            office.seen_by(conn, application, &act.actor)
        })
        .await
    }
}

/// A client's id that somebody else's record has; a repeated request was answered before it came here.
pub fn id_taken(failure: Failure) -> Failure {
    match failure {
        Failure::Storage(StorageError::Duplicate(_)) => {
            Refusal::conflict("id_taken", "编号已被使用。", "The id is taken.").into()
        }
        other => other,
    }
}

fn one_field(pointer: &str, code: &'static str, zh: &'static str, en: &'static str) -> Failure {
    Refusal::fields(vec![FieldError::new(pointer, code, Text::fixed(zh, en))]).into()
}

fn named(new: &NewApplication) -> Result<Applicant, Failure> {
    let missing = || one_field("/applicant", "required", "请填写申请人。", "Name the applicant.");
    new.applicant.clone().ok_or_else(missing)
}

/// A resident files for themselves or for a member of their household.
fn own_or_member(conn: &mut Conn, actor: &Actor, named: Option<&Applicant>) -> Result<Applicant, Failure> {
    let person = people::find(conn, actor.id)?.ok_or_else(Refusal::not_found)?;
    let Some(own) = person.identity else {
        let zh = "请先填写本人姓名、证件号码和电话。";
        return Err(Refusal::conflict(
            "identity_needed",
            zh,
            "Enter your own name, ID number and phone first.",
        )
        .into());
    };
    match named {
        None => Ok(own),
        Some(other) if other.id_number == own.id_number && other.name == own.name => Ok(other.clone()),
        Some(other) => {
            let members = people::household(conn, actor.id)?;
            let known =
                |m: &people::Member| m.person.id_number == other.id_number && m.person.name == other.name;
            if members.iter().any(known) {
                Ok(other.clone())
            } else {
                let zh = "只能为本人或已登记的家庭成员申请。";
                let en = "Only for yourself or a member of your household.";
                Err(one_field("/applicant", "not_in_household", zh, en))
            }
        }
    }
}
