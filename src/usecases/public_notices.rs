//! What hangs on the notice board: everybody may read it while it hangs, anybody signed in may object.
//! A notice shows what the law orders and nothing else, and is gone when its time is over.

use chrono::{DateTime, FixedOffset};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::acting::Act;
use super::case::entry_of;
use super::clocks_view::{DeadlineView, local};
use super::once::{Answer, OnceKey};
use super::{Failure, Office};
use crate::domain::action::Action;
use crate::domain::actor::{Actor, Grant, Scope};
use crate::domain::application::Application;
use crate::domain::event::Channel;
use crate::domain::lifecycle::{Role, Status};
use crate::domain::refusal::Refusal;
use crate::domain::region::Region;
use crate::domain::text::Text;
use crate::storage::{applications, people};

/// 公示
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BoardNotice {
    /// Id, to object to it.
    pub id: Uuid,
    /// Name of the service item.
    pub service_name: Text,
    /// Community.
    pub community: String,
    /// Text as published.
    pub text: String,
    /// Where it hangs on paper.
    pub place: String,
    /// From.
    pub from: DateTime<FixedOffset>,
    /// Last day.
    pub until: DeadlineView,
}

/// 异议已收到
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ObjectionReceived {
    /// The notice.
    pub id: Uuid,
    /// When the objection was received.
    pub received_at: DateTime<FixedOffset>,
}

/// Notices shown at once.
const BOARD: i64 = 200;

impl Office {
    /// The notices that hang in a community now.
    pub async fn notice_board(&self, community: Region) -> Result<Vec<BoardNotice>, Failure> {
        let office = self.clone();
        self.db()
            .read(move |conn| {
                let now = office.now();
                let hanging = applications::in_notice(conn, community.as_str(), BOARD)?;
                hanging
                    .into_iter()
                    .filter_map(|application| board_notice(application, now).transpose())
                    .collect()
            })
            .await
    }

    /// An objection of a signed-in resident, under their own name.
    pub async fn object(
        &self,
        actor: Actor,
        id: Uuid,
        reason: String,
        key: OnceKey,
    ) -> Result<Answer, Failure> {
        if !actor.has(Role::Resident) {
            return Err(Refusal::not_permitted().into());
        }
        self.once(key, 201, move |office, conn| {
            let hanging = applications::find(conn, id)?.filter(|case| case.status == Status::PublicNotice);
            hanging.ok_or_else(Refusal::not_found)?;
            let identity = people::find(conn, actor.id)?.and_then(|person| person.identity);
            let en = "Enter your own name first.";
            let missing = || Refusal::conflict("identity_needed", "请先填写本人姓名。", en);
            let objector = identity.ok_or_else(missing)?.name.as_str().to_owned();
            // A notice is open to everybody: for this one act the objector's reach is the board.
            let grants = vec![Grant { role: Role::Resident, scope: Scope::Everything }];
            let actor = Actor { grants, ..actor };
            let action = Action::Object { objector, reason };
            let channel = Some(Channel::MiniProgram);
            office.perform(
                conn,
                &Act {
                    actor,
                    application: id,
                    seen: None,
                    action,
                    channel,
                    receipt_no: None,
                    query_code: None,
                    acted_at: None,
                },
            )?;
            Ok(ObjectionReceived { id, received_at: local(office.now()) })
        })
        .await
    }
}

fn board_notice(
    application: Application,
    now: DateTime<chrono::Utc>,
) -> Result<Option<BoardNotice>, Failure> {
    let Some(notice) = application.dossier.notice.filter(|notice| notice.until.at > now) else {
        return Ok(None);
    };
    Ok(Some(BoardNotice {
        id: application.id,
        service_name: entry_of(&application.service)?.guide().name.clone(),
        community: application.region.community().unwrap_or_default().to_owned(),
        text: notice.text,
        place: notice.place,
        from: local(notice.from),
        until: notice.until.into(),
    }))
}
