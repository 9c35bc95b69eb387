//! The cryptography of a secret, pure: what is kept of it opens nothing without its token.
//!
//! From the token (256 random bits) and a salt HKDF-SHA256 (RFC 5869) derives two values that say
//! nothing about each other: a *verifier*, which is kept and tells the right token from a wrong
//! one, and the key of XChaCha20-Poly1305 under which the text is sealed. A passphrase goes through
//! Argon2id (RFC 9106) first and is mixed into the key, not into the verifier: a wrong token costs
//! the same with and without a passphrase, and only who has the right one makes us do the slow
//! part. Id, expiry and recipient are authenticated with the text, so whoever can write the
//! database cannot make a secret last longer or open for somebody else.
//!
//! Deleting a row leaves old bytes in pages the database has freed. They are this same sealed text,
//! and the token that opens it was never written anywhere.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::token::{SecretText, Token};
use crate::hidden::Hidden;

/// Bytes of a salt.
pub const SALT: usize = 16;
/// Bytes of a nonce (XChaCha20-Poly1305).
pub const NONCE: usize = 24;
/// Bytes of a verifier.
pub const VERIFIER: usize = 32;

/// Memory of Argon2id in KiB: OWASP's smallest, which a Raspberry Pi Zero has to spare.
const ARGON_KIB: u32 = 19 * 1024;

/// Passes of Argon2id over that memory.
const ARGON_PASSES: u32 = 2;

/// What only randomness can give to a new secret.
#[derive(Clone, Debug)]
pub struct Chance {
    /// What will open it.
    pub token: Token,
    /// Makes its keys differ from all others, whatever the token.
    pub salt: [u8; SALT],
    /// Of the cipher.
    pub nonce: [u8; NONCE],
}

/// A passphrase after the slow part, for one salt.
#[derive(Clone, Debug)]
pub struct Stretched(Hidden<Zeroizing<[u8; 32]>>);

/// What is sealed with the text and has to be the same when it is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// Its number.
    pub id: u64,
    /// When it ends, in seconds of the calendar.
    pub expires: i64,
    /// Who alone may open it, or 0.
    pub recipient: i64,
}

/// The text does not open: it was sealed under another passphrase, or the row was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed;

impl Chance {
    /// How many random bytes it takes.
    pub const BYTES: usize = 32 + SALT + NONCE;

    /// Made of random bytes.
    pub fn of(bytes: &[u8; Self::BYTES]) -> Self {
        let mut token = Zeroizing::new([0; 32]);
        let (mut salt, mut nonce) = ([0; SALT], [0; NONCE]);
        token.copy_from_slice(&bytes[..32]);
        salt.copy_from_slice(&bytes[32..32 + SALT]);
        nonce.copy_from_slice(&bytes[32 + SALT..]);
        Self { token: Token::of(*token), salt, nonce }
    }
}

impl Stretched {
    /// Does the slow part: some 20 ms and 19 MiB on a server, a few hundred ms on a small Pi.
    pub fn new(passphrase: &SecretText, salt: &[u8; SALT]) -> Self {
        let params = Params::new(ARGON_KIB, ARGON_PASSES, 1, Some(32));
        let argon =
            Argon2::new(Algorithm::Argon2id, Version::V0x13, params.expect("they are constants"));
        let mut out = Zeroizing::new([0; 32]);
        argon
            .hash_password_into(passphrase.reveal().as_bytes(), salt, &mut out[..])
            .expect("lengths are within Argon2's limits");
        Self(Hidden::new(out))
    }
}

impl Bound {
    /// Its bytes, of fixed width.
    fn bytes(&self) -> [u8; 24] {
        let mut bytes = [0; 24];
        bytes[..8].copy_from_slice(&self.id.to_be_bytes());
        bytes[8..16].copy_from_slice(&self.expires.to_be_bytes());
        bytes[16..].copy_from_slice(&self.recipient.to_be_bytes());
        bytes
    }
}

/// What is kept to tell `token` from others.
pub fn verifier(token: &Token, salt: &[u8; SALT]) -> [u8; VERIFIER] {
    let mut out = [0; VERIFIER];
    derive(salt, token.bytes(), b"roost secret verifier 1", &mut out);
    out
}

/// Whether `token` is the one `verifier` was made from, in constant time.
pub fn verify(token: &Token, salt: &[u8; SALT], kept: &[u8; VERIFIER]) -> bool {
    verifier(token, salt).ct_eq(kept).into()
}

/// Seals `text`.
pub fn seal(
    chance: &Chance,
    passphrase: Option<&Stretched>,
    bound: &Bound,
    text: &SecretText,
) -> Vec<u8> {
    let payload = Payload { msg: text.reveal().as_bytes(), aad: &bound.bytes() };
    cipher(&chance.token, &chance.salt, passphrase)
        .encrypt(&XNonce::from(chance.nonce), payload)
        .expect("a text is far shorter than the cipher's limit")
}

