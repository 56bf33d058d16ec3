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
use diesel::sql_types::{BigInt, Binary};
use diesel::sqlite::{Sqlite, SqliteConnection};
use std::io::Write;
use std::sync::Arc;
use uuid::Uuid;

use super::StorageError;
use super::gathered::Gathered;
use super::hand::Lendable;
use super::postgres::PgSession;
use super::schema::{Id, Instant, applications};
use crate::vault::Vault;

/// One connection to whichever database the URL chose, and the vault its sealed columns need.
pub struct Conn {
    /// The connection itself.
    pub kind: Kind,
    /// What its transaction has made and not stored yet.
    pub gathered: Gathered,
    vault: Arc<Vault>,
}

/// Which of the two.
pub enum Kind {
    /// Embedded.
    Sqlite(Lendable<SqliteConnection>),
    /// Server.
    Pg(PgSession),
}

/// Compiles one query body for both databases: `on!(conn, c => query.load(c))`. What the transaction has gathered is
/// stored first, but for a statement that is `beside` it: `on!(beside conn, c => query.load(c))` looks for no
/// application but a stored one by its id, refers to none, and changes no visit or mandate that is remembered. One
/// that is `apart` does not even depend on anything that a transaction which gathers may have held back.
macro_rules! on {
    ($conn:ident, $c:ident => $body:expr) => {{
        $conn.settle()?;
        on!(beside $conn, $c => $body)
    }};
    (beside $conn:ident, $c:ident => $body:expr) => {
        match &mut $conn.kind {
            $crate::storage::dialect::Kind::Sqlite(lendable) => {
                let $c = lendable.here()?;
                $body
            }
            $crate::storage::dialect::Kind::Pg(session) => {
                let $c = session.ready()?;
                $body
            }
        }
    };
    (apart $conn:ident, $c:ident => $body:expr) => {
        match &mut $conn.kind {
            $crate::storage::dialect::Kind::Sqlite(lendable) => {
                let $c = lendable.here()?;
                $body
            }
            $crate::storage::dialect::Kind::Pg(session) => {
                let $c = if $conn.gathered.gathers() { session.begun()? } else { session.ready()? };
                $body
            }
        }
    };
}
pub(crate) use on;

/// Stores a row whose statement has no answer to wait for: `put!(conn, table, row)`. It travels with the next statement,
/// or with the commit, which then may fail for it. Rows of a table have the same columns each time, and own what they
/// are made of: another thread may make them. New applications are stored first, unless the row is `beside` them or
/// others are to come after it, `first`. What is not one row, `put!(conn, all statement)`, is stored behind all others.
macro_rules! put {
    ($conn:ident, all $statement:expr) => {{
        $conn.store_new()?;
        put!(beside $conn, all $statement);
    }};
    (beside $conn:ident, all $statement:expr) => {{
        let statement = $statement;
        match &mut $conn.kind {
            $crate::storage::dialect::Kind::Sqlite(lendable) => {
                $crate::storage::dialect::carry_out!(lendable, statement, $conn);
            }
            $crate::storage::dialect::Kind::Pg(session) => {
                session.hold_back(Box::new(statement), $conn.gathered.hands_over())?;
            }
        }
    }};
    ($conn:ident, $table:expr, $row:expr) => {{
        $conn.store_new()?;
        put!($conn, After, $table, $row);
    }};
    (beside $conn:ident, $table:expr, $row:expr) => { put!($conn, Beside, $table, $row) };
    (first $conn:ident, $table:expr, $row:expr) => { put!($conn, First, $table, $row) };
    ($conn:ident, $order:ident, $table:expr, $row:expr) => {{
        match &mut $conn.kind {
            $crate::storage::dialect::Kind::Sqlite(lendable) => {
                $crate::storage::dialect::carry_out!(lendable, diesel::insert_into($table).values($row), $conn);
            }
            $crate::storage::dialect::Kind::Pg(session) if $conn.gathered.hands_over() => {
                let order = $crate::storage::sheaves::Order::$order;
                session.gather($row, order, $crate::storage::sheaves::store_all!($table))?;
            }
            $crate::storage::dialect::Kind::Pg(session) => {
                session.hold_back(Box::new(diesel::insert_into($table).values($row)), false)?;
            }
        }
    }};
}
pub(crate) use put;

