//! Zig-zag varints and bounded big-endian reads. Every reader here returns `None` instead of running past the end.

/// An `i64` takes at most this many bytes.
const MAX_VARINT_BYTES: usize = 10;

/// Appends `value` as a zig-zag varint.
pub(crate) fn put_varint(buf: &mut Vec<u8>, value: i64) {
    let mut rest = zigzag(value);
    while rest >= 0x80 {
        buf.push((rest as u8 & 0x7f) | 0x80);
        rest >>= 7;
    }
    buf.push(rest as u8);
}

/// How many bytes [`put_varint`] appends.
pub(crate) fn varint_len(value: i64) -> usize {
    let bits = 64 - (zigzag(value) | 1).leading_zeros() as usize;
    bits.div_ceil(7)
}

fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

/// Reads from the front of a slice.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn remaining(&self) -> &'a [u8] {
        self.rest
    }

    pub(crate) fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.rest.split_at_checked(n)?;
        self.rest = tail;
        Some(head)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, tail) = self.rest.split_first_chunk::<N>()?;
        self.rest = tail;
        Some(*head)
    }

    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[b]| b)
    }

    pub(crate) fn varint(&mut self) -> Option<i64> {
        let mut value = 0u64;
        for i in 0..MAX_VARINT_BYTES {
            let byte = self.u8()?;
            // The tenth byte has room for one bit only.
            if i == MAX_VARINT_BYTES - 1 && byte > 1 {
                return None;
            }
            value |= u64::from(byte & 0x7f) << (7 * i);
            if byte & 0x80 == 0 {
                return Some((value >> 1) as i64 ^ -((value & 1) as i64));
            }
        }
        None
    }

    /// A varint length, then that many bytes.
    pub(crate) fn sized(&mut self) -> Option<&'a [u8]> {
        let len = usize::try_from(self.varint()?).ok()?;
        self.take(len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn varints_come_back(value: i64) {
            let mut buf = Vec::new();
            put_varint(&mut buf, value);
            prop_assert_eq!(buf.len(), varint_len(value));
            let mut cursor = Cursor::new(&buf);
            prop_assert_eq!(cursor.varint(), Some(value));
            prop_assert!(cursor.is_empty());
        }
    }

    #[test]
    fn hostile_varints_end() {
        assert_eq!(Cursor::new(&[0x80; 9]).varint(), None);
        assert_eq!(Cursor::new(&[0xff; 64]).varint(), None);
        assert_eq!(Cursor::new(&[]).varint(), None);
        // A length of i64::MAX with nothing behind it must not allocate or panic.
        let mut buf = Vec::new();
        put_varint(&mut buf, i64::MAX);
        assert_eq!(Cursor::new(&buf).sized(), None);
    }
}
