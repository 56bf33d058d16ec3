//! Prints what was measured, and each promised ratio as kept or fallen short of.

use std::time::Duration;

use crate::driving::Figures;

/// One heading.
pub fn heading(text: &str) {
    println!("\n{text}");
    println!("{:-<1$}", "", text.chars().count());
}

/// The head of the table of requests.
pub fn columns() {
    println!(
        "{:<26} {:>5} {:>11} {:>10} {:>10} {:>8}",
        "request", "conn", "per second", "p50 ms", "p99 ms", "RSS MiB"
    );
}

/// One row of it.
pub fn row(figures: &Figures) {
    println!(
        "{:<26} {:>5} {:>11.0} {:>10.3} {:>10.3} {:>8}",
        figures.ask.name(),
        figures.connections,
        figures.per_second,
        millis(figures.p50),
        millis(figures.p99),
        figures.memory
    );
}

/// Work that is measured as a whole: how much of it per second, and how long all of it takes.
pub fn whole(what: &str, connections: usize, per_second: f64, took: Duration) {
    println!("{:<26} {:>5} {:>11.0} {:>10.3}", what, connections, per_second, millis(took));
}

/// One physical limit.
pub fn limit(what: &str, connections: usize, per_second: f64) {
    println!("{:<26} {:>5} {:>11.0}", what, connections, per_second);
}

/// A figure without a target.
pub fn note(text: &str) {
    println!("{text}");
}

/// A promised ratio: at least that much.
pub struct Ratio {
    pub what: String,
    pub value: f64,
    pub target: f64,
    /// The ratio must not be above the target rather than below.
    pub at_most: bool,
}

impl Ratio {
    pub fn at_least(what: &str, value: f64, target: f64) -> Self {
        Self { what: what.to_owned(), value, target, at_most: false }
    }

    pub fn at_most(what: &str, value: f64, target: f64) -> Self {
        Self { what: what.to_owned(), value, target, at_most: true }
    }

    fn is_kept(&self) -> bool {
        if self.at_most { self.value <= self.target } else { self.value >= self.target }
    }
}

/// All ratios.
pub fn ratios(ratios: &[Ratio]) {
    heading("Ratios within this run");
    for ratio in ratios {
        println!(
            "{:<58} {:>7.2}  target {} {:<5} {}",
            ratio.what,
            ratio.value,
            if ratio.at_most { "≤" } else { "≥" },
            ratio.target,
            if ratio.is_kept() { "pass" } else { "FALLS SHORT" }
        );
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
