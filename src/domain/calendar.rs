//! Which days are working days. The State Council announces each year's days off late in the year
//! before, so the calendar is data (config/calendar/), and a count that runs past the announced years
//! goes on Monday to Friday and says that it is provisional.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::Deserialize;

/// 工作日历: the announced years, without a gap, and local suspensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    first: NaiveDate,
    /// One entry per day from `first` on: whether it is a working day.
    working: Vec<bool>,
    /// 停工停课: kept as dates, because they may lie outside the announced years.
    suspended: BTreeSet<NaiveDate>,
}

/// 到期日: where a count of working days ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The last day.
    pub date: NaiveDate,
    /// Whether days outside the announced years were counted Monday to Friday.
    pub provisional: bool,
}

/// 日历错误: what is wrong with the calendar files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CalendarError {
    /// A file is no such TOML.
    Syntax(String),
    /// There is no file.
    Empty,
    /// Two files are for this year.
    Duplicate(i32),
    /// Years on both sides are there, this one is not.
    Gap(i32),
    /// The notice of this year cannot rule on that day.
    OutsideYear(i32, NaiveDate),
    /// A range ends before it begins.
    Backwards(NaiveDate),
    /// A day is listed under both `off` and `work`, or an adjusted working day is no weekend.
    Contradiction(NaiveDate),
}

impl fmt::Display for CalendarError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(reason) => write!(f, "calendar: {reason}"),
            Self::Empty => write!(f, "calendar: no year at all"),
            Self::Duplicate(year) => write!(f, "calendar: {year} stands there twice"),
            Self::Gap(year) => write!(f, "calendar: {year} is missing between other years"),
            Self::OutsideYear(year, day) => write!(f, "calendar {year}: {day} is another year's"),
            Self::Backwards(day) => write!(f, "calendar: the range from {day} ends before it begins"),
            Self::Contradiction(day) => write!(f, "calendar: {day} cannot be an adjusted working day"),
        }
    }
}

impl std::error::Error for CalendarError {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Year {
    year: i32,
    #[serde(rename = "source")]
    _source: String,
    off: Vec<Span>,
    work: Vec<NaiveDate>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Span {
    Day(NaiveDate),
    Range { from: NaiveDate, to: NaiveDate },
}

impl Calendar {
    /// Reads one TOML file per year, in any order.
    pub fn parse(files: &[&str]) -> Result<Self, CalendarError> {
        let mut years = BTreeMap::new();
        for file in files {
            let year: Year =
                toml::from_str(file).map_err(|error| CalendarError::Syntax(error.to_string()))?;
            if let Some(earlier) = years.insert(year.year, year) {
                return Err(CalendarError::Duplicate(earlier.year));
            }
        }
        let (Some(from), Some(to)) = (years.keys().next().copied(), years.keys().last().copied()) else {
            return Err(CalendarError::Empty);
        };
        if let Some(missing) = (from..to).find(|year| !years.contains_key(year)) {
            return Err(CalendarError::Gap(missing));
        }
        let (Some(first), Some(last)) =
            (NaiveDate::from_ymd_opt(from, 1, 1), NaiveDate::from_ymd_opt(to, 12, 31))
        else {
            return Err(CalendarError::Syntax(format!("no such year: {from} or {to}")));
        };
        let working = first.iter_days().take_while(|day| *day <= last).map(is_weekday).collect();
        let mut calendar = Self { first, working, suspended: BTreeSet::new() };
        for year in years.values() {
            calendar.apply(year)?;
        }
        Ok(calendar)
    }

    fn apply(&mut self, year: &Year) -> Result<(), CalendarError> {
        let mut off = BTreeSet::new();
        for span in &year.off {
            let (from, to) = match span {
                Span::Day(day) => (*day, *day),
                Span::Range { from, to } => (*from, *to),
            };
            if to < from {
                return Err(CalendarError::Backwards(from));
            }
            // Both ends first: a mistyped year must not make a set of a million days.
            within(year.year, from).and(within(year.year, to))?;
            off.extend(from.iter_days().take_while(|day| *day <= to));
        }
        for day in &year.work {
            within(year.year, *day)?;
            if off.contains(day) || is_weekday(*day) {
                return Err(CalendarError::Contradiction(*day));
            }
        }
        let rulings = off.iter().map(|day| (day, false)).chain(year.work.iter().map(|day| (day, true)));
        for (day, works) in rulings {
            if let Some(entry) = self.index(*day).and_then(|index| self.working.get_mut(index)) {
                *entry = works;
            }
        }
        Ok(())
    }

