//! Duplicates: the blind keys by which applications that look alike are found, nothing of them in the clear, and
//! what people said about two of them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use diesel::prelude::*;
use uuid::Uuid;

use super::dialect::{AT_ONCE, Conn, DbId, DbTime, on, put, so_many};
use super::keys::Keys;
use super::nobody::Look;
use super::row::ApplicationRow;
use super::schema::{application_keys as k, applications as a, duplicate_verdicts as v};
use super::steady::steady;
use super::{StorageError, sealing};
use crate::domain::application::Application;
use crate::domain::duplicate::judgement::{Judgement, Likeness};
use crate::domain::lifecycle::Status;
use crate::vault::Vault;

/// By what their blind indexes are told apart.
const COLUMNS: [&str; Keys::COLUMNS] =
    ["application_keys.exact", "application_keys.sound", "application_keys.birth", "application_keys.house"];

fn blind_exact(vault: &Vault, key: &str) -> Vec<u8> {
    let [exact, ..] = COLUMNS;
    vault.index(exact, key)
}

type FoundBy = (
    diesel::dsl::Eq<k::exact, Option<Vec<u8>>>,
    diesel::dsl::Eq<k::apart, DbId>,
    diesel::dsl::Eq<k::sound, Option<Vec<u8>>>,
    diesel::dsl::Eq<k::birth, Option<Vec<u8>>>,
    diesel::dsl::Eq<k::house, Option<Vec<u8>>>,
    diesel::dsl::Eq<k::edition, String>,
);

fn found_by(conn: &mut Conn, application: Uuid, keys: &Keys) -> FoundBy {
    conn.gathered.nobody.forget_keys(keys);
    let [exact, sound, birth, house] = blind_all(&conn.vault(), keys);
    (
        k::exact.eq(exact),
        k::apart.eq(DbId(if keys.apart { application } else { Uuid::nil() })),
        k::sound.eq(sound),
        k::birth.eq(birth),
        k::house.eq(house),
        k::edition.eq(keys.edition.clone()),
    )
}

fn blind_all(vault: &Vault, keys: &Keys) -> [Option<Vec<u8>>; Keys::COLUMNS] {
    let mut names = COLUMNS.into_iter();
    keys.columns().map(|key| key.zip(names.next()).map(|(key, name)| vault.index(name, key)))
}

/// Lets an application be found by its keys that had none: it is filed only now. One that has the very same, and is
/// not judged to be another matter, makes this a [`StorageError::Duplicate`].
pub fn insert(conn: &mut Conn, application: Uuid, keys: &Keys) -> Result<(), StorageError> {
    let row = (k::application.eq(DbId(application)), found_by(conn, application, keys));
    put!(conn, k::table, row);
    Ok(())
}

/// Lets it be found by these keys from now on, whatever it had; as [`insert`].
pub fn keep(conn: &mut Conn, application: Uuid, keys: &Keys) -> Result<(), StorageError> {
    let found_by = found_by(conn, application, keys);
    let row = (k::application.eq(DbId(application)), found_by.clone());
    let kept =
        diesel::insert_into(k::table).values(row).on_conflict(k::application).do_update().set(found_by);
    put!(conn, all kept);
    Ok(())
}

