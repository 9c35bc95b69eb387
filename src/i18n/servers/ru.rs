//! Russian.

use super::{Faults, Lengths, ServerButtons, ServerLists, Servers, States, Stopping};
use crate::i18n::Forms;

pub(in crate::i18n) const SERVERS: Servers = Servers {
    about_servers: "Серверы TrueConf и их конференции",
    open_page: "Конференции",
    heading: "Серверы TrueConf",
    none_set: "В настройках пока нет ни одного сервера TrueConf. Добавьте его в «servers»; файл читается при следующем запуске.",
    not_yours: "Это только для тех, кто присматривает за серверами.",
    operators_only: "Это могут только операторы этого сервера.",
    open_again: "Эта кнопка устарела. Откройте меню заново: /servers.",
    page_stale: "Страница устарела; загрузите её заново.",
    asking: "Спрашиваю {server}…",
    failed: "Не удалось спросить сервер: {reason}",
    too_much: "Сейчас слишком много запросов; попробуйте чуть позже.",
    states: STATES,
    buttons: BUTTONS,
    lists: LISTS,
    stop: STOP,
    faults: FAULTS,
    lengths: LENGTHS,
};

const STATES: States = States {
    up: "работает",
    down: "не работает",
    unknown: "пока неизвестно",
    off: "не отслеживается",
    lasting: "{state} уже {length}",
    reason: "Причина: {reason}",
    answers: "Только что ответил за {ms} мс.",
    silent: "Только что не ответил: {reason}",
    watched: "Мониторинг включён, проверка каждые {length}.",
    unwatched: "Мониторинг выключен: сервер не проверяется.",
    uptime: "Работал {day} последних 24 часов, {week} за 7 дней, {month} за 30 дней.",
    begun: "Мониторинг включён.",
    ended: "Мониторинг выключен.",
};

const BUTTONS: ServerButtons = ServerButtons {
    status: "Состояние",
    running: "Идущие конференции",
    online: "Кто в сети",
    forgotten: "Забытые конференции",
    back: "‹ Назад",
    refresh: "Обновить",
    watch: "Включить мониторинг",
    unwatch: "Выключить мониторинг",
    stop: "Остановить {topic}",
    stop_now: "Остановить",
    keep: "Пусть идёт",
};

const LISTS: ServerLists = ServerLists {
    running: Forms::three(
        "Идёт {count} конференция",
        "Идут {count} конференции",
        "Идёт {count} конференций",
    ),
    none_running: "Ни одной конференции не идёт.",
    forgotten: Forms::three(
        "Похоже, забыта {count} конференция",
        "Похоже, забыты {count} конференции",
        "Похоже, забыто {count} конференций",
    ),
    none_forgotten: "Забытых конференций нет.",
    untitled: "Без названия",
    owner: "владелец {owner}",
    people: Forms::three("{count} участник", "{count} участника", "{count} участников"),
    people_unknown: "число участников неизвестно",
    control: "управление",
    online: Forms::three(
        "В сети {count} человек",
        "В сети {count} человека",
        "В сети {count} человек",
    ),
    nobody_online: "В сети никого нет.",
    free: "свободны: {count}",
    busy: "заняты: {count}",
    in_conference: "в конференции: {count}",
    rule: "Правило: идёт {length} или дольше, и {what}.",
    rule_no_moderator: "в ней никто не модерирует",
    rule_alone: "модератор в ней один",
    rule_none: "в настройках не выбран ни один вид конференций",
    rule_or: "{one} или {other}",
    rule_people: Forms::three(
        "Не больше {count} участника.",
        "Не больше {count} участников.",
        "Не больше {count} участников.",
    ),
    rule_exempt: "Никогда: {names}.",
    is_empty: "в ней никого нет",
    is_unmoderated: "в ней никто не модерирует",
    is_alone: "модератор в ней один",
    not_looked_up: "не удалось посмотреть: {reason}",
};

const STOP: Stopping = Stopping {
    ask: "Остановить {topic} на сервере {server}?",
    people: Forms::three(
        "В ней {count} участник.",
        "В ней {count} участника.",
        "В ней {count} участников.",
    ),
    people_unknown: "Сервер не сообщает, сколько в ней участников.",
    under_way: "Останавливаю {topic}…",
    done: "Конференция {topic} остановлена.",
    gone: "Конференция {topic} уже закончилась сама.",
    replaced: "Конференция {topic} закончилась и тем временем началась заново. Новую я не тронул.",
    failed: "Не удалось остановить {topic}: {reason}",
    unclear: "Неясно, остановлена ли {topic}: {reason}. Посмотрите список ещё раз.",
    told: "{who}: остановлена конференция {topic} на сервере {server}.",
    other_stops: "Эту конференцию как раз останавливает {who}.",
    other_stopped: "Эту конференцию уже остановил другой оператор: {who}.",
    expired: "Этому вопросу больше двух минут. Ничего не остановлено; откройте список заново.",
    not_asked: "Этот вопрос был не вам.",
    over: "Эта конференция больше не идёт.",
    impossible: "У этого звонка нет ID конференции, отсюда его не остановить.",
};

const FAULTS: Faults = Faults {
    resolve: "имя не находится в DNS",
    refused: "в соединении отказано",
    unreachable: "туда нет пути",
    timed_out: "время ожидания истекло",
    broken: "соединение оборвалось",
    tls_expired: "TLS: срок сертификата истёк",
    tls_not_yet: "TLS: сертификат ещё не действует",
    tls_issuer: "TLS: сертификат выдан неизвестным центром",
    tls_name: "TLS: сертификат на другое имя",
    tls_revoked: "TLS: сертификат отозван",
    tls_file: "TLS: файл из «ssl_certificate» не подходит",
    tls_no_roots: "TLS: в этой системе нет центров сертификации",
    tls_none: "TLS: там не говорят по TLS",
    tls: "TLS: защищённое соединение не получилось",
    credentials: "учётные данные не приняты",
    permission: "не хватает права {scope}",
    not_found: "не найдено",
    server: "ошибка сервера {status}",
    not_offered: "этот сервер такого не предлагает",
    malformed: "ответ не похож на ответ API",
    aborted: "вызов прерван",
};

const LENGTHS: Lengths = Lengths {
    seconds: "{seconds} с",
    minutes: "{minutes} мин",
    hours: "{hours} ч {minutes} мин",
    days: "{days} д {hours} ч",
};
