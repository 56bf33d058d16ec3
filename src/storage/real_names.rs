//! Verified identities: which account is whom, and how that was found out.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::dialect::{AT_ONCE, Conn, DbId, DbTime, on, so_many, writes_alone};
use super::people::{self, Person, PersonRow};
use super::schema::{people as p, verifications as v};
use super::steady::steady;
use super::{StorageError, sealing};
use crate::domain::application::Applicant;
use crate::domain::id_number::IdNumber;
use crate::domain::real_name::{Verification, VerificationMethod};

/// The stable name a serde enum has.
fn word<T: Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn read<T: DeserializeOwned>(word: &str) -> Result<T, StorageError> {
    serde_json::from_value(word.into()).map_err(|_| StorageError::Corrupt(format!("the word {word}")))
}

/// Lets the account be found by a code for a while.
pub fn set_binding(
    conn: &mut Conn,
    person: Uuid,
    hash: &str,
    until: DateTime<Utc>,
) -> Result<(), StorageError> {
    let code = (p::binding_hash.eq(hash), p::binding_until.eq(DbTime(until)));
    on!(conn, d => diesel::update(p::table.find(DbId(person))).set(code).execute(d))?;
    Ok(())
}

/// The account that shows this code now; the code is used up.
pub fn take_binding(conn: &mut Conn, hash: &str, now: DateTime<Utc>) -> Result<Option<Person>, StorageError> {
    let row: Option<PersonRow> = on!(conn, d => {
        p::table
            .filter(p::binding_hash.eq(hash))
            .filter(p::binding_until.gt(DbTime(now)))
            .select(PersonRow::as_select())
            .get_result(d)
            .optional()
    })?;
    let Some(person) = row.map(|row| people::person(&conn.vault(), row)).transpose()? else {
        return Ok(None);
    };
    let none = (p::binding_hash.eq(None::<String>), p::binding_until.eq(None::<DbTime>));
    on!(conn, d => diesel::update(p::table.find(DbId(person.id))).set(none).execute(d))?;
    Ok(Some(person))
}

/// The account that is verified to be the holder of this number.
pub fn holder(conn: &mut Conn, number: &IdNumber) -> Result<Option<Person>, StorageError> {
    let vault = conn.vault();
    if conn.gathered.nobody.is_holder_of(number) {
        return Ok(None);
    }
    let index = people::number_index(&vault, number);
    let row: Option<PersonRow> = on!(apart conn, d => {
        let theirs = p::table.filter(p::id_index.eq(index)).filter(p::verified.is_not_null());
        steady!(theirs.select(PersonRow::as_select())).get_result(d).optional()
    })?;
    row.map(|row| people::person(&vault, row)).transpose()
}

/// Looks once which of these numbers nobody is verified to hold, so that [`holder`] need not ask for each.
pub fn look_ahead(conn: &mut Conn, numbers: &[&IdNumber]) -> Result<(), StorageError> {
    for some in numbers.chunks(AT_ONCE) {
        for number in some.iter().zip(held(conn, some)?).filter(|(_, held)| !held).map(|(number, _)| number) {
            conn.gathered.nobody.note_number(number);
        }
    }
    Ok(())
}

