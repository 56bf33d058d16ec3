//! Who receives the minimum living allowance: income and property against the standard in force, every
//! reason with the nearest other aid, and the steps without which nobody decides.

use chrono::NaiveDate;
use serde_json::Value;

use super::parts::MinimumLivingHouseUse;
use super::policy::{MinimumLivingEdition, MinimumLivingPolicy};
use super::{MinimumLivingForm, MinimumLivingUnit};
use crate::catalog::item::{Facts, Finding};
use crate::domain::lifecycle::ActionKind;
use crate::domain::refusal::Refusal;
use crate::domain::text::Text;

const RULE: &str = "社会救助暂行办法 9; 民发〔2021〕57号";

/// What the declared income would come to, for the person at the counter.
pub fn forecast(form: &MinimumLivingForm, today: NaiveDate, policy: &MinimumLivingPolicy) -> Text {
    let Some(edition) = policy.on(today) else {
        return Text::fixed("近12个月的收入。", "Income of the last twelve months.");
    };
    let (means, standard) = (edition.means(form), edition.monthly_standard_fen);
    Text::new(
        format!(
            "近12个月的收入。按申报测算：人均月收入{}元，标准{standard}元，月差额{}元；以核对结果为准。",
            means.per_head_fen, means.grant_fen
        ),
        format!(
            "Income of the last twelve months. As declared: {} yuan per head and month, standard {standard}, short by {}; the check decides.",
            means.per_head_fen, means.grant_fen
        ),
    )
}

/// Every reason against a grant.
pub fn eligibility(form: &MinimumLivingForm, today: NaiveDate, policy: &MinimumLivingPolicy) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !form.members.iter().any(|member| member.registered_in_street) {
        findings.push(
            Finding::new(
                "not_registered_here",
                "社会救助暂行办法 11; 民发〔2021〕57号 4, 5",
                Text::fixed("家庭成员户籍均不在本街道。", "No member is registered in this sub-district."),
            )
            .instead(Text::fixed(
                "向户籍地申请；户籍在省内的可咨询在经常居住地申请；突发困难可在居住地申请临时救助。",
                "Apply where you are registered; within the province ask about applying where you live; in an emergency ask for temporary aid here.",
            )),
        );
    }
    if form.members.iter().any(|member| member.destitute_support) {
        findings.push(
            Finding::new(
                "destitute_support",
                "社会救助暂行办法 14",
                Text::fixed(
                    "成员已纳入特困人员供养，不再纳入低保。",
                    "A member is already supported as destitute.",
                ),
            )
            .instead(Text::fixed(
                "请将该成员移出后，其余家庭成员申请。",
                "Apply for the other members without that one.",
            )),
        );
    }
    if let MinimumLivingUnit::SinglePerson { marginal_household: false, .. } = form.unit {
        findings.push(
            Finding::new(
                "household_not_marginal",
                "民发〔2021〕57号 8",
                Text::fixed(
                    "单独申请须先认定为低保边缘家庭。",
                    "Applying alone needs a recognised marginal household.",
                ),
            )
            .instead(Text::fixed(
                "先申请低保边缘家庭认定，或以家庭为单位申请。",
                "Have the household recognised first, or apply as a whole.",
            )),
        );
    }
    if let Some(edition) = policy.on(today) {
        income(form, edition, &mut findings);
        property(form, edition, &mut findings);
    }
    findings
}

fn income(form: &MinimumLivingForm, edition: &MinimumLivingEdition, findings: &mut Vec<Finding>) {
    let means = edition.means(form);
    if means.below_standard {
        return;
    }
    let alternative = if means.below_marginal {
        Text::fixed(
            "可申请低保边缘家庭（低收入）认定；其中重度残疾人、重病患者可单独申请低保。",
            "Ask to be recognised as a marginal (low-income) household; its severely disabled and ill may apply alone.",
        )
    } else if !form.outlays.is_empty() {
        Text::fixed(
            "刚性支出较大的，可申请刚性支出困难家庭认定或临时救助。",
            "With heavy outlays ask for recognition as burdened by expenses, or for temporary aid.",
        )
    } else {
        Text::fixed("遇到突发困难可申请临时救助。", "In an emergency ask for temporary aid.")
    };
    let (per_head, standard) = (means.per_head_fen, edition.monthly_standard_fen);
    let reason = Text::new(
        format!("人均月收入{per_head}元，不低于低保标准{standard}元。"),
        format!("Income per head and month is {per_head} yuan, not below the standard of {standard}."),
    );
    findings.push(Finding::new("income_too_high", RULE, reason).instead(alternative));
}

