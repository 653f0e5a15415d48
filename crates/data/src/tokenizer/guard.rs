//! Keeps a panic of the library, which a damaged or hostile file can cause, from ending the process.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Returns the result of `work`, or its message if it panicked. Nothing is printed then: the process's own hook is
/// asked only about panics elsewhere.
pub(super) fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |panic| {
            if !QUIET.try_with(Cell::get).unwrap_or(false) {
                before(panic);
            }
        }));
    });
    let before = QUIET.replace(true);
    // What was being worked on is given up with the error, so that nobody sees it half done.
    let result = catch_unwind(AssertUnwindSafe(work));
    QUIET.set(before);
    result.map_err(|said| message(said.as_ref()))
}

fn message(said: &(dyn Any + Send)) -> String {
    let text = said
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| said.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no reason given").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_its_message() {
        assert_eq!(guarded(|| 7), Ok(7));
        let empty: Vec<usize> = Vec::new();
        let caught = guarded(|| empty[3]);
        assert!(caught.unwrap_err().contains("out of bounds"));
        assert_eq!(guarded(|| panic!("said")), Err::<(), _>("said".to_owned()));
        assert!(!QUIET.get());
    }
}
