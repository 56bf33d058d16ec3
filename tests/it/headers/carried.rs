//! One answer looked at: its headers, its type, its body, and whether its method was one of the document's.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::header::HeaderMap;
use serde_json::Value;
use yichuang::http::openapi;

use crate::permissions::requests::Operation;
use crate::world::people::Answer;

/// What was asked.
pub struct Asked<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub origin: &'a str,
    /// The methods this path takes; empty for a path that does not exist.
    pub allowed: BTreeSet<String>,
    /// The operation it is, where it is one.
    pub operation: Option<&'a Operation>,
}

impl<'a> Asked<'a> {
    /// An operation asked as it should be.
    pub fn operation(operation: &'a Operation, origin: &'a str) -> Self {
        let (method, path) = (operation.method.as_str(), operation.path.as_str());
        Self { method, path, origin, allowed: [operation.method.clone()].into(), operation: Some(operation) }
    }
}

/// Everything wrong, told at the end.
#[derive(Default)]
pub struct Findings {
    /// With how often it was so: one defect shows at many places.
    wrong: BTreeMap<String, usize>,
    looked: usize,
}

const FIXED: [(&str, &str); 3] =
    [("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer"), ("x-frame-options", "DENY")];
const CLOSED: &str = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'";
/// Tells whoever attacks what to look up, or opens an answer to a page that is not ours.
const NEVER: [&str; 6] =
    ["server", "x-powered-by", "via", "set-cookie", "timing-allow-origin", "x-aspnet-version"];
/// Paths whose good answers may be kept, by what their handlers say.
const KEPT: [(&str, &str); 1] = [("/.well-known/jwks.json", "public, max-age=60")];

fn one<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// The types the document has for the good answers of an operation.
fn documented(operation: &Operation) -> Vec<String> {
    static DOCUMENT: std::sync::LazyLock<Value> = std::sync::LazyLock::new(openapi::document);
    let responses = &DOCUMENT["paths"][&operation.path][operation.method.to_lowercase()]["responses"];
    let good = responses.as_object().unwrap().iter().filter(|(status, _)| status.starts_with('2'));
    good.filter_map(|(_, response)| response["content"].as_object())
        .flatten()
        .map(|(kind, _)| kind.clone())
        .collect()
}

impl Findings {
    pub fn demand(&mut self, right: bool, what: impl FnOnce() -> String) {
        if !right {
            *self.wrong.entry(what()).or_default() += 1;
        }
    }

    #[track_caller]
    pub fn none(&self, what: &str) {
        let shown: Vec<_> = self.wrong.iter().take(30).collect();
        assert!(self.wrong.is_empty(), "{} things at {} {what}: {shown:#?}", self.wrong.len(), self.looked);
        assert!(self.looked > 0, "nothing was looked at");
        eprintln!("{what}: {} answers", self.looked);
    }

    pub fn look(&mut self, asked: &Asked<'_>, told: &Answer) {
        self.looked += 1;
        let (headers, status) = (&told.headers, told.status);
        let at = format!("{} {} is {status}", asked.method, asked.path);
        self.safe(&at, asked, told);
        let foreign =
            |(name, _): &(&reqwest::header::HeaderName, _)| name.as_str().starts_with("access-control-");
        let opened: Vec<_> = headers.iter().filter(foreign).collect();
        self.demand(opened.is_empty(), || format!("{at} from {:?}: {opened:?}", asked.origin));
        for name in NEVER {
            self.demand(!headers.contains_key(name), || format!("{at}: {name}"));
        }
        if asked.origin.contains("evil") {
            let echoed = told.text.contains(asked.origin) || format!("{headers:?}").contains(asked.origin);
            self.demand(!echoed, || format!("{at}: echoes {}", asked.origin));
        }
        if !asked.allowed.is_empty() {
            let served = asked.allowed.contains(asked.method);
            self.demand(served == (status != 405), || format!("{at}: {:?}", asked.allowed));
        }
        let allow = one(headers, "allow");
        if status == 405 {
            let told: Option<BTreeSet<String>> =
                allow.map(|list| list.split(", ").map(str::to_owned).collect());
            self.demand(told.as_ref() == Some(&asked.allowed), || format!("{at}: allow {allow:?}"));
        } else {
            self.demand(allow.is_none(), || format!("{at}: allow {allow:?}"));
        }
        if status == 401 {
            let challenge = one(headers, "www-authenticate");
            self.demand(challenge == Some("Bearer"), || format!("{at}: {challenge:?}"));
        }
        self.body(&at, asked, told);
    }

