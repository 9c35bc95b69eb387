//! The two servers of `roost demo`, with people and conferences on them.

use std::time::Duration;

use super::state::Meeting;
use super::{StandIn, Version};
use crate::net::gate::GateError;

const MINUTE: u64 = 60;

/// A busy server of version 3.3; two of its conferences are forgotten.
pub fn head_office() -> Result<StandIn, GateError> {
    let server = StandIn::start("Head office", Version::V33)?;
    server.people(1, 23);
    server.people(2, 4);
    server.people(5, 9);
    server.people(0, 120);
    server.past_calls(40);
    for (id, topic, minutes, roles) in [
        ("planning", Some("Weekly planning"), 25, &[2, 1, 1, 1, 1][..]),
        ("webinar", Some("Webinar: <new> products | part 1"), 190, &[1, 1, 1]),
        ("anna", None, 400, &[2]),
        ("support", Some("Служба поддержки: дежурство до утра"), 95, &[2, 2, 1]),
    ] {
        server.begin(Meeting::new(id).topic(topic).ago(minutes_ago(minutes)).roles(roles));
    }
    Ok(server)
}

/// A quiet server of version 4.
pub fn branch() -> Result<StandIn, GateError> {
    let server = StandIn::start("Branch", Version::V4)?;
    let interview = Meeting::new("interview").topic(Some("Interview")).ago(minutes_ago(40));
    server.begin(interview);
    let empty = Meeting::new("stage").topic(Some("Stage")).ago(minutes_ago(600)).roles(&[]);
    server.begin(empty);
    Ok(server)
}

fn minutes_ago(minutes: u64) -> Duration {
    Duration::from_secs(minutes * MINUTE)
}
