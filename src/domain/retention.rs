//! How long an application is kept after it ended: rules as data, by item and outcome, with effective dates
//! (个人信息保护法 19, 47). What is kept because the law says so serves nothing else any more.

use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::lifecycle::Status;

/// 办理结果, as far as keeping goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// 办结
    Closed,
    /// 不予受理、撤回、终止
    Ended,
}

impl Outcome {
    /// Of a status that is an end; `None` while it is none.
    pub fn of(status: Status) -> Option<Self> {
        match status {
            Status::Closed => Some(Outcome::Closed),
            other if other.is_terminal() => Some(Outcome::Ended),
            _ => None,
        }
    }
}

/// 保存期限
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetentionRule {
    /// Code of an item, or `*`.
    pub service: String,
    /// Which outcome.
    pub outcome: Outcome,
    /// Years after the end; for ever without.
    pub years: Option<u32>,
    /// For what ends on this day or later.
    pub from: NaiveDate,
    /// Why so long.
    pub basis: String,
    /// Not verified locally.
    pub sample: bool,
}

impl RetentionRule {
    /// The day on which what ended on `day` may go; never without years.
    pub fn until(&self, day: NaiveDate) -> Option<NaiveDate> {
        self.years.and_then(|years| day.checked_add_months(Months::new(years * 12)))
    }
}

/// 保存期限表
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    rule: Vec<RetentionRule>,
}

impl Schedule {
    /// Reads the rules; each outcome needs one for every item.
    pub fn parse(text: &str) -> Result<Self, String> {
        let schedule: Schedule = toml::from_str(text).map_err(|error| error.to_string())?;
        for outcome in [Outcome::Closed, Outcome::Ended] {
            if !schedule.rule.iter().any(|rule| rule.service == "*" && rule.outcome == outcome) {
                return Err(format!("no rule for every item that has {outcome:?}"));
            }
        }
        Ok(schedule)
    }

    /// The rule for an item that ended so on that day: its own before the general one, the latest in force.
    pub fn rule(&self, service: &str, outcome: Outcome, day: NaiveDate) -> Option<&RetentionRule> {
        let fits = |rule: &&RetentionRule| rule.outcome == outcome && rule.from <= day;
        let latest = |name: &str| {
            self.rule.iter().filter(fits).filter(|rule| rule.service == name).max_by_key(|rule| rule.from)
        };
        latest(service).or_else(|| latest("*"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    const RULES: &str = r#"
        rule = [
            { service = "*", outcome = "closed", years = 10, from = "2024-01-01", basis = "b", sample = true },
            { service = "*", outcome = "closed", years = 5, from = "2026-01-01", basis = "b", sample = true },
            { service = "*", outcome = "ended", years = 2, from = "2024-01-01", basis = "b", sample = true },
            { service = "house_rebuild", outcome = "closed", from = "2024-01-01", basis = "b", sample = true },
        ]"#;

    #[test]
    fn the_own_rule_wins_then_the_latest_in_force() {
        let schedule = Schedule::parse(RULES).unwrap();
        let until = |service: &str, outcome, on: &str| {
            schedule.rule(service, outcome, day(on)).unwrap().until(day(on))
        };
        assert_eq!(until("pension_insurance", Outcome::Closed, "2025-06-30"), Some(day("2035-06-30")));
        assert_eq!(until("pension_insurance", Outcome::Closed, "2026-02-28"), Some(day("2031-02-28")));
        assert_eq!(until("house_rebuild", Outcome::Closed, "2026-02-28"), None, "for ever");
        assert_eq!(until("house_rebuild", Outcome::Ended, "2024-02-29"), Some(day("2026-02-28")));
        assert_eq!(schedule.rule("house_rebuild", Outcome::Closed, day("2020-01-01")), None);
    }

    #[test]
    fn a_schedule_with_a_hole_is_refused() {
        let holed = RULES.replace("\"ended\"", "\"closed\"");
        assert!(Schedule::parse(&holed).unwrap_err().contains("Ended"));
        assert!(Schedule::parse("rule = 3").is_err());
    }

    #[test]
    fn every_end_has_an_outcome() {
        for status in Status::ALL {
            assert_eq!(Outcome::of(status).is_some(), status.is_terminal(), "{status:?}");
        }
    }
}