/// Looks once by which of all these nobody is found, so that [`alike`] need not ask for each.
pub fn look_ahead(conn: &mut Conn, all: &[&Arc<Look>]) -> Result<(), StorageError> {
    for some in all.chunks(AT_ONCE) {
        // Most of a draft is the same when it is filed.
        let mut known: HashMap<(usize, &str), Vec<u8>> = HashMap::new();
        for look in some {
            conn.gathered.nobody.looked_for(look);
            for (column, key) in look.keys.columns().into_iter().enumerate() {
                let Some((key, name)) = key.zip(COLUMNS.get(column)) else { continue };
                known.entry((column, key)).or_insert_with(|| conn.vault().index(name, key));
            }
        }
        let of = |column: usize| {
            let these = known.iter().filter(|((own, _), _)| *own == column);
            so_many(conn, these.map(|(_, blind)| Some(blind.clone())).collect(), AT_ONCE, None)
        };
        let (exact, sound, birth, house) = (of(0), of(1), of(2), of(3));
        let found: Vec<Option<Vec<u8>>> = on!(beside conn, c => {
            let exact = k::table.filter(k::exact.eq_any(exact)).select(k::exact);
            let sound = k::table.filter(k::sound.eq_any(sound)).select(k::sound);
            let birth = k::table.filter(k::birth.eq_any(birth)).select(k::birth);
            let house = k::table.filter(k::house.eq_any(house)).select(k::house);
            steady!(exact.union(sound).union(birth).union(house)).load(c)
        })?;
        let found: HashSet<Vec<u8>> = found.into_iter().flatten().collect();
        for ((column, key), _) in known.into_iter().filter(|(_, blind)| !found.contains(blind)) {
            conn.gathered.nobody.note_key(column, key);
        }
    }
    Ok(())
}

/// Lets it be found no longer: nothing is refused because of it.
pub fn forget(conn: &mut Conn, application: Uuid) -> Result<(), StorageError> {
    on!(conn, c => diesel::delete(k::table.find(DbId(application))).execute(c))?;
    Ok(())
}

/// Whether a failure says that another was quicker with the very same.
pub fn is_taken(error: &StorageError) -> bool {
    matches!(error, StorageError::Duplicate(rule) if rule.contains("application_keys"))
}

/// Whether another has the very same key.
pub fn has_twin(conn: &mut Conn, application: Uuid, exact: &str) -> Result<bool, StorageError> {
    let exact = Some(blind_exact(&conn.vault(), exact));
    let twins = k::table.filter(k::exact.eq(exact)).filter(k::application.ne(DbId(application)));
    Ok(on!(conn, c => diesel::select(diesel::dsl::exists(twins)).get_result(c))?)
}

/// Those found by one of the keys, except itself; at most so many, the very same first and then the newest.
pub fn alike(
    conn: &mut Conn,
    application: Uuid,
    keys: &Keys,
    limit: i64,
) -> Result<Vec<Application>, StorageError> {
    if conn.gathered.nobody.is_like(keys) {
        return Ok(Vec::new());
    }
    // One that is not stored yet is not filed and has no keys.
    let vault = conn.vault();
    let [exact, sound, birth, house] = blind_all(&vault, keys);
    let found =
        k::exact.eq(exact.clone()).or(k::sound.eq(sound)).or(k::birth.eq(birth)).or(k::house.eq(house));
    let rows: Vec<ApplicationRow> = on!(beside conn, c => {
        let others = k::table
            .inner_join(a::table)
            .filter(found.assume_not_null())
            .filter(k::application.ne(DbId(application)))
            .order((k::exact.eq(exact).desc(), k::application.desc()))
            .limit(limit)
            .select(ApplicationRow::as_select());
        steady!(others).load(c)
    })?;
    rows.into_iter().map(|row| row.into_application(&vault)).collect()
}

/// Those with the very same key.
pub fn twins(conn: &mut Conn, application: Uuid, exact: &str) -> Result<Vec<Application>, StorageError> {
    let vault = conn.vault();
    let exact = Some(blind_exact(&vault, exact));
    let rows: Vec<ApplicationRow> = on!(conn, c => {
        k::table
            .inner_join(a::table)
            .filter(k::exact.eq(exact))
            .filter(k::application.ne(DbId(application)))
            .select(ApplicationRow::as_select())
            .load(c)
    })?;
    rows.into_iter().map(|row| row.into_application(&vault)).collect()
}

/// Applications in these statuses whose keys are missing or were made by other rules.
pub fn without_keys(
    conn: &mut Conn,
    statuses: &[Status],
    edition: &str,
    limit: i64,
) -> Result<Vec<Application>, StorageError> {
    let statuses: Vec<&str> = statuses.iter().map(|status| status.name()).collect();
    let current = k::table.filter(k::application.eq(a::id)).filter(k::edition.eq(edition));
    let rows: Vec<ApplicationRow> = on!(conn, c => {
        a::table
            .filter(a::status.eq_any(statuses))
            .filter(diesel::dsl::not(diesel::dsl::exists(current)))
            .order(a::id.asc())
            .limit(limit)
            .select(ApplicationRow::as_select())
            .load(c)
    })?;
    let vault = conn.vault();
    rows.into_iter().map(|row| row.into_application(&vault)).collect()
}

