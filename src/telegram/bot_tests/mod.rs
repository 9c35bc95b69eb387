//! What people see of the bot: raw updates go in, rows of the outbox come out, over a real store.

mod chat;

mod admins;
mod calendar;
mod everybody;
mod guide;
mod hostile;
mod inline;
mod limits;
mod notices;
mod servers;
