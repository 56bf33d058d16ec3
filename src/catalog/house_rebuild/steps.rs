//! Step rules of house building: the appraisal before acceptance, visits and notice before a grant, the
//! later visits before the end.

use serde_json::Value;

use super::policy::{HouseVisit, HouseVisitBefore};
use crate::catalog::item::Facts;
use crate::domain::lifecycle::ActionKind;
use crate::domain::refusal::Refusal;
use crate::domain::review::{PublicNotice, SiteVisit};

/// What must have happened before a step; everything missing is told at once.
pub fn guard(action: ActionKind, facts: &Facts<'_>) -> Result<(), Refusal> {
    let visits = facts.policies.house_rebuild.on(facts.today).map_or(&[][..], |edition| &edition.visits);
    match action {
        ActionKind::Accept | ActionKind::AcceptWithPromise => appraisal_supplied(facts),
        ActionKind::Approve => {
            let mut missing = unpassed(visits, HouseVisitBefore::Approve, facts.site_visits);
            missing.extend(notice_gap(facts.notice));
            refuse(missing, "行政许可法 34, 36; 农经发〔2019〕6号")
        }
        // Whether the decision was a grant is not among the facts; but the ground is only staked out
        // after a grant, so a case with such a visit is a granted one. A granted case that was never
        // staked out closes unbuilt: the permit lapses.
        ActionKind::Close => {
            let after: Vec<_> =
                visits.iter().filter(|visit| visit.before == HouseVisitBefore::Close).collect();
            let begun =
                facts.site_visits.iter().any(|done| after.iter().any(|visit| visit.stage == done.stage));
            let missing =
                if begun { unpassed(visits, HouseVisitBefore::Close, facts.site_visits) } else { Vec::new() };
            refuse(missing, "农经发〔2019〕6号; 土地管理法 62")
        }
        _ => Ok(()),
    }
}

fn appraisal_supplied(facts: &Facts<'_>) -> Result<(), Refusal> {
    if facts.supplied.iter().any(|code| code == "appraisal_report") {
        return Ok(());
    }
    Err(Refusal::conflict(
        "appraisal_missing",
        "未提交房屋安全鉴定报告，不能受理，也不能容缺。",
        "Without the appraisal report it cannot be accepted, not even against a promise.",
    )
    .on("JGJ 125-2016; 建村函〔2019〕200号"))
}

/// Names of the visits of that step whose latest record is not a pass: a later failure undoes a pass.
fn unpassed(
    visits: &[HouseVisit],
    before: HouseVisitBefore,
    done: &[SiteVisit],
) -> Vec<(String, &'static str)> {
    let wanted = visits.iter().filter(|visit| visit.before == before);
    let passed =
        |stage: &str| done.iter().rev().find(|visit| visit.stage == stage).is_some_and(|visit| visit.passed);
    wanted
        .filter(|visit| !passed(&visit.stage))
        .map(|visit| (format!("“{}”到场核查未通过", visit.name), "a site visit has not been passed"))
        .collect()
}

fn notice_gap(notice: Option<&PublicNotice>) -> Option<(String, &'static str)> {
    let Some(notice) = notice.filter(|notice| notice.closed_at.is_some()) else {
        return Some(("公示尚未结束".to_owned(), "the public notice is not over"));
    };
    let upheld = |resolution: &crate::domain::review::Resolution| resolution.upheld;
    let founded = notice.objections.iter().any(|objection| objection.resolution.as_ref().is_some_and(upheld));
    founded.then(|| ("公示异议成立".to_owned(), "an objection was upheld"))
}

fn refuse(missing: Vec<(String, &'static str)>, basis: &'static str) -> Result<(), Refusal> {
    if missing.is_empty() {
        return Ok(());
    }
    let (zh, mut en): (Vec<String>, Vec<&str>) = missing.into_iter().unzip();
    en.dedup();
    let detail = format!("还不能办理此步：{}。", zh.join("；"));
    Err(Refusal::conflict("steps_missing", detail, format!("Not yet possible: {}.", en.join("; ")))
        .on(basis)
        .with("missing", Value::from(zh)))
}
