//! Inline mode: answers to `@bot …`, and messages prepared for sharing.

use std::time::Duration;

use serde_json::{Value, json};

use crate::demo::telegram::denial::Denial;
use crate::demo::telegram::params::Params;
use crate::demo::telegram::state::State;
use crate::ids::UserId;

/// Most results of one answer.
const RESULTS_MAX: usize = 50;

/// Most bytes of `next_offset`.
const OFFSET_MAX: usize = 64;

/// How long a prepared message can be shared.
const PREPARED_LIFE: Duration = Duration::from_secs(15 * 60);

/// `answerInlineQuery`.
pub(super) fn answer(state: &mut State, params: &Params) -> Result<Value, Denial> {
    let results = params.json("results")?.unwrap_or_else(|| json!([]));
    let list = results.as_array().ok_or_else(|| Denial::bad("results must be an Array"))?;
    if list.len() > RESULTS_MAX {
        return Err(Denial::bad("RESULTS_TOO_MUCH"));
    }
    if params.text("next_offset").is_some_and(|offset| offset.len() > OFFSET_MAX) {
        return Err(Denial::bad("NEXT_OFFSET_INVALID"));
    }
    let id = params.text("inline_query_id").unwrap_or_default();
    if state.inline_answers.get(&id) != Some(&Value::Null) {
        return Err(Denial::bad(
            "query is too old and response timeout expired or query ID is invalid",
        ));
    }
    state.inline_answers.insert(id, params.object());
    Ok(true.into())
}

/// `savePreparedInlineMessage`.
pub(super) fn save_prepared(state: &mut State, params: &Params) -> Result<Value, Denial> {
    let user = UserId(params.int("user_id").unwrap_or_default());
    if !state.people.contains_key(&user) {
        return Err(Denial::bad("USER_ID_INVALID"));
    }
    params.json("result")?.ok_or_else(|| Denial::bad("RESULT_ID_INVALID"))?;
    let expires = (state.now() + PREPARED_LIFE).as_second();
    Ok(json!({"id": format!("prepared{}", state.number()), "expiration_date": expires}))
}
