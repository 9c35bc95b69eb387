//! How the columns of a table are written as bytes.
//!
//! redb makes its B-tree anew for every pair of key and value types, some 45 KB each time. So all
//! our tables are tables of bytes, and the types are ours: numbers big-endian and signed ones with
//! their sign turned, so that bytes are ordered as the values are; text as it is; in a tuple one
//! after the other, text that is not at the end behind its length.

/// A type that a key or a value may have.
pub trait Column {
    /// The type as it is read: with the lifetime of the row.
    type Of<'a>;

    /// Writes it behind `bytes`; `is_last` when nothing follows, so that its end needs no mark.
    fn put(of: &Self::Of<'_>, bytes: &mut Vec<u8>, is_last: bool);

    /// Reads it and moves `bytes` behind it. What is missing at the end reads as zeros: redb's
    /// checksums tell a broken file, not we.
    fn take<'a>(bytes: &mut &'a [u8], is_last: bool) -> Self::Of<'a>;
}

/// The bytes of a whole key or value.
pub(super) fn encoded<C: Column>(of: &C::Of<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    C::put(of, &mut bytes, true);
    bytes
}

/// A whole key or value.
pub(super) fn decoded<C: Column>(mut bytes: &[u8]) -> C::Of<'_> {
    C::take(&mut bytes, true)
}

fn split<'a>(bytes: &mut &'a [u8], length: usize) -> &'a [u8] {
    let (head, rest) = bytes.split_at(length.min(bytes.len()));
    *bytes = rest;
    head
}

fn array<const N: usize>(bytes: &mut &[u8]) -> [u8; N] {
    split(bytes, N).try_into().unwrap_or([0; N])
}

impl Column for u64 {
    type Of<'a> = u64;

    fn put(of: &u64, bytes: &mut Vec<u8>, _: bool) {
        bytes.extend(of.to_be_bytes());
    }

    fn take(bytes: &mut &[u8], _: bool) -> u64 {
        u64::from_be_bytes(array(bytes))
    }
}

impl Column for u32 {
    type Of<'a> = u32;

    fn put(of: &u32, bytes: &mut Vec<u8>, _: bool) {
        bytes.extend(of.to_be_bytes());
    }

    fn take(bytes: &mut &[u8], _: bool) -> u32 {
        u32::from_be_bytes(array(bytes))
    }
}

impl Column for i64 {
    type Of<'a> = i64;

    fn put(of: &i64, bytes: &mut Vec<u8>, is_last: bool) {
        u64::put(&(of.cast_unsigned() ^ 1 << 63), bytes, is_last);
    }

    fn take(bytes: &mut &[u8], is_last: bool) -> i64 {
        (u64::take(bytes, is_last) ^ 1 << 63).cast_signed()
    }
}

impl Column for bool {
    type Of<'a> = bool;

    fn put(of: &bool, bytes: &mut Vec<u8>, _: bool) {
        bytes.push(u8::from(*of));
    }

    fn take(bytes: &mut &[u8], _: bool) -> bool {
        array(bytes) != [0]
    }
}

impl Column for () {
    type Of<'a> = ();

    fn put((): &(), _: &mut Vec<u8>, _: bool) {}

    fn take(_: &mut &[u8], _: bool) {}
}

impl Column for &[u8; 32] {
    type Of<'a> = &'a [u8; 32];

    fn put(of: &&[u8; 32], bytes: &mut Vec<u8>, _: bool) {
        bytes.extend_from_slice(*of);
    }

    fn take<'a>(bytes: &mut &'a [u8], _: bool) -> &'a [u8; 32] {
        split(bytes, 32).try_into().unwrap_or(&[0; 32])
    }
}

impl Column for &[u8] {
    type Of<'a> = &'a [u8];

    fn put(of: &&[u8], bytes: &mut Vec<u8>, is_last: bool) {
        if !is_last {
            // Rows are at most 1 GiB.
            u32::put(&u32::try_from(of.len()).unwrap_or(u32::MAX), bytes, false);
        }
        bytes.extend_from_slice(of);
    }