    /// 停工停课: further days off by local order, a typhoon for instance.
    #[must_use]
    pub fn with_suspensions(mut self, days: impl IntoIterator<Item = NaiveDate>) -> Self {
        self.suspended.extend(days);
        self
    }

    /// The last announced day.
    pub fn horizon(&self) -> NaiveDate {
        let length = u64::try_from(self.working.len()).unwrap_or_default();
        self.first.checked_add_days(Days::new(length.saturating_sub(1))).unwrap_or(self.first)
    }

    /// Whether that day lies in the announced years.
    pub fn covers(&self, day: NaiveDate) -> bool {
        self.index(day).is_some_and(|index| index < self.working.len())
    }

    /// 工作日: as announced; outside the announced years Monday to Friday.
    pub fn is_working_day(&self, day: NaiveDate) -> bool {
        let announced = self.index(day).and_then(|index| self.working.get(index));
        announced.copied().unwrap_or_else(|| is_weekday(day)) && !self.suspended.contains(&day)
    }

    /// The `n`-th working day after `start`, which itself does not count; `start` for 0.
    pub fn add_working_days(&self, start: NaiveDate, n: u32) -> Due {
        let (mut date, mut left, mut provisional) = (start, n, !self.covers(start));
        while left > 0 {
            let Some(next) = date.succ_opt() else { break };
            date = next;
            provisional |= !self.covers(date);
            left -= u32::from(self.is_working_day(date));
        }
        Due { date, provisional }
    }

    /// The working days after `from` up to and including `to`; negative when `to` is before `from`.
    pub fn working_days_between(&self, from_exclusive: NaiveDate, to_inclusive: NaiveDate) -> i64 {
        if to_inclusive < from_exclusive {
            return -self.working_days_between(to_inclusive, from_exclusive);
        }
        let days = from_exclusive.iter_days().skip(1).take_while(|day| *day <= to_inclusive);
        days.map(|day| i64::from(self.is_working_day(day))).sum()
    }

    /// 顺延: that day if it is a working day, else the next one.
    pub fn next_working_day_on_or_after(&self, day: NaiveDate) -> NaiveDate {
        day.iter_days().find(|day| self.is_working_day(*day)).unwrap_or(day)
    }

