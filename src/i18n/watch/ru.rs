//! Russian.

use super::{Acknowledge, Maintenance, Muting, Tidying, Watch};
use crate::i18n::Forms;

pub(in crate::i18n) const WATCH: Watch = Watch {
    down: "{server} не работает: {reason}",
    still_down: "{server} всё ещё не работает: {reason}",
    since: "С {when}.",
    at_start: "Ответа не было уже при первой проверке в {when}; давно ли это так, неизвестно.",
    up: "{server} снова работает. Сбой длился {length}.",
    span: "С {from} до {until}.",
    certificate: Forms::three(
        "Сертификат сервера {server} истекает через {count} день",
        "Сертификат сервера {server} истекает через {count} дня",
        "Сертификат сервера {server} истекает через {count} дней",
    ),
    certificate_over: "Сертификат сервера {server} истёк",
    certificate_end: "Действует до {when}.",
    acknowledge: ACKNOWLEDGE,
    mute: MUTE,
    maintenance: MAINTENANCE,
    tidy: TIDY,
};

const ACKNOWLEDGE: Acknowledge = Acknowledge {
    button: "Принято",
    thanks: "Отмечено; остальные узнают, что вы этим занимаетесь.",
    told: "Сбоем сервера {server} занимается {who}.",
    mark: "Этим занимается {who}.",
    already: "Этим уже занимается {who}.",
    over: "Этот сбой уже позади.",
};

const MUTE: Muting = Muting {
    about: "Не присылать оповещения какое-то время",
    button: "Тишина на 2 ч",
    usage: "Укажите, на сколько: /mute 2h, или для одного сервера /mute 30m Офис. Команда /mute off вернёт оповещения. Не больше 30d.",
    one: "До {when} вы не получаете оповещений о сервере {server}. Если тогда он не будет работать, вы узнаете.",
    all: "До {when} вы не получаете оповещений. Что тогда не будет работать, вы узнаете.",
    ended: "Вы снова получаете оповещения.",
    none: "Вы получаете все оповещения.",
};

const MAINTENANCE: Maintenance = Maintenance {
    about: "Объявить обслуживание сервера",
    usage: "Укажите, на сколько, с какого времени, если не сейчас, и какой сервер: /maintenance 2h Офис, или /maintenance 2026-12-24 22:00 3h Офис. Команда /maintenance off Офис отменит его. Не больше 30d.",
    announced: "Обслуживание сервера {server} с {from} до {until}: если он тогда не работает, оповещений не будет.",
    told: "{who} объявляет обслуживание сервера {server} с {from} до {until}; в это время оповещений о нём не будет.",
    ended: "Обслуживание сервера {server} отменено.",
    told_ended: "{who} отменяет обслуживание сервера {server}.",
    none: "Обслуживание не объявлено.",
    heading: "Обслуживание",
    entry: "{server}: с {from} до {until}",
    past: "Это время уже прошло.",
    too_many: "Для одного сервера можно объявить не больше {count}.",
    which: "Какой сервер? Ваши: {names}",
    unknown: "Сервера {name} среди ваших нет. Ваши: {names}",
};

const TIDY: Tidying = Tidying {
    warn: "{topic} на сервере {server} похожа на забытую: {why}. Она будет остановлена в {when}.",
    warn_dry: "{topic} на сервере {server} похожа на забытую: {why}. Она была бы остановлена в {when}, но это пробный режим.",
    snooze: "Ещё один час",
    keep: "Пусть идёт",
    snoozed: "{who} даёт {topic} ещё один час.",
    kept: "{who} оставляет {topic} идти.",
    stopped: "{topic} на сервере {server} была забыта и теперь остановлена.",
    would_stop: "{topic} на сервере {server} была бы сейчас остановлена, но это пробный режим.",
    spared: "{topic} на сервере {server} больше не забыта и продолжается.",
    ended: "{topic} на сервере {server} закончилась сама.",
    failed: "{topic} на сервере {server} похожа на забытую, но остановить её не удалось: {reason}",
    late: "Эту конференцию уже не собираются останавливать.",
};
