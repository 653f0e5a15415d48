//! A device that fails while a model trains: it is gone, or has no memory left.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use runtime::command::panics;

use crate::backend::Choice;
use crate::console::say;
use crate::error::RunError;
use crate::run::RunFolder;

/// Words by which a panic below tells that the device is to blame.
const SIGNS: [&str; 6] = [
    "device lost",
    "device is lost",
    "out of memory",
    "outofmemory",
    "not enough memory",
    "can't allocate",
];

/// Does `work` on a GPU, whose libraries panic where it fails: such a panic becomes an error that says what is saved in
/// `folder`.
///
/// # Errors
/// Those of `work`, and [`RunError::DeviceFailed`].
pub(super) fn watch<T>(
    choice: &Choice,
    folder: &RunFolder,
    work: impl FnOnce() -> Result<T, RunError>,
) -> Result<T, RunError> {
    if !choice.compiles_shapes() {
        return work();
    }
    panics::hold();
    let done = catch_unwind(AssertUnwindSafe(work));
    let panic = match done {
        Ok(done) => {
            panics::release().iter().for_each(|line| say(line));
            return done;
        }
        Err(panic) => panic,
    };
    let answers = catch_unwind(|| choice.device.sync().is_ok()).unwrap_or(false);
    let said = panics::release();
    if answers && !said.iter().any(|text| blames_device(text)) {
        said.iter().for_each(|line| say(line));
        resume_unwind(panic);
    }
    // Threads below the one that notices fail in words of their own first.
    let mut lines = said.iter().flat_map(|text| text.lines());
    let first = said.first().and_then(|text| text.lines().nth(1));
    let reason = lines.find(|line| blames_device(line)).or(first);
    let reason = reason.unwrap_or("it does not answer");
    Err(RunError::DeviceFailed {
        device: choice.name.clone(),
        reason: reason.trim().to_owned(),
        path: folder.path().to_owned(),
        saved: folder.steps().last().copied(),
    })
}

fn blames_device(text: &str) -> bool {
    let text = text.to_lowercase();
    SIGNS.iter().any(|sign| text.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_devices_own_words_are_known() {
        assert!(blames_device("wgpu error: Out of Memory"));
        assert!(blames_device("Parent device is lost"));
        assert!(blames_device("can't allocate buffer of size: 402653184"));
        assert!(!blames_device("index out of bounds"));
    }
}
