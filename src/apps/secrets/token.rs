//! What names a secret, what opens it, and what is in it: values that never print.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::hidden::Hidden;

/// Hexadecimal digits of a token: 256 bits.
pub const TOKEN_DIGITS: usize = 64;

/// The same in base64, as in payloads of `/start`, which have at most 64 characters.
pub const TOKEN_CHARS: usize = 43;

/// How such a payload begins.
pub const PAYLOAD: &str = "s_";

/// What stands before the id in a link to the page.
pub const PAGE: &str = "/s/";

/// Decimal digits an id may have.
const ID_DIGITS: usize = 18;

/// A secret's number, from 1; never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretId(pub u64);

/// What opens a secret: 32 random bytes. It exists in the message that tells it and nowhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token(Hidden<Zeroizing<[u8; 32]>>);

/// A text that never prints and is wiped from memory when it is dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretText(Hidden<Zeroizing<String>>);

/// What a reader brings: `<id>:<token>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Which secret.
    pub id: SecretId,
    /// What opens it.
    pub token: Token,
}

impl SecretId {
    /// Reads the form it is written in, and no other.
    pub fn parse(text: &str) -> Option<Self> {
        let digits =
            (1..=ID_DIGITS).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        let id = text.parse().ok().filter(|_| digits && !text.starts_with('0'))?;
        Some(Self(id))
    }
}

impl fmt::Display for SecretId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Token {
    /// The token of these bytes, which have to be random.
    pub fn of(bytes: [u8; 32]) -> Self {
        Self(Hidden::new(Zeroizing::new(bytes)))
    }

    /// Reads 64 hexadecimal digits of either case.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != TOKEN_DIGITS {
            return None;
        }
        let mut bytes = Zeroizing::new([0; 32]);
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Some(Self(Hidden::new(bytes)))
    }

    /// The bytes, for the key derivation.
    pub(super) fn bytes(&self) -> &[u8; 32] {
        self.0.reveal()
    }

    /// 64 lower-case digits, for the one message that tells them.
    pub fn expose(&self) -> SecretText {
        SecretText::new(super::seal::hex(self.bytes()))
    }
}

impl SecretText {
    /// Hides `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Hidden::new(Zeroizing::new(text.into())))
    }

    /// The text. Never pass it to a log line, an error, or anything that is kept.
    pub fn reveal(&self) -> &str {
        self.0.reveal()
    }

    /// How many characters: Unicode code points.
    pub fn chars(&self) -> usize {
        self.reveal().chars().count()
    }
}

impl Ticket {
    /// Reads `<id>:<token>`; blanks around it do not matter, since people copy them along.
    pub fn parse(text: &str) -> Option<Self> {
        let (id, token) = text.trim().split_once(':')?;
        Some(Self { id: SecretId::parse(id)?, token: Token::parse(token)? })
    }

    /// Reads a link to the page, `https://…/s/<id>#<token>`.
    pub fn parse_link(text: &str) -> Option<Self> {
        let (page, token) = text.trim().split_once('#')?;
        let (_, id) = page.rsplit_once(PAGE)?;
        Some(Self { id: SecretId::parse(id)?, token: Token::parse(token)? })
    }

    /// Reads what stands behind `/start` in a deep link: `s_<id>_<token in base64>`.
    pub fn parse_payload(text: &str) -> Option<Self> {
        let (id, token) = text.strip_prefix(PAYLOAD)?.split_once('_')?;
        let mut bytes = Zeroizing::new([0; 32]);
        let length = URL_SAFE_NO_PAD.decode_slice(token, &mut bytes[..]).ok()?;
        let token = Token(Hidden::new(bytes));
        (length == 32).then_some(Self { id: SecretId::parse(id)?, token })
    }

    /// What [`Ticket::parse_link`] reads, below the `base` of the pages.
    pub fn expose_link(&self, base: &str) -> SecretText {
        SecretText::new(format!("{base}{PAGE}{}#{}", self.id, self.token.expose().reveal()))
    }

    /// A deep link to the bot with what [`Ticket::parse_payload`] reads.
    pub fn expose_deep_link(&self, bot: &str) -> SecretText {
        let token = Zeroizing::new(URL_SAFE_NO_PAD.encode(self.token.bytes()));
        SecretText::new(format!("https://t.me/{bot}?start={PAYLOAD}{}_{}", self.id, *token))
    }

    /// `<id>:<token>`, for the one message that tells it.
    pub fn expose(&self) -> SecretText {
        let token = self.token.expose();
        let mut text = String::with_capacity(ID_DIGITS + 1 + TOKEN_DIGITS);
        text.push_str(&self.id.to_string());
        text.push(':');
        text.push_str(token.reveal());
        SecretText::new(text)
    }
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_read_in_the_form_it_is_written_and_in_no_other() {
        let hex = "0123456789abcdef".repeat(4);
        let ticket = Ticket::parse(&format!("7:{hex}")).unwrap();
        assert_eq!(ticket.id, SecretId(7));
        assert_eq!(ticket.expose().reveal(), format!("7:{hex}"));
        assert_eq!(Ticket::parse(&format!(" 7:{}\n", hex.to_uppercase())), Some(ticket));
        for wrong in [
            String::new(),
            hex.clone(),
            format!(":{hex}"),
            format!("0:{hex}"),
            format!("07:{hex}"),
            format!("-7:{hex}"),
            format!("+7:{hex}"),
            format!("7 :{hex}"),
            format!("7: {hex}"),
            format!("7:{}", &hex[1..]),
            format!("7:{hex}0"),
            format!("7:{}g", &hex[1..]),
            format!("7:{}é", &hex[2..]),
            format!("1234567890123456789:{hex}"),
            format!("7:{}:{}", &hex[..32], &hex[32..]),
        ] {
            assert_eq!(Ticket::parse(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn links_carry_the_same_ticket() {
        let ticket = Ticket { id: SecretId(999_999_999_999_999_999), token: Token::of([0xfb; 32]) };
        let page = ticket.expose_link("https://x.org");
        assert_eq!(page.reveal(), format!("https://x.org/s/{}#{}", ticket.id, "fb".repeat(32)));
        assert_eq!(Ticket::parse_link(page.reveal()).as_ref(), Some(&ticket));
        let deep = ticket.expose_deep_link("RoostBot");
        let payload = deep.reveal().split_once("?start=").unwrap().1;
        assert!(payload.len() <= 64, "{payload}");
        assert_eq!(Ticket::parse_payload(payload), Some(ticket));
        for wrong in ["", "s_", "s_5", "s_5_", "e_5", "s_5_AAAA", "s_0_x"] {
            assert_eq!(Ticket::parse_payload(wrong), None, "{wrong}");
        }
        for wrong in ["", "/s/5", "/s/5#", "/s/5#abc", "5#abc", "https://x.org/s/#"] {
            assert_eq!(Ticket::parse_link(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn nothing_of_it_prints() {
        let ticket = Ticket { id: SecretId(7), token: Token::of([0xab; 32]) };
        assert_eq!(format!("{ticket:?}"), "Ticket { id: SecretId(7), token: Token(***) }");
        assert_eq!(format!("{:?}", SecretText::new("canary")), "SecretText(***)");
    }
}
