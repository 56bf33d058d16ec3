//! What the embedded database knows of how much there is in its tables, and by that chooses its indexes.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::StorageError;
use super::dialect::{Conn, on};

/// Forgets how few rows a small table has: by that count it would be read from end to end until the next one,
/// however much it grows meanwhile. What is not counted is taken to be large.
const FORGET_SMALL: &str = "
    DELETE FROM sqlite_stat1 WHERE tbl IN
        (SELECT tbl FROM sqlite_stat1 GROUP BY tbl HAVING max(CAST(stat AS INTEGER)) < 1000);
    DELETE FROM sqlite_stat4 WHERE tbl NOT IN (SELECT tbl FROM sqlite_stat1);
    ANALYZE sqlite_schema;";

/// Counts anew where much has changed.
pub fn take(conn: &mut Conn) -> Result<(), StorageError> {
    conn.execute("PRAGMA optimize=0x10002")?;
    let counts = sql::<BigInt>("(SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_stat4')");
    let counts: i64 = on!(conn, c => diesel::select(counts).get_result(c))?;
    if counts == 0 { Ok(()) } else { conn.execute(FORGET_SMALL) }
}
