//! 相似办件并列: two applications side by side, as far as somebody may see them, with what they have in common and
//! what was said about them.

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Office;
use super::clocks_view::local;
use super::duplicates::{Found, Sight};
use super::view::{ApplicationView, Surroundings};
use crate::catalog::duplicates::values;
use crate::domain::actor::Actor;
use crate::domain::application::Application;
use crate::domain::deadline::civil_date;
use crate::domain::duplicate::Reason;
use crate::domain::duplicate::judgement::{Judgement, Likeness};
use crate::domain::event::Channel;
use crate::domain::lifecycle::{Role, Status};
use crate::domain::text::Text;

/// 相似理由
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReasonView {
    /// Stable code.
    pub code: Reason,
    /// In words.
    pub text: Text,
}

/// 并列字段: one field of both, masked as everywhere.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PairView {
    /// Where it stands in an application; `*` is every entry of a list.
    pub pointer: String,
    /// In this one.
    pub mine: Value,
    /// In the other.
    pub theirs: Value,
    /// Whether they are the same.
    pub same: bool,
}

/// 重复认定
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct JudgementView {
    /// What the two are.
    pub verdict: Likeness,
    /// Why.
    pub reason: String,
    /// Who said so.
    pub by: String,
    /// When.
    pub at: DateTime<FixedOffset>,
}

impl From<&Judgement> for JudgementView {
    fn from(judged: &Judgement) -> Self {
        let Judgement { verdict, reason, by_name, at, .. } = judged;
        Self { verdict: *verdict, reason: reason.clone(), by: by_name.clone(), at: local(*at) }
    }
}

/// 相似办件
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DuplicateView {
    /// The other one, for whoever may see it or has its applicant before them.
    pub application: Option<Uuid>,
    /// 申办流水号
    pub receipt_no: Option<String>,
    /// Where it stands.
    pub status: Status,
    /// What the counter calls that.
    pub status_label: Text,
    /// Through which door it came.
    pub channel: Option<Channel>,
    /// On which day it was filed.
    pub filed_on: Option<NaiveDate>,
    /// The very same matter, or one that looks like it.
    pub exact: bool,
    /// Of a hundred.
    pub score: u32,
    /// What both have in common.
    pub reasons: Vec<ReasonView>,
    /// Both side by side, for whoever may see the other.
    pub fields: Vec<PairView>,
    /// What somebody said of the two.
    pub verdict: Option<JudgementView>,
}

/// The value at a pointer; of several a list.
fn at(form: &Value, pointer: &str) -> Value {
    let found = values(form, pointer);
    match (found.as_slice(), pointer.contains('*')) {
        ([], _) => Value::Null,
        ([one], false) => (*one).clone(),
        (several, _) => several.iter().map(|value| (*value).clone()).collect(),
    }
}

impl Office {
    /// What somebody may know of these.
    pub fn duplicate_views(&self, own: &Application, actor: &Actor, found: &[Found]) -> Vec<DuplicateView> {
        let roles = actor.capacities(&own.footprint(&own.departments()));
        let seen = found.iter().filter(|found| found.is_seen());
        let view = |found: &Found| match &found.sight {
            Sight::Full(theirs) => {
                self.duplicate_view(found, self.side_by_side((own, &roles), (&found.other, theirs)))
            }
            Sight::Present | Sight::Slip | Sight::Nothing => self.duplicate_view(found, Vec::new()),
        };
        seen.map(view).collect()
    }

    /// The same for a refusal, which may end up in anybody's log: nothing personal, not even masked.
    pub fn duplicates_told(&self, found: &[Found]) -> Vec<DuplicateView> {
        found
            .iter()
            .filter(|found| found.is_seen())
            .map(|found| self.duplicate_view(found, Vec::new()))
            .collect()
    }

    fn duplicate_view(&self, found: &Found, fields: Vec<PairView>) -> DuplicateView {
        let Found { other, matched, judged, .. } = found;
        let first = other.dossier.submissions.first();
        DuplicateView {
            application: found.id(),
            receipt_no: other.receipt_no.as_ref().map(|number| number.as_str().to_owned()),
            status: other.status,
            status_label: other.status.label(),
            channel: first.map(|submission| submission.channel),
            filed_on: first.map(|submission| civil_date(submission.at)),
            exact: matched.exact,
            score: matched.score,
            reasons: matched
                .reasons
                .iter()
                .map(|code| ReasonView { code: *code, text: code.text() })
                .collect(),
            fields,
            verdict: judged.as_ref().map(JudgementView::from),
        }
    }

    fn side_by_side(
        &self,
        (own, own_roles): (&Application, &[Role]),
        (other, roles): (&Application, &[Role]),
    ) -> Vec<PairView> {
        let view = |application: &Application, roles: &[Role]| -> ApplicationView {
            let around = Surroundings { roles: roles.to_vec(), ..Surroundings::default() };
            self.view(application.clone(), around, self.now())
        };
        let (mine, theirs) = (view(own, own_roles), view(other, roles));
        let (a, b) = (&own.applicant, &other.applicant);
        let pair = |key: &str, mine: String, theirs: String, same: bool| PairView {
            pointer: format!("/applicant/{key}"),
            mine: mine.into(),
            theirs: theirs.into(),
            same,
        };
        let mut pairs = vec![
            pair("name", mine.applicant.name, theirs.applicant.name, a.name == b.name),
            pair(
                "id_number",
                mine.applicant.id_number,
                theirs.applicant.id_number,
                a.id_number == b.id_number,
            ),
            pair("phone", mine.applicant.phone, theirs.applicant.phone, a.phone == b.phone),
        ];
        let rule = self.knowledge().policies.duplicates.items.get(&own.service);
        for pointer in rule.iter().flat_map(|rule| rule.pointers()) {
            let same = at(&own.form, pointer) == at(&other.form, pointer);
            let (mine, theirs) = (at(&mine.form, pointer), at(&theirs.form, pointer));
            if !(mine.is_null() && theirs.is_null()) {
                pairs.push(PairView { pointer: format!("/form{pointer}"), mine, theirs, same });
            }
        }
        pairs
    }
}
