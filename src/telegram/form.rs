//! Form encoding (`application/x-www-form-urlencoded`), strict: what is not UTF-8 is not a form.

use std::fmt::Write;

/// Splits `raw` on `&` and the first `=` of each part and decodes keys and values, in order.
///
/// `None` if a part has no `=`, an escape is not two hex digits, or the bytes are not UTF-8.
pub fn pairs(raw: &str) -> Option<Vec<(String, String)>> {
    raw.split('&')
        .map(|part| {
            let (key, value) = part.split_once('=')?;
            Some((decode(key)?, decode(value)?))
        })
        .collect()
}

/// Decodes one key or value: `+` is a space, `%41` an `A`.
pub fn decode(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => hex_digit(bytes.next()?)? << 4 | hex_digit(bytes.next()?)?,
            other => other,
        });
    }
    String::from_utf8(decoded).ok()
}

/// Encodes everything but unreserved characters (RFC 3986 §2.3), so it is safe anywhere in a URL.
pub fn encode(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").expect("a string takes every write");
        }
        encoded
    })
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_decode_as_browsers_send_them() {
        for (raw, expect) in [
            ("a=1&b=", Some(vec![("a", "1"), ("b", "")])),
            ("a+b=%20%2B=", Some(vec![("a b", " +=")])),
            ("%C3%A9=%f0%9f%98%80", Some(vec![("é", "😀")])),
            ("", None),
            ("a", None),
            ("a=1&", None),
            ("a=%", None),
            ("a=%2", None),
            ("a=%+2", None),
            ("a=%ff", None),
        ] {
            let expect = expect.map(|pairs| {
                pairs.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect::<Vec<_>>()
            });
            assert_eq!(pairs(raw), expect, "{raw}");
        }
    }

    #[test]
    fn what_is_encoded_decodes_to_itself() {
        for text in ["", "a b+c%d&e=f", "{\"n\":\"Ж\\/😀\"}", "\n\0"] {
            assert_eq!(decode(&encode(text)).as_deref(), Some(text));
        }
    }
}
