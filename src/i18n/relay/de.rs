//! The relay in German.

use super::{Forms, Relay};

pub(in crate::i18n) const RELAY: Relay = Relay {
    about_relay: "Wohin Updates weitergegeben werden",
    no_sinks: "Updates werden an niemanden weitergegeben: die Einstellungen nennen kein Ziel.",
    has_all: "{sink} ({type}): hat alles",
    waits: "{sink} ({type}): {count} warten, das älteste seit {age}",
    replaying: "bekommt ältere Updates noch einmal",
    trouble: "letzte Schwierigkeit: {reason}",
    dead: Forms::two("{count} Update endgültig abgelehnt", "{count} Updates endgültig abgelehnt"),
    fills: "Das Log der Updates ist zu {percent} % voll: {count} warten auf {reader}, das älteste seit {age}. Wenn es voll ist, behält Telegram weitere Updates, höchstens einen Tag lang. /relay zeigt, wer nicht nachkommt.",
    full: "Das Log der Updates ist voll: {count} warten auf {reader}, das älteste seit {age}. Bis wieder Platz ist, behält Telegram weitere Updates, höchstens einen Tag lang, und ich höre nichts. /relay zeigt, wer nicht nachkommt.",
    seconds: "{count} s",
    minutes: "{count} min",
    hours: "{count} h",
    days: "{count} d",
};
