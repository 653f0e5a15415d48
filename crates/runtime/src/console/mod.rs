//! Display for a person while a command runs: lines and a progress bar on standard error.

mod terminal;

use std::io::{IsTerminal, Write, stderr};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use terminal::Terminal;

use crate::translator::Progress;

/// How often a progress line comes where there is no terminal to draw a bar on.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Says a line on standard error. That nobody reads there, or that it is full, costs neither the work nor the exit code.
pub fn say(line: &str) {
    let _ = writeln!(stderr(), "{line}");
}

/// Standard error, or silence.
#[derive(Debug)]
pub struct Console {
    quiet: bool,
    bar: Option<ProgressBar>,
    spoke: Option<Instant>,
    begun: Option<(Instant, u64)>,
}

impl Console {
    /// With `quiet`, nothing is ever said.
    pub fn new(quiet: bool) -> Self {
        Self {
            quiet,
            bar: None,
            spoke: None,
            begun: None,
        }
    }

    /// Says a line.
    pub fn say(&self, line: &str) {
        if self.quiet {
            return;
        }
        match &self.bar {
            Some(bar) => bar.println(line),
            None => say(line),
        }
    }

    /// Starts a bar of `length` steps, `done` of them done.
    pub fn start(&mut self, length: u64, done: u64) {
        self.begun = Some((Instant::now(), done));
        self.measure(length, "");
        if let Some(bar) = &self.bar {
            bar.set_position(done);
            bar.reset_eta();
        }
    }

    /// Starts to count `things` whose number is not known.
    pub fn count(&mut self, things: &'static str) {
        self.draw(None, "{pos} {msg} {elapsed}", things);
    }

    /// Starts to count `length` `things`.
    pub fn measure(&mut self, length: u64, things: &'static str) {
        self.draw(Some(length), "{bar:24} {pos}/{len} {msg} ETA {eta}", things);
    }

    fn draw(&mut self, length: Option<u64>, template: &str, things: &'static str) {
        if self.quiet || !stderr().is_terminal() {
            return;
        }
        let target = ProgressDrawTarget::term_like(Box::new(Terminal::stderr()));
        let bar = ProgressBar::with_draw_target(length, target);
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(things);
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
            let left = self.left(done, length);
            self.say(&format!("step {done}/{length} {} | ETA {left}", message()));
        }
    }

    /// How long the rest will take at the speed so far, as minutes and seconds.
    fn left(&self, done: u64, length: u64) -> String {
        let Some((begun, before)) = self.begun.filter(|(_, before)| done > *before) else {
            return "?".into();
        };
        let each = begun.elapsed().as_secs_f64() / (done - before) as f64;
        let seconds = (each * length.saturating_sub(done) as f64) as u64;
        format!("{}:{:02}", seconds / 60, seconds % 60)
    }

    /// Takes the bar away.
    pub fn finish(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

impl Progress for Console {
    fn counted(&self, done: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(done);
        }
    }
}
