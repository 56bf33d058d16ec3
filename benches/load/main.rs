//! The load harness: starts the product on a temporary database of 50,000 applications, drives it over
//! HTTP at 1, 16 and 64 connections, and sets its figures beside what the database alone can do in the
//! same run. `YICHUANG_BENCH_SECONDS` (per cell, 4), `YICHUANG_BENCH_MILLION=1` (lists at a million),
//! `YICHUANG_BENCH_ONLY=sqlite|postgres`, `YICHUANG_BENCH_REQUEST` (beginning of a name, such as `sync`).
// Its figures are what it is run for.
#![allow(clippy::print_stdout)]

mod bare_postgres;
mod bare_sqlite;
mod bare_syncing;
mod cells;
mod center;
mod client;
mod driving;
mod filling;
mod on_postgres;
mod on_sqlite;
mod postgres;
mod report;
mod syncing;

use std::error::Error;
use std::path::Path;

use report::Ratio;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Outcome<T> = Result<T, Box<dyn Error>>;

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
        ratios.extend(on_sqlite::on_sqlite(options, folder).await?);
    }
    if options.wants("postgres") {
        match postgres::Server::start(&folder.join("server"))? {
            Some(server) => ratios.extend(on_postgres::on_postgres(options, folder, &server).await?),
            None => report::note("\nPostgreSQL is not installed: not measured."),
        }
    }
    Ok(ratios)
}
