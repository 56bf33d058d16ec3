//! Staff accounts and what they were granted.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::StorageError;
use super::dialect::{Conn, DbId, DbTime, on};
use super::schema::{staff as s, staff_grants as g};
use crate::domain::actor::{Actor, Grant, Scope};
use crate::domain::lifecycle::Role;
use crate::domain::region::Region;

/// 工作人员
#[derive(Debug, Clone, PartialEq)]
pub struct Staff {
    /// Who acts and with which reach.
    pub actor: Actor,
    /// Sign-in name.
    pub username: String,
    /// argon2id hash of the password.
    pub password_hash: String,
    /// Where mail goes.
    pub email: Option<String>,
    /// Whether they may sign in.
    pub active: bool,
}

type StaffColumns = (DbId, String, String, String, Option<String>, bool);

/// Stores a staff member with grants; an existing sign-in name is a [`StorageError::Duplicate`].
pub fn insert(conn: &mut Conn, staff: &Staff, now: DateTime<Utc>) -> Result<(), StorageError> {
    let id = DbId(staff.actor.id);
    let row = (
        s::id.eq(id),
        s::username.eq(&staff.username),
        s::name.eq(&staff.actor.name),
        s::password_hash.eq(&staff.password_hash),
        s::email.eq(&staff.email),
        s::active.eq(staff.active),
        s::created_at.eq(DbTime(now)),
    );
    on!(conn, c => diesel::insert_into(s::table).values(row).execute(c))?;
    for grant in &staff.actor.grants {
        let Some((region, department)) = columns(&grant.scope) else { continue };
        let row = (
            g::staff.eq(id),
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
        Scope::Region(region) | Scope::Grid(region, _) => Some((region, "")),
        Scope::Department(region, code) => Some((region, code)),
        Scope::Own(_) | Scope::Everything => None,
    }
}

/// A staff member by sign-in name.
pub fn by_username(conn: &mut Conn, username: &str) -> Result<Option<Staff>, StorageError> {
    let row: Option<StaffColumns> = on!(conn, c => {
        s::table
            .filter(s::username.eq(username))
            .select((s::id, s::username, s::name, s::password_hash, s::email, s::active))
            .get_result(c)
            .optional()
    })?;
    row.map(|row| with_grants(conn, row)).transpose()
}

/// A staff member by id.
pub fn find(conn: &mut Conn, id: Uuid) -> Result<Option<Staff>, StorageError> {
    let row: Option<StaffColumns> = on!(conn, c => {
        s::table
            .find(DbId(id))
            .select((s::id, s::username, s::name, s::password_hash, s::email, s::active))
            .get_result(c)
            .optional()
    })?;
    row.map(|row| with_grants(conn, row)).transpose()
}

/// How many there are.
pub fn count(conn: &mut Conn) -> Result<i64, StorageError> {
    Ok(on!(conn, c => s::table.count().get_result(c))?)
}

/// Every staff member, by sign-in name.
pub fn all(conn: &mut Conn) -> Result<Vec<Staff>, StorageError> {
    let rows: Vec<StaffColumns> = on!(conn, c => {
        s::table
            .order(s::username.asc())
            .select((s::id, s::username, s::name, s::password_hash, s::email, s::active))
            .limit(1000)
            .load(c)
    })?;
    rows.into_iter().map(|row| with_grants(conn, row)).collect()
}

fn with_grants(conn: &mut Conn, row: StaffColumns) -> Result<Staff, StorageError> {
    let (id, username, name, password_hash, email, active) = row;
    let grants: Vec<(String, String, String)> = on!(conn, c => {
        g::table.filter(g::staff.eq(id)).select((g::role, g::region, g::department)).load(c)
    })?;
    let grants = grants
        .into_iter()
        .map(|(role, region, department)| grant(id.0, &role, &region, department))
        .collect::<Result<_, _>>()?;
    Ok(Staff { actor: Actor { id: id.0, name, grants }, username, password_hash, email, active })
}

fn grant(staff: Uuid, role: &str, region: &str, department: String) -> Result<Grant, StorageError> {
    let corrupt = || StorageError::Corrupt(format!("grants of {staff}"));
    let region = Region::parse(region).map_err(|_| corrupt())?;
    let role = Role::from_name(role).ok_or_else(corrupt)?;
    let scope = match role {
        Role::GridWorker => Scope::Grid(region, staff),
        Role::Official => Scope::Department(region, department),
        Role::Clerk | Role::Supervisor => Scope::Region(region),
        // Duties of their own: whoever administers sees no application.
        Role::Administrator | Role::SecurityAdministrator | Role::Auditor => Scope::Own(staff),
        Role::Resident | Role::Clock => return Err(corrupt()),
    };
    Ok(Grant { role, scope })
}
