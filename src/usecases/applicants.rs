//! Whose matter it is: a resident files for themselves or their household, staff for whoever they name.

use super::Failure;
use crate::domain::actor::Actor;
use crate::domain::application::Applicant;
use crate::domain::refusal::Refusal;
use crate::storage::{Conn, people};

/// The person staff named.
pub fn named(applicant: Option<&Applicant>) -> Result<Applicant, Failure> {
    let missing = || Refusal::field("/applicant", "required", "请填写申请人。", "Name the applicant.");
    applicant.cloned().ok_or_else(|| missing().into())
}

/// A resident files for themselves or for a member of their household.
pub fn own_or_member(
    conn: &mut Conn,
    actor: &Actor,
    named: Option<&Applicant>,
) -> Result<Applicant, Failure> {
    let person = people::find(conn, actor.id)?.ok_or_else(Refusal::not_found)?;
    let Some(own) = person.identity else {
        let zh = "请先填写本人姓名、证件号码和电话。";
        return Err(Refusal::conflict(
            "identity_needed",
            zh,
            "Enter your own name, ID number and phone first.",
        )
        .into());
    };
    match named {
        None => Ok(own),
        Some(other) if other.id_number == own.id_number && other.name == own.name => Ok(other.clone()),
        Some(other) => {
            let members = people::household(conn, actor.id)?;
            let known =
                |m: &people::Member| m.person.id_number == other.id_number && m.person.name == other.name;
            if members.iter().any(known) {
                Ok(other.clone())
            } else {
                let zh = "只能为本人或已登记的家庭成员申请。";
                let en = "Only for yourself or a member of your household.";
                Err(Refusal::field("/applicant", "not_in_household", zh, en).into())
            }
        }
    }
}
