//! What differs between the two databases, and nothing else: column types that have no common diesel
//! type, the connection enum with its dispatch macro, and the few statements that are not the same.

use chrono::{DateTime, Utc};
use diesel::backend::Backend;
use diesel::connection::SimpleConnection;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::prelude::*;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{BigInt, Binary, Text};
use diesel::sqlite::{Sqlite, SqliteConnection};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::io::Write;
use uuid::Uuid;

use super::StorageError;
use super::postgres::PgSession;
use super::schema::{Id, Instant, Json, applications};

/// One connection to whichever database the URL chose.
pub enum Conn {
    /// Embedded.
    Sqlite(SqliteConnection),
    /// Server.
    Pg(PgSession),
}

/// Compiles one query body for both databases: `on!(conn, c => query.load(c))`.
macro_rules! on {
    ($conn:expr, $c:ident => $body:expr) => {
        match $conn {
            $crate::storage::dialect::Conn::Sqlite($c) => $body,
            $crate::storage::dialect::Conn::Pg(session) => {
                let $c = session.ready()?;
                $body
            }
        }
    };
}
pub(crate) use on;

/// Stores a row whose statement has no answer to wait for: `put!(conn, insert)`. The server gets it with
/// the next statement, or with the commit, which then may fail for it.
macro_rules! put {
    ($conn:expr, $insert:expr) => {
        match $conn {
            $crate::storage::dialect::Conn::Sqlite(c) => {
                $insert.execute(c)?;
            }
            $crate::storage::dialect::Conn::Pg(session) => session.hold_back(Box::new($insert))?,
        }
    };
}
pub(crate) use put;

impl Conn {
    /// Begins a transaction; the embedded database's only one that writes.
    pub fn begin(&mut self) -> Result<(), StorageError> {
        match self {
            Conn::Sqlite(c) => c.batch_execute("BEGIN IMMEDIATE")?,
            Conn::Pg(session) => session.begin(),
        }
        Ok(())
    }

    /// Ends it; everything is on disk afterwards.
    pub fn commit(&mut self) -> Result<(), StorageError> {
        match self {
            Conn::Sqlite(c) => Ok(c.batch_execute("COMMIT")?),
            Conn::Pg(session) => session.commit(),
        }
    }

    /// Gives it up.
    pub fn rollback(&mut self) -> Result<(), StorageError> {
        match self {
            Conn::Sqlite(c) => Ok(c.batch_execute("ROLLBACK")?),
            Conn::Pg(session) => session.rollback(),
        }
    }

    /// One or more statements without an answer.
    pub fn execute(&mut self, sql: &str) -> Result<(), StorageError> {
        on!(self, c => c.batch_execute(sql)).map_err(StorageError::from)
    }
}

/// Locks an application for this transaction unless a rival holds it; false then. The embedded
/// database has one writer, so nobody else can hold it.
pub fn lock_or_skip(conn: &mut Conn, id: DbId) -> Result<bool, StorageError> {
    match conn {
        Conn::Sqlite(_) => Ok(true),
        Conn::Pg(c) => {
            let row = applications::table.find(id).select(applications::id);
            let locked: Option<DbId> = row.for_update().skip_locked().get_result(c.ready()?).optional()?;
            Ok(locked.is_some())
        }
    }
}

/// An id as a column value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Id)]
pub struct DbId(pub Uuid);

/// An instant as a column value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, AsExpression, FromSqlRow)]
#[diesel(sql_type = Instant)]
pub struct DbTime(pub DateTime<Utc>);

/// A document as a column value, read and written without a detour over untyped JSON.
#[derive(Debug, Clone, PartialEq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Json)]
pub struct DbDoc<T>(pub T);

/// Microseconds from the Unix epoch to 2000-01-01, where PostgreSQL's timestamps begin.
const PG_EPOCH_MICROS: i64 = 946_684_800_000_000;

impl ToSql<Id, Sqlite> for DbId {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.as_bytes().as_slice());
        Ok(IsNull::No)
    }
}

impl FromSql<Id, Sqlite> for DbId {
    fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let bytes = <Vec<u8> as FromSql<Binary, Sqlite>>::from_sql(value)?;
        Ok(Self(Uuid::from_slice(&bytes)?))
    }
}

impl ToSql<Id, Pg> for DbId {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(self.0.as_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<Id, Pg> for DbId {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(Uuid::from_slice(value.as_bytes())?))
    }
}

impl ToSql<Instant, Sqlite> for DbTime {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.timestamp_micros());
        Ok(IsNull::No)
    }
}

impl FromSql<Instant, Sqlite> for DbTime {
    fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        instant(<i64 as FromSql<BigInt, Sqlite>>::from_sql(value)?)
    }
}

impl ToSql<Instant, Pg> for DbTime {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&(self.0.timestamp_micros() - PG_EPOCH_MICROS).to_be_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<Instant, Pg> for DbTime {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let bytes: [u8; 8] = value.as_bytes().try_into()?;
        instant(i64::from_be_bytes(bytes) + PG_EPOCH_MICROS)
    }
}

fn instant(micros: i64) -> deserialize::Result<DbTime> {
    DateTime::from_timestamp_micros(micros).map(DbTime).ok_or_else(|| "instant out of range".into())
}

impl<T: Serialize + fmt::Debug> ToSql<Json, Sqlite> for DbDoc<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(serde_json::to_string(&self.0)?);
        Ok(IsNull::No)
    }
}

impl<T: DeserializeOwned> FromSql<Json, Sqlite> for DbDoc<T> {
    fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let text = <String as FromSql<Text, Sqlite>>::from_sql(value)?;
        Ok(Self(serde_json::from_str(&text)?))
    }
}

impl<T: Serialize + fmt::Debug> ToSql<Json, Pg> for DbDoc<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        // jsonb's binary form is a version byte and the text.
        out.write_all(&[1])?;
        serde_json::to_writer(out, &self.0)?;
        Ok(IsNull::No)
    }
}

impl<T: DeserializeOwned> FromSql<Json, Pg> for DbDoc<T> {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        match value.as_bytes().split_first() {
            Some((1, text)) => Ok(Self(serde_json::from_slice(text)?)),
            Some(_) | None => Err("unknown jsonb version".into()),
        }
    }
}
