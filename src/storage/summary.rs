//! The columns of an application that lists show; form and dossier stay on disk.

use diesel::prelude::*;

use super::dialect::{DbId, DbTime};
use super::schema::applications;
use super::{StorageError, sealing};
use crate::domain::id_number::IdNumber;
use crate::domain::lifecycle::Status;
use crate::domain::person_name::PersonName;
use crate::domain::region::Region;
use crate::domain::summary::Summary;
use crate::vault::Vault;

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = applications)]
pub struct SummaryRow {
    id: DbId,
    version: i64,
    service: String,
    region: String,
    status: String,
    receipt_no: Option<String>,
    applicant_name: String,
    applicant_id_number: Vec<u8>,
    headline: Vec<u8>,
    due_at: Option<DbTime>,
    created_at: DbTime,
}

impl SummaryRow {
    /// What it says.
    pub fn into_summary(self, vault: &Vault) -> Result<Summary, StorageError> {
        let seals = sealing::of(vault, "applications", self.id.0.as_bytes());
        let id_number = seals.open("applicant_id_number", &self.applicant_id_number)?;
        let corrupt = |what: &str| StorageError::Corrupt(format!("application {}: {what}", self.id.0));
        Ok(Summary {
            id: self.id.0,
            version: self.version,
            region: Region::parse(&self.region).map_err(|_| corrupt("region"))?,
            status: Status::from_name(&self.status).ok_or_else(|| corrupt("status"))?,
            applicant_name: PersonName::parse(&self.applicant_name).map_err(|_| corrupt("name"))?,
            id_number: IdNumber::parse(&id_number).map_err(|_| corrupt("ID number"))?,
            service: self.service,
            receipt_no: self.receipt_no,
            headline: seals.open("headline", &self.headline)?,
            due_at: self.due_at.map(|at| at.0),
            created_at: self.created_at.0,
        })
    }
}
