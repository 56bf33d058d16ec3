//! 重复认定: somebody looked at two applications and says what they are. Where they are the same, the one that nobody
//! has examined yet is taken back in favour of the other.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::acting::Act;
use super::case::{Case, load_for};
use super::duplicates::{Look, Sight, basis, sight};
use super::duplicates_view::{DuplicateView, JudgementView};
use super::once::{Answer, OnceKey};
use super::{Failure, Office};
use crate::adapters::clock::new_id;
use crate::domain::action::Action;
use crate::domain::actor::Actor;
use crate::domain::application::Application;
use crate::domain::duplicate::judgement::{Judgement, Likeness};
use crate::domain::duplicate::{Match, compare};
use crate::domain::event::Channel;
use crate::domain::lifecycle::{Role, Status};
use crate::domain::refusal::Refusal;
use crate::storage::{Conn, StorageError, applications, duplicates};

/// Who judges: whoever files.
const JUDGES: [Role; 3] = [Role::Resident, Role::Clerk, Role::GridWorker];

/// What somebody says of two applications.
#[derive(Debug, Clone)]
pub struct Judging {
    /// The one that goes, if they are the same.
    pub application: Uuid,
    /// The one that remains.
    pub other: Uuid,
    /// What they are.
    pub verdict: Likeness,
    /// Why.
    pub reason: String,
}

/// 认定结果
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct JudgedView {
    /// What was said.
    #[serde(flatten)]
    pub judgement: JudgementView,
    /// The application that goes on: the other one, where they are the same.
    pub remaining: Uuid,
    /// 申办流水号 of it.
    pub receipt_no: Option<String>,
    /// Where it stands.
    pub status: Status,
}

/// A judgement with what goes on after it.
pub struct Judged {
    /// What was said.
    pub judgement: Judgement,
    /// The application that goes on.
    pub remaining: Application,
}

impl Office {
    /// What looks like an application, as far as somebody may know of it, and which of it they were shown.
    pub async fn duplicates(&self, actor: Actor, id: Uuid) -> Result<Vec<DuplicateView>, Failure> {
        let office = self.clone();
        self.db()
            .read(move |conn| {
                let own = Case::open(conn, &actor, id)?.application;
                let found = office.alike(conn, &own, &actor, Look::Wide)?;
                Ok(office.duplicate_views(&own, &actor, &found))
            })
            .await
    }

    /// Says what two applications are, once per key.
    pub async fn judge_duplicate(
        &self,
        actor: Actor,
        judging: Judging,
        key: OnceKey,
    ) -> Result<Answer, Failure> {
        let mut tries = 0;
        loop {
            let (who, what) = (actor.clone(), judging.clone());
            let done = self
                .once(key.clone(), 200, move |office, conn| {
                    let Judged { judgement, remaining } = office.judged(conn, &who, &what, None)?;
                    Ok(JudgedView {
                        judgement: (&judgement).into(),
                        remaining: remaining.id,
                        receipt_no: remaining.receipt_no.as_ref().map(|number| number.as_str().to_owned()),
                        status: remaining.status,
                    })
                })
                .await;
            tries += 1;
            match done {
                // Somebody was quicker: the second look tells who.
                Err(Failure::Storage(StorageError::Duplicate(_) | StorageError::Stale)) if tries < 3 => {}
                done => return done,
            }
        }
    }

