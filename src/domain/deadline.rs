//! Limits and the instants at which they run out. Days are civil days in +08:00; the day on which
//! something happens never counts (民法典 201), a limit ends with its last day, and time in which the
//! clock was stopped is given back (行政许可法 45).

use chrono::{DateTime, Days, Months, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::calendar::Calendar;

mod limit;
pub use limit::{Limit, LimitUnit};

/// 停表原因: why a clock stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PauseCause {
    /// 补正: the applicant is to correct.
    Correction,
    /// 特别程序: hearing, test, inspection, expert review.
    Suspension,
}

/// 停表: a time that does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Pause {
    /// From when.
    pub from: DateTime<Utc>,
    /// Until when; nothing while it lasts.
    pub to: Option<DateTime<Utc>>,
    /// Why.
    pub cause: PauseCause,
}

/// 截止: when a limit runs out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Deadline {
    /// The last day.
    pub date: NaiveDate,
    /// The end of that day, which is the first instant that is too late.
    pub at: DateTime<Utc>,
    /// Whether it may move when the next year's holidays are announced.
    pub provisional: bool,
    /// Whether the clock stands still now; the date then moves on with every day.
    pub paused: bool,
}

impl Deadline {
    /// 超期: whether it has run out.
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        now >= self.at
    }
}

/// 红绿灯: how urgent an application is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Light {
    /// 绿灯: in time.
    Green,
    /// 黄灯: one working day or a fifth of the time is left.
    Yellow,
    /// 红灯: past the promised limit.
    Red,
    /// 黑灯: past the statutory limit.
    Black,
}

/// China has one time zone and no summer time.
const EAST_8: TimeDelta = TimeDelta::hours(8);

/// 民用日: the date in +08:00.
pub fn civil_date(at: DateTime<Utc>) -> NaiveDate {
    let utc = at.naive_utc();
    utc.checked_add_signed(EAST_8).unwrap_or(utc).date()
}

/// The first instant of that day in +08:00.
pub fn start_of_day(day: NaiveDate) -> DateTime<Utc> {
    let midnight = day.and_time(NaiveTime::MIN);
    midnight.checked_sub_signed(EAST_8).unwrap_or(midnight).and_utc()
}

/// The first instant after that day in +08:00.
pub fn end_of_day(day: NaiveDate) -> DateTime<Utc> {
    start_of_day(day.succ_opt().unwrap_or(day))
}

/// 到期计算: when `limit` runs out that began to run at `start`.
///
/// * The civil day of `start` does not count. Working days count on working days; months end on the day
///   of the same number, or on the last of a shorter month (民法典 202).
/// * A natural-day or month limit that ends on a day off moves to the next working day (民法典 203).
/// * Of a pause the civil days `d` with `from < d <= to` count as paused (an open one lasts to `now`), so
///   one that ends on the day it began costs nothing; a day in two pauses counts once, days up to the
///   start never. A working-day limit grows by the working days among them, the others by all of them,
///   before the move to a working day.
/// * A pause that began after the limit had run out gives nothing back. One that began in time never
///   leaves a deadline behind its own end: that is then the working day on or after its end.
pub fn due(
    start: DateTime<Utc>,
    limit: Limit,
    pauses: &[Pause],
    now: DateTime<Utc>,
    calendar: &Calendar,
) -> Deadline {
    let first = civil_date(start);
    let mut ordered: Vec<(NaiveDate, NaiveDate)> =
        pauses.iter().map(|pause| (civil_date(pause.from), civil_date(pause.to.unwrap_or(now)))).collect();
    ordered.sort_unstable();
    let (mut given_back, mut counted_to) = (0, first);
    let (mut date, mut provisional) = last_day(first, limit, given_back, calendar);
    for (from, to) in ordered {
        if from > date {
            break;
        }
        let after = from.max(counted_to);
        if to <= after {
            continue;
        }
        counted_to = to;
        given_back += match limit.unit {
            LimitUnit::WorkingDays => calendar.working_days_between(after, to),
            LimitUnit::NaturalDays | LimitUnit::Months => to.signed_duration_since(after).num_days(),
        };
        (date, provisional) = last_day(first, limit, given_back, calendar);
        if date < to {
            date = calendar.next_working_day_on_or_after(to);
            provisional |= !calendar.covers(date);
        }
    }
    let paused = pauses.iter().any(|pause| pause.from <= now && pause.to.is_none_or(|end| end > now));
    Deadline { date, at: end_of_day(date), provisional, paused }
}

/// The last day of a limit lengthened by `extra` days of its kind, and whether it is provisional.
fn last_day(first: NaiveDate, limit: Limit, extra: i64, calendar: &Calendar) -> (NaiveDate, bool) {
    let plus_days = |day: NaiveDate, days: u64| day.checked_add_days(Days::new(days)).unwrap_or(day);
    let extra = u32::try_from(extra).unwrap_or_default();
    let unmoved = match limit.unit {
        LimitUnit::WorkingDays => {
            let due = calendar.add_working_days(first, limit.amount.saturating_add(extra));
            return (due.date, due.provisional);
        }
        LimitUnit::NaturalDays => plus_days(first, u64::from(limit.amount) + u64::from(extra)),
        LimitUnit::Months => {
            let end = first.checked_add_months(Months::new(limit.amount)).unwrap_or(first);
            plus_days(end, u64::from(extra))
        }
    };
    let date = calendar.next_working_day_on_or_after(unmoved);
    (date, !calendar.covers(date))
}

/// 剩余工作日: after today up to the last day; 0 on the last day, negative afterwards.
pub fn remaining_working_days(deadline: &Deadline, now: DateTime<Utc>, calendar: &Calendar) -> i64 {
    calendar.working_days_between(civil_date(now), deadline.date)
}

