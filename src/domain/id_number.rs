//! The citizen ID number and its siblings for residents of Hong Kong, Macau and Taiwan and for foreign
//! permanent residents (GB 11643 and the rules of 2018 and 2023 that reuse it). Division codes may be
//! decades old, so only the province prefix is checked.

use std::ops::Range;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::identity::{IdentityError, digits, half_width, identity_value};

/// 性别: as the ID number tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    /// 男
    Male,
    /// 女
    Female,
}

/// 证件种类: on which card a number of this form stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IdKind {
    /// 居民身份证
    Citizen,
    /// 港澳台居民居住证, Hong Kong.
    HongKong,
    /// 港澳台居民居住证, Macau.
    Macau,
    /// 港澳台居民居住证, Taiwan.
    Taiwan,
    /// 外国人永久居留身份证
    ForeignResident,
}

identity_value! {
    /// 公民身份号码: 18 characters with a real date of birth and a fitting check digit.
    IdNumber, "公民身份号码 (GB 11643): 18 characters, checked"
}

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];
const OLDEST_AGE: u32 = 130;

impl IdNumber {
    /// Name of the format in OpenAPI and JSON Schema.
    pub const FORMAT: &'static str = "id-number";
    /// A valid value, of nobody.
    pub const SAMPLE: &'static str = "350582199003070016";

    /// Checks a number as somebody typed it; full-width digits and a small x are put right.
    pub fn parse(value: &str) -> Result<Self, IdentityError> {
        let number = half_width(value).to_ascii_uppercase();
        match number.chars().count() {
            18 => {}
            15 if digits(&number).is_some() => return Err(IdentityError::LegacyIdNumber),
            _ => return Err(IdentityError::IdNumberLength),
        }
        let (body, check) = number.split_at_checked(17).ok_or(IdentityError::IdNumberCharacters)?;
        let body_digits = digits(body).ok_or(IdentityError::IdNumberCharacters)?;
        if !check.chars().all(|c| c.is_ascii_digit() || c == 'X') {
            return Err(IdentityError::IdNumberCharacters);
        }
        let province = if body.starts_with('9') { number.get(1..3) } else { number.get(0..2) };
        if !province.is_some_and(is_province) {
            return Err(IdentityError::IdNumberProvince);
        }
        if birth_in(&number).is_none_or(|birth| birth.year() < 1880) {
            return Err(IdentityError::IdNumberDate);
        }
        if !check.starts_with(check_character(&body_digits)) {
            return Err(IdentityError::IdNumberChecksum);
        }
        Ok(Self(number))
    }

    /// 十五位号码升位: the 18-character number of a 15-digit one, for finding old records only.
    pub fn from_legacy15(value: &str) -> Result<Self, IdentityError> {
        let old = half_width(value);
        if old.chars().count() != 15 {
            return Err(IdentityError::IdNumberLength);
        }
        let (division, rest) = old.split_at_checked(6).ok_or(IdentityError::IdNumberCharacters)?;
        Self::complete(format!("{division}19{rest}")).ok_or(IdentityError::IdNumberCharacters)?
    }

    /// 合成号码: a number for demonstrations and tests, of nobody; the check digit is computed.
    pub fn synthesize(division6: &str, birth: NaiveDate, sequence: u16) -> Result<Self, IdentityError> {
        if division6.len() != 6 || sequence > 999 {
            return Err(IdentityError::IdNumberParts);
        }
        let body = format!("{division6}{}{sequence:03}", birth.format("%Y%m%d"));
        Self::complete(body).ok_or(IdentityError::IdNumberParts)?
    }

    fn complete(mut body: String) -> Option<Result<Self, IdentityError>> {
        let check = check_character(&digits(&body)?);
        body.push(check);
        Some(Self::parse(&body))
    }

    /// What `today` adds to the check: nobody is born in the future or older than 130.
    pub fn check_on(&self, today: NaiveDate) -> Result<(), IdentityError> {
        if self.born_after(today) {
            Err(IdentityError::IdNumberFuture)
        } else if self.age_on(today) > OLDEST_AGE {
            Err(IdentityError::IdNumberAge)
        } else {
            Ok(())
        }
    }

