//! Trouble on demand: which call it strikes, and how.

use serde::Deserialize;

use super::chance::Chance;

/// When a connection breaks: before the call had its effect, or after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Cut {
    Before,
    After,
}

/// What happens to a call that is struck.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Action {
    /// Refused with this code, without effect.
    #[serde(default)]
    pub errcode: Option<i64>,
    /// This HTTP status and no JSON, without effect.
    #[serde(default)]
    pub status: Option<u16>,
    /// Answered that much later.
    #[serde(default)]
    pub delay_ms: Option<u64>,
    /// The connection breaks.
    #[serde(default)]
    pub cut: Option<Cut>,
    /// This text instead of the answer.
    #[serde(default)]
    pub body: Option<String>,
}

/// One trouble.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    /// The path it waits at.
    route: String,
    /// Calls it lets pass first.
    #[serde(default)]
    after: u32,
    /// Calls it strikes then; without end if left out.
    #[serde(default)]
    times: Option<u32>,
    /// How often it strikes, 0 to 1.
    #[serde(default = "always")]
    probability: f64,
    action: Action,
}

fn always() -> f64 {
    1.0
}

impl Fault {
    pub fn strikes(&mut self, route: &str, chance: &mut Chance) -> Option<Action> {
        if self.route != route || self.times == Some(0) {
            return None;
        }
        if self.after > 0 {
            self.after -= 1;
            return None;
        }
        if !chance.happens(self.probability) {
            return None;
        }
        self.times = self.times.map(|times| times - 1);
        Some(self.action.clone())
    }
}
