//! `roost init` and `roost admin-code`: from nothing to a bot that knows its admin.

#[path = "../support/mod.rs"]
mod support;

#[path = "../support/models.rs"]
mod models;

mod admin;
mod canary;
mod files;
mod questions;
mod refusals;
mod terminal;
mod world;
