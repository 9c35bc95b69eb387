//! What somebody sends as the one-time code that makes an admin.

use roost::store::admin_code::Code;

/// Reads the bytes as a code; one that is read can be shown, and is read again as the same.
pub fn run(bytes: &[u8]) {
    let text = super::text(bytes);
    let Some(code) = Code::read(&text) else { return };
    let shown = code.expose();
    let is_payload = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    assert!(shown.len() <= 64 && shown.bytes().all(is_payload), "{shown}");
    assert_eq!(Code::read(&shown), Some(code));
}
