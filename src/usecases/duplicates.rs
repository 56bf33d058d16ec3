//! 查重: which applications look like one that is being filed, and what somebody may know of them. One matter is
//! filed once, whatever the door; what only looks alike a person judges.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Failure, Office};
use crate::domain::actor::Actor;
use crate::domain::application::Application;
use crate::domain::deadline::civil_date;
use crate::domain::duplicate::judgement::{Judgement, Likeness};
use crate::domain::duplicate::{Match, Profile, compare};
use crate::domain::event::Event;
use crate::domain::lifecycle::{ActionKind, Role, Status};
use crate::domain::real_name::Assurance;
use crate::domain::refusal::Refusal;
use crate::storage::keys::Keys;
use crate::storage::{Conn, duplicates, people};

/// Candidates looked at, the newest; more have nothing in common but a day of birth.
const MOST: i64 = 50;

/// What somebody may know of another application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sight {
    /// All that these capacities see.
    Full(Vec<Role>),
    /// The same as the slip, and by which id to judge it: for whoever has the person before them.
    Present,
    /// What stands on the slip: that there is one, its number, where it stands.
    Slip,
    /// Nothing.
    Nothing,
}

/// 相似办件
#[derive(Debug, Clone)]
pub struct Found {
    /// The other one.
    pub other: Application,
    /// What both have in common.
    pub matched: Match,
    /// What somebody said of the two as they are now.
    pub judged: Option<Judgement>,
    /// What the viewer may know of it.
    pub sight: Sight,
}

impl Found {
    /// Whether nobody has said that they are two matters.
    pub fn is_open(&self) -> bool {
        self.judged.as_ref().is_none_or(|judged| judged.verdict == Likeness::Same)
    }

    /// Whether the viewer may know that there is one.
    pub fn is_seen(&self) -> bool {
        self.sight != Sight::Nothing
    }

    /// Its id, for whoever may judge it.
    pub fn id(&self) -> Option<Uuid> {
        matches!(self.sight, Sight::Full(_) | Sight::Present).then_some(self.other.id)
    }
}

/// How wide the look is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// The very same matter only.
    Exact,
    /// Whatever looks alike.
    Wide,
}

/// What was compared of two, whichever comes first.
pub fn basis(conn: &Conn, one: (&Application, &Profile), other: (&Application, &Profile)) -> Vec<u8> {
    let (first, second) = if one.0.id <= other.0.id { (one.1, other.1) } else { (other.1, one.1) };
    duplicates::basis(conn, &format!("{}\u{1e}{}", first.compared(), second.compared()))
}

impl Office {
    /// What is compared of an application.
    pub fn profile(&self, application: &Application, now: DateTime<Utc>) -> Option<Profile> {
        self.knowledge().policies.duplicates.profile(application, civil_date(now))
    }

    /// By what an application is found.
    pub fn keys(&self, application: &Application, now: DateTime<Utc>) -> Keys {
        self.keys_of(self.profile(application, now).as_ref())
    }

    /// The same of what is compared of one.
    pub fn keys_of(&self, profile: Option<&Profile>) -> Keys {
        let page = &self.knowledge().policies.duplicates;
        let by = |key: fn(&Profile) -> Option<String>| profile.and_then(key);
        Keys {
            exact: by(Profile::exact),
            apart: false,
            sound: profile.and_then(|profile| profile.by_sound(&page.measure)),
            birth: by(Profile::by_birth),
            house: by(Profile::by_house),
            edition: page.edition().to_owned(),
        }
    }

    /// Those in whose way it would stand, exact ones first.
    pub fn alike(
        &self,
        conn: &mut Conn,
        application: &Application,
        actor: &Actor,
        look: Look,
    ) -> Result<Vec<Found>, Failure> {
        let now = self.now();
        let Some(profile) = self.profile(application, now) else { return Ok(Vec::new()) };
        let keys = self.keys_of(Some(&profile));
        self.alike_by(conn, (application, &profile, &keys), (actor, look), now)
    }

    fn alike_by(
        &self,
        conn: &mut Conn,
        (application, profile, keys): (&Application, &Profile, &Keys),
        (actor, look): (&Actor, Look),
        now: DateTime<Utc>,
    ) -> Result<Vec<Found>, Failure> {
        let page = &self.knowledge().policies.duplicates;
        let others = match (look, &keys.exact) {
            (Look::Exact, None) => Vec::new(),
            (Look::Exact, Some(exact)) => duplicates::twins(conn, application.id, exact)?,
            (Look::Wide, _) => duplicates::alike(conn, application.id, keys, MOST)?,
        };
        if others.is_empty() {
            return Ok(Vec::new());
        }
        let judged = duplicates::judged(conn, application.id)?;
        let mut found = Vec::new();
        for other in others.into_iter().filter(|other| page.counts(other)) {
            let Some(theirs) = self.profile(&other, now) else { continue };
            let Some(matched) = compare(profile, &theirs, &page.measure) else { continue };
            let basis = basis(conn, (application, profile), (&other, &theirs));
            let of_both =
                |judged: &&Judgement| judged.other(application.id) == other.id && judged.basis == basis;
            let judged = judged.iter().find(of_both).cloned();
            let sight = sight(conn, actor, application, (&other, &matched))?;
            found.push(Found { other, matched, judged, sight });
        }
        found.sort_by_key(|found| (!found.matched.exact, std::cmp::Reverse(found.matched.score)));
        Ok(found)
    }

    /// Whether the viewer should be told that it may be in twice; of what is examined the question is settled.
    pub fn suspected(
        &self,
        conn: &mut Conn,
        application: &Application,
        actor: &Actor,
    ) -> Result<bool, Failure> {
        if !matches!(application.status, Status::Draft | Status::Submitted | Status::Correcting) {
            return Ok(false);
        }
        let found = self.alike(conn, application, actor, Look::Wide)?;
        Ok(found.iter().any(|found| found.is_open() && found.is_seen()))
    }

