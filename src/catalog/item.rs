//! What a service item is: one implementation of [`ServiceItem`] per file, and the facts that it may look
//! at beside its form.

use chrono::NaiveDate;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;
use validator::Validate;

use super::guide::Guide;
use super::household::Family;
use super::policy::Policies;
use crate::domain::application::Applicant;
use crate::domain::lifecycle::ActionKind;
use crate::domain::material::MaterialRequirement;
use crate::domain::payment::Quote;
use crate::domain::refusal::Refusal;
use crate::domain::review::{PublicNotice, SiteVisit};
use crate::domain::text::{FieldError, Text};

/// 事实: what an item may look at besides its form.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The civil day.
    pub today: NaiveDate,
    /// Amounts, tiers, limits and periods in force.
    pub policies: &'a Policies,
    /// Whose matter it is.
    pub applicant: &'a Applicant,
    /// Site visits recorded so far.
    pub site_visits: &'a [SiteVisit],
    /// The public notice, if there was one.
    pub notice: Option<&'a PublicNotice>,
    /// Whether everything owed has been posted.
    pub paid: bool,
    /// Codes of the materials supplied or waived.
    pub supplied: &'a [String],
    /// The applicant's household, where they entered it themselves and a form is to be checked.
    pub family: Option<&'a Family>,
}

/// 不符合条件之处: one reason why somebody is not (yet) entitled, with its rule and what to do instead.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// Stable code.
    pub code: &'static str,
    /// The rule.
    pub rule: &'static str,
    /// The reason in plain words.
    pub reason: Text,
    /// The nearest alternative.
    pub alternative: Option<Text>,
}

impl Finding {
    /// A reason with its rule.
    pub fn new(code: &'static str, rule: &'static str, reason: Text) -> Self {
        Self { code, rule, reason, alternative: None }
    }

    /// Adds the nearest alternative.
    #[must_use]
    pub fn instead(mut self, alternative: Text) -> Self {
        self.alternative = Some(alternative);
        self
    }
}

/// 名额: a place in a limited round, as an applicant asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Which round, as people call it.
    pub round: String,
    /// How many places it has in a street.
    pub places: i64,
    /// 轮候: who has less goes first.
    pub rank: usize,
}

/// 事项: one entry of the delegated-affairs list.
pub trait ServiceItem: Send + Sync + 'static {
    /// The printed form, typed. Simple limits stand in its schema, per-field checks in `Validate`.
    type Form: Validate + ToSchema + Serialize + DeserializeOwned;

    /// 办事指南
    const GUIDE: Guide;

    /// Rules across several fields, or against the day and the policy; all violations at once.
    fn rules(form: &Self::Form, facts: &Facts<'_>) -> Vec<FieldError>;

    /// The checklist; may depend on the answers.
    fn materials(form: &Self::Form, facts: &Facts<'_>) -> Vec<MaterialRequirement>;

    /// Every reason against a grant; empty when entitled.
    fn eligibility(form: &Self::Form, facts: &Facts<'_>) -> Vec<Finding>;

    /// Step rules of this item beyond the lifecycle table.
    fn guard(_form: &Self::Form, _action: ActionKind, _facts: &Facts<'_>) -> Result<(), Refusal> {
        Ok(())
    }

    /// What is owed today; `None` when the item charges nothing.
    fn quote(_form: &Self::Form, _facts: &Facts<'_>) -> Result<Option<Quote>, Refusal> {
        Ok(None)
    }

    /// The place a grant takes; `None` when there is no limit.
    fn place(_form: &Self::Form, _facts: &Facts<'_>) -> Option<Place> {
        None
    }

    /// The line a clerk sees in the queue; no personal data beyond a name.
    fn headline(form: &Self::Form) -> String;

    /// What the household tells: a part of the form, to start from.
    fn prefill(family: &Family) -> Value;

    /// One source for tests, API examples and demo data: a form that passes every check.
    fn sample() -> Value;
}
