//! Addresses: one per person, one spelling each, and nothing of them in the store or in words.

use super::*;
use crate::store::Store;

fn opened() -> (Store, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("roost.redb"), prepare, Box::new(drop)).unwrap();
    (store, folder)
}

fn token(byte: u8) -> Token {
    Token::of([byte; 32])
}

#[test]
fn everybody_has_one_calendar_at_most() {
    let (store, _folder) = opened();
    let (ada, ben) = (UserId(7), UserId(8));
    let owners = || {
        let read = store.snapshot().unwrap();
        [1, 2, 3].map(|byte| owner(&read, &token(byte)).unwrap().map(|user| user.0))
    };
    let renewed = |user, byte| store.write(move |tx| renew(tx, user, &token(byte))).unwrap();
    assert!(!renewed(ada, 1) && !renewed(ben, 2));
    assert_eq!(owners(), [Some(7), Some(8), None]);
    assert!(renewed(ada, 3));
    assert_eq!(owners(), [None, Some(8), Some(7)]);
    assert!(store.write(move |tx| revoke(tx, ada)).unwrap());
    assert!(!store.write(move |tx| revoke(tx, ada)).unwrap());
    assert_eq!(owners(), [None, Some(8), None]);
}

#[test]
fn a_token_has_one_spelling_and_is_not_shown() {
    let text = "0a".repeat(32);
    assert_eq!(token(10).expose(), text);
    assert!(!format!("{:?}", token(10)).contains(&text));
    assert_eq!(Token::parse(&text).unwrap().expose(), text);
    let long = "0".repeat(65);
    for bad in ["", &text[1..], &text.to_uppercase(), &long, &"é".repeat(32), &"g".repeat(64)] {
        assert!(Token::parse(bad).is_none(), "{bad}");
    }
}

#[test]
fn the_installation_keeps_its_name() {
    let (store, folder) = opened();
    let name = installation(&store.snapshot().unwrap()).unwrap();
    assert!(name.len() == 16 && name.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{name}");
    drop(store);
    let again = Store::open(&folder.path().join("roost.redb"), prepare, Box::new(drop)).unwrap();
    assert_eq!(installation(&again.snapshot().unwrap()).unwrap(), name);
}
