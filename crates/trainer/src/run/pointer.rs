//! `best` and `last`: links to the folder of a step.

use std::fs;
use std::io;
use std::path::Path;

/// The step a mark points at.
pub(super) fn read(path: &Path) -> Option<u64> {
    let target = match fs::read_link(path) {
        Ok(target) => target.to_str()?.to_owned(),
        Err(_) => fs::read_to_string(path).ok()?,
    };
    target.trim().parse().ok()
}

/// Points a mark at a step: a link, or a file with the step's number where links are not to be had.
pub(super) fn write(path: &Path, step: u64) -> io::Result<()> {
    let part = path.with_extension("part");
    let _ = fs::remove_file(&part);
    #[cfg(unix)]
    std::os::unix::fs::symlink(step.to_string(), &part)?;
    #[cfg(not(unix))]
    fs::write(&part, step.to_string())?;
    fs::rename(&part, path)
}
