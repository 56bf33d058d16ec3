//! What a signed-in person sees of themselves: identity, household, inbox.

use std::time::Duration;

use chrono::{DateTime, FixedOffset, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::clocks_view::local;
use super::notify::{department_box, supervisor_box};
use super::rationing::Rationed;
use super::sessions::{too_many, without_wechat};
use super::verifying::claimed;
use super::{Failure, Office};
use crate::adapters::clock::new_id;
use crate::adapters::wechat::WechatError;
use crate::domain::actor::{Actor, Scope};
use crate::domain::application::Applicant;
use crate::domain::contact::PhoneNumber;
use crate::domain::deadline::civil_date;
use crate::domain::id_number::IdNumber;
use crate::domain::lifecycle::Role;
use crate::domain::refusal::Refusal;
use crate::domain::text::{FieldError, Text};
use crate::storage::notices::{self, Notice};
use crate::storage::people::{self, Member};
use crate::storage::real_names;

const PHONE_WINDOW: Duration = Duration::from_secs(3600);

/// 站内通知
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct NoticeView {
    /// Id.
    pub id: Uuid,
    /// The application it is about.
    pub application: Option<Uuid>,
    /// Subject.
    pub title: String,
    /// Text.
    pub body: String,
    /// When.
    pub created_at: DateTime<FixedOffset>,
    /// When it was read.
    pub read_at: Option<DateTime<FixedOffset>>,
}

impl From<Notice> for NoticeView {
    fn from(notice: Notice) -> Self {
        Self {
            id: notice.id,
            application: notice.application,
            title: notice.title,
            body: notice.body,
            created_at: local(notice.created_at),
            read_at: notice.read_at.map(local),
        }
    }
}

/// The inboxes an actor reads.
fn inboxes(actor: &Actor) -> Vec<String> {
    let own = if actor.has(Role::Resident) {
        format!("person:{}", actor.id)
    } else {
        format!("staff:{}", actor.id)
    };
    let mut boxes = vec![own];
    for grant in &actor.grants {
        match (grant.role, &grant.scope) {
            (Role::Clerk, Scope::Region(region)) => boxes.push(format!("window:{}", region.as_str())),
            (Role::Supervisor, Scope::Region(region)) => boxes.push(supervisor_box(region.street())),
            (Role::Official, Scope::Department(street, code)) => {
                boxes.push(department_box(street.street(), code))
            }
            _ => {}
        }
    }
    boxes
}

/// Nobody is a member twice, and nobody has two spouses (民法典 1042).
fn repeated_members(members: &[(Applicant, String)]) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut say = |at: String, code: &'static str, zh: &'static str, en: &'static str| {
        errors.push(FieldError::new(at, code, Text::fixed(zh, en)));
    };
    for (index, (person, relation)) in members.iter().enumerate() {
        let before = &members[..index];
        if before.iter().any(|(other, _)| other.id_number == person.id_number) {
            let at = format!("/members/{index}/id_number");
            say(at, "repeated", "与前面的家庭成员重复。", "Is listed before.");
        }
        if relation == "spouse" && before.iter().any(|(_, other)| other == relation) {
            let at = format!("/members/{index}/relation");
            say(at, "second_spouse", "配偶只能有一人。", "There is one spouse.");
        }
    }
    errors
}

impl Office {
    /// The resident's account.
    pub async fn person(&self, actor: &Actor) -> Result<people::Person, Failure> {
        let id = actor.id;
        let found = self.db().read(move |conn| people::find(conn, id)).await.map_err(Failure::from)?;
        found.ok_or_else(|| Refusal::not_found().into())
    }

    /// Sets who the account's holder says they are.
    pub async fn identify(
        &self,
        actor: Actor,
        identity: Applicant,
        email: Option<String>,
    ) -> Result<(), Failure> {
        if !actor.has(Role::Resident) {
            return Err(Refusal::not_permitted().into());
        }
        self.living(&identity, "")?;
        self.ration(&actor, Rationed::Identity).await?;
        self.db()
            .write(move |conn| {
                let person = people::find(conn, actor.id)?.ok_or_else(Refusal::not_found)?;
                let same = |own: &Applicant| own.id_number == identity.id_number && own.name == identity.name;
                if person.verified.is_some() && !person.identity.as_ref().is_some_and(same) {
                    let zh = "身份已核验，姓名和证件号码须到窗口变更。";
                    let en = "The identity was verified; name and number are changed at the counter.";
                    return Err(Refusal::conflict("identity_verified", zh, en).into());
                }
                if real_names::holder(conn, &identity.id_number)?.is_some_and(|holder| holder.id != actor.id)
                {
                    return Err(claimed().into());
                }
                Ok(people::identify(conn, actor.id, &identity, email.as_deref())?)
            })
            .await
    }

