//! The form in a request: an object tagged with the code of its service item. In the API document it is
//! a `oneOf` over all forms with a discriminator, so that generated clients are typed.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::openapi::schema::{Object, ObjectBuilder, Schema, Type};
use utoipa::openapi::{OpenApi, RefOr};
use utoipa::{PartialSchema, ToSchema};

use crate::catalog;
use crate::domain::text::FieldError;

/// 申请表: `{"service": "birth_registration", …}`. Its item checks the rest.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct FormIn(Map<String, Value>);

impl FormIn {
    /// The service's code and the form without it.
    pub fn split(mut self) -> (String, Value) {
        let service = self.0.remove("service");
        let code = service.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
        (code, Value::Object(self.0))
    }
}

/// What is wrong with the shape of the form in a body that is refused already: nobody has to ask twice.
pub fn also_wrong(body: &Value) -> Vec<FieldError> {
    let Some(form) = body.get("form").and_then(Value::as_object) else { return Vec::new() };
    let (service, form) = FormIn(form.clone()).split();
    let Some(entry) = catalog::find(&service) else { return Vec::new() };
    entry.shape().errors(&form).into_iter().map(|error| error.below("/form")).collect()
}

fn codes() -> Vec<&'static str> {
    catalog::all().iter().map(|entry| entry.guide().code).collect()
}

impl PartialSchema for FormIn {
    fn schema() -> RefOr<Schema> {
        let service = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(codes()));
        let object: Object = ObjectBuilder::new()
            .schema_type(Type::Object)
            .property("service", service)
            .required("service")
            .build();
        object.into()
    }
}

impl ToSchema for FormIn {}

/// Replaces the loose `FormIn` of the document by the typed forms of the catalogue.
pub fn typed(document: OpenApi) -> Value {
    let mut document = serde_json::to_value(document).unwrap_or_default();
    let mut mapping = Map::new();
    let mut choices = Vec::new();
    let mut parts = Map::new();
    for entry in catalog::all() {
        let schemas = entry.schemas();
        let Some((form, _)) = schemas.last() else { continue };
        let target = format!("#/components/schemas/{form}");
        choices.push(json!({ "$ref": target }));
        mapping.insert(entry.guide().code.to_owned(), Value::from(target));
        let form = form.clone();
        for (name, schema) in schemas {
            let mut schema = serde_json::to_value(schema).unwrap_or_default();
            if name == form {
                tag(&mut schema, entry.guide().code);
                let mut example = entry.sample();
                if let Some(example) = example.as_object_mut() {
                    example.insert("service".to_owned(), Value::from(entry.guide().code));
                }
                schema["example"] = example;
            }
            parts.insert(name, schema);
        }
    }
    parts.insert(
        "FormIn".to_owned(),
        json!({ "oneOf": choices, "discriminator": { "propertyName": "service", "mapping": mapping } }),
    );
    if let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) {
        schemas.extend(parts);
    }
    document
}

fn tag(schema: &mut Value, code: &str) {
    if let Some(properties) = schema.pointer_mut("/properties").and_then(Value::as_object_mut) {
        properties.insert("service".to_owned(), json!({ "type": "string", "enum": [code] }));
    }
    if let Some(required) = schema.pointer_mut("/required").and_then(Value::as_array_mut) {
        required.insert(0, Value::from("service"));
    }
}
