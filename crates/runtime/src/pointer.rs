//! `best` and `last`: links to the folder of a step.

use std::fs;
use std::io;
use std::path::Path;

/// The step a mark points at. A run that was packed and unpacked by a program that follows links has a copy of the
/// step's folder in its place, which knows its step.
pub fn read(path: &Path) -> Option<u64> {
    if let Ok(target) = fs::read_link(path) {
        return target.to_str()?.trim().parse().ok();
    }
    if path.is_dir() {
        let text = fs::read_to_string(path.join("state.json")).ok()?;
        let state: serde_json::Value = serde_json::from_str(&text).ok()?;
        return state["step"].as_u64();
    }
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

/// Points a mark at a step: a link, or a file with the step's number where links are not to be had.
///
/// # Errors
/// When the folder cannot be written.
pub fn write(path: &Path, step: u64) -> io::Result<()> {
    let part = path.with_extension("part");
    let _ = fs::remove_file(&part);
    match link(step, &part) {
        Err(error) if has_no_links(&error) => fs::write(&part, step.to_string())?,
        linked => linked?,
    }
    let is_copy = fs::symlink_metadata(path).is_ok_and(|found| found.is_dir());
    if is_copy {
        fs::remove_dir_all(path)?;
    }
    fs::rename(&part, path)
}

/// Whether a file system says so that has no links; a disk that is full has.
fn has_no_links(error: &io::Error) -> bool {
    let kinds = [io::ErrorKind::Unsupported, io::ErrorKind::PermissionDenied];
    kinds.contains(&error.kind())
}

#[cfg(unix)]
fn link(step: u64, path: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(step.to_string(), path)
}

#[cfg(not(unix))]
fn link(_: u64, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_links_files_or_copies() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("best");
        assert_eq!(read(&path), None);
        write(&path, 7).unwrap();
        assert_eq!(read(&path), Some(7));
        fs::remove_file(&path).unwrap();
        fs::write(&path, "8\n").unwrap();
        assert_eq!(read(&path), Some(8));
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        fs::write(path.join("state.json"), "{\"step\": 9}").unwrap();
        assert_eq!(read(&path), Some(9));
        write(&path, 10).unwrap();
        assert_eq!(read(&path), Some(10));
    }
}
