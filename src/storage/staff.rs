//! Staff accounts and what they were granted.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::dialect::{Conn, DbId, DbTime, on};
use super::schema::{staff as s, staff_grants as g};
use super::{StorageError, sealing};
use crate::domain::actor::{Actor, Grant, Scope};
use crate::domain::lifecycle::Role;
use crate::domain::real_name::Assurance;
use crate::domain::region::Region;

/// 工作人员
#[derive(Debug, Clone, PartialEq)]
pub struct Staff {
    /// Who acts and with which reach.
    pub actor: Actor,
    /// Sign-in name.
    pub username: String,
    /// Where mail goes.
    pub email: Option<String>,
    /// The contracted agency they come from, where they are not the street's own.
    pub agency: Option<String>,
    /// Whether they may sign in.
    pub active: bool,
    /// How they prove who they are.
    pub credentials: Credentials,
}

/// 凭据
#[derive(Clone, PartialEq, Default)]
pub struct Credentials {
    /// argon2id hash of the password; empty while there is none.
    pub password_hash: String,
    /// Hash of the one-time code that sets a password, and until when it is good.
    pub setup: Option<(String, DateTime<Utc>)>,
    /// Shared secret of the second factor.
    pub second_factor: Option<String>,
    /// The last step of it that was used.
    pub factor_step: i64,
}

// None of it belongs into a log.
impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").finish_non_exhaustive()
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = s, treat_none_as_default_value = false, treat_none_as_null = true)]
struct StaffRow {
    id: DbId,
    username: String,
    name: String,
    password_hash: String,
    email: Option<String>,
    active: bool,
    setup_hash: Option<String>,
    setup_until: Option<DbTime>,
    second_factor: Option<Vec<u8>>,
    factor_step: i64,
    agency: Option<String>,
}

fn row(conn: &Conn, staff: &Staff) -> Result<StaffRow, StorageError> {
    let Credentials { password_hash, setup, second_factor, factor_step } = &staff.credentials;
    let vault = conn.vault();
    let seals = sealing::of(&vault, "staff", staff.actor.id.as_bytes());
    Ok(StaffRow {
        id: DbId(staff.actor.id),
        username: staff.username.clone(),
        name: staff.actor.name.clone(),
        password_hash: password_hash.clone(),
        email: staff.email.clone(),
        active: staff.active,
        setup_hash: setup.as_ref().map(|(hash, _)| hash.clone()),
        setup_until: setup.as_ref().map(|(_, until)| DbTime(*until)),
        second_factor: seals.maybe("second_factor", second_factor.as_deref())?,
        factor_step: *factor_step,
        agency: staff.agency.clone(),
    })
}

/// Stores a staff member with grants; an existing sign-in name is a [`StorageError::Duplicate`].
pub fn insert(conn: &mut Conn, staff: &Staff, now: DateTime<Utc>) -> Result<(), StorageError> {
    let row = row(conn, staff)?;
    on!(conn, c => diesel::insert_into(s::table).values((row, s::created_at.eq(DbTime(now)))).execute(c))?;
    grant_all(conn, staff)
}

/// Stores a changed staff member with grants.
pub fn save(conn: &mut Conn, staff: &Staff) -> Result<(), StorageError> {
    let row = row(conn, staff)?;
    on!(conn, c => diesel::update(s::table.find(row.id)).set(&row).execute(c))?;
    on!(conn, c => diesel::delete(g::table.filter(g::staff.eq(row.id))).execute(c))?;
    grant_all(conn, staff)
}

fn grant_all(conn: &mut Conn, staff: &Staff) -> Result<(), StorageError> {
    for grant in &staff.actor.grants {
        let Some((region, department)) = columns(&grant.scope) else { continue };
        let row = (
            g::staff.eq(DbId(staff.actor.id)),
            g::role.eq(grant.role.name()),
            g::region.eq(region.as_str()),
            g::department.eq(department),
        );
        on!(conn, c => diesel::insert_into(g::table).values(row).execute(c))?;
    }
    Ok(())
}

