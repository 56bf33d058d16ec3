//! One test binary, read as stories.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod chance;
mod deadlines;
mod journeys;
mod lifecycle;
mod permissions;
mod races;
mod readme_diagram;
mod redis_gone;
mod world;
