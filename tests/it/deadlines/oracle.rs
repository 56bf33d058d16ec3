//! An independent reckoning of deadlines: a strip of days with hand-made date arithmetic and a scanner of
//! its own for the calendar files, walked one day at a time. It shares no code with the product.

use std::collections::BTreeSet;
use std::path::Path;

/// Year, month, day.
pub type Date = (i32, u32, u32);

const FIRST: Date = (2023, 12, 1);
const LAST_YEAR: i32 = 2032;
/// 2023-12-01 was a Friday; Monday is 0.
const FIRST_WEEKDAY: usize = 4;

fn month_length(year: i32, month: u32) -> u32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn tomorrow((year, month, day): Date) -> Date {
    if day < month_length(year, month) {
        (year, month, day + 1)
    } else if month < 12 {
        (year, month + 1, 1)
    } else {
        (year + 1, 1, 1)
    }
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Working,
    Natural,
    Months,
}

/// What the walk found.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    pub last: Date,
    pub beyond_the_announced: bool,
}

/// The days from December 2023 on, and which of them are worked.
pub struct Strip {
    days: Vec<Date>,
    worked: Vec<bool>,
    announced_to: usize,
}

impl Strip {
    /// Lays the strip out from the calendar files of the folder.
    pub fn read(folder: &Path) -> Self {
        let (mut off, mut work, mut last_year) = (BTreeSet::new(), BTreeSet::new(), 0);
        for entry in std::fs::read_dir(folder).unwrap() {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            scan(&text, &mut off, &mut work, &mut last_year);
        }
        let (mut days, mut worked, mut day, mut weekday) = (Vec::new(), Vec::new(), FIRST, FIRST_WEEKDAY);
        while day.0 < LAST_YEAR {
            days.push(day);
            worked.push(work.contains(&day) || (weekday < 5 && !off.contains(&day)));
            (day, weekday) = (tomorrow(day), (weekday + 1) % 7);
        }
        let announced_to = days.iter().position(|day| *day == (last_year, 12, 31)).unwrap();
        Self { days, worked, announced_to }
    }

    pub fn date(&self, at: usize) -> Date {
        self.days[at]
    }

    pub fn position(&self, date: Date) -> usize {
        self.days.iter().position(|day| *day == date).unwrap()
    }

    /// How many days of that year are worked.
    pub fn worked_in(&self, year: i32) -> usize {
        self.days.iter().zip(&self.worked).filter(|(day, worked)| day.0 == year && **worked).count()
    }

    fn worked_on_or_after(&self, mut at: usize) -> usize {
        while !self.worked[at] {
            at += 1;
        }
        at
    }

    /// Walks day by day from the day after `start` until `amount` days were consumed. A day after the first
    /// and up to the last of a pause is not consumed. If a pause began before the end of the last day
    /// and lasts beyond it, the matter goes on until it ends: then the first day worked from there on.
    pub fn walk(&self, start: usize, amount: u32, unit: Unit, pauses: &[(usize, usize)]) -> Found {
        let mut left = match unit {
            Unit::Working | Unit::Natural => amount,
            Unit::Months => self.days_to_the_same_number(start, amount),
        };
        let stands = |day: usize| pauses.iter().any(|(from, to)| *from < day && day <= *to);
        let mut day = start;
        while left > 0 {
            day += 1;
            let counts = unit != Unit::Working || self.worked[day];
            if counts && !stands(day) {
                left -= 1;
            }
        }
        if unit != Unit::Working {
            day = self.worked_on_or_after(day);
        }
        while let Some((_, to)) = pauses.iter().find(|(from, to)| *from <= day && *to > day) {
            day = self.worked_on_or_after(*to);
        }
        Found { last: self.days[day], beyond_the_announced: day > self.announced_to }
    }

    /// Months end on the day of the same number, or on the last of a shorter month.
    fn days_to_the_same_number(&self, start: usize, months: u32) -> u32 {
        let (mut year, mut month, number) = self.days[start];
        for _ in 0..months {
            (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
        }
        let end = self.position((year, month, number.min(month_length(year, month))));
        u32::try_from(end - start).unwrap()
    }
}

/// Reads a calendar file line by line: under `off` a day or a range per entry, under `work` days.
fn scan(text: &str, off: &mut BTreeSet<Date>, work: &mut BTreeSet<Date>, last_year: &mut i32) {
    let mut under_work = false;
    for line in text.lines() {
        let line = line.split('#').next().unwrap();
        if line.starts_with("year") {
            *last_year = (*last_year).max(line.split('=').nth(1).unwrap().trim().parse().unwrap());
        }
        if line.starts_with("source") {
            continue;
        }
        under_work = (under_work || line.starts_with("work")) && !line.starts_with("off");
        let dates: Vec<Date> = line.split('"').filter_map(date).collect();
        if line.contains("from") {
            let mut day = dates[0];
            while day <= dates[1] {
                off.insert(day);
                day = tomorrow(day);
            }
        } else if under_work {
            work.extend(dates);
        } else {
            off.extend(dates);
        }
    }
}

/// `2026-02-14`, or nothing.
pub fn date(text: &str) -> Option<Date> {
    let parts: Vec<&str> = text.split('-').collect();
    match parts.as_slice() {
        [year, month, day] if year.len() == 4 => {
            Some((year.parse().ok()?, month.parse().ok()?, day.parse().ok()?))
        }
        _ => None,
    }
}
