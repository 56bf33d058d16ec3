//! 短信确认码: the principal of a mandate gets a code by telephone, who asks and for what, and tells it the worker at
//! the door if they agree.

use std::time::Duration;

use chrono::{DateTime, FixedOffset, TimeDelta};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::auditing::note_of;
use super::clocks_view::local;
use super::confirming::{names_of, open_mandate, stronger};
use super::once::{Answer, OnceKey};
use super::rationing::Rationed;
use super::visits::{VisitView, own_visit};
use super::{Failure, Office};
use crate::adapters::clock::{new_id, random_bytes};
use crate::adapters::sms::OutgoingSms;
use crate::domain::actor::Actor;
use crate::domain::contact::PhoneNumber;
use crate::domain::id_number::IdNumber;
use crate::domain::lifecycle::Role;
use crate::domain::mandate::{Mandate, MandateEvidence, Standing};
use crate::domain::person_name::PersonName;
use crate::domain::refusal::Refusal;
use crate::domain::text::{FieldError, Text};
use crate::storage::Conn;
use crate::storage::confirmation_codes::{self as codes, Verdict};

/// A code is good for so long.
const LASTS: TimeDelta = TimeDelta::minutes(10);
/// The telephone network gets so long to take a text.
const PATIENCE: Duration = Duration::from_secs(5);

/// 确认码已发送
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CodeSentView {
    /// To which telephone, masked.
    pub phone: String,
    /// Until when the code is good.
    pub expires_at: DateTime<FixedOffset>,
}

/// Whom a code is asked for, as the worker has it from them.
#[derive(Debug, Clone)]
pub struct CodeFor {
    /// Where it goes.
    pub phone: PhoneNumber,
    /// Who confirms.
    pub principal_name: PersonName,
    /// Their number.
    pub principal_id_number: IdNumber,
    /// What they confirm.
    pub matters: Vec<String>,
}

impl CodeFor {
    /// What differs from the mandate: a code says yes to all of it and to nothing else.
    fn differences(&self, mandate: &Mandate) -> Vec<FieldError> {
        let sorted = |matters: &[String]| {
            let mut matters = matters.to_vec();
            matters.sort();
            matters.dedup();
            matters
        };
        let mut errors = Vec::new();
        let mut say = |wrong: bool, pointer: &str, code: &'static str, zh: &'static str, en: &'static str| {
            if wrong {
                errors.push(FieldError::new(pointer, code, Text::fixed(zh, en)));
            }
        };
        let en = "Texts reach mobile telephones only.";
        say(!self.phone.is_mobile(), "/phone", "mobile_needed", "短信只能发到手机。", en);
        let zh = "与授权书的委托人不一致。";
        let en = "Another principal than the mandate's.";
        say(self.principal_name != mandate.principal_name, "/principal_name", "principal_differs", zh, en);
        let other = self.principal_id_number != mandate.principal_id_number;
        say(other, "/principal_id_number", "principal_differs", zh, en);
        let other = sorted(&self.matters) != sorted(&mandate.matters);
        say(
            other,
            "/matters",
            "matters_differ",
            "与授权书的事项不一致。",
            "Other matters than the mandate's.",
        );
        errors
    }
}

