//! German.

use super::{Faults, Lengths, ServerButtons, ServerLists, Servers, States, Stopping};
use crate::i18n::Forms;

pub(in crate::i18n) const SERVERS: Servers = Servers {
    about_servers: "TrueConf-Server und ihre Konferenzen",
    open_page: "Konferenzen",
    heading: "TrueConf-Server",
    none_set: "In den Einstellungen steht noch kein TrueConf-Server. Trage einen unter „servers“ ein; die Datei wird beim nächsten Start gelesen.",
    not_yours: "Das ist nur für Leute, die sich um die Server kümmern.",
    operators_only: "Das dürfen nur Operatoren dieses Servers.",
    open_again: "Diese Schaltfläche ist veraltet. Öffne das Menü neu mit /servers.",
    asking: "{server} wird gefragt …",
    failed: "Der Server konnte nicht gefragt werden: {reason}",
    too_much: "Gerade wird zu viel gefragt; versuche es gleich noch einmal.",
    states: STATES,
    buttons: BUTTONS,
    lists: LISTS,
    stop: STOP,
    faults: FAULTS,
    lengths: LENGTHS,
};

const STATES: States = States {
    up: "läuft",
    down: "ausgefallen",
    unknown: "noch nicht bekannt",
    off: "nicht überwacht",
    lasting: "{state} seit {length}",
    reason: "Grund: {reason}",
    answers: "Gerade eben hat er innerhalb von {ms} ms geantwortet.",
    silent: "Gerade eben hat er nicht geantwortet: {reason}",
    watched: "Die Überwachung ist an; geprüft wird alle {length}.",
    unwatched: "Die Überwachung ist aus: Der Server wird nicht geprüft.",
    uptime: "Erreichbar: {day} der letzten 24 Stunden, {week} von 7 Tagen, {month} von 30 Tagen.",
    begun: "Die Überwachung ist an.",
    ended: "Die Überwachung ist aus.",
};

const BUTTONS: ServerButtons = ServerButtons {
    status: "Zustand",
    running: "Laufende Konferenzen",
    online: "Wer online ist",
    forgotten: "Vergessene Konferenzen",
    back: "‹ Zurück",
    refresh: "Aktualisieren",
    watch: "Überwachung einschalten",
    unwatch: "Überwachung ausschalten",
    stop: "{topic} beenden",
    stop_now: "Beenden",
    keep: "Weiterlaufen lassen",
};

const LISTS: ServerLists = ServerLists {
    running: Forms::two("{count} Konferenz läuft", "{count} Konferenzen laufen"),
    none_running: "Es läuft keine Konferenz.",
    forgotten: Forms::two(
        "{count} Konferenz wirkt vergessen",
        "{count} Konferenzen wirken vergessen",
    ),
    none_forgotten: "Keine Konferenz wirkt vergessen.",
    untitled: "Ohne Titel",
    owner: "Besitzer {owner}",
    people: Forms::two("{count} Person", "{count} Personen"),
    people_unknown: "Personenzahl nicht bekannt",
    control: "verwalten",
    online: Forms::two("{count} Person ist online", "{count} Personen sind online"),
    nobody_online: "Niemand ist online.",
    free: "verfügbar: {count}",
    busy: "beschäftigt: {count}",
    in_conference: "in einer Konferenz: {count}",
    rule: "Regel: läuft seit mindestens {length}, und {what}.",
    rule_no_moderator: "niemand darin moderiert",
    rule_alone: "ein Moderator ist allein darin",
    rule_none: "in den Einstellungen ist keine Art von Konferenz gewählt",
    rule_or: "{one} oder {other}",
    rule_people: Forms::two("Höchstens {count} Person darin.", "Höchstens {count} Personen darin."),
    rule_exempt: "Nie: {names}.",
    is_empty: "niemand ist darin",
    is_unmoderated: "niemand darin moderiert",
    is_alone: "der Moderator ist allein darin",
    not_looked_up: "konnte nicht nachgesehen werden: {reason}",
};

const STOP: Stopping = Stopping {
    ask: "{topic} auf {server} beenden?",
    people: Forms::two("{count} Person ist darin.", "{count} Personen sind darin."),
    people_unknown: "Der Server sagt nicht, wie viele Personen darin sind.",
    under_way: "{topic} wird beendet …",
    done: "{topic} ist beendet.",
    gone: "{topic} war schon von selbst zu Ende.",
    replaced: "{topic} war zu Ende und wurde inzwischen neu gestartet. Der neue Lauf blieb unberührt.",
    failed: "{topic} konnte nicht beendet werden: {reason}",
    unclear: "Ob {topic} beendet wurde, ist nicht sicher: {reason}. Sieh in der Liste nach.",
    told: "{who} hat {topic} auf {server} beendet.",
    other_stops: "{who} beendet diese Konferenz gerade.",
    other_stopped: "{who} hat diese Konferenz schon beendet.",
    expired: "Diese Frage ist älter als zwei Minuten. Nichts wurde beendet; öffne die Liste neu.",
    not_asked: "Diese Frage war für jemand anderen.",
    over: "Diese Konferenz läuft nicht mehr.",
    impossible: "Dieser Anruf hat keine Konferenz-ID und lässt sich von hier nicht beenden.",
};

const FAULTS: Faults = Faults {
    resolve: "sein Name lässt sich nicht auflösen",
    refused: "die Verbindung wurde abgelehnt",
    unreachable: "kein Weg führt dorthin",
    timed_out: "Zeitüberschreitung",
    broken: "die Verbindung ist abgebrochen",
    tls_expired: "TLS: Das Zertifikat ist abgelaufen",
    tls_not_yet: "TLS: Das Zertifikat gilt noch nicht",
    tls_issuer: "TLS: Das Zertifikat ist von einer unbekannten Stelle",
    tls_name: "TLS: Das Zertifikat ist für einen anderen Namen",
    tls_revoked: "TLS: Das Zertifikat wurde widerrufen",
    tls_file: "TLS: Die Datei in „ssl_certificate“ ist nicht brauchbar",
    tls_no_roots: "TLS: Dieses System kennt keine Zertifizierungsstellen",
    tls_none: "TLS: Dort wird kein TLS gesprochen",
    tls: "TLS: Es kam keine sichere Verbindung zustande",
    credentials: "die Zugangsdaten werden nicht angenommen",
    permission: "die Berechtigung {scope} fehlt",
    not_found: "nicht gefunden",
    server: "Serverfehler {status}",
    not_offered: "bietet dieser Server nicht an",
    malformed: "die Antwort hat nicht die Form der API",
    aborted: "der Aufruf wurde abgebrochen",
};

const LENGTHS: Lengths = Lengths {
    seconds: "{seconds} s",
    minutes: "{minutes} Min.",
    hours: "{hours} Std. {minutes} Min.",
    days: "{days} Tg. {hours} Std.",
};
