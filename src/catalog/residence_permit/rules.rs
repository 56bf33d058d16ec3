//! What the counter checks of a residence-permit form, and every reason against the permit.

use chrono::NaiveDate;

use super::ResidencePermitForm;
use super::parts::{
    ResidenceAgentReason, ResidenceGround, ResidencePlaceKind, ResidencePurpose, ResidenceReplaceReason,
};
use super::policy::{ResidenceEndorsement, ResidencePermitPolicy};
use crate::catalog::item::Finding;
use crate::domain::id_number::IdKind;
use crate::domain::text::{FieldError, Text};

/// Below it nobody acts alone at all (民法典 20).
const NO_CAPACITY_UNDER: u32 = 8;

/// Every rule across fields.
pub fn rules(
    form: &ResidencePermitForm,
    today: NaiveDate,
    policy: &ResidencePermitPolicy,
) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut say = |fields: &[&str], code, zh: &'static str, en: &'static str| {
        errors.push(FieldError::across(fields, code, Text::fixed(zh, en)));
    };
    let holder = &form.holder.id_number;
    let age = holder.age_on(today);
    if holder.born_after(today) {
        say(&["/holder/id_number"], "in_future", "出生日期晚于今天。", "Born in the future.");
    }
    if form.residence.registered_on > today {
        say(
            &["/residence/registered_on"],
            "in_future",
            "居住登记日期不能晚于今天。",
            "Registered in the future.",
        );
    } else if form.residence.registered_on < holder.birth_date() {
        say(
            &["/residence/registered_on", "/holder/id_number"],
            "before_birth",
            "居住登记不能早于出生。",
            "Registered before birth.",
        );
    }
    match &form.ground {
        ResidenceGround::Job { since, .. } | ResidenceGround::Study { since, .. } if *since > today => {
            say(&["/ground/since"], "in_future", "就业或入学日期不能晚于今天。", "It begins in the future.");
        }
        ResidenceGround::Home { lease_until: None } if form.residence.kind == ResidencePlaceKind::Rented => {
            say(
                &["/ground/lease_until", "/residence/kind"],
                "required",
                "以租赁住所申领的须填租赁期限。",
                "A rented home: give the end of the lease.",
            );
        }
        ResidenceGround::Job { .. } | ResidenceGround::Study { .. } | ResidenceGround::Home { .. } => {}
    }
    if let ResidencePurpose::ChangeAddress { previous_address, moved_on, .. } = &form.purpose {
        if *moved_on > today {
            say(&["/purpose/moved_on"], "in_future", "搬迁日期不能晚于今天。", "Moved in the future.");
        }
        if previous_address.trim() == form.residence.address.trim() {
            say(
                &["/purpose/previous_address", "/residence/address"],
                "address_unchanged",
                "新旧住址相同。",
                "The new address is the old one.",
            );
        }
    }
    match &form.agent {
        None if age < NO_CAPACITY_UNDER => say(
            &["/agent", "/holder/id_number"],
            "guardian_needed",
            "未满8周岁的须由监护人代办。",
            "A guardian has to act for a child under eight.",
        ),
        None => {}
        Some(agent) => {
            let fits = match agent.reason {
                ResidenceAgentReason::Minor => age < policy.agent_under_age,
                ResidenceAgentReason::Elderly => age >= policy.elder_age,
                ResidenceAgentReason::Disabled | ResidenceAgentReason::HardToMove => true,
            };
            if !fits {
                say(
                    &["/agent/reason", "/holder/id_number"],
                    "agent_reason_mismatch",
                    "代办原因与申领人年龄不符。",
                    "The reason for an agent does not fit the applicant's age.",
                );
            }
            if agent.id_number == *holder {
                say(
                    &["/agent/id_number", "/holder/id_number"],
                    "same_person",
                    "本人办理的不填代办人。",
                    "Leave the agent out when the person acts alone.",
                );
            } else if agent.id_number.age_on(today) < policy.agent_under_age {
                say(&["/agent/id_number"], "agent_minor", "代办人不能未满16周岁。", "The agent is under 16.");
            }
        }
    }
    errors
}

