//! Whether the policy book points into forms that exist: asked at start-up, because a pointer that leads nowhere
//! makes everything look different, in silence.

use serde_json::Value;

use super::duplicates::{DuplicatePolicy, ItemRule};
use super::policy::{Policies, PolicyError};
use crate::domain::lifecycle::Status;

/// The book, if every item is in it and every pointer leads to a place of its form.
pub fn checked(book: Policies) -> Result<Policies, PolicyError> {
    let wrong = wrong_in(&book.duplicates);
    let told = |reason: String| PolicyError { file: "duplicates.toml".to_owned(), reason };
    if wrong.is_empty() { Ok(book) } else { Err(told(wrong.join("; "))) }
}

/// What is wrong with the page.
fn wrong_in(page: &DuplicatePolicy) -> Vec<String> {
    let mut wrong = Vec::new();
    let never = [Status::Draft, Status::Withdrawn, Status::Declined, Status::Rejected, Status::Terminated];
    for status in page.counts.iter().filter(|status| never.contains(status)) {
        wrong.push(format!("counts: {} is nobody's matter any more, or not yet", status.name()));
    }
    for entry in super::all() {
        let code = entry.guide().code;
        match page.items.get(code) {
            Some(rule) => wrong.extend(nowhere(code, rule, entry.shape().document())),
            None => wrong.push(format!("items.{code} is missing")),
        }
    }
    let unknown = page.items.keys().filter(|code| super::find(code).is_none());
    wrong.extend(unknown.map(|code| format!("items.{code}: there is no such item")));
    wrong
}

fn nowhere(code: &str, rule: &ItemRule, schema: &Value) -> Vec<String> {
    let lost = rule.pointers().filter(|pointer| !pointer.starts_with('/') || !leads(schema, schema, pointer));
    lost.map(|pointer| format!("items.{code}: {pointer} is no place of the form")).collect()
}

/// Whether a pointer leads to something in a form of this schema.
fn leads(root: &Value, schema: &Value, pointer: &str) -> bool {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        return root.pointer(name.trim_start_matches('#')).is_some_and(|schema| leads(root, schema, pointer));
    }
    let choices = ["oneOf", "anyOf", "allOf"].iter().filter_map(|key| schema.get(key)?.as_array()).flatten();
    if choices.into_iter().any(|choice| leads(root, choice, pointer)) {
        return true;
    }
    let Some(rest) = pointer.strip_prefix('/') else {
        // The end: a place of its own, not a choice among others.
        return schema.get("oneOf").is_none() && schema.get("allOf").is_none();
    };
    let (part, rest) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let below =
        if part == "*" { schema.get("items") } else { schema.pointer(&format!("/properties/{part}")) };
    below.is_some_and(|schema| leads(root, schema, rest))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::catalog::duplicates::values;

    fn page() -> DuplicatePolicy {
        Policies::load(|_| None).unwrap().duplicates
    }

    #[test]
    fn every_item_is_there_and_every_pointer_leads_somewhere() {
        assert_eq!(wrong_in(&page()), Vec::<String>::new());
        // What samples hold is found; what only other answers hold is in the schema.
        for (code, rule) in &page().items {
            let sample = crate::catalog::find(code).unwrap().sample();
            let filled =
                |pointers: &[String]| pointers.iter().any(|pointer| !values(&sample, pointer).is_empty());
            assert!(rule.occasion.is_empty() || filled(&rule.occasion), "{code}: occasion");
            assert!(rule.subjects.iter().all(|list| filled(list)), "{code}: subjects");
            assert!(filled(&rule.address), "{code}: address");
        }
    }

    #[test]
    fn a_pointer_that_leads_nowhere_and_an_item_without_a_rule_stop_the_start() {
        let mut page = page();
        page.items.get_mut("birth_registration").unwrap().occasion.push("/pregnancy/due_on".to_owned());
        page.items.get_mut("house_rebuild").unwrap().address[0] = "/head/*/registered_address".to_owned();
        page.items.remove("minimum_living");
        page.items.insert("fishing".to_owned(), page.items["housing_aid"].clone());
        page.counts.push(Status::Withdrawn);
        let wrong = wrong_in(&page);
        assert_eq!(wrong.len(), 5, "{wrong:#?}");
        let book = Policies { duplicates: page, ..Policies::load(|_| None).unwrap() };
        assert!(checked(book).unwrap_err().to_string().contains("/pregnancy/due_on"));
    }
}
