//! 草稿: saved again on whichever channel, against the version that was seen.

use serde_json::Value;
use uuid::Uuid;

use super::case::Case;
use super::masking::restored;
use super::view::ApplicationView;
use super::{Failure, Office};
use crate::domain::actor::Actor;
use crate::domain::lifecycle::{ActionKind, Role, Status};
use crate::domain::refusal::{Refusal, RefusalKind};
use crate::domain::text::Text;
use crate::storage::{Conn, drafts};

/// A draft as it is to be.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Code of its service item.
    pub service: String,
    /// The form, as far as it is filled.
    pub form: Value,
    /// The visit it is continued at.
    pub visit: Option<Uuid>,
}

/// A draft that the actor may continue.
pub fn open_draft(conn: &mut Conn, actor: &Actor, id: Uuid) -> Result<Case, Failure> {
    let case = Case::open(conn, actor, id)?.only_for(&[Role::Resident, Role::Clerk, Role::GridWorker])?;
    if case.application.status != Status::Draft {
        let status = case.application.status;
        return Err(Refusal::wrong_status(status, ActionKind::Submit, &case.roles).into());
    }
    Ok(case)
}

impl Office {
    /// Saves a draft within a transaction.
    pub fn draft_saved(&self, conn: &mut Conn, mut case: Case, draft: Draft) -> Result<Case, Failure> {
        let now = self.now();
        let application = &mut case.application;
        if application.service != draft.service {
            let zh = "草稿不能改换事项，请另建。";
            let en = "A draft keeps its service; make a new one.";
            return Err(Refusal::field("/form/service", "service_fixed", zh, en).into());
        }
        let (seen, mut form) = (application.version, draft.form);
        restored(&mut form, &application.form)?;
        application.form = form;
        application.dossier.visit = draft.visit.or(application.dossier.visit);
        application.version += 1;
        application.updated_at = now;
        drafts::save(conn, application, seen, self.desk(now))?;
        Ok(case)
    }

    /// Saves a draft again; whoever may see it may continue it, on whichever channel.
    pub async fn save_draft(
        &self,
        actor: Actor,
        id: Uuid,
        seen: i64,
        draft: Draft,
    ) -> Result<ApplicationView, Failure> {
        let office = self.clone();
        self.db()
            .write(move |conn| {
                let case = open_draft(conn, &actor, id)?;
                if case.application.service == draft.service && case.application.version != seen {
                    let detail = Text::fixed("草稿已被更新，请刷新。", "The draft has changed; refresh.");
                    return Err(Refusal::new(RefusalKind::Stale, "stale_version", detail)
                        .with("current_version", Value::from(case.application.version))
                        .into());
                }
                let case = office.draft_saved(conn, case, draft)?;
                office.show(conn, case, &actor)
            })
            .await
    }
}
