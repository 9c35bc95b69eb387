//! The methods of the Bot API that the stand-in knows, one list.

#![expect(
    clippy::unnecessary_wraps,
    reason = "every method has the same form, so that one list can hold them"
)]

mod callback;
mod editing;
mod files;
mod inline;
mod menu;
mod sending;
mod webhook;

use serde_json::{Value, json};

use super::denial::Denial;
use super::params::Params;
use super::state::State;
use crate::ids::ChatId;

pub(crate) use files::path_of as file_path_of;
pub(crate) use menu::scope_key;
pub(crate) use sending::keep_photo;

type Method = fn(&mut State, &Params) -> Result<Value, Denial>;

/// Every method but `getUpdates`, which waits; names in lower case.
const METHODS: [(&str, Method); 27] = [
    ("getme", me),
    ("logout", done),
    ("close", done),
    ("getchat", chat),
    ("sendmessage", sending::message),
    ("sendphoto", sending::photo),
    ("sendchataction", sending::action),
    ("editmessagetext", editing::text),
    ("editmessagereplymarkup", editing::markup),
    ("deletemessage", editing::delete),
    ("answercallbackquery", callback::answer),
    ("setmycommands", menu::set_commands),
    ("getmycommands", menu::commands),
    ("deletemycommands", menu::delete_commands),
    ("setchatmenubutton", menu::set_button),
    ("getchatmenubutton", menu::button),
    ("setmydescription", menu::set_description),
    ("setmyshortdescription", menu::set_short_description),
    ("getmydescription", menu::description),
    ("getmyshortdescription", menu::short_description),
    ("setwebhook", webhook::set),
    ("deletewebhook", webhook::delete),
    ("getwebhookinfo", webhook::info),
    ("getfile", files::file),
    ("answerinlinequery", inline::answer),
    ("savepreparedinlinemessage", inline::save_prepared),
    ("setmyname", menu::set_name),
];

/// Carries out `method`, given in lower case.
pub(crate) fn call(state: &mut State, method: &str, params: &Params) -> Result<Value, Denial> {
    match METHODS.iter().find(|(name, _)| *name == method) {
        Some((_, carry_out)) => carry_out(state, params),
        None => Err(Denial::new(404, "Not Found: method not found")),
    }
}

/// The chat a call is about.
fn chat_id(params: &Params) -> Result<ChatId, Denial> {
    let empty = || Denial::bad("chat_id is empty");
    let text = params.text("chat_id").filter(|text| !text.is_empty()).ok_or_else(empty)?;
    text.parse().map(ChatId).map_err(|_| Denial::bad("chat not found"))
}

fn me(state: &mut State, _: &Params) -> Result<Value, Denial> {
    let mut bot = state.bot();
    let is_grown = !state.newborn;
    for (name, value) in [
        ("can_join_groups", true),
        ("can_read_all_group_messages", false),
        ("supports_inline_queries", is_grown),
        ("can_connect_to_business", false),
        ("has_main_web_app", is_grown),
    ] {
        bot[name] = value.into();
    }
    Ok(bot)
}

fn done(_: &mut State, _: &Params) -> Result<Value, Denial> {
    Ok(true.into())
}

fn chat(state: &mut State, params: &Params) -> Result<Value, Denial> {
    let mut chat = state.chat(chat_id(params)?)?.json();
    chat["accent_color_id"] = 0.into();
    chat["max_reaction_count"] = 11.into();
    chat["accepted_gift_types"] = json!({
        "unlimited_gifts": true, "limited_gifts": true, "unique_gifts": true,
        "premium_subscription": true, "gifts_from_channels": true,
    });
    Ok(chat)
}
