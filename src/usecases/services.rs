//! The catalogue as people ask it: find an item by whatever they call it, and check before filing.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::applicants::identity_needed;
use super::{Failure, Office};
use crate::catalog::family::Relation;
use crate::catalog::household::Family;
use crate::catalog::item::Facts;
use crate::catalog::{self, Entry};
use crate::domain::actor::Actor;
use crate::domain::application::Applicant;
use crate::domain::deadline::civil_date;
use crate::domain::material::MaterialRequirement;
use crate::domain::payment::Quote;
use crate::domain::refusal::Refusal;
use crate::domain::sensitive::in_full;
use crate::domain::text::Text;
use crate::storage::{Conn, people};

/// 不符合条件之处
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FindingView {
    /// Stable code.
    pub code: String,
    /// The rule.
    pub rule: String,
    /// In plain words.
    pub reason: Text,
    /// What to do instead.
    pub alternative: Option<Text>,
}

/// 预检结果
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CheckView {
    /// Whether nothing stands against a grant as far as the form shows.
    pub eligible: bool,
    /// Every reason against.
    pub findings: Vec<FindingView>,
    /// 材料清单 for these answers.
    pub materials: Vec<MaterialRequirement>,
    /// What would be owed today.
    pub quote: Option<Quote>,
}

/// 预填
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PrefillView {
    /// Part of the form, from what the account and its household tell; everything else is left out.
    #[schema(value_type = Object)]
    pub form: Value,
}

/// The household of whose matter it is, where it is their own account that entered it.
pub fn family_of(
    conn: &mut Conn,
    account: Option<Uuid>,
    applicant: &Applicant,
) -> Result<Option<Family>, Failure> {
    let Some(account) = account else { return Ok(None) };
    let person = people::find(conn, account)?.and_then(|person| person.identity);
    let Some(oneself) = person.filter(|own| own.id_number == applicant.id_number) else { return Ok(None) };
    let members = people::household(conn, account)?.into_iter().map(|member| {
        let relation = serde_json::from_value(member.relation.into()).unwrap_or(Relation::Other);
        (member.person, relation)
    });
    Ok(Some(Family::new(oneself, members.collect())))
}

impl Office {
    /// What the account tells for a form of that item.
    pub async fn prefill(&self, actor: Actor, code: String) -> Result<PrefillView, Failure> {
        let entry = self.service(&code)?;
        self.db()
            .read(move |conn| {
                let own = people::find(conn, actor.id)?.and_then(|person| person.identity);
                let Some(own) = own else { return Err(identity_needed().into()) };
                let family = family_of(conn, Some(actor.id), &own)?;
                // The holder's own words.
                let form = family.map(|family| in_full(|| entry.prefill(&family)));
                Ok(PrefillView { form: form.unwrap_or_default() })
            })
            .await
    }

    /// Items that answer to a word; all of them for none.
    pub fn services(&self, word: Option<&str>) -> Vec<&'static Entry> {
        let hit = |entry: &&Entry| word.is_none_or(|word| entry.guide().matches(word));
        catalog::all().iter().filter(hit).collect()
    }

    /// The item of a code.
    pub fn service(&self, code: &str) -> Result<&'static Entry, Failure> {
        catalog::find(code).ok_or_else(|| Refusal::not_found().into())
    }

    /// What would come of a filled form, before filing it.
    pub fn check(&self, code: &str, applicant: &Applicant, form: &Value) -> Result<CheckView, Failure> {
        let entry = self.service(code)?;
        let facts = Facts {
            today: civil_date(self.now()),
            policies: &self.knowledge().policies,
            applicant,
            site_visits: &[],
            notice: None,
            paid: false,
            supplied: &[],
            family: None,
        };
        let checked = entry.check_form(form, &facts).map_err(|errors| {
            Refusal::fields(errors.into_iter().map(|error| error.below("/form")).collect())
        })?;
        let findings: Vec<FindingView> = entry
            .eligibility(&checked.form, &facts)?
            .into_iter()
            .map(|finding| FindingView {
                code: finding.code.to_owned(),
                rule: finding.rule.to_owned(),
                reason: finding.reason,
                alternative: finding.alternative,
            })
            .collect();
        Ok(CheckView {
            eligible: findings.is_empty(),
            findings,
            materials: checked.materials,
            quote: entry.quote(&checked.form, &facts)?,
        })
    }
}
