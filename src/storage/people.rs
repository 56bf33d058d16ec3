//! Residents' accounts and their households.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::StorageError;
use super::dialect::{Conn, DbId, DbTime, on};
use super::schema::{household_members as h, people as p};
use crate::domain::application::Applicant;
use crate::domain::contact::PhoneNumber;
use crate::domain::id_number::IdNumber;
use crate::domain::person_name::PersonName;

/// 居民账户
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    /// Account id.
    pub id: Uuid,
    /// The WeChat account it belongs to.
    pub openid: String,
    /// Who they say they are, once they said it.
    pub identity: Option<Applicant>,
    /// Where mail goes.
    pub email: Option<String>,
    /// The telephone WeChat vouches for, and since when.
    pub verified_phone: Option<(PhoneNumber, DateTime<Utc>)>,
}

/// 家庭成员 somebody files for.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Id.
    pub id: Uuid,
    /// Who.
    pub person: Applicant,
    /// Relation to the account's holder, by its stable name.
    pub relation: String,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = p)]
struct PersonRow {
    id: DbId,
    openid: String,
    name: Option<String>,
    id_number: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    verified_phone: Option<String>,
    phone_verified_at: Option<DbTime>,
}

fn person(row: PersonRow) -> Result<Person, StorageError> {
    let PersonRow { id, openid, name, id_number, phone, email, verified_phone, phone_verified_at } = row;
    let identity = match (name, id_number, phone) {
        (Some(name), Some(id_number), Some(phone)) => Some(applicant(&name, &id_number, &phone)?),
        _ => None,
    };
    let verified = verified_phone.map(|text| PhoneNumber::parse(&text)).transpose();
    let verified = verified.map_err(|_| StorageError::Corrupt("person: verified phone".to_owned()))?;
    let verified_phone = verified.zip(phone_verified_at.map(|at| at.0));
    Ok(Person { id: id.0, openid, identity, email, verified_phone })
}

fn applicant(name: &str, id_number: &str, phone: &str) -> Result<Applicant, StorageError> {
    let corrupt = |what: &str| StorageError::Corrupt(format!("person: {what}"));
    Ok(Applicant {
        name: PersonName::parse(name).map_err(|_| corrupt("name"))?,
        id_number: IdNumber::parse(id_number).map_err(|_| corrupt("ID number"))?,
        phone: PhoneNumber::parse(phone).map_err(|_| corrupt("phone"))?,
    })
}

/// The account of a WeChat user, made on first sight.
pub fn of_openid(
    conn: &mut Conn,
    openid: &str,
    fresh: Uuid,
    now: DateTime<Utc>,
) -> Result<Person, StorageError> {
    on!(conn, c => {
        diesel::insert_into(p::table)
            .values((p::id.eq(DbId(fresh)), p::openid.eq(openid), p::created_at.eq(DbTime(now))))
            .on_conflict(p::openid)
            .do_nothing()
            .execute(c)
    })?;
    let row = on!(conn, c => {
        p::table.filter(p::openid.eq(openid)).select(PersonRow::as_select()).get_result(c)
    })?;
    person(row)
}

/// An account by id.
pub fn find(conn: &mut Conn, id: Uuid) -> Result<Option<Person>, StorageError> {
    let row = on!(conn, c => {
        p::table.find(DbId(id)).select(PersonRow::as_select()).get_result(c).optional()
    })?;
    row.map(person).transpose()
}

/// Sets who the holder says they are.
pub fn identify(
    conn: &mut Conn,
    id: Uuid,
    identity: &Applicant,
    email: Option<&str>,
) -> Result<(), StorageError> {
    on!(conn, c => {
        diesel::update(p::table.find(DbId(id)))
            .set((
                p::name.eq(identity.name.as_str()),
                p::id_number.eq(identity.id_number.as_str()),
                p::phone.eq(identity.phone.as_str()),
                p::email.eq(email),
            ))
            .execute(c)
    })?;
    Ok(())
}

/// Keeps the telephone WeChat vouches for.
pub fn verify_phone(
    conn: &mut Conn,
    id: Uuid,
    phone: &PhoneNumber,
    at: DateTime<Utc>,
) -> Result<(), StorageError> {
    on!(conn, c => {
        diesel::update(p::table.find(DbId(id)))
            .set((p::verified_phone.eq(phone.as_str()), p::phone_verified_at.eq(DbTime(at))))
            .execute(c)
    })?;
    Ok(())
}

/// The household as its holder entered it.
pub fn household(conn: &mut Conn, person: Uuid) -> Result<Vec<Member>, StorageError> {
    let rows: Vec<(DbId, String, String, String, String)> = on!(conn, c => {
        h::table
            .filter(h::person.eq(DbId(person)))
            .order(h::id.asc())
            .select((h::id, h::name, h::id_number, h::phone, h::relation))
            .load(c)
    })?;
    rows.into_iter()
        .map(|(id, name, id_number, phone, relation)| {
            Ok(Member { id: id.0, person: applicant(&name, &id_number, &phone)?, relation })
        })
        .collect()
}

/// Replaces the household.
pub fn set_household(conn: &mut Conn, person: Uuid, members: &[Member]) -> Result<(), StorageError> {
    on!(conn, c => diesel::delete(h::table.filter(h::person.eq(DbId(person)))).execute(c))?;
    for member in members {
        let row = (
            h::id.eq(DbId(member.id)),
            h::person.eq(DbId(person)),
            h::name.eq(member.person.name.as_str()),
            h::id_number.eq(member.person.id_number.as_str()),
            h::phone.eq(member.person.phone.as_str()),
            h::relation.eq(&member.relation),
        );
        on!(conn, c => diesel::insert_into(h::table).values(row).execute(c))?;
    }
    Ok(())
}
