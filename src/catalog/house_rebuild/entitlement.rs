//! Who may rebuild, and how large: every reason against a permit, with what would do instead.
//! 土地管理法 44, 62; 同法实施条例 34; 民法典 301.

use chrono::{Months, NaiveDate};

use super::plan::HouseLand;
use super::policy::{HouseEdition, HouseRebuildPolicy};
use super::site::HouseUse;
use super::{HouseBuildKind, HouseClearance, HouseRebuildForm};
use crate::catalog::item::Finding;
use crate::domain::text::Text;

const ONE_HOMESTEAD: &str = "土地管理法 62";

/// Every reason against a permit. A neighbour's disagreement is none: it is heard (行政许可法 36).
pub fn eligibility(form: &HouseRebuildForm, today: NaiveDate, policy: &HouseRebuildPolicy) -> Vec<Finding> {
    let mut findings = household(form);
    match policy.on(today) {
        Some(edition) => {
            house(form, edition, today, &mut findings);
            sizes(form, edition, &mut findings);
        }
        None => findings.push(Finding::new(
            "no_policy",
            ONE_HOMESTEAD,
            Text::fixed("当日没有生效的建房标准。", "No building standard is in force that day."),
        )),
    }
    findings
}

fn household(form: &HouseRebuildForm) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut find = |code, rule, zh: &'static str, en: &'static str, instead: Text| {
        findings.push(Finding::new(code, rule, Text::fixed(zh, en)).instead(instead));
    };
    if !form.head.collective_member {
        find(
            "not_a_member",
            "土地管理法实施条例 34",
            "户主不是本集体经济组织成员。",
            "The head of the household does not belong to the collective.",
            Text::fixed(
                "由具备成员资格的家庭成员作为户主申请。",
                "A member of the household who belongs to it may apply.",
            ),
        );
    }
    let parted = |used| matches!(used, HouseUse::Sold | HouseUse::RentedOut | HouseUse::GivenAway);
    if form.homesteads.iter().any(|old| parted(old.used)) {
        find(
            "parted_with_a_homestead",
            ONE_HOMESTEAD,
            "出卖、出租、赠与住宅后再申请宅基地的，不予批准。",
            "Whoever sold, let or gave away a house gets no new homestead.",
            Text::fixed(
                "对现有房屋加固维修，或申请住房保障。",
                "Strengthen the present house, or apply for public housing.",
            ),
        );
    }
    let kept = form.homesteads.iter().filter(|old| !old.to_be_rebuilt && !parted(old.used)).count();
    if kept > 0 {
        find(
            "more_than_one_homestead",
            ONE_HOMESTEAD,
            "一户只能拥有一处宅基地。",
            "One household, one homestead.",
            Text::fixed(
                "先退出其余宅基地，或符合条件的先分户。",
                "Give the others back first, or split the household if it qualifies.",
            ),
        );
    }
    if form.kind == HouseBuildKind::NewSite && form.commitment.clearance != HouseClearance::GiveBack {
        find(
            "old_homestead_kept",
            ONE_HOMESTEAD,
            "异地新建须退回原宅基地。",
            "Building on a new site means returning the old homestead.",
            Text::fixed(
                "承诺退回原宅基地，或改为原址翻建。",
                "Commit to returning it, or rebuild on the same site.",
            ),
        );
    }
    if !form.collective.agreed {
        find(
            "collective_disagrees",
            "土地管理法实施条例 34",
            "集体讨论未同意。",
            "The collective did not agree.",
            Text::fixed(
                "由社区说明理由并协商后再次讨论。",
                "The community explains why and brings it up again.",
            ),
        );
    }
    if form.co_owners.iter().any(|owner| !owner.consents) {
        find(
            "co_owner_refuses",
            "民法典 301",
            "有共有人或继承人不同意。",
            "A co-owner or heir does not consent.",
            Text::fixed("先调解或分割共有财产。", "Mediate, or divide the property first."),
        );
    }
    if matches!(form.plan.land, HouseLand::Farmland { conversion_no: None }) {
        find(
            "farmland_not_converted",
            "土地管理法 44",
            "占用农用地，尚未办理农用地转用审批。",
            "The land is farmland and has not been converted.",
            Text::fixed(
                "先办农用地转用，或在原宅基地翻建。",
                "Have it converted first, or rebuild on the old homestead.",
            ),
        );
    }
    findings
}