    /// 出生日期
    pub fn birth_date(&self) -> NaiveDate {
        // Always there: `parse` refused the number otherwise.
        birth_in(&self.0).unwrap_or_default()
    }

    /// Whether the holder was born after that day.
    pub fn born_after(&self, date: NaiveDate) -> bool {
        self.birth_date() > date
    }

    /// 周岁: full years on that day; 0 before birth. Somebody born on 29 February turns on 1 March.
    pub fn age_on(&self, date: NaiveDate) -> u32 {
        date.years_since(self.birth_date()).unwrap_or(0)
    }

    /// 性别: odd sequence numbers are male.
    pub fn sex(&self) -> Sex {
        match self.0.as_bytes().get(16) {
            Some(digit) if digit % 2 == 1 => Sex::Male,
            _ => Sex::Female,
        }
    }

    /// 证件种类: by the prefix.
    pub fn kind(&self) -> IdKind {
        match self.0.get(0..2) {
            Some("81") => IdKind::HongKong,
            Some("82") => IdKind::Macau,
            Some("83") => IdKind::Taiwan,
            Some(prefix) if prefix.starts_with('9') => IdKind::ForeignResident,
            _ => IdKind::Citizen,
        }
    }

    /// 脱敏: `350582********0016`.
    pub fn masked(&self) -> String {
        let head = self.0.get(..6).unwrap_or_default();
        let tail = self.0.get(14..).unwrap_or_default();
        format!("{head}********{tail}")
    }
}

fn birth_in(number: &str) -> Option<NaiveDate> {
    let part = |range: Range<usize>| number.get(range)?.parse::<u32>().ok();
    let year = i32::try_from(part(6..10)?).ok()?;
    NaiveDate::from_ymd_opt(year, part(10..12)?, part(12..14)?)
}

fn is_province(prefix: &str) -> bool {
    let known = [11..=15, 21..=23, 31..=37, 41..=46, 50..=54, 61..=65, 71..=71, 81..=83];
    prefix.parse::<u32>().is_ok_and(|code| known.iter().any(|range| range.contains(&code)))
}

