//! How a resident is reached. One phone may serve a whole family (elderly parents use a child's), so a
//! number identifies nobody and is never unique.

use super::identity::{IdentityError, half_width, identity_value};

identity_value! {
    /// 联系电话: a mobile number, or a Quanzhou landline as `0595` and 8 digits without a dash.
    PhoneNumber, "联系电话: mobile, or 0595 + 8 digits"
}

impl PhoneNumber {
    /// Name of the format in OpenAPI and JSON Schema.
    pub const FORMAT: &'static str = "phone-number";
    /// A valid value.
    pub const SAMPLE: &'static str = "13800001234";

    /// Checks a number as somebody typed it; spaces, dashes and `+86` are dropped.
    pub fn parse(value: &str) -> Result<Self, IdentityError> {
        let typed: String =
            half_width(value).chars().filter(|c| !matches!(c, ' ' | '-' | '\u{2013}' | '\u{2014}')).collect();
        let number = typed.strip_prefix("+86").unwrap_or(&typed);
        let digits = number.chars().all(|c| c.is_ascii_digit());
        let mobile = number.len() == 11
            && number.strip_prefix('1').is_some_and(|rest| rest.starts_with(|c| ('3'..='9').contains(&c)));
        let landline = number.len() == 12 && number.starts_with("0595");
        if digits && (mobile || landline) { Ok(Self(number.to_owned())) } else { Err(IdentityError::Phone) }
    }

    /// 手机: whether text messages reach it.
    pub fn is_mobile(&self) -> bool {
        self.0.starts_with('1')
    }

    /// 脱敏: `138****1234`.
    pub fn masked(&self) -> String {
        let last = self.0.len().saturating_sub(4);
        let head = self.0.get(..last.saturating_sub(4)).unwrap_or_default();
        format!("{head}****{}", self.0.get(last..).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn numbers_as_people_type_them() {
        for (typed, kept, mobile) in [
            (PhoneNumber::SAMPLE, "13800001234", true),
            (" 138 0000-1234 ", "13800001234", true),
            ("+86 19900001234", "19900001234", true),
            ("１３８００００１２３４", "13800001234", true),
            ("0595-85661234", "059585661234", false),
            ("059585661234", "059585661234", false),
        ] {
            let phone = PhoneNumber::parse(typed).expect(typed);
            assert_eq!((phone.as_str(), phone.is_mobile()), (kept, mobile));
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for typed in
            ["", "12800001234", "1380000123", "138000012345", "0595-8566123", "0591-85661234", "1380000123a"]
        {
            assert_eq!(PhoneNumber::parse(typed), Err(IdentityError::Phone), "{typed}");
        }
    }

    #[test]
    fn printed_masked() {
        let mobile = PhoneNumber::parse("13812341234").unwrap();
        assert_eq!(format!("{mobile}{mobile:?}"), "138****1234PhoneNumber(138****1234)");
        assert_eq!(PhoneNumber::parse("0595-85661234").unwrap().masked(), "0595****1234");
    }
}
