//! Who may use the API: whoever shows a key that opens the scope.

use crate::net::{Answer, Request};
use crate::store::api_keys::{self, ApiKey, Scope};
use crate::store::{Snapshot, StoreError};

/// The key that `request` shows, if it opens `scope`; else what is answered (RFC 6750 §3.1).
pub fn key(
    request: &Request,
    read: &Snapshot,
    scope: Scope,
) -> Result<Result<ApiKey, Answer>, StoreError> {
    let Some(shown) = bearer(request) else {
        let sentence = "a key is needed: send `Authorization: Bearer <key>`";
        return Ok(Err(unauthorized(sentence, "Bearer realm=\"roost\"")));
    };
    Ok(match api_keys::find(read, shown)? {
        Some(key) if key.opens(scope) => Ok(key),
        Some(_) => Err(forbidden(scope)),
        None => Err(unauthorized(
            "this key is not known, or it was removed",
            "Bearer realm=\"roost\", error=\"invalid_token\"",
        )),
    })
}

/// The one credential of the scheme `Bearer`; two could be read in two ways.
fn bearer(request: &Request) -> Option<&str> {
    let mut all = request.headers.all("Authorization");
    let (scheme, credential) = all.next()?.split_once(' ')?;
    let fits = all.next().is_none() && scheme.eq_ignore_ascii_case("Bearer");
    Some(credential.trim()).filter(|credential| fits && !credential.is_empty())
}

fn unauthorized(sentence: &str, challenge: &'static str) -> Answer {
    Answer::detail(401, sentence).with("WWW-Authenticate", challenge)
}

fn forbidden(scope: Scope) -> Answer {
    let name = scope.name();
    let challenge =
        format!("Bearer realm=\"roost\", error=\"insufficient_scope\", scope=\"{name}\"");
    let sentence = format!("this key does not have the scope `{name}`");
    Answer::detail(403, &sentence).with("WWW-Authenticate", challenge)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_one_word_behind_one_bearer() {
        for (lines, expected) in [
            (&["Bearer k"][..], Some("k")),
            (&["bearer   k "], Some("k")),
            (&["BEARER k j"], Some("k j")),
            (&[], None),
            (&[""], None),
            (&["Bearer"], None),
            (&["Bearer "], None),
            (&["Basic k"], None),
            (&["Bearerk"], None),
            (&["Bearer k", "Bearer k"], None),
        ] {
            let request = Request::local("GET", "/").unwrap();
            let add = |request: Request, line: &&str| request.with_header("authorization", line);
            let request = lines.iter().fold(request, add);
            assert_eq!(bearer(&request), expected, "{lines:?}");
        }
    }
}