    fn index(&self, day: NaiveDate) -> Option<usize> {
        usize::try_from(day.signed_duration_since(self.first).num_days()).ok()
    }
}

/// A notice may move days of the December before (a New Year's holiday that begins on the 30th).
fn within(year: i32, day: NaiveDate) -> Result<(), CalendarError> {
    let own = day.year() == year || (day.year() == year - 1 && day.month() == 12);
    if own { Ok(()) } else { Err(CalendarError::OutsideYear(year, day)) }
}

fn is_weekday(day: NaiveDate) -> bool {
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    const FILES: [&str; 3] = [
        include_str!("../../config/calendar/2026.toml"),
        include_str!("../../config/calendar/2024.toml"),
        include_str!("../../config/calendar/2025.toml"),
    ];

    fn day(text: &str) -> NaiveDate {
        text.parse().expect(text)
    }

    #[test]
    fn vectors_pass() {
        let calendar = Calendar::parse(&FILES).unwrap();
        #[rustfmt::skip]
        let vectors = [
            ("2026-02-12", 5, "2026-02-26"), ("2026-02-13", 1, "2026-02-14"),
            ("2026-02-13", 20, "2026-03-19"), ("2026-04-30", 1, "2026-05-06"),
            ("2026-04-30", 5, "2026-05-11"), ("2026-09-18", 1, "2026-09-20"),
            ("2026-09-24", 5, "2026-10-09"), ("2026-09-30", 1, "2026-10-08"),
            ("2025-12-31", 3, "2026-01-06"), ("2025-09-26", 5, "2025-10-10"),
            ("2024-02-08", 2, "2024-02-18"), ("2025-01-24", 10, "2025-02-13"),
            ("2026-11-23", 20, "2026-12-21"),
        ];
        for (start, n, due) in vectors {
            let expected = Due { date: day(due), provisional: false };
            assert_eq!(calendar.add_working_days(day(start), n), expected, "{start} + {n}");
            assert_eq!(calendar.working_days_between(day(start), day(due)), i64::from(n));
            assert_eq!(calendar.working_days_between(day(due), day(start)), -i64::from(n));
        }
    }

    #[test]
    fn years_have_the_announced_number_of_working_days() {
        let calendar = Calendar::parse(&FILES).unwrap();
        for (year, days) in [(2024, 251), (2025, 248), (2026, 248)] {
            let (from, to) = (day(&format!("{}-12-31", year - 1)), day(&format!("{year}-12-31")));
            assert_eq!(calendar.working_days_between(from, to), days, "{year}");
        }
        assert_eq!(calendar.horizon(), day("2026-12-31"));
        assert_eq!(calendar.next_working_day_on_or_after(day("2026-10-01")), day("2026-10-08"));
        assert_eq!(calendar.next_working_day_on_or_after(day("2026-10-10")), day("2026-10-10"));
    }

    #[test]
    fn past_the_horizon_is_provisional() {
        let calendar = Calendar::parse(&FILES).unwrap();
        let due = |start: &str, n| calendar.add_working_days(day(start), n);
        assert_eq!(due("2026-12-30", 1), Due { date: day("2026-12-31"), provisional: false });
        assert_eq!(due("2026-12-30", 2), Due { date: day("2027-01-01"), provisional: true });
        assert_eq!(due("2026-12-30", 3), Due { date: day("2027-01-04"), provisional: true });
        assert_eq!(due("2026-10-03", 0), Due { date: day("2026-10-03"), provisional: false });
    }

    #[test]
    fn a_typhoon_stops_the_count() {
        let plain = Calendar::parse(&FILES).unwrap();
        let calendar = plain.clone().with_suspensions([day("2026-07-28"), day("2027-01-04")]);
        assert_eq!(plain.add_working_days(day("2026-07-27"), 1).date, day("2026-07-28"));
        assert_eq!(calendar.add_working_days(day("2026-07-27"), 1).date, day("2026-07-29"));
        assert!(!calendar.is_working_day(day("2027-01-04")));
    }

    #[test]
    fn wrong_files_are_refused() {
        let file = |year: i32, off: &str, work: &str| {
            format!("year = {year}\nsource = 's'\noff = [{off}]\nwork = [{work}]")
        };
        let parse = |files: &[String]| Calendar::parse(&files.iter().map(String::as_str).collect::<Vec<_>>());
        let plain = |year| file(year, "", "");
        assert_eq!(parse(&[]), Err(CalendarError::Empty));
        assert_eq!(parse(&[plain(2024), plain(2024)]), Err(CalendarError::Duplicate(2024)));
        assert_eq!(parse(&[plain(2024), plain(2026)]), Err(CalendarError::Gap(2025)));
        assert!(matches!(parse(&["year = 2024".to_owned()]), Err(CalendarError::Syntax(_))));
        let backwards = file(2026, "{from = '2026-02-02', to = '2026-02-01'}", "");
        assert_eq!(parse(&[backwards]), Err(CalendarError::Backwards(day("2026-02-02"))));
        let outside = file(2026, "'2025-10-01'", "");
        assert_eq!(parse(&[outside]), Err(CalendarError::OutsideYear(2026, day("2025-10-01"))));
        for (off, work) in [("", "'2026-02-02'"), ("'2026-02-01'", "'2026-02-01'")] {
            assert!(matches!(parse(&[file(2026, off, work)]), Err(CalendarError::Contradiction(_))));
        }
        let across = [plain(2026), file(2027, "{from = '2026-12-31', to = '2027-01-02'}", "'2026-12-27'")];
        let calendar = parse(&across).unwrap();
        assert!(!calendar.is_working_day(day("2026-12-31")) && calendar.is_working_day(day("2026-12-27")));
    }
}
