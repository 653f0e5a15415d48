//! What a person sees while a command runs: lines and a progress bar on standard error.

use std::io::{IsTerminal, Write, stderr};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How often a progress line comes where there is no terminal to draw a bar on.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Standard error, or silence.
#[derive(Debug)]
pub struct Console {
    quiet: bool,
    bar: Option<ProgressBar>,
    spoke: Option<Instant>,
}

impl Console {
    /// With `quiet`, nothing is ever said.
    pub fn new(quiet: bool) -> Self {
        Self {
            quiet,
            bar: None,
            spoke: None,
        }
    }

    /// Says a line.
    pub fn say(&self, line: &str) {
        if self.quiet {
            return;
        }
        match &self.bar {
            Some(bar) => bar.println(line),
            None => {
                // Nobody reads any more: not a reason to stop.
                let _ = writeln!(stderr(), "{line}");
            }
        }
    }

    /// Starts a bar of `length` steps, `done` of them done.
    pub fn start(&mut self, length: u64, done: u64) {
        if self.quiet || !stderr().is_terminal() {
            return;
        }
        let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{bar:24} {pos}/{len} {msg} ETA {eta}");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        bar.set_position(done);
        bar.reset_eta();
        self.bar = Some(bar);
    }

    /// Moves the bar to step `done` of `length`; without a bar, a line now and then.
    pub fn advance(&mut self, done: u64, length: u64, message: impl FnOnce() -> String) {
        if self.quiet {
            return;
        }
        if let Some(bar) = &self.bar {
            bar.set_position(done);
            bar.set_message(message());
        } else if self.spoke.is_none_or(|last| last.elapsed() >= LINE_EVERY) {
            self.spoke = Some(Instant::now());
            self.say(&format!("step {done}/{length} {}", message()));
        }
    }

    /// Takes the bar away.
    pub fn finish(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}
