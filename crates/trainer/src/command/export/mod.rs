//! `attune export`.

use std::collections::HashMap;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use model::search::Precision;
use model::{parameters, pytorch};

use runtime::command::model::ModelArgs;
use runtime::command::precision::PrecisionArgs;
use runtime::folder::ModelFolder;

use super::DeviceArgs;
use super::loaded::Loaded;
use crate::console::say;
use crate::error::RunError;
use crate::output::Output;
use crate::run::{write_quantised_tensors, write_tensors};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// PyTorch's names and layout in a safetensors file.
    Safetensors,
    /// This project's names and layout in a Burnpack file, for Burn programs.
    Burnpack,
}

#[derive(Debug, Clone, Args)]
pub(super) struct ExportArgs {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    device: DeviceArgs,
    /// Format of the exported file.
    #[arg(long, value_enum)]
    format: Format,
    #[command(flatten)]
    precision: PrecisionArgs,
    /// The file.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub(super) fn run(args: &ExportArgs) -> Result<(), RunError> {
    let precision = args.precision.precision();
    if precision == Precision::Int8 && args.format == Format::Burnpack {
        return Err(RunError::Usage(
            "`--format burnpack` cannot hold `--precision int8`: a Burn program loads such a file into the \
             model's own single-precision parameters, which have no place for integers and their scales; use \
             `--format safetensors` or `--precision f32`"
                .into(),
        ));
    }
    let output = Output::open(&args.out)?;
    let folders = args.model.run.iter().map(ModelFolder::at);
    let of_run: Vec<PathBuf> = folders.flat_map(|folder| folder.own_files()).collect();
    output.differs_from_all(of_run.iter().map(PathBuf::as_path))?;
    let loaded = Loaded::load(&args.model.run, &args.model.checkpoint, &args.device)?;
    let failed = |source: std::io::Error| RunError::UserFile {
        action: "write",
        path: args.out.clone(),
        source,
    };
    match args.format {
        Format::Safetensors => {
            let tensors = pytorch::export(&parameters::collect(&loaded.model));
            let mut metadata = HashMap::from([("format".to_owned(), "pt".to_owned())]);
            let bytes = match precision {
                Precision::Full => write_tensors(&tensors, Some(metadata)),
                Precision::Int8 => {
                    metadata.insert("precision".into(), precision.name().into());
                    write_quantised_tensors(&tensors, Some(metadata))
                }
            };
            let bytes = bytes.map_err(|error| failed(std::io::Error::other(error)))?;
            output.replace(&bytes)?;
        }
        Format::Burnpack => output.replace(&burnpack(&loaded.model, args)?)?,
    }
    say(&format!(
        "wrote step {} to {}",
        loaded.step,
        args.out.display()
    ));
    Ok(())
}

/// Burn's own format.
fn burnpack(model: &model::Seq2Seq, args: &ExportArgs) -> Result<Vec<u8>, RunError> {
    use burn_store::{BurnpackStore, ModuleSnapshot};

    let failed = |source: std::io::Error| RunError::UserFile {
        action: "write",
        path: args.out.clone(),
        source,
    };
    let mut store = BurnpackStore::from_bytes(None);
    model
        .save_into(&mut store)
        .map_err(|error| failed(std::io::Error::other(error.to_string())))?;
    let bytes = store
        .get_bytes()
        .map_err(|error| failed(std::io::Error::other(error.to_string())))?;
    Ok(bytes.to_vec())
}
