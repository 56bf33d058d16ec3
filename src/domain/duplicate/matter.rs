//! 同一事由: of which period and occasion an application is, and about whom or what.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};

use super::measure::{Measure, SECTION};

/// 所属期间
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// 参保年度, 申报年度: as the form says; unknown while it does not.
    Declared(Option<i64>),
    /// 自然年: of the day on which it was filed.
    Calendar(NaiveDate),
    /// 长期
    OpenEnded,
}

/// 事由: which matter of somebody's it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matter {
    /// Of which period.
    pub period: Period,
    /// On which occasion: what the form says about it, in the order of the rule; empty while it says nothing.
    pub occasion: Vec<String>,
    /// Whether the item tells occasions apart.
    pub has_occasion: bool,
    /// About whom or what; one set for each list of the rule.
    pub subjects: Vec<BTreeSet<String>>,
}

/// How far two matters are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sameness {
    /// In everything, and everything is known.
    pub same: bool,
    /// The occasions are days apart.
    pub near: bool,
    /// Some of the subjects are the same.
    pub shared: bool,
}

impl Period {
    /// What its key says; `None` while it is not known.
    fn key(self) -> Option<String> {
        match self {
            Period::Declared(year) => year.map(|year| year.to_string()),
            Period::Calendar(day) => Some(day.year().to_string()),
            Period::OpenEnded => Some(String::new()),
        }
    }

    /// What the keys say by which the likely ones are found: across the end of a calendar year as well.
    pub fn block(self) -> Option<String> {
        match self {
            Period::Calendar(_) => Some(String::new()),
            Period::Declared(_) | Period::OpenEnded => self.key(),
        }
    }

    /// Whether it is the same: surely, perhaps, or not at all.
    fn same(self, other: Self, measure: &Measure) -> Option<bool> {
        match (self, other) {
            (Period::Declared(Some(one)), Period::Declared(Some(other))) => (one == other).then_some(true),
            (Period::Calendar(one), Period::Calendar(other)) => {
                let near = (one - other).num_days().abs() <= measure.across_years_days;
                (one.year() == other.year() || near).then_some(one.year() == other.year())
            }
            (Period::OpenEnded, Period::OpenEnded) => Some(true),
            _ => Some(false),
        }
    }
}

impl Matter {
    /// The whole of it; `None` while something of it is not known.
    pub fn key(&self) -> Option<String> {
        let known = !(self.has_occasion && self.occasion.is_empty());
        let told = self.subjects.iter().all(|subjects| !subjects.is_empty());
        (known && told).then_some(())?;
        self.period.key().map(|period| [period, self.what()].join(SECTION))
    }

    /// As it is compared, known or not.
    pub fn text(&self) -> String {
        [self.period.key().unwrap_or_default(), self.what()].join(SECTION)
    }

    fn what(&self) -> String {
        let subjects = self.subjects.iter().map(|set| set.iter().cloned().collect::<Vec<_>>().join("、"));
        self.occasion.iter().cloned().chain(subjects).collect::<Vec<_>>().join(SECTION)
    }

    /// How far it is the same; `None` where it is another.
    pub fn compare(&self, other: &Self, measure: &Measure) -> Option<Sameness> {
        let period = self.period.same(other.period, measure)?;
        let (occasion, near) = self.occasions(other, measure)?;
        let (mut subjects, mut shared) = (true, false);
        for (own, theirs) in self.subjects.iter().zip(&other.subjects) {
            if own.is_empty() || theirs.is_empty() {
                subjects = false;
            } else if own.is_disjoint(theirs) {
                return None;
            } else {
                shared = true;
                subjects &= own == theirs;
            }
        }
        Some(Sameness { same: period && occasion && subjects, near, shared })
    }

    fn occasions(&self, other: &Self, measure: &Measure) -> Option<(bool, bool)> {
        if self.occasion == other.occasion {
            return Some((!self.has_occasion || !self.occasion.is_empty(), false));
        }
        if self.occasion.is_empty() || other.occasion.is_empty() {
            return Some((false, false));
        }
        // Expected then and born then is one child; what is no date has to be the same.
        let day = |text: &String| text.parse::<NaiveDate>().ok();
        let days = |matter: &Self| matter.occasion.iter().filter_map(day).collect::<Vec<_>>();
        let words = |matter: &Self| {
            matter.occasion.iter().filter(|text| day(text).is_none()).cloned().collect::<Vec<_>>()
        };
        let (mine, theirs) = (days(self), days(other));
        let near = |a: &NaiveDate| theirs.iter().any(|b| (*a - *b).num_days().abs() <= measure.occasion_days);
        let dated = mine.is_empty() || theirs.is_empty() || mine.iter().any(near);
        (dated && words(self) == words(other)).then_some((false, true))
    }
}
