//! One test binary, read as stories.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bad_input;
mod journeys;
mod outbox;
mod permissions;
mod races;
mod storage;
mod world;