    /// Refuses what is in already, and at the counter or the door what may be; answers by what it will be found.
    pub fn must_be_new(
        &self,
        conn: &mut Conn,
        application: &Application,
        (actor, role): (&Actor, Role),
        now: DateTime<Utc>,
    ) -> Result<Keys, Failure> {
        let look = if role == Role::Resident { Look::Exact } else { Look::Wide };
        let profile = self.profile(application, now);
        let keys = self.keys_of(profile.as_ref());
        let found = match &profile {
            Some(profile) => self.alike_by(conn, (application, profile, &keys), (actor, look), now)?,
            None => Vec::new(),
        };
        let (open, judged): (Vec<Found>, Vec<Found>) = found.into_iter().partition(Found::is_open);
        let (exact, likely): (Vec<Found>, Vec<Found>) =
            open.into_iter().partition(|found| found.matched.exact);
        if !exact.is_empty() {
            return Err(self.told_of(&exact, taken()).into());
        }
        let likely: Vec<Found> =
            likely.into_iter().filter(|found| matches!(found.sight, Sight::Full(_))).collect();
        if !likely.is_empty() {
            return Err(self.told_of(&likely, suspicious()).into());
        }
        // Somebody has judged the very same to be another matter.
        let apart = judged.iter().any(|found| found.matched.exact);
        Ok(Keys { apart, ..keys })
    }

    fn told_of(&self, found: &[Found], refusal: Refusal) -> Refusal {
        let views = self.duplicates_told(found);
        refusal.with("duplicates", serde_json::to_value(views).unwrap_or_default())
    }

    /// Lets what was filed or corrected be found by its keys, and what has ended no longer.
    pub fn rekeyed(
        &self,
        conn: &mut Conn,
        application: &Application,
        event: &Event,
        (before, new): (Option<Keys>, Option<Keys>),
    ) -> Result<(), Failure> {
        match event.action {
            ActionKind::Submit => {
                let keys = new.unwrap_or_else(|| self.keys(application, event.at));
                duplicates::insert(conn, application.id, &keys)?;
            }
            ActionKind::Correct => {
                let keys = self.keys(application, event.at);
                if before.is_some_and(|before| before != keys) {
                    // A correction is never refused: what has become the same is looked at.
                    let twin =
                        keys.exact.as_deref().map(|exact| duplicates::has_twin(conn, application.id, exact));
                    let apart = twin.transpose()?.unwrap_or(false);
                    duplicates::keep(conn, application.id, &Keys { apart, ..keys })?;
                }
            }
            ActionKind::Withdraw | ActionKind::Decline | ActionKind::Reject | ActionKind::Terminate
                if event.from != Status::Draft =>
            {
                duplicates::forget(conn, application.id)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Gives keys to what was filed before there were any, or under other rules; answers how many.
    pub async fn key_filed(&self) -> Result<usize, Failure> {
        let office = self.clone();
        self.db()
            .write(move |conn| {
                let page = &office.knowledge().policies.duplicates;
                let (now, mut done) = (office.now(), 0);
                for application in duplicates::without_keys(conn, &page.counts, page.edition(), 100)? {
                    let keys = match page.counts(&application) {
                        true => office.keys(&application, now),
                        false => office.keys_of(None),
                    };
                    let twin = match &keys.exact {
                        Some(exact) => duplicates::has_twin(conn, application.id, exact)?,
                        None => false,
                    };
                    duplicates::keep(conn, application.id, &Keys { apart: twin, ..keys })?;
                    done += 1;
                }
                if done == 0 {
                    duplicates::forget_older(conn, page.edition())?;
                }
                Ok(done)
            })
            .await
    }
}

/// What somebody may know of another application that looks like one they see.
pub fn sight(
    conn: &mut Conn,
    actor: &Actor,
    own: &Application,
    (other, matched): (&Application, &Match),
) -> Result<Sight, Failure> {
    let roles = actor.capacities(&other.footprint(&other.departments()));
    if !roles.is_empty() {
        return Ok(Sight::Full(roles));
    }
    if !matched.exact {
        return Ok(Sight::Nothing);
    }
    if !actor.has(Role::Resident) {
        // They have the person's number before them.
        let handled =
            actor.capacities(&own.footprint(&own.departments())).iter().any(|role| role.handles_cases());
        return Ok(if handled { Sight::Present } else { Sight::Nothing });
    }
    // Anybody can write down a number: only whose it was found to be learns what is filed under it.
    let known = actor.assurance >= Assurance::IdMatched;
    let own = if known { people::find(conn, actor.id)?.and_then(|person| person.identity) } else { None };
    let theirs = own.is_some_and(|own| own.id_number == other.applicant.id_number);
    Ok(if theirs { Sight::Slip } else { Sight::Nothing })
}

fn taken() -> Refusal {
    let zh = "同一人同一事项同一期间已有申请，不再重复受理。请查看已有办件；确属不同事项的，请窗口人员或网格员核对后注明。";
    let en = "This person has an application for the same matter and period already. Look at that one; if it really is another matter, a clerk or grid worker says so after a look at both.";
    Refusal::conflict("duplicate_application", zh, en)
}

fn suspicious() -> Refusal {
    let zh = "可能与已有办件重复，请与申请人核对后认定“同一事项”或“不同事项”，再提交。";
    let en = "It may be in already: compare both with the applicant, say whether they are the same matter, then file.";
    Refusal::conflict("duplicate_suspected", zh, en)
}
