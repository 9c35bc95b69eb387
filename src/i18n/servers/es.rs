//! Spanish.

use super::{Faults, Lengths, ServerButtons, ServerLists, Servers, States, Stopping};
use crate::i18n::Forms;

pub(in crate::i18n) const SERVERS: Servers = Servers {
    about_servers: "Servidores TrueConf y sus conferencias",
    open_page: "Conferencias",
    heading: "Servidores TrueConf",
    none_set: "Todavía no hay ningún servidor TrueConf en la configuración. Añade uno en «servers»; el archivo se lee en el próximo inicio.",
    not_yours: "Esto es solo para quienes cuidan de los servidores.",
    operators_only: "Eso solo pueden hacerlo los operadores de este servidor.",
    open_again: "Este botón ya no sirve. Abre el menú otra vez con /servers.",
    page_stale: "La página está desactualizada; vuelve a cargarla.",
    asking: "Preguntando a {server}…",
    failed: "No se pudo preguntar al servidor: {reason}",
    too_much: "Se está preguntando demasiado en este momento; inténtalo de nuevo en un rato.",
    states: STATES,
    buttons: BUTTONS,
    lists: LISTS,
    stop: STOP,
    faults: FAULTS,
    lengths: LENGTHS,
};

const STATES: States = States {
    up: "en marcha",
    down: "caído",
    unknown: "aún no se sabe",
    off: "sin vigilar",
    lasting: "{state} desde hace {length}",
    reason: "Motivo: {reason}",
    answers: "Ahora mismo respondió en {ms} ms.",
    silent: "Ahora mismo no respondió: {reason}",
    watched: "La vigilancia está activada, con una comprobación cada {length}.",
    unwatched: "La vigilancia está desactivada: el servidor no se comprueba.",
    uptime: "En marcha: {day} de las últimas 24 horas, {week} de 7 días, {month} de 30 días.",
    begun: "La vigilancia está activada.",
    ended: "La vigilancia está desactivada.",
};

const BUTTONS: ServerButtons = ServerButtons {
    status: "Estado",
    running: "Conferencias en curso",
    online: "Personas en línea",
    forgotten: "Conferencias olvidadas",
    back: "‹ Volver",
    refresh: "Actualizar",
    watch: "Activar la vigilancia",
    unwatch: "Desactivar la vigilancia",
    stop: "Detener {topic}",
    stop_now: "Detenerla",
    keep: "Dejarla en curso",
};

const LISTS: ServerLists = ServerLists {
    running: Forms::two("{count} conferencia en curso", "{count} conferencias en curso"),
    none_running: "No hay ninguna conferencia en curso.",
    forgotten: Forms::two(
        "{count} conferencia parece olvidada",
        "{count} conferencias parecen olvidadas",
    ),
    none_forgotten: "Ninguna conferencia parece olvidada.",
    untitled: "Sin título",
    owner: "propietario {owner}",
    people: Forms::two("{count} persona", "{count} personas"),
    people_unknown: "número de personas desconocido",
    control: "gestionar",
    online: Forms::two("{count} persona en línea", "{count} personas en línea"),
    nobody_online: "No hay nadie en línea.",
    free: "disponibles: {count}",
    busy: "ocupadas: {count}",
    in_conference: "en una conferencia: {count}",
    rule: "Regla: en curso desde hace {length} o más, y {what}.",
    rule_no_moderator: "nadie la modera",
    rule_alone: "un moderador está solo en ella",
    rule_none: "no se ha elegido ningún tipo de conferencia en la configuración",
    rule_or: "{one}, o {other}",
    rule_people: Forms::two(
        "Con {count} persona como máximo.",
        "Con {count} personas como máximo.",
    ),
    rule_exempt: "Nunca: {names}.",
    is_empty: "no hay nadie en ella",
    is_unmoderated: "nadie la modera",
    is_alone: "el moderador está solo en ella",
    not_looked_up: "no se pudo consultar: {reason}",
};

const STOP: Stopping = Stopping {
    ask: "¿Detener {topic} en {server}?",
    people: Forms::two("Hay {count} persona en ella.", "Hay {count} personas en ella."),
    people_unknown: "El servidor no dice cuántas personas hay en ella.",
    under_way: "Deteniendo {topic}…",
    done: "{topic} está detenida.",
    gone: "{topic} ya había terminado por sí sola.",
    replaced: "{topic} había terminado y mientras tanto empezó de nuevo. La nueva sesión no se tocó.",
    failed: "No se pudo detener {topic}: {reason}",
    unclear: "No es seguro que {topic} se haya detenido: {reason}. Vuelve a mirar la lista.",
    told: "{who} detuvo {topic} en {server}.",
    other_stops: "{who} está deteniendo esta conferencia.",
    other_stopped: "{who} ya ha detenido esta conferencia.",
    expired: "Esta pregunta tiene más de dos minutos. No se detuvo nada; abre la lista otra vez.",
    not_asked: "Esta pregunta era para otra persona.",
    over: "Esta conferencia ya no está en curso.",
    impossible: "Esta llamada no tiene ID de conferencia y no se puede detener desde aquí.",
};

const FAULTS: Faults = Faults {
    resolve: "no se puede resolver su nombre",
    refused: "se rechazó la conexión",
    unreachable: "no hay camino hasta él",
    timed_out: "se agotó el tiempo de espera",
    broken: "se cortó la conexión",
    tls_expired: "TLS: el certificado ha caducado",
    tls_not_yet: "TLS: el certificado aún no es válido",
    tls_issuer: "TLS: el certificado es de una autoridad desconocida",
    tls_name: "TLS: el certificado es para otro nombre",
    tls_revoked: "TLS: el certificado fue revocado",
    tls_file: "TLS: el archivo de «ssl_certificate» no sirve",
    tls_no_roots: "TLS: este sistema no tiene autoridades de certificación",
    tls_none: "TLS: allí no se habla TLS",
    tls: "TLS: no se pudo establecer una conexión segura",
    credentials: "no se aceptan las credenciales",
    permission: "falta el permiso {scope}",
    not_found: "no encontrado",
    server: "error del servidor {status}",
    not_offered: "este servidor no lo ofrece",
    malformed: "la respuesta no tiene la forma de la API",
    aborted: "se interrumpió la llamada",
};

const LENGTHS: Lengths = Lengths {
    seconds: "{seconds} s",
    minutes: "{minutes} min",
    hours: "{hours} h {minutes} min",
    days: "{days} d {hours} h",
};
