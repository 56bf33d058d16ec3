//! 身份变更: the police have corrected a number, or somebody comes with another WeChat account. A clerk asks for
//! it with the document in hand, a supervisor decides; what was before stays on record.

use chrono::{DateTime, FixedOffset};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::auditing::note_of;
use super::clocks_view::local;
use super::once::{Answer, OnceKey};
use super::rationing::Rationed;
use super::verifying::claimed;
use super::{Failure, Office};
use crate::adapters::clock::new_id;
use crate::domain::actor::Actor;
use crate::domain::application::Applicant;
use crate::domain::identity_change::{ChangeKind, ChangeState, IdentityChange, Particulars};
use crate::domain::lifecycle::Role;
use crate::domain::real_name::{IdDocument, Verification, VerificationMethod, Verified};
use crate::domain::refusal::Refusal;
use crate::domain::region::Region;
use crate::storage::people::Person;
use crate::storage::{Conn, identity_changes, owners, people, real_names, sessions};

/// 身份变更
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct IdentityChangeView {
    /// Id.
    pub id: Uuid,
    /// Community.
    pub region: String,
    /// What kind.
    pub kind: ChangeKind,
    /// Where it stands.
    pub state: ChangeState,
    /// 姓名
    pub name: String,
    /// 证件号码, masked.
    pub id_number: String,
    /// The number before, masked.
    pub former_id_number: Option<String>,
    /// What was seen.
    pub document: IdDocument,
    /// Its number.
    pub document_no: Option<String>,
    /// Why.
    pub reason: String,
    /// What the supervisor says.
    pub decision: Option<String>,
    /// When it was asked for.
    pub requested_at: DateTime<FixedOffset>,
    /// When it was decided.
    pub decided_at: Option<DateTime<FixedOffset>>,
}

impl From<IdentityChange> for IdentityChangeView {
    fn from(change: IdentityChange) -> Self {
        let what = change.particulars;
        Self {
            id: change.id,
            region: change.region.as_str().to_owned(),
            kind: change.kind,
            state: change.state,
            name: what.name.as_str().to_owned(),
            id_number: what.id_number.masked(),
            former_id_number: what.former_id_number.map(|number| number.masked()),
            document: what.document,
            document_no: what.document_no,
            reason: what.reason,
            decision: what.decision,
            requested_at: local(change.requested_at),
            decided_at: change.decided.map(|(_, at)| local(at)),
        }
    }
}

/// What a clerk asks for.
#[derive(Debug, Clone)]
pub struct Request {
    /// The clerk's community.
    pub region: Region,
    /// What kind.
    pub kind: ChangeKind,
    /// The code on the screen of the new account.
    pub code: Option<String>,
    /// The rest; `account` is found by the code.
    pub particulars: Particulars,
}

fn needed(pointer: &'static str, zh: &'static str, en: &'static str) -> Failure {
    Refusal::field(pointer, "required", zh, en).into()
}

impl Office {
    /// Asks for a change.
    pub async fn request_change(
        &self,
        actor: Actor,
        asked: Request,
        key: OnceKey,
    ) -> Result<Answer, Failure> {
        if !actor.has_in(Role::Clerk, &asked.region) {
            return Err(Refusal::not_permitted().into());
        }
        self.living_number(&asked.particulars.id_number, "/id_number")?;
        self.ration(&actor, Rationed::Verification).await?;
        self.once(key, 201, move |office, conn| {
            let now = office.now();
            let mut particulars = asked.particulars;
            match asked.kind {
                ChangeKind::CorrectedNumber => {
                    let Some(former) = &particulars.former_id_number else {
                        return Err(needed(
                            "/former_id_number",
                            "请填写原证件号码。",
                            "Give the former number.",
                        ));
                    };
                    if *former == particulars.id_number {
                        let zh = "原号码与新号码相同。";
                        let same =
                            Refusal::field("/former_id_number", "same_number", zh, "Both are the same.");
                        return Err(same.into());
                    }
                    if particulars.document != IdDocument::PoliceCertificate
                        || particulars.document_no.is_none()
                    {
                        let zh = "号码更正须有公安机关证明及其编号。";
                        let en = "A corrected number takes the certificate of the police, with its number.";
                        return Err(Refusal::field("/document", "document_unfit", zh, en).into());
                    }
                }
                ChangeKind::NewAccount => {
                    let Some(code) = &asked.code else {
                        return Err(needed(
                            "/code",
                            "请填写新账号的核验码。",
                            "Give the code of the new account.",
                        ));
                    };
                    let hash = office.code_hash(&code.to_ascii_uppercase());
                    let zh = "核验码不对、已用过或已过期。";
                    let wrong = || {
                        Refusal::field(
                            "/code",
                            "binding_code_invalid",
                            zh,
                            "The code is wrong, used or expired.",
                        )
                    };
                    let person = real_names::take_binding(conn, &hash, now)?.ok_or_else(wrong)?;
                    particulars.account = Some(person.id);
                    particulars.former_id_number = None;
                }
            }
            let change = IdentityChange {
                id: new_id(now),
                region: asked.region,
                kind: asked.kind,
                state: ChangeState::Pending,
                particulars,
                requested_by: actor.id,
                requested_at: now,
                decided: None,
            };
            identity_changes::request(conn, &change)?;
            office.note_now(
                conn,
                note_of(Some(&actor), "request identity change", change.id, change.kind.name().to_owned()),
            )?;
            Ok(IdentityChangeView::from(change))
        })
        .await
    }

