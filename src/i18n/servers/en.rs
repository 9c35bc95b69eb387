//! English.

use super::{Faults, Lengths, ServerButtons, ServerLists, Servers, States, Stopping};
use crate::i18n::Forms;

pub(in crate::i18n) const SERVERS: Servers = Servers {
    about_servers: "TrueConf servers and their conferences",
    open_page: "Conferences",
    heading: "TrueConf servers",
    none_set: "No TrueConf server is in the settings yet. Add one under “servers”; the settings file is read at the next start.",
    not_yours: "This is only for people who look after the servers.",
    operators_only: "Only operators of this server may do that.",
    open_again: "This button is out of date. Open the menu again with /servers.",
    asking: "Asking {server}…",
    failed: "The server could not be asked: {reason}",
    too_much: "Too much is being asked at the moment; try again shortly.",
    states: STATES,
    buttons: BUTTONS,
    lists: LISTS,
    stop: STOP,
    faults: FAULTS,
    lengths: LENGTHS,
};

const STATES: States = States {
    up: "up",
    down: "down",
    unknown: "not known yet",
    off: "not watched",
    lasting: "{state} for {length}",
    reason: "Reason: {reason}",
    answers: "Just now it answered within {ms} ms.",
    silent: "Just now it gave no answer: {reason}",
    watched: "Monitoring is on, with a check every {length}.",
    unwatched: "Monitoring is off: the server is not checked.",
    uptime: "Up {day} of the last 24 hours, {week} of 7 days, {month} of 30 days.",
    begun: "Monitoring is on.",
    ended: "Monitoring is off.",
};

const BUTTONS: ServerButtons = ServerButtons {
    status: "Status",
    running: "Running conferences",
    online: "People online",
    forgotten: "Forgotten conferences",
    back: "‹ Back",
    refresh: "Refresh",
    watch: "Turn monitoring on",
    unwatch: "Turn monitoring off",
    stop: "Stop {topic}",
    stop_now: "Stop it",
    keep: "Keep it running",
};

const LISTS: ServerLists = ServerLists {
    running: Forms::two("{count} conference is running", "{count} conferences are running"),
    none_running: "No conference is running.",
    forgotten: Forms::two(
        "{count} conference looks forgotten",
        "{count} conferences look forgotten",
    ),
    none_forgotten: "No conference looks forgotten.",
    untitled: "Untitled",
    owner: "owner {owner}",
    people: Forms::two("{count} person", "{count} people"),
    people_unknown: "number of people not known",
    control: "manage",
    online: Forms::two("{count} person is online", "{count} people are online"),
    nobody_online: "Nobody is online.",
    free: "available: {count}",
    busy: "busy: {count}",
    in_conference: "in a conference: {count}",
    rule: "Rule: running for {length} or longer, and {what}.",
    rule_no_moderator: "nobody in it moderates",
    rule_alone: "a moderator is alone in it",
    rule_none: "no kind of conference is chosen in the settings",
    rule_or: "{one}, or {other}",
    rule_people: Forms::two("At most {count} person in it.", "At most {count} people in it."),
    rule_exempt: "Never: {names}.",
    is_empty: "nobody is in it",
    is_unmoderated: "nobody in it moderates",
    is_alone: "the moderator is alone in it",
    not_looked_up: "could not be looked up: {reason}",
};

const STOP: Stopping = Stopping {
    ask: "Stop {topic} on {server}?",
    people: Forms::two("{count} person is in it.", "{count} people are in it."),
    people_unknown: "The server does not say how many people are in it.",
    under_way: "Stopping {topic}…",
    done: "{topic} is stopped.",
    gone: "{topic} had already ended by itself.",
    replaced: "{topic} had ended and was started anew meanwhile. The new run was left alone.",
    failed: "{topic} could not be stopped: {reason}",
    unclear: "It is not certain whether {topic} was stopped: {reason}. Look at the list again.",
    told: "{who} stopped {topic} on {server}.",
    other_stops: "{who} is just stopping this conference.",
    other_stopped: "{who} has already stopped this conference.",
    expired: "This question is more than two minutes old. Nothing was stopped; open the list again.",
    not_asked: "This question was for somebody else.",
    over: "This conference is no longer running.",
    impossible: "This call has no conference ID and cannot be stopped from here.",
};

const FAULTS: Faults = Faults {
    resolve: "its name cannot be resolved",
    refused: "the connection was refused",
    unreachable: "no way leads there",
    timed_out: "it timed out",
    broken: "the connection broke",
    tls_expired: "TLS: the certificate has expired",
    tls_not_yet: "TLS: the certificate is not valid yet",
    tls_issuer: "TLS: the certificate is of an unknown authority",
    tls_name: "TLS: the certificate is for another name",
    tls_revoked: "TLS: the certificate was revoked",
    tls_file: "TLS: the file in “ssl_certificate” cannot be used",
    tls_no_roots: "TLS: this system has no certificate authorities",
    tls_none: "TLS: no TLS is spoken there",
    tls: "TLS: no secure connection came about",
    credentials: "the credentials are not accepted",
    permission: "the permission {scope} is missing",
    not_found: "not found",
    server: "server error {status}",
    not_offered: "not offered by this server",
    malformed: "the answer is not of the API’s form",
    aborted: "the call was ended",
};

const LENGTHS: Lengths = Lengths {
    seconds: "{seconds} s",
    minutes: "{minutes} min",
    hours: "{hours} h {minutes} min",
    days: "{days} d {hours} h",
};
