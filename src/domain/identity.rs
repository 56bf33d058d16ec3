//! What is shared by the identifying values (ID number, phone, name, card, credit code, region):
//! the reasons for which one is refused, and the macro that makes a checked, masked newtype.
//! Logs print values with `{}` and `{:?}`, answers serialise them: all of that is masked.

use std::fmt;

use super::text::Text;

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident $code:literal $zh:literal $en:literal;)*) => {
        /// 标识错误: why an identifying value is refused; one variant per distinct reason.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum IdentityError {
            $($(#[$doc])* $name,)*
        }

        impl IdentityError {
            /// Every reason.
            pub const ALL: &'static [IdentityError] = &[$(IdentityError::$name),*];

            /// Stable machine-readable code.
            pub const fn code(self) -> &'static str {
                match self { $(IdentityError::$name => $code,)* }
            }

            /// What is wrong and what to do, for the person who filled the form.
            pub const fn text(self) -> Text {
                match self { $(IdentityError::$name => Text::fixed($zh, $en),)* }
            }

            const fn zh(self) -> &'static str {
                match self { $(IdentityError::$name => $zh,)* }
            }
        }
    };
}

#[rustfmt::skip]
reasons! {
    /// 公民身份号码: not 18 characters.
    IdNumberLength "id_number_length"
        "身份证号码应为18位，请核对是否多输或漏输。" "The ID number has 18 characters; check for missing or extra ones.";
    /// 公民身份号码: something other than digits and a final X.
    IdNumberCharacters "id_number_characters"
        "身份证号码只能是数字，最后一位可以是X，请重新输入。" "The ID number consists of digits, the last may be X; enter it again.";
    /// 公民身份号码: no province has this prefix.
    IdNumberProvince "id_number_province"
        "身份证号码前两位不是有效的省级代码，请核对前六位。" "The ID number begins with no known province code; check the first six digits.";
    /// 公民身份号码: positions 7 to 14 are no date.
    IdNumberDate "id_number_date"
        "身份证号码第7至14位不是有效的出生日期，请核对。" "Digits 7 to 14 of the ID number are no valid date of birth; check them.";
    /// 公民身份号码: born after today.
    IdNumberFuture "id_number_future"
        "身份证号码中的出生日期晚于今天，请核对第7至14位。" "The date of birth in the ID number lies in the future; check digits 7 to 14.";
    /// 公民身份号码: older than anybody is.
    IdNumberAge "id_number_age"
        "身份证号码中的出生日期距今超过130年，请核对第7至14位。" "The date of birth in the ID number is more than 130 years ago; check digits 7 to 14.";
    /// 公民身份号码: the check digit does not fit.
    IdNumberChecksum "id_number_checksum"
        "身份证号码校验不通过，很可能输错了一位，请逐位核对。" "The check digit of the ID number does not fit; one character is probably wrong.";
    /// 公民身份号码: the 15-digit number of the first-generation card.
    LegacyIdNumber "legacy_id_number"
        "15位身份证号码已停用，请输入18位号码。" "15-digit ID numbers are no longer in use; enter the 18-character number.";
    /// 公民身份号码: a number cannot be composed from such parts.
    IdNumberParts "id_number_parts"
        "行政区划代码应为6位数字，顺序码应在0至999之间。" "The division code has 6 digits and the sequence lies between 0 and 999.";
    /// 联系电话: neither a mobile nor a Quanzhou landline number.
    Phone "phone"
        "请输入11位手机号码，或0595加8位的固定电话号码。" "Enter an 11-digit mobile number, or a landline number of 0595 and 8 digits.";
    /// 姓名: too short or too long.
    NameLength "name_length"
        "姓名应为2至20个汉字，外国人姓名应为2至60个字母，请按证件填写。" "A name has 2 to 20 Chinese characters or 2 to 60 Latin letters; write it as on the document.";
    /// 姓名: characters that stand in no name.
    NameCharacters "name_characters"
        "姓名只能是汉字和间隔号“·”，或者外文字母，请按证件填写。" "A name consists of Chinese characters and the dot ·, or of Latin letters; write it as on the document.";
    /// 银行卡号: not 16 to 19 digits.
    BankCardLength "bank_card_length"
        "银行卡号应为16至19位，请核对卡面号码。" "A bank card number has 16 to 19 digits; compare it with the card.";
    /// 银行卡号: something other than digits.
    BankCardCharacters "bank_card_characters"
        "银行卡号只能是数字，请按卡面号码重新输入。" "A bank card number consists of digits; enter it as on the card.";
    /// 银行卡号: the check digit does not fit.
    BankCardChecksum "bank_card_checksum"
        "银行卡号校验不通过，很可能输错了一位，请逐位核对。" "The check digit of the bank card number does not fit; one digit is probably wrong.";
    /// 统一社会信用代码: not 18 characters.
    CreditCodeLength "credit_code_length"
        "统一社会信用代码应为18位，请按证照填写。" "A unified social credit code has 18 characters; write it as on the licence.";
    /// 统一社会信用代码: a character that the code does not use, or a division that is no number.
    CreditCodeCharacters "credit_code_characters"
        "统一社会信用代码由数字和大写字母组成，不使用字母I、O、S、V、Z，第3至8位为数字，请核对。"
        "A unified social credit code has digits and capital letters except I, O, S, V and Z, and digits at 3 to 8; check it.";
    /// 统一社会信用代码: the embedded organisation code (GB 11714) does not fit.
    CreditCodeOrganisation "credit_code_organisation"
        "统一社会信用代码第9至17位（主体标识码）校验不通过，请逐位核对。"
        "Characters 9 to 17 (the organisation code) of the unified social credit code do not fit together; check them.";
    /// 统一社会信用代码: the last character does not fit.
    CreditCodeChecksum "credit_code_checksum"
        "统一社会信用代码校验不通过，很可能输错了一位，请逐位核对。"
        "The check character of the unified social credit code does not fit; one character is probably wrong.";
    /// 区划代码: not 9, 12 or 15 digits.
    Region "region"
        "区划代码应为9位（街道）、12位（社区）或15位（网格）数字。" "A region code has 9 (street), 12 (community) or 15 (grid) digits.";
}

