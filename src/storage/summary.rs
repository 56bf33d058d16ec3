//! The columns of an application that lists show; form and dossier stay on disk.

use diesel::prelude::*;

use super::StorageError;
use super::dialect::{DbId, DbTime};
use super::schema::applications;
use crate::domain::id_number::IdNumber;
use crate::domain::lifecycle::Status;
use crate::domain::person_name::PersonName;
use crate::domain::region::Region;
use crate::domain::summary::Summary;

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
    applicant_id_number: String,
    headline: String,
    due_at: Option<DbTime>,
    created_at: DbTime,
}

impl SummaryRow {
    /// What it says.
    pub fn into_summary(self) -> Result<Summary, StorageError> {
        let corrupt = |what: &str| StorageError::Corrupt(format!("application {}: {what}", self.id.0));
        Ok(Summary {
            id: self.id.0,
            version: self.version,
            region: Region::parse(&self.region).map_err(|_| corrupt("region"))?,
            status: Status::from_name(&self.status).ok_or_else(|| corrupt("status"))?,
            applicant_name: PersonName::parse(&self.applicant_name).map_err(|_| corrupt("name"))?,
            id_number: IdNumber::parse(&self.applicant_id_number).map_err(|_| corrupt("ID number"))?,
            service: self.service,
            receipt_no: self.receipt_no,
            headline: self.headline,
            due_at: self.due_at.map(|at| at.0),
            created_at: self.created_at.0,
        })
    }
}