fn check_character(body: &[u32]) -> char {
    let sum: u32 = body.iter().zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    CHECKS.get((sum % 11) as usize).copied().unwrap_or('?')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).unwrap()
    }

    #[test]
    fn vectors_pass() {
        for (number, sex, kind, birth) in [
            ("350582199003070016", Sex::Male, IdKind::Citizen, day(1990, 3, 7)),
            ("350582194912310029", Sex::Female, IdKind::Citizen, day(1949, 12, 31)),
            ("350582202402290010", Sex::Male, IdKind::Citizen, day(2024, 2, 29)),
            ("35058219920101009X", Sex::Male, IdKind::Citizen, day(1992, 1, 1)),
            ("11010519491231002X", Sex::Female, IdKind::Citizen, day(1949, 12, 31)),
            ("810000199001010019", Sex::Male, IdKind::HongKong, day(1990, 1, 1)),
            ("820000198506150022", Sex::Female, IdKind::Macau, day(1985, 6, 15)),
            ("830000199001010012", Sex::Male, IdKind::Taiwan, day(1990, 1, 1)),
            ("93584019880808001X", Sex::Male, IdKind::ForeignResident, day(1988, 8, 8)),
        ] {
            let id = IdNumber::parse(number).expect(number);
            assert_eq!((id.sex(), id.kind(), id.birth_date()), (sex, kind, birth), "{number}");
            assert_eq!(id.as_str(), number);
        }
        assert_eq!(IdNumber::parse(IdNumber::SAMPLE).unwrap().masked(), "350582********0016");
    }

    #[test]
    fn keyboards_are_forgiven() {
        let id = IdNumber::parse(" \u{3000}３５０５８２１９９２０１０１００９ｘ\n").unwrap();
        assert_eq!(id.as_str(), "35058219920101009X");
        assert_eq!(IdNumber::parse("35058219920101009x").unwrap(), id);
    }

    #[test]
    fn each_reason_is_told() {
        use IdentityError as E;
        for (number, reason) in [
            ("", E::IdNumberLength),
            ("35058219900307001", E::IdNumberLength),
            ("3505821990030700166", E::IdNumberLength),
            ("ABC350012345678", E::IdNumberLength),
            ("350582750612341", E::LegacyIdNumber),
            ("35O582199003070016", E::IdNumberCharacters),
            ("35058219900307001Y", E::IdNumberCharacters),
            ("3505821990030700X6", E::IdNumberCharacters),
            ("灵源街道灵源街道灵源街道灵源街道灵源", E::IdNumberCharacters),
            ("990582199003070016", E::IdNumberProvince),
            ("160582199003070016", E::IdNumberProvince),
            ("840582199003070016", E::IdNumberProvince),
            ("350582199002300016", E::IdNumberDate),
            ("350582202302290010", E::IdNumberDate),
            ("350582187912310016", E::IdNumberDate),
            ("350582199003070017", E::IdNumberChecksum),
            ("35058219900307001X", E::IdNumberChecksum),
        ] {
            assert_eq!(IdNumber::parse(number), Err(reason), "{number}");
        }
    }

    #[test]
    fn every_single_digit_slip_is_caught() {
        for at in 0..18 {
            for other in '0'..='9' {
                let mut slip = IdNumber::SAMPLE.to_owned();
                slip.replace_range(at..=at, &other.to_string());
                assert_eq!(IdNumber::parse(&slip).is_ok(), slip == IdNumber::SAMPLE, "{slip}");
            }
        }
    }

    #[test]
    fn today_adds_future_and_age() {
        let id = IdNumber::parse("350582202402290010").unwrap();
        assert_eq!(id.check_on(day(2024, 2, 28)), Err(IdentityError::IdNumberFuture));
        assert_eq!(id.check_on(day(2024, 2, 29)), Ok(()));
        assert_eq!((id.age_on(day(2025, 2, 28)), id.age_on(day(2025, 3, 1))), (0, 1));
        let old = IdNumber::synthesize("350582", day(1880, 1, 1), 7).unwrap();
        assert_eq!(old.check_on(day(2010, 12, 31)), Ok(()));
        assert_eq!(old.check_on(day(2011, 1, 1)), Err(IdentityError::IdNumberAge));
    }

    #[test]
    fn old_numbers_convert_and_new_ones_are_composed() {
        assert_eq!(IdNumber::from_legacy15("350582750612341").unwrap().as_str(), "350582197506123416");
        assert_eq!(IdNumber::from_legacy15("35058275061234"), Err(IdentityError::IdNumberLength));
        assert_eq!(IdNumber::from_legacy15("35058275061234A"), Err(IdentityError::IdNumberCharacters));
        assert_eq!(IdNumber::from_legacy15("350582751312341"), Err(IdentityError::IdNumberDate));
        let made = IdNumber::synthesize("350582", day(1990, 3, 7), 1).unwrap();
        assert_eq!(made.as_str(), IdNumber::SAMPLE);
        assert_eq!(IdNumber::synthesize("350582", day(1990, 3, 7), 1000), Err(IdentityError::IdNumberParts));
        assert_eq!(IdNumber::synthesize("35058", day(1990, 3, 7), 1), Err(IdentityError::IdNumberParts));
    }

    #[test]
    fn printed_masked_stored_in_full() {
        let id = IdNumber::parse(IdNumber::SAMPLE).unwrap();
        assert_eq!(format!("{id} {id:?}"), "350582********0016 IdNumber(350582********0016)");
        let json = crate::domain::sensitive::in_full(|| serde_json::to_string(&id)).unwrap();
        assert_eq!(json, "\"350582199003070016\"");
        assert_eq!(serde_json::from_str::<IdNumber>(&json).unwrap(), id);
        let error = serde_json::from_str::<IdNumber>("\"350582199003070017\"").unwrap_err().to_string();
        assert_eq!(IdentityError::in_message(&error), Some(IdentityError::IdNumberChecksum));
        let schema = serde_json::to_value(<IdNumber as utoipa::PartialSchema>::schema()).unwrap();
        assert_eq!(schema["format"], "id-number");
        assert_eq!(schema["examples"][0], IdNumber::SAMPLE);
    }
}