    /// Requests that wait for a decision where the actor works.
    pub async fn pending_changes(&self, actor: Actor) -> Result<Vec<IdentityChangeView>, Failure> {
        if !(actor.has(Role::Clerk) || actor.has(Role::Supervisor)) {
            return Err(Refusal::not_permitted().into());
        }
        let all = self.db().read(identity_changes::pending).await.map_err(Failure::from)?;
        let here = |change: &IdentityChange| {
            actor.has_in(Role::Supervisor, &change.region) || actor.has_in(Role::Clerk, &change.region)
        };
        Ok(all.into_iter().filter(here).map(IdentityChangeView::from).collect())
    }

    /// Decides; nobody decides what they asked for themselves.
    pub async fn decide_change(
        &self,
        actor: Actor,
        id: Uuid,
        (approve, reason): (bool, String),
        key: OnceKey,
    ) -> Result<Answer, Failure> {
        let answer = self
            .once(key, 200, move |office, conn| {
                let here = |change: &IdentityChange| actor.has_in(Role::Supervisor, &change.region);
                let mut change =
                    identity_changes::find(conn, id)?.filter(here).ok_or_else(Refusal::not_found)?;
                if change.requested_by == actor.id {
                    let zh = "申请人不能审批自己提出的变更。";
                    return Err(Refusal::conflict("own_request", zh, "Somebody else decides.").into());
                }
                if change.state != ChangeState::Pending {
                    return Err(Refusal::conflict(
                        "already_decided",
                        "该变更已审批。",
                        "It was decided before.",
                    )
                    .into());
                }
                let now = office.now();
                change.state = if approve { ChangeState::Approved } else { ChangeState::Refused };
                change.particulars.decision = Some(reason);
                change.decided = Some((actor.id, now));
                identity_changes::decide(conn, &change)?;
                if approve {
                    office.carry_out(conn, &change, &actor)?;
                }
                let what = format!("{}={}", change.kind.name(), change.state.name());
                office.note_now(conn, note_of(Some(&actor), "decide identity change", change.id, what))?;
                Ok(IdentityChangeView::from(change))
            })
            .await;
        self.look_anew();
        answer
    }

    fn carry_out(&self, conn: &mut Conn, change: &IdentityChange, by: &Actor) -> Result<(), Failure> {
        let what = &change.particulars;
        match (change.kind, &what.former_id_number) {
            (ChangeKind::CorrectedNumber, Some(former)) => {
                let Some(person) = real_names::holder(conn, former)? else { return Ok(()) };
                if real_names::holder(conn, &what.id_number)?.is_some() {
                    return Err(claimed().into());
                }
                self.becomes(conn, person, change, by)
            }
            _ => {
                let account = what.account.ok_or_else(Refusal::not_found)?;
                let person = people::find(conn, account)?.ok_or_else(Refusal::not_found)?;
                if let Some(before) = real_names::holder(conn, &what.id_number)?.filter(|p| p.id != account) {
                    let now = self.now();
                    real_names::end(conn, before.id, now, "another account")?;
                    real_names::forget(conn, before.id)?;
                    sessions::revoke_all(conn, before.id, None, now)?;
                    owners::hand_over(conn, before.id, account, None)?;
                }
                self.becomes(conn, person, change, by)
            }
        }
    }

    fn becomes(
        &self,
        conn: &mut Conn,
        person: Person,
        change: &IdentityChange,
        by: &Actor,
    ) -> Result<(), Failure> {
        let what = &change.particulars;
        let phone = person.identity.as_ref().map(|identity| identity.phone.clone());
        let phone = phone.or(person.verified_phone.as_ref().map(|(phone, _)| phone.clone()));
        let zh = "请居民先绑定手机号。";
        let missing = || Refusal::conflict("phone_needed", zh, "The account needs a telephone number first.");
        let phone = phone.ok_or_else(missing)?;
        let identity = Applicant { name: what.name.clone(), id_number: what.id_number.clone(), phone };
        let now = self.now();
        let record = Verification {
            id: new_id(now),
            person: person.id,
            identity: Verified { name: what.name.clone(), id_number: what.id_number.clone() },
            method: VerificationMethod::Change,
            document: what.document,
            verified_by: Some(by.id),
            verifier: by.name.clone(),
            visit: None,
            at: now,
            ended: None,
        };
        self.verified(conn, &person, &identity, &record).map(|_| ())
    }
}
