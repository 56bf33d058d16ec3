//! 实名核验: a resident shows a code, a member of staff sees person and document, and the account becomes that
//! person's: what was filed for them appears in it. A slip makes a weaker level; a face alone makes none.

use chrono::{DateTime, FixedOffset};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::auditing::note_of;
use super::clocks_view::local;
use super::rationing::Rationed;
use super::{Failure, Office};
use crate::adapters::clock::new_id;
use crate::domain::actor::Actor;
use crate::domain::application::Applicant;
use crate::domain::contact::PhoneNumber;
use crate::domain::id_number::IdNumber;
use crate::domain::lifecycle::Role;
use crate::domain::person_name::PersonName;
use crate::domain::real_name::{Assurance, IdDocument, Verification, VerificationMethod, Verified};
use crate::domain::refusal::Refusal;
use crate::storage::notices::{self, Notice};
use crate::storage::people::Person;
use crate::storage::{Conn, StorageError, identity_changes, owners, real_names, visits};

/// 核验记录
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VerificationView {
    /// Id.
    pub id: Uuid,
    /// 姓名, masked.
    pub name: String,
    /// 证件号码, masked.
    pub id_number: String,
    /// How.
    pub method: VerificationMethod,
    /// The level it makes.
    pub assurance: Assurance,
    /// What was seen.
    pub document: IdDocument,
    /// By whom.
    pub verifier: String,
    /// When.
    pub at: DateTime<FixedOffset>,
    /// When it ceased to hold.
    pub ended_at: Option<DateTime<FixedOffset>>,
    /// Why.
    pub ended_why: Option<String>,
}

impl From<Verification> for VerificationView {
    fn from(record: Verification) -> Self {
        let (ended_at, ended_why) = record.ended.unzip();
        Self {
            id: record.id,
            name: record.identity.name.masked(),
            id_number: record.identity.id_number.masked(),
            method: record.method,
            assurance: record.method.assurance(),
            document: record.document,
            verifier: record.verifier,
            at: local(record.at),
            ended_at: ended_at.map(local),
            ended_why,
        }
    }
}

/// 核验结果
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VerifiedView {
    /// The record.
    pub verification: VerificationView,
    /// Applications that appeared in the account.
    pub adopted: usize,
}

/// What a member of staff found out.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The code on the resident's screen.
    pub code: String,
    /// As on the document.
    pub name: PersonName,
    /// As on the document.
    pub id_number: IdNumber,
    /// Their telephone, where the account has none.
    pub phone: Option<PhoneNumber>,
    /// Which document.
    pub document: IdDocument,
    /// The visit, at the door.
    pub visit: Option<Uuid>,
}

fn code_invalid() -> Failure {
    let zh = "核验码不对、已用过或已过期，请居民重新出示。";
    let en = "The code is wrong, used or expired; ask for a new one.";
    Refusal::field("/code", "binding_code_invalid", zh, en).into()
}

/// The refusal for a number that another account was verified for.
pub fn claimed() -> Refusal {
    let zh = "该证件号码已由另一账号核验，如确系本人，请提交账号变更审批。";
    let en = "Another account was verified for this number; if it is the same person, request a change of account.";
    Refusal::conflict("id_claimed", zh, en)
}

impl Office {
    /// Keeps what staff have seen: from now on the account is that person's.
    pub async fn verify_in_person(&self, actor: Actor, seen: Seen) -> Result<VerifiedView, Failure> {
        if !(actor.has(Role::Clerk) || actor.has(Role::GridWorker)) {
            return Err(Refusal::not_permitted().into());
        }
        if matches!(seen.document, IdDocument::Slip | IdDocument::PoliceCertificate) {
            let zh = "当面核验须查看本人身份证件。";
            let en = "Seeing somebody in person takes an identity document.";
            return Err(Refusal::field("/document", "document_unfit", zh, en).into());
        }
        self.living_number(&seen.id_number, "/id_number")?;
        // Codes are not to be guessed by whoever works here either.
        self.ration(&actor, Rationed::Verification).await?;
        let office = self.clone();
        let done = self.db().write(move |conn| office.keep_seen(conn, &actor, &seen)).await;
        self.look_anew();
        match done {
            Err(Failure::Storage(StorageError::Duplicate(_))) => Err(claimed().into()),
            other => other,
        }
    }

