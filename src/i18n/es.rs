//! Spanish.

use super::Sentences;

pub(super) const SENTENCES: Sentences = Sentences {
    login_required: "Primero tienes que iniciar sesión",
    unknown_app: "Esa aplicación no existe",
    unknown_command: "Orden desconocida",
    invalid_message: "Los mensajes deben ser objetos JSON en tramas de texto",
    too_fast: "Demasiado rápido; espera un momento",
    busy: "El servidor está ocupado; inténtalo de nuevo",
    internal: "Error interno del servidor; no se ha cambiado nada",
    login_invalid: "Telegram no ha confirmado quién eres; abre la aplicación de nuevo desde el bot",
    login_expired: "Esta página se abrió hace demasiado tiempo; ábrela de nuevo desde el bot",
    login_banned: "No puedes usar esta aplicación",
    login_too_many: "La aplicación está abierta en demasiados sitios; cierra algunos",
    not_admin: "No eres administrador",
    unknown_bot_command: "No conozco esa orden; /help muestra las que conozco",
    view_events: "Ver eventos",
};
