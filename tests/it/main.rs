//! One test binary, read as stories.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod architecture;
mod audit;
mod bad_input;
mod chance;
mod config;
mod deadlines;
mod demo;
mod journeys;
mod lifecycle;
mod limits;
mod mandates;
mod openapi;
mod outbox;
mod permissions;
mod races;
mod readme_diagram;
mod readme_tour;
mod real_names;
mod redis_gone;
mod staff;
mod storage;
mod tokens;
mod vault;
mod wechat;
mod world;
