//! The relay in Spanish.

use super::{Forms, Relay};

pub(in crate::i18n) const RELAY: Relay = Relay {
    about_relay: "A quién se pasan las actualizaciones",
    no_sinks: "Las actualizaciones no se pasan a nadie: los ajustes no nombran ningún destino.",
    has_all: "{sink} ({type}): lo tiene todo",
    waits: "{sink} ({type}): esperan {count}, la más antigua desde hace {age}",
    replaying: "recibe otra vez actualizaciones anteriores",
    trouble: "último problema: {reason}",
    dead: Forms::two(
        "{count} actualización rechazada para siempre",
        "{count} actualizaciones rechazadas para siempre",
    ),
    fills: "El registro de actualizaciones está al {percent} %: {count} esperan a {reader}, la más antigua desde hace {age}. Cuando esté lleno, Telegram guardará las siguientes, como mucho un día. /relay muestra quién se retrasa.",
    full: "El registro de actualizaciones está lleno: {count} esperan a {reader}, la más antigua desde hace {age}. Hasta que haya sitio, Telegram guarda las siguientes, como mucho un día, y no oigo nada. /relay muestra quién se retrasa.",
    seconds: "{count} s",
    minutes: "{count} min",
    hours: "{count} h",
    days: "{count} d",
};
