//! German.

use super::{Acknowledge, Maintenance, Muting, Tidying, Watch};
use crate::i18n::Forms;

pub(in crate::i18n) const WATCH: Watch = Watch {
    down: "{server} ist ausgefallen: {reason}",
    still_down: "{server} ist immer noch ausgefallen: {reason}",
    since: "Seit {when}.",
    at_start: "Schon bei der ersten Prüfung um {when} kam keine Antwort; wie lange das so ist, ist nicht bekannt.",
    up: "{server} läuft wieder. Der Ausfall dauerte {length}.",
    span: "Von {from} bis {until}.",
    certificate: Forms::two(
        "Das Zertifikat von {server} läuft in {count} Tag ab",
        "Das Zertifikat von {server} läuft in {count} Tagen ab",
    ),
    certificate_over: "Das Zertifikat von {server} ist abgelaufen",
    certificate_end: "Sein letzter Moment: {when}.",
    acknowledge: ACKNOWLEDGE,
    mute: MUTE,
    maintenance: MAINTENANCE,
    tidy: TIDY,
};

const ACKNOWLEDGE: Acknowledge = Acknowledge {
    button: "Ich kümmere mich",
    thanks: "Vermerkt; die anderen erfahren, dass du dich kümmerst.",
    told: "{who} kümmert sich um den Ausfall von {server}.",
    mark: "{who} kümmert sich darum.",
    already: "{who} kümmert sich schon darum.",
    over: "Dieser Ausfall ist vorbei.",
};

const MUTE: Muting = Muting {
    about: "Eine Zeit lang keine Warnungen",
    button: "2 Std. stumm",
    usage: "Sag, wie lange: /mute 2h, oder für einen Server /mute 30m Zentrale. Mit /mute off kommen die Warnungen wieder. Höchstens 30d.",
    one: "Bis {when} bekommst du keine Warnungen zu {server}. Was dann noch ausgefallen ist, erfährst du.",
    all: "Bis {when} bekommst du keine Warnungen. Was dann noch ausgefallen ist, erfährst du.",
    ended: "Du bekommst wieder Warnungen.",
    none: "Du bekommst alle Warnungen.",
};

const MAINTENANCE: Maintenance = Maintenance {
    about: "Wartung eines Servers ankündigen",
    usage: "Sag, wie lange, ab wann, wenn nicht ab jetzt, und welcher Server: /maintenance 2h Zentrale, oder /maintenance 2026-12-24 22:00 3h Zentrale. Mit /maintenance off Zentrale sagst du sie ab. Höchstens 30d.",
    announced: "Wartung von {server} von {from} bis {until}: Fällt er dann aus, wird niemand gewarnt.",
    told: "{who} hat eine Wartung von {server} angekündigt, von {from} bis {until}; so lange gibt es dazu keine Warnungen.",
    ended: "Die Wartung von {server} ist abgesagt.",
    told_ended: "{who} hat die Wartung von {server} abgesagt.",
    none: "Es ist keine Wartung angekündigt.",
    heading: "Wartung",
    entry: "{server}: von {from} bis {until}",
    past: "Das wäre schon vorbei.",
    too_many: "Mehr als {count} lassen sich für einen Server nicht ankündigen.",
    which: "Welcher Server? Deine sind: {names}",
    unknown: "Um einen Server namens {name} kümmerst du dich nicht. Deine sind: {names}",
};

const TIDY: Tidying = Tidying {
    warn: "{topic} auf {server} wirkt vergessen: {why}. Sie wird um {when} beendet.",
    warn_dry: "{topic} auf {server} wirkt vergessen: {why}. Sie würde um {when} beendet, aber dies ist ein Probelauf.",
    snooze: "Noch eine Stunde",
    keep: "Weiterlaufen lassen",
    snoozed: "{who} gibt {topic} noch eine Stunde.",
    kept: "{who} lässt {topic} weiterlaufen.",
    stopped: "{topic} auf {server} war vergessen und ist jetzt beendet.",
    would_stop: "{topic} auf {server} wäre jetzt beendet worden, aber dies ist ein Probelauf.",
    spared: "{topic} auf {server} ist nicht mehr vergessen und läuft weiter.",
    ended: "{topic} auf {server} ist von selbst zu Ende gegangen.",
    failed: "{topic} auf {server} wirkt vergessen, ließ sich aber nicht beenden: {reason}",
    late: "Diese Konferenz soll nicht mehr beendet werden.",
};
