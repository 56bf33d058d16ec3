//! Whose matter it is, and by what right somebody else files it: a resident for themselves, for a child, for
//! the household or on a mandate; staff for whoever stands before them.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::Failure;
use crate::catalog::guide::Guide;
use crate::domain::actor::Actor;
use crate::domain::application::{Applicant, Application};
use crate::domain::deadline::civil_date;
use crate::domain::id_number::IdNumber;
use crate::domain::mandate::{Guardianship, Representative};
use crate::domain::real_name::Assurance;
use crate::domain::refusal::Refusal;
use crate::domain::region::Region;
use crate::storage::mandates::{self, Of};
use crate::storage::{Conn, people, real_names};

/// 成年 (民法典 17).
const ADULT: u32 = 18;
/// Below this age the guardian's consent is needed (个人信息保护法 31).
pub const CHILD: u32 = 14;

/// 新办件
#[derive(Debug, Clone)]
pub struct NewApplication {
    /// Made by the client, or here.
    pub id: Option<Uuid>,
    /// Code of the service item.
    pub service: String,
    /// Community or grid.
    pub region: Region,
    /// Whose matter it is; a resident may leave it out.
    pub applicant: Option<Applicant>,
    /// Who acts for a minor, as staff were told.
    pub representative: Option<Representative>,
    /// A parent consents to the use of their child's personal data.
    pub guardian_consent: bool,
    /// The visit, for the doorstep.
    pub visit: Option<Uuid>,
    /// The form, as far as it is filled.
    pub form: Value,
    /// File it at once.
    pub submit: bool,
}

/// 申请人与代办依据
#[derive(Debug, Clone)]
pub struct Whose {
    /// Whose matter it is.
    pub applicant: Applicant,
    /// The account it belongs to, if there is one.
    pub owner: Option<Uuid>,
    /// Who acts for a minor.
    pub representative: Option<Representative>,
    /// The mandate it rests on, if it rests on one.
    pub mandate: Option<Uuid>,
}

fn is_minor(number: &IdNumber, today: NaiveDate) -> bool {
    number.age_on(today) < ADULT
}

/// The refusal for an account that has not said whose it is.
pub fn identity_needed() -> Refusal {
    let zh = "请先填写本人姓名、证件号码和电话。";
    let en = "Enter your own name, ID number and phone first.";
    Refusal::conflict("identity_needed", zh, en)
}

fn guardian_needed() -> Refusal {
    let zh = "未成年人的事项由法定代理人办理：父母可将其登记为家庭成员后代为申请，其他监护人请到窗口。";
    let en = "A minor's legal representative applies: parents from their own account, other guardians at the counter.";
    Refusal::conflict("representative_needed", zh, en).on("民法典 23, 27")
}

fn consent_needed(pointer: &str) -> Refusal {
    let zh = "申请人未满十四周岁，须由监护人同意处理其个人信息。";
    let en = "The applicant is under fourteen: the guardian's consent to the use of personal data is needed.";
    Refusal::field(pointer, "consent_needed", zh, en).on("个人信息保护法 31")
}

/// Whether the applicant is under fourteen, whose data staff look at only with a reason.
pub fn of_a_child(application: &Application, today: NaiveDate) -> bool {
    application.applicant.id_number.age_on(today) < CHILD
}

/// The refusal for looking at a child's data without a reason.
pub fn reason_needed(pointer: &str) -> Refusal {
    let zh = "申请人未满十四周岁，查看须说明理由。";
    let en = "The applicant is under fourteen: say why you look.";
    Refusal::field(pointer, "reason_needed", zh, en).on("未成年人网络保护条例 36")
}

