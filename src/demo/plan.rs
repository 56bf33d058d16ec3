//! What stands in the demo's registers: three applications in every status, one through each door, with
//! the items of the catalogue taking turns.

use super::World;
use super::case::Case;
use super::journey::{age, go};
use crate::catalog::{self, Entry};
use crate::domain::application::Track;
use crate::domain::event::Channel;
use crate::domain::lifecycle::Status;
use crate::usecases::Failure;

const DOORS: [Channel; 3] = [Channel::MiniProgram, Channel::Counter, Channel::Doorstep];

/// One application to be.
#[derive(Clone, Copy)]
struct Wanted {
    status: Status,
    door: Channel,
    /// Counts on; chooses household and item.
    turn: usize,
}

/// Fills the registers, the oldest first.
pub async fn carry_out(world: &World) -> Result<(), Failure> {
    let mut plan = Vec::new();
    for status in Status::ALL {
        for door in DOORS {
            plan.push(Wanted { status, door, turn: plan.len() });
        }
    }
    let (lapsed, others): (Vec<Wanted>, Vec<Wanted>) =
        plan.into_iter().partition(|wanted| wanted.status == Status::Terminated);
    for wanted in lapsed {
        reach(world, wanted).await?;
    }
    // Nobody answers, so the clock warns and then ends them. It must strike before there is anything else
    // that it could move.
    for days_ago in (0..age(Status::Terminated, Track::Committed)).rev() {
        world.clock.set(world.now - chrono::Duration::days(days_ago));
        world.strike().await?;
    }
    let mut others = others;
    others.sort_by_key(|wanted| std::cmp::Reverse(age(wanted.status, Track::Committed)));
    for wanted in others {
        reach(world, wanted).await?;
    }
    Ok(())
}

/// Tries the items in turn until one gets there; an item's own rules may forbid it.
async fn reach(world: &World, wanted: Wanted) -> Result<(), Failure> {
    let items = catalog::all();
    // A step that shares no factor with most lists spreads the items over the statuses.
    let first = wanted.turn * 7;
    for try_ in 0..items.len() {
        let Some(entry) = items.get((first + try_) % items.len()) else { continue };
        if !possible(entry, wanted.status) {
            continue;
        }
        match attempt(world, entry, wanted).await {
            Ok(()) => return Ok(()),
            Err(Failure::Refused(_)) => {}
            Err(broken) => return Err(broken),
        }
    }
    Ok(())
}

fn possible(entry: &Entry, status: Status) -> bool {
    let guide = entry.guide();
    match status {
        Status::InReview | Status::Returned | Status::Suspended => guide.track == Track::Committed,
        Status::PublicNotice => guide.limits.public_notice.is_some(),
        _ => true,
    }
}

async fn attempt(world: &World, entry: &'static Entry, wanted: Wanted) -> Result<(), Failure> {
    let Wanted { status, door, turn } = wanted;
    // Shifted with every round of doors, so that no household is bound to one of them.
    let at = (turn + turn / DOORS.len()) % world.households.len().max(1);
    let Some(household) = world.households.get(at) else { return Ok(()) };
    let filed = (door, age(status, entry.guide().track), turn, status != Status::Draft);
    let mut case = Case::file(world, entry, household, filed).await?;
    go(&mut case, status, door).await
}
