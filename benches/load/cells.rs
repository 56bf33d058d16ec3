//! One table: a filled centre, and every request of the harness at every number of connections.

use std::path::PathBuf;

use super::center::Center;
use super::driving::{Ask, Figures, Waiting, drive};
use super::filling::{Filled, fill, prepare};
use super::{Options, Outcome, report};

pub const CONNECTIONS: [usize; 3] = [1, 16, 64];
const ASKS: [Ask; 8] =
    [Ask::Alive, Ask::Submit, Ask::Accept, Ask::Claim, Ask::Read, Ask::List, Ask::ListSeldom, Ask::Search];
const USUAL: u32 = 50_000;

/// Opens a centre on `url` and fills it.
pub async fn filled(folder: PathBuf, url: &str) -> Outcome<(Center, Filled)> {
    std::fs::create_dir_all(&folder)?;
    let center = Center::open(folder, url).await?;
    let mut done = prepare(&center).await?;
    let start = std::time::Instant::now();
    fill(&center, &mut done, USUAL).await?;
    center.office.take_stock().await?;
    report::note(&format!("{USUAL} applications filled in {:.1} s", start.elapsed().as_secs_f64()));
    report::columns();
    Ok((center, done))
}

/// Every request at every number of connections; `limit` is measured right after the submissions.
pub async fn cells(
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

pub fn rate(all: &[Figures], ask: Ask, connections: usize) -> f64 {
    all.iter().find(|f| f.ask == ask && f.connections == connections).map_or(0.0, |f| f.per_second)
}

pub fn best(all: &[Figures], ask: Ask) -> f64 {
    all.iter().filter(|f| f.ask == ask).map(|f| f.per_second).fold(0.0, f64::max)
}
