//! DER (X.690), as far as certificates need it: elements of a tag, a length and a content.

/// INTEGER.
pub(super) const INTEGER: u8 = 0x02;
/// BIT STRING.
pub(super) const BIT_STRING: u8 = 0x03;
/// OCTET STRING.
pub(super) const OCTET_STRING: u8 = 0x04;
/// OBJECT IDENTIFIER.
pub(super) const OID: u8 = 0x06;
/// `UTF8String`.
pub(super) const UTF8: u8 = 0x0c;
/// `UTCTime`: a year of two digits.
pub(super) const UTC_TIME: u8 = 0x17;
/// `GeneralizedTime`: a year of four digits.
pub(super) const GENERALIZED_TIME: u8 = 0x18;
/// SEQUENCE.
pub(super) const SEQUENCE: u8 = 0x30;
/// SET.
pub(super) const SET: u8 = 0x31;

/// `[number]` around other elements.
pub(super) const fn explicit(number: u8) -> u8 {
    0xa0 | number
}

/// `[number]` in place of a primitive type's own tag.
pub(super) const fn implicit(number: u8) -> u8 {
    0x80 | number
}

/// An element with these parts as its content.
pub(super) fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let mut element = vec![tag];
    if let Ok(short @ ..0x80) = u8::try_from(content.len()) {
        element.push(short);
    } else {
        let length = content.len().to_be_bytes();
        let bytes = &length[length.iter().take_while(|byte| **byte == 0).count()..];
        element.push(0x80 | u8::try_from(bytes.len()).expect("a length has 8 bytes at most"));
        element.extend_from_slice(bytes);
    }
    element.extend(content);
    element
}

/// Takes the next element from `input`: its tag and its content. `None` if there is no whole one.
pub(super) fn take<'a>(input: &mut &'a [u8]) -> Option<(u8, &'a [u8])> {
    let (&tag, rest) = input.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        // Four bytes of length are more than any certificate has.
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    *input = rest;
    Some((tag, content))
}

/// The same, if it has this tag.
pub(super) fn take_tagged<'a>(input: &mut &'a [u8], tag: u8) -> Option<&'a [u8]> {
    take(input).filter(|(found, _)| *found == tag).map(|(_, content)| content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_whatever_its_length() {
        for length in [0, 1, 127, 128, 255, 256, 65_535, 65_536] {
            let content = vec![7; length];
            let written = [element(UTF8, &[&content]), vec![1]].concat();
            let mut input = &written[..];
            assert_eq!(take_tagged(&mut input, UTF8), Some(&content[..]));
            assert_eq!(input, [1]);
            let whole = written.len() - 1;
            assert!((0..whole).all(|end| take(&mut &written[..end]).is_none()), "{length}");
        }
        for odd in [&[0x30, 0x80, 0, 0][..], &[0x30, 0x85, 0, 0, 0, 0, 0], &[0x30, 0xff]] {
            assert_eq!(take(&mut &odd[..]), None);
        }
    }
}
