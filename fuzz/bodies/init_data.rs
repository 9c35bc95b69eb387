//! Logins of mini apps: nothing unsigned gets in, and what is signed is never taken for forged.

use std::collections::BTreeSet;

use roost::hidden::Hidden;
use roost::telegram::form;
use roost::telegram::init_data::{Rejected, sign, verify};

/// The token the corpus is signed with.
const TOKEN: &str = "123456789:corpus-of-made-up-logins";

/// Reads the bytes as initData, and as the fields of one that is to be signed.
pub fn run(bytes: &[u8]) {
    let raw = super::text(bytes);
    let (token, other) = (hidden(TOKEN), hidden("123456789:another-token-altogether"));
    let verified = verify(&raw, &token, super::now());
    if verified.is_ok() {
        assert_eq!(verify(&raw, &other, super::now()), Err(Rejected::Forged));
    }
    let Some(pairs) = form::pairs(&raw) else {
        assert!(verified.is_err(), "no form, and yet a login");
        return;
    };
    let names: BTreeSet<_> = pairs.iter().map(|(name, _)| name).collect();
    if names.len() < pairs.len() {
        assert!(matches!(verified, Err(Rejected::Repeated | Rejected::TooLong)));
        return;
    }
    let fields = pairs.iter().filter(|(name, _)| name != "hash");
    let fields: Vec<_> = fields.map(|(name, value)| (name.as_str(), value.as_str())).collect();
    signed(&sign(&fields, &token), &token, &other);
}

/// What was signed may be too old or name nobody, but it is ours, and only ours.
fn signed(raw: &str, token: &Hidden<String>, other: &Hidden<String>) {
    match verify(raw, token, super::now()) {
        Err(Rejected::TooLong) => {}
        Err(
            no @ (Rejected::Forged | Rejected::NoHash | Rejected::NotAForm | Rejected::Repeated),
        ) => {
            panic!("signed by us, and yet: {no}")
        }
        _ => assert_eq!(verify(raw, other, super::now()), Err(Rejected::Forged)),
    }
}

fn hidden(token: &str) -> Hidden<String> {
    Hidden::new(token.to_owned())
}
