//! 个人信息权利 (个人信息保护法 44-50): a copy of everything about me, and an account that is gone when I want it gone,
//! with what the law makes us keep named, and until when.

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::auditing::note_of;
use super::case::entry_of;
use super::clocks_view::local;
use super::rationing::Rationed;
use super::{Failure, Office, Search};
use crate::domain::actor::Actor;
use crate::domain::deadline::civil_date;
use crate::domain::lifecycle::Role;
use crate::domain::mandate::MandateEnd;
use crate::domain::refusal::Refusal;
use crate::domain::retention::Outcome;
use crate::domain::sensitive::in_full;
use crate::storage::erasing::{self, Belongings};
use crate::storage::mandates::{self, Of};
use crate::storage::{Conn, applications, people, sessions};

/// Pages of a copy.
const PAGE: i64 = 100;

/// 本人信息副本
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExportView {
    /// When it was made.
    pub made_at: DateTime<FixedOffset>,
    /// 账户: identity, mail, telephone, level.
    pub account: Value,
    /// 核验记录
    pub verifications: Value,
    /// 家庭成员
    pub household: Value,
    /// 户册: what the community's register says of the household one lives in, the others masked.
    pub register: Value,
    /// 授权
    pub mandates: Value,
    /// 会话
    pub sessions: Value,
    /// 站内通知
    pub notices: Value,
    /// 办件, each with its timeline, its materials, its payments, and who looked at it.
    pub applications: Vec<Value>,
}

/// 依法保留
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct KeptView {
    /// 申办流水号
    pub receipt_no: Option<String>,
    /// Name of the item.
    pub service: String,
    /// Last day; for ever without.
    pub until: Option<NaiveDate>,
    /// Why.
    pub basis: String,
}

/// 注销结果
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DeletionView {
    /// When.
    pub deleted_at: DateTime<FixedOffset>,
    /// Drafts that are gone.
    pub drafts: usize,
    /// What the law makes us keep; it serves nothing else, and goes by itself.
    pub kept: Vec<KeptView>,
}

fn value<T: Serialize>(shown: &T) -> Value {
    // The holder's own.
    in_full(|| serde_json::to_value(shown)).unwrap_or_default()
}

impl Office {
    /// A copy of everything about the holder of an account.
    pub async fn export(&self, actor: Actor) -> Result<ExportView, Failure> {
        if !actor.has(Role::Resident) {
            return Err(Refusal::not_permitted().into());
        }
        self.ration(&actor, Rationed::Export).await?;
        let person = self.person(&actor).await?;
        let identity = person.identity.as_ref().map(value);
        let account = json!({
            "id": person.id,
            "openid": person.openid,
            "identity": identity,
            "email": person.email.as_ref().map(value),
            "verified_phone": person.verified_phone.as_ref().map(|(phone, at)| json!({
                "phone": value(phone), "at": local(*at),
            })),
            "assurance": person.assurance(),
        });
        let household = self.household(actor.clone()).await?;
        let household: Vec<Value> = household
            .iter()
            .map(|member| json!({"person": value(&member.person), "relation": member.relation}))
            .collect();
        let sessions = self.sessions(actor.id).await?;
        let sessions: Vec<Value> = sessions
            .iter()
            .map(
                |session| json!({"created_at": local(session.created_at), "used_at": local(session.used_at)}),
            )
            .collect();
        let mut all = Vec::new();
        let mut search = Search { limit: PAGE, ..Search::default() };
        loop {
            let page = self.applications(actor.clone(), search.clone()).await?;
            for line in &page {
                all.push(self.whole(&actor, line.id).await?);
            }
            match page.last().filter(|_| page.len() == PAGE as usize) {
                Some(last) => search.after = Some((last.created_at.to_utc(), last.id)),
                None => break,
            }
        }
        let mut notices = Vec::new();
        let mut after = None;
        loop {
            let page = self.inbox(&actor, after, PAGE).await?;
            after = page.last().map(|last| (last.created_at.to_utc(), last.id));
            let last = page.len() < PAGE as usize;
            notices.extend(page.iter().map(value));
            if last {
                break;
            }
        }
        Ok(ExportView {
            made_at: local(self.now()),
            account,
            verifications: value(&self.verifications(&actor).await?),
            household: household.into(),
            register: self.register_of(&person).await?.into(),
            mandates: value(&self.mandates(actor.clone()).await?),
            sessions: sessions.into(),
            notices: notices.into(),
            applications: all,
        })
    }

