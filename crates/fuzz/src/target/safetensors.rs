//! Tensor files of checkpoints.
//!
//! Promised: a tensor has as many numbers as its shape says, and a file whose checksum is another is refused.

use runtime::checkpoint::{PARAMETERS, checksum, tensors};

use crate::{message, scratch};

/// Pieces of tensor files.
pub const DICTIONARY: &[&[u8]] = &[
    b"{",
    b"}",
    b"[]",
    b"{}",
    b"\x02\0\0\0\0\0\0\0{}",
    b"\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\"dtype\":\"F32\"",
    b"\"F16\"",
    b"\"BF16\"",
    b"\"I8\"",
    b"\"F4\"",
    b"\"shape\":[2,3]",
    b"\"shape\":[]",
    b"\"shape\":[0,18446744073709551615]",
    b"\"data_offsets\":[0,24]",
    b"\"data_offsets\":[24,0]",
    b"\"__metadata__\":{\"a\":\"b\"},",
    b"18446744073709551615",
    b"-1",
    b"1e3",
    b"null",
    b" ",
    b"\\u0000",
    b"\xff",
];

/// Reads `input` as the parameters of a checkpoint.
pub fn run(input: &[u8]) {
    let path = scratch::file(PARAMETERS, input);
    let right = checksum(input);
    match tensors(&path, right ^ 1) {
        Ok(_) => panic!("another checksum is taken"),
        Err(error) => message::check_said(&error),
    }
    let found = match tensors(&path, right) {
        Ok(found) => found,
        Err(error) => return message::check_said(&error),
    };
    for (name, values) in found {
        let mut axes = values.shape.iter();
        let count = axes.try_fold(1_usize, |count, &axis| count.checked_mul(axis));
        assert_eq!(count, Some(values.data.len()), "{name}");
    }
}
