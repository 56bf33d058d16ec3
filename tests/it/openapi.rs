//! The API document in the tree is the one the routes make.

use std::path::Path;

#[test]
fn the_document_in_the_tree_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi/openapi.json");
    let made = format!("{}\n", serde_json::to_string_pretty(&yichuang::http::openapi::document()).unwrap());
    if std::env::var_os("YICHUANG_BLESS").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == made,
        "openapi/openapi.json is stale: YICHUANG_BLESS=1 cargo test openapi writes it anew"
    );
}

#[test]
fn every_operation_says_what_it_is() {
    let document = yichuang::http::openapi::document();
    let mut names = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let context = format!("{method} {path}");
            assert!(
                operation["summary"].as_str().is_some_and(|text| !text.is_empty()),
                "{context}: no summary"
            );
            let authz = &operation["x-authz"];
            let roles = authz["roles"].as_array().is_some_and(|roles| !roles.is_empty());
            assert!(roles && authz["scope"].is_string(), "{context}: x-authz says not who may do it");
            names.push(
                operation["operationId"].as_str().unwrap_or_else(|| panic!("{context}: no id")).to_owned(),
            );
        }
    }
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count, "operation ids repeat");
    assert!(count > 25, "{count}");
}
