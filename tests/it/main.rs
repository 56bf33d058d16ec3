//! One test binary, read as stories.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod demo;
mod journeys;
mod redis_gone;
mod openapi;
mod permissions;
mod races;
mod world;
