//! The first day in German.

use super::First;

pub(in crate::i18n) const FIRST: First = First {
    description: "Veranstaltungen, an denen man teilnimmt, mit Erinnerungen und Kalender, und Nachrichten, die sich einmal lesen lassen. Drücke auf Start.",
    short_description: "Veranstaltungen, zu denen man mit einem Tippen zusagt, und einmalige Nachrichten.",
    now_admin: "Du bist jetzt Admin dieses Bots.",
    is_admin: "Du bist schon Admin; der Code war nicht nötig.",
    no_code: "Dieser Code gilt nicht oder nicht mehr. Wer den Bot betreibt, bekommt einen neuen mit: roost admin-code",
    told: "{who} ist jetzt Admin, durch einen einmaligen Code.",
};
