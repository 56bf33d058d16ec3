//! Residents' accounts and their households.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::dialect::{Conn, DbId, DbTime, on};
use super::schema::{household_members as h, people as p};
use super::{StorageError, sealing};
use crate::domain::application::Applicant;
use crate::domain::contact::PhoneNumber;
use crate::domain::id_number::IdNumber;
use crate::domain::person_name::PersonName;
use crate::domain::real_name::Assurance;
use crate::domain::sensitive::Sensitive;
use crate::vault::Vault;

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
    pub email: Option<Sensitive<String>>,
    /// The telephone WeChat vouches for, and since when.
    pub verified_phone: Option<(PhoneNumber, DateTime<Utc>)>,
    /// That the identity was found to be right, and how surely.
    pub verified: Option<Assurance>,
}

impl Person {
    /// 实名等级
    pub fn assurance(&self) -> Assurance {
        let phone = if self.verified_phone.is_some() { Assurance::Phone } else { Assurance::None };
        self.verified.unwrap_or(phone)
    }
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

/// An account as a row.
#[derive(Queryable, Selectable)]
#[diesel(table_name = p)]
pub struct PersonRow {
    id: DbId,
    openid: Vec<u8>,
    name: Option<String>,
    id_number: Option<Vec<u8>>,
    phone: Option<Vec<u8>>,
    email: Option<Vec<u8>>,
    verified_phone: Option<Vec<u8>>,
    phone_verified_at: Option<DbTime>,
    verified: Option<String>,
}

/// By what a number is looked for among accounts.
pub fn number_index(vault: &Vault, number: &IdNumber) -> Vec<u8> {
    vault.index("people.id_number", number.as_str())
}

/// The account a row stands for.
pub fn person(vault: &Vault, row: PersonRow) -> Result<Person, StorageError> {
    let id = row.id;
    let seals = sealing::of(vault, "people", id.0.as_bytes());
    let openid = seals.open("openid", &row.openid)?;
    let id_number = seals.open_maybe("id_number", row.id_number.as_deref())?;
    let phone = seals.open_maybe("phone", row.phone.as_deref())?;
    let email = seals.open_maybe("email", row.email.as_deref())?.map(Sensitive::new);
    let verified_phone = seals.open_maybe("verified_phone", row.verified_phone.as_deref())?;
    let PersonRow { name, phone_verified_at, verified, .. } = row;
    let level = |word: String| {
        Assurance::from_name(&word).ok_or_else(|| StorageError::Corrupt(format!("person: level {word}")))
    };
    let identity = match (name, id_number, phone) {
        (Some(name), Some(id_number), Some(phone)) => Some(applicant(&name, &id_number, &phone)?),
        _ => None,
    };
    let checked = verified_phone.map(|text| PhoneNumber::parse(&text)).transpose();
    let checked = checked.map_err(|_| StorageError::Corrupt("person: verified phone".to_owned()))?;
    let verified_phone = checked.zip(phone_verified_at.map(|at| at.0));
    let verified = verified.map(level).transpose()?;
    Ok(Person { id: id.0, openid, identity, email, verified_phone, verified })
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
    let vault = conn.vault();
    let index = vault.index("people.openid", openid);
    let row = (
        p::id.eq(DbId(fresh)),
        p::openid.eq(sealing::of(&vault, "people", fresh.as_bytes()).text("openid", openid)?),
        p::openid_index.eq(&index),
        p::created_at.eq(DbTime(now)),
    );
    on!(conn, c => {
        diesel::insert_into(p::table)
            .values(row)
            .on_conflict(p::openid_index)
            .do_nothing()
            .execute(c)
    })?;
    let row = on!(conn, c => {
        p::table.filter(p::openid_index.eq(&index)).select(PersonRow::as_select()).get_result(c)
    })?;
    person(&vault, row)
}

/// An account by id.
pub fn find(conn: &mut Conn, id: Uuid) -> Result<Option<Person>, StorageError> {
    let row = on!(conn, c => {
        p::table.find(DbId(id)).select(PersonRow::as_select()).get_result(c).optional()
    })?;
    row.map(|row| person(&conn.vault(), row)).transpose()
}

/// Sets who the holder says they are.
pub fn identify(
    conn: &mut Conn,
    id: Uuid,
    identity: &Applicant,
    email: Option<&str>,
) -> Result<(), StorageError> {
    let vault = conn.vault();
    let seals = sealing::of(&vault, "people", id.as_bytes());
    let id_number = seals.text("id_number", identity.id_number.as_str())?;
    let phone = seals.text("phone", identity.phone.as_str())?;
    let email = seals.maybe("email", email)?;
    on!(conn, c => {
        diesel::update(p::table.find(DbId(id)))
            .set((
                p::name.eq(identity.name.as_str()),
                p::id_number.eq(id_number),
                p::id_index.eq(number_index(&vault, &identity.id_number)),
                p::phone.eq(phone),
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
    let vault = conn.vault();
    let phone = sealing::of(&vault, "people", id.as_bytes()).text("verified_phone", phone.as_str())?;
    on!(conn, c => {
        diesel::update(p::table.find(DbId(id)))
            .set((p::verified_phone.eq(phone), p::phone_verified_at.eq(DbTime(at))))
            .execute(c)
    })?;
    Ok(())
}

/// The household as its holder entered it.
pub fn household(conn: &mut Conn, person: Uuid) -> Result<Vec<Member>, StorageError> {
    type Columns = (DbId, String, Vec<u8>, Vec<u8>, String);
    let rows: Vec<Columns> = on!(conn, c => {
        h::table
            .filter(h::person.eq(DbId(person)))
            .order(h::id.asc())
            .select((h::id, h::name, h::id_number, h::phone, h::relation))
            .load(c)
    })?;
    let vault = conn.vault();
    rows.into_iter()
        .map(|(id, name, id_number, phone, relation)| {
            let seals = sealing::of(&vault, "household_members", id.0.as_bytes());
            let id_number = seals.open("id_number", &id_number)?;
            let phone = seals.open("phone", &phone)?;
            Ok(Member { id: id.0, person: applicant(&name, &id_number, &phone)?, relation })
        })
        .collect()
}

/// Replaces the household.
pub fn set_household(conn: &mut Conn, person: Uuid, members: &[Member]) -> Result<(), StorageError> {
    on!(conn, c => diesel::delete(h::table.filter(h::person.eq(DbId(person)))).execute(c))?;
    let vault = conn.vault();
    for member in members {
        let seals = sealing::of(&vault, "household_members", member.id.as_bytes());
        let row = (
            h::id.eq(DbId(member.id)),
            h::person.eq(DbId(person)),
            h::name.eq(member.person.name.as_str()),
            h::id_number.eq(seals.text("id_number", member.person.id_number.as_str())?),
            h::phone.eq(seals.text("phone", member.person.phone.as_str())?),
            h::relation.eq(&member.relation),
        );
        on!(conn, c => diesel::insert_into(h::table).values(row).execute(c))?;
    }
    Ok(())
}
