//! Keeping what comes through a pipe, which can be read but once.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::thread;

use super::open::{self, is_pipe, shown};
use super::{ContentHasher, CorpusSource, Part};
use crate::error::{DataError, unwritable};

/// Bytes read at a time.
const BUFFER: usize = 1 << 20;
/// Hexadecimal digits of a copy's name.
const DIGITS: usize = 12;

/// A pipe, and the file that holds what came through it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The pipe, or `-`.
    pub pipe: PathBuf,
    /// The file.
    pub file: PathBuf,
    /// Bytes that it holds.
    pub bytes: u64,
}

impl CorpusSource {
    /// Whether a file of it is a pipe, or standard input.
    pub fn is_piped(&self) -> bool {
        self.files().into_iter().any(is_pipe)
    }

    /// The same corpus with all that comes through pipes in files in `folder`, which are called by what they hold. Pipes are
    /// read side by side: who writes to several may wait for each. Asks `go_on` now and then whether to go on.
    ///
    /// # Errors
    /// A pipe that is named twice or cannot be read, a file that cannot be written, and [`DataError::Stopped`] once `go_on`
    /// says no.
    pub fn keep_piped(
        &self,
        folder: &Path,
        go_on: &(dyn Fn() -> bool + Sync),
    ) -> Result<(Self, Vec<Kept>), DataError> {
        let pipes: Vec<&Path> = self
            .files()
            .into_iter()
            .filter(|path| is_pipe(path))
            .collect();
        let mut earlier = HashSet::new();
        if let Some(twice) = pipes.iter().find(|path| !earlier.insert(**path)) {
            let cause = format!("`{}`, a pipe, is named twice", twice.display());
            return Err(DataError::CorpusArguments { cause });
        }
        let kept: Vec<Kept> = thread::scope(|scope| {
            let numbered = pipes.iter().enumerate();
            let copies: Vec<_> = numbered
                .map(|(number, pipe)| scope.spawn(move || copy(pipe, number, folder, go_on)))
                .collect();
            let ended = copies.into_iter().map(|copy| {
                let joined = copy.join();
                joined.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            });
            ended.collect::<Result<_, DataError>>()
        })?;
        let file = |path: &PathBuf| {
            let mut kept = kept.iter();
            let copy = kept.find(|one| one.pipe == *path);
            copy.map_or_else(|| path.clone(), |one| one.file.clone())
        };
        Ok((self.with_files(&file), kept))
    }

    fn with_files(&self, file: &dyn Fn(&PathBuf) -> PathBuf) -> Self {
        match self {
            Self::Tsv(path) => Self::Tsv(file(path)),
            Self::Parallel { source, target } => Self::Parallel {
                source: file(source),
                target: file(target),
            },
            Self::Builtin(builtin) => Self::Builtin(*builtin),
            Self::List(parts) => {
                let each = parts.iter().map(|part| Part {
                    corpus: part.corpus.with_files(file),
                    ..part.clone()
                });
                Self::List(each.collect())
            }
        }
    }
}

/// Copies what comes through a pipe, as it comes.
fn copy(
    pipe: &Path,
    number: usize,
    folder: &Path,
    go_on: &(dyn Fn() -> bool + Sync),
) -> Result<Kept, DataError> {
    let partial = folder.join(format!("piped.{}.{number}.partial", std::process::id()));
    let copied = copy_to(&partial, pipe, folder, go_on);
    if copied.is_err() {
        // Best effort: the first error is the one to report.
        let _ = fs::remove_file(&partial);
    }
    copied
}

fn copy_to(
    partial: &Path,
    pipe: &Path,
    folder: &Path,
    go_on: &(dyn Fn() -> bool + Sync),
) -> Result<Kept, DataError> {
    let mut raw = open::open(pipe)?;
    fs::create_dir_all(folder).map_err(unwritable(folder))?;
    let mut file = File::create(partial).map_err(unwritable(partial))?;
    let mut hasher = ContentHasher::default();
    let mut buffer = vec![0; BUFFER];
    let mut lines = 0;
    loop {
        if !go_on() {
            let path = shown(pipe);
            return Err(DataError::Stopped { path, lines });
        }
        let read = raw.read(&mut buffer);
        let read = match read {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            other => other.map_err(|cause| DataError::reading(shown(pipe), cause))?,
        };
        if read == 0 {
            break;
        }
        let bytes = &buffer[..read];
        lines += memchr::memchr_iter(b'\n', bytes).count();
        hasher.update(bytes);
        file.write_all(bytes).map_err(unwritable(partial))?;
    }
    file.sync_all().map_err(unwritable(partial))?;
    let content = hasher.content(lines as u64);
    let hash = format!("{:032x}", content.hash);
    let path = folder.join(format!("piped-{}", &hash[..DIGITS]));
    fs::rename(partial, &path).map_err(unwritable(&path))?;
    Ok(Kept {
        pipe: pipe.to_owned(),
        file: path,
        bytes: content.bytes,
    })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::corpus::{ReadOptions, read, tests::file};

    #[test]
    fn what_comes_through_a_pipe_is_kept_under_what_it_holds() {
        let (folder, text) = file("x.en", b"a\nb\n");
        let fifo = folder.path().join("fifo");
        let made = std::process::Command::new("mkfifo").arg(&fifo).status();
        assert!(made.unwrap().success());
        let corpus = CorpusSource::Parallel {
            source: text.clone(),
            target: fifo.clone(),
        };
        assert!(corpus.is_piped() && !CorpusSource::Tsv(text.clone()).is_piped());
        assert!(CorpusSource::Tsv("-".into()).is_piped());
        // Devices may be without end.
        assert!(!CorpusSource::Tsv("/dev/zero".into()).is_piped());
        let caches = folder.path().join("cache");
        let keep = |text: &'static str, go_on: bool| {
            let fifo = fifo.clone();
            let writer = std::thread::spawn(move || std::fs::write(fifo, text));
            let kept = corpus.keep_piped(&caches, &|| go_on);
            let _ = writer.join().unwrap();
            kept
        };
        let (regular, kept) = keep("A\nB\n", true).unwrap();
        assert_eq!((kept.len(), kept[0].bytes), (1, 4));
        let options = ReadOptions {
            regular_only: true,
            ..ReadOptions::default()
        };
        let pairs = read(&regular, &options).unwrap().pairs;
        assert_eq!(pairs[1].target, "B");
        assert_eq!(keep("A\nB\n", true).unwrap().0, regular);
        assert_ne!(keep("A\nC\n", true).unwrap().0, regular);
        let twice = CorpusSource::Parallel {
            source: "-".into(),
            target: "-".into(),
        };
        assert!(twice.keep_piped(&caches, &|| true).is_err());
        assert!(keep("A\nB\n", false).is_err());
        assert_eq!(std::fs::read_dir(&caches).unwrap().count(), 2);
    }
}
