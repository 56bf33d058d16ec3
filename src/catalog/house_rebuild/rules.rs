//! What the counter checks of a house form: the household, the four sides, sizes and dates that cannot be
//! right together. Limits are no matter of rules but of entitlement.

use chrono::{Months, NaiveDate};

use super::policy::{HouseEdition, HouseRebuildPolicy};
use super::site::{HouseOpinion, HouseSide};
use super::{HouseBuildKind, HouseRebuildForm};
use crate::catalog::family::{MaritalStatus, Relation, at, repeated};
use crate::domain::text::{FieldError, Text};

const OF_AGE: u32 = 18;
/// Clear heights between which a storey is plausible; outside is a slip of the pen.
const STOREY_CM: std::ops::RangeInclusive<u32> = 220..=600;

type Errors = Vec<FieldError>;

fn say(errors: &mut Errors, fields: &[&str], code: &'static str, zh: &'static str, en: &'static str) {
    errors.push(FieldError::across(fields, code, Text::fixed(zh, en)));
}

/// Every rule across fields.
pub fn rules(form: &HouseRebuildForm, today: NaiveDate, policy: &HouseRebuildPolicy) -> Vec<FieldError> {
    let mut errors = Vec::new();
    household(form, today, &mut errors);
    homesteads(form, today, &mut errors);
    neighbours(form, today, &mut errors);
    plan(form, &mut errors);
    dates(form, today, policy.on(today), &mut errors);
    errors
}

fn household(form: &HouseRebuildForm, today: NaiveDate, errors: &mut Errors) {
    if form.head.id_number.age_on(today) < OF_AGE {
        say(
            errors,
            &["/head/id_number"],
            "head_not_of_age",
            "户主应已成年。",
            "The head of the household must be of age.",
        );
    }
    for (index, member) in form.members.iter().enumerate() {
        let field = at("members", index, "id_number");
        if member.id_number.born_after(today) {
            say(errors, &[&field], "in_future", "出生日期晚于今天。", "Born in the future.");
        }
        if member.id_number == form.head.id_number {
            say(
                errors,
                &[&field, "/head/id_number"],
                "duplicate_member",
                "户主不重复列入成员。",
                "The head is not listed again.",
            );
        }
        if member.relation == Relation::Oneself {
            let field = at("members", index, "relation");
            say(
                errors,
                &[&field],
                "oneself_mismatch",
                "户主本人不列入成员。",
                "“Oneself” is the head, who is not listed here.",
            );
        }
    }
    for index in repeated(&form.members, |member| member.id_number.clone()) {
        let field = at("members", index, "id_number");
        say(
            errors,
            &[&field, "/members"],
            "duplicate_member",
            "同一人只能填写一次。",
            "Nobody may be listed twice.",
        );
    }
    let of_age = |id: &crate::domain::id_number::IdNumber| id.age_on(today) >= OF_AGE;
    let married_child = form.members.iter().any(|member| {
        member.relation == Relation::Child
            && member.marital_status == MaritalStatus::Married
            && of_age(&member.id_number)
    });
    let married_head = form.head.marital_status == MaritalStatus::Married;
    if form.splits_household && !married_child && !married_head {
        say(
            errors,
            &["/splits_household", "/members", "/head/marital_status"],
            "no_ground_to_split",
            "分户须有已成年并结婚的成员。",
            "A household is split for somebody of age and married.",
        );
    }
}

fn homesteads(form: &HouseRebuildForm, today: NaiveDate, errors: &mut Errors) {
    if form.homesteads.iter().filter(|old| old.to_be_rebuilt).count() != 1 {
        let (zh, en) = ("应指明且只指明一处申请翻建的危房。", "Name exactly one house to be rebuilt.");
        say(errors, &["/homesteads"], "one_house_to_rebuild", zh, en);
    }
    for (index, old) in form.homesteads.iter().enumerate() {
        if i64::from(old.built_year) > i64::from(chrono::Datelike::year(&today)) {
            let field = at("homesteads", index, "built_year");
            say(errors, &[&field], "in_future", "建成年份不能晚于今年。", "Built in the future.");
        }
    }
    if form.appraisal.reported_on > today {
        say(
            errors,
            &["/appraisal/reported_on"],
            "in_future",
            "鉴定日期不能晚于今天。",
            "Appraised in the future.",
        );
    }
}

