//! `/makeadmin`, `/removeadmin`, `/ban` and `/unban`: who may do what, changed at run time.

use super::people::who;
use super::{House, say};
use crate::apps::{Person, Roles, Talk, language_of};
use crate::i18n::{self, fill};
use crate::ids::{ChatId, UserId};
use crate::store::users::{self, User};
use crate::store::{StoreError, Tx};
use crate::telegram::outgoing::{Outgoing, Scope};
use crate::telegram::{html, sender};

/// Ids of Telegram have at most 52 significant bits (Bot API `User.id`).
const MAX_ID: i64 = (1 << 52) - 1;

/// A change of somebody's rights, or why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    MadeAdmin,
    AlreadyAdmin,
    RemovedAdmin,
    NoAdmin,
    AdminBySettings,
    Banned,
    AlreadyBanned,
    Unbanned,
    NotBanned,
    BannedBySettings,
    UnbanFirst,
    NotYourself,
}

impl House {
    /// Carries out `command` on the person named in `arguments`.
    pub(super) fn change_rights(
        &self,
        tx: &Tx,
        talk: &Talk,
        command: &str,
        arguments: &str,
    ) -> Result<(), StoreError> {
        let house = &talk.asked.by.language.sentences().house;
        let argument = arguments.trim();
        if argument.is_empty() {
            let need = fill(house.need_user, &[("command", &format!("/{command}"))]);
            return say(tx, talk, &html::escape(&need));
        }
        let Some(id) = user_id(argument) else {
            return say(tx, talk, &html::escape(house.bad_user));
        };
        let before = users::find_or_unknown(tx, id)?;
        let mut user = before.clone();
        let verdict = judge(&mut user, &self.context.roles, talk.asked.by.id, command);
        if user != before {
            users::save(tx, &user)?;
            self.fit_menu(tx, &before, &user)?;
        }
        say(tx, talk, &fill(&html::escape(sentence(verdict, house)), &[("who", &who(&user))]))
    }

    /// Gives or takes the menu of admins.
    fn fit_menu(&self, tx: &Tx, before: &User, user: &User) -> Result<(), StoreError> {
        if before.is_admin == user.is_admin {
            return Ok(());
        }
        let chat = ChatId::from(user.id);
        let language = language_of(user.language.as_deref(), self.context.language);
        let person = Person {
            is_admin: self.context.roles.is_admin(user),
            ..Person::named(user.id, &self.context.roles, language)
        };
        if self.offers_more_to(&person) {
            return self.show_menu(tx, chat, &person);
        }
        sender::post(tx, Outgoing::no_commands(Scope::Chat { chat_id: chat }))
    }
}

/// Reads the id of a person.
fn user_id(text: &str) -> Option<UserId> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let id = text.parse().ok().filter(|id| digits && (1..=MAX_ID).contains(id))?;
    Some(UserId(id))
}

/// Changes `user` as `by` asks with `command`. What the settings say stays.
fn judge(user: &mut User, roles: &Roles, by: UserId, command: &str) -> Verdict {
    match command {
        "makeadmin" => make_admin(user, roles),
        "removeadmin" => remove_admin(user, roles),
        "ban" => ban(user, roles, by),
        _ => unban(user, roles),
    }
}

fn make_admin(user: &mut User, roles: &Roles) -> Verdict {
    if roles.banned.contains(&user.id) {
        return Verdict::BannedBySettings;
    }
    if user.banned {
        return Verdict::UnbanFirst;
    }
    if roles.is_admin(user) {
        return Verdict::AlreadyAdmin;
    }
    user.is_admin = true;
    Verdict::MadeAdmin
}

fn remove_admin(user: &mut User, roles: &Roles) -> Verdict {
    if roles.admins.contains(&user.id) {
        return Verdict::AdminBySettings;
    }
    if !user.is_admin {
        return Verdict::NoAdmin;
    }
    user.is_admin = false;
    Verdict::RemovedAdmin
}

