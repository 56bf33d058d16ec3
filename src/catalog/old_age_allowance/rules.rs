//! What the counter checks of an old-age form, and every reason against the allowance.

use chrono::NaiveDate;

use super::policy::{OldAgeAllowancePolicy, turns};
use super::{OldAgeAllowanceForm, OldAgePurpose, OldAgeReceiving};
use crate::catalog::family::Relation;
use crate::catalog::item::Finding;
use crate::domain::text::{FieldError, Text};

/// Every rule across fields.
pub fn rules(
    form: &OldAgeAllowanceForm,
    today: NaiveDate,
    policy: &OldAgeAllowancePolicy,
) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut say = |fields: &[&str], code, zh: &'static str, en: &'static str| {
        errors.push(FieldError::across(fields, code, Text::fixed(zh, en)));
    };
    if form.elder.id_number.born_after(today) {
        say(&["/elder/id_number"], "in_future", "出生日期晚于今天。", "Born in the future.");
    }
    if form.alive_check.checked_on > today {
        say(
            &["/alive_check/checked_on"],
            "in_future",
            "核验日期不能晚于今天。",
            "The check lies in the future.",
        );
    }
    if let Some(agent) = &form.agent {
        if agent.id_number == form.elder.id_number {
            say(
                &["/agent/id_number", "/elder/id_number"],
                "same_person",
                "本人办理的不填代办人。",
                "Leave the agent out when the person acts alone.",
            );
        }
        if agent.relation == Relation::Oneself {
            say(&["/agent/relation"], "oneself", "代办人不能选“本人”。", "An agent is not “oneself”.");
        }
        if agent.name == form.alive_check.checked_by {
            say(
                &["/alive_check/checked_by", "/agent/name"],
                "checked_by_agent",
                "健在核验不能由代办人自己完成。",
                "The agent cannot vouch for the person being alive.",
            );
        }
    }
    let guardian = form.agent.as_ref().filter(|agent| agent.guardian).map(|agent| &agent.name);
    if form.account.holder != form.elder.name && Some(&form.account.holder) != guardian {
        say(
            &["/account/holder", "/elder/name", "/agent"],
            "holder_not_entitled",
            "账户应为老年人本人或其监护人的账户。",
            "The account must be the person's own or their guardian's.",
        );
    }
    let bands = policy.on(today).map_or(&[][..], |edition| &edition.bands);
    if bands.is_empty() {
        say(&["/purpose"], "no_policy", "现行标准尚未录入。", "The amounts in force are not in the book.");
    }
    if let OldAgePurpose::BandChange { present_age_band } = form.purpose {
        if !bands.is_empty() && !bands.iter().any(|band| band.from_age == present_age_band) {
            say(&["/purpose/present_age_band"], "band_unknown", "没有这一档次。", "There is no such band.");
        }
        if form.receiving != OldAgeReceiving::Here {
            say(
                &["/receiving", "/purpose"],
                "not_receiving",
                "档次调整只适用于正在本街道领取的人。",
                "A band is changed only for somebody who is paid here.",
            );
        }
    }
    errors
}

/// What would be paid, for the person at the counter.
pub fn forecast(form: &OldAgeAllowanceForm, today: NaiveDate, policy: &OldAgeAllowancePolicy) -> Text {
    let born = form.elder.id_number.birth_date();
    let Some(band) = policy.band_on(born, today) else {
        return Text::fixed("核对户名与账号。", "Holder and number.");
    };
    let (age, from, amount) = (band.from_age, turns(born, band.from_age), band.monthly_fen);
    Text::new(
        format!("核对户名与账号；{from}年满{age}周岁，按现行标准每月{amount}元。"),
        format!("Holder and number; {age} on {from}, {amount} yuan a month at the present rate."),
    )
}

/// Every reason why the allowance cannot be granted.
pub fn eligibility(
    form: &OldAgeAllowanceForm,
    today: NaiveDate,
    policy: &OldAgeAllowancePolicy,
) -> Vec<Finding> {
    let (rule, mut findings) = ("老年人权益保障法 33; 高龄津贴发放办法", Vec::new());
    let mut find = |code, reason: Text, alternative: Text| {
        findings.push(Finding::new(code, rule, reason).instead(alternative));
    };
    let born = form.elder.id_number.birth_date();
    let band = policy.band_on(born, today);
    let lowest = policy.on(today).and_then(|edition| edition.bands.first().copied());
    if let (None, Some(lowest)) = (band, lowest) {
        let (age, day) = (lowest.from_age, policy.open_from(born, lowest));
        find(
            "too_young",
            Text::new(format!("未满{age}周岁。"), format!("Not {age} yet.")),
            Text::new(
                format!("可从{day}起申请；年满60周岁可先办理老年人优待证。"),
                format!("Apply from {day} on; the senior card is there from 60 on."),
            ),
        );
    }
    if !form.elder.registered_in_street {
        find(
            "not_registered_here",
            Text::fixed("户籍不在本街道。", "Not registered in this sub-district."),
            Text::fixed(
                "向户籍地街道（乡镇）申请，可线上办理。",
                "Apply where the person is registered, or online.",
            ),
        );
    }
    match (&form.purpose, form.receiving) {
        (OldAgePurpose::First {}, OldAgeReceiving::Here) => find(
            "already_receiving",
            Text::fixed("已在本街道领取高龄津贴。", "The allowance is paid here already."),
            Text::fixed(
                "年龄进入更高档次的，请选“档次调整”。",
                "On reaching a higher band choose “band change”.",
            ),
        ),
        (_, OldAgeReceiving::Elsewhere) => find(
            "receiving_elsewhere",
            Text::fixed("正在外地领取高龄津贴，不能重复领取。", "The allowance is paid elsewhere."),
            Text::fixed("先在原领取地办理停发，再来申请。", "Have it ended there first, then apply."),
        ),
        _ => {}
    }
    if let (OldAgePurpose::BandChange { present_age_band }, Some(band)) = (&form.purpose, band)
        && band.from_age <= *present_age_band
    {
        let next = policy.on(today).and_then(|edition| {
            edition.bands.iter().copied().find(|higher| higher.from_age > *present_age_band)
        });
        let alternative = match next {
            Some(next) => {
                let day = policy.open_from(born, next);
                Text::new(
                    format!("可从{day}起申请下一档次。"),
                    format!("Apply for the next band from {day} on."),
                )
            }
            None => Text::fixed("已是最高档次，继续按月发放。", "It is the highest band; payment goes on."),
        };
        find(
            "band_unchanged",
            Text::fixed("年龄尚未进入更高档次。", "No higher band has been reached."),
            alternative,
        );
    }
    if today.signed_duration_since(form.alive_check.checked_on).num_days() > policy.alive_check_days {
        find(
            "alive_check_stale",
            Text::fixed("健在核验已过期。", "The alive check is too old."),
            Text::fixed(
                "重新核验；行动不便的可预约上门。",
                "Check again; staff come to the door on request.",
            ),
        );
    }
    findings
}
