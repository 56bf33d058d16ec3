//! Filing through three doors into the same application: the mini-program (a resident for themselves or
//! a household member), the counter (the clerk only holds the pen), the doorstep (a grid worker bound to
//! a visit and its mandate).

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::acting::Act;
use super::applicants::{NewApplication, Whose, named, of_resident};
use super::case::{Loaded, load};
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
use crate::domain::receipt::{QUERY_CODE, ReceiptNo};
use crate::domain::refusal::Refusal;
use crate::storage::keys::Keys;
use crate::storage::{Conn, StorageError, applications, duplicates};

/// A filing with everything that belongs to it, ready to be stored.
struct Filing {
    application: Application,
    submitted: Option<(Event, Letters, Keys)>,
    told: String,
}

impl Office {
    /// Makes a draft, and files it at once if asked to.
    pub async fn file(&self, actor: Actor, new: NewApplication, key: OnceKey) -> Result<Answer, Failure> {
        let now = self.now();
        let channel = self.door_of(&actor, &new)?;
        let receipt_no = match new.submit {
            true => Some(self.next_receipt_no(&new.region, civil_date(now)).await?),
            false => None,
        };
        let mut looks = 0;
        loop {
            let (office, who, what, number) = (self.clone(), actor.clone(), new.clone(), receipt_no.clone());
            let prepared =
                move |conn: &mut Conn| office.prepare_filing(conn, who, &what, channel, number, now);
            // Everything that only reads happens before the transaction: on SQLite all writers share one.
            let prepared = self.db().read(prepared).await;
            let done = self.once_told(key.clone(), 201, move |office, conn| {
                let Filing { mut application, submitted, told } = prepared?;
                match submitted {
                    Some((event, letters, keys)) => {
                        applications::record(conn, &mut application, None, &event, office.desk(now))?;
                        duplicates::insert(conn, application.id, &keys)?;
                        letters.post(conn)?;
                    }
                    None => applications::insert(conn, &application, office.desk(now))?,
                }
                Ok(told)
            });
            looks += 1;
            match done.await {
                // Another door was quicker with the same matter: the second look finds it.
                Err(Failure::Storage(error)) if duplicates::is_taken(&error) && looks == 1 => {}
                done => return done.map_err(id_taken),
            }
        }
    }

    /// Through which door somebody files there, if the place exists and they file at all.
    fn door_of(&self, actor: &Actor, new: &NewApplication) -> Result<Channel, Failure> {
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
        Ok(channel)
    }

    /// Makes a draft within a transaction, as an agent did at `acted_at`.
    pub fn drafted(
        &self,
        conn: &mut Conn,
        actor: &Actor,
        new: &NewApplication,
        acted_at: DateTime<Utc>,
    ) -> Result<Application, Failure> {
        let channel = self.door_of(actor, new)?;
        let mut application = self.draft(conn, actor, new, channel, (self.now(), acted_at))?;
        restored(&mut application.form, &Value::Null)?;
        applications::insert(conn, &application, self.desk(self.now()))?;
        Ok(application)
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
        let mut application = self.draft(conn, &actor, new, channel, (now, now))?;
        restored(&mut application.form, &Value::Null)?;
        let mut loaded = Loaded::default();
        let act = Act {
            actor,
            application: application.id,
            seen: None,
            action: Action::Submit {},
            channel: Some(channel),
            receipt_no,
            query_code: None,
            acted_at: None,
        };
        let submitted = if new.submit {
            let mut roles = act.actor.capacities(&application.footprint(&application.departments()));
            if channel == Channel::Doorstep {
                roles.retain(|role| *role == Role::GridWorker);
            }
            let event = self.decide(conn, &mut application, &roles, &mut loaded, None, &act)?;
            let letters = self.letters(conn, &application, &event)?;
            let keys = loaded.keys.take().unwrap_or_else(|| self.keys(&application, now));
            Some((event, letters, keys))
        } else {
            loaded.suspected = self.suspected(conn, &application, &act.actor)?;
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
        (now, acted_at): (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<Application, Failure> {
        let unknown = || {
            Refusal::field("/form/service", "service_unknown", "没有这个事项。", "There is no such service.")
        };
        let guide = catalog::find(&new.service).ok_or_else(unknown)?.guide();
        let resident = channel == Channel::MiniProgram;
        let today = civil_date(now);
        let Whose { applicant, owner, representative, mandate } = match resident {
            true => of_resident(conn, actor, new, guide, now)?,
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
            self.mandate_carries(conn, &application, actor.id, acted_at)?;
        }
        Ok(application)
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
        let act = Act {
            actor,
            application: id,
            seen: Some(seen),
            action,
            channel: None,
            receipt_no,
            query_code: None,
            acted_at: None,
        };
        let mut looks = 0;
        loop {
            let act = act.clone();
            let done = self.once(key.clone(), 200, move |office, conn| {
                let done = office.perform(conn, &act)?;
                Ok(office.shown(done.application, &done.loaded, done.lease, &act.actor))
            });
            looks += 1;
            match done.await {
                // Another door was quicker with the same matter: the second look finds it.
                Err(Failure::Storage(error)) if duplicates::is_taken(&error) && looks == 1 => {}
                done => return done,
            }
        }
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