    fn take<'a>(bytes: &mut &'a [u8], is_last: bool) -> &'a [u8] {
        let length = if is_last { bytes.len() } else { u32::take(bytes, false) as usize };
        split(bytes, length)
    }
}

impl Column for &str {
    type Of<'a> = &'a str;

    fn put(of: &&str, bytes: &mut Vec<u8>, is_last: bool) {
        <&[u8]>::put(&of.as_bytes(), bytes, is_last);
    }

    fn take<'a>(bytes: &mut &'a [u8], is_last: bool) -> &'a str {
        str::from_utf8(<&[u8]>::take(bytes, is_last)).unwrap_or_default()
    }
}

/// A tuple: its columns in their order.
macro_rules! tuple {
    ($($inner:ident $number:tt),*; $last:ident $end:tt) => {
        impl<$($inner: Column,)* $last: Column> Column for ($($inner,)* $last) {
            type Of<'a> = ($($inner::Of<'a>,)* $last::Of<'a>);

            fn put(of: &Self::Of<'_>, bytes: &mut Vec<u8>, is_last: bool) {
                $($inner::put(&of.$number, bytes, false);)*
                $last::put(&of.$end, bytes, is_last);
            }

            fn take<'a>(bytes: &mut &'a [u8], is_last: bool) -> Self::Of<'a> {
                ($($inner::take(bytes, false),)* $last::take(bytes, is_last))
            }
        }
    };
}

tuple!(A 0; B 1);
tuple!(A 0, B 1; C 2);
tuple!(A 0, B 1, C 2; D 3);
tuple!(A 0, B 1, C 2, D 3; E 4);

#[cfg(test)]
mod tests {
    use super::*;

    fn check<C: Column>(ordered: &[C::Of<'_>])
    where
        for<'a> C::Of<'a>: PartialEq<C::Of<'a>> + std::fmt::Debug,
    {
        let all: Vec<Vec<u8>> = ordered.iter().map(encoded::<C>).collect();
        assert!(all.is_sorted(), "{all:?}");
        for (bytes, of) in all.iter().zip(ordered) {
            let again = encoded::<C>(&decoded::<C>(bytes));
            assert_eq!(&again, bytes, "{:?} and {:?}", encoded::<C>(of), decoded::<C>(bytes));
        }
    }

    #[test]
    fn bytes_are_ordered_as_values_are_and_read_back() {
        check::<u64>(&[0, 1, 255, 256, u64::MAX]);
        check::<i64>(&[i64::MIN, -256, -1, 0, 1, 1 << 40, i64::MAX]);
        check::<(u64, i64)>(&[(0, -1), (0, 1), (1, i64::MIN), (256, 0)]);
        check::<(u32, u64)>(&[(0, 9), (1, 0), (1, 1 << 60)]);
        check::<&str>(&["", "a", "ab", "b", "ü"]);
        check::<(bool, u64, i64)>(&[(false, 7, 0), (true, 0, -5)]);
        check::<(i64, &str, i64, u64, &[u8])>(&[(1, "a", 2, 3, b""), (1, "a", 2, 3, b"xyz")]);
    }

    #[test]
    fn a_row_reads_back_as_what_was_written() {
        let row = (-5, "message", 7, 9, &b"{}"[..]);
        let bytes = encoded::<(i64, &str, i64, u64, &[u8])>(&row);
        assert_eq!(decoded::<(i64, &str, i64, u64, &[u8])>(&bytes), row);
        assert_eq!(decoded::<&[u8; 32]>(&encoded::<&[u8; 32]>(&&[7; 32])), &[7; 32]);
        assert_eq!(decoded::<((), bool)>(&encoded::<((), bool)>(&((), true))), ((), true));
    }

    #[test]
    fn bytes_that_end_early_read_as_zeros_and_never_panic() {
        for length in 0..20 {
            let bytes = vec![0xff; length];
            let _ = decoded::<(i64, &str, i64, u64, &[u8])>(&bytes);
            let _ = decoded::<&[u8; 32]>(&bytes);
        }
        assert_eq!(decoded::<u64>(&[1, 2]), 0);
    }
}
