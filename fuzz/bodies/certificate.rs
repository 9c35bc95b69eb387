//! Certificates, DER, as a file of the operator may hold them.

use jiff::SignedDuration;
use roost::net::tls::leaf::Leaf;

/// What is read is kept byte for byte, ends once, and is for whoever it is for without a panic.
pub fn run(bytes: &[u8]) {
    let Some(leaf) = Leaf::read(bytes) else { return };
    assert_eq!(leaf.der, bytes);
    let now = super::now();
    assert_eq!(leaf.ends_within(SignedDuration::ZERO, now), leaf.ends <= now);
    assert!(!leaf.is_for(""));
    for host in ["bot.example.org", "127.0.0.1", "::1", "*", "a b"] {
        let _ = leaf.is_for(host);
    }
}