    fn keep_seen(&self, conn: &mut Conn, actor: &Actor, seen: &Seen) -> Result<VerifiedView, Failure> {
        let now = self.now();
        let visit = match seen.visit {
            Some(id) => {
                let unknown = || Refusal::field("/visit", "visit_needed", "没有这次走访。", "No such visit.");
                Some(visits::find(conn, id)?.filter(|visit| visit.staff == actor.id).ok_or_else(unknown)?.id)
            }
            None => None,
        };
        let person = real_names::take_binding(conn, &self.code_hash(&seen.code.to_ascii_uppercase()), now)?
            .ok_or_else(code_invalid)?;
        self.settle_rivals(conn, &person, &seen.name, &seen.id_number)?;
        let said = person.identity.as_ref().filter(|_| person.verified.is_none());
        if said.is_some_and(|own| own.id_number != seen.id_number || own.name != seen.name) {
            // A slip of the pen here, or the telephone of somebody else in the queue.
            let zh = "与居民在小程序中填写的姓名或证件号码不一致：请核对证件和手机是否同一人；居民填错的，请其先更正。";
            let en = "Differs from what the resident entered: check whose document and telephone it is; the resident corrects a mistake first.";
            return Err(Refusal::field("/id_number", "identity_differs", zh, en).into());
        }
        let stated = person.identity.as_ref().map(|identity| identity.phone.clone());
        let vouched = person.verified_phone.as_ref().map(|(phone, _)| phone.clone());
        let en = "Give a telephone number.";
        let missing = || Refusal::field("/phone", "required", "请填写联系电话。", en);
        let phone = seen.phone.clone().or(stated).or(vouched).ok_or_else(missing)?;
        let identity = Applicant { name: seen.name.clone(), id_number: seen.id_number.clone(), phone };
        let at_the_door = !actor.has(Role::Clerk) || visit.is_some();
        let method = if at_the_door { VerificationMethod::Door } else { VerificationMethod::Counter };
        let record = Verification {
            id: new_id(now),
            person: person.id,
            identity: Verified { name: seen.name.clone(), id_number: seen.id_number.clone() },
            method,
            document: seen.document,
            verified_by: Some(actor.id),
            verifier: actor.name.clone(),
            visit,
            at: now,
            ended: None,
        };
        let adopted = self.verified(conn, &person, &identity, &record)?;
        self.note_now(
            conn,
            note_of(Some(actor), "verify identity", person.id, format!("method={}", method.name())),
        )?;
        Ok(VerifiedView { verification: record.into(), adopted })
    }

    /// Nobody is verified twice: an account keeps its person, a number its account. Only a slip gives way to
    /// whoever comes with the document.
    fn settle_rivals(
        &self,
        conn: &mut Conn,
        person: &Person,
        name: &PersonName,
        number: &IdNumber,
    ) -> Result<(), Failure> {
        let same = |identity: &Applicant| identity.id_number == *number && identity.name == *name;
        if person.verified == Some(Assurance::InPerson) && !person.identity.as_ref().is_some_and(same) {
            let zh = "该账号已核验为另一人，如号码经公安机关更正，请提交身份变更审批。";
            let en = "This account was verified as somebody else; a number corrected by the police takes an approved change.";
            return Err(Refusal::conflict("identity_verified", zh, en).into());
        }
        if let Some(holder) = real_names::holder(conn, number)?.filter(|holder| holder.id != person.id) {
            if holder.verified == Some(Assurance::InPerson) {
                return Err(claimed().into());
            }
            real_names::end(conn, holder.id, self.now(), "seen in person with another account")?;
            real_names::forget(conn, holder.id)?;
            owners::hand_over(conn, holder.id, person.id, Some(number))?;
        }
        Ok(())
    }

    /// Keeps a verification, gives the account what staff filed for that person, and tells them.
    pub fn verified(
        &self,
        conn: &mut Conn,
        person: &Person,
        identity: &Applicant,
        record: &Verification,
    ) -> Result<usize, Failure> {
        let now = record.at;
        real_names::end(conn, person.id, now, "verified again")?;
        real_names::verify(
            conn,
            identity,
            person.email.as_ref().map(|email| email.reveal().as_str()),
            record,
        )?;
        let mut adopted = 0;
        if record.method.assurance() == Assurance::InPerson {
            adopted = owners::adopt(conn, &identity.id_number, person.id)?;
            for former in identity_changes::former_numbers(conn, &identity.id_number)? {
                adopted += owners::adopt(conn, &former, person.id)?;
            }
        }
        let notice = Notice {
            id: new_id(now),
            recipient: format!("person:{}", person.id),
            application: None,
            title: "实名核验完成".to_owned(),
            body: format!(
                "您的身份已核验，{adopted} 件由工作人员代为提交的办件已归入本账号。\n\
                 Your identity was verified; {adopted} application(s) filed for you are now in this account."
            ),
            created_at: now,
            read_at: None,
        };
        notices::insert(conn, &[notice])?;
        Ok(adopted)
    }

    /// A slip of a case that staff filed for the same name and number shows that its holder was there.
    pub fn match_by_slip(&self, conn: &mut Conn, person: &Person) -> Result<(), Failure> {
        let Some(identity) = person.identity.clone().filter(|_| person.verified.is_none()) else {
            return Ok(());
        };
        if real_names::holder(conn, &identity.id_number)?.is_some() {
            return Ok(());
        }
        let now = self.now();
        let record = Verification {
            id: new_id(now),
            person: person.id,
            identity: Verified { name: identity.name.clone(), id_number: identity.id_number.clone() },
            method: VerificationMethod::Slip,
            document: IdDocument::Slip,
            verified_by: None,
            verifier: String::new(),
            visit: None,
            at: now,
            ended: None,
        };
        self.verified(conn, person, &identity, &record).map(|_| ())
    }

    /// How this account was verified.
    pub async fn verifications(&self, actor: &Actor) -> Result<Vec<VerificationView>, Failure> {
        if !actor.has(Role::Resident) {
            return Err(Refusal::not_permitted().into());
        }
        let id = actor.id;
        let found =
            self.db().read(move |conn| real_names::of_person(conn, id)).await.map_err(Failure::from)?;
        Ok(found.into_iter().map(VerificationView::from).collect())
    }
}
