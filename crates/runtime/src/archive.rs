//! A package in one file: `.tar.zst`.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use ruzstd::decoding::StreamingDecoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use tempfile::TempDir;

use crate::error::RuntimeError;

/// How such a file's name ends.
pub const ENDING: &str = ".tar.zst";
/// No package is packed to less than one of so many bytes: what unpacks to more is no package, and would fill the disk.
const MOST_PACKED: u64 = 50;
/// Beside so many bytes.
const SMALL: u64 = 100 << 20;
/// The first bytes of what zstd has packed.
const MAGIC: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];

/// The bytes of an archive of `files`, each with its name, in a folder called `folder`. The same files give the same bytes.
///
/// # Errors
/// A name that the format cannot hold.
pub fn pack(folder: &str, files: &[(String, Vec<u8>)]) -> io::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        let path = PathBuf::from(folder).join(name);
        archive.append_data(&mut header, path, &bytes[..])?;
    }
    let plain = archive.into_inner()?;
    Ok(compress_to_vec(&plain[..], CompressionLevel::Fastest))
}

/// Unpacks the archive at `path` to a temporary folder: that, and the folder in it that has the package.
///
/// # Errors
/// A file that cannot be read, is no such archive, or leaves no room.
pub fn unpack(path: &Path) -> Result<(TempDir, PathBuf), RuntimeError> {
    let failed = |source: io::Error| RuntimeError::UserFile {
        action: "unpack",
        path: path.to_owned(),
        source,
    };
    let mut file = File::open(path).map_err(failed)?;
    let mut first = [0; 4];
    let is_packed = file.read_exact(&mut first).is_ok() && first == MAGIC;
    if !is_packed {
        return Err(RuntimeError::Usage(format!(
            "`{}` is a file and no package: `--run` takes the folder of a run, the folder of a package, or a package in one \
             file that `attune export --format package --out NAME{ENDING}` has made",
            path.display()
        )));
    }
    let file = File::open(path).map_err(failed)?;
    let file_size = file.metadata().map_err(failed)?.len();
    let decoder = StreamingDecoder::new(file).map_err(|error| failed(io::Error::other(error)))?;
    let folder = tempfile::Builder::new()
        .prefix("attune-")
        .tempdir()
        .map_err(failed)?;
    let size = file_size.saturating_mul(MOST_PACKED).saturating_add(SMALL);
    // Names that lead out of the folder are left out.
    tar::Archive::new(decoder.take(size))
        .unpack(folder.path())
        .map_err(failed)?;
    let package = holder(folder.path()).map_err(failed)?;
    Ok((folder, package))
}

/// The folder itself, or the only one in it.
fn holder(folder: &Path) -> io::Result<PathBuf> {
    let mut entries = std::fs::read_dir(folder)?.flatten();
    match (entries.next(), entries.next()) {
        (Some(only), None) if only.path().is_dir() => Ok(only.path()),
        _ => Ok(folder.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_out_again() {
        let files = [
            ("config.json".to_owned(), b"{}".to_vec()),
            ("long".to_owned(), vec![7; 300_000]),
        ];
        let bytes = pack("model", &files).unwrap();
        assert_eq!(bytes, pack("model", &files).unwrap());
        let outer = tempfile::tempdir().unwrap();
        let path = outer.path().join("model.tar.zst");
        std::fs::write(&path, bytes).unwrap();
        let (_kept, found) = unpack(&path).unwrap();
        for (name, bytes) in &files {
            assert_eq!(&std::fs::read(found.join(name)).unwrap(), bytes);
        }
    }

    #[test]
    fn other_files_are_refused() {
        let outer = tempfile::tempdir().unwrap();
        let path = outer.path().join("model.tar.zst");
        std::fs::write(&path, "text").unwrap();
        let message = unpack(&path).unwrap_err().to_string();
        assert!(message.contains("no package"), "{message}");
        std::fs::write(&path, [&MAGIC[..], b"and nonsense"].concat()).unwrap();
        assert!(unpack(&path).is_err());
    }
}
