//! An application as a row: what lists sort and filter by has a column, the rest is the dossier document.
//!
//! Here and in the other rows `treat_none_as_default_value = false`: a statement that may say DEFAULT is
//! parsed and planned anew each time, one that binds NULL stays prepared.

use diesel::prelude::*;
use serde_json::Value;

use super::StorageError;
use super::dialect::{DbDoc, DbId, DbTime};
use super::schema::applications;
use crate::domain::application::{Applicant, Application, Desk, Dossier};
use crate::domain::contact::PhoneNumber;
use crate::domain::id_number::IdNumber;
use crate::domain::lifecycle::Status;
use crate::domain::person_name::PersonName;
use crate::domain::receipt::ReceiptNo;
use crate::domain::region::Region;

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = applications, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct ApplicationRow {
    pub id: DbId,
    pub version: i64,
    pub service: String,
    pub street: String,
    pub community: String,
    pub region: String,
    pub status: String,
    pub owner: Option<DbId>,
    pub filed_by: Option<DbId>,
    pub applicant_name: String,
    pub applicant_id_number: String,
    pub applicant_phone: String,
    pub receipt_no: Option<String>,
    pub query_code: String,
    pub headline: String,
    pub form: DbDoc<Value>,
    pub dossier: DbDoc<Dossier>,
    pub mover: Option<String>,
    pub due_at: Option<DbTime>,
    pub wake_at: Option<DbTime>,
    pub created_at: DbTime,
    pub updated_at: DbTime,
}

impl ApplicationRow {
    /// The row of an application as of `desk.now`, with its derived columns.
    pub fn of(application: &Application, desk: Desk<'_>) -> Self {
        let region = &application.region;
        let step = application.clocks(desk).step_by;
        Self {
            id: DbId(application.id),
            version: application.version,
            service: application.service.clone(),
            street: region.street().to_owned(),
            community: region.community().unwrap_or_else(|| region.street()).to_owned(),
            region: region.as_str().to_owned(),
            status: application.status.name().to_owned(),
            owner: application.owner.map(DbId),
            filed_by: application.filed_by.map(DbId),
            applicant_name: application.applicant.name.as_str().to_owned(),
            applicant_id_number: application.applicant.id_number.as_str().to_owned(),
            applicant_phone: application.applicant.phone.as_str().to_owned(),
            receipt_no: application.receipt_no.as_ref().map(|number| number.as_str().to_owned()),
            query_code: application.query_code.clone(),
            headline: application.headline.clone(),
            form: DbDoc(application.form.clone()),
            dossier: DbDoc(application.dossier.clone()),
            mover: application.status.mover().map(|role| role.name().to_owned()),
            due_at: step.map(|due| DbTime(due.at)),
            wake_at: application.wake_at(desk).map(DbTime),
            created_at: DbTime(application.created_at),
            updated_at: DbTime(application.updated_at),
        }
    }

    /// The application this row stands for.
    pub fn into_application(self) -> Result<Application, StorageError> {
        let corrupt = |what: &str| StorageError::Corrupt(format!("application {}: {what}", self.id.0));
        Ok(Application {
            id: self.id.0,
            version: self.version,
            region: Region::parse(&self.region).map_err(|_| corrupt("region"))?,
            status: Status::from_name(&self.status).ok_or_else(|| corrupt("status"))?,
            owner: self.owner.map(|id| id.0),
            filed_by: self.filed_by.map(|id| id.0),
            applicant: Applicant {
                name: PersonName::parse(&self.applicant_name).map_err(|_| corrupt("name"))?,
                id_number: IdNumber::parse(&self.applicant_id_number).map_err(|_| corrupt("ID number"))?,
                phone: PhoneNumber::parse(&self.applicant_phone).map_err(|_| corrupt("phone"))?,
            },
            receipt_no: match &self.receipt_no {
                Some(text) => Some(ReceiptNo::parse(text).ok_or_else(|| corrupt("receipt number"))?),
                None => None,
            },
            dossier: self.dossier.0,
            service: self.service,
            query_code: self.query_code,
            headline: self.headline,
            form: self.form.0,
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        })
    }
}
