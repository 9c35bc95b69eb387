//! Automatic tidying: forgotten conferences are seen twice, warned of, and stopped.
//!
//! [`case`](mod@case) decides, purely; [`store`] keeps the cases of a server; [`round`] looks, tells and
//! stops; [`choice`] is what operators press meanwhile.

pub mod case;
mod choice;
mod round;
mod store;
mod words;

pub(super) use choice::Chosen;
pub(super) use round::{Round, pause};
pub(super) use store::prepare;
