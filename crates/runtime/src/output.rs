//! Where a command's results go: a file that the user named, or standard output.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::error::RuntimeError;

pub use config::STANDARD;

/// A place to write to, opened before the work begins, so that a mistake shows at once.
///
/// Bytes go to the place that the name stands for: through links, into pipes and devices, and into a file that is there
/// already, whose mode and links stay as they are. Such a file keeps its old content until the first byte comes.
#[derive(Debug)]
pub struct Output {
    name: PathBuf,
    sink: Sink,
    begun: bool,
}

#[derive(Debug)]
enum Sink {
    Standard(BufWriter<io::Stdout>),
    File {
        file: BufWriter<File>,
        /// Whether this is a file like any other, and no pipe or device.
        regular: bool,
        /// Whether it was made when it was opened here.
        made: bool,
    },
}

impl Output {
    /// Standard output.
    pub fn standard() -> Self {
        Self {
            name: "standard output".into(),
            sink: Sink::Standard(BufWriter::new(io::stdout())),
            begun: false,
        }
    }

    /// Opens the place that `path` names; `-` is standard output. A pipe without a reader is waited for.
    ///
    /// # Errors
    /// A folder, a folder that is missing, or what cannot be written.
    pub fn open(path: &Path) -> Result<Self, RuntimeError> {
        if path == Path::new(STANDARD) {
            return Ok(Self::standard());
        }
        let failed = |source| RuntimeError::UserFile {
            action: "write",
            path: path.to_owned(),
            source,
        };
        let made = !path.exists();
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(failed)?;
        let regular = file.metadata().map_err(failed)?.is_file();
        Ok(Self {
            name: path.to_owned(),
            sink: Sink::File {
                file: BufWriter::new(file),
                regular,
                made,
            },
            begun: false,
        })
    }

    /// Refuses inputs of which one is the very file that is to be written: it would be lost before it is read. Standard
    /// input is one of them.
    ///
    /// # Errors
    /// When they are the same file.
    pub fn differs_from_all<'a>(
        &self,
        inputs: impl IntoIterator<Item = &'a Path>,
    ) -> Result<(), RuntimeError> {
        let standard = cfg!(unix).then_some(Path::new("/dev/stdin"));
        for input in inputs.into_iter().chain(standard) {
            self.differs_from(input)?;
        }
        Ok(())
    }

    fn differs_from(&self, input: &Path) -> Result<(), RuntimeError> {
        let Sink::File {
            file,
            regular: true,
            ..
        } = &self.sink
        else {
            return Ok(());
        };
        let same = match (file.get_ref().metadata(), fs::metadata(input)) {
            (Ok(own), Ok(other)) => is_same(&own, &other, &self.name, input),
            _ => false,
        };
        if same {
            return Err(RuntimeError::Usage(format!(
                "`{}` is to be read and written at once (`{}`): name another file for the output",
                self.name.display(),
                input.display()
            )));
        }
        Ok(())
    }

    /// Writes; says false when nobody reads any more, which is the reader's request and no error.
    ///
    /// # Errors
    /// When the disk is full or the device fails.
    pub fn write(&mut self, bytes: &[u8]) -> Result<bool, RuntimeError> {
        let result = self.begin().and_then(|()| match &mut self.sink {
            Sink::Standard(standard) => standard.write_all(bytes),
            Sink::File { file, .. } => file.write_all(bytes),
        });
        self.heard(result)
    }

    /// Hands on all that was written; says false when nobody reads any more.
    ///
    /// # Errors
    /// Those of [`Self::write`].
    pub fn flush(&mut self) -> Result<bool, RuntimeError> {
        let result = match &mut self.sink {
            Sink::Standard(standard) => standard.flush(),
            Sink::File { file, .. } => file.flush(),
        };
        self.heard(result)
    }

    /// The end: a file of which nothing was written is empty from now on.
    ///
    /// # Errors
    /// Those of [`Self::write`].
    pub fn finish(mut self) -> Result<(), RuntimeError> {
        let result = self.begin().and_then(|()| match &mut self.sink {
            Sink::Standard(standard) => standard.flush(),
            Sink::File { file, regular, .. } => {
                file.flush()?;
                if *regular {
                    file.get_ref().sync_all()?;
                }
                Ok(())
            }
        });
        self.heard(result).map(|_| ())
    }

    /// Writes a whole content. A file that was there before is replaced in one step where the system allows it, so
    /// that a full disk costs nothing.
    ///
    /// # Errors
    /// Those of [`Self::write`].
    pub fn replace(mut self, content: &[u8]) -> Result<(), RuntimeError> {
        let regular = matches!(self.sink, Sink::File { regular: true, .. });
        if regular {
            match self.replace_beside(content) {
                Ok(true) => {
                    self.begun = true;
                    return Ok(());
                }
                Ok(false) => {}
                Err(error) => return Err(self.error(error)),
            }
        }
        self.write(content)?;
        self.finish()
    }

    /// Writes beside the file and renames; says false where that would change more than the content.
    fn replace_beside(&self, content: &[u8]) -> io::Result<bool> {
        let Sink::File { file, .. } = &self.sink else {
            return Ok(false);
        };
        // Of a link, what it points at.
        let path = self.name.canonicalize()?;
        let before = file.get_ref().metadata()?;
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}.partial", std::process::id()));
        let part = path.with_file_name(name);
        let Ok(mut beside) = OpenOptions::new().write(true).create_new(true).open(&part) else {
            return Ok(false);
        };
        let written = beside.set_permissions(before.permissions()).and_then(|()| {
            if !may_replace(&before, &beside.metadata()?) {
                return Ok(false);
            }
            beside.write_all(content)?;
            beside.sync_all()?;
            fs::rename(&part, &path)?;
            Ok(true)
        });
        if !matches!(written, Ok(true)) {
            let _ = fs::remove_file(&part);
        }
        written
    }

    /// Before the first byte, what a file held until now goes.
    fn begin(&mut self) -> io::Result<()> {
        if self.begun {
            return Ok(());
        }
        if let Sink::File {
            file,
            regular: true,
            ..
        } = &mut self.sink
        {
            file.get_ref().set_len(0)?;
        }
        self.begun = true;
        Ok(())
    }

    fn heard(&self, result: io::Result<()>) -> Result<bool, RuntimeError> {
        match result {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
            Err(error) => Err(self.error(error)),
        }
    }

    fn error(&self, source: io::Error) -> RuntimeError {
        RuntimeError::Unwritten {
            path: self.name.clone(),
            source,
        }
    }
}