/// Does it on the embedded database, or hands it over; then it is the other thread that makes the row.
macro_rules! carry_out {
    ($lendable:ident, $statement:expr, $conn:ident) => {
        let work = move |c: &mut diesel::SqliteConnection| -> Result<(), StorageError> {
            Ok($crate::storage::steady::steady!($statement).carry_out(c)?)
        };
        $lendable.carry_out(work, $conn.gathered.hands_over())?;
    };
}
pub(crate) use carry_out;

impl Conn {
    /// A connection with its vault.
    pub fn new(kind: Kind, vault: Arc<Vault>) -> Self {
        Self { kind, gathered: Gathered::default(), vault }
    }

    /// What the sealed columns are sealed with.
    pub fn vault(&self) -> Arc<Vault> {
        self.vault.clone()
    }

    /// One or more statements without an answer.
    pub fn execute(&mut self, sql: &str) -> Result<(), StorageError> {
        on!(self, c => c.batch_execute(sql)).map_err(StorageError::from)
    }
}

/// Locks an application for this transaction unless a rival holds it; false then. The embedded
/// database has one writer, so nobody else can hold it.
pub fn lock_or_skip(conn: &mut Conn, id: DbId) -> Result<bool, StorageError> {
    match &mut conn.kind {
        Kind::Sqlite(_) => Ok(true),
        Kind::Pg(c) => {
            let row = applications::table.find(id).select(applications::id);
            let locked: Option<DbId> = row.for_update().skip_locked().get_result(c.ready()?).optional()?;
            Ok(locked.is_some())
        }
    }
}

/// Whether nobody else can write while a transaction lasts that writes.
pub fn writes_alone(conn: &Conn) -> bool {
    matches!(conn.kind, Kind::Sqlite(_))
}

/// Whoever else does this for the same account waits until this transaction ends. The embedded database has one
/// writer anyway.
pub fn one_at_a_time(conn: &mut Conn, account: DbId) -> Result<(), StorageError> {
    if let Kind::Pg(session) = &mut conn.kind {
        let (high, low) = account.0.as_u64_pair();
        let lock = diesel::sql_query("SELECT pg_advisory_xact_lock($1)");
        let lock = lock.bind::<BigInt, _>((high ^ low).cast_signed());
        lock.execute(session.ready()?)?;
    }
    Ok(())
}

/// A sealed column as bytes; the embedded database may hold it as the text it was before it was sealed.
pub fn bytes_of(conn: &Conn, column: &str) -> String {
    match conn.kind {
        Kind::Sqlite(_) => format!("CAST({column} AS BLOB)"),
        Kind::Pg(_) => column.to_owned(),
    }
}

/// How the first value of a statement is stored where it is no longer sealed.
pub fn opened(conn: &Conn) -> &'static str {
    match conn.kind {
        Kind::Sqlite(_) => "CAST($1 AS TEXT)",
        Kind::Pg(_) => "$1",
    }
}

/// Values that are looked for with one statement, where a step may look for more.
pub const AT_ONCE: usize = 64;

/// Values to look for as they belong into one statement: the embedded database needs as many each time, filled up with
/// one that finds nothing, or it would be another statement; PostgreSQL takes a list of any length as one value.
pub fn so_many<T: Clone>(conn: &Conn, mut values: Vec<T>, many: usize, filler: T) -> Vec<T> {
    if matches!(conn.kind, Kind::Sqlite(_)) {
        values.resize(many, filler);
    }
    values
}

/// An id as a column value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Id)]
pub struct DbId(pub Uuid);

/// An instant as a column value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, AsExpression, FromSqlRow)]
#[diesel(sql_type = Instant)]
pub struct DbTime(pub DateTime<Utc>);

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