    async fn whole(&self, actor: &Actor, id: Uuid) -> Result<Value, Failure> {
        let mut whole = Map::new();
        whole.insert("application".to_owned(), value(&self.application(actor.clone(), id).await?));
        whole.insert("timeline".to_owned(), value(&self.timeline(actor.clone(), id).await?));
        whole.insert("materials".to_owned(), value(&self.materials(actor.clone(), id).await?));
        whole.insert("payment_orders".to_owned(), value(&self.payment_orders(actor.clone(), id).await?));
        whole.insert("accesses".to_owned(), value(&self.accesses(actor.clone(), id).await?));
        Ok(Value::Object(whole))
    }

    /// Closes an account for good.
    pub async fn delete_account(&self, actor: Actor) -> Result<DeletionView, Failure> {
        if !actor.has(Role::Resident) {
            return Err(Refusal::not_permitted().into());
        }
        let office = self.clone();
        let (view, ended) = self.db().write(move |conn| office.close_account(conn, &actor)).await?;
        for session in ended {
            self.tell_ended(session).await;
        }
        self.look_anew();
        self.remove_files().await?;
        Ok(view)
    }

    fn close_account(&self, conn: &mut Conn, actor: &Actor) -> Result<(DeletionView, Vec<Uuid>), Failure> {
        let now = self.now();
        let person = people::find(conn, actor.id)?.ok_or_else(Refusal::not_found)?;
        let Belongings { drafts, open, ended } = erasing::of_account(conn, actor.id)?;
        if !open.is_empty() {
            let mut numbers = Vec::new();
            for id in open {
                let number = applications::find(conn, id)?.and_then(|application| application.receipt_no);
                numbers.extend(number.map(|number| Value::from(number.as_str())));
            }
            let zh = "还有办件没有办结，请先撤回或等待办结。";
            let en = "Some applications have not ended; withdraw them or wait.";
            return Err(Refusal::conflict("applications_open", zh, en)
                .on("个人信息保护法 47")
                .with("receipt_nos", numbers.into())
                .into());
        }
        let kept = self.kept(conn, &ended)?;
        for draft in &drafts {
            erasing::application(conn, *draft, "个人信息保护法 47(3)", now)?;
        }
        if let Some(own) = person.identity.filter(|_| person.verified.is_some()) {
            mandates::end_all(conn, Of::Principal(&own.id_number), MandateEnd::Revoked, now)?;
            mandates::end_all(conn, Of::Agent(&own.id_number), MandateEnd::AgentLeft, now)?;
        }
        let ended = sessions::revoke_all(conn, actor.id, None, now)?;
        erasing::account(conn, actor.id)?;
        let mut entry = note_of(Some(actor), "delete account", actor.id, String::new());
        entry.actor_name = String::new();
        self.note_now(conn, entry)?;
        Ok((DeletionView { deleted_at: local(now), drafts: drafts.len(), kept }, ended))
    }

    fn kept(&self, conn: &mut Conn, ended: &[Uuid]) -> Result<Vec<KeptView>, Failure> {
        let mut kept = Vec::new();
        for id in ended {
            let Some(case) = applications::find(conn, *id)? else { continue };
            let Some(outcome) = Outcome::of(case.status) else { continue };
            let day = civil_date(case.updated_at);
            let Some(rule) = self.knowledge().retention.rule(&case.service, outcome, day) else { continue };
            kept.push(KeptView {
                receipt_no: case.receipt_no.map(|number| number.as_str().to_owned()),
                service: entry_of(&case.service)?.guide().name.zh.to_string(),
                until: rule.until(day),
                basis: rule.basis.clone(),
            });
        }
        Ok(kept)
    }
}