    fn safe(&mut self, at: &str, asked: &Asked<'_>, told: &Answer) {
        let headers = &told.headers;
        for (name, value) in FIXED {
            self.demand(one(headers, name) == Some(value), || {
                format!("{at}: {name} {:?}", headers.get(name))
            });
        }
        let hsts = one(headers, "strict-transport-security");
        let age = hsts
            .and_then(|text| text.split(';').next()?.trim().strip_prefix("max-age=")?.parse::<u64>().ok());
        let whole = hsts.is_some_and(|text| text.ends_with("; includeSubDomains"));
        self.demand(whole && age.is_some_and(|age| age >= 31_536_000), || format!("{at}: hsts {hsts:?}"));
        let kind = one(headers, "content-type").unwrap_or_default();
        let policy = one(headers, "content-security-policy").unwrap_or_default();
        let fits = if kind.starts_with("text/html") {
            asked.path.starts_with("/docs/")
                && policy.starts_with("default-src 'self';")
                && policy.ends_with("object-src 'none'; base-uri 'none'; frame-ancestors 'none'")
                && !policy.contains("unsafe-eval")
                && !policy.contains(['*', '\n'])
        } else {
            let file = asked.operation.is_some_and(|operation| operation.path == "/v1/materials/{id}");
            policy == CLOSED || (file && policy == format!("sandbox; {CLOSED}"))
        };
        self.demand(fits, || format!("{at}: policy {policy:?} of {kind:?}"));
        let cached = one(headers, "cache-control").unwrap_or_default();
        let kept = KEPT.iter().find(|(path, _)| *path == asked.path && told.status == 200);
        let expected = kept.map_or("no-store", |(_, value)| *value);
        self.demand(cached == expected, || format!("{at}: cache-control {cached:?}"));
    }

    fn body(&mut self, at: &str, asked: &Asked<'_>, told: &Answer) {
        let kind = one(&told.headers, "content-type");
        let id = one(&told.headers, "x-request-id").unwrap_or_default();
        self.demand(id.parse::<uuid::Uuid>().is_ok(), || format!("{at}: request id {id:?}"));
        if asked.method == "HEAD" {
            self.demand(told.text.is_empty(), || format!("{at}: a body"));
        }
        if told.status >= 400 {
            let right = kind == Some("application/problem+json; charset=utf-8");
            self.demand(right, || format!("{at}: {kind:?}"));
            if asked.method != "HEAD" {
                let problem = told.json();
                let whole = problem["status"] == told.status
                    && problem["instance"] == format!("urn:uuid:{id}")
                    && ["type", "title", "detail", "code"].iter().all(|member| problem[*member].is_string());
                self.demand(whole, || format!("{at}: {}", told.text));
            }
            return;
        }
        if told.status == 204 || (300..400).contains(&told.status) {
            self.demand(told.text.is_empty() && kind.is_none(), || format!("{at}: {kind:?} {}", told.text));
            return;
        }
        let plain = kind.unwrap_or_default().split(';').next().unwrap_or_default();
        let textual = plain.starts_with("text/");
        let charset = kind.is_some_and(|kind| kind.to_lowercase().ends_with("charset=utf-8"));
        self.demand(!textual || charset, || format!("{at}: {kind:?} says no charset"));
        match asked.operation.map(documented) {
            Some(kinds) if kinds == ["application/octet-stream"] => {
                let file = ["image/jpeg", "image/png", "image/webp", "image/heic", "application/pdf"];
                self.demand(file.contains(&plain), || format!("{at}: {kind:?}"));
            }
            Some(kinds) => {
                self.demand(kinds.iter().any(|known| known == plain), || {
                    format!("{at}: {kind:?}, not {kinds:?}")
                });
            }
            None => self.demand(!plain.is_empty(), || format!("{at}: no content type")),
        }
    }
}
