//! `getFile`: where a file can be fetched.

use serde_json::{Value, json};

use crate::demo::telegram::denial::Denial;
use crate::demo::telegram::params::Params;
use crate::demo::telegram::state::State;

/// Larger files cannot be fetched through the Bot API.
const DOWNLOAD_MAX: usize = 20 << 20;

/// `getFile`.
pub(super) fn file(state: &mut State, params: &Params) -> Result<Value, Denial> {
    let id = params.text("file_id").unwrap_or_default();
    let path = path_of(&id);
    let bytes = state.files.get(&path);
    let bytes =
        bytes.ok_or_else(|| Denial::bad("wrong file_id or the file is temporarily unavailable"))?;
    if bytes.len() > DOWNLOAD_MAX {
        return Err(Denial::bad("file is too big"));
    }
    Ok(json!({
        "file_id": id, "file_unique_id": format!("u{id}"), "file_size": bytes.len(),
        "file_path": path,
    }))
}

/// The path below `/file/bot<token>/` of the file with this id.
pub(crate) fn path_of(file_id: &str) -> String {
    format!("photos/{file_id}.jpg")
}
