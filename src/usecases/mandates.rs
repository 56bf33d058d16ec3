//! 授权: given by a verified resident to another, or at the door; seen by both sides, revoked by the principal,
//! ended at the counter, used up with the last of its matters.

use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::auditing::note_of;
use super::clocks_view::local;
use super::once::{Answer, OnceKey};
use super::{Failure, Office};
use crate::adapters::clock::new_id;
use crate::catalog;
use crate::domain::actor::Actor;
use crate::domain::application::Applicant;
use crate::domain::deadline::civil_date;
use crate::domain::id_number::IdNumber;
use crate::domain::lifecycle::Role;
use crate::domain::mandate::{Agent, Mandate, MandateEnd, MandateEvidence, Standing};
use crate::domain::person_name::PersonName;
use crate::domain::real_name::Assurance;
use crate::domain::refusal::Refusal;
use crate::domain::text::{FieldError, Text};
use crate::storage::mandates::{self, Of};
use crate::storage::{Conn, owners, people, real_names};

/// A mandate lasts so long at the most.
const LONGEST: TimeDelta = TimeDelta::days(366);

/// 授权
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MandateView {
    /// Id.
    pub id: Uuid,
    /// 委托人, masked.
    pub principal: String,
    /// 代理人, masked; a member of staff is a grid worker.
    pub agent: String,
    /// Whether the caller gave it.
    pub given: bool,
    /// For which service items.
    pub matters: Vec<String>,
    /// Of these, what is done.
    pub done: Vec<String>,
    /// Last day.
    pub valid_until: NaiveDate,
    /// How it was confirmed.
    pub evidence: MandateEvidence,
    /// How strongly that proves who gave it: 1 seen at the door only, 2 a code by telephone, 3 a verified account.
    pub evidence_level: u8,
    /// When it was given.
    pub created_at: DateTime<FixedOffset>,
    /// Why it holds no longer, if it does not.
    pub ended: Option<MandateEnd>,
}

/// What a resident lets another do.
#[derive(Debug, Clone)]
pub struct NewMandate {
    /// The agent.
    pub agent_name: PersonName,
    /// The agent's number.
    pub agent_id_number: IdNumber,
    /// For which service items.
    pub matters: Vec<String>,
    /// Last day.
    pub valid_until: NaiveDate,
}

fn view(standing: Standing, given: bool, today: NaiveDate) -> MandateView {
    let ended = standing.end_on(today);
    let agent = match &standing.agent {
        Agent::Staff { .. } => "网格员".to_owned(),
        Agent::Person { name, .. } => name.masked(),
    };
    MandateView {
        id: standing.id,
        principal: standing.mandate.principal_name.masked(),
        agent,
        given,
        matters: standing.mandate.matters,
        done: standing.done.into_iter().map(|done| done.matter).collect(),
        valid_until: standing.mandate.valid_until,
        evidence: standing.mandate.evidence,
        evidence_level: standing.mandate.evidence.level(),
        created_at: local(standing.created_at),
        ended,
    }
}

impl Office {
    /// Lets another resident act; the principal's own account confirms it.
    pub async fn give_mandate(&self, actor: Actor, new: NewMandate, key: OnceKey) -> Result<Answer, Failure> {
        if !actor.has(Role::Resident) {
            return Err(Refusal::not_permitted().into());
        }
        actor.assurance.reaches(Assurance::InPerson)?;
        let today = civil_date(self.now());
        let mut errors = Vec::new();
        let mut wrong =
            |pointer: String, code, zh, en| errors.push(FieldError::new(pointer, code, Text::fixed(zh, en)));
        for (index, matter) in new.matters.iter().enumerate() {
            if catalog::find(matter).is_none() {
                wrong(
                    format!("/matters/{index}"),
                    "service_unknown",
                    "没有这个事项。",
                    "There is no such service.",
                );
            }
        }
        if new.valid_until < today || new.valid_until > today + LONGEST {
            let zh = "授权期限须在今天之后、一年之内。";
            wrong("/valid_until".to_owned(), "period_unfit", zh, "Between today and a year from now.");
        }
        if !errors.is_empty() {
            return Err(Refusal::fields(errors).into());
        }
        self.once(key, 201, move |office, conn| {
            let now = office.now();
            let own = people::find(conn, actor.id)?.and_then(|person| person.identity);
            let own = own.ok_or_else(Refusal::not_found)?;
            if own.id_number == new.agent_id_number {
                let zh = "代理人不能是本人。";
                return Err(Refusal::field(
                    "/agent_id_number",
                    "agent_oneself",
                    zh,
                    "Nobody is their own agent.",
                )
                .into());
            }
            if new.agent_id_number.age_on(today) < 18 {
                let zh = "代理人须为成年人。";
                return Err(
                    Refusal::field("/agent_id_number", "agent_minor", zh, "An agent is of age.").into()
                );
            }
            let Applicant { name, id_number, .. } = own;
            let standing = Standing {
                id: new_id(now),
                version: 0,
                region: None,
                agent: Agent::Person { name: new.agent_name, id_number: new.agent_id_number },
                mandate: Mandate {
                    principal_name: name,
                    principal_id_number: id_number,
                    matters: new.matters,
                    valid_until: new.valid_until,
                    evidence: MandateEvidence::InApp,
                    witness_name: None,
                    image_sha256: None,
                },
                done: Vec::new(),
                visit: None,
                created_at: now,
                ended: None,
            };
            mandates::insert(conn, &standing)?;
            office.note_now(
                conn,
                note_of(Some(&actor), "give mandate", standing.id, standing.mandate.matters.join(",")),
            )?;
            Ok(view(standing, true, today))
        })
        .await
    }

