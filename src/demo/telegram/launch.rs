//! Links that open a mini app as Telegram would: signed, in the fragment.

use jiff::Timestamp;
use serde_json::json;

use super::state::Account;
use crate::hidden::Hidden;
use crate::telegram::{form, init_data};

/// A really signed initData for `person`, just made.
pub(crate) fn init_data(
    person: &Account,
    start_param: Option<&str>,
    token: &Hidden<String>,
    now: Timestamp,
) -> String {
    let (first, last) = person.names();
    let user = json!({
        "id": person.id, "first_name": first, "last_name": last.unwrap_or_default(),
        "language_code": person.language, "allows_write_to_pm": person.started,
    });
    let (user, date) = (user.to_string(), now.as_second().to_string());
    let instance = person.id.to_string();
    let mut pairs = vec![
        ("user", user.as_str()),
        ("chat_instance", instance.as_str()),
        ("chat_type", "private"),
        ("auth_date", date.as_str()),
    ];
    if let Some(param) = start_param {
        pairs.push(("start_param", param));
    }
    init_data::sign(&pairs, token)
}

/// `url` with the launch parameters Telegram's web client adds.
pub(crate) fn link(
    person: &Account,
    url: &str,
    start_param: Option<&str>,
    token: &Hidden<String>,
    now: Timestamp,
) -> String {
    let data = form::encode(&init_data(person, start_param, token, now));
    let url = url.split('#').next().unwrap_or_default();
    format!("{url}#tgWebAppData={data}&tgWebAppVersion=8.0&tgWebAppPlatform=weba")
}