impl Office {
    /// Sends the principal a code, which they tell the worker if they agree. The one before is no longer good.
    pub async fn send_code(&self, actor: &Actor, visit: Uuid, to: CodeFor) -> Result<CodeSentView, Failure> {
        if !actor.has(Role::GridWorker) {
            return Err(Refusal::not_permitted().into());
        }
        let (now, who) = (self.now(), actor.clone());
        let find = move |conn: &mut Conn| -> Result<Standing, Failure> {
            let visit = own_visit(conn, &who, visit)?;
            open_mandate(conn, &visit, now)
        };
        let standing = self.db().read(find).await?;
        let zh = "本系统未开通短信，请用签名、指印或微信扫码确认。";
        let closed =
            || Refusal::conflict("sms_not_offered", zh, "No texts are sent here; confirm another way.");
        let sms = self.outside().sms.clone().ok_or_else(closed)?;
        let differs = to.differences(&standing.mandate);
        if !differs.is_empty() {
            return Err(Refusal::fields(differs).into());
        }
        stronger(&standing, MandateEvidence::SmsCode)?;
        self.ration(actor, Rationed::Confirmation).await?;
        self.ration_phone(&to.phone).await?;
        let code = format!("{:06}", u64::from_be_bytes(random_bytes::<8>()) % 1_000_000);
        let matters: Vec<String> =
            names_of(&to.matters).into_iter().map(|(_, name)| name.zh.into_owned()).collect();
        let text = format!(
            "{}上门请您确认：委托其代办{}。同意的，请把确认码 {code} 告诉上门的{}，10 分钟内有效；不同意或不知情的，请勿告诉任何人。",
            actor.name,
            matters.join("、"),
            actor.name,
        );
        let (hash, phone, who, until) =
            (self.visit_code(visit, &code), to.phone.clone(), actor.clone(), now + LASTS);
        let office = self.clone();
        let keep = move |conn: &mut Conn| -> Result<(), Failure> {
            codes::put(conn, visit, &hash, &phone, (now, until))?;
            // To which telephone is sealed beside the code: the log is not.
            office.note_now(conn, note_of(Some(&who), "send confirmation code", visit, String::new()))
        };
        self.db().write(keep).await?;
        // No text goes out within a transaction; one that does not arrive is asked for anew.
        let outgoing =
            OutgoingSms { message_id: new_id(now).to_string(), phone: to.phone.as_str().to_owned(), text };
        let slow = |_| Failure::Outside("texts are not taken in time".to_owned());
        tokio::time::timeout(PATIENCE, sms.send(&outgoing)).await.map_err(slow)??;
        Ok(CodeSentView { phone: to.phone.masked(), expires_at: local(until) })
    }

    /// What is kept of a code: keyed, and of no use at another visit.
    fn visit_code(&self, visit: Uuid, code: &str) -> String {
        self.code_hash(&format!("{visit}:{code}"))
    }

    /// The code the resident told: five tries, ten minutes.
    pub async fn confirm_by_code(
        &self,
        actor: Actor,
        id: Uuid,
        code: &str,
        key: OnceKey,
    ) -> Result<Answer, Failure> {
        if !actor.has(Role::GridWorker) {
            return Err(Refusal::not_permitted().into());
        }
        let (now, hash, who) = (self.now(), self.visit_code(id, code), actor.clone());
        let kept = hash.clone();
        // The count stays whatever becomes of the rest.
        let attempt = move |conn: &mut Conn| -> Result<Verdict, Failure> {
            own_visit(conn, &who, id)?;
            Ok(codes::attempt(conn, id, &kept, now)?)
        };
        let verdict = self.db().write(attempt).await?;
        self.once(key, 200, move |office, conn| {
            refuse(verdict)?;
            let mut visit = own_visit(conn, &actor, id)?;
            let standing = open_mandate(conn, &visit, now)?;
            stronger(&standing, MandateEvidence::SmsCode)?;
            codes::use_up(conn, id, &hash, now)?;
            office.tell_confirmed(conn, &standing.mandate.principal_id_number, now)?;
            office.mandate_confirmed(conn, &mut visit, standing, MandateEvidence::SmsCode, &actor)?;
            Ok(VisitView::from(visit))
        })
        .await
    }
}

fn refuse(verdict: Verdict) -> Result<(), Refusal> {
    let conflict = |code, zh, en| Err(Refusal::conflict(code, zh, en));
    match verdict {
        Verdict::Right => Ok(()),
        Verdict::Wrong(left) => {
            let en = "A wrong code; ask the resident to read it again.";
            let wrong =
                Refusal::field("/code", "confirmation_code_wrong", "确认码不对，请居民再核对一遍。", en);
            Err(wrong.with("tries_left", left.into()))
        }
        Verdict::Spent => {
            let en = "Too many wrong tries; send another code.";
            conflict("confirmation_code_spent", "输错次数过多，请重新发送确认码。", en)
        }
        Verdict::Late => {
            let en = "The code has expired; send another.";
            conflict("confirmation_code_expired", "确认码已过期，请重新发送。", en)
        }
        Verdict::Missing => {
            let en = "No code waits for this visit.";
            conflict("confirmation_code_missing", "没有待核对的确认码，请先发送。", en)
        }
    }
}
