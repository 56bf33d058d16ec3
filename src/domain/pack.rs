//! 资料包: what a device takes along, entry by entry, and what has changed since it was there last. Nothing but
//! what the device had and what its worker may see now decides: whatever is no longer seen is taken back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// 条目
#[derive(Debug, Clone, PartialEq)]
pub struct PackEntry {
    /// Kind and id: `household/0193…`.
    pub key: String,
    /// Tells this content from any other.
    pub hash: String,
    /// As it is sent.
    pub body: Value,
}

/// 清单: what a device has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Manifest(BTreeMap<String, String>);

/// What leads from one to the other.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PackChange {
    /// New, or no longer what they were; in the order in which they are wanted.
    pub changed: Vec<PackEntry>,
    /// 墓碑: no longer there, or no longer to be seen.
    pub gone: Vec<String>,
}

impl Manifest {
    /// What has to be sent to whoever has this, so that they have `now`.
    pub fn change_to(&self, now: Vec<PackEntry>) -> PackChange {
        let mut gone = self.0.clone();
        let mut changed = Vec::new();
        for entry in now {
            if gone.remove(&entry.key).as_ref() != Some(&entry.hash) {
                changed.push(entry);
            }
        }
        PackChange { changed, gone: gone.into_keys().collect() }
    }

    /// What they have once that has come.
    #[must_use]
    pub fn after(mut self, changed: &[PackEntry], gone: &[String]) -> Self {
        gone.iter().for_each(|key| {
            self.0.remove(key);
        });
        self.0.extend(changed.iter().map(|entry| (entry.key.clone(), entry.hash.clone())));
        self
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn entry(key: &str, hash: &str) -> PackEntry {
        PackEntry { key: key.to_owned(), hash: hash.to_owned(), body: Value::Null }
    }

    #[test]
    fn whatever_a_device_had_it_ends_with_what_is_there() {
        let (a, b, c) = (entry("a", "1"), entry("b", "1"), entry("c", "1"));
        let had = Manifest::default().after(&[a.clone(), b.clone(), c.clone()], &[]);
        let newer = entry("b", "2");
        let change = had.change_to(vec![newer.clone(), a.clone()]);
        assert_eq!(change.changed, std::slice::from_ref(&newer));
        assert_eq!(change.gone, ["c"]);
        let has = had.after(&change.changed, &change.gone);
        assert_eq!(has.change_to(vec![newer.clone(), a.clone()]), PackChange::default());
        // Half of it came: the rest follows.
        let half = Manifest::default().after(std::slice::from_ref(&a), &[]);
        assert_eq!(half.change_to(vec![a, newer.clone()]).changed, [newer]);
    }
}
