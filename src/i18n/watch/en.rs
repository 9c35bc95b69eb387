//! English.

use super::{Acknowledge, Maintenance, Muting, Tidying, Watch};
use crate::i18n::Forms;

pub(in crate::i18n) const WATCH: Watch = Watch {
    down: "{server} is down: {reason}",
    still_down: "{server} is still down: {reason}",
    since: "Since {when}.",
    at_start: "It did not answer the first check at {when}; for how long it has been so is not known.",
    up: "{server} is up again. It was down for {length}.",
    span: "From {from} to {until}.",
    certificate: Forms::two(
        "The certificate of {server} expires in {count} day",
        "The certificate of {server} expires in {count} days",
    ),
    certificate_over: "The certificate of {server} has expired",
    certificate_end: "Its last moment: {when}.",
    acknowledge: ACKNOWLEDGE,
    mute: MUTE,
    maintenance: MAINTENANCE,
    tidy: TIDY,
};

const ACKNOWLEDGE: Acknowledge = Acknowledge {
    button: "Acknowledge",
    thanks: "Noted; the others are told that you look after it.",
    told: "{who} looks after the outage of {server}.",
    mark: "{who} looks after it.",
    already: "{who} already looks after it.",
    over: "This outage is over.",
};

const MUTE: Muting = Muting {
    about: "No alerts for a while",
    button: "Mute for 2 h",
    usage: "Say for how long: /mute 2h, or for one server /mute 30m Head office. /mute off brings the alerts back. At most 30d.",
    one: "You get no alerts of {server} until {when}. What is down then, you are told.",
    all: "You get no alerts until {when}. What is down then, you are told.",
    ended: "You get alerts again.",
    none: "You get all alerts.",
};

const MAINTENANCE: Maintenance = Maintenance {
    about: "Announce maintenance of a server",
    usage: "Say for how long, from when if not from now, and which server: /maintenance 2h Head office, or /maintenance 2026-12-24 22:00 3h Head office. /maintenance off Head office calls it off. At most 30d.",
    announced: "Maintenance of {server} from {from} to {until}: nobody is told if it is down then.",
    told: "{who} has announced maintenance of {server} from {from} to {until}: there are no alerts of it then.",
    ended: "The maintenance of {server} is called off.",
    told_ended: "{who} has called off the maintenance of {server}.",
    none: "No maintenance is announced.",
    heading: "Maintenance",
    entry: "{server}: from {from} to {until}",
    past: "This would be over already.",
    too_many: "No more than {count} can be announced for a server.",
    which: "Which server? Yours are: {names}",
    unknown: "You look after no server called {name}. Yours are: {names}",
};

const TIDY: Tidying = Tidying {
    warn: "{topic} on {server} looks forgotten: {why}. It will be stopped at {when}.",
    warn_dry: "{topic} on {server} looks forgotten: {why}. It would be stopped at {when}, but this is a dry run.",
    snooze: "One hour more",
    keep: "Leave it running",
    snoozed: "{who} gives {topic} one hour more.",
    kept: "{who} leaves {topic} running.",
    stopped: "{topic} on {server} was forgotten and is stopped now.",
    would_stop: "{topic} on {server} would have been stopped now, but this is a dry run.",
    spared: "{topic} on {server} is no longer forgotten and goes on.",
    ended: "{topic} on {server} has ended by itself.",
    failed: "{topic} on {server} looks forgotten, but could not be stopped: {reason}",
    late: "This conference is no longer about to be stopped.",
};
