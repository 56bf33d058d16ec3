//! Deadlines against an independent reckoning, day by day over random dates, and the vectors worked out
//! by hand from the State Council's notices.

mod oracle;

use std::path::Path;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use proptest::prelude::*;
use yichuang::domain::calendar::Calendar;
use yichuang::domain::deadline::{Limit, Pause, PauseCause, due, start_of_day};

use crate::chance;
use oracle::{Date, Strip, Unit};

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("config/calendar")
}

/// The product's calendar, from the same files.
fn calendar() -> Calendar {
    let read =
        |entry: std::io::Result<std::fs::DirEntry>| std::fs::read_to_string(entry.unwrap().path()).unwrap();
    let files: Vec<String> = std::fs::read_dir(folder()).unwrap().map(read).collect();
    Calendar::parse(&files.iter().map(String::as_str).collect::<Vec<_>>()).unwrap()
}

fn naive((year, month, day): Date) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

fn plain(date: NaiveDate) -> Date {
    (date.year(), date.month(), date.day())
}

/// Start, working days, last day; the day of the start does not count.
#[rustfmt::skip]
const VECTORS: [(&str, u32, &str); 13] = [
    ("2026-02-12", 5, "2026-02-26"), ("2026-02-13", 1, "2026-02-14"), ("2026-02-13", 20, "2026-03-19"),
    ("2026-04-30", 1, "2026-05-06"), ("2026-04-30", 5, "2026-05-11"), ("2026-09-18", 1, "2026-09-20"),
    ("2026-09-24", 5, "2026-10-09"), ("2026-09-30", 1, "2026-10-08"), ("2025-12-31", 3, "2026-01-06"),
    ("2025-09-26", 5, "2025-10-10"), ("2024-02-08", 2, "2024-02-18"), ("2025-01-24", 10, "2025-02-13"),
    ("2026-11-23", 20, "2026-12-21"),
];

#[test]
fn the_vectors_hold_in_the_product_and_in_the_oracle() {
    let (calendar, strip) = (calendar(), Strip::read(&folder()));
    for (start, days, last) in VECTORS {
        let (start, last) = (oracle::date(start).unwrap(), oracle::date(last).unwrap());
        let nine = start_of_day(naive(start)) + TimeDelta::hours(9);
        let found = due(nine, Limit::working_days(days), &[], nine, &calendar);
        assert_eq!(
            (plain(found.date), found.provisional, found.paused),
            (last, false, false),
            "{start:?} + {days}"
        );
        assert_eq!(
            strip.walk(strip.position(start), days, Unit::Working, &[]).last,
            last,
            "{start:?} + {days}"
        );
    }
    let worked = [2024, 2025, 2026].map(|year| strip.worked_in(year));
    assert_eq!(worked, [251, 248, 248]);
}

/// One question to both.
#[derive(Debug, Clone)]
struct Question {
    /// Day on the strip and second of the day.
    start: (usize, i64),
    unit: Unit,
    amount: u32,
    /// From and to, each as day after the start (or before it) and second of the day.
    pauses: Vec<((i64, i64), (i64, i64))>,
    /// Whether the last pause still lasts.
    open: bool,
    now: (i64, i64),
}

fn question(days: usize) -> impl Strategy<Value = Question> {
    // Every second, but often the first and the last of a day, where a wrong time zone would show.
    let second = || prop_oneof![3 => 0..86_400_i64, 1 => Just(0), 1 => Just(86_399)];
    let limit = prop_oneof![
        (1..60_u32).prop_map(|amount| (Unit::Working, amount)),
        (1..120_u32).prop_map(|amount| (Unit::Natural, amount)),
        (1..14_u32).prop_map(|amount| (Unit::Months, amount)),
    ];
    // Short pauses near each other, so that they touch, overlap and fall on the last day.
    let pause = (-6..70_i64, second(), 0..12_i64, second()).prop_map(|(from, at, length, until)| {
        let to = (from + length, until);
        ((from, at).min(to), to.max((from, at)))
    });
    let when = (0..days, second(), (0..90_i64, second()));
    (when, limit, prop::collection::vec(pause, 0..5), any::<bool>()).prop_map(
        |((start, second, now), (unit, amount), pauses, open)| Question {
            start: (start, second),
            unit,
            amount,
            pauses,
            open,
            now,
        },
    )
}

