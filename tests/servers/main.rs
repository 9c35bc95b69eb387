//! TrueConf servers in the chat and on the page: the real program between stand-ins for Telegram and
//! for TrueConf, with people who may operate, look, or neither.

mod alerts;
mod defects;
mod lists;
mod menus;
#[path = "../support/models.rs"]
mod models;
mod page;
mod stops;
mod strangers;
#[path = "../support/mod.rs"]
mod support;
mod tidying;
mod world;