    /// The mandates somebody gave and was given; those of others are nobody's to see.
    pub async fn mandates(&self, actor: Actor) -> Result<Vec<MandateView>, Failure> {
        if !actor.has(Role::Resident) {
            return Err(Refusal::not_permitted().into());
        }
        let today = civil_date(self.now());
        self.db()
            .read(move |conn| {
                let Some(own) = verified(conn, &actor)? else { return Ok(Vec::new()) };
                let given =
                    mandates::of(conn, Of::Principal(&own))?.into_iter().map(|m| view(m, true, today));
                let taken = mandates::of(conn, Of::Agent(&own))?.into_iter().map(|m| view(m, false, today));
                Ok(given.chain(taken).collect())
            })
            .await
    }

    /// The principal takes it back: the agent does nothing more, and sees nothing more.
    pub async fn revoke_mandate(&self, actor: Actor, id: Uuid, key: OnceKey) -> Result<Answer, Failure> {
        self.once(key, 200, move |office, conn| {
            let own = verified(conn, &actor)?.ok_or_else(Refusal::not_found)?;
            let found = mandates::find(conn, id)?;
            let mine = found.filter(|standing| standing.mandate.principal_id_number == own);
            office.end_mandate(conn, mine.ok_or_else(Refusal::not_found)?, MandateEnd::Revoked, &actor)
        })
        .await
    }

    /// A clerk ends it, for a principal who stands at the counter or has died.
    pub async fn close_mandate(
        &self,
        actor: Actor,
        id: Uuid,
        why: MandateEnd,
        key: OnceKey,
    ) -> Result<Answer, Failure> {
        self.once(key, 200, move |office, conn| {
            let here = |standing: &Standing| {
                let within = |role| match &standing.region {
                    Some(region) => actor.has_in(role, region),
                    None => actor.has(role),
                };
                within(Role::Clerk) || within(Role::Supervisor)
            };
            let standing = mandates::find(conn, id)?.filter(here).ok_or_else(Refusal::not_found)?;
            if matches!(why, MandateEnd::Completed | MandateEnd::Expired | MandateEnd::AgentLeft) {
                let zh = "只能登记撤销或死亡；办结、到期、离岗由系统处理。";
                let en = "Only a revocation or a death is registered; the rest happens by itself.";
                return Err(Refusal::field("/why", "end_unfit", zh, en).into());
            }
            let now = office.now();
            let Mandate { principal_id_number, .. } = &standing.mandate;
            let principal = principal_id_number.clone();
            let agent = standing.agent.clone();
            let view = office.end_mandate(conn, standing, why, &actor)?;
            // A death ends all that the dead gave or were given.
            match (why, agent) {
                (MandateEnd::PrincipalDied, _) => {
                    mandates::end_all(conn, Of::Principal(&principal), why, now)?;
                }
                (MandateEnd::AgentDied, Agent::Person { id_number, .. }) => {
                    mandates::end_all(conn, Of::Agent(&id_number), why, now)?;
                }
                (MandateEnd::AgentDied, Agent::Staff { id }) => {
                    mandates::end_all(conn, Of::Staff(id), why, now)?;
                }
                _ => {}
            }
            Ok(view)
        })
        .await
    }

    /// Ends one that holds, with what it lets its agent see.
    pub fn end_mandate(
        &self,
        conn: &mut Conn,
        mut standing: Standing,
        why: MandateEnd,
        by: &Actor,
    ) -> Result<MandateView, Failure> {
        let now = self.now();
        if !standing.end(why, now) {
            let zh = "授权已终止。";
            return Err(Refusal::conflict("mandate_ended", zh, "The mandate has ended.").into());
        }
        if let Agent::Person { id_number, .. } = &standing.agent
            && let Some(agent) = real_names::holder(conn, id_number)?
        {
            owners::leave_to_owner(conn, &standing.mandate.principal_id_number, agent.id)?;
        }
        mandates::save(conn, standing.clone())?;
        self.note_now(conn, note_of(Some(by), "end mandate", standing.id, format!("why={}", why.name())))?;
        Ok(view(standing, true, civil_date(now)))
    }
}

/// Who somebody was found to be.
pub fn verified(conn: &mut Conn, actor: &Actor) -> Result<Option<IdNumber>, Failure> {
    let person = people::find(conn, actor.id)?.filter(|person| person.verified.is_some());
    Ok(person.and_then(|person| person.identity).map(|identity| identity.id_number))
}