impl IdentityError {
    /// The reason whose sentence stands in `message`: deserialisers report errors as text only.
    pub fn in_message(message: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|reason| message.contains(reason.zh()))
    }
}

impl fmt::Display for IdentityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.zh())
    }
}

impl std::error::Error for IdentityError {}

/// Makes a newtype over `String` that exists only checked and prints only masked. The type itself
/// provides `parse`, `masked`, `FORMAT` and `SAMPLE`.
macro_rules! identity_value {
    ($(#[$doc:meta])* $name:ident, $description:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// The full value; whoever shows it to somebody has to have a reason.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl $crate::domain::sensitive::Masked for $name {
            fn masked(&self) -> String {
                // The type's own.
                $name::masked(self)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.masked())
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.masked())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::domain::identity::IdentityError;

            fn from_str(value: &str) -> Result<Self, Self::Err> {
                Self::parse(value)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::domain::sensitive::serialize(&self.0, self, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = <String as serde::Deserialize>::deserialize(deserializer)?;
                Self::parse(&value).map_err(serde::de::Error::custom)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                use utoipa::openapi::schema::{ObjectBuilder, SchemaFormat, Type};
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .format(Some(SchemaFormat::Custom(Self::FORMAT.to_owned())))
                    .description(Some($description))
                    .examples([Self::SAMPLE])
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}
pub(crate) use identity_value;

/// 归一: trims, and turns the full-width characters of Chinese keyboards into ASCII.
pub(crate) fn half_width(value: &str) -> String {
    let narrow = |c: char| match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '\u{3000}' => ' ',
        other => other,
    };
    value.trim().chars().map(narrow).collect()
}

/// The digits of `value` as numbers; `None` when something else stands there.
pub(crate) fn digits(value: &str) -> Option<Vec<u32>> {
    value.chars().map(|c| c.to_digit(10)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn codes_and_sentences_are_distinct_and_found_again() {
        let codes: HashSet<_> = IdentityError::ALL.iter().map(|reason| reason.code()).collect();
        assert_eq!(codes.len(), IdentityError::ALL.len());
        for reason in IdentityError::ALL {
            let message = format!("{reason} at line 1 column 20");
            assert_eq!(IdentityError::in_message(&message), Some(*reason));
            assert!(!reason.text().en.is_empty() && reason.text().zh.ends_with('。'));
        }
        assert_eq!(IdentityError::in_message("missing field `name`"), None);
    }

    #[test]
    fn full_width_becomes_half_width() {
        assert_eq!(half_width("　３５０５Ｘｘ－ "), "3505Xx-");
        assert_eq!(digits("12"), Some(vec![1, 2]));
        assert_eq!(digits("1X"), None);
    }
}
