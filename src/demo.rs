//! The demo world: Lingyuan with its communities, grids, departments and staff, synthetic residents,
//! and applications in every status, made through the same use cases as real ones.

mod case;
mod forms;
mod households;
mod journey;
mod plan;
mod staff;

use std::error::Error;
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};

use crate::adapters::clock::{Clock, SteppedClock, SystemClock};
use crate::assemble;
use crate::config::Settings;
use crate::usecases::{Failure, Office};
use households::Household;
use staff::Staff;

/// The password of every demo account; there is no demo world in production.
pub const PASSWORD: &str = "lingyuan-demo-2026";

/// How long the demo's people have been there.
const FOUNDED: Duration = Duration::days(60);

/// Everybody in it, while it is being filled.
struct World {
    office: Office,
    clock: SteppedClock,
    now: DateTime<Utc>,
    staff: Staff,
    households: Vec<Household>,
}

/// Fills the demo world unless it is there already.
pub async fn fill(settings: &Settings) -> Result<(), Box<dyn Error>> {
    fill_at(settings, SystemClock.now()).await
}

/// The same, as if it were `now`.
pub async fn fill_at(settings: &Settings, now: DateTime<Utc>) -> Result<(), Box<dyn Error>> {
    let clock = SteppedClock::at(now - FOUNDED);
    let office = assemble::office(settings, Arc::new(clock.clone()))?;
    let there = office.usernames().await?;
    if there.iter().any(|name| name == staff::LAST) {
        return Ok(());
    }
    if !there.is_empty() {
        // Half a demo, or somebody's own data: neither may be mixed with accounts whose password is known.
        return Err(
            "the database holds data that is not a whole demo world; choose another storage.url".into()
        );
    }
    let staff = staff::hire(&office).await?;
    let clerk =
        staff.communities.first().map(|community| &community.clerk).ok_or("a demo without a clerk")?;
    let households = households::settle(&office, clerk).await?;
    let world = World { office, clock, now, staff, households };
    plan::carry_out(&world).await?;
    world.clock.set(now);
    world.strike().await?;
    staff::hire_last(&world.office).await?;
    Ok(())
}

impl World {
    /// The deadline clock looks until nothing is due.
    async fn strike(&self) -> Result<(), Failure> {
        while self.office.tick().await? > 0 {}
        Ok(())
    }
}

/// What to try first, printed after the start.
pub fn what_to_try(address: &str) -> String {
    format!(
        r#"Yichuang 一窗 is open. All people here are synthetic.

  API document   http://{address}/docs/
  Staff          password {PASSWORD}
                 clerk-linkou-1        window clerk of 林口 (also -2, and of 灵水: clerk-lingshui-1)
                 lead-linkou-1         project lead, all five grids (also -2, lead-lingshui-1)
                 grid-linkou-1         grid worker of the first grid (… -5, grid-lingshui-1 … -5)
                 official-health       official (also civil_affairs, agriculture, housing, police …)
                 chief-linkou          supervisor of a community; supervisor-street: of the whole street
                 admin                 administrator
  Residents      WeChat code dev:resident-01 … dev:resident-15

A short tour:

  Y=http://{address}
  curl -sGw '\n' $Y/v1/services --data-urlencode "q=准生证"
  TOKEN=$(curl -s $Y/v1/sessions -H 'content-type: application/json' \
    -d '{{"kind":"staff","username":"clerk-linkou-1","password":"{PASSWORD}"}}' \
    | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
  curl -sw '\n' "$Y/v1/queue?limit=5" -H "authorization: Bearer $TOKEN"
  curl -sw '\n' $Y/v1/queue/claim -H "authorization: Bearer $TOKEN" \
    -H 'content-type: application/json' -H "idempotency-key: my-first-claim" -d '{{}}'

README.md walks one application of each channel to its decision."#
    )
}
