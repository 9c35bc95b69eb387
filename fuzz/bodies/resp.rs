//! What a Redis server says.

use roost::relay::sinks::redis::resp::next;

/// Replies are read one behind the other; each is whole, and the same when more follows it.
pub fn run(bytes: &[u8]) {
    let mut rest = bytes;
    while let Ok(Some((reply, used))) = next(rest) {
        assert!(used > 0 && used <= rest.len());
        assert!(!matches!(next(&rest[..used - 1]), Ok(Some(_))), "a part is no reply");
        assert_eq!(next(&rest[..used]), Ok(Some((reply, used))));
        rest = &rest[used..];
    }
}
