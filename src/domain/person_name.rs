//! Names of people. Rare characters (GB 18030-2022, CJK extensions) and the dot of Uyghur or Tibetan
//! names must survive from the card to the certificate, so nothing is folded but the many look-alikes
//! of that dot.

use super::identity::{IdentityError, identity_value};

identity_value! {
    /// 姓名: 2 to 20 Chinese characters including `·`, or 2 to 60 Latin letters.
    PersonName, "姓名: as on the document"
}

impl PersonName {
    /// Name of the format in OpenAPI and JSON Schema.
    pub const FORMAT: &'static str = "person-name";
    /// A valid value.
    pub const SAMPLE: &'static str = "林秀英";

    /// Checks a name as somebody typed it.
    pub fn parse(value: &str) -> Result<Self, IdentityError> {
        let typed = value.trim();
        if typed.chars().any(is_han) { Self::han(typed) } else { Self::latin(typed) }
    }

    fn han(typed: &str) -> Result<Self, IdentityError> {
        // Forms pad two-character names with a space in the middle.
        let name: String = typed.chars().filter(|c| !matches!(c, ' ' | '\u{3000}')).map(dot).collect();
        if !name.chars().all(|c| is_han(c) || c == '·')
            || name.starts_with('·')
            || name.ends_with('·')
            || name.contains("··")
        {
            return Err(IdentityError::NameCharacters);
        }
        Self::of_length(name, 20)
    }

    fn latin(typed: &str) -> Result<Self, IdentityError> {
        let straight = |c| if c == '\u{2019}' { '\'' } else { c };
        let allowed = |c| is_latin(c) || matches!(c, ' ' | '\'' | '-' | '.');
        let name: String = typed.chars().map(straight).collect();
        if !name.chars().all(allowed) || name.starts_with(|c| !is_latin(c)) {
            return Err(IdentityError::NameCharacters);
        }
        Self::of_length(name.split(' ').filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "), 60)
    }

    fn of_length(name: String, most: usize) -> Result<Self, IdentityError> {
        if (2..=most).contains(&name.chars().count()) {
            Ok(Self(name))
        } else {
            Err(IdentityError::NameLength)
        }
    }

    /// 脱敏: `张*`, `张*三`, `欧**三`; of a name with a dot or in Latin letters only the first character.
    pub fn masked(&self) -> String {
        let letters: Vec<char> = self.0.chars().collect();
        match letters.as_slice() {
            [first, .., last] if letters.len() > 2 && !letters.contains(&'·') && is_han(*first) => {
                format!("{first}{}{last}", "*".repeat(letters.len() - 2))
            }
            [first, _] if is_han(*first) => format!("{first}*"),
            [first, ..] => format!("{first}**"),
            [] => String::new(),
        }
    }
}

/// Look-alikes of U+00B7 that keyboards and old card readers produce.
fn dot(c: char) -> char {
    match c {
        '\u{2022}' | '\u{2027}' | '\u{FF0E}' | '\u{30FB}' | '\u{FF65}' | '\u{2219}' | '\u{22C5}' => '·',
        other => other,
    }
}

fn is_han(c: char) -> bool {
    matches!(c,
        '\u{4E00}'..='\u{9FFF}' | '\u{3400}'..='\u{4DBF}' | '\u{3007}'
        | '\u{20000}'..='\u{2A6DF}' | '\u{2A700}'..='\u{2EBE0}' | '\u{2EBF0}'..='\u{2EE5D}'
        | '\u{30000}'..='\u{323AF}' | '\u{F900}'..='\u{FAD9}' | '\u{2F800}'..='\u{2FA1D}')
}

fn is_latin(c: char) -> bool {
    c.is_ascii_alphabetic()
        || (matches!(c, '\u{C0}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}') && c.is_alphabetic())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn names_of_the_town_and_beyond() {
        for (typed, kept, masked) in [
            (PersonName::SAMPLE, "林秀英", "林*英"),
            (" 张三 ", "张三", "张*"),
            ("张　三", "张三", "张*"),
            ("欧阳小三", "欧阳小三", "欧**三"),
            ("阿依古丽•买买提", "阿依古丽·买买提", "阿**"),
            ("阿里‧买买提", "阿里·买买提", "阿**"),
            ("阿里．买买提", "阿里·买买提", "阿**"),
            ("阿里・买买提", "阿里·买买提", "阿**"),
            ("𠮷〇", "𠮷〇", "𠮷*"),
            ("李㛃", "李㛃", "李*"),
            ("王𬭊𰀀", "王𬭊𰀀", "王*𰀀"),
            ("林\u{F9DC}", "林\u{F9DC}", "林*"),
            ("Jean-Luc  O’Neil Jr.", "Jean-Luc O'Neil Jr.", "J**"),
            ("Nguyễn Văn An", "Nguyễn Văn An", "N**"),
            ("Li", "Li", "L**"),
        ] {
            let name = PersonName::parse(typed).expect(typed);
            assert_eq!((name.as_str(), name.masked().as_str()), (kept, masked));
            assert_eq!(format!("{name}"), masked);
        }
    }

    #[test]
    fn each_reason_is_told() {
        use IdentityError::{NameCharacters, NameLength};
        let long = "林".repeat(21);
        for (typed, reason) in [
            ("林", NameLength),
            ("", NameLength),
            ("J", NameLength),
            (long.as_str(), NameLength),
            ("林1", NameCharacters),
            ("林秀英😀", NameCharacters),
            ("林\u{0}英", NameCharacters),
            ("林\n英", NameCharacters),
            ("林a英", NameCharacters),
            ("·林英", NameCharacters),
            ("林··英", NameCharacters),
            ("林英·", NameCharacters),
            ("123", NameCharacters),
            ("-Luc", NameCharacters),
            ("J\u{202E}ean", NameCharacters),
        ] {
            assert_eq!(PersonName::parse(typed), Err(reason), "{typed:?}");
        }
        assert!(PersonName::parse(&"林".repeat(20)).is_ok());
        assert!(PersonName::parse(&"a".repeat(60)).is_ok());
        assert_eq!(PersonName::parse(&"a".repeat(61)), Err(NameLength));
    }
}
