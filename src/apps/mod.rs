//! The mini apps; each folder is one app.

pub mod events;
