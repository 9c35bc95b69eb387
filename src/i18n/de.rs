//! German.

use super::Sentences;

pub(super) const SENTENCES: Sentences = Sentences {
    login_required: "Bitte melde dich zuerst an",
    unknown_app: "Diese App gibt es nicht",
    unknown_command: "Unbekannter Befehl",
    invalid_message: "Nachrichten müssen JSON-Objekte in Text-Frames sein",
    too_fast: "Das war zu schnell; bitte warte einen Moment",
    busy: "Der Server ist beschäftigt; bitte versuche es noch einmal",
    internal: "Interner Fehler; es wurde nichts geändert",
    login_invalid: "Telegram hat nicht bestätigt, wer du bist; bitte öffne die App noch einmal über den Bot",
    login_expired: "Diese Seite wurde vor zu langer Zeit geöffnet; bitte öffne sie noch einmal über den Bot",
    login_banned: "Du kannst diese App nicht benutzen",
    login_too_many: "Die App ist an zu vielen Stellen geöffnet; bitte schließe einige davon",
    not_admin: "Du bist kein Admin",
    unknown_bot_command: "Diesen Befehl kenne ich nicht; /help zeigt alle",
    view_events: "Veranstaltungen ansehen",
};