fn house(form: &HouseRebuildForm, edition: &HouseEdition, today: NaiveDate, findings: &mut Vec<Finding>) {
    if !edition.dangerous_grades.contains(&form.appraisal.grade) {
        let reason =
            Text::fixed("鉴定为A级或B级，不属于危房。", "Graded A or B: the house is not dangerous.");
        let instead =
            Text::fixed("加固维修即可，不需要翻建审批。", "Repair it; that needs no approval to rebuild.");
        findings.push(
            Finding::new("not_dangerous", "JGJ 125-2016; 建村函〔2019〕200号", reason).instead(instead),
        );
    }
    if form.appraisal.reported_on + Months::new(edition.appraisal_valid_months) < today {
        let months = edition.appraisal_valid_months;
        let reason = Text::new(
            format!("鉴定报告已超过{months}个月。"),
            format!("The appraisal is older than {months} months."),
        );
        let instead = Text::fixed("请鉴定机构复核或重新鉴定。", "Have the house appraised again.");
        findings.push(Finding::new("appraisal_outdated", "建村函〔2019〕200号", reason).instead(instead));
    }
    let hung = form.collective.notice_to.signed_duration_since(form.collective.notice_from).num_days();
    if hung < i64::from(edition.village_notice_days) {
        let days = edition.village_notice_days;
        let reason = Text::new(
            format!("村内公示不足{days}日。"),
            format!("The village notice hung for less than {days} days."),
        );
        let instead = Text::fixed("补足公示期后再申请。", "Let it hang for the full time, then apply.");
        findings.push(Finding::new("village_notice_short", "土地管理法实施条例 34", reason).instead(instead));
    }
}

fn sizes(form: &HouseRebuildForm, edition: &HouseEdition, findings: &mut Vec<Finding>) {
    let plan = &form.plan;
    let mut above = |code, what: (&str, &str), asked: String, limit: String| {
        let reason = Text::new(
            format!("{}{asked}，超过上限{limit}。", what.0),
            format!("{} {asked} is above the limit of {limit}.", what.1),
        );
        let instead = Text::new(format!("减至{limit}以内。"), format!("Reduce it to {limit}."));
        findings.push(Finding::new(code, "土地管理法 62; 城乡规划法 41", reason).instead(instead));
    };
    let land_limit = edition.land_limit(form.persons(), &plan.land);
    if plan.land_area_dm2 > land_limit {
        above(
            "land_above_limit",
            ("用地面积", "Land area"),
            square_metres(plan.land_area_dm2),
            square_metres(land_limit),
        );
    }
    if plan.floor_area_dm2 > edition.floor_area_dm2 {
        let (asked, limit) = (square_metres(plan.floor_area_dm2), square_metres(edition.floor_area_dm2));
        above("floor_area_above_limit", ("建筑面积", "Floor area"), asked, limit);
    }
    if plan.storeys > edition.storeys {
        let (asked, limit) = (format!("{}层", plan.storeys), format!("{}层", edition.storeys));
        above("too_many_storeys", ("层数", "Storeys:"), asked, limit);
    }
    if plan.height_cm > edition.height_cm {
        let metres = |cm: u32| format!("{}.{:02}m", cm / 100, cm % 100);
        above("too_high", ("建筑高度", "Height"), metres(plan.height_cm), metres(edition.height_cm));
    }
}

fn square_metres(dm2: u32) -> String {
    format!("{}.{:02}m²", dm2 / 100, dm2 % 100)
}