fn neighbours(form: &HouseRebuildForm, today: NaiveDate, errors: &mut Errors) {
    let all = &form.site.neighbours;
    let sides = [HouseSide::East, HouseSide::South, HouseSide::West, HouseSide::North];
    if !sides.iter().all(|side| all.iter().filter(|neighbour| neighbour.side == *side).count() == 1) {
        let (zh, en) = ("东、南、西、北四邻应各填一次。", "East, south, west and north, each exactly once.");
        say(errors, &["/site/neighbours"], "four_sides", zh, en);
    }
    for (index, neighbour) in all.iter().enumerate() {
        let field = |name: &str| format!("/site/neighbours/{index}/{name}");
        let nobody = matches!(neighbour.opinion, HouseOpinion::NoNeighbour {});
        if nobody == neighbour.name.is_some() {
            say(
                errors,
                &[&field("name"), &field("opinion")],
                "name_and_opinion",
                "有邻户的填户主姓名，无邻户的不填。",
                "Give the neighbour's name where there is one, and only there.",
            );
        }
        if matches!(neighbour.opinion, HouseOpinion::Agree { signed_on } if signed_on > today) {
            say(errors, &[&field("opinion")], "in_future", "签字日期不能晚于今天。", "Signed in the future.");
        }
    }
}

fn plan(form: &HouseRebuildForm, errors: &mut Errors) {
    let plan = &form.plan;
    if plan.footprint_dm2 > plan.land_area_dm2 {
        say(
            errors,
            &["/plan/footprint_dm2", "/plan/land_area_dm2"],
            "footprint_too_large",
            "占地面积不能大于用地面积。",
            "The footprint cannot be larger than the land.",
        );
    }
    if plan.floor_area_dm2 < plan.footprint_dm2 {
        say(
            errors,
            &["/plan/floor_area_dm2", "/plan/footprint_dm2"],
            "floor_area_too_small",
            "建筑面积不能小于占地面积。",
            "The floor area cannot be smaller than the footprint.",
        );
    }
    if plan.storeys > 0 && !STOREY_CM.contains(&(plan.height_cm / u32::from(plan.storeys))) {
        say(
            errors,
            &["/plan/height_cm", "/plan/storeys"],
            "height_implausible",
            "高度与层数不相称，请核对（单位：厘米）。",
            "The height does not fit the storeys; check it (in cm).",
        );
    }
    let old = form.homesteads.iter().find(|old| old.to_be_rebuilt);
    if form.kind == HouseBuildKind::SameSite && old.is_some_and(|old| plan.land_area_dm2 > old.land_area_dm2)
    {
        say(
            errors,
            &["/plan/land_area_dm2", "/kind", "/homesteads"],
            "larger_than_before",
            "原址翻建的用地不能大于原宅基地；要扩大请选扩建。",
            "Rebuilt on the same site it cannot take more land; choose “extend”.",
        );
    }
}

fn dates(form: &HouseRebuildForm, today: NaiveDate, edition: Option<&HouseEdition>, errors: &mut Errors) {
    let (plan, collective, commitment) = (&form.plan, &form.collective, &form.commitment);
    if collective.notice_from < collective.met_on || collective.notice_to < collective.notice_from {
        say(
            errors,
            &["/collective/notice_from", "/collective/met_on", "/collective/notice_to"],
            "dates_out_of_order",
            "应先讨论、后公示，公示止不早于起。",
            "First the meeting, then the notice, which ends after it began.",
        );
    }
    if collective.notice_to > today {
        say(
            errors,
            &["/collective/notice_to"],
            "in_future",
            "村内公示结束后再申请。",
            "Apply once the village notice is over.",
        );
    }
    if plan.start_on <= today {
        say(
            errors,
            &["/plan/start_on"],
            "before_approval",
            "批准前不得开工。",
            "No building before the approval.",
        );
    }
    if plan.finish_on <= plan.start_on {
        let (zh, en) = ("竣工应晚于开工。", "It is finished after it began.");
        say(errors, &["/plan/finish_on", "/plan/start_on"], "dates_out_of_order", zh, en);
    }
    let clear_by = match form.kind {
        HouseBuildKind::SameSite => Some(plan.start_on),
        HouseBuildKind::Alter | HouseBuildKind::Extend | HouseBuildKind::NewSite => {
            edition.map(|edition| plan.finish_on + Months::new(edition.clear_within_months))
        }
    };
    if clear_by.is_some_and(|latest| commitment.by > latest) || commitment.by < today {
        say(
            errors,
            &["/commitment/by", "/kind", "/plan/start_on", "/plan/finish_on"],
            "clearance_too_late",
            "原址翻建应在开工前拆除旧房；其他方式应在竣工后规定期限内处置。",
            "On the same site the old house goes before building begins, otherwise within the set time after completion.",
        );
    }
    if edition
        .is_some_and(|edition| plan.finish_on > plan.start_on + Months::new(edition.build_within_months))
    {
        let (zh, en) = ("工期超过规定期限。", "The time of building is longer than allowed.");
        say(errors, &["/plan/finish_on", "/plan/start_on"], "builds_too_long", zh, en);
    }
}
