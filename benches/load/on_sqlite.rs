//! The product on the embedded database, beside the bare loops on the same file.

use std::path::Path;

use super::cells::{best, cells, filled, rate};
use super::center::Center;
use super::driving::{Ask, Figures, Waiting, drive};
use super::filling::{Filled, fill, id_of};
use super::report::Ratio;
use super::syncing::syncing;
use super::{Options, Outcome, bare_sqlite, bare_syncing, report};

const MILLION: u32 = 1_000_000;

pub async fn on_sqlite(options: &Options, folder: &Path) -> Outcome<Vec<Ratio>> {
    report::heading("SQLite, embedded, WAL, synchronous=FULL");
    let own = folder.join("sqlite");
    let path = own.join("bench.db").display().to_string();
    let (center, mut done) = filled(own, &format!("sqlite://{path}")).await?;
    // The same applications as are read over HTTP, in no order of theirs: 7919 is prime.
    let own = done.count / 2;
    let ids: Vec<_> = (0..own).map(|turn| id_of(done.start, turn * 7919 % own * 2)).collect();
    let (mut submit, mut select) = (0.0, 0.0);
    let all = cells(options, &center, &done, |ask| {
        match ask {
            Ask::Submit => {
                submit = bare_sqlite::submissions(&path, options.seconds)?;
                report::limit("  bare loop, FULL", 1, submit);
            }
            Ask::Read => {
                select = bare_sqlite::selects(&path, &ids, options.seconds)?;
                report::limit("  bare select", 1, select);
            }
            _ => {}
        }
        Ok(())
    })
    .await?;
    let mut ratios = vec![
        Ratio::at_least(
            "SQLite submit at 64 / bare loop with FULL",
            rate(&all, Ask::Submit, 64) / submit,
            1.5,
        ),
        Ratio::at_least("SQLite read by id (best) / bare select", best(&all, Ask::Read) / select, 0.4),
    ];
    if let Some(synced) = syncing(options, &center, "SQLite").await? {
        bare_syncing::days(&path)?;
        ratios.push(synced);
    }
    if options.million {
        ratios.extend(at_a_million(options, &center, &mut done, &all).await?);
    } else {
        report::note("Lists at 1,000,000 not measured: set YICHUANG_BENCH_MILLION=1.");
    }
    center.close().await?;
    Ok(ratios)
}

/// The lists again, after the same database has grown.
async fn at_a_million(
    options: &Options,
    center: &Center,
    done: &mut Filled,
    before: &[Figures],
) -> Outcome<Vec<Ratio>> {
    let start = std::time::Instant::now();
    fill(center, done, MILLION).await?;
    center.office.take_stock().await?;
    report::note(&format!("grown to {MILLION} in {:.1} s", start.elapsed().as_secs_f64()));
    let waiting = Waiting::of(done);
    let mut ratios = Vec::new();
    for ask in [Ask::List, Ask::ListSeldom, Ask::Search] {
        let after = drive(center, done, &waiting, ask, 1, options.seconds).await?;
        report::row(&after);
        let same = before.iter().find(|f| f.ask == ask && f.connections == 1).ok_or("not measured before")?;
        let ratio = after.p50.as_secs_f64() / same.p50.as_secs_f64();
        ratios.push(Ratio::at_most(&format!("{}: p50 at 1,000,000 / at 50,000", ask.name()), ratio, 1.5));
    }
    Ok(ratios)
}