/// Whether somebody else has let a person be verified to hold one of these numbers since it was noted that nobody does.
pub fn held_since(conn: &mut Conn, numbers: &[&IdNumber]) -> Result<bool, StorageError> {
    if writes_alone(conn) {
        return Ok(false);
    }
    let noted = |number: &&&IdNumber| conn.gathered.nobody.is_holder_of(number);
    let noted: Vec<&IdNumber> = numbers.iter().filter(noted).copied().collect();
    for some in noted.chunks(AT_ONCE) {
        if held(conn, some)?.contains(&true) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Which of at most [`AT_ONCE`] numbers somebody is verified to hold.
fn held(conn: &mut Conn, numbers: &[&IdNumber]) -> Result<Vec<bool>, StorageError> {
    let vault = conn.vault();
    let indexes: Vec<_> = numbers.iter().map(|number| Some(people::number_index(&vault, number))).collect();
    let many = so_many(conn, indexes.clone(), AT_ONCE, None);
    let held: Vec<Option<Vec<u8>>> = on!(beside conn, d => {
        let held = p::table.filter(p::id_index.eq_any(many)).filter(p::verified.is_not_null());
        steady!(held.select(p::id_index)).load(d)
    })?;
    Ok(indexes.iter().map(|index| held.contains(index)).collect())
}

/// Keeps who an account turned out to be, with the record of how; a rival that was quicker makes this a
/// [`StorageError::Duplicate`]. Whoever else only says to be that person no longer does.
pub fn verify(
    conn: &mut Conn,
    identity: &Applicant,
    email: Option<&str>,
    record: &Verification,
) -> Result<(), StorageError> {
    let index = people::number_index(&conn.vault(), &identity.id_number);
    conn.gathered.nobody.forget_number(&identity.id_number);
    let claims: Vec<DbId> = on!(conn, d => {
        p::table
            .filter(p::id_index.eq(index))
            .filter(p::verified.is_null())
            .filter(p::id.ne(DbId(record.person)))
            .select(p::id)
            .load(d)
    })?;
    for claim in claims {
        forget(conn, claim.0)?;
    }
    people::identify(conn, record.person, identity, email)?;
    let level = record.method.assurance().name();
    on!(conn, d => diesel::update(p::table.find(DbId(record.person))).set(p::verified.eq(level)).execute(d))?;
    let sealed = sealing::of(&conn.vault(), "verifications", record.id.as_bytes())
        .doc("identity", &record.identity)?;
    let row = (
        v::id.eq(DbId(record.id)),
        v::person.eq(DbId(record.person)),
        v::method.eq(record.method.name()),
        v::document.eq(word(&record.document)),
        v::identity.eq(sealed),
        v::verified_by.eq(record.verified_by.map(DbId)),
        v::verifier.eq(&record.verifier),
        v::visit.eq(record.visit.map(DbId)),
        v::at.eq(DbTime(record.at)),
    );
    on!(conn, d => diesel::insert_into(v::table).values(row).execute(d))?;
    Ok(())
}

/// An account is nobody in particular any more.
pub fn forget(conn: &mut Conn, person: Uuid) -> Result<(), StorageError> {
    on!(conn, d => {
        diesel::update(p::table.find(DbId(person)))
            .set((
                p::name.eq(None::<String>),
                p::id_number.eq(None::<Vec<u8>>),
                p::id_index.eq(None::<Vec<u8>>),
                p::phone.eq(None::<Vec<u8>>),
                p::verified.eq(None::<String>),
            ))
            .execute(d)
    })?;
    Ok(())
}

/// What was found out about an account holds no longer.
pub fn end(conn: &mut Conn, person: Uuid, at: DateTime<Utc>, why: &str) -> Result<(), StorageError> {
    on!(conn, d => {
        diesel::update(v::table.filter(v::person.eq(DbId(person))).filter(v::ended_at.is_null()))
            .set((v::ended_at.eq(DbTime(at)), v::ended_why.eq(why)))
            .execute(d)
    })?;
    Ok(())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = v)]
struct VerificationRow {
    id: DbId,
    person: DbId,
    method: String,
    document: String,
    identity: Vec<u8>,
    verified_by: Option<DbId>,
    verifier: String,
    visit: Option<DbId>,
    at: DbTime,
    ended_at: Option<DbTime>,
    ended_why: Option<String>,
}

/// How an account was verified, the latest first.
pub fn of_person(conn: &mut Conn, person: Uuid) -> Result<Vec<Verification>, StorageError> {
    let rows: Vec<VerificationRow> = on!(conn, d => {
        v::table
            .filter(v::person.eq(DbId(person)))
            .order((v::at.desc(), v::id.desc()))
            .select(VerificationRow::as_select())
            .load(d)
    })?;
    let vault = conn.vault();
    let read = |row: VerificationRow| {
        let seals = sealing::of(&vault, "verifications", row.id.0.as_bytes());
        let method = VerificationMethod::from_name(&row.method);
        Ok(Verification {
            id: row.id.0,
            person: row.person.0,
            identity: seals.open_doc("identity", &row.identity)?,
            method: method.ok_or_else(|| StorageError::Corrupt(format!("verification {}", row.id.0)))?,
            document: read(&row.document)?,
            verified_by: row.verified_by.map(|id| id.0),
            verifier: row.verifier,
            visit: row.visit.map(|id| id.0),
            at: row.at.0,
            ended: row.ended_at.map(|at| (at.0, row.ended_why.unwrap_or_default())),
        })
    };
    rows.into_iter().map(read).collect()
}

/// Fills the index of numbers that were there before it.
pub fn index_all(conn: &mut Conn) -> Result<(), StorageError> {
    let ids: Vec<DbId> = on!(conn, d => p::table.filter(p::id_number.is_not_null()).select(p::id).load(d))?;
    for id in ids {
        let Some(person) = people::find(conn, id.0)? else { continue };
        let Some(identity) = person.identity else { continue };
        let index = people::number_index(&conn.vault(), &identity.id_number);
        on!(conn, d => diesel::update(p::table.find(id)).set(p::id_index.eq(index)).execute(d))?;
    }
    Ok(())
}
