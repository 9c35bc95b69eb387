//! The documents are held against the program: links, commands, settings, messages, metrics.

mod commands;
mod links;
mod messages;
mod monitoring;
mod page;
#[path = "../brokers/process.rs"]
mod process;
mod settings;
mod snippets;
#[path = "../support/mod.rs"]
mod support;

use support::PATIENCE;
