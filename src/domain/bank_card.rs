//! The card or account to which a benefit is paid (a social security card has one too).

use super::identity::{IdentityError, digits, half_width, identity_value};

identity_value! {
    /// 银行卡号: 16 to 19 digits with a fitting check digit.
    BankCard, "银行卡号: 16 to 19 digits, checked"
}

impl BankCard {
    /// Name of the format in OpenAPI and JSON Schema.
    pub const FORMAT: &'static str = "bank-card";
    /// A valid value, of nobody.
    pub const SAMPLE: &'static str = "6222020000000000018";

    /// Checks a number as somebody typed it; spaces are dropped.
    pub fn parse(value: &str) -> Result<Self, IdentityError> {
        let number: String = half_width(value).chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        if !(16..=19).contains(&number.chars().count()) {
            return Err(IdentityError::BankCardLength);
        }
        let digits = digits(&number).ok_or(IdentityError::BankCardCharacters)?;
        if luhn(&digits) { Ok(Self(number)) } else { Err(IdentityError::BankCardChecksum) }
    }

    /// 卡号末四位: what a receipt may show.
    pub fn last4(&self) -> &str {
        self.0.get(self.0.len().saturating_sub(4)..).unwrap_or_default()
    }

    /// 脱敏: `**** **** **** 0018`.
    pub fn masked(&self) -> String {
        format!("**** **** **** {}", self.last4())
    }
}

fn luhn(digits: &[u32]) -> bool {
    let doubled = |digit: u32| if digit > 4 { digit * 2 - 9 } else { digit * 2 };
    let weigh = |(place, digit): (usize, &u32)| if place % 2 == 1 { doubled(*digit) } else { *digit };
    digits.iter().rev().enumerate().map(weigh).sum::<u32>() % 10 == 0
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn vectors_pass() {
        for number in ["6222020000000000018", "6217000000000000129", "622848000000000015"] {
            assert_eq!(BankCard::parse(number).expect(number).as_str(), number);
        }
        let card = BankCard::parse(" 6222 0200 0000 0000 018").unwrap();
        assert_eq!(format!("{card} {card:?}"), "**** **** **** 0018 BankCard(**** **** **** 0018)");
    }

    #[test]
    fn each_reason_is_told() {
        use IdentityError as E;
        for (number, reason) in [
            ("622202000000001", E::BankCardLength),
            ("62220200000000000180", E::BankCardLength),
            ("622202000000000001A", E::BankCardCharacters),
            ("6222020000000000017", E::BankCardChecksum),
            ("2622020000000000018", E::BankCardChecksum),
        ] {
            assert_eq!(BankCard::parse(number), Err(reason), "{number}");
        }
    }
}
