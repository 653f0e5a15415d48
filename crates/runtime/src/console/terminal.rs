//! The terminal that a bar is drawn on.

use std::io;

use console::Term;
use indicatif::TermLike;

/// A terminal is never thought narrower: the widest character takes two columns.
const NARROWEST: u16 = 2;

/// Standard error as a terminal of a size that can be drawn on, whatever the system says of it.
#[derive(Debug)]
pub(super) struct Terminal(Term);

impl Terminal {
    /// Standard error.
    pub(super) fn stderr() -> Self {
        Self(Term::buffered_stderr())
    }
}

impl TermLike for Terminal {
    fn width(&self) -> u16 {
        self.0.size().1.max(NARROWEST)
    }

    fn height(&self) -> u16 {
        self.0.size().0.max(1)
    }

    fn move_cursor_up(&self, count: usize) -> io::Result<()> {
        self.0.move_cursor_up(count)
    }

    fn move_cursor_down(&self, count: usize) -> io::Result<()> {
        self.0.move_cursor_down(count)
    }

    fn move_cursor_right(&self, count: usize) -> io::Result<()> {
        self.0.move_cursor_right(count)
    }

    fn move_cursor_left(&self, count: usize) -> io::Result<()> {
        self.0.move_cursor_left(count)
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.0.write_line(text)
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.0.write_str(text)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.0.clear_line()
    }

    fn flush(&self) -> io::Result<()> {
        self.0.flush()
    }
}
