//! The load harness: starts the product on a temporary database of 50,000 applications, drives it over
//! HTTP at 1, 16 and 64 connections, and sets its figures beside what the database alone can do in the
//! same run. `YICHUANG_BENCH_SECONDS` (per cell, 4), `YICHUANG_BENCH_MILLION=1` (lists at a million).
#![allow(clippy::print_stdout)]

mod bare_postgres;
mod bare_sqlite;
mod center;
mod client;
mod driving;
mod filling;
mod postgres;
mod report;

use std::error::Error;
use std::path::{Path, PathBuf};

use bare_postgres::Pgbench;
use center::Center;
use driving::{Ask, Figures, Waiting, drive};
use filling::{Filled, fill, id_of, prepare};
use report::Ratio;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Outcome<T> = Result<T, Box<dyn Error>>;

const CONNECTIONS: [usize; 3] = [1, 16, 64];
const ASKS: [Ask; 8] =
    [Ask::Alive, Ask::Submit, Ask::Accept, Ask::Claim, Ask::Read, Ask::List, Ask::ListSeldom, Ask::Search];
const USUAL: u32 = 50_000;
const MILLION: u32 = 1_000_000;

/// What this run is asked to do.
struct Options {
    seconds: f64,
    million: bool,
    /// `sqlite` or `postgres`; both when empty.
    only: String,
    /// The beginning of a request's name; all when empty.
    request: String,
}

impl Options {
    fn read() -> Outcome<Self> {
        let variable = |name: &str| std::env::var(format!("YICHUANG_BENCH_{name}")).unwrap_or_default();
        let seconds = variable("SECONDS");
        let flag = std::env::args().any(|argument| argument == "--million");
        Ok(Self {
            seconds: if seconds.is_empty() { 4.0 } else { seconds.parse()? },
            million: flag || variable("MILLION") == "1",
            only: variable("ONLY"),
            request: variable("REQUEST"),
        })
    }

    fn wants(&self, database: &str) -> bool {
        self.only.is_empty() || self.only == database
    }
}

fn main() -> Outcome<()> {
    let options = Options::read()?;
    let folder = std::env::temp_dir().join(format!("yichuang-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let done =
        tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(run(&options, &folder));
    std::fs::remove_dir_all(&folder)?;
    let measured: Vec<Ratio> = done?.into_iter().filter(|ratio| ratio.value.is_normal()).collect();
    report::ratios(&measured);
    Ok(())
}

async fn run(options: &Options, folder: &Path) -> Outcome<Vec<Ratio>> {
    let mut ratios = Vec::new();
    if options.wants("sqlite") {
        ratios.extend(on_sqlite(options, folder).await?);
    }
    if options.wants("postgres") {
        match postgres::Server::start(&folder.join("server"))? {
            Some(server) => ratios.extend(on_postgres(options, folder, &server).await?),
            None => report::note("\nPostgreSQL is not installed: not measured."),
        }
    }
    Ok(ratios)
}

/// Opens a centre on `url` and fills it.
async fn filled(folder: PathBuf, url: &str) -> Outcome<(Center, Filled)> {
    std::fs::create_dir_all(&folder)?;
    let center = Center::open(folder, url).await?;
    let mut done = prepare(&center).await?;
    let start = std::time::Instant::now();
    fill(&center, &mut done, USUAL).await?;
    report::note(&format!("{USUAL} applications filled in {:.1} s", start.elapsed().as_secs_f64()));
    report::columns();
    Ok((center, done))
}

/// Every request at every number of connections; `limit` is measured right after the submissions.
async fn cells(
    options: &Options,
    center: &Center,
    done: &Filled,
    mut limit: impl FnMut(Ask) -> Outcome<()>,
) -> Outcome<Vec<Figures>> {
    let waiting = Waiting::of(done);
    let mut all = Vec::new();
    for ask in ASKS.into_iter().filter(|ask| ask.name().starts_with(&options.request)) {
        for connections in CONNECTIONS {
            let figures = drive(center, done, &waiting, ask, connections, options.seconds).await?;
            report::row(&figures);
            all.push(figures);
        }
        limit(ask)?;
    }
    Ok(all)
}

fn rate(all: &[Figures], ask: Ask, connections: usize) -> f64 {
    all.iter().find(|f| f.ask == ask && f.connections == connections).map_or(0.0, |f| f.per_second)
}

fn best(all: &[Figures], ask: Ask) -> f64 {
    all.iter().filter(|f| f.ask == ask).map(|f| f.per_second).fold(0.0, f64::max)
}

async fn on_sqlite(options: &Options, folder: &Path) -> Outcome<Vec<Ratio>> {
    report::heading("SQLite, embedded, WAL, synchronous=FULL");
    let own = folder.join("sqlite");
    let path = own.join("bench.db").display().to_string();
    let (center, mut done) = filled(own, &format!("sqlite://{path}")).await?;
    let ids: Vec<_> = (0..done.count).step_by(48).map(|number| id_of(done.start, number)).collect();
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

async fn on_postgres(options: &Options, folder: &Path, server: &postgres::Server) -> Outcome<Vec<Ratio>> {
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
    center.close().await?;
    if pgbench.is_none() {
        return Ok(Vec::new());
    }
    Ok(vec![
        Ratio::at_least("PostgreSQL submit at 64 / pgbench at 64", rate(&all, Ask::Submit, 64) / submit, 0.8),
        Ratio::at_least(
            "PostgreSQL read by id at 64 / pgbench select at 64",
            rate(&all, Ask::Read, 64) / select,
            0.4,
        ),
    ])
}