/// Whether the present permit is handed in, and what becomes of it.
pub fn hand_in(form: &ResidencePermitForm, today: NaiveDate, policy: &ResidencePermitPolicy) -> Option<Text> {
    match &form.purpose {
        ResidencePurpose::First {} => None,
        ResidencePurpose::Endorse { permit } => {
            Some(match policy.endorsement(permit.endorsed_until, today) {
                ResidenceEndorsement::Early { from } => {
                    Text::new(format!("{from}起可签注。"), format!("It may be endorsed from {from} on."))
                }
                ResidenceEndorsement::InTime { until } => {
                    Text::new(format!("签注后有效至{until}。"), format!("Endorsed until {until}."))
                }
                ResidenceEndorsement::Lapsed { until } => Text::new(
                    format!("已逾期中止使用；补办后恢复，有效至{until}，居住年限自补办之日连续计算。"),
                    format!("Suspended; made up it works until {until}, and the years count from that day."),
                ),
            })
        }
        ResidencePurpose::ChangeAddress { .. } => {
            Some(Text::fixed("用于变更住址信息。", "The address on it is changed."))
        }
        ResidencePurpose::Replace { reason: ResidenceReplaceReason::Damaged, .. } => {
            Some(Text::fixed("换领新证时交回原证。", "Handed in when the new one is issued."))
        }
        ResidencePurpose::Replace { reason: ResidenceReplaceReason::Lost, .. } => None,
    }
}

/// Every reason against the permit or the endorsement.
pub fn eligibility(
    form: &ResidencePermitForm,
    today: NaiveDate,
    policy: &ResidencePermitPolicy,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut find = |code, rule, reason: Text, alternative: Text| {
        findings.push(Finding::new(code, rule, reason).instead(alternative));
    };
    let first = matches!(form.purpose, ResidencePurpose::First {});
    if form.holder.registered_in_city {
        find(
            "registered_here",
            "居住证暂行条例 2",
            Text::fixed("户籍在本市，无需居住证。", "Registered in this city: no permit is needed."),
            Text::fixed("凭身份证、户口簿办理各项事务。", "Use the ID card and the household book."),
        );
    }
    if form.holder.id_number.kind() != IdKind::Citizen {
        find(
            "other_document",
            "居住证暂行条例 2; 国办发〔2018〕81号",
            Text::fixed(
                "本证只发给持居民身份证的公民。",
                "This permit is for holders of the citizen ID card.",
            ),
            Text::fixed(
                "港澳台居民申领港澳台居民居住证；外国人永久居留身份证无需另办。",
                "Residents of Hong Kong, Macau and Taiwan have a permit of their own; the permanent resident card suffices.",
            ),
        );
    }
    if !form.residence.in_street {
        find(
            "other_station",
            "居住证暂行条例 9",
            Text::fixed("居住地不在本街道。", "The residence is not in this sub-district."),
            Text::fixed(
                "到居住地派出所或其委托的社区服务机构办理。",
                "Apply to the police station of the residence.",
            ),
        );
    }
    let full = policy.half_year_on(form.residence.registered_on);
    if first && full > today {
        find(
            "not_half_a_year",
            "居住证暂行条例 2",
            Text::fixed("居住登记未满半年。", "Less than half a year of residence registration."),
            Text::new(
                format!("可于{full}起申领；之前可凭居住登记凭证办事。"),
                format!("Apply from {full} on; until then the proof of registration serves."),
            ),
        );
    }
    if !form.residence.continuous {
        find(
            "not_continuous",
            "居住证暂行条例 2, 10",
            Text::fixed("未连续居住。", "The residence was interrupted."),
            Text::fixed("重新办理居住登记，满半年后申领。", "Register again and apply after half a year."),
        );
    }
    if let ResidenceGround::Home { lease_until: Some(end) } = form.ground
        && end < today
    {
        find(
            "lease_ended",
            "居住证暂行条例 9",
            Text::fixed("租赁合同已到期。", "The lease has ended."),
            Text::fixed(
                "提供续租合同，或以就业、就读申领。",
                "Bring the renewed lease, or apply on a job or school.",
            ),
        );
    }
    let state = form.purpose.permit().map(|permit| policy.endorsement(permit.endorsed_until, today));
    match (&form.purpose, state) {
        (ResidencePurpose::Endorse { .. }, Some(ResidenceEndorsement::Early { from })) => find(
            "endorsement_too_early",
            "居住证暂行条例 10",
            Text::fixed("未到签注期。", "It is too early to endorse."),
            Text::new(format!("可于{from}起办理签注。"), format!("Endorse from {from} on.")),
        ),
        (
            ResidencePurpose::ChangeAddress { .. } | ResidencePurpose::Replace { .. },
            Some(ResidenceEndorsement::Lapsed { .. }),
        ) => find(
            "endorsement_lapsed",
            "居住证暂行条例 10",
            Text::fixed("逾期未签注，居住证已中止使用。", "Not endorsed in time: the permit is suspended."),
            Text::fixed(
                "先补办签注，再办理变更或换补领。",
                "Have it endorsed first, then changed or replaced.",
            ),
        ),
        _ => {}
    }
    findings
}
