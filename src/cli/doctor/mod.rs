//! What `roost check` looks at beyond the settings: the machine, the running server, and the bot at
//! Telegram.

pub(super) mod bot;
pub(super) mod machine;
pub(super) mod server;
