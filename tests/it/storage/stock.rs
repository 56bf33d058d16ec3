//! How the embedded database chooses its indexes when it has counted what is there.

use diesel::prelude::*;
use diesel::sql_types::Text;
use yichuang::storage::{Kind, StorageError};

use crate::world::{Database, World};

/// A line of how the embedded database goes about a statement.
#[derive(QueryableByName)]
struct Planned {
    #[diesel(sql_type = Text)]
    detail: String,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_that_was_small_when_it_was_counted_is_found_in_by_its_indexes() {
    let world = World::open(Database::Sqlite).await.unwrap();
    world.xiuying().await.submits(&world.form("medical_insurance")).await;
    let db = world.office().db().clone();
    db.take_stock().await.unwrap();
    let how = db.write(|conn| {
        let Kind::Sqlite(c) = &mut conn.kind else { unreachable!() };
        let alike =
            "SELECT edition FROM application_keys WHERE exact = x'00' OR sound = x'01' OR birth = x'02'";
        let lines: Vec<Planned> = diesel::sql_query(format!("EXPLAIN QUERY PLAN {alike}")).load(c.here()?)?;
        Ok::<_, StorageError>(lines.into_iter().map(|line| line.detail).collect::<Vec<_>>())
    });
    let how = how.await.unwrap();
    assert!(how.iter().any(|line| line.contains("application_keys_birth")), "{how:?}");
}