/// Opens what [`seal`] made.
pub fn open(
    token: &Token,
    salt: &[u8; SALT],
    nonce: &[u8; NONCE],
    passphrase: Option<&Stretched>,
    bound: &Bound,
    sealed: &[u8],
) -> Result<SecretText, Closed> {
    let payload = Payload { msg: sealed, aad: &bound.bytes() };
    let plain = cipher(token, salt, passphrase)
        .decrypt(&XNonce::from(*nonce), payload)
        .map_err(|_| Closed)?;
    String::from_utf8(plain).map(SecretText::new).map_err(|_| Closed)
}

fn cipher(token: &Token, salt: &[u8; SALT], passphrase: Option<&Stretched>) -> XChaCha20Poly1305 {
    let mut material = Zeroizing::new([0; 64]);
    material[..32].copy_from_slice(token.bytes());
    let mut key = Zeroizing::new([0; 32]);
    match passphrase {
        None => derive(salt, &material[..32], b"roost secret key 1", &mut key[..]),
        Some(stretched) => {
            material[32..].copy_from_slice(&stretched.0.reveal()[..]);
            derive(salt, &material[..], b"roost secret key with passphrase 1", &mut key[..]);
        }
    }
    XChaCha20Poly1305::new((&*key).into())
}

fn derive(salt: &[u8], material: &[u8], purpose: &[u8], out: &mut [u8]) {
    Hkdf::<Sha256>::new(Some(salt), material).expand(purpose, out).expect("32 bytes are few");
}

/// Two lower-case digits a byte, in one allocation.
pub(super) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        for nibble in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(nibble), 16).expect("a nibble is one digit"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chance(seed: u8) -> Chance {
        let mut bytes = [seed; Chance::BYTES];
        bytes[0] = 1;
        Chance::of(&bytes)
    }

    const BOUND: Bound = Bound { id: 7, expires: 1_800_000_000, recipient: 5 };

    #[test]
    fn what_was_sealed_opens_with_the_same_token_passphrase_and_bounds_only() {
        let (chance, text) = (chance(9), SecretText::new("new:\n4711 😀 שלום "));
        let word = |word: &str| Stretched::new(&SecretText::new(word), &chance.salt);
        let (right, wrong) = (word("open sesame"), word("open sesam"));
        for (sealed_with, opened_with, bound, opens) in [
            (None, None, BOUND, true),
            (None, Some(&right), BOUND, false),
            (Some(&right), Some(&right), BOUND, true),
            (Some(&right), Some(&wrong), BOUND, false),
            (Some(&right), None, BOUND, false),
            (None, None, Bound { id: 8, ..BOUND }, false),
            (None, None, Bound { expires: 1_800_000_001, ..BOUND }, false),
            (None, None, Bound { recipient: 0, ..BOUND }, false),
        ] {
            let sealed = seal(&chance, sealed_with, &BOUND, &text);
            let Chance { token, salt, nonce } = &chance;
            let opened = open(token, salt, nonce, opened_with, &bound, &sealed);
            assert_eq!(opened.is_ok(), opens, "{bound:?}");
            assert!(opened.is_err() || opened.as_ref() == Ok(&text));
            let other = Token::of([0; 32]);
            assert_eq!(open(&other, salt, nonce, opened_with, &bound, &sealed), Err(Closed));
        }
    }

    #[test]
    fn no_bit_of_what_is_kept_can_be_changed() {
        let chance = chance(3);
        let sealed = seal(&chance, None, &BOUND, &SecretText::new("x"));
        for at in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[at / 8] ^= 1 << (at % 8);
            let Chance { token, salt, nonce } = &chance;
            assert_eq!(open(token, salt, nonce, None, &BOUND, &changed), Err(Closed), "{at}");
        }
    }

    #[test]
    fn the_verifier_tells_the_token_and_is_not_part_of_it() {
        let Chance { token, salt, .. } = chance(5);
        let kept = verifier(&token, &salt);
        assert!(verify(&token, &salt, &kept));
        assert!(!verify(&Token::of([0; 32]), &salt, &kept));
        assert!(!verify(&token, &[0; SALT], &kept));
        assert_ne!(&kept, token.bytes());
    }

    #[test]
    fn keys_are_derived_as_rfc_5869_and_rfc_9106_say() {
        // RFC 5869, appendix A.1.
        let mut out = [0; 42];
        let material = [0x0b; 22];
        let salt: Vec<u8> = (0..=0x0c).collect();
        let info: Vec<u8> = (0xf0..=0xf9).collect();
        derive(&salt, &material, &info, &mut out);
        assert!(
            hex(&out)
                .starts_with("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf")
        );
        // Written down once: what was sealed by an older Roost has to open with a newer one.
        let stretched = Stretched::new(&SecretText::new("open sesame"), &[7; SALT]);
        assert_eq!(
            hex(&stretched.0.reveal()[..]),
            "2ce628706d218cc9b556e55b9c25a07a157562936f1c73f75cab34ce789e7706"
        );
    }
}
