//! SQL types and functions that have another name in each database.

use diesel::query_builder::QueryId;
use diesel::sql_types::SqlType;

/// SQL type of ids: BLOB(16) or UUID.
#[derive(Debug, Clone, Copy, Default, SqlType, QueryId)]
#[diesel(sqlite_type(name = "Binary"))]
#[diesel(postgres_type(oid = 2950, array_oid = 2951))]
pub struct Id;

/// SQL type of instants: epoch microseconds or TIMESTAMPTZ.
#[derive(Debug, Clone, Copy, Default, SqlType, QueryId)]
#[diesel(sqlite_type(name = "Long"))]
#[diesel(postgres_type(oid = 1184, array_oid = 1185))]
pub struct Instant;

diesel::define_sql_function! {
    /// Both databases know it under this name.
    #[aggregate]
    fn string_agg(value: diesel::sql_types::Text, separator: diesel::sql_types::Text) -> diesel::sql_types::Nullable<diesel::sql_types::Text>;
}
