//! A service item with its form as JSON, for the rooms that treat all items alike; with the rules that
//! hold for every item: no grant without entitlement, nothing concluded before it is paid.

use serde::Deserialize;
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

use super::form;
use super::guide::Guide;
use super::household::Family;
use super::item::{Facts, Finding, Place, ServiceItem};
use super::shape::Shape;
use crate::domain::lifecycle::ActionKind;
use crate::domain::material::MaterialRequirement;
use crate::domain::payment::Quote;
use crate::domain::refusal::Refusal;
use crate::domain::sensitive::in_full;
use crate::domain::text::FieldError;

/// What follows from a form that passed every check.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// The form, normalised.
    pub form: Value,
    /// Its checklist.
    pub materials: Vec<MaterialRequirement>,
    /// Its line in the queue.
    pub headline: String,
}

/// A service item with its form as JSON.
pub trait AnyItem: Send + Sync {
    /// 办事指南
    fn guide(&self) -> &'static Guide;
    /// The shape of the form, compiled; the catalogue keeps it.
    fn compile_shape(&self) -> Shape;
    /// The form's schema with its parts, for the API document.
    fn schemas(&self) -> Vec<(String, RefOr<Schema>)>;
    /// What follows from a filled form, or everything wrong with it.
    fn check(&self, shape: &Shape, form: &Value, facts: &Facts<'_>) -> Result<Checked, Vec<FieldError>>;
    /// Every reason against a grant.
    fn eligibility(&self, form: &Value, facts: &Facts<'_>) -> Result<Vec<Finding>, Refusal>;
    /// Whether the item lets this step happen.
    fn guard(&self, form: &Value, action: ActionKind, facts: &Facts<'_>) -> Result<(), Refusal>;
    /// Those of the steps that the item lets happen; the form is read once for all of them.
    fn open_steps(&self, form: &Value, steps: &[ActionKind], facts: &Facts<'_>) -> Vec<ActionKind>;
    /// What is owed today.
    fn quote(&self, form: &Value, facts: &Facts<'_>) -> Result<Option<Quote>, Refusal>;
    /// The place a grant takes, where places are limited.
    fn place(&self, form: &Value, facts: &Facts<'_>) -> Result<Option<Place>, Refusal>;
    /// What the household tells: a part of the form.
    fn prefill(&self, family: &Family) -> Value;
    /// A form that passes every check.
    fn sample(&self) -> Value;
}

impl<T: ServiceItem> AnyItem for T {
    fn guide(&self) -> &'static Guide {
        const { &T::GUIDE }
    }

    fn compile_shape(&self) -> Shape {
        Shape::of::<T::Form>()
    }

    fn schemas(&self) -> Vec<(String, RefOr<Schema>)> {
        let mut named = Vec::new();
        T::Form::schemas(&mut named);
        named.push((T::Form::name().into_owned(), T::Form::schema()));
        named
    }

    fn check(&self, shape: &Shape, form: &Value, facts: &Facts<'_>) -> Result<Checked, Vec<FieldError>> {
        let typed = form::check::<T>(shape, form, facts)?;
        Ok(Checked {
            form: in_full(|| serde_json::to_value(&typed)).unwrap_or_default(),
            materials: T::materials(&typed, facts),
            headline: T::headline(&typed),
        })
    }

    fn eligibility(&self, form: &Value, facts: &Facts<'_>) -> Result<Vec<Finding>, Refusal> {
        Ok(T::eligibility(&stored::<T>(form)?, facts))
    }

    fn guard(&self, form: &Value, action: ActionKind, facts: &Facts<'_>) -> Result<(), Refusal> {
        guard::<T>(&stored::<T>(form)?, action, facts)
    }

    fn open_steps(&self, form: &Value, steps: &[ActionKind], facts: &Facts<'_>) -> Vec<ActionKind> {
        if steps.is_empty() {
            return Vec::new();
        }
        // Nothing is open for a form that is not complete yet.
        let Ok(form) = stored::<T>(form) else { return Vec::new() };
        steps.iter().copied().filter(|step| guard::<T>(&form, *step, facts).is_ok()).collect()
    }

    fn quote(&self, form: &Value, facts: &Facts<'_>) -> Result<Option<Quote>, Refusal> {
        T::quote(&stored::<T>(form)?, facts)
    }

    fn place(&self, form: &Value, facts: &Facts<'_>) -> Result<Option<Place>, Refusal> {
        Ok(T::place(&stored::<T>(form)?, facts))
    }

    fn prefill(&self, family: &Family) -> Value {
        known(T::prefill(family))
    }

    fn sample(&self) -> Value {
        T::sample()
    }
}

/// The rules of every item, then this one's own.
fn guard<T: ServiceItem>(form: &T::Form, action: ActionKind, facts: &Facts<'_>) -> Result<(), Refusal> {
    if action == ActionKind::Approve {
        entitled(&T::eligibility(form, facts))?;
    }
    if T::GUIDE.charges && matches!(action, ActionKind::Approve | ActionKind::Close) && !facts.paid {
        return Err(Refusal::conflict(
            "payment_not_posted",
            "费款尚未入账，不能办结。",
            "The contribution has not been posted, so it cannot be concluded.",
        )
        .on("社会保险法 25"));
    }
    T::guard(form, action, facts)
}

/// A grant needs every condition met; the first finding is the sentence, all stand in the context.
fn entitled(findings: &[Finding]) -> Result<(), Refusal> {
    let Some(first) = findings.first() else { return Ok(()) };
    let reasons: Vec<&str> = findings.iter().map(|finding| finding.code).collect();
    Err(Refusal::conflict("not_entitled", first.reason.zh.clone(), first.reason.en.clone())
        .on(first.rule)
        .with("reasons", Value::from(reasons)))
}

/// A form as stored: it passed the checks of its day, so failing to read it means an old shape.
fn stored<T: ServiceItem>(form: &Value) -> Result<T::Form, Refusal> {
    // Keeping track of the path costs as much as reading; only an error needs it.
    if let Ok(form) = T::Form::deserialize(form) {
        return Ok(form);
    }
    serde_path_to_error::deserialize(form).map_err(|error| {
        let at = error.path().to_string();
        Refusal::conflict(
            "form_incomplete",
            format!("申请表尚不完整（{at}），请先补全。"),
            format!("The form is not complete yet ({at}); complete it first."),
        )
    })
}

/// The same without what is null: nobody knows it.
fn known(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            let told = object.into_iter().filter(|(_, inner)| !inner.is_null());
            told.map(|(key, inner)| (key, known(inner))).collect()
        }
        other => other,
    }
}
