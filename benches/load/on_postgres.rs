//! The product on a private PostgreSQL server, beside pgbench on the same rows.

use std::path::Path;

use super::bare_postgres::Pgbench;
use super::cells::{CONNECTIONS, cells, filled, rate};
use super::driving::Ask;
use super::report::Ratio;
use super::syncing::syncing;
use super::{Options, Outcome, postgres, report};

pub async fn on_postgres(options: &Options, folder: &Path, server: &postgres::Server) -> Outcome<Vec<Ratio>> {
    report::heading("PostgreSQL, fsync on");
    let (center, done) = filled(folder.join("postgres"), &server.url("postgres")).await?;
    let pgbench = Pgbench::find(server, folder, "postgres");
    if pgbench.is_none() {
        report::note("pgbench is not installed: no limit to compare with.");
    }
    let (mut submit, mut select) = (0.0, 0.0);
    let all = cells(options, &center, &done, |ask| {
        let Some(pgbench) = &pgbench else { return Ok(()) };
        for connections in CONNECTIONS {
            match ask {
                Ask::Submit => {
                    submit = pgbench.submissions(connections, options.seconds)?;
                    report::limit("  pgbench, same rows", connections, submit);
                }
                Ask::Read => {
                    select = pgbench.selects(&done, connections, options.seconds)?;
                    report::limit("  pgbench select", connections, select);
                }
                _ => {}
            }
        }
        Ok(())
    })
    .await?;
    let synced = syncing(options, &center, "PostgreSQL").await?;
    center.close().await?;
    if pgbench.is_none() {
        return Ok(synced.into_iter().collect());
    }
    let beside = [
        Ratio::at_least("PostgreSQL submit at 64 / pgbench at 64", rate(&all, Ask::Submit, 64) / submit, 0.8),
        Ratio::at_least(
            "PostgreSQL read by id at 64 / pgbench select at 64",
            rate(&all, Ask::Read, 64) / select,
            0.4,
        ),
    ];
    Ok(beside.into_iter().chain(synced).collect())
}
