//! Websocket frames of a server, encoded once and shared: they are not masked (RFC 6455 §5.1), so
//! the bytes are the same for everybody.

use std::sync::Arc;

/// One whole frame, header included.
pub type Frame = Arc<[u8]>;

/// `FIN` and opcode 1 (RFC 6455 §5.2).
const TEXT: u8 = 0x81;

/// `FIN` and opcode 8.
const CLOSE: u8 = 0x88;

/// A text message.
pub fn text(message: &str) -> Frame {
    encode(TEXT, message.as_bytes())
}

/// A close frame with `code` (RFC 6455 §7.4) and no reason text.
pub fn close(code: u16) -> Frame {
    encode(CLOSE, &code.to_be_bytes())
}

#[expect(clippy::cast_possible_truncation, reason = "each arm checks the range")]
fn encode(first: u8, payload: &[u8]) -> Frame {
    let mut frame = Vec::with_capacity(payload.len() + 10);
    frame.push(first);
    match payload.len() {
        length @ ..126 => frame.push(length as u8),
        length @ ..65_536 => {
            frame.push(126);
            frame.extend((length as u16).to_be_bytes());
        }
        length => {
            frame.push(127);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    frame.extend(payload);
    frame.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_has_the_shortest_length_form() {
        for (length, header) in [
            (0, vec![0x81, 0]),
            (125, vec![0x81, 125]),
            (126, vec![0x81, 126, 0, 126]),
            (65_535, vec![0x81, 126, 255, 255]),
            (65_536, vec![0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
        ] {
            let frame = text(&"x".repeat(length));
            assert!(frame.starts_with(&header), "{length}");
            assert_eq!(frame.len(), header.len() + length);
        }
    }

    #[test]
    fn a_close_frame_carries_its_code() {
        assert_eq!(&close(1013)[..], [0x88, 2, 0x03, 0xf5]);
    }
}
