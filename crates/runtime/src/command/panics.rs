//! What is said of panics: at once, or held back while somebody finds out whether a device is to blame.

use std::sync::{Mutex, PoisonError};

use crate::console::say;

/// Those that are held back, while they are.
static HELD: Mutex<Option<Vec<String>>> = Mutex::new(None);

/// Lets the program called `name` say what panics there are as faults of its own, unless they are held back.
pub(super) fn report(name: &'static str) {
    std::panic::set_hook(Box::new(move |panic| {
        let text = format!(
            "{name}: internal error: {panic}\nThis is a fault of the program, not yours; please report it."
        );
        let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
        match held.as_mut() {
            Some(held) => held.push(text),
            None => say(&text),
        }
    }));
}

/// Holds back what is said of panics on any thread from now on.
pub fn hold() {
    *HELD.lock().unwrap_or_else(PoisonError::into_inner) = Some(Vec::new());
}

/// Ends that, and returns what was held back.
pub fn release() -> Vec<String> {
    let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
    held.take().unwrap_or_default()
}
