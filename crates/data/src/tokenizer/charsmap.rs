//! Maps of characters that SentencePiece made, of which the library believes what they say of their size.

use serde_json::Value;

/// Whether a map anywhere in `part` of a file says that it is longer than it is. The library makes room for
/// what it says, and a process that asks for more memory than there is ends.
pub(super) fn any_too_long(part: &Value) -> bool {
    match part {
        Value::Array(parts) => parts.iter().any(any_too_long),
        Value::Object(parts) => {
            let map = parts.get("precompiled_charsmap").and_then(Value::as_str);
            map.is_some_and(is_too_long) || parts.values().any(any_too_long)
        }
        _ => false,
    }
}

fn is_too_long(base64: &str) -> bool {
    // Six digits hold the four bytes of the length, the lowest first, and half a byte more.
    let digits = base64.bytes().take(6).map(digit);
    let bits = digits.fold(0_u64, |bits, digit| (bits << 6) | digit);
    let length = u32::swap_bytes((bits >> 4) as u32);
    u64::from(length) > base64.len() as u64
}

/// The value of a digit of base 64; what is none is refused later.
fn digit(byte: u8) -> u64 {
    u64::from(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lengths_are_compared_with_what_is_there() {
        let of = |map: &str| {
            any_too_long(&json!({"type": "Sequence", "normalizers": [
                {"type": "Precompiled", "precompiled_charsmap": map},
            ]}))
        };
        // Lengths of 0xffffffff, 0x01000000, 4 and 0.
        assert!(of("/////wAA") && of("AAAAAQAA"));
        assert!(!of("BAAAAAAAAAA=") && !of("AAAAAA=="));
        assert!(!any_too_long(&json!({"type": "NFC"})));
    }
}
