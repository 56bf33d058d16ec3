//! One test binary, read as stories.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bad_input;
mod journeys;
mod permissions;
mod races;
mod world;
