//! The unified social credit code (GB 32100-2015) of enterprises, shops, villages and offices, with the
//! organisation code (GB 11714) embedded in it. Registering departments are not listed here: new ones
//! were added more than once.

use super::identity::{IdentityError, half_width, identity_value};

identity_value! {
    /// 统一社会信用代码: 18 characters with two fitting check characters.
    CreditCode, "统一社会信用代码 (GB 32100): 18 characters, checked"
}

const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
const ORGANISATION_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

impl CreditCode {
    /// Name of the format in OpenAPI and JSON Schema.
    pub const FORMAT: &'static str = "credit-code";
    /// A valid value, of nobody.
    pub const SAMPLE: &'static str = "11350582003881237P";

    /// Checks a code as somebody typed it; small letters are put right.
    pub fn parse(value: &str) -> Result<Self, IdentityError> {
        let code = half_width(value).to_ascii_uppercase();
        if code.chars().count() != 18 {
            return Err(IdentityError::CreditCodeLength);
        }
        let values: Option<Vec<usize>> = code.chars().map(|c| ALPHABET.find(c)).collect();
        let values = values.ok_or(IdentityError::CreditCodeCharacters)?;
        if !code.chars().skip(2).take(6).all(|c| c.is_ascii_digit()) {
            return Err(IdentityError::CreditCodeCharacters);
        }
        if !code.get(8..17).is_some_and(organisation_fits) {
            return Err(IdentityError::CreditCodeOrganisation);
        }
        let sum: usize = values.iter().zip(WEIGHTS).map(|(value, weight)| value * weight).sum();
        if values.last() != Some(&((31 - sum % 31) % 31)) {
            return Err(IdentityError::CreditCodeChecksum);
        }
        Ok(Self(code))
    }

    /// 脱敏: `11350582******237P`.
    pub fn masked(&self) -> String {
        let head = self.0.get(..8).unwrap_or_default();
        format!("{head}******{}", self.0.get(14..).unwrap_or_default())
    }
}

/// GB 11714: eight characters and their check, letters counting from A = 10.
fn organisation_fits(code: &str) -> bool {
    let Some(values) = code.chars().take(8).map(|c| c.to_digit(36)).collect::<Option<Vec<u32>>>() else {
        return false;
    };
    let sum: u32 = values.iter().zip(ORGANISATION_WEIGHTS).map(|(value, weight)| value * weight).sum();
    let check = match 11 - sum % 11 {
        10 => Some('X'),
        11 => Some('0'),
        digit => char::from_digit(digit, 10),
    };
    check.is_some_and(|check| code.ends_with(check))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn vectors_pass() {
        for code in [
            "91350100M000100Y43",
            "11350582003881237P",
            "51350582MJ0000018G",
            "92350582MA0000015F",
            "55350582000001230C",
            "N2350582MF00000136",
        ] {
            assert_eq!(CreditCode::parse(code).expect(code).as_str(), code);
            assert!(CreditCode::parse(&code.to_lowercase()).is_ok());
        }
        let code = CreditCode::parse(CreditCode::SAMPLE).unwrap();
        assert_eq!(format!("{code} {code:?}"), "11350582******237P CreditCode(11350582******237P)");
    }

    #[test]
    fn each_reason_is_told() {
        use IdentityError as E;
        for (code, reason) in [
            ("1135058200388123", E::CreditCodeLength),
            ("1I350582003881237P", E::CreditCodeCharacters),
            ("113505A2003881237P", E::CreditCodeCharacters),
            ("11350582003881238P", E::CreditCodeOrganisation),
            ("11350582003881237Q", E::CreditCodeChecksum),
            ("12350582003881237P", E::CreditCodeChecksum),
        ] {
            assert_eq!(CreditCode::parse(code), Err(reason), "{code}");
        }
    }
}
