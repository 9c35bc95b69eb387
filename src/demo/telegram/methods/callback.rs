//! `answerCallbackQuery`: ends the spinner of a tapped button.

use serde_json::{Value, json};

use crate::demo::telegram::denial::Denial;
use crate::demo::telegram::params::Params;
use crate::demo::telegram::state::State;

/// Most characters of a toast.
const TOAST_MAX: usize = 200;

/// `answerCallbackQuery`.
pub(super) fn answer(state: &mut State, params: &Params) -> Result<Value, Denial> {
    let text = params.text("text").unwrap_or_default();
    if text.chars().count() > TOAST_MAX {
        return Err(Denial::bad("MESSAGE_TOO_LONG"));
    }
    let id = params.text("callback_query_id").unwrap_or_default();
    let tap = state.open_tap(&id).ok_or_else(|| {
        Denial::bad("query is too old and response timeout expired or query ID is invalid")
    })?;
    tap.answer = Some(json!({"text": text, "alert": params.flag("show_alert")}));
    Ok(true.into())
}
