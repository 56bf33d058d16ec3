//! What can go wrong in storage, in words the use cases can act on.

use std::fmt;

use diesel::result::{ConnectionError, DatabaseErrorKind, Error as Diesel};

/// A failure of storage; business refusals are not among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StorageError {
    /// The row was changed by somebody else meanwhile.
    Stale,
    /// A unique rule was broken; names the constraint.
    Duplicate(String),
    /// Of two transactions that waited for each other this one was given up, as a whole: it may be tried again.
    Deadlock,
    /// Too many callers wait already; come back later.
    Overloaded,
    /// The database cannot be reached or refuses to write (disk full).
    Unavailable(String),
    /// The product is stopping.
    ShuttingDown,
    /// A job panicked; its work was rolled back.
    Panicked,
    /// A row that cannot be read as what it should be.
    Corrupt(String),
    /// Anything else the database said.
    Failed(String),
}

impl fmt::Display for StorageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StorageError::Stale => f.write_str("changed by somebody else meanwhile"),
            StorageError::Duplicate(rule) => write!(f, "already there: {rule}"),
            StorageError::Deadlock => f.write_str("another transaction stood in the way"),
            StorageError::Overloaded => f.write_str("too many callers are waiting"),
            StorageError::Unavailable(why) => write!(f, "database unavailable: {why}"),
            StorageError::ShuttingDown => f.write_str("shutting down"),
            StorageError::Panicked => f.write_str("a storage job panicked"),
            StorageError::Corrupt(what) => write!(f, "unreadable row: {what}"),
            StorageError::Failed(why) => write!(f, "database error: {why}"),
        }
    }
}

impl std::error::Error for StorageError {}

impl From<Diesel> for StorageError {
    fn from(error: Diesel) -> Self {
        match error {
            Diesel::DatabaseError(DatabaseErrorKind::UniqueViolation, info) => {
                // SQLite names the columns, PostgreSQL the constraint.
                let rule = info.constraint_name().map_or_else(|| info.message().to_owned(), str::to_owned);
                StorageError::Duplicate(rule)
            }
            Diesel::DatabaseError(
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand,
                info,
            ) => StorageError::Unavailable(info.message().to_owned()),
            Diesel::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => StorageError::Stale,
            Diesel::DatabaseError(_, info) => from_message(info.message()),
            Diesel::DeserializationError(error) => StorageError::Corrupt(error.to_string()),
            other => StorageError::Failed(other.to_string()),
        }
    }
}

/// Failures that diesel does not tell apart by kind but an operator must.
fn from_message(message: &str) -> StorageError {
    const PASSING: [&str; 8] = [
        "disk is full",
        "disk I/O error",
        "database is locked",
        "terminating connection",
        "server closed the connection",
        "the database system is",
        "statement timeout",
        "lock timeout",
    ];
    // Of two that wait for each other one is given up, and may try again once the other is done.
    if message.contains("deadlock detected") {
        return StorageError::Deadlock;
    }
    if PASSING.iter().any(|sign| message.contains(sign)) {
        StorageError::Unavailable(message.to_owned())
    } else {
        StorageError::Failed(message.to_owned())
    }
}

impl From<ConnectionError> for StorageError {
    fn from(error: ConnectionError) -> Self {
        StorageError::Unavailable(error.to_string())
    }
}
