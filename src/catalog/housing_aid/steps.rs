//! Step rules of the housing aid: the window of its year, the finished notice, the last look.

use serde_json::Value;

use crate::catalog::item::Facts;
use crate::domain::lifecycle::ActionKind;
use crate::domain::refusal::Refusal;

/// Step rules: a draft must not outlive the window; a grant needs the finished notice.
pub fn guard(year: i32, action: ActionKind, facts: &Facts<'_>) -> Result<(), Refusal> {
    let policy = &facts.policies.housing_aid;
    match action {
        ActionKind::Submit if !policy.is_open(year, facts.today) => {
            let text = policy.closed(year, facts.today);
            Err(Refusal::conflict("window_closed", text.zh, text.en)
                .on("安居工程年度申报安排")
                .with("open_years", Value::from(policy.open_years(facts.today))))
        }
        ActionKind::Approve => notice_over(facts),
        ActionKind::Close => completed(facts),
        _ => Ok(()),
    }
}

fn notice_over(facts: &Facts<'_>) -> Result<(), Refusal> {
    let Some(notice) = facts.notice.filter(|notice| notice.closed_at.is_some()) else {
        return Err(Refusal::conflict(
            "notice_not_over",
            "公示尚未结束，不能准予。",
            "The public notice is not over, so it cannot be granted.",
        )
        .on("公示期满"));
    };
    let mut resolutions = notice.objections.iter().filter_map(|objection| objection.resolution.as_ref());
    if resolutions.any(|resolution| resolution.upheld) {
        return Err(Refusal::conflict(
            "objection_upheld",
            "公示异议成立，不能准予。",
            "An objection was upheld, so it cannot be granted.",
        )
        .on("行政许可法 36"));
    }
    Ok(())
}

/// Once somebody went to look at the finished home, the last look must have been satisfactory.
fn completed(facts: &Facts<'_>) -> Result<(), Refusal> {
    match facts.site_visits.iter().rev().find(|visit| visit.stage == "completion") {
        Some(visit) if !visit.passed => Err(Refusal::conflict(
            "completion_not_passed",
            "竣工核查未通过，不能办结。",
            "The home was not found complete, so the case cannot be closed.",
        )),
        Some(_) | None => Ok(()),
    }
}
