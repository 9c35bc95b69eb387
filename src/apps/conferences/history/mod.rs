//! What checks gave over time: every one for 48 hours, each five minutes for 30 days, each hour for a
//! year.
//!
//! [`Sample`]s are gathered in memory ([`Tail`]) and written seldom, an hour of each server ([`Hour`])
//! packed into few bytes and several servers into one row; an hour is thinned out as it grows old.
//! [`figures`] makes uptime and curves of rows and tail.

mod bits;
mod bucket;
pub mod figures;
mod hour;
mod packed;
mod sample;
mod sheet;
pub mod table;
mod tail;

pub use bucket::Bucket;
pub use hour::{Hour, HourNumber};
pub use sample::{Kind, Sample};
pub use tail::Tail;
