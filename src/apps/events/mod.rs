//! Mini Events: events people attend or leave, with capacity, waiting list and live updates.
//!
//! All but [`mod@app`], `bot`, `ics`, [`store`] and [`subscription`] is pure: state, action, identity and time go in, a decision
//! or a frame comes out. [`input`] reads what people send into an [`action`], [`domain`] decides what follows from
//! it on an event of the [`model`] with its [`schedule`] and [`roll`], the [`decision`] goes to the
//! store, and [`frame`] says how the result looks on the wire.

pub mod action;
pub mod app;
mod bot;
pub mod calendar;
pub mod changes;
pub mod decision;
pub mod domain;
pub mod frame;
mod ics;
pub mod image;
pub mod input;
pub mod model;
pub mod refusal;
pub mod roll;
pub mod schedule;
pub mod start;
pub mod store;
pub mod subscription;
pub mod text;
pub mod texts;
pub mod when;

pub use app::app;
