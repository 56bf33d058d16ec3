//! 合并: changes of single fields brought together with what others have changed meanwhile. A field that
//! others have changed as well is never overwritten: nothing of such an edit is taken, and both are shown.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// 字段修改
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Change {
    /// RFC 6901 pointer into the form; a list is one field.
    #[schema(min_length = 1, max_length = 400, pattern = "^(/[^/]*)+$")]
    pub pointer: String,
    /// What the device saw there; null for nothing.
    #[serde(default)]
    pub was: Value,
    /// What it is to be; null for nothing.
    #[serde(default)]
    pub now: Value,
}

/// 字段冲突: one field that two have changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Clash {
    /// Where.
    pub pointer: String,
    /// What the device saw there.
    pub was: Value,
    /// What it wanted there.
    pub mine: Value,
    /// What stands there.
    pub theirs: Value,
}

/// Why changes could not be taken.
#[derive(Debug, Clone, PartialEq)]
pub enum Unmergeable {
    /// Others have changed the same fields.
    Clashes(Vec<Clash>),
    /// A pointer leads nowhere a value could be put; names them.
    Nowhere(Vec<String>),
}

fn names(pointer: &str) -> impl Iterator<Item = String> + '_ {
    pointer.split('/').skip(1).map(|name| name.replace("~1", "/").replace("~0", "~"))
}

/// What stands at a pointer; null for nothing.
fn at<'a>(form: &'a Value, pointer: &str) -> &'a Value {
    form.pointer(pointer).unwrap_or(&Value::Null)
}

/// Puts a value where the pointer leads, through objects that are made as needed; null takes it away.
fn put(form: &mut Value, pointer: &str, value: &Value) -> bool {
    let mut names: Vec<String> = names(pointer).collect();
    let Some(last) = names.pop() else { return false };
    let mut here = form;
    for name in names {
        here = match here {
            Value::Object(object) => {
                if value.is_null() && !object.contains_key(&name) {
                    return true;
                }
                object.entry(name).or_insert_with(|| Value::Object(Map::new()))
            }
            Value::Array(items) => match name.parse::<usize>().ok().and_then(|index| items.get_mut(index)) {
                Some(item) => item,
                None => return false,
            },
            _ => return false,
        };
    }
    match here {
        Value::Object(object) if value.is_null() => {
            object.remove(&last);
            true
        }
        Value::Object(object) => {
            object.insert(last, value.clone());
            true
        }
        Value::Array(items) => match last.parse::<usize>().ok().and_then(|index| items.get_mut(index)) {
            Some(item) => {
                *item = value.clone();
                true
            }
            None => false,
        },
        _ => false,
    }
}

/// Whether every field is as the device saw it.
pub fn untouched(form: &Value, changes: &[Change]) -> bool {
    changes.iter().all(|change| change.was == *at(form, &change.pointer))
}

/// Takes all changes over, or none. `shown` is the form as the device may have seen it, with numbers masked.
pub fn merge(form: &Value, shown: &Value, changes: &[Change]) -> Result<Value, Unmergeable> {
    let mut clashes = Vec::new();
    for Change { pointer, was, now } in changes {
        let (theirs, masked) = (at(form, pointer), at(shown, pointer));
        let untouched = was == theirs || was == masked;
        let same = now == theirs || now == masked;
        if !untouched && !same {
            let (was, mine, theirs) = (was.clone(), now.clone(), masked.clone());
            clashes.push(Clash { pointer: pointer.clone(), was, mine, theirs });
        }
    }
    if !clashes.is_empty() {
        return Err(Unmergeable::Clashes(clashes));
    }
    let mut merged = form.clone();
    let stray: Vec<String> = changes
        .iter()
        .filter(|change| !put(&mut merged, &change.pointer, &change.now))
        .map(|change| change.pointer.clone())
        .collect();
    if stray.is_empty() { Ok(merged) } else { Err(Unmergeable::Nowhere(stray)) }
}

/// What has changed between two forms, field by field; lists are one field.
pub fn changes(before: &Value, after: &Value) -> Vec<Change> {
    let mut found = Vec::new();
    differ(before, after, String::new(), &mut found);
    found
}

fn differ(before: &Value, after: &Value, pointer: String, found: &mut Vec<Change>) {
    match (before, after) {
        (Value::Object(old), Value::Object(new)) => {
            let mut keys: Vec<&String> = old.keys().chain(new.keys()).collect();
            keys.sort();
            keys.dedup();
            for key in keys {
                let (old, new) = (old.get(key).unwrap_or(&Value::Null), new.get(key).unwrap_or(&Value::Null));
                let escaped = key.replace('~', "~0").replace('/', "~1");
                differ(old, new, format!("{pointer}/{escaped}"), found);
            }
        }
        _ if before != after => {
            found.push(Change { pointer, was: before.clone(), now: after.clone() });
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    fn one(pointer: &str, was: Value, now: Value) -> Vec<Change> {
        vec![Change { pointer: pointer.to_owned(), was, now }]
    }

    #[test]
    fn other_fields_go_together_and_the_same_field_never() {
        let form =
            json!({"mother": {"name": "林秀英", "phone": "13805950001"}, "children": [1, 2], "floor": 3});
        let shown =
            json!({"mother": {"name": "林秀英", "phone": "138****0001"}, "children": [1, 2], "floor": 3});
        let take = |changes: &[Change]| merge(&form, &shown, changes);
        let merged = take(&one("/mother/name", json!("林秀英"), json!("林秀瑛"))).unwrap();
        assert_eq!(merged["mother"], json!({"name": "林秀瑛", "phone": "13805950001"}));
        assert_eq!(take(&one("/floor", json!(2), json!(3))).unwrap(), form, "both wanted the same");
        assert_eq!(
            take(&one("/mother/phone", json!("138****0001"), json!("13900000000"))).unwrap()["mother"]["phone"],
            "13900000000"
        );
        assert_eq!(take(&one("/floor", json!(3), Value::Null)).unwrap().get("floor"), None);
        assert_eq!(take(&one("/father/name", Value::Null, json!("陈"))).unwrap()["father"]["name"], "陈");
        assert_eq!(take(&one("/father/name", Value::Null, Value::Null)).unwrap(), form);
        let clash = Clash { pointer: "/floor".into(), was: json!(1), mine: json!(2), theirs: json!(3) };
        let mut both = one("/mother/name", json!("林秀英"), json!("林"));
        both.extend(one("/floor", json!(1), json!(2)));
        assert_eq!(take(&both), Err(Unmergeable::Clashes(vec![clash])), "all or nothing");
        for nowhere in ["/floor/x", "/children/7", "/children/x/y", "/children/-"] {
            let stray = Unmergeable::Nowhere(vec![nowhere.to_owned()]);
            assert_eq!(take(&one(nowhere, Value::Null, json!(1))), Err(stray));
        }
    }

    #[test]
    fn changes_found_between_two_forms_lead_from_one_to_the_other() {
        let before = json!({"a": {"b": 1, "c/d": 2, "e~f": [1]}, "g": "x"});
        let after = json!({"a": {"b": 1, "c/d": 3, "e~f": [1, 2]}, "h": {"i": true}});
        let found = changes(&before, &after);
        let pointers: Vec<&str> = found.iter().map(|change| change.pointer.as_str()).collect();
        assert_eq!(pointers, ["/a/c~1d", "/a/e~0f", "/g", "/h"]);
        assert_eq!(merge(&before, &before, &found).unwrap(), after);
        assert_eq!(changes(&after, &after), []);
    }
}