    /// Keeps the telephone WeChat vouches for, by the code of the phone button.
    pub async fn verify_phone(&self, actor: &Actor, code: &str) -> Result<PhoneNumber, Failure> {
        if !actor.has(Role::Resident) {
            return Err(Refusal::not_permitted().into());
        }
        let (id, now) = (actor.id, self.now());
        // Each answer of WeChat costs the street money.
        let key = format!("phone:{id}");
        let hit =
            self.outside().cache.hit(&key, PHONE_WINDOW, self.rules().limits.phone_codes_per_hour).await;
        if !hit.allowed {
            return Err(too_many(hit.retry_after));
        }
        let wrong =
            |code: &'static str, zh: &'static str, en: &'static str| Refusal::field("/code", code, zh, en);
        let phone = self.wechat()?.phone_by_code(code).await.map_err(|error| match error {
            WechatError::CodeInvalid => {
                let en = "The code is used or has expired; press the button again.";
                wrong("wechat_code_invalid", "手机号授权码无效或已用过，请重新点击授权。", en).into()
            }
            other => without_wechat(other),
        })?;
        let number = (phone.country_code == "86").then(|| PhoneNumber::parse(&phone.number).ok()).flatten();
        let number = number.filter(PhoneNumber::is_mobile).ok_or_else(|| {
            let en = "Only mainland mobile numbers; come to the counter with another one.";
            wrong("phone_not_supported", "仅支持大陆手机号，其他号码请到窗口登记。", en)
        })?;
        let kept = number.clone();
        self.db()
            .write(move |conn| people::verify_phone(conn, id, &kept, now))
            .await
            .map_err(Failure::from)?;
        self.look_anew();
        Ok(number)
    }

    fn living(&self, person: &Applicant, at: &str) -> Result<(), Failure> {
        self.living_number(&person.id_number, &format!("{at}/id_number"))
    }

    /// A number may be that of somebody alive today.
    pub fn living_number(&self, number: &IdNumber, pointer: &str) -> Result<(), Failure> {
        number.check_on(civil_date(self.now())).map_err(|reason| {
            Refusal::fields(vec![FieldError::new(pointer, reason.code(), reason.text())]).into()
        })
    }

    /// The household of a resident.
    pub async fn household(&self, actor: Actor) -> Result<Vec<Member>, Failure> {
        if !actor.has(Role::Resident) {
            return Err(Refusal::not_permitted().into());
        }
        self.db().read(move |conn| people::household(conn, actor.id)).await.map_err(Failure::from)
    }

    /// Replaces the household.
    pub async fn set_household(
        &self,
        actor: Actor,
        members: Vec<(Applicant, String)>,
    ) -> Result<Vec<Member>, Failure> {
        if !actor.has(Role::Resident) {
            return Err(Refusal::not_permitted().into());
        }
        for (index, (person, _)) in members.iter().enumerate() {
            self.living(person, &format!("/members/{index}"))?;
        }
        let numbers: Vec<IdNumber> = members.iter().map(|(person, _)| person.id_number.clone()).collect();
        let errors = repeated_members(&members);
        if !errors.is_empty() {
            return Err(Refusal::fields(errors).into());
        }
        let now = self.now();
        let members: Vec<Member> = members
            .into_iter()
            .map(|(person, relation)| Member { id: new_id(now), person, relation })
            .collect();
        let stored = members.clone();
        self.db()
            .write(move |conn| -> Result<(), Failure> {
                let own = people::find(conn, actor.id)?.and_then(|person| person.identity);
                let oneself = |own: Applicant| numbers.iter().position(|number| *number == own.id_number);
                if let Some(index) = own.and_then(oneself) {
                    let zh = "家庭成员不含本人。";
                    let at = format!("/members/{index}/id_number");
                    return Err(Refusal::field(&at, "oneself", zh, "The members are the others.").into());
                }
                Ok(people::set_household(conn, actor.id, &stored)?)
            })
            .await?;
        Ok(members)
    }

    /// A page of the actor's inboxes, newest first.
    pub async fn inbox(
        &self,
        actor: &Actor,
        after: Option<(DateTime<Utc>, Uuid)>,
        limit: i64,
    ) -> Result<Vec<NoticeView>, Failure> {
        let boxes = inboxes(actor);
        let page = self.db().read(move |conn| notices::of(conn, &boxes, after, limit)).await;
        Ok(page.map_err(Failure::from)?.into_iter().map(NoticeView::from).collect())
    }

    /// Marks a notice as read.
    pub async fn read_notice(&self, actor: &Actor, id: Uuid) -> Result<(), Failure> {
        let (boxes, now) = (inboxes(actor), self.now());
        let mine = self.db().write(move |conn| notices::read(conn, &boxes, id, now)).await;
        if mine.map_err(Failure::from)? { Ok(()) } else { Err(Refusal::not_found().into()) }
    }
}
