//! The first day in Spanish.

use super::First;

pub(in crate::i18n) const FIRST: First = First {
    description: "Eventos a los que apuntarse, con recordatorios y calendario, y mensajes que se leen una sola vez. Pulsa Iniciar.",
    short_description: "Eventos a los que te apuntas con un toque, y mensajes que se leen una sola vez.",
    now_admin: "Ahora administras este bot.",
    is_admin: "Ya administras este bot; el código no hacía falta.",
    no_code: "Este código no vale, o ya no. Quien lleva el bot obtiene otro con: roost admin-code",
    told: "{who} administra ahora el bot, gracias a un código de un solo uso.",
};
