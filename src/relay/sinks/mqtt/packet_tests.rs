use super::*;

const LOGIN: Login<'_> = Login { client: "c", user: "u", password: Some("p"), keep_alive: 60 };

#[test]
fn the_packets_we_send_are_those_of_the_standard() {
    assert_eq!(
        connect(Version::Three, &LOGIN),
        b"\x10\x13\0\x04MQTT\x04\xC2\0\x3C\0\x01c\0\x01u\0\x01p"
    );
    assert_eq!(
        connect(Version::Five, &LOGIN),
        b"\x10\x14\0\x04MQTT\x05\xC2\0\x3C\0\0\x01c\0\x01u\0\x01p"
    );
    let nobody = Login { user: "", password: None, ..LOGIN };
    assert_eq!(connect(Version::Three, &nobody), b"\x10\x0D\0\x04MQTT\x04\x02\0\x3C\0\x01c");
    let message = Message { topic: "t/a", id: 258, content_type: "x/y", update_id: 7, body: b"{}" };
    let mut bytes = Vec::new();
    publish(&mut bytes, Version::Three, &message);
    assert_eq!(bytes, b"\x32\x09\0\x03t/a\x01\x02{}");
    bytes.clear();
    publish(&mut bytes, Version::Three, &Message { id: 0, ..message });
    assert_eq!(bytes, b"\x30\x07\0\x03t/a{}");
    bytes.clear();
    publish(&mut bytes, Version::Five, &message);
    assert_eq!(bytes, b"\x32\x1F\0\x03t/a\x01\x02\x15\x03\0\x03x/y\x26\0\x09update_id\0\x017{}");
    let long = vec![b'x'; 20_000];
    bytes.clear();
    publish(&mut bytes, Version::Three, &Message { body: &long, ..message });
    assert_eq!(bytes[..4], *b"\x32\xA7\x9C\x01");
}

#[test]
fn what_a_broker_says_is_read() {
    let limits = Limits { window: 20, packet: 1_000, qos: 0 };
    let rich =
        b"\x20\x1B\0\0\x18\x21\0\x14\x24\0\x27\0\0\x03\xE8\x26\0\x01a\0\x01b\x1F\0\x01r\x13\0\x05";
    for (bytes, expected) in [
        (&b"\x20\x02\0\0"[..], Packet::Greeting { code: 0, limits: LIMITS }),
        (b"\x20\x02\0\x05", Packet::Greeting { code: 5, limits: LIMITS }),
        (b"\x20\x03\0\x87\0", Packet::Greeting { code: 0x87, limits: LIMITS }),
        (rich, Packet::Greeting { code: 0, limits }),
        (b"\x40\x02\x01\x02", Packet::Acknowledged { id: 258, code: 0 }),
        (b"\x40\x04\x01\x02\x10\0", Packet::Acknowledged { id: 258, code: 0x10 }),
        (b"\xE0\0", Packet::Farewell { code: 0 }),
        (b"\xE0\x01\x8B", Packet::Farewell { code: 0x8B }),
        (b"\xD0\0", Packet::Other),
    ] {
        assert_eq!(next(bytes), Ok(Some((expected, bytes.len()))), "{bytes:02x?}");
        for end in 0..bytes.len() {
            assert_eq!(next(&bytes[..end]), Ok(None), "{bytes:02x?} cut at {end}");
        }
        let more = [bytes, b"\xD0\0"].concat();
        assert_eq!(next(&more).unwrap().unwrap().1, bytes.len(), "what follows is left");
    }
}

#[test]
fn bytes_that_are_no_mqtt_are_told_from_those_that_are_not_whole() {
    for bytes in [
        &b"\x20\xFF\xFF\xFF\x7F"[..],
        b"\x20\xFF\xFF\xFF\xFF",
        b"\x20\x01\0",
        b"\x20\x04\0\0\x05\x21",
        b"\x20\x05\0\0\x02\x99\0",
        b"\x40\x01\0",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
    ] {
        assert_eq!(next(bytes), Err(Malformed), "{bytes:02x?}");
    }
}
