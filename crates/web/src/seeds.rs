//! Seeds for other crates' hash maps, where the system has no randomness to give.

use getrandom::Error;

/// Fills `size` bytes at `place` with the same numbers every time: they decide only how hash maps lie in memory, and
/// nothing else here asks for any.
///
/// # Safety
/// The place has room for so many bytes.
#[unsafe(no_mangle)]
unsafe extern "Rust" fn __getrandom_v03_custom(place: *mut u8, size: usize) -> Result<(), Error> {
    // SAFETY: so the caller promises.
    let bytes = unsafe { std::slice::from_raw_parts_mut(place, size) };
    bytes
        .iter_mut()
        .zip((1u8..=251).cycle())
        .for_each(|(byte, number)| *byte = number);
    Ok(())
}
