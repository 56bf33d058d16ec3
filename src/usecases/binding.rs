//! 核验码: what a resident shows on the telephone, so that whoever sees them in person finds their account.

use chrono::{DateTime, FixedOffset, TimeDelta};
use serde::Serialize;
use utoipa::ToSchema;

use super::clocks_view::local;
use super::rationing::Rationed;
use super::{Failure, Office};
use crate::adapters::clock::random_code;
use crate::domain::actor::Actor;
use crate::domain::lifecycle::Role;
use crate::domain::refusal::Refusal;
use crate::storage::real_names;

/// A code on the screen is good for so long.
const CODE_LASTS: TimeDelta = TimeDelta::minutes(10);
/// Characters of a code: 32^10 possibilities, ten minutes, and staff accounts that are counted.
const CODE: usize = 10;

/// 核验码
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BindingCodeView {
    /// To show to a clerk or grid worker, as text or picture; good once.
    pub code: String,
    /// Until when.
    pub expires_at: DateTime<FixedOffset>,
}

impl Office {
    /// A code for the resident's screen; the one before is no longer good.
    pub async fn binding_code(&self, actor: &Actor) -> Result<BindingCodeView, Failure> {
        if !actor.has(Role::Resident) {
            return Err(Refusal::not_permitted().into());
        }
        self.ration(actor, Rationed::Identity).await?;
        let (code, id, until) = (random_code(CODE), actor.id, self.now() + CODE_LASTS);
        let hash = self.code_hash(&code);
        self.db()
            .write(move |conn| real_names::set_binding(conn, id, &hash, until))
            .await
            .map_err(Failure::from)?;
        Ok(BindingCodeView { code, expires_at: local(until) })
    }
}
