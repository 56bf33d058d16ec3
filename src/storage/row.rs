//! An application as a row: what lists sort and filter by has a column, the rest is the dossier document.
//!
//! Here and in the other rows `treat_none_as_default_value = false`: a statement that may say DEFAULT is
//! parsed and planned anew each time, one that binds NULL stays prepared.

use diesel::prelude::*;

use super::dialect::{DbId, DbTime};
use super::gathered::Due;
use super::schema::applications;
use super::{StorageError, sealing};
use crate::domain::application::{Applicant, Application, Desk};
use crate::domain::contact::PhoneNumber;
use crate::domain::id_number::IdNumber;
use crate::domain::lifecycle::Status;
use crate::domain::person_name::PersonName;
use crate::domain::receipt::ReceiptNo;
use crate::domain::region::Region;
use crate::vault::Vault;

/// By what an applicant's ID number is looked for.
pub fn id_index(vault: &Vault, id_number: &str) -> Vec<u8> {
    vault.index("applications.applicant_id_number", id_number)
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = applications, treat_none_as_default_value = false)]
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
    pub applicant_id_number: Vec<u8>,
    pub applicant_id_index: Vec<u8>,
    pub applicant_phone: Vec<u8>,
    pub receipt_no: Option<String>,
    pub query_code: Vec<u8>,
    pub headline: Vec<u8>,
    pub form: Vec<u8>,
    pub dossier: Vec<u8>,
    pub mover: Option<String>,
    pub due_at: Option<DbTime>,
    pub wake_at: Option<DbTime>,
    pub created_at: DbTime,
    pub updated_at: DbTime,
    pub chain: Option<Vec<u8>>,
}

/// What an act changes; who, where and when it was filed stays, and so do the indexes by which that is found.
#[derive(Debug, AsChangeset)]
#[diesel(table_name = applications, treat_none_as_null = true)]
pub struct ActedRow {
    version: i64,
    status: String,
    receipt_no: Option<String>,
    /// A slip may have given another away.
    query_code: Vec<u8>,
    headline: Vec<u8>,
    form: Vec<u8>,
    dossier: Vec<u8>,
    mover: Option<String>,
    due_at: Option<DbTime>,
    wake_at: Option<DbTime>,
    updated_at: DbTime,
    chain: Option<Vec<u8>>,
}

impl From<ApplicationRow> for ActedRow {
    fn from(row: ApplicationRow) -> Self {
        let ApplicationRow {
            version, status, receipt_no, query_code, headline, form, dossier, mover, ..
        } = row;
        let ApplicationRow { due_at, wake_at, updated_at, chain, .. } = row;
        Self {
            version,
            status,
            receipt_no,
            query_code,
            headline,
            form,
            dossier,
            mover,
            due_at,
            wake_at,
            updated_at,
            chain,
        }
    }
}

impl ApplicationRow {
    /// The row of an application as of `desk.now`, with its derived columns.
    pub fn of(vault: &Vault, application: &Application, desk: Desk<'_>) -> Result<Self, StorageError> {
        Self::due_then(vault, application, Due::of(application, desk))
    }

    /// The row of an application whose clocks were looked at before.
    pub fn due_then(vault: &Vault, application: &Application, due: Due) -> Result<Self, StorageError> {
        let seals = sealing::of(vault, "applications", application.id.as_bytes());
        let person = &application.applicant;
        let region = &application.region;
        Ok(Self {
            id: DbId(application.id),
            version: application.version,
            service: application.service.clone(),
            street: region.street().to_owned(),
            community: region.community().unwrap_or_else(|| region.street()).to_owned(),
            region: region.as_str().to_owned(),
            status: application.status.name().to_owned(),
            owner: application.owner.map(DbId),
            filed_by: application.filed_by.map(DbId),
            applicant_name: person.name.as_str().to_owned(),
            applicant_id_number: seals.text("applicant_id_number", person.id_number.as_str())?,
            applicant_id_index: id_index(vault, person.id_number.as_str()),
            applicant_phone: seals.text("applicant_phone", person.phone.as_str())?,
            receipt_no: application.receipt_no.as_ref().map(|number| number.as_str().to_owned()),
            query_code: seals.text("query_code", &application.query_code)?,
            headline: seals.text("headline", &application.headline)?,
            form: seals.doc("form", &application.form)?,
            dossier: seals.doc("dossier", &application.dossier)?,
            mover: application.status.mover().map(|role| role.name().to_owned()),
            due_at: due.due_at.map(DbTime),
            wake_at: due.wake_at.map(DbTime),
            created_at: DbTime(application.created_at),
            updated_at: DbTime(application.updated_at),
            chain: (!application.chain.is_empty()).then(|| application.chain.clone()),
        })
    }

    /// The application this row stands for.
    pub fn into_application(self, vault: &Vault) -> Result<Application, StorageError> {
        let seals = sealing::of(vault, "applications", self.id.0.as_bytes());
        let id_number = seals.open("applicant_id_number", &self.applicant_id_number)?;
        let phone = seals.open("applicant_phone", &self.applicant_phone)?;
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
                id_number: IdNumber::parse(&id_number).map_err(|_| corrupt("ID number"))?,
                phone: PhoneNumber::parse(&phone).map_err(|_| corrupt("phone"))?,
            },
            receipt_no: match &self.receipt_no {
                Some(text) => Some(ReceiptNo::parse(text).ok_or_else(|| corrupt("receipt number"))?),
                None => None,
            },
            dossier: seals.open_doc("dossier", &self.dossier)?,
            service: self.service,
            query_code: seals.open("query_code", &self.query_code)?,
            headline: seals.open("headline", &self.headline)?,
            form: seals.open_doc("form", &self.form)?,
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
            chain: self.chain.unwrap_or_default(),
        })
    }
}