fn columns(scope: &Scope) -> Option<(&Region, &str)> {
    match scope {
        Scope::Region(region) | Scope::Grid(region, _) | Scope::Duty(region) => Some((region, "")),
        Scope::Department(region, code) => Some((region, code)),
        Scope::Own(_) | Scope::Everything => None,
    }
}

/// Uses up a step of the second factor; false when it or a later one was used already.
pub fn use_step(conn: &mut Conn, id: Uuid, step: i64) -> Result<bool, StorageError> {
    let changed = on!(conn, c => {
        diesel::update(s::table.filter(s::id.eq(DbId(id))).filter(s::factor_step.lt(step)))
            .set(s::factor_step.eq(step))
            .execute(c)
    })?;
    Ok(changed == 1)
}

/// A staff member by sign-in name.
pub fn by_username(conn: &mut Conn, username: &str) -> Result<Option<Staff>, StorageError> {
    let row = on!(conn, c => {
        s::table.filter(s::username.eq(username)).select(StaffRow::as_select()).get_result(c).optional()
    })?;
    row.map(|row| with_grants(conn, row)).transpose()
}

/// A staff member by id.
pub fn find(conn: &mut Conn, id: Uuid) -> Result<Option<Staff>, StorageError> {
    let row = on!(conn, c => s::table.find(DbId(id)).select(StaffRow::as_select()).get_result(c).optional())?;
    row.map(|row| with_grants(conn, row)).transpose()
}

/// Everybody of an agency, gone or not.
pub fn of_agency(conn: &mut Conn, agency: &str) -> Result<Vec<Staff>, StorageError> {
    let rows: Vec<StaffRow> = on!(conn, c => {
        s::table.filter(s::agency.eq(agency)).order(s::username.asc()).select(StaffRow::as_select()).load(c)
    })?;
    rows.into_iter().map(|row| with_grants(conn, row)).collect()
}

/// How many there are.
pub fn count(conn: &mut Conn) -> Result<i64, StorageError> {
    Ok(on!(conn, c => s::table.count().get_result(c))?)
}

/// Every staff member, by sign-in name.
pub fn all(conn: &mut Conn) -> Result<Vec<Staff>, StorageError> {
    let rows: Vec<StaffRow> = on!(conn, c => {
        s::table.order(s::username.asc()).select(StaffRow::as_select()).limit(1000).load(c)
    })?;
    rows.into_iter().map(|row| with_grants(conn, row)).collect()
}

fn with_grants(conn: &mut Conn, row: StaffRow) -> Result<Staff, StorageError> {
    let id = row.id;
    let grants: Vec<(String, String, String)> = on!(conn, c => {
        g::table.filter(g::staff.eq(id)).select((g::role, g::region, g::department)).load(c)
    })?;
    let grants = grants
        .into_iter()
        .map(|(role, region, department)| grant(id.0, &role, &region, department))
        .collect::<Result<_, _>>()?;
    let second_factor = sealing::of(&conn.vault(), "staff", id.0.as_bytes())
        .open_maybe("second_factor", row.second_factor.as_deref())?;
    Ok(Staff {
        actor: Actor { id: id.0, name: row.name, grants, assurance: Assurance::InPerson },
        username: row.username,
        email: row.email,
        agency: row.agency,
        active: row.active,
        credentials: Credentials {
            password_hash: row.password_hash,
            setup: row.setup_hash.zip(row.setup_until.map(|until| until.0)),
            second_factor,
            factor_step: row.factor_step,
        },
    })
}

fn grant(staff: Uuid, role: &str, region: &str, department: String) -> Result<Grant, StorageError> {
    let corrupt = || StorageError::Corrupt(format!("grants of {staff}"));
    let region = Region::parse(region).map_err(|_| corrupt())?;
    let role = Role::from_name(role).ok_or_else(corrupt)?;
    let department = Some(department).filter(|department| !department.is_empty());
    Grant::to_staff(staff, role, region, department).ok_or_else(corrupt)
}
