//! Filing through three doors into the same application: the mini-program (a resident for themselves or
//! a household member), the counter (the clerk only holds the pen), the doorstep (a grid worker bound to
//! a visit and its mandate).

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::acting::Act;
use super::applicants::{NewApplication, Whose, named, of_resident};
use super::case::{Case, Loaded, load};
use super::masking::restored;
use super::notify::Letters;
use super::once::{Answer, OnceKey, told};
use super::{Failure, Office};
use crate::adapters::clock::{new_id, random_code};
use crate::catalog;
use crate::domain::action::Action;
use crate::domain::actor::Actor;
use crate::domain::application::{Application, Dossier};
use crate::domain::deadline::civil_date;
use crate::domain::event::{Channel, Event};
use crate::domain::lifecycle::{Role, Status};
use crate::domain::receipt::ReceiptNo;
use crate::domain::refusal::{Refusal, RefusalKind};
use crate::domain::text::Text;
use crate::storage::{Conn, StorageError, applications};

/// Characters of a query code: 32^8 possibilities against a rate limit.
const QUERY_CODE: usize = 8;

/// A filing with everything that belongs to it, ready to be stored.
struct Filing {
    application: Application,
    submitted: Option<(Event, Letters)>,
    told: String,
}

impl Office {
    /// Makes a draft, and files it at once if asked to.
    pub async fn file(&self, actor: Actor, new: NewApplication, key: OnceKey) -> Result<Answer, Failure> {
        let now = self.now();
        let at_a_visit = new.visit.is_some() && actor.has_in(Role::GridWorker, &new.region);
        let door = if at_a_visit { Some(Channel::Doorstep) } else { actor.door(&new.region) };
        let channel = door.ok_or_else(Refusal::not_permitted)?;
        if new.region.community().is_none() {
            return Err(Refusal::field(
                "/region",
                "community_needed",
                "请选择社区或网格。",
                "Name a community or grid.",
            )
            .into());
        }
        if self.knowledge().regions.name_of(&new.region).is_none() {
            return Err(Refusal::field(
                "/region",
                "region_unknown",
                "没有这个社区或网格。",
                "There is no such place.",
            )
            .into());
        }
        let receipt_no = match new.submit {
            true => Some(self.next_receipt_no(&new.region, civil_date(now)).await?),
            false => None,
        };
        let office = self.clone();
        let prepared =
            move |conn: &mut Conn| office.prepare_filing(conn, actor, &new, channel, receipt_no, now);
        // Everything that only reads happens before the transaction: on SQLite all writers share one.
        let prepared = self.db().read(prepared).await;
        self.once_told(key, 201, move |office, conn| {
            let Filing { mut application, submitted, told } = prepared?;
            match submitted {
                Some((event, letters)) => {
                    applications::record(conn, &mut application, None, &event, office.desk(now))?;
                    letters.post(conn)?;
                }
                None => applications::insert(conn, &application, office.desk(now))?,
            }
            Ok(told)
        })
        .await
        .map_err(id_taken)
    }

    fn prepare_filing(
        &self,
        conn: &mut Conn,
        actor: Actor,
        new: &NewApplication,
        channel: Channel,
        receipt_no: Option<ReceiptNo>,
        now: DateTime<Utc>,
    ) -> Result<Filing, Failure> {
        let mut application = self.draft(conn, &actor, new, channel, now)?;
        restored(&mut application.form, &Value::Null)?;
        let loaded = Loaded::default();
        let act = Act {
            actor,
            application: application.id,
            seen: None,
            action: Action::Submit {},
            channel: Some(channel),
            receipt_no,
        };
        let submitted = if new.submit {
            let mut roles = act.actor.capacities(&application.footprint(&application.departments()));
            if channel == Channel::Doorstep {
                roles.retain(|role| *role == Role::GridWorker);
            }
            let event = self.decide(conn, &mut application, &roles, &loaded, None, &act)?;
            let letters = self.letters(conn, &application, &event)?;
            Some((event, letters))
        } else {
            None
        };
        let told = told(&self.shown(application.clone(), &loaded, None, &act.actor))?;
        Ok(Filing { application, submitted, told })
    }

    fn draft(
        &self,
        conn: &mut Conn,
        actor: &Actor,
        new: &NewApplication,
        channel: Channel,
        now: DateTime<Utc>,
    ) -> Result<Application, Failure> {
        let unknown = || {
            Refusal::field("/form/service", "service_unknown", "没有这个事项。", "There is no such service.")
        };
        let guide = catalog::find(&new.service).ok_or_else(unknown)?.guide();
        let resident = channel == Channel::MiniProgram;
        let today = civil_date(now);
        let Whose { applicant, owner, representative, mandate } = match resident {
            true => of_resident(conn, actor, new, guide, today)?,
            false => named(conn, new, today)?,
        };
        let application = Application {
            id: new.id.unwrap_or_else(|| new_id(now)),
            version: 0,
            service: new.service.clone(),
            region: new.region.clone(),
            status: Status::Draft,
            owner,
            filed_by: (owner != Some(actor.id)).then_some(actor.id),
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
                mandate,
                representative,
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
            chain: Vec::new(),
        };
        if channel == Channel::Doorstep {
            self.mandate_carries(conn, &application, actor.id, now)?;
        }
        Ok(application)
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
                let mut case = Case::open(conn, &actor, id)?.only_for(&filers)?;
                let application = &mut case.application;
                if application.status != Status::Draft {
                    let kind = crate::domain::lifecycle::ActionKind::Submit;
                    return Err(Refusal::wrong_status(application.status, kind, &case.roles).into());
                }
                if application.service != service {
                    let en = "A draft keeps its service; make a new one.";
                    return Err(Refusal::field(
                        "/form/service",
                        "service_fixed",
                        "草稿不能改换事项，请另建。",
                        en,
                    )
                    .into());
                }
                if application.version != seen {
                    let detail = Text::fixed("草稿已被更新，请刷新。", "The draft has changed; refresh.");
                    return Err(Refusal::new(RefusalKind::Stale, "stale_version", detail)
                        .with("current_version", Value::from(application.version))
                        .into());
                }
                let mut form = form;
                restored(&mut form, &application.form)?;
                application.form = form;
                application.dossier.visit = visit.or(application.dossier.visit);
                application.version += 1;
                application.updated_at = now;
                applications::save(conn, application, seen, office.desk(now))?;
                office.show(conn, case, &actor)
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
        let receipt_no = match action {
            Action::Submit {} => {
                let who = actor.clone();
                let region = move |conn: &mut Conn| load(conn, &who, id).map(|(found, _)| found.region);
                Some(self.next_receipt_no(&self.db().read(region).await?, civil_date(now)).await?)
            }
            _ => None,
        };
        self.once(key, 200, move |office, conn| {
            let act = Act { actor, application: id, seen: Some(seen), action, channel: None, receipt_no };
            let done = office.perform(conn, &act)?;
            Ok(office.shown(done.application, &done.loaded, done.lease, &act.actor))
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
