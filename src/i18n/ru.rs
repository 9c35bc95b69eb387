//! Russian.

use super::Sentences;

pub(super) const SENTENCES: Sentences = Sentences {
    login_required: "Сначала нужно войти",
    unknown_app: "Такого приложения нет",
    unknown_command: "Неизвестная команда",
    invalid_message: "Сообщение должно быть JSON-объектом в текстовом кадре",
    too_fast: "Слишком быстро; подождите немного",
    busy: "Сервер занят; попробуйте ещё раз",
    internal: "Внутренняя ошибка сервера; ничего не изменено",
    login_invalid: "Telegram не подтвердил, кто вы; откройте приложение из бота ещё раз",
    login_expired: "Страница открыта слишком давно; откройте её из бота ещё раз",
    login_banned: "Вы не можете пользоваться этим приложением",
    login_too_many: "Приложение открыто в слишком многих местах; закройте лишние",
    not_admin: "Вы не администратор",
    unknown_bot_command: "Я не знаю такой команды; список есть в /help",
    view_events: "Показать события",
};
