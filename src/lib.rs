//! Yichuang 一窗: the backend of a sub-district's one-stop service window (一窗受理).
//! The rooms, in the order in which they may use one another.

pub mod domain;
pub mod field_client;

pub mod vault;

pub mod catalog;

pub mod adapters;
pub mod storage;

pub mod usecases;

pub mod http;
pub mod jobs;

pub mod config;

pub mod assemble;
pub mod demo;
pub mod wechat_sim;
