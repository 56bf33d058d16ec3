//! 查看明文: staff see particulars masked; who needs one in full says which and to what end, and the log has it
//! before the answer leaves.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::applicants::{of_a_child, reason_needed};
use super::auditing::note_of;
use super::case::Case;
use super::{Failure, Office};
use crate::domain::actor::Actor;
use crate::domain::application::Application;
use crate::domain::deadline::civil_date;
use crate::domain::lifecycle::Role;
use crate::domain::refusal::Refusal;
use crate::domain::text::{FieldError, Text};

/// 查看目的
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// 核对证件材料
    CheckDocuments,
    /// 联系申请人
    ContactApplicant,
    /// 审查决定
    Decide,
    /// 发放款项
    Pay,
    /// 更正信息
    Correct,
    /// 处理投诉、异议
    Complaint,
}

impl Purpose {
    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Purpose::CheckDocuments => "check_documents",
            Purpose::ContactApplicant => "contact_applicant",
            Purpose::Decide => "decide",
            Purpose::Pay => "pay",
            Purpose::Correct => "correct",
            Purpose::Complaint => "complaint",
        }
    }
}

/// 明文
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RevealedView {
    /// The values by their pointers.
    #[schema(value_type = std::collections::HashMap<String, String>)]
    pub values: Map<String, Value>,
}

fn value_at(application: &Application, pointer: &str) -> Option<String> {
    let person = &application.applicant;
    let representative = application.dossier.representative.as_ref();
    match pointer {
        "/applicant/name" => Some(person.name.as_str().to_owned()),
        "/applicant/id_number" => Some(person.id_number.as_str().to_owned()),
        "/applicant/phone" => Some(person.phone.as_str().to_owned()),
        "/representative/name" => representative.map(|by| by.name.as_str().to_owned()),
        "/representative/id_number" => representative.map(|by| by.id_number.as_str().to_owned()),
        other => {
            let inside = other.strip_prefix("/form")?;
            application.form.pointer(inside)?.as_str().map(str::to_owned)
        }
    }
}

impl Office {
    /// Shows some particulars in full.
    pub async fn reveal(
        &self,
        actor: Actor,
        id: Uuid,
        fields: Vec<String>,
        (purpose, reason): (Purpose, Option<String>),
    ) -> Result<RevealedView, Failure> {
        let office = self.clone();
        self.db()
            .write(move |conn| {
                let handling = [Role::Clerk, Role::GridWorker, Role::Official];
                let Case { application, .. } = Case::open(conn, &actor, id)?.only_for(&handling)?;
                if of_a_child(&application, civil_date(office.now())) && reason.is_none() {
                    return Err(reason_needed("/reason").into());
                }
                let (mut values, mut errors) = (Map::new(), Vec::new());
                for (index, pointer) in fields.iter().enumerate() {
                    match value_at(&application, pointer) {
                        Some(value) => {
                            values.insert(pointer.clone(), value.into());
                        }
                        None => errors.push(FieldError::new(
                            format!("/fields/{index}"),
                            "no_such_field",
                            Text::fixed("没有这一项。", "There is no such text."),
                        )),
                    }
                }
                if !errors.is_empty() {
                    return Err(Refusal::fields(errors).into());
                }
                let mut entry = note_of(Some(&actor), "reveal", id, fields.join(","));
                entry.application = Some(id);
                entry.subject = String::new();
                let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
                entry.purpose = format!("{}{reason}", purpose.name());
                office.note_now(conn, entry)?;
                Ok(RevealedView { values })
            })
            .await
    }
}