/// Whoever is banned is no admin any more, so that `/unban` does not bring those rights back.
fn ban(user: &mut User, roles: &Roles, by: UserId) -> Verdict {
    if user.id == by {
        return Verdict::NotYourself;
    }
    if roles.admins.contains(&user.id) {
        return Verdict::AdminBySettings;
    }
    if roles.is_banned(user) {
        return Verdict::AlreadyBanned;
    }
    user.banned = true;
    user.is_admin = false;
    Verdict::Banned
}

fn unban(user: &mut User, roles: &Roles) -> Verdict {
    if roles.banned.contains(&user.id) {
        return Verdict::BannedBySettings;
    }
    if !user.banned {
        return Verdict::NotBanned;
    }
    user.banned = false;
    Verdict::Unbanned
}

fn sentence(verdict: Verdict, house: &i18n::House) -> &'static str {
    match verdict {
        Verdict::MadeAdmin => house.made_admin,
        Verdict::AlreadyAdmin => house.already_admin,
        Verdict::RemovedAdmin => house.removed_admin,
        Verdict::NoAdmin => house.no_admin,
        Verdict::AdminBySettings => house.admin_by_settings,
        Verdict::Banned => house.banned,
        Verdict::AlreadyBanned => house.already_banned,
        Verdict::Unbanned => house.unbanned,
        Verdict::NotBanned => house.not_banned,
        Verdict::BannedBySettings => house.banned_by_settings,
        Verdict::UnbanFirst => house.unban_first,
        Verdict::NotYourself => house.not_yourself,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// (is admin, is banned) of somebody after `command`, and the verdict. Id 1 asks and is an admin
    /// by the settings, id 2 is banned by the settings.
    fn after(command: &str, id: i64, admin: bool, banned: bool) -> (bool, bool, Verdict) {
        let roles = Roles { admins: [UserId(1)].into(), banned: [UserId(2)].into() };
        let mut user = User { is_admin: admin, banned, ..User::unknown(UserId(id)) };
        let verdict = judge(&mut user, &roles, UserId(1), command);
        (user.is_admin, user.banned, verdict)
    }

    #[test]
    fn rights_change_at_run_time_but_never_those_of_the_settings() {
        let rows = [
            ("makeadmin", 7, false, false, (true, false, Verdict::MadeAdmin)),
            ("makeadmin", 7, true, false, (true, false, Verdict::AlreadyAdmin)),
            ("makeadmin", 7, false, true, (false, true, Verdict::UnbanFirst)),
            ("makeadmin", 1, false, false, (false, false, Verdict::AlreadyAdmin)),
            ("makeadmin", 2, false, false, (false, false, Verdict::BannedBySettings)),
            ("removeadmin", 7, true, false, (false, false, Verdict::RemovedAdmin)),
            ("removeadmin", 7, false, false, (false, false, Verdict::NoAdmin)),
            ("removeadmin", 1, true, false, (true, false, Verdict::AdminBySettings)),
            ("ban", 7, false, false, (false, true, Verdict::Banned)),
            ("ban", 7, true, false, (false, true, Verdict::Banned)),
            ("ban", 7, false, true, (false, true, Verdict::AlreadyBanned)),
            ("ban", 1, false, false, (false, false, Verdict::NotYourself)),
            ("ban", 2, false, false, (false, false, Verdict::AlreadyBanned)),
            ("unban", 7, false, true, (false, false, Verdict::Unbanned)),
            ("unban", 7, false, false, (false, false, Verdict::NotBanned)),
            ("unban", 2, false, true, (false, true, Verdict::BannedBySettings)),
        ];
        for (command, id, admin, banned, expected) in rows {
            assert_eq!(after(command, id, admin, banned), expected, "{command} {id}");
        }
    }

    #[test]
    fn an_id_is_a_plain_number_telegram_can_have_given() {
        let rows = [
            ("7", Some(7)),
            ("4503599627370495", Some(MAX_ID)),
            ("4503599627370496", None),
            ("0", None),
            ("-7", None),
            ("+7", None),
            ("７", None),
            ("@ada", None),
            ("7 8", None),
            ("99999999999999999999", None),
        ];
        for (text, expected) in rows {
            assert_eq!(user_id(text), expected.map(UserId), "{text}");
        }
    }
}
