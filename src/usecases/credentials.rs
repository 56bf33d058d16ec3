//! 工作证: a grid worker shows at the door who they are; whoever stands inside scans it without signing in.

use std::time::Duration;

use chrono::{DateTime, FixedOffset, TimeDelta};
use serde::Serialize;
use utoipa::ToSchema;

use super::clocks_view::local;
use super::sessions::too_many;
use super::{Failure, Office};
use crate::catalog;
use crate::domain::actor::Actor;
use crate::domain::lifecycle::Role;
use crate::domain::refusal::{Refusal, RefusalKind};
use crate::domain::text::Text;
use crate::storage::staff;

/// Long enough to climb the stairs, too short to be worth a photograph.
const MINUTES: i64 = 10;
const QUARTER_HOUR: Duration = Duration::from_secs(15 * 60);

/// 工作证
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CredentialView {
    /// What the QR code holds.
    pub token: String,
    /// Until when.
    pub expires_at: DateTime<FixedOffset>,
}

/// 网格
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct GridView {
    /// Code.
    pub code: String,
    /// Name.
    pub name: Option<String>,
}

/// 可上门代办的事项
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AuthorisedItem {
    /// Code.
    pub code: &'static str,
    /// Name.
    pub name: Text,
}

/// 工作证核验结果
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BearerView {
    /// Name of the worker.
    pub name: String,
    /// The contracted agency they come from; the street's own without one.
    pub agency: Option<String>,
    /// Where they work.
    pub grids: Vec<GridView>,
    /// What they may file at a door today.
    pub items: Vec<AuthorisedItem>,
    /// Until when this was shown to be good.
    pub valid_until: DateTime<FixedOffset>,
}

impl Office {
    /// A credential to show; another every few minutes.
    pub fn credential(&self, actor: &Actor, session: uuid::Uuid) -> Result<CredentialView, Failure> {
        if !actor.has(Role::GridWorker) {
            return Err(Refusal::not_permitted().into());
        }
        let now = self.now();
        let token = self.outside().tokens.vouch(actor.id, session, now, MINUTES)?;
        Ok(CredentialView { token, expires_at: local(now + TimeDelta::minutes(MINUTES)) })
    }

    /// Who shows a credential. Whoever has left or signed out shows none, whatever it says.
    pub async fn bearer(&self, token: &str, address: &str) -> Result<BearerView, Failure> {
        let limit = self.rules().limits.progress_per_quarter_hour;
        let hit = self.outside().cache.hit(&format!("credential:{address}"), QUARTER_HOUR, limit).await;
        if !hit.allowed {
            return Err(too_many(hit.retry_after));
        }
        let invalid = || {
            let zh = "工作证无效或已过期。请勿让来人进门，可拨打社区电话核实。";
            let en = "Not a valid credential. Let nobody in; call the community to make sure.";
            Refusal::new(RefusalKind::NotFound, "credential_invalid", Text::fixed(zh, en))
        };
        let claims = self.outside().tokens.vouched(token, self.now()).ok_or_else(invalid)?;
        let actor = self.standing(claims.sid, claims.sub).await.map_err(|failure| match failure {
            Failure::Refused(_) => invalid().into(),
            other => other,
        })?;
        let grants = actor.grants.iter().filter(|grant| grant.role == Role::GridWorker);
        let grids: Vec<GridView> = grants
            .filter_map(|grant| grant.scope.region())
            .map(|region| GridView {
                code: region.as_str().to_owned(),
                name: self.knowledge().regions.name_of(region).map(str::to_owned),
            })
            .collect();
        let id = actor.id;
        let member = self.db().read(move |conn| staff::find(conn, id)).await.map_err(Failure::from)?;
        let member = member.filter(|_| !grids.is_empty()).ok_or_else(invalid)?;
        let item = |entry: &catalog::Entry| {
            let guide = entry.guide();
            AuthorisedItem { code: guide.code, name: guide.name.clone() }
        };
        let until = DateTime::from_timestamp(claims.exp, 0).unwrap_or_else(|| self.now());
        Ok(BearerView {
            name: actor.name,
            agency: member.agency,
            grids,
            items: catalog::all().iter().map(item).collect(),
            valid_until: local(until),
        })
    }
}