impl Question {
    fn instant(&self, strip: &Strip, (days, second): (i64, i64)) -> DateTime<Utc> {
        let midnight = start_of_day(naive(strip.date(self.start.0))) + TimeDelta::days(days);
        midnight + TimeDelta::seconds(second)
    }

    fn limit(&self) -> Limit {
        match self.unit {
            Unit::Working => Limit::working_days(self.amount),
            Unit::Natural => Limit::natural_days(self.amount),
            Unit::Months => Limit::months(self.amount),
        }
    }

    /// The pause that still lasts is the one that began last; it began before now.
    fn lasting(&self) -> Option<usize> {
        let begun = self.pauses.iter().enumerate().filter(|(_, (from, _))| *from <= self.now);
        begun.max_by_key(|(_, (from, _))| *from).map(|(at, _)| at).filter(|_| self.open)
    }

    fn asked_of_the_product(&self, strip: &Strip, calendar: &Calendar) -> (Date, bool) {
        let lasting = self.lasting();
        let pauses: Vec<Pause> = (self.pauses.iter().enumerate())
            .map(|(at, (from, to))| Pause {
                from: self.instant(strip, *from),
                to: (lasting != Some(at)).then(|| self.instant(strip, *to)),
                cause: PauseCause::Suspension,
            })
            .collect();
        let (start, now) = (self.instant(strip, (0, self.start.1)), self.instant(strip, self.now));
        let found = due(start, self.limit(), &pauses, now, calendar);
        assert_eq!(found.at, start_of_day(found.date) + TimeDelta::days(1), "it ends with its last day");
        if lasting.is_some() {
            assert!(found.paused, "an open pause stops the clock");
        }
        (plain(found.date), found.provisional)
    }

    fn asked_of_the_oracle(&self, strip: &Strip) -> (Date, bool) {
        let (start, lasting) = (i64::try_from(self.start.0).unwrap(), self.lasting());
        let on_strip = |(days, _): (i64, i64)| usize::try_from(start + days).unwrap();
        let pauses: Vec<(usize, usize)> = (self.pauses.iter().enumerate())
            .map(|(at, (from, to))| {
                (on_strip(*from), on_strip(if lasting == Some(at) { self.now } else { *to }))
            })
            .collect();
        let found = strip.walk(self.start.0, self.amount, self.unit, &pauses);
        (found.last, found.beyond_the_announced)
    }
}

#[test]
fn random_limits_agree_with_a_walk_day_by_day() {
    let (calendar, strip) = (calendar(), Strip::read(&folder()));
    let (from, to) = (strip.position((2024, 1, 1)), strip.position((2026, 12, 31)));
    let questions = question(to - from).prop_map(move |question| {
        let start = (question.start.0 + from, question.start.1);
        Question { start, ..question }
    });
    let mut runner = chance::runner("deadlines", 6000);
    runner
        .run(&questions, |question| {
            let product = question.asked_of_the_product(&strip, &calendar);
            prop_assert_eq!(product, question.asked_of_the_oracle(&strip));
            Ok(())
        })
        .unwrap();
}

/// 民法典 201: the hour never matters, on whichever side of midnight in Greenwich it falls.
#[test]
fn every_hour_of_a_day_gives_the_same_deadline() {
    let calendar = calendar();
    let day = start_of_day(naive((2026, 11, 23)));
    for hour in 0..24 {
        let start = day + TimeDelta::hours(hour);
        let found = due(start, Limit::working_days(5), &[], start, &calendar);
        assert_eq!(plain(found.date), (2026, 11, 30), "{hour} o'clock");
    }
}
