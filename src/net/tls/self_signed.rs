//! A certificate of our own, for a host without one: made, kept in a file, found good or not.
//!
//! It is a plain leaf (RFC 5280): whoever is given it trusts it for this host and for nothing else.
//! Clients that check what issued it (OpenSSL) want no `keyUsage` here, others (webpki) no CA.

use std::fs::{self, File};
use std::io::{self, Write};
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};

use super::der::{
    BIT_STRING, GENERALIZED_TIME, INTEGER, OCTET_STRING, OID, SEQUENCE, SET, UTC_TIME, UTF8,
    element, explicit, implicit,
};

/// How long a certificate is valid: two years; Apple's systems take none beyond 825 days.
const VALID: SignedDuration = SignedDuration::from_hours(730 * 24);

/// It begins a day before it is made, for clients whose clock is behind.
const EARLIER: SignedDuration = SignedDuration::from_hours(24);

/// The longest common name (RFC 5280, `ub-common-name`); the full name stands in `subjectAltName`.
const COMMON_NAME_MAX: usize = 64;

const ECDSA_WITH_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const PRIME256V1: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 0x11];
const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x25];
const SERVER_AUTH: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];

/// A new certificate and key for `host` (a name or an IP address), as one PEM text.
///
/// An error means that the system gives no random numbers.
pub(super) fn make(host: &str, now: Timestamp) -> io::Result<String> {
    let random = SystemRandom::new();
    let failed = |_| io::Error::other("no random numbers");
    let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
    let key = EcdsaKeyPair::generate_pkcs8(algorithm, &random).map_err(failed)?;
    let pair = EcdsaKeyPair::from_pkcs8(algorithm, key.as_ref(), &random);
    let pair = pair.map_err(|error| io::Error::other(error.to_string()))?;
    let serial = getrandom::u64().map_err(io::Error::other)?;
    let signed = to_be_signed(host, serial, pair.public_key().as_ref(), now);
    let signature = pair.sign(&random, &signed).map_err(failed)?;
    let signature = element(BIT_STRING, &[&[0], signature.as_ref()]);
    let certificate = element(SEQUENCE, &[&signed, &algorithm_identifier(), &signature]);
    Ok(pem("CERTIFICATE", &certificate) + &pem("PRIVATE KEY", key.as_ref()))
}

/// Puts `text` in the place of `path` at once, readable for its owner alone.
pub(super) fn keep(path: &Path, text: &str) -> io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    match fs::remove_file(&name) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => (),
    }
    let mut file = File::options().write(true).create_new(true).mode(0o600).open(&name)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&name, path)
}

/// `der` between the lines of RFC 7468.
pub(super) fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut lines = format!("-----BEGIN {label}-----\n");
    for line in text.as_bytes().chunks(64) {
        lines.extend(line.iter().map(|byte| char::from(*byte)));
        lines.push('\n');
    }
    lines + "-----END " + label + "-----\n"
}

fn to_be_signed(host: &str, serial: u64, public_key: &[u8], now: Timestamp) -> Vec<u8> {
    let name = name(host);
    let validity = [time(now - EARLIER), time(now + VALID)].concat();
    element(
        SEQUENCE,
        &[
            &element(explicit(0), &[&element(INTEGER, &[&[2]])]),
            // The one in front keeps it positive and never zero.
            &element(INTEGER, &[&[0x01], &serial.to_be_bytes()]),
            &algorithm_identifier(),
            &name,
            &element(SEQUENCE, &[&validity]),
            &name,
            &key_info(public_key),
            &element(explicit(3), &[&element(SEQUENCE, &[&extensions(host)])]),
        ],
    )
}

fn algorithm_identifier() -> Vec<u8> {
    element(SEQUENCE, &[&element(OID, &[ECDSA_WITH_SHA256])])
}

/// A name of the host alone.
fn name(host: &str) -> Vec<u8> {
    let common: String = host.chars().take(COMMON_NAME_MAX).collect();
    let value = element(UTF8, &[common.as_bytes()]);
    let attribute = element(SEQUENCE, &[&element(OID, &[COMMON_NAME]), &value]);
    element(SEQUENCE, &[&element(SET, &[&attribute])])
}

fn time(at: Timestamp) -> Vec<u8> {
    let at = at.to_zoned(TimeZone::UTC);
    let (tag, form) = match at.year() {
        1950..2050 => (UTC_TIME, "%y%m%d%H%M%SZ"),
        _ => (GENERALIZED_TIME, "%Y%m%d%H%M%SZ"),
    };
    element(tag, &[at.strftime(form).to_string().as_bytes()])
}

fn key_info(public_key: &[u8]) -> Vec<u8> {
    let kind = [element(OID, &[EC_PUBLIC_KEY]), element(OID, &[PRIME256V1])].concat();
    element(SEQUENCE, &[&element(SEQUENCE, &[&kind]), &element(BIT_STRING, &[&[0], public_key])])
}

fn extensions(host: &str) -> Vec<u8> {
    let host = match host.parse() {
        Ok(IpAddr::V4(address)) => element(implicit(7), &[&address.octets()]),
        Ok(IpAddr::V6(address)) => element(implicit(7), &[&address.octets()]),
        Err(_) => element(implicit(2), &[host.as_bytes()]),
    };
    let extension = |kind: &[u8], value: &[u8]| {
        let value = element(OCTET_STRING, &[&element(SEQUENCE, &[value])]);
        element(SEQUENCE, &[&element(OID, &[kind]), &value])
    };
    let purpose = extension(EXTENDED_KEY_USAGE, &element(OID, &[SERVER_AUTH]));
    [extension(SUBJECT_ALT_NAME, &host), purpose].concat()
}
