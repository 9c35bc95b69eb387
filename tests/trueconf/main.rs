//! TrueConf servers from the outside: the client and the commands against the stand-in, each defect of
//! the program they come from, and servers that behave badly.

mod beside;
mod commands;
mod faults;
mod lists;
mod panel;
mod secure;
mod stopping;
#[path = "../support/mod.rs"]
mod support;
mod tls;
mod tokens;
mod world;
