//! The one-time code that makes its first sender an admin.

use serde_json::Value;

use super::people::who;
use super::{House, say};
use crate::apps::{Person, Talk, language_of};
use crate::i18n::fill;
use crate::ids::ChatId;
use crate::store::admin_code::{self, Code};
use crate::store::outbox::Lane;
use crate::store::users::{self, User};
use crate::store::{StoreError, Tx};
use crate::telegram::outgoing::Outgoing;
use crate::telegram::{html, sender};

/// Whether an update shows something that looks like a code, wherever it stands: nobody who reads the
/// log of updates shall be first.
pub(super) fn is_in(update: &Value) -> bool {
    match update {
        Value::String(text) => codes(text).next().is_some(),
        Value::Array(items) => items.iter().any(is_in),
        Value::Object(fields) => fields.values().any(is_in),
        _ => false,
    }
}

/// The codes in `text`, also in links.
fn codes(text: &str) -> impl Iterator<Item = Code> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').filter_map(Code::read)
}

/// The code, if `words` are nothing else but it or the link with it.
pub(super) fn only(words: &str) -> Option<Code> {
    Code::read(words.rsplit_once("?start=").map_or(words, |(_, code)| code))
}

/// Codes that others could read as well count no more.
pub(super) fn were_seen(tx: &Tx, words: &str) -> Result<(), StoreError> {
    codes(words).try_for_each(|code| admin_code::was_seen(tx, &code))
}

impl House {
    /// Somebody sent `code` in a private chat.
    pub(super) fn try_code(&self, tx: &Tx, talk: &Talk, code: &Code) -> Result<(), StoreError> {
        let first = &talk.asked.by.language.sentences().first;
        if talk.asked.by.is_admin {
            return say(tx, talk, &html::escape(first.is_admin));
        }
        if !admin_code::redeem(tx, code, talk.asked.by.id, talk.asked.at)? {
            return say(tx, talk, &html::escape(first.no_code));
        }
        let mut user = users::find_or_unknown(tx, talk.asked.by.id)?;
        user.is_admin = true;
        users::save(tx, &user)?;
        let admin = Person { is_admin: true, ..talk.asked.by.clone() };
        let mut now = talk.clone();
        now.asked.by = admin.clone();
        let text = format!("{}\n\n{}", html::escape(first.now_admin), self.commands_of(&admin));
        say(tx, &now, &text)?;
        self.show_menu(tx, talk.chat, &admin)?;
        tx.after(move || log::info!("user {} is an admin by the one-time code", admin.id));
        self.tell_others(tx, &user)
    }

    /// Nobody becomes an admin behind the others' backs.
    fn tell_others(&self, tx: &Tx, new: &User) -> Result<(), StoreError> {
        for user in users::all(tx)? {
            let roles = &self.context.roles;
            let is_told = roles.is_admin(&user) && !roles.is_banned(&user) && user.reachable;
            if !is_told || user.id == new.id {
                continue;
            }
            let language = language_of(user.language.as_deref(), self.context.language);
            let told = html::escape(language.sentences().first.told);
            let message =
                Outgoing::message(ChatId::from(user.id), &fill(&told, &[("who", &who(new))]));
            sender::post_in(tx, Lane::Alerts, message)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_update_with_a_code_anywhere_in_its_text_is_noticed() {
        let code = Code::of([3; 20]).expose();
        for (update, expected) in [
            (json!({"message": {"text": code}}), true),
            (json!({"message": {"text": format!("/start {code}")}}), true),
            (json!({"edited_message": {"text": format!("this: {} !", code.to_uppercase())}}), true),
            (json!({"channel_post": {"text": code}}), true),
            (json!({"message": {"text": format!("https://t.me/RoostBot?start={code}")}}), true),
            (json!({"message": {"reply_to_message": {"caption": code}}}), true),
            (json!(code), true),
            (json!({"message": {"text": "/admin admin-12345"}}), false),
            (json!({"message": {"photo": []}}), false),
            (json!({"message": {"message_id": 1, "date": null}}), false),
        ] {
            assert_eq!(is_in(&update), expected, "{update}");
        }
        assert!(only(&code).is_some() && only(&format!("{code} please")).is_none());
        assert!(only(&format!("https://t.me/RoostBot?start={code}")).is_some());
    }
}
