//! One test binary, read as stories.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod journeys;
mod redis_gone;
mod world;
