//! Whose an application is: bound to an account, adopted, left or handed over.

use diesel::prelude::*;
use uuid::Uuid;

use super::StorageError;
use super::dialect::{Conn, DbId, on};
use super::row::id_index;
use super::schema::applications as a;
use crate::domain::id_number::IdNumber;

/// Binds an application to a resident's account, if nobody's yet.
pub fn claim_ownership(conn: &mut Conn, id: Uuid, owner: Uuid) -> Result<bool, StorageError> {
    let changed = on!(conn, c => {
        diesel::update(a::table.filter(a::id.eq(DbId(id))).filter(a::owner.is_null()))
            .set(a::owner.eq(DbId(owner)))
            .execute(c)
    })?;
    Ok(changed == 1)
}

/// Gives an account what staff filed for the holder of this number; answers how many.
pub fn adopt(conn: &mut Conn, number: &IdNumber, owner: Uuid) -> Result<usize, StorageError> {
    let index = id_index(&conn.vault(), number.as_str());
    let orphans = a::table.filter(a::applicant_id_index.eq(&index)).filter(a::owner.is_null());
    let adopted = on!(conn, c => diesel::update(orphans).set(a::owner.eq(DbId(owner))).execute(c))?;
    // What a relative filed stays with the relative as well.
    let filed = a::table
        .filter(a::applicant_id_index.eq(&index))
        .filter(a::owner.ne(DbId(owner)).assume_not_null())
        .filter(a::filed_by.is_null());
    let shared = on!(conn, c => {
        diesel::update(filed)
            .set((a::filed_by.eq(a::owner), a::owner.eq(DbId(owner))))
            .execute(c)
    })?;
    Ok(adopted + shared)
}

/// Whoever filed this person's applications for them is out of them.
pub fn leave_to_owner(conn: &mut Conn, number: &IdNumber, agent: Uuid) -> Result<usize, StorageError> {
    let index = id_index(&conn.vault(), number.as_str());
    let filed = a::table
        .filter(a::applicant_id_index.eq(index))
        .filter(a::filed_by.eq(DbId(agent)))
        .filter(a::owner.is_not_null());
    Ok(on!(conn, c => diesel::update(filed).set(a::filed_by.eq(None::<DbId>)).execute(c))?)
}

/// Gives another account everything that was one account's, or what of it is about the holder of a number;
/// answers how many.
pub fn hand_over(
    conn: &mut Conn,
    from: Uuid,
    to: Uuid,
    about: Option<&IdNumber>,
) -> Result<usize, StorageError> {
    let theirs = a::table.filter(a::owner.eq(DbId(from)));
    let to = a::owner.eq(DbId(to));
    let Some(number) = about else {
        return Ok(on!(conn, c => diesel::update(theirs).set(to).execute(c))?);
    };
    let index = id_index(&conn.vault(), number.as_str());
    Ok(on!(conn, c => diesel::update(theirs.filter(a::applicant_id_index.eq(index))).set(to).execute(c))?)
}