    /// Says it within a transaction; an agent at the door did so at that instant.
    pub fn judged(
        &self,
        conn: &mut Conn,
        actor: &Actor,
        judging: &Judging,
        at_the_door: Option<DateTime<Utc>>,
    ) -> Result<Judged, Failure> {
        let (now, page) = (self.now(), &self.knowledge().policies.duplicates);
        let own = Case::open(conn, actor, judging.application)?.only_for(&JUDGES)?.application;
        if judging.application == judging.other {
            let zh = "同一办件不能与自己比对。";
            return Err(Refusal::invalid(
                "same_application",
                zh,
                "An application is no duplicate of itself.",
            )
            .into());
        }
        let other = applications::find(conn, judging.other)?.ok_or_else(Refusal::not_found)?;
        let (mine, theirs) = (self.profile(&own, now), self.profile(&other, now));
        let (Some(mine), Some(theirs)) = (mine, theirs) else {
            load_for(conn, actor, other.id, &JUDGES)?;
            return Err(not_duplicates().into());
        };
        let matched = compare(&mine, &theirs, &page.measure);
        may_judge(conn, actor, (&own, &other), (matched.as_ref(), judging.verdict))?;
        let basis = basis(conn, (&own, &mine), (&other, &theirs));
        let said = duplicates::judged(conn, own.id)?;
        let before = said.iter().find(|judged| judged.other(own.id) == other.id);
        if let Some(before) = before.filter(|before| before.basis == basis) {
            return Err(already_judged(before).into());
        }
        if !page.counts(&other) || matched.is_none() {
            return Err(not_duplicates().into());
        }
        let same = judging.verdict == Likeness::Same;
        if same && !matches!(own.status, Status::Draft | Status::Submitted) {
            let zh = "本件已审查或已结束，不能并入他件；请从尚未审查的一件认定。";
            let en = "This one is examined or over already; judge from the one that is not.";
            let refusal = Refusal::conflict("duplicate_examined", zh, en);
            return Err(refusal.with("application_status", Value::from(own.status.name())).into());
        }
        let judgement = Judgement {
            id: new_id(now),
            pair: (own.id, other.id),
            verdict: judging.verdict,
            remaining: same.then_some(other.id),
            basis,
            reason: judging.reason.trim().to_owned(),
            by: actor.id,
            by_name: actor.name.clone(),
            at: now,
        };
        duplicates::judge(conn, &judgement, before)?;
        let remaining = if same {
            self.taken_back(conn, actor, (&own, &other), (&judgement.reason, at_the_door))?;
            other
        } else {
            own
        };
        Ok(Judged { judgement, remaining })
    }

    /// Takes one back in favour of the other.
    fn taken_back(
        &self,
        conn: &mut Conn,
        actor: &Actor,
        (own, other): (&Application, &Application),
        (reason, at_the_door): (&str, Option<DateTime<Utc>>),
    ) -> Result<(), Failure> {
        let number = other.receipt_no.as_ref().map(|number| number.as_str()).unwrap_or_default();
        let act = Act {
            actor: actor.clone(),
            application: own.id,
            seen: None,
            action: Action::Withdraw {
                reason: Some(format!("与办件 {number} 为同一事项，由该件继续办理：{reason}")),
            },
            channel: at_the_door.map(|_| Channel::Doorstep),
            receipt_no: None,
            query_code: None,
            acted_at: at_the_door,
        };
        self.perform(conn, &act).map(|_| ())
    }

    /// The application in whose favour this one was taken back, if it was.
    pub fn kept_instead(&self, conn: &mut Conn, id: Uuid) -> Result<Option<Application>, Failure> {
        let said = duplicates::judged(conn, id)?;
        let remaining = said.iter().filter_map(|judged| judged.remaining).find(|remaining| *remaining != id);
        Ok(match remaining {
            Some(remaining) => applications::find(conn, remaining)?,
            None => None,
        })
    }
}

/// Whoever sees both judges both. Of the very same matter, filed elsewhere, whoever has the person before them says that
/// it is the same: only their own draft goes.
fn may_judge(
    conn: &mut Conn,
    actor: &Actor,
    (own, other): (&Application, &Application),
    (matched, verdict): (Option<&Match>, Likeness),
) -> Result<(), Failure> {
    let seen = load_for(conn, actor, other.id, &JUDGES).map(|_| ());
    let present = match (matched, &seen) {
        (Some(matched), Err(_)) => sight(conn, actor, own, (other, matched))? == Sight::Present,
        (_, _) => false,
    };
    match verdict {
        Likeness::Same if present => Ok(()),
        Likeness::Different if present => {
            let zh = "另一件不在您的范围内；认定为不同事项，须由其所在窗口核对两件后办理。";
            let en = "The other is not within what you see; its own window compares both and says so.";
            Err(Refusal::conflict("other_elsewhere", zh, en).into())
        }
        Likeness::Same | Likeness::Different => seen,
    }
}

fn not_duplicates() -> Refusal {
    let zh = "两件没有可认定为重复之处。";
    Refusal::conflict("not_duplicates", zh, "Nothing makes these two look like one.")
}

fn already_judged(before: &Judgement) -> Refusal {
    let zh = format!("{} 已作认定。", before.by_name);
    let en = format!("{} has judged these two already.", before.by_name);
    Refusal::conflict("already_judged", zh, en)
        .with("verdict", serde_json::to_value(JudgementView::from(before)).unwrap_or_default())
}
