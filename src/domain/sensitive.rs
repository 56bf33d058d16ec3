//! What is personal shows itself masked: in logs, in error texts and, unless somebody asks otherwise, in JSON.
//! Storage asks otherwise, because it seals; and whoever is shown their own, or reveals for a stated purpose.

use std::cell::Cell;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// 脱敏
pub trait Masked {
    /// The value with so much hidden that it identifies nobody.
    fn masked(&self) -> String;
}

thread_local! {
    static IN_FULL: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work`, during which personal values serialise in full on this thread.
pub fn in_full<T>(work: impl FnOnce() -> T) -> T {
    struct Before(bool);
    impl Drop for Before {
        fn drop(&mut self) {
            IN_FULL.set(self.0);
        }
    }
    let _before = Before(IN_FULL.replace(true));
    work()
}

/// Serialises a personal value: masked, or in full where that was asked for.
pub fn serialize<S: Serializer>(full: &str, value: &impl Masked, serializer: S) -> Result<S::Ok, S::Error> {
    if IN_FULL.get() { serializer.serialize_str(full) } else { serializer.serialize_str(&value.masked()) }
}

/// 敏感信息: a text that identifies somebody and is no checked value of its own, such as an address.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Sensitive<T>(T);

impl<T> Sensitive<T> {
    /// Wraps it.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself; whoever takes it has to have a reason.
    pub fn reveal(&self) -> &T {
        &self.0
    }
}

/// A mail address keeps its first letter and its host, anything else its first two letters.
impl Masked for Sensitive<String> {
    fn masked(&self) -> String {
        match self.0.split_once('@') {
            Some((name, host)) => format!("{}***@{host}", name.chars().take(1).collect::<String>()),
            None => format!("{}***", self.0.chars().take(2).collect::<String>()),
        }
    }
}

impl fmt::Debug for Sensitive<String> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sensitive({})", self.masked())
    }
}

impl fmt::Display for Sensitive<String> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl Serialize for Sensitive<String> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize(&self.0, self, serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Sensitive<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self)
    }
}

/// An address to the community: what comes behind it leads to a door.
pub fn masked_address(address: &str) -> String {
    let ends = ["社区", "村", "街道", "镇"];
    let end = ends.iter().find_map(|end| address.rfind(end).map(|at| at + end.len()));
    let kept = end
        .and_then(|end| address.get(..end))
        .map_or_else(|| address.chars().take(3).collect(), str::to_owned);
    format!("{kept}***")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::domain::id_number::IdNumber;

    #[test]
    fn shows_itself_masked_wherever_it_turns_up() {
        let mail = Sensitive::new("xiuying@example.org".to_owned());
        assert_eq!(format!("{mail} {mail:?}"), "x***@example.org Sensitive(x***@example.org)");
        assert_eq!(serde_json::to_string(&mail).unwrap(), "\"x***@example.org\"");
        let number = IdNumber::parse(IdNumber::SAMPLE).unwrap();
        assert_eq!(serde_json::to_string(&number).unwrap(), "\"350582********0016\"");
    }

    #[test]
    fn in_full_only_as_long_as_asked_for_and_on_this_thread() {
        let number = IdNumber::parse(IdNumber::SAMPLE).unwrap();
        let json = || serde_json::to_string(&number).unwrap();
        let elsewhere = in_full(|| {
            assert_eq!(json(), "\"350582199003070016\"");
            let number = number.clone();
            std::thread::spawn(move || serde_json::to_string(&number).unwrap()).join().unwrap()
        });
        assert_eq!(elsewhere, "\"350582********0016\"");
        assert!(std::panic::catch_unwind(|| in_full(|| panic!("within"))).is_err());
        assert_eq!(json(), "\"350582********0016\"", "a panic ends it as well");
    }

    #[test]
    fn an_address_ends_at_the_community() {
        assert_eq!(masked_address("福建省晋江市灵源街道林口社区中区12号"), "福建省晋江市灵源街道林口社区***");
        assert_eq!(masked_address("晋江市灵源街道灵源路1号"), "晋江市灵源街道***");
        assert_eq!(masked_address("某处"), "某处***");
    }
}
