//! Who is entitled to the housing aid: every reason against it, with the nearest alternative. What counts
//! (adopted, deceased, how many) stands in the policy of the year.

use super::HousingAidForm;
use super::parts::HousingDifficulty;
use super::policy::{HousingAidPolicy, HousingAidYear};
use crate::catalog::family::Child;
use crate::catalog::item::Finding;
use crate::domain::id_number::Sex;
use crate::domain::text::Text;

const RULE: &str = "人口与计划生育法 27, 31; 安居工程年度办法";

/// Every reason against the grant.
pub fn eligibility(form: &HousingAidForm, policy: &HousingAidPolicy) -> Vec<Finding> {
    let mut findings = Vec::new();
    match policy.of_year(form.year) {
        Some(page) => {
            daughters(form, page, &mut findings);
            certificates(form, page, &mut findings);
            housing(form, page, &mut findings);
        }
        None => findings.push(Finding::new(
            "no_policy",
            RULE,
            Text::fixed("该年度没有安居工程名额。", "There is no quota for that year."),
        )),
    }
    findings
}

fn find(findings: &mut Vec<Finding>, code: &'static str, reason: Text, instead: Text) {
    findings.push(Finding::new(code, RULE, reason).instead(instead));
}

/// The children the policy of the year looks at.
fn counted<'a>(form: &'a HousingAidForm, page: &HousingAidYear) -> Vec<&'a Child> {
    form.children.iter().filter(|child| child.alive || page.counts_deceased).collect()
}

fn daughters(form: &HousingAidForm, page: &HousingAidYear, findings: &mut Vec<Finding>) {
    let counted = counted(form, page);
    if counted.iter().any(|child| child.sex == Sex::Male) {
        find(
            findings,
            "has_a_son",
            Text::fixed(
                "有儿子的家庭不属于独女户或二女户。",
                "A family with a son is none of one or two daughters.",
            ),
            Text::fixed(
                "可申请农村危房改造补助、危房翻建或公租房。",
                "Ask for the dangerous-house subsidy, a rebuilding permit or public housing.",
            ),
        );
    }
    let daughters = counted.iter().filter(|child| child.sex == Sex::Female).count();
    if !(page.least_daughters..=page.most_daughters).contains(&daughters) {
        let (least, most) = (page.least_daughters, page.most_daughters);
        find(
            findings,
            "number_of_daughters",
            Text::new(
                format!("女儿{daughters}人，本年度限{least}至{most}人的家庭。"),
                format!("{daughters} daughter(s); this year's aid is for families with {least} to {most}."),
            ),
            Text::fixed(
                "可申请农村危房改造补助或公租房。",
                "Ask for the dangerous-house subsidy or public housing.",
            ),
        );
    }
    if !page.admits_adopted && counted.iter().any(|child| child.adopted) {
        find(
            findings,
            "adopted_not_admitted",
            Text::fixed(
                "收养的子女不计入本年度安居工程。",
                "Adopted children do not count for this year's aid.",
            ),
            Text::fixed("可申请其他住房保障。", "Ask for other housing support."),
        );
    }
}

fn certificates(form: &HousingAidForm, page: &HousingAidYear, findings: &mut Vec<Finding>) {
    let facts = &form.certificates;
    let only = counted(form, page).len() == 1;
    if !(only && facts.only_child_certificate || !only && facts.two_daughters_certificate) {
        find(
            findings,
            "certificate_missing",
            Text::fixed("没有与家庭类型相应的证明。", "The certificate of that kind of family is missing."),
            Text::fixed(
                "向街道卫健申请补办或核查档案。",
                "Ask the street's health office for a copy or a search of the files.",
            ),
        );
    }
    if facts.policy_violation {
        find(
            findings,
            "policy_violation",
            Text::fixed(
                "有违反当时生育政策的记录。",
                "There is a record of a violation of the birth policy of its time.",
            ),
            Text::fixed(
                "对记录有异议的可申请核查；住房困难可申请公租房。",
                "Ask for a review of the record; for housing, ask for public housing.",
            ),
        );
    }
    let here = form.spouses().any(|spouse| spouse.registered_locally && (spouse.rural || !page.rural_only));
    if !here {
        find(
            findings,
            "not_registered_here",
            Text::fixed(
                "夫妻双方都不是本街道农村户籍。",
                "Neither of the couple is registered here as rural.",
            ),
            Text::fixed("到户籍地申请。", "Apply where you are registered."),
        );
    }
}

fn housing(form: &HousingAidForm, page: &HousingAidYear, findings: &mut Vec<Finding>) {
    match &form.difficulty {
        HousingDifficulty::Dangerous { grade, .. } if !page.dangerous_grades.contains(grade) => find(
            findings,
            "not_dangerous",
            Text::fixed("鉴定为A级或B级，不属于危房。", "Graded A or B: the house is not dangerous."),
            Text::fixed(
                "加固维修；人均面积不足的可按拥挤情形申请。",
                "Repair it; if it is too small, apply on that ground.",
            ),
        ),
        HousingDifficulty::Crowded { floor_area_dm2, persons } => {
            let per_head = floor_area_dm2 / (*persons).max(1);
            if per_head >= page.crowded_below_dm2 {
                let metres = |dm2: u32| format!("{}.{:02}m²", dm2 / 100, dm2 % 100);
                let (have, limit) = (metres(per_head), metres(page.crowded_below_dm2));
                find(
                    findings,
                    "not_crowded",
                    Text::new(
                        format!("人均住房面积{have}，不低于{limit}。"),
                        format!("{have} per head, which is not below {limit}."),
                    ),
                    Text::fixed(
                        "住房属危房的，凭鉴定报告按危房情形申请。",
                        "If the house is dangerous, apply on that ground with an appraisal.",
                    ),
                );
            }
        }
        HousingDifficulty::NoneOwned {} | HousingDifficulty::Dangerous { .. } => {}
    }
    if let Some(grant) = form.earlier_grants.iter().find(|grant| grant.for_housing) {
        find(
            findings,
            "already_granted",
            Text::new(
                format!("{}年已享受“{}”，建房、购房补助一户一次。", grant.year, grant.name),
                format!("A housing grant was paid in {}; there is one per household.", grant.year),
            ),
            Text::fixed("可咨询其他计生家庭奖励扶助。", "Ask about the other rewards for such families."),
        );
    }
}
