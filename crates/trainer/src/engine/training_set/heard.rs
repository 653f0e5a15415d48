//! Who hears what is said of a corpus while it is read.

use crate::console::Console;
use crate::error::RunError;
use crate::interrupt::Interrupt;

/// Who hears what is said of a corpus, and who may ask to stop.
#[derive(Clone, Copy)]
pub(in crate::engine) struct Heard<'a> {
    pub(in crate::engine) console: &'a Console,
    pub(in crate::engine) interrupt: &'a Interrupt,
}

impl Heard<'_> {
    /// Says lines.
    pub(super) fn say(&self, lines: &[String]) {
        lines.iter().for_each(|line| self.console.say(line));
    }

    /// The error of a corpus that was not read to its end, if somebody has asked to stop.
    pub(in crate::engine) fn stopped(&self) -> Option<RunError> {
        let (name, code) = self.interrupt.asked()?;
        Some(RunError::StoppedBefore { name, code })
    }
}
