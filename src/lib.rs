//! Roost: a Telegram bot and the server of its mini apps in one small program.
//!
//! Data flows one way: socket → protocol → app → store → outbox → sender. `net` owns sockets,
//! `telegram` speaks the Bot API, `apps` decide, `store` commits, and the sender delivers what was
//! committed. ARCHITECTURE.md has the map, the threads and the invariants.

pub mod apps;
pub mod backoff;
pub mod cli;
pub mod clock;
pub mod control;
pub mod demo;
pub mod hidden;
pub mod i18n;
pub mod ids;
pub mod logging;
pub mod metrics;
pub mod net;
pub mod relay;
pub mod server;
pub mod settings;
pub mod store;
pub mod systemd;
pub mod telegram;
pub mod thread;
pub mod trueconf;
