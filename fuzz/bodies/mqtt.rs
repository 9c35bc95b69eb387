//! What a broker of MQTT says.

use roost::relay::sinks::mqtt::packet::{Malformed, next};

/// Packets are read one behind the other; each is whole, and the same when more follows it.
pub fn run(bytes: &[u8]) {
    let mut rest = bytes;
    while let Ok(Some((packet, used))) = next(rest) {
        assert!(used > 0 && used <= rest.len());
        assert_eq!(next(&rest[..used]), Ok(Some((packet, used))));
        assert!(matches!(next(&rest[..used - 1]), Ok(None) | Err(Malformed)));
        rest = &rest[used..];
    }
}
