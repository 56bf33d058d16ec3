//! A visit at the resident's home, with the mandate that was recorded there.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::mandate::{Agent, Mandate, Standing};
use super::region::Region;
use super::sensitive::Sensitive;

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
    pub address: Sensitive<String>,
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
    /// The mandate recorded here, as one that stands on its own.
    pub fn standing(&self) -> Option<Standing> {
        self.mandate.clone().map(|mandate| Standing {
            id: self.id,
            version: 0,
            region: Some(self.region.clone()),
            agent: Agent::Staff { id: self.staff },
            mandate,
            done: Vec::new(),
            visit: Some(self.id),
            created_at: self.started_at,
            ended: None,
        })
    }
}
