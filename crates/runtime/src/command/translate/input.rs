//! The lines that are to be translated, in groups: all that have come when nothing more is waiting.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, sync_channel};

use data::corpus::Lines;
use data::image::Names;

use crate::error::RuntimeError;
use crate::output::STANDARD;

/// Lines translated together, at the most.
const MOST: usize = 512;
/// Groups that may wait for their translation.
const WAITING: usize = 4;
/// Most bytes that are read of a line: no model sees more of a sentence, and one line must not take all memory.
const LONGEST: usize = 1 << 20;

/// A line of the input.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Line {
    /// Without white space around it.
    pub(super) text: String,
    /// Bytes that were too many to be read.
    pub(super) cut: u64,
}

type Group = Result<Vec<Line>, RuntimeError>;

/// Where lines come from.
#[derive(Debug)]
pub(super) struct Input {
    /// How messages call it, and where the images are that it names.
    pub(super) names: Names,
    lines: Source,
}

enum Source {
    /// A file, read as it is needed, and what was wrong behind the lines given last.
    File(Box<Lines>, Option<RuntimeError>),
    /// A pipe, a terminal or a device: a thread waits for what comes, so that what has come is answered meanwhile.
    Live(Receiver<Group>),
    /// Lines from the command line itself.
    Given(Vec<Line>),
}

impl std::fmt::Debug for Source {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::File(..) => "File",
            Self::Live(_) => "Live",
            Self::Given(_) => "Given",
        })
    }
}

impl Input {
    /// Opens `path`, or standard input, which is also called `-`.
    ///
    /// # Errors
    /// Input that cannot be opened.
    pub(super) fn open(path: Option<&Path>) -> Result<Self, RuntimeError> {
        let standard = Path::new(STANDARD);
        let path = path.unwrap_or(standard);
        let lines = Lines::open(path, LONGEST)?;
        let names = match path == standard {
            false => Names::of_file(path),
            true => Names {
                list: "standard input".into(),
                folder: PathBuf::new(),
            },
        };
        let lines = match path != standard && path.is_file() {
            true => Source::File(Box::new(lines), None),
            false => Source::Live(listen(lines)),
        };
        Ok(Self { names, lines })
    }

    /// A single line, said on the command line; it belongs to the folder of `path`.
    pub(super) fn given(line: String, path: &Path) -> Self {
        let line = Line { text: line, cut: 0 };
        Self {
            names: Names::of_file(path),
            lines: Source::Given(vec![line]),
        }
    }

    /// The next lines, at least one; none at the end.
    ///
    /// # Errors
    /// Input that cannot be read, or is no text.
    pub(super) fn next(&mut self) -> Group {
        match &mut self.lines {
            Source::Given(lines) => Ok(std::mem::take(lines)),
            Source::File(_, wrong) if wrong.is_some() => wrong.take().map_or(Ok(Vec::new()), Err),
            Source::File(lines, wrong) => {
                let (group, found) = read(lines, |_| false);
                first(group, found, wrong)
            }
            // The thread ends with the input.
            Source::Live(groups) => groups.recv().unwrap_or_else(|_| Ok(Vec::new())),
        }
    }
}

/// Reads on a thread of its own and hands over what has come whenever the next read might wait.
fn listen(mut lines: Lines) -> Receiver<Group> {
    let (sender, receiver) = sync_channel(WAITING);
    std::thread::spawn(move || {
        loop {
            let (group, wrong) = read(&mut lines, |lines| !lines.buffered());
            let over = group.is_empty() || wrong.is_some();
            if !group.is_empty() && sender.send(Ok(group)).is_err() {
                return;
            }
            if let Some(wrong) = wrong {
                let _ = sender.send(Err(wrong));
            }
            if over {
                return;
            }
        }
    });
    receiver
}

/// The lines that have come, before what is wrong behind them.
fn first(group: Vec<Line>, found: Option<RuntimeError>, wrong: &mut Option<RuntimeError>) -> Group {
    match found {
        Some(found) if group.is_empty() => Err(found),
        found => {
            *wrong = found;
            Ok(group)
        }
    }
}

/// Lines until there are enough, `is_enough` says so, or there are no more; and what is wrong with the next.
fn read(
    lines: &mut Lines,
    is_enough: impl Fn(&Lines) -> bool,
) -> (Vec<Line>, Option<RuntimeError>) {
    let mut group = Vec::new();
    while group.len() < MOST {
        match lines.next_line() {
            Ok(Some(line)) => group.push(Line {
                text: line.text.trim().to_owned(),
                cut: line.cut,
            }),
            Ok(None) => break,
            Err(wrong) => return (group, Some(wrong.into())),
        }
        if is_enough(lines) {
            break;
        }
    }
    (group, None)
}
