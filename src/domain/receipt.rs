//! The receipt number that a person reads over the telephone, with a check digit against slips,
//! and the unguessable query code that goes with it.

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::region::Region;

/// Characters of a query code: 32^8 possibilities against a rate limit.
pub const QUERY_CODE: usize = 8;

/// 申办流水号: `{community 12}-{yyyyMMdd}-{sequence 5}-{check}`, given at the first submission.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReceiptNo(String);

impl ReceiptNo {
    /// The number of the `sequence`-th filing of a community on a day.
    pub fn issue(region: &Region, day: NaiveDate, sequence: u32) -> Self {
        let community = region.community().unwrap_or_else(|| region.street());
        let community = format!("{community:0<12}");
        let day = day.format("%Y%m%d").to_string();
        let sequence = format!("{sequence:05}");
        let check = check_digit(&format!("{community}{day}{sequence}"));
        Self(format!("{community}-{day}-{sequence}-{check}"))
    }

    /// Reads a number as typed: hyphens and spaces do not matter, the check digit does.
    pub fn parse(text: &str) -> Option<Self> {
        let digits: String = text.chars().filter(|c| !matches!(c, '-' | ' ' | '－')).collect();
        if digits.len() < 26 || digits.len() > 30 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let (body, check) = digits.split_at(digits.len() - 1);
        if check_digit(body).to_string() != check {
            return None;
        }
        let (community, rest) = body.split_at(12);
        let (day, sequence) = rest.split_at(8);
        Some(Self(format!("{community}-{day}-{sequence}-{check}")))
    }

    /// The number as printed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ReceiptNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// ISO 7064 MOD 11,10: one decimal check digit that catches every single-digit slip.
fn check_digit(digits: &str) -> u32 {
    let mut product = 10;
    for digit in digits.chars().filter_map(|c| c.to_digit(10)) {
        let sum = (product + digit) % 10;
        product = (if sum == 0 { 10 } else { sum }) * 2 % 11;
    }
    (11 - product) % 10
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_single_digit_slip_is_caught() {
        let region = Region::parse("350582006001").unwrap();
        let day = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
        let number = ReceiptNo::issue(&region, day, 42);
        assert!(number.as_str().starts_with("350582006001-20261123-00042-"));
        assert_eq!(ReceiptNo::parse(&number.as_str().replace('-', " ")), Some(number.clone()));
        for (at, c) in number.as_str().char_indices().filter(|(_, c)| c.is_ascii_digit()) {
            for other in ('0'..='9').filter(|o| *o != c) {
                let mut slip = number.as_str().to_owned();
                slip.replace_range(at..=at, &other.to_string());
                assert_eq!(ReceiptNo::parse(&slip), None, "{slip}");
            }
        }
    }
}
