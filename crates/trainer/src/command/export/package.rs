//! `--format package`: one folder to hand over, or one file.

use std::path::Path;

use model::search::Precision;
use runtime::archive;
use runtime::output::Output;
use runtime::output_folder::OutputFolder;
use runtime::package::{CARD, CONFIG, PARAMETERS, Package};

use super::hand_over::HandOver;
use crate::error::RunError;
use crate::run::{write_quantised_parameters, write_tensors};

/// Writes the package to `out`: a folder, or a file whose name ends in `.tar.zst`.
///
/// # Errors
/// What is there already, and a disk that is full or fails.
pub(super) fn write(model: HandOver, precision: Precision, out: &Path) -> Result<(), RunError> {
    // Whether there is room for it is said before the work.
    let place = Place::begin(out)?;
    let failed = |error: String| RunError::UserFile {
        action: "write",
        path: out.to_owned(),
        source: std::io::Error::other(error),
    };
    let mut files = Vec::new();
    for side in model.sides() {
        let name = format!("tokenizer.{side}.json");
        files.push((name, model.tokenizer(side)?));
    }
    let card = model.card("attune", &[], &how_to_use(out));
    files.push((CARD.to_owned(), card.into_bytes()));
    let mut package = Package::new(&model.config, &model.summary, precision)
        .map_err(|error| failed(error.to_string()))?;
    package.license = model.license;
    package.languages = model.languages;
    let parameters = model.network.into_parameters();
    let bytes = match precision {
        Precision::Full => write_tensors(&parameters, None),
        Precision::Int8 => write_quantised_parameters(&parameters),
    };
    files.push((PARAMETERS.to_owned(), bytes.map_err(failed)?));
    for (name, bytes) in &files {
        package.add(name, bytes);
    }
    let text = package
        .to_json()
        .map_err(|error| failed(error.to_string()))?;
    files.push((CONFIG.to_owned(), text.into_bytes()));
    place.fill(&files)
}

/// Where a package goes.
enum Place {
    Folder(OutputFolder),
    File(Output, String),
}

impl Place {
    fn begin(out: &Path) -> Result<Self, RunError> {
        let name = out.file_name().unwrap_or_default().to_string_lossy();
        Ok(match name.strip_suffix(archive::ENDING) {
            Some(name) => Place::File(Output::open(out)?, name.to_owned()),
            None => Place::Folder(OutputFolder::begin(out)?),
        })
    }

    fn fill(self, files: &[(String, Vec<u8>)]) -> Result<(), RunError> {
        match self {
            Place::Folder(folder) => {
                for (name, bytes) in files {
                    folder.write(name, bytes)?;
                }
                folder.finish()?;
            }
            Place::File(output, name) => {
                let bytes = archive::pack(&name, files).map_err(|source| RunError::UserFile {
                    action: "pack",
                    path: name.into(),
                    source,
                })?;
                output.replace(&bytes)?;
            }
        }
        Ok(())
    }
}

fn how_to_use(out: &Path) -> String {
    let name = out.file_name().unwrap_or_default().to_string_lossy();
    format!(
        "```sh\necho 'a line of the source' | attune translate --run {name}\n```\n\nThe folder is whole: it can be copied, \
         packed and renamed. Each file is compared with its checksum in `config.json` when the model is loaded.\n"
    )
}
