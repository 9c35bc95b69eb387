//! The documents are held against the program: links, commands, settings, messages, metrics.

mod commands;
mod links;
mod messages;
mod monitoring;
mod originals;
mod page;
#[path = "../brokers/process.rs"]
#[allow(dead_code, reason = "brokers need more of it")]
mod process;
mod settings;
mod snippets;
#[path = "../support/mod.rs"]
mod support;
mod tables;

use support::PATIENCE;
