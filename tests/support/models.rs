//! Holds every call the stand-in received against the typed models of `frankenstein` and the length
//! rules of the Bot API, so that what we send is what Telegram documents.

use frankenstein::methods as m;
use roost::demo::telegram::{Asked, StandIn};
use roost::telegram::html;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Lengths of texts, counted as Telegram counts: method, parameter, most UTF-16 units.
const LENGTHS: [(&str, &str, usize); 6] = [
    ("sendmessage", "text", 4096),
    ("editmessagetext", "text", 4096),
    ("sendphoto", "caption", 1024),
    ("answercallbackquery", "text", 200),
    ("setmydescription", "description", 512),
    ("setmyshortdescription", "short_description", 120),
];

/// Fails the test if a call breaks a model or a length rule.
pub fn check_all(stand_in: &StandIn) {
    for asked in stand_in.requests() {
        if let Err(what) = check(&asked) {
            panic!("`{}` {what}: {}", asked.method, asked.params);
        }
    }
}

/// What is wrong with one call.
pub fn check(asked: &Asked) -> Result<(), String> {
    let method = asked.method.to_lowercase();
    check_model(&method, &asked.params)?;
    check_lengths(&method, &asked.params)?;
    check_buttons(&asked.params["reply_markup"]["inline_keyboard"])
}

fn check_model(method: &str, params: &Value) -> Result<(), String> {
    match method {
        "getme" | "logout" | "close" | "getwebhookinfo" => empty(params),
        "getupdates" => typed::<m::GetUpdatesParams>(params),
        "setwebhook" => typed::<m::SetWebhookParams>(params),
        "deletewebhook" => typed::<m::DeleteWebhookParams>(params),
        "sendmessage" => typed::<m::SendMessageParams>(params),
        "sendphoto" => typed::<m::SendPhotoParams>(params),
        "sendchataction" => typed::<m::SendChatActionParams>(params),
        "editmessagetext" => typed::<m::EditMessageTextParams>(params),
        "editmessagereplymarkup" => typed::<m::EditMessageReplyMarkupParams>(params),
        "deletemessage" => typed::<m::DeleteMessageParams>(params),
        "answercallbackquery" => typed::<m::AnswerCallbackQueryParams>(params),
        "setmycommands" => typed::<m::SetMyCommandsParams>(params),
        "getmycommands" => typed::<m::GetMyCommandsParams>(params),
        "deletemycommands" => typed::<m::DeleteMyCommandsParams>(params),
        "setchatmenubutton" => typed::<m::SetChatMenuButtonParams>(params),
        "getchatmenubutton" => typed::<m::GetChatMenuButtonParams>(params),
        "getmydescription" => typed::<m::GetMyDescriptionParams>(params),
        "getmyshortdescription" => typed::<m::GetMyShortDescriptionParams>(params),
        "setmydescription" => typed::<m::SetMyDescriptionParams>(params),
        "setmyshortdescription" => typed::<m::SetMyShortDescriptionParams>(params),
        "setmyname" => typed::<m::SetMyNameParams>(params),
        "getfile" => typed::<m::GetFileParams>(params),
        "getchat" => typed::<m::GetChatParams>(params),
        "answerinlinequery" => typed::<m::AnswerInlineQueryParams>(params),
        "savepreparedinlinemessage" => typed::<m::SavePreparedInlineMessageParams>(params),
        _ => Err("has no model here".to_owned()),
    }
}

/// Decodes `params` into `P` and back; whatever got lost is no parameter of the method.
fn typed<P: DeserializeOwned + Serialize>(params: &Value) -> Result<(), String> {
    let model: P = serde_json::from_value(params.clone())
        .map_err(|error| format!("is not of Telegram's form: {error}"))?;
    let back = serde_json::to_value(model).map_err(|error| error.to_string())?;
    lost(params, &back, "").map_or(Ok(()), |path| Err(format!("has `{path}`, which is unknown")))
}

fn empty(params: &Value) -> Result<(), String> {
    let none = params.as_object().is_some_and(serde_json::Map::is_empty);
    none.then_some(()).ok_or_else(|| "takes no parameters".to_owned())
}

/// The path of the first value of `sent` that `back` has not.
fn lost(sent: &Value, back: &Value, path: &str) -> Option<String> {
    match (sent, back) {
        (Value::Object(sent), Value::Object(back)) => sent.iter().find_map(|(name, value)| {
            let path = format!("{path}/{name}");
            match back.get(name) {
                Some(back) => lost(value, back, &path),
                None => Some(path),
            }
        }),
        (Value::Array(sent), Value::Array(back)) if sent.len() == back.len() => {
            let mut pairs = sent.iter().zip(back).enumerate();
            pairs.find_map(|(index, (sent, back))| lost(sent, back, &format!("{path}/{index}")))
        }
        _ => (sent != back).then(|| path.to_owned()),
    }
}

fn check_lengths(method: &str, params: &Value) -> Result<(), String> {
    for (_, name, max) in LENGTHS.iter().filter(|(of, ..)| *of == method) {
        let text = params[name].as_str().unwrap_or_default();
        let length = match params["parse_mode"].as_str() {
            Some("HTML") => html::visible_len(text),
            _ => text.encode_utf16().count(),
        };
        if length > *max {
            return Err(format!("has a `{name}` of {length}, at most {max} are allowed"));
        }
        if length == 0 && *name == "text" && method != "answercallbackquery" {
            return Err("has no text".to_owned());
        }
    }
    let results = params["results"].as_array().map_or(0, Vec::len);
    let commands = params["commands"].as_array().map_or(0, Vec::len);
    if results > 50 || commands > 100 {
        return Err("has too many entries".to_owned());
    }
    Ok(())
}

fn check_buttons(rows: &Value) -> Result<(), String> {
    for button in rows.as_array().into_iter().flatten().filter_map(Value::as_array).flatten() {
        if button["text"].as_str().is_none_or(|text| text.trim().is_empty()) {
            return Err("has a button without a label".to_owned());
        }
        if let Some(data) = button.get("callback_data").and_then(Value::as_str)
            && !(1..=64).contains(&data.len())
        {
            return Err("has a button with data of the wrong length".to_owned());
        }
    }
    Ok(())
}
