//! The journeys of the people, each item from the first form to its end.

mod birth_registration;
pub mod committed;
mod every_item;
mod households;
mod insurance;
mod searching;
