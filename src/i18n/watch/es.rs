//! Spanish.

use super::{Acknowledge, Maintenance, Muting, Tidying, Watch};
use crate::i18n::Forms;

pub(in crate::i18n) const WATCH: Watch = Watch {
    down: "{server} está caído: {reason}",
    still_down: "{server} sigue caído: {reason}",
    since: "Desde {when}.",
    at_start: "Ya no respondió a la primera comprobación ({when}); no se sabe desde cuándo es así.",
    up: "{server} vuelve a funcionar. Estuvo caído {length}.",
    span: "De {from} a {until}.",
    certificate: Forms::two(
        "El certificado de {server} caduca en {count} día",
        "El certificado de {server} caduca en {count} días",
    ),
    certificate_over: "El certificado de {server} ha caducado",
    certificate_end: "Su último momento: {when}.",
    acknowledge: ACKNOWLEDGE,
    mute: MUTE,
    maintenance: MAINTENANCE,
    tidy: TIDY,
};

const ACKNOWLEDGE: Acknowledge = Acknowledge {
    button: "Me encargo",
    thanks: "Anotado; los demás sabrán que te encargas.",
    told: "{who} se encarga de la caída de {server}.",
    mark: "{who} se encarga.",
    already: "{who} ya se encarga.",
    over: "Esta caída ya ha terminado.",
};

const MUTE: Muting = Muting {
    about: "Sin avisos durante un tiempo",
    button: "Silencio 2 h",
    usage: "Di por cuánto tiempo: /mute 2h, o para un servidor /mute 30m Central. Con /mute off vuelven los avisos. Como mucho 30d.",
    one: "Hasta {when} no recibes avisos de {server}. Si entonces sigue caído, lo sabrás.",
    all: "Hasta {when} no recibes avisos. Lo que entonces siga caído, lo sabrás.",
    ended: "Vuelves a recibir avisos.",
    none: "Recibes todos los avisos.",
};

const MAINTENANCE: Maintenance = Maintenance {
    about: "Anunciar mantenimiento de un servidor",
    usage: "Di por cuánto tiempo, desde cuándo si no es desde ahora, y qué servidor: /maintenance 2h Central, o /maintenance 2026-12-24 22:00 3h Central. Con /maintenance off Central se anula. Como mucho 30d.",
    announced: "Mantenimiento de {server} de {from} a {until}: si entonces cae, no se avisa a nadie.",
    told: "{who} ha anunciado mantenimiento de {server} de {from} a {until}; en ese tiempo no hay avisos.",
    ended: "El mantenimiento de {server} queda anulado.",
    told_ended: "{who} ha anulado el mantenimiento de {server}.",
    none: "No hay mantenimiento anunciado.",
    heading: "Mantenimiento",
    entry: "{server}: de {from} a {until}",
    past: "Eso ya habría terminado.",
    too_many: "No se pueden anunciar más de {count} para un servidor.",
    which: "¿Qué servidor? Los tuyos son: {names}",
    unknown: "No cuidas de ningún servidor llamado {name}. Los tuyos son: {names}",
};

const TIDY: Tidying = Tidying {
    warn: "{topic} en {server} parece olvidada: {why}. Se detendrá a las {when}.",
    warn_dry: "{topic} en {server} parece olvidada: {why}. Se detendría a las {when}, pero esto es un ensayo.",
    snooze: "Una hora más",
    keep: "Dejar que siga",
    snoozed: "{who} da una hora más a {topic}.",
    kept: "{who} deja que {topic} siga.",
    stopped: "{topic} en {server} estaba olvidada y se ha detenido ahora.",
    would_stop: "{topic} en {server} se habría detenido ahora, pero esto es un ensayo.",
    spared: "{topic} en {server} ya no está olvidada y sigue.",
    ended: "{topic} en {server} ha terminado por sí sola.",
    failed: "{topic} en {server} parece olvidada, pero no se pudo detener: {reason}",
    late: "Esta conferencia ya no está a punto de detenerse.",
};
