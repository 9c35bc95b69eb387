//! `/users`: everybody the bot knows, page by page.

use crate::apps::{Roles, Talk, is_private};
use crate::i18n::{House, fill};
use crate::store::users::{self, User};
use crate::store::{StoreError, Tx};
use crate::telegram::outgoing::{Button, CallbackData, Keyboard, Outgoing};
use crate::telegram::{html, sender};

/// People on a page: with the longest names and all marks that is still one message.
const PER_PAGE: usize = 20;

/// The longest part of a name that is shown, in UTF-16 units.
const NAME_MAX: usize = 64;

/// How the data of the pager's buttons begin.
const PAGE: &str = "h:users:";

/// The first page, as a new message.
pub(super) fn list(tx: &Tx, talk: &Talk, roles: &Roles) -> Result<(), StoreError> {
    if !is_private(tx, talk)? {
        return Ok(());
    }
    turn(tx, talk, roles, None, 0)
}

/// The page a button leads to.
pub(super) fn page_of(data: &str) -> Option<usize> {
    data.strip_prefix(PAGE)?.parse().ok()
}

/// Shows `page` in place of `message`, or as a new one.
pub(super) fn turn(
    tx: &Tx,
    talk: &Talk,
    roles: &Roles,
    message: Option<i64>,
    page: usize,
) -> Result<(), StoreError> {
    let count = users::count(tx)?;
    let pages = usize::try_from(count).unwrap_or(usize::MAX).div_ceil(PER_PAGE).max(1);
    let page = page.min(pages - 1);
    let people = users::page(tx, page * PER_PAGE, PER_PAGE)?;
    let language = talk.asked.by.language;
    let house = &language.sentences().house;
    let mut text = house.users_heading.counted(language, count);
    if pages > 1 {
        text = format!("{text} · {}", page_name(house, page, pages));
    }
    text.extend(people.iter().map(|user| format!("\n{}", line(user, roles, house))));
    let call = match message {
        Some(message) => Outgoing::edit_text(talk.chat, message, &text),
        None => Outgoing::message(talk.chat, &text),
    };
    sender::post(tx, call.with_buttons(&pager(house, page, pages)))
}

/// A person by name and id, safe in markup.
pub(super) fn who(user: &User) -> String {
    if user.name.is_empty() {
        return user.id.to_string();
    }
    format!("{} ({})", html::quoted(&html::truncate_plain(&user.name, NAME_MAX)), user.id)
}

fn page_name(house: &House, page: usize, pages: usize) -> String {
    fill(house.page, &[("page", &(page + 1).to_string()), ("pages", &pages.to_string())])
}

fn line(user: &User, roles: &Roles, house: &House) -> String {
    let name = match user.name.as_str() {
        "" => house.nameless.to_owned(),
        name => html::quoted(&html::truncate_plain(name, NAME_MAX)),
    };
    let mut line = format!("<code>{}</code> {name}", user.id);
    for mark in marks(user, roles, house) {
        line.push_str(" · ");
        line.push_str(mark);
    }
    line
}

fn marks<'a>(
    user: &User,
    roles: &Roles,
    house: &'a House,
) -> impl Iterator<Item = &'a str> + use<'a> {
    let (admin, banned) = (roles.admins.contains(&user.id), roles.banned.contains(&user.id));
    [
        (admin, house.mark_settings_admin),
        (user.is_admin && !admin, house.mark_admin),
        (banned, house.mark_settings_banned),
        (user.banned && !banned, house.mark_banned),
        (!user.reachable, house.mark_unreachable),
    ]
    .into_iter()
    .filter_map(|(is, mark)| is.then_some(mark))
}

fn pager(house: &House, page: usize, pages: usize) -> Keyboard {
    let button = |label, page: usize| {
        Some(Button::callback(label, CallbackData::new(format!("{PAGE}{page}"))?))
    };
    let previous = page.checked_sub(1).and_then(|page| button(house.previous, page));
    let next = (page + 1 < pages).then(|| button(house.next, page + 1)).flatten();
    Keyboard::new().row(previous.into_iter().chain(next))
}