fn property(form: &MinimumLivingForm, edition: &MinimumLivingEdition, findings: &mut Vec<Finding>) {
    let owned = &form.property;
    let mut find = |code, reason: Text| {
        let alternative = Text::fixed(
            "财产情况有误的可更正；确有突发困难的可申请临时救助，或咨询低保边缘家庭认定。",
            "Correct the entry if it is wrong; otherwise ask for temporary aid or for recognition as a marginal household.",
        );
        findings.push(Finding::new(code, RULE, reason).instead(alternative));
    };
    let (cash, limit) = (owned.cash(), edition.cash_limit(form.members.len()));
    if cash > limit {
        find(
            "money_too_much",
            Text::new(
                format!("货币财产{cash}元，超过上限{limit}元。"),
                format!("Money of {cash} yuan is above the limit of {limit}."),
            ),
        );
    }
    if owned.vehicles.iter().any(|vehicle| !edition.vehicles_allowed.contains(&vehicle.kind)) {
        find(
            "vehicle",
            Text::fixed("家庭拥有生活用汽车等机动车辆或船舶。", "The household owns a car, truck or boat."),
        );
    }
    let kept = |used: MinimumLivingHouseUse| used != MinimumLivingHouseUse::Uninhabitable;
    let commercial = owned.houses.iter().any(|house| house.used == MinimumLivingHouseUse::Commercial);
    if commercial || owned.houses.iter().filter(|house| kept(house.used)).count() > edition.houses_allowed {
        let allowed = edition.houses_allowed;
        find(
            "houses_too_many",
            Text::new(
                format!("家庭拥有商铺、厂房，或可居住房屋超过{allowed}套。"),
                format!("The household owns business premises, or more than {allowed} habitable house(s)."),
            ),
        );
    }
    if owned.enterprises.iter().any(|enterprise| enterprise.operating && enterprise.share_percent > 0) {
        find(
            "enterprise",
            Text::fixed("家庭成员拥有正在经营的企业。", "A member owns a business that is running."),
        );
    }
}

/// The first opinion needs a passed home visit, the decision a finished notice without upheld objections.
pub fn guard(action: ActionKind, facts: &Facts<'_>) -> Result<(), Refusal> {
    let stage = &facts.policies.minimum_living.home_visit_stage;
    // A later failure undoes a pass.
    let visited =
        facts.site_visits.iter().rev().find(|visit| visit.stage == *stage).is_some_and(|visit| visit.passed);
    let mut missing = Vec::new();
    if matches!(action, ActionKind::PublishNotice | ActionKind::Approve) && !visited {
        missing.push(("入户调查尚未通过", "the home visit has not been passed"));
    }
    if action == ActionKind::Approve {
        match facts.notice.filter(|notice| notice.closed_at.is_some()) {
            None => missing.push(("公示尚未结束", "the public notice is not over")),
            Some(notice) => {
                let upheld = notice.objections.iter().filter_map(|objection| objection.resolution.as_ref());
                if upheld.into_iter().any(|resolution| resolution.upheld) {
                    missing.push(("公示异议成立", "an objection was upheld"));
                }
                if notice.open_objections() > 0 {
                    missing.push(("公示异议尚未答复", "an objection has no answer yet"));
                }
            }
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let (zh, en): (Vec<&str>, Vec<&str>) = missing.into_iter().unzip();
    let detail =
        (format!("还不能办理此步：{}。", zh.join("；")), format!("Not yet possible: {}.", en.join("; ")));
    Err(Refusal::conflict("steps_missing", detail.0, detail.1)
        .on("社会救助暂行办法 11; 民发〔2021〕57号")
        .with("missing", Value::from(zh)))
}
