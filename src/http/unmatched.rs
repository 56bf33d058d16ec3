//! What no route takes: a wrong method at a known address is told which methods there are, anything
//! else does not exist.

use actix_web::dev::ResourceDef;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::Value;

use super::problem::Problem;

/// The API document and the page that shows it are addresses too, though not of the document itself.
const BESIDE: [(&str, &str); 3] = [("/openapi.json", "GET"), ("/docs", "GET"), ("/docs/{_:.*}", "GET")];

/// 地址表: the address patterns of the API document with their methods.
pub struct Addresses(Vec<(ResourceDef, Vec<String>)>);

impl Addresses {
    /// Those of a document.
    pub fn of(document: &Value) -> Self {
        let paths = document["paths"].as_object().into_iter().flatten();
        let documented = paths.map(|(pattern, operations)| {
            let methods =
                operations.as_object().into_iter().flatten().map(|(method, _)| method.to_uppercase());
            (ResourceDef::new(pattern.as_str()), methods.collect())
        });
        let beside = BESIDE.map(|(path, method)| (ResourceDef::new(path), vec![method.to_owned()]));
        Self(documented.chain(beside).map(asked_about).collect())
    }

    /// The methods an address takes, as an Allow header says it; `None` for an unknown address.
    fn allow(&self, path: &str) -> Option<String> {
        let fits = self.0.iter().filter(|(pattern, _)| pattern.is_match(path));
        let mut methods: Vec<&str> = fits.flat_map(|(_, methods)| methods).map(String::as_str).collect();
        methods.sort_unstable();
        methods.dedup();
        (!methods.is_empty()).then(|| methods.join(", "))
    }
}

/// Whatever can be got can be asked about.
fn asked_about((pattern, mut methods): (ResourceDef, Vec<String>)) -> (ResourceDef, Vec<String>) {
    if methods.iter().any(|method| method == "GET") {
        methods.push("HEAD".to_owned());
    }
    (pattern, methods)
}

/// Answers 405 with what is allowed, or 404; the outermost layer makes a problem document of it.
pub async fn answer(request: HttpRequest, addresses: web::Data<Addresses>) -> Result<HttpResponse, Problem> {
    match addresses.allow(request.path()) {
        Some(allow) => Ok(HttpResponse::MethodNotAllowed().insert_header((header::ALLOW, allow)).finish()),
        None => Err(Problem::of_status(StatusCode::NOT_FOUND)),
    }
}
