//! Every method everywhere: on the addresses of the API document, beside them and where there is nothing.

use std::collections::{BTreeMap, BTreeSet};

use yichuang::domain::lifecycle::Role;

use super::carried::{Asked, Findings};
use super::{allowed, asks, filled, origins};
use crate::permissions::requests::operations;
use crate::world::{Database, STREET, World};

const METHODS: [&str; 14] = [
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "DELETE",
    "PATCH",
    "OPTIONS",
    "TRACE",
    "PROPFIND",
    "MKCOL",
    "get",
    "GETS",
    "X-MADE-UP",
    "13957246813",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_method_everywhere_is_served_or_told_what_is() {
    let world = World::open(Database::Sqlite).await.unwrap();
    let operations = operations();
    let mut findings = Findings::default();
    let patterns: BTreeSet<&str> = operations.iter().map(|operation| operation.path.as_str()).collect();
    let mut statuses: BTreeMap<u16, usize> = BTreeMap::new();
    for pattern in &patterns {
        let path = filled(pattern);
        let allowed = allowed(&operations, &path);
        for method in METHODS {
            let operation = operations.iter().find(|operation| {
                let served = if method == "HEAD" { "GET" } else { method };
                operation.path == *pattern && operation.method == served
            });
            for origin in origins(world.base()) {
                let told = asks(&world, method, &path, &origin).await;
                *statuses.entry(told.status).or_default() += 1;
                let asked =
                    Asked { method, path: &path, origin: &origin, allowed: allowed.clone(), operation };
                findings.look(&asked, &told);
            }
        }
    }
    findings.none("methods");
    assert!(statuses[&405] > 5000 && statuses[&401] > 500 && statuses[&200] > 50, "{statuses:?}");
    assert!(statuses.keys().all(|status| *status < 500), "{statuses:?}");
    // Whatever somebody makes up is one word in the figures and in the audit log, or it would fill both.
    let figures = asks(&world, "GET", "/metrics", "").await.text;
    let counted = figures.split("method=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    let counted: BTreeSet<&str> = counted.collect();
    let known = ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE", "other"];
    assert!(counted.contains("other") && counted.iter().all(|method| known.contains(method)), "{counted:?}");
    world.office().keep_audit().await.unwrap();
    let auditor = world.staff("auditor", "审计员", Role::Auditor, STREET, None).await;
    let log = auditor.get("/v1/audit?limit=100").await.expect(200);
    let asked =
        log.as_array().unwrap().iter().filter_map(|entry| entry["operation"].as_str()?.split_once(" /"));
    let asked: BTreeSet<&str> = asked.map(|(method, _)| method).collect();
    assert!(asked.contains("other") && asked.iter().all(|method| known.contains(method)), "{asked:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_in_the_document_answers_as_safely() {
    let world = World::open(Database::Sqlite).await.unwrap();
    let operations = operations();
    let mut findings = Findings::default();
    let patterns: BTreeSet<&str> = operations.iter().map(|operation| operation.path.as_str()).collect();
    let mut nowhere: Vec<String> =
        patterns.iter().map(|pattern| format!("{}/no/such/thing/at/all", filled(pattern))).collect();
    nowhere.extend(
        ["/", "/v1", "/v1/", "/favicon.ico", "/robots.txt", "/.git/config", "/v1/%2e%2e/x", "/docsx", "//"]
            .map(str::to_owned),
    );
    for path in &nowhere {
        assert!(allowed(&operations, path).is_empty(), "{path}");
        for method in METHODS {
            for origin in &origins(world.base())[..4] {
                let told = asks(&world, method, path, origin).await;
                findings.demand(told.status == 404, || format!("{method} {path}: {}", told.status));
                findings
                    .look(&Asked { method, path, origin, allowed: BTreeSet::new(), operation: None }, &told);
            }
        }
    }
    // The page that shows the document, and the document.
    let got: BTreeSet<String> = ["GET", "HEAD"].map(str::to_owned).into();
    for path in ["/openapi.json", "/docs", "/docs/", "/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js"] {
        for method in METHODS {
            for origin in origins(world.base()) {
                let told = asks(&world, method, path, &origin).await;
                findings.look(
                    &Asked { method, path, origin: &origin, allowed: got.clone(), operation: None },
                    &told,
                );
            }
        }
    }
    findings.none("elsewhere");
}
