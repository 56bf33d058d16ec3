//! One test binary, read as stories.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod architecture;
mod bad_input;
mod config;
mod demo;
mod journeys;
mod openapi;
mod outbox;
mod permissions;
mod races;
mod redis_gone;
mod storage;
mod world;
