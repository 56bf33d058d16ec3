//! Whatever a grid worker may do online can be done offline, or docs/offline.md says why not.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// The rows of the list: online call, and what stands for it.
fn listed() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string("docs/offline.md").unwrap();
    let (_, list) = text.split_once("| online | offline |").unwrap();
    let rows =
        list.lines().skip_while(|line| !line.starts_with("| `")).take_while(|line| line.starts_with("| `"));
    let row = |line: &str| {
        let mut cells = line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned());
        (cells.next().unwrap().trim_matches('`').to_owned(), cells.next().unwrap())
    };
    rows.map(row).collect()
}

#[test]
fn every_operation_of_a_grid_worker_has_its_counterpart_or_a_reason() {
    let document: Value =
        serde_json::from_str(&std::fs::read_to_string("openapi/openapi.json").unwrap()).unwrap();
    let mut online = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let roles = operation["x-authz"]["roles"].as_array().cloned().unwrap_or_default();
            if method != "get" && roles.iter().any(|role| role == "grid_worker") {
                online.insert(format!("{} {path}", method.to_uppercase()));
            }
        }
    }
    let deeds: BTreeSet<String> = document["components"]["schemas"]["Deed"]["oneOf"]
        .as_array()
        .unwrap()
        .iter()
        .map(|deed| deed["properties"]["kind"]["enum"][0].as_str().unwrap().to_owned())
        .collect();
    let listed = listed();
    let rows: BTreeSet<String> = listed.keys().cloned().collect();
    let silent: Vec<_> = online.symmetric_difference(&rows).collect();
    assert!(silent.is_empty(), "listed nowhere, or listed and gone: {silent:?}");
    let mut used = BTreeSet::new();
    for (call, stands) in &listed {
        let named: BTreeSet<String> = stands
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|word| !word.contains(' '))
            .map(str::to_owned)
            .collect();
        let reason = stands.starts_with("none: ") || stands.starts_with("is how ");
        assert!(reason || !named.is_empty() && named.is_subset(&deeds), "{call}: {stands}");
        used.extend(named);
    }
    let unused: Vec<_> = deeds.difference(&used).collect();
    assert!(unused.is_empty(), "deeds that stand for nothing: {unused:?}");
}
