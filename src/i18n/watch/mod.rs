//! What people are told of TrueConf servers without having asked, and what they answer: alerts,
//! silence, maintenance, tidying.

mod de;
mod en;
mod es;
mod ru;

use super::Forms;
#[cfg(test)]
use super::sentences::Walk;
use super::sentences::sentences;

pub(super) use de::WATCH as DE;
pub(super) use en::WATCH as EN;
pub(super) use es::WATCH as ES;
pub(super) use ru::WATCH as RU;

sentences! {
    /// What is told of TrueConf servers unasked.
    Watch {
        /// A server is down.
        down: &'static str,
        /// It is still down, at the end of a silence.
        still_down: &'static str,
        /// Since when.
        since: &'static str,
        /// It was down when monitoring began.
        at_start: &'static str,
        /// It is up again.
        up: &'static str,
        /// From when to when it was down.
        span: &'static str,
        /// So many days until the certificate expires.
        certificate: Forms,
        /// The certificate has expired.
        certificate_over: &'static str,
        /// When it expires, or did.
        certificate_end: &'static str,
        /// Looking after an outage.
        acknowledge: Acknowledge,
        /// Getting no alerts for a while.
        mute: Muting,
        /// Announcing maintenance.
        maintenance: Maintenance,
        /// Tidying up forgotten conferences.
        tidy: Tidying,
    }
}

sentences! {
    /// Looking after an outage.
    Acknowledge {
        /// The button.
        button: &'static str,
        /// To who pressed it.
        thanks: &'static str,
        /// To the others.
        told: &'static str,
        /// In the alert from then on.
        mark: &'static str,
        /// Somebody else was first.
        already: &'static str,
        /// The outage is over.
        over: &'static str,
    }
}

sentences! {
    /// Getting no alerts for a while.
    Muting {
        /// `/mute` in the menu.
        about: &'static str,
        /// The button: for two hours.
        button: &'static str,
        /// How the command is used.
        usage: &'static str,
        /// No alerts of one server until then.
        one: &'static str,
        /// No alerts of any server until then.
        all: &'static str,
        /// Alerts come again.
        ended: &'static str,
        /// Nothing is silent.
        none: &'static str,
    }
}

sentences! {
    /// Announcing maintenance.
    Maintenance {
        /// `/maintenance` in the menu.
        about: &'static str,
        /// How the command is used.
        usage: &'static str,
        /// Announced.
        announced: &'static str,
        /// What the others are told.
        told: &'static str,
        /// Called off.
        ended: &'static str,
        /// What the others are told of that.
        told_ended: &'static str,
        /// Nothing is announced.
        none: &'static str,
        /// Above the list.
        heading: &'static str,
        /// One of the list.
        entry: &'static str,
        /// It would begin in the past.
        past: &'static str,
        /// Too many are announced already.
        too_many: &'static str,
        /// The command has to name a server.
        which: &'static str,
        /// There is no such server.
        unknown: &'static str,
    }
}

sentences! {
    /// Tidying up forgotten conferences.
    Tidying {
        /// A conference will be stopped at a time.
        warn: &'static str,
        /// The same, only pretended.
        warn_dry: &'static str,
        /// The button that puts it off by an hour.
        snooze: &'static str,
        /// The button that leaves it alone.
        keep: &'static str,
        /// Somebody put it off.
        snoozed: &'static str,
        /// Somebody leaves it alone.
        kept: &'static str,
        /// It was stopped.
        stopped: &'static str,
        /// It would have been stopped.
        would_stop: &'static str,
        /// It is no longer forgotten.
        spared: &'static str,
        /// It ended by itself.
        ended: &'static str,
        /// It could not be stopped.
        failed: &'static str,
        /// There is nothing to put off any more.
        late: &'static str,
    }
}
