//! A training corpus that comes through a pipe.

use std::path::Path;

use super::heard::Heard;
use super::pairs::stopped;
use crate::config::Config;
use crate::error::RunError;

/// Lets `config` learn from files where its training corpus comes through pipes, which can be read but once: what comes is
/// kept in `folder`. A run that is resumed learns from what its beginning, of the config `stored`, has kept.
///
/// # Errors
/// Those of [`data::corpus::CorpusSource::keep_piped`]; a signal.
pub(in crate::engine) fn keep_piped(
    config: &mut Config,
    stored: Option<&Config>,
    folder: &Path,
    heard: Heard<'_>,
) -> Result<(), RunError> {
    let Some(corpus) = config
        .data
        .train
        .as_ref()
        .filter(|corpus| corpus.is_piped())
    else {
        return Ok(());
    };
    if let Some(before) = stored.and_then(|stored| stored.data.train.clone()) {
        heard.console.say(&format!(
            "note: {corpus} is not read again: the run goes on with what came when it began, {before}"
        ));
        config.data.train = Some(before);
        return Ok(());
    }
    if config.images().is_some() {
        return Err(RunError::Usage(
            "`data.train` comes through a pipe, and names of images are looked for beside the file that has them: write it to \
             a file"
                .into(),
        ));
    }
    heard.console.say(&format!(
        "{corpus} comes through a pipe: it is read to its end first"
    ));
    let go_on = || heard.interrupt.asked().is_none();
    let kept = corpus.keep_piped(folder, &go_on);
    let (files, kept) = kept.map_err(|error| stopped(error, heard))?;
    for one in kept {
        let (pipe, file, bytes) = (one.pipe.display(), one.file.display(), one.bytes);
        heard.console.say(&format!(
            "note: what came from `{pipe}` is kept in {file} ({bytes} bytes), from which the run learns, also when it is \
             resumed"
        ));
    }
    config.data.train = Some(files);
    Ok(())
}
