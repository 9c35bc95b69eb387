//! What is said of TrueConf servers, their conferences and their failures.

mod de;
mod en;
mod es;
mod ru;

use super::Forms;
#[cfg(test)]
use super::sentences::Walk;
use super::sentences::sentences;

pub(super) use de::SERVERS as DE;
pub(super) use en::SERVERS as EN;
pub(super) use es::SERVERS as ES;
pub(super) use ru::SERVERS as RU;

sentences! {
    /// TrueConf servers: menus, lists, questions and answers.
    Servers {
        /// `/servers` in the menu.
        about_servers: &'static str,
        /// The button that opens the page.
        open_page: &'static str,
        /// Above the list of servers.
        heading: &'static str,
        /// There is no server in the settings.
        none_set: &'static str,
        /// To who looks after no server.
        not_yours: &'static str,
        /// To who may look but not act.
        operators_only: &'static str,
        /// A button that leads nowhere any more.
        open_again: &'static str,
        /// A page asks for what it cannot know any more.
        page_stale: &'static str,
        /// While a server is asked.
        asking: &'static str,
        /// The server gave no answer.
        failed: &'static str,
        /// Too much is asked at once.
        too_much: &'static str,
        /// States of a server.
        states: States,
        /// Labels of buttons.
        buttons: ServerButtons,
        /// Lists of conferences and people.
        lists: ServerLists,
        /// Stopping a conference.
        stop: Stopping,
        /// Why a server gave no answer.
        faults: Faults,
        /// Lengths of time.
        lengths: Lengths,
    }
}

sentences! {
    /// How a server is.
    States {
        /// It answers.
        up: &'static str,
        /// It does not.
        down: &'static str,
        /// It was not checked often enough.
        unknown: &'static str,
        /// It is not watched.
        off: &'static str,
        /// A state and for how long.
        lasting: &'static str,
        /// Why it is down.
        reason: &'static str,
        /// It answers just now.
        answers: &'static str,
        /// It does not just now.
        silent: &'static str,
        /// It is watched.
        watched: &'static str,
        /// It is not watched.
        unwatched: &'static str,
        /// How much of the time it was up.
        uptime: &'static str,
        /// Watching has begun.
        begun: &'static str,
        /// Watching has ended.
        ended: &'static str,
    }
}

sentences! {
    /// Labels of buttons.
    ServerButtons {
        /// To the state of the server.
        status: &'static str,
        /// To what runs.
        running: &'static str,
        /// To who is online.
        online: &'static str,
        /// To what was forgotten.
        forgotten: &'static str,
        /// One screen back.
        back: &'static str,
        /// The same screen anew.
        refresh: &'static str,
        /// Begins to watch.
        watch: &'static str,
        /// Ends watching.
        unwatch: &'static str,
        /// Stops a conference, after a question.
        stop: &'static str,
        /// Stops it.
        stop_now: &'static str,
        /// Leaves it running.
        keep: &'static str,
    }
}

sentences! {
    /// Lists of conferences and people.
    ServerLists {
        /// So many conferences run.
        running: Forms,
        /// None runs.
        none_running: &'static str,
        /// So many are forgotten.
        forgotten: Forms,
        /// None is forgotten.
        none_forgotten: &'static str,
        /// A conference without a title.
        untitled: &'static str,
        /// Who owns it.
        owner: &'static str,
        /// So many people.
        people: Forms,
        /// The server does not say how many people.
        people_unknown: &'static str,
        /// To the page of the server's own administration.
        control: &'static str,
        /// So many people are online.
        online: Forms,
        /// Nobody is online.
        nobody_online: &'static str,
        /// Online and free.
        free: &'static str,
        /// Online and busy.
        busy: &'static str,
        /// Online and in a conference.
        in_conference: &'static str,
        /// The rule by which conferences are forgotten.
        rule: &'static str,
        /// Part of the rule: nobody moderates.
        rule_no_moderator: &'static str,
        /// Part of the rule: the moderator is alone.
        rule_alone: &'static str,
        /// Part of the rule: no kind of conference at all.
        rule_none: &'static str,
        /// Between two parts of the rule.
        rule_or: &'static str,
        /// Part of the rule: not with more people.
        rule_people: Forms,
        /// Part of the rule: never these.
        rule_exempt: &'static str,
        /// Why one is forgotten: nobody is in it.
        is_empty: &'static str,
        /// Why one is forgotten: nobody moderates.
        is_unmoderated: &'static str,
        /// Why one is forgotten: the moderator is alone.
        is_alone: &'static str,
        /// It could not be found out.
        not_looked_up: &'static str,
    }
}

sentences! {
    /// Stopping a conference.
    Stopping {
        /// The question.
        ask: &'static str,
        /// So many people are in it.
        people: Forms,
        /// The server does not say how many.
        people_unknown: &'static str,
        /// While it is stopped.
        under_way: &'static str,
        /// It is stopped.
        done: &'static str,
        /// It had ended by itself.
        gone: &'static str,
        /// It had ended, and another run was left alone.
        replaced: &'static str,
        /// It could not be stopped.
        failed: &'static str,
        /// It is not known whether it was stopped.
        unclear: &'static str,
        /// What the other operators are told.
        told: &'static str,
        /// Somebody else is stopping it.
        other_stops: &'static str,
        /// Somebody else has stopped it.
        other_stopped: &'static str,
        /// The question is too old.
        expired: &'static str,
        /// The question was for somebody else.
        not_asked: &'static str,
        /// It does not run any more.
        over: &'static str,
        /// It cannot be stopped.
        impossible: &'static str,
    }
}

sentences! {
    /// Why a server gave no answer; each follows a colon.
    Faults {
        /// Its name has no address.
        resolve: &'static str,
        /// Nobody listens.
        refused: &'static str,
        /// No way leads there.
        unreachable: &'static str,
        /// No answer in time.
        timed_out: &'static str,
        /// The connection broke.
        broken: &'static str,
        /// The certificate has expired.
        tls_expired: &'static str,
        /// The certificate is not valid yet.
        tls_not_yet: &'static str,
        /// The certificate is of an unknown authority.
        tls_issuer: &'static str,
        /// The certificate is for another name.
        tls_name: &'static str,
        /// The certificate was revoked.
        tls_revoked: &'static str,
        /// The file with the authority cannot be used.
        tls_file: &'static str,
        /// This system believes no authority.
        tls_no_roots: &'static str,
        /// No TLS is spoken there.
        tls_none: &'static str,
        /// No secure connection came about.
        tls: &'static str,
        /// Id and secret are not accepted.
        credentials: &'static str,
        /// A right is missing.
        permission: &'static str,
        /// It is not there.
        not_found: &'static str,
        /// An error of the server.
        server: &'static str,
        /// It has no such thing.
        not_offered: &'static str,
        /// The answer cannot be read.
        malformed: &'static str,
        /// We ended the call.
        aborted: &'static str,
    }
}

sentences! {
    /// Lengths of time.
    Lengths {
        /// Below a minute.
        seconds: &'static str,
        /// Below an hour.
        minutes: &'static str,
        /// Below a day.
        hours: &'static str,
        /// From a day on.
        days: &'static str,
    }
}
