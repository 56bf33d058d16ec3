//! The API document, generated from the routes.

use serde_json::{Value, json};
use utoipa::OpenApi;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa_actix_web::AppExt;

use super::forms;
use crate::catalog::shape::close;

#[derive(OpenApi)]
#[openapi(info(
    title = "Yichuang 一窗",
    description = "The backend of a sub-district's one-stop service window. Every error is an application/problem+json document.",
    license(name = "Apache-2.0", identifier = "Apache-2.0")
))]
struct Document;

/// The document as JSON.
pub fn document() -> Value {
    let mut base = Document::openapi();
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    base.components.get_or_insert_default().add_security_scheme("bearer", bearer);
    let app = actix_web::App::new().into_utoipa_app().openapi(base).configure(super::routes);
    let (_, api) = app.split_for_parts();
    let mut document = forms::typed(api);
    close(&mut document["components"]);
    problems(&mut document);
    document
}

/// Every operation may answer with a problem document.
fn problems(document: &mut Value) {
    let schema = json!({
        "type": "object",
        "description": "RFC 9457 problem details",
        "required": ["type", "title", "status", "code", "detail", "instance"],
        "properties": {
            "type": {"type": "string", "format": "uri"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "code": {"type": "string", "description": "Stable code"},
            "detail": {"type": "string"},
            "instance": {"type": "string", "format": "uri", "description": "Request id"},
            "basis": {"type": "string", "description": "Legal basis"},
            "errors": {
                "type": "array",
                "description": "Every wrong field at once",
                "items": {
                    "type": "object",
                    "required": ["pointer", "code", "detail", "detail_zh", "detail_en"],
                    "properties": {
                        "pointer": {"type": "string", "description": "RFC 6901 pointer into the body"},
                        "code": {"type": "string"},
                        "detail": {"type": "string"},
                        "detail_zh": {"type": "string"},
                        "detail_en": {"type": "string"}
                    }
                }
            }
        }
    });
    document["components"]["schemas"]["Problem"] = schema;
    let content = json!({"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}});
    let answer = json!({"description": "A refusal or failure, complete in the body", "content": content});
    let Some(paths) = document["paths"].as_object_mut() else { return };
    for operation in paths.values_mut().filter_map(Value::as_object_mut).flat_map(|path| path.values_mut()) {
        name(operation);
        if let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) {
            for response in responses.values_mut().filter_map(Value::as_object_mut) {
                response.entry("description").or_insert_with(|| Value::from("Done"));
            }
            responses.insert("4XX".to_owned(), answer.clone());
            responses.insert("5XX".to_owned(), answer.clone());
        }
    }
}

/// Handlers are named within their file; an operation's name has to be its own in the whole document.
fn name(operation: &mut Value) {
    let (tag, id) = (operation["tags"][0].as_str(), operation["operationId"].as_str());
    if let (Some(tag), Some(id)) = (tag, id) {
        operation["operationId"] = Value::from(format!("{}_{id}", tag.replace(' ', "_")));
    }
}
