//! 姓名比对: names that are written differently and said the same, or that one slip of the pen tells apart.

use std::collections::BTreeSet;

use pinyin::{ToPinyin, ToPinyinMulti};

use super::reason::Reason;

/// Fewer characters than this have too little in common when one differs.
const LONG_ENOUGH: usize = 3;

/// A reading as an accent leaves it.
fn heard(reading: &str, accents: &[(String, String)]) -> String {
    let mut reading = reading.to_owned();
    for (said, heard) in accents {
        // A beginning stands before the vowel, an ending after it.
        if let Some(rest) = reading.strip_prefix(said.as_str()).filter(|rest| !rest.is_empty()) {
            reading = format!("{heard}{rest}");
        } else if let Some(rest) = reading.strip_suffix(said.as_str()).filter(|rest| !rest.is_empty()) {
            reading = format!("{rest}{heard}");
        }
    }
    reading
}

/// 读音: every reading of a character; a letter is its own.
fn readings(character: char, accents: &[(String, String)]) -> BTreeSet<String> {
    match character.to_pinyin_multi() {
        Some(multi) => multi.into_iter().map(|reading| heard(reading.plain(), accents)).collect(),
        None => BTreeSet::from([character.to_lowercase().collect()]),
    }
}

/// The usual reading of a character.
fn usual(character: char, accents: &[(String, String)]) -> String {
    match character.to_pinyin() {
        Some(reading) => heard(reading.plain(), accents),
        None => character.to_lowercase().collect(),
    }
}

/// By what names are found that sound alike: of several readings the usual one.
pub fn key(name: &str, accents: &[(String, String)]) -> String {
    name.chars().map(|character| usual(character, accents)).collect::<Vec<_>>().join(" ")
}

/// What two names have in common.
pub fn likeness(one: &str, other: &str, accents: &[(String, String)]) -> Option<Reason> {
    let (one, other) = (one.to_lowercase(), other.to_lowercase());
    let (a, b): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    if a == b {
        return Some(Reason::SameName);
    }
    // Two seldom readings prove nothing: 彭 and 方 can both be read páng, and nobody does.
    let alike = |(a, b): (&char, &char)| {
        let said = |a, b| readings(b, accents).contains(&usual(a, accents));
        a == b || said(*a, *b) || said(*b, *a)
    };
    if a.len() == b.len() && a.iter().zip(&b).all(alike) {
        return Some(Reason::NameSoundsAlike);
    }
    (a.len().max(b.len()) >= LONG_ENOUGH && one_off(&a, &b)).then_some(Reason::NameOneOff)
}

/// One character more, less or another, or two that changed places.
fn one_off(a: &[char], b: &[char]) -> bool {
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[same..], &b[same..]);
    match (a, b) {
        ([first, second, rest @ ..], [third, fourth, other @ ..])
            if first == fourth && second == third && rest == other =>
        {
            true
        }
        ([_, rest @ ..], [_, other @ ..]) if rest == other => true,
        ([_, rest @ ..], other) if rest == other => true,
        (rest, [_, other @ ..]) => rest == other,
        _ => false,
    }
}