/// What staff were told.
pub fn named(conn: &mut Conn, new: &NewApplication, today: NaiveDate) -> Result<Whose, Failure> {
    let missing = || Refusal::field("/applicant", "required", "请填写申请人。", "Name the applicant.");
    let applicant = new.applicant.clone().ok_or_else(missing)?;
    let minor = is_minor(&applicant.id_number, today);
    let representative = new.representative.clone().filter(|_| minor);
    if minor {
        let zh = "申请人未成年，请填写法定代理人。";
        let en = "The applicant is a minor: name the legal representative.";
        let none = || Refusal::field("/representative", "representative_needed", zh, en).on("民法典 23, 27");
        let by = representative.as_ref().ok_or_else(none)?;
        if is_minor(&by.id_number, today) {
            let zh = "法定代理人须为成年人。";
            let en = "A legal representative is of age.";
            return Err(Refusal::field("/representative/id_number", "representative_minor", zh, en).into());
        }
        if applicant.id_number.age_on(today) < CHILD && !by.consent {
            return Err(consent_needed("/representative/consent").into());
        }
    }
    // A child's matter belongs to whoever answers for the child.
    let number = representative.as_ref().map_or(&applicant.id_number, |by| &by.id_number);
    let owner = real_names::holder(conn, number)?.map(|person| person.id);
    Ok(Whose { applicant, owner, representative, mandate: None })
}

/// What a resident files, and by what right.
pub fn of_resident(
    conn: &mut Conn,
    actor: &Actor,
    new: &NewApplication,
    guide: &Guide,
    now: DateTime<Utc>,
) -> Result<Whose, Failure> {
    let today = civil_date(now);
    let person = people::find(conn, actor.id)?.ok_or_else(Refusal::not_found)?;
    let own = person.identity.ok_or_else(identity_needed)?;
    let other = match &new.applicant {
        Some(other) if other.id_number != own.id_number || other.name != own.name => other.clone(),
        oneself => {
            if is_minor(&own.id_number, today) {
                return Err(guardian_needed().into());
            }
            let applicant = oneself.clone().unwrap_or(own);
            return Ok(Whose { applicant, owner: Some(actor.id), representative: None, mandate: None });
        }
    };
    let members = people::household(conn, actor.id)?;
    let member = members
        .into_iter()
        .find(|member| member.person.id_number == other.id_number && member.person.name == other.name);
    if is_minor(&other.id_number, today) {
        if member.is_none_or(|member| member.relation != "child") {
            return Err(guardian_needed().into());
        }
        if other.id_number.age_on(today) < CHILD && !new.guardian_consent {
            return Err(consent_needed("/guardian_consent").into());
        }
        let Applicant { name, id_number, .. } = own;
        let (relation, consent) = (Guardianship::Parent, new.guardian_consent);
        let representative = Some(Representative { name, id_number, relation, consent });
        return Ok(Whose { applicant: other, owner: Some(actor.id), representative, mandate: None });
    }
    let mandate = standing_for(conn, actor, &own, (&other, guide.code), now)?;
    if mandate.is_none() && member.is_none() {
        let zh = "只能为本人、已登记的家庭成员或授权您的人申请。";
        let en = "Only for yourself, a member of your household, or somebody who gave you a mandate.";
        return Err(Refusal::field("/applicant", "not_in_household", zh, en).into());
    }
    if mandate.is_none() && guide.real_name.submit > Assurance::Phone {
        let zh = "本事项由成年家庭成员本人申请，或由其在小程序中授权您办理。";
        let en =
            "An adult member of the household applies in person, or gives you a mandate in the mini-program.";
        return Err(Refusal::conflict("mandate_missing", zh, en).on("民法典 165").into());
    }
    let owner = real_names::holder(conn, &other.id_number)?.map_or(actor.id, |holder| holder.id);
    Ok(Whose { applicant: other, owner: Some(owner), representative: None, mandate })
}

/// The mandate of `other` to whoever `own` was found to be, for that item.
fn standing_for(
    conn: &mut Conn,
    actor: &Actor,
    own: &Applicant,
    (other, item): (&Applicant, &str),
    at: DateTime<Utc>,
) -> Result<Option<Uuid>, Failure> {
    if actor.assurance < Assurance::IdMatched {
        return Ok(None);
    }
    let all = mandates::of(conn, Of::Agent(&own.id_number))?;
    let carries = |id: &IdNumber| {
        all.iter().find(|standing| standing.carries(item, id, at).is_ok()).map(|standing| standing.id)
    };
    Ok(carries(&other.id_number))
}