impl Drop for Output {
    /// A command that failed before its first result leaves no empty file behind.
    fn drop(&mut self) {
        if let Sink::File {
            regular: true,
            made: true,
            ..
        } = self.sink
            && !self.begun
        {
            let _ = fs::remove_file(&self.name);
        }
    }
}

#[cfg(unix)]
fn is_same(own: &Metadata, other: &Metadata, _: &Path, _: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    (own.dev(), own.ino()) == (other.dev(), other.ino())
}

#[cfg(not(unix))]
fn is_same(_: &Metadata, _: &Metadata, own: &Path, other: &Path) -> bool {
    matches!((own.canonicalize(), other.canonicalize()), (Ok(own), Ok(other)) if own == other)
}

/// Whether a new file may stand for the old one: no other name is left with the old content, and the owner stays.
#[cfg(unix)]
fn may_replace(before: &Metadata, beside: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    before.nlink() == 1 && (before.uid(), before.gid()) == (beside.uid(), beside.gid())
}

#[cfg(not(unix))]
fn may_replace(_: &Metadata, _: &Metadata) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(path: &Path, content: &str) {
        let mut output = Output::open(path).unwrap();
        assert!(output.write(content.as_bytes()).unwrap());
        output.finish().unwrap();
    }

    #[test]
    fn a_file_keeps_its_content_until_the_first_byte_comes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        fs::write(&path, "a long old text").unwrap();
        let output = Output::open(&path).unwrap();
        drop(output);
        assert_eq!(fs::read_to_string(&path).unwrap(), "a long old text");
        written(&path, "new");
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        Output::open(&path).unwrap().finish().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "");
    }

    #[test]
    fn a_command_that_fails_leaves_no_new_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        drop(Output::open(&path).unwrap());
        assert!(!path.exists());
        let mut output = Output::open(&path).unwrap();
        output.write(b"kept").unwrap();
        drop(output);
        assert_eq!(fs::read_to_string(&path).unwrap(), "kept");
    }

    #[test]
    fn folders_missing_or_not_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        for path in [folder.path().to_owned(), folder.path().join("no/out")] {
            assert!(matches!(
                Output::open(&path),
                Err(RuntimeError::UserFile { .. })
            ));
        }
    }

    #[test]
    fn the_input_is_not_overwritten_while_it_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("text");
        fs::write(&path, "text").unwrap();
        let output = Output::open(&path).unwrap();
        assert!(output.differs_from(&path).is_err());
        assert!(output.differs_from(&folder.path().join("other")).is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn links_modes_and_strangers_stay_as_they_are() {
        use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("file"), "old").unwrap();
        fs::set_permissions(path("file"), fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(path("file.part"), "a stranger's").unwrap();
        symlink("file", path("link")).unwrap();
        fs::hard_link(path("file"), path("twin")).unwrap();
        for whole in [false, true] {
            match whole {
                true => Output::open(&path("link"))
                    .unwrap()
                    .replace(b"whole")
                    .unwrap(),
                false => written(&path("link"), "lines"),
            }
            let expected = if whole { "whole" } else { "lines" };
            for name in ["link", "file", "twin"] {
                assert_eq!(fs::read_to_string(path(name)).unwrap(), expected, "{name}");
            }
            assert!(fs::symlink_metadata(path("link")).unwrap().is_symlink());
            let mode = fs::metadata(path("file")).unwrap().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        let stranger = fs::read_to_string(path("file.part")).unwrap();
        assert_eq!(stranger, "a stranger's");
        fs::remove_file(path("twin")).unwrap();
        Output::open(&path("link"))
            .unwrap()
            .replace(b"alone")
            .unwrap();
        assert_eq!(fs::read_to_string(path("file")).unwrap(), "alone");
        assert!(fs::symlink_metadata(path("link")).unwrap().is_symlink());
        let mode = fs::metadata(path("file")).unwrap().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn devices_are_written_to_and_full_ones_said() {
        let mut output = Output::open(Path::new("/dev/null")).unwrap();
        assert!(output.write(b"x").unwrap());
        output.finish().unwrap();
        let mut output = Output::open(Path::new("/dev/full")).unwrap();
        let full = output.write(b"x").and_then(|_| output.flush());
        assert!(
            matches!(full, Err(RuntimeError::Unwritten { .. })),
            "{full:?}"
        );
        assert!(Path::new("/dev/full").exists());
    }
}