/// Forgets the keys made by other rules: whatever counts by these has been given its own.
pub fn forget_older(conn: &mut Conn, edition: &str) -> Result<(), StorageError> {
    on!(conn, c => diesel::delete(k::table.filter(k::edition.ne(edition))).execute(c))?;
    Ok(())
}

/// What was compared, as it is kept.
pub fn basis(conn: &Conn, compared: &str) -> Vec<u8> {
    conn.vault().index("duplicate_verdicts.basis", compared)
}

fn ordered((one, other): (Uuid, Uuid)) -> (DbId, DbId) {
    (DbId(one.min(other)), DbId(one.max(other)))
}

/// Keeps what somebody said about two applications. Whoever was quicker has said it: [`StorageError::Duplicate`], or
/// [`StorageError::Stale`] where something was said before they changed.
pub fn judge(conn: &mut Conn, new: &Judgement, before: Option<&Judgement>) -> Result<(), StorageError> {
    let vault = conn.vault();
    let id = before.map_or(new.id, |before| before.id);
    let (one, other) = ordered(new.pair);
    let said = (
        v::verdict.eq(new.verdict.name()),
        v::remaining.eq(new.remaining.map(DbId)),
        v::basis.eq(&new.basis),
        v::reason.eq(sealing::of(&vault, "duplicate_verdicts", id.as_bytes()).text("reason", &new.reason)?),
        v::judged_by.eq(DbId(new.by)),
        v::judged_by_name.eq(&new.by_name),
        v::judged_at.eq(DbTime(new.at)),
    );
    match before {
        None => {
            let row = (v::id.eq(DbId(id)), v::one.eq(one), v::other.eq(other), said);
            on!(conn, c => diesel::insert_into(v::table).values(row).execute(c))?;
        }
        Some(before) => {
            let unchanged = v::table.find(DbId(id)).filter(v::basis.eq(&before.basis));
            if on!(conn, c => diesel::update(unchanged).set(said).execute(c))? == 0 {
                return Err(StorageError::Stale);
            }
        }
    }
    Ok(())
}

type Columns = (DbId, DbId, DbId, String, Option<DbId>, Vec<u8>, Vec<u8>, DbId, String, DbTime);

fn read(vault: &Vault, row: Columns) -> Result<Judgement, StorageError> {
    let (id, one, other, verdict, remaining, basis, reason, by, by_name, at) = row;
    let corrupt = || StorageError::Corrupt(format!("verdict {}", id.0));
    Ok(Judgement {
        id: id.0,
        pair: (one.0, other.0),
        verdict: Likeness::from_name(&verdict).ok_or_else(corrupt)?,
        remaining: remaining.map(|id| id.0),
        basis,
        reason: sealing::of(vault, "duplicate_verdicts", id.0.as_bytes()).open("reason", &reason)?,
        by: by.0,
        by_name,
        at: at.0,
    })
}

/// Everything said about an application and others.
pub fn judged(conn: &mut Conn, application: Uuid) -> Result<Vec<Judgement>, StorageError> {
    let it = DbId(application);
    let rows: Vec<Columns> =
        on!(beside conn, c => steady!(v::table.filter(v::one.eq(it).or(v::other.eq(it)))).load(c))?;
    let vault = conn.vault();
    rows.into_iter().map(|row| read(&vault, row)).collect()
}

/// An application is gone, and all that was said about it.
pub fn erase(conn: &mut Conn, application: Uuid) -> Result<(), StorageError> {
    let it = DbId(application);
    forget(conn, application)?;
    on!(conn, c => diesel::delete(v::table.filter(v::one.eq(it).or(v::other.eq(it)))).execute(c))?;
    Ok(())
}
