//! A visit at the resident's home and the mandate recorded there: the ground on which a grid worker
//! files on somebody's behalf (民法典 165: agent, matter, scope, period, signature).

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::id_number::IdNumber;
use super::person_name::PersonName;
use super::refusal::Refusal;
use super::region::Region;

/// 授权方式: how the resident confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MandateEvidence {
    /// 手写签名
    Signature,
    /// 按手印, with a witness.
    Fingerprint,
    /// 录音录像
    Recording,
}

/// 授权: the resident lets the grid worker file for them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Mandate {
    /// Who gives it.
    pub principal_name: PersonName,
    /// Their ID number.
    pub principal_id_number: IdNumber,
    /// For which service items, by code.
    #[schema(min_items = 1, max_items = 20)]
    pub matters: Vec<String>,
    /// Last day on which it may be used.
    pub valid_until: NaiveDate,
    /// How it was confirmed.
    pub evidence: MandateEvidence,
    /// Witness, needed for a fingerprint.
    #[serde(default)]
    pub witness_name: Option<PersonName>,
}

/// 上门走访: a grid worker at a door.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Visit {
    /// Id, made by the device.
    pub id: Uuid,
    /// The grid worker.
    pub staff: Uuid,
    /// The grid.
    pub region: Region,
    /// House address as found.
    pub address: String,
    /// Latitude, degrees, CGCS2000.
    pub latitude: f64,
    /// Longitude, degrees, CGCS2000.
    pub longitude: f64,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// The mandate recorded there.
    pub mandate: Option<Mandate>,
}

impl Visit {
    /// Whether this visit's mandate carries a filing of `item` for that person on that day.
    pub fn carries(&self, item: &str, principal: &IdNumber, today: NaiveDate) -> Result<(), Refusal> {
        let refuse = |zh: &str, en: &str| Err(Refusal::conflict("mandate_missing", zh, en).on("民法典 165"));
        let Some(mandate) = &self.mandate else {
            return refuse(
                "这次走访没有记录居民授权。",
                "No mandate of the resident was recorded at this visit.",
            );
        };
        if &mandate.principal_id_number != principal {
            return refuse("授权人与申请人不一致。", "The mandate is somebody else's than the applicant's.");
        }
        if !mandate.matters.iter().any(|matter| matter == item) {
            return refuse("授权事项不包括本事项。", "The mandate does not cover this service item.");
        }
        if mandate.valid_until < today {
            return refuse("授权已过期。", "The mandate has expired.");
        }
        if mandate.evidence == MandateEvidence::Fingerprint && mandate.witness_name.is_none() {
            return refuse("按手印需要见证人。", "A fingerprint needs a witness.");
        }
        Ok(())
    }
}