/// 亮灯规则: black past the statutory limit, red past the promised one, yellow when at most one working
/// day or at most a fifth of the working days since `start` is left, else green.
pub fn light(
    promised: &Deadline,
    statutory: Option<&Deadline>,
    start: DateTime<Utc>,
    now: DateTime<Utc>,
    calendar: &Calendar,
) -> Light {
    if statutory.is_some_and(|deadline| deadline.is_over(now)) {
        return Light::Black;
    }
    if promised.is_over(now) {
        return Light::Red;
    }
    let left = remaining_working_days(promised, now, calendar);
    let whole = calendar.working_days_between(civil_date(start), promised.date);
    if left <= 1 || left * 5 <= whole { Light::Yellow } else { Light::Green }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn calendar() -> Calendar {
        Calendar::parse(&[
            include_str!("../../config/calendar/2024.toml"),
            include_str!("../../config/calendar/2025.toml"),
            include_str!("../../config/calendar/2026.toml"),
        ])
        .unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().expect(text)
    }

    /// Ten in the morning at the counter.
    fn at(text: &str) -> DateTime<Utc> {
        start_of_day(day(text)) + TimeDelta::hours(10)
    }

    fn pause(from: &str, to: &str) -> Pause {
        let to = Some(to).filter(|to| !to.is_empty()).map(at);
        Pause { from: at(from), to, cause: PauseCause::Suspension }
    }

    #[test]
    fn days_are_civil_days() {
        let instant = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        assert_eq!(civil_date(instant("2026-03-01T15:59:59Z")), day("2026-03-01"));
        assert_eq!(civil_date(instant("2026-03-01T16:00:00Z")), day("2026-03-02"));
        assert_eq!(start_of_day(day("2026-03-02")), instant("2026-03-01T16:00:00Z"));
        assert_eq!(end_of_day(day("2026-03-02")), instant("2026-03-02T16:00:00Z"));
    }

    /// Start, limit, pauses (an empty end lasts), last day.
    type Case = (&'static str, Limit, &'static [(&'static str, &'static str)], &'static str);

    #[test]
    fn limits_and_pauses() {
        let (cal, five, ten, month) =
            (calendar(), Limit::working_days(5), Limit::natural_days(10), Limit::months(1));
        let now = "2026-03-05";
        #[rustfmt::skip]
        let cases: [Case; 16] = [
            ("2026-02-12", five, &[], "2026-02-26"),
            ("2026-04-20", ten, &[], "2026-04-30"),
            ("2026-04-21", ten, &[], "2026-05-06"),
            ("2026-01-31", month, &[], "2026-02-28"),
            ("2024-01-31", month, &[], "2024-02-29"),
            ("2026-03-02", five, &[], "2026-03-09"),
            ("2026-03-02", five, &[("2026-03-03", "2026-03-03")], "2026-03-09"),
            ("2026-03-02", five, &[("2026-03-02", "2026-03-04")], "2026-03-11"),
            ("2026-03-02", five, &[("2026-02-24", "2026-03-04")], "2026-03-11"),
            // One that lasts; one over a weekend; two that overlap; one that came too late.
            ("2026-03-02", five, &[("2026-03-03", "")], "2026-03-11"),
            ("2026-03-05", five, &[("2026-03-06", "2026-03-08")], "2026-03-12"),
            ("2026-03-05", five, &[("2026-03-10", "2026-03-12"), ("2026-03-09", "2026-03-11")], "2026-03-17"),
            ("2026-03-02", five, &[("2026-03-10", "2026-03-20")], "2026-03-09"),
            // Stopped on the last day, resumed on a Sunday: the next working day remains.
            ("2026-03-02", five, &[("2026-03-09", "2026-03-15")], "2026-03-16"),
            ("2026-03-02", ten, &[("2026-03-06", "2026-03-08")], "2026-03-16"),
            ("2026-01-31", month, &[("2026-02-02", "2026-02-04")], "2026-03-02"),
        ];
        for (start, limit, pauses, last) in cases {
            let open = pauses.iter().any(|(_, to)| to.is_empty());
            let pauses: Vec<Pause> = pauses.iter().map(|(from, to)| pause(from, to)).collect();
            let found = due(at(start), limit, &pauses, at(now), &cal);
            assert_eq!(
                (found.date, found.at),
                (day(last), end_of_day(day(last))),
                "{start} {limit} {pauses:?}"
            );
            assert_eq!((found.provisional, found.paused), (false, open));
        }
        let late = due(at("2026-12-20"), Limit::natural_days(20), &[], at(now), &cal);
        assert_eq!((late.date, late.provisional), (day("2027-01-11"), true));
    }

    #[test]
    fn lights() {
        let (cal, start) = (calendar(), at("2026-03-02"));
        let by = |days| due(start, Limit::working_days(days), &[], start, &cal);
        let (promised, statutory) = (by(10), by(20));
        for (now, left, expected) in [
            ("2026-03-11", 3, Light::Green),
            ("2026-03-12", 2, Light::Yellow),
            ("2026-03-16", 0, Light::Yellow),
            ("2026-03-17", -1, Light::Red),
            ("2026-03-30", -10, Light::Red),
            ("2026-03-31", -11, Light::Black),
        ] {
            assert_eq!(remaining_working_days(&promised, at(now), &cal), left, "{now}");
            assert_eq!(light(&promised, Some(&statutory), start, at(now), &cal), expected, "{now}");
        }
        assert_eq!(light(&promised, None, start, at("2026-03-31"), &cal), Light::Red);
        assert_eq!(light(&by(1), None, start, start, &cal), Light::Yellow);
    }
}
