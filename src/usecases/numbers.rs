//! Receipt numbers out of blocks reserved per community and day, so that filings do not queue for them.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::NaiveDate;

use super::{Failure, Office};
use crate::domain::receipt::ReceiptNo;
use crate::domain::region::Region;
use crate::storage::counters;

/// Numbers reserved at a time; what a restart leaves over is never used.
const BLOCK: i64 = 64;

/// The reserved blocks: next and end per series.
#[derive(Default)]
pub struct Numbers(Mutex<HashMap<String, (i64, i64)>>);

impl Numbers {
    fn take(&self, series: &str) -> Option<i64> {
        let mut blocks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (next, end) = blocks.get_mut(series)?;
        if next > end {
            return None;
        }
        *next += 1;
        Some(*next - 1)
    }

    /// Keeps the rest of a block; of two that came at once, one goes unused.
    fn keep(&self, series: String, day: &str, next: i64, end: i64) {
        let mut blocks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        blocks.retain(|name, _| name.ends_with(day));
        blocks.insert(series, (next, end));
    }
}

/// The series of a community and day from which receipt numbers come.
pub fn series_of(region: &Region, day: NaiveDate) -> String {
    let place = region.community().unwrap_or_else(|| region.street());
    format!("receipt:{place}:{}", day.format("%Y%m%d"))
}

impl Office {
    /// The next receipt number of a community on a day.
    pub async fn next_receipt_no(&self, region: &Region, day: NaiveDate) -> Result<ReceiptNo, Failure> {
        let date = day.format("%Y%m%d").to_string();
        let series = series_of(region, day);
        let number = match self.numbers().take(&series) {
            Some(number) => number,
            None => {
                let name = series.clone();
                let first = self.db().write(move |conn| counters::reserve(conn, &name, BLOCK)).await;
                let first = first.map_err(Failure::from)?;
                self.numbers().keep(series, &date, first + 1, first + BLOCK - 1);
                first
            }
        };
        Ok(ReceiptNo::issue(region, day, u32::try_from(number).unwrap_or(u32::MAX)))
    }
}
