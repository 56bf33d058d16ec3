//! One test binary, read as stories.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod architecture;
mod demo;
mod journeys;
mod redis_gone;
mod permissions;
mod races;
mod world;
