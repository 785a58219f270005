//! The bytes below the records: varints, fixed arrays, lengths.
//!
//! What is written has exactly one form, and the reader takes no other: an overlong varint is an error. So a record that decodes
//! encodes to the very same bytes, and comparing bytes compares records. The reader never runs past the end and never believes a
//! length that the bytes behind it cannot fill.

use super::{CodecError, VERSION};

/// A `u64` takes at most this many bytes: nine of seven bits, and one bit.
const VARINT_BYTES_MAX: usize = 10;

/// Appends to a buffer.
#[derive(Debug)]
pub(crate) struct Writer<'a> {
    out: &'a mut Vec<u8>,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out }
    }

    #[inline]
    pub(crate) fn u8(&mut self, value: u8) {
        self.out.push(value);
    }

    /// LEB128, shortest form.
    #[inline]
    pub(crate) fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.out.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.out.push(value as u8);
    }

    /// Zig-zag, then LEB128: small in either direction is short.
    #[inline]
    pub(crate) fn signed(&mut self, value: i64) {
        self.varint(((value << 1) ^ (value >> 63)) as u64);
    }

    /// As they are; the reader knows how many.
    #[inline]
    pub(crate) fn array<const N: usize>(&mut self, bytes: &[u8; N]) {
        self.out.extend_from_slice(bytes);
    }

    /// Their number, then the bytes.
    #[inline]
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.out.extend_from_slice(bytes);
    }

    /// How many of something follow.
    #[inline]
    pub(crate) fn count(&mut self, count: usize) {
        self.varint(count as u64);
    }
}

/// Reads from the front of a slice.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// How many bytes have been read.
    #[inline]
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    fn rest(&self) -> &'a [u8] {
        // `at` never passes the end; should it ever, nothing is left.
        self.bytes.get(self.at..).unwrap_or_default()
    }

    #[cold]
    fn ended(&self) -> CodecError {
        CodecError::Malformed { at: self.at, what: "the record ends in the middle of a value" }
    }

    #[inline]
    pub(crate) fn u8(&mut self) -> Result<u8, CodecError> {
        let Some(byte) = self.bytes.get(self.at) else { return Err(self.ended()) };
        self.at += 1;
        Ok(*byte)
    }

    /// LEB128, shortest form only.
    #[inline]
    pub(crate) fn varint(&mut self) -> Result<u64, CodecError> {
        match self.bytes.get(self.at) {
            Some(byte) if *byte < 0x80 => {
                self.at += 1;
                Ok(u64::from(*byte))
            }
            _ => self.long_varint(),
        }
    }

    fn long_varint(&mut self) -> Result<u64, CodecError> {
        let start = self.at;
        let mut value = 0_u64;
        for index in 0..VARINT_BYTES_MAX {
            let byte = self.u8()?;
            // The tenth byte has room for one bit only.
            if index == VARINT_BYTES_MAX - 1 && byte > 1 {
                break;
            }
            value |= u64::from(byte & 0x7f) << (7 * index);
            if byte < 0x80 {
                return if byte == 0 && index > 0 {
                    Err(CodecError::Malformed { at: start, what: "a number is written longer than it needs to be" })
                } else {
                    Ok(value)
                };
            }
        }
        Err(CodecError::Malformed { at: start, what: "a number is larger than 64 bits" })
    }

    /// A varint that fits a smaller type.
    #[inline]
    pub(crate) fn narrow<T: TryFrom<u64>>(&mut self) -> Result<T, CodecError> {
        let at = self.at;
        T::try_from(self.varint()?).map_err(|_| CodecError::Malformed { at, what: "a number is too large for its field" })
    }

    /// Zig-zag, then LEB128.
    #[inline]
    pub(crate) fn signed(&mut self) -> Result<i64, CodecError> {
        let value = self.varint()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    #[inline]
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], CodecError> {
        let Some(bytes) = self.rest().first_chunk::<N>() else { return Err(self.ended()) };
        self.at += N;
        Ok(*bytes)
    }

    /// A number, then that many bytes.
    #[inline]
    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], CodecError> {
        let count = self.count(1)?;
        let Some(bytes) = self.rest().get(..count) else { return Err(self.ended()) };
        self.at += count;
        Ok(bytes)
    }

    /// How many of something follow, each of at least `bytes_min` bytes: never more than the rest has room for.
    #[inline]
    pub(crate) fn count(&mut self, bytes_min: usize) -> Result<usize, CodecError> {
        let at = self.at;
        let count = self.varint()?;
        let room = self.rest().len() / bytes_min.max(1);
        match usize::try_from(count) {
            Ok(count) if count <= room => Ok(count),
            _ => Err(CodecError::Malformed { at, what: "a length is longer than the rest of the record" }),
        }
    }

    /// The version byte. An unknown one is told apart from damage.
    pub(crate) fn version(&mut self) -> Result<(), CodecError> {
        match self.u8()? {
            VERSION => Ok(()),
            0 => Err(CodecError::Malformed { at: 0, what: "there is no record version 0" }),
            version => Err(CodecError::Newer { version }),
        }
    }

    /// Nothing may follow.
    pub(crate) fn end(&self) -> Result<(), CodecError> {
        if self.at == self.bytes.len() {
            Ok(())
        } else {
            Err(CodecError::Malformed { at: self.at, what: "bytes follow the end of the record" })
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbers_come_back(unsigned: u64, signed: i64) {
            let mut out = Vec::new();
            let mut writer = Writer::new(&mut out);
            writer.varint(unsigned);
            writer.signed(signed);
            let mut reader = Reader::new(&out);
            prop_assert_eq!((reader.varint(), reader.signed(), reader.end()), (Ok(unsigned), Ok(signed), Ok(())));
        }

        #[test]
        fn a_count_never_exceeds_what_the_rest_can_hold(count: u64, bytes_min in 1_usize..40, rest in 0_usize..200) {
            let mut out = Vec::new();
            Writer::new(&mut out).varint(count);
            out.resize(out.len() + rest, 0);
            let read = Reader::new(&out).count(bytes_min);
            prop_assert_eq!(read.is_ok(), count.checked_mul(bytes_min as u64).is_some_and(|needed| needed <= rest as u64));
        }
    }

    #[test]
    fn small_numbers_are_short() {
        for (value, bytes) in [(0, 1), (127, 1), (128, 2), (16_383, 2), (1_795_000_000_000, 6), (u64::MAX, 10)] {
            let mut out = Vec::new();
            Writer::new(&mut out).varint(value);
            assert_eq!(out.len(), bytes, "{value}");
        }
    }

    #[test]
    fn a_number_has_one_form() {
        let beyond_64_bits = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02];
        for bytes in [&[0x80, 0x00][..], &[0xff, 0x80, 0x00], &beyond_64_bits, &[0xff; 10], &[0x80; 10], &[0x80; 9], &[]] {
            assert!(Reader::new(bytes).varint().is_err(), "{bytes:02x?}");
        }
        assert_eq!(Reader::new(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]).varint(), Ok(u64::MAX));
        assert!(Reader::new(&[0x80, 0x80, 0x04]).narrow::<u16>().is_err());
    }
}
