//! `attune export`.

use std::collections::HashMap;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use model::search::Precision;
use model::{parameters, pytorch};

use super::loaded::ModelArgs;
use super::precision::PrecisionArgs;
use crate::error::RunError;
use crate::run::{write_quantised_tensors, write_tensors, write_whole};

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
    /// What to write.
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
    let loaded = args.model.load()?;
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
            write_whole(&args.out, &bytes).map_err(failed)?;
        }
        Format::Burnpack => burnpack(&loaded.model, args)?,
    }
    eprintln!("wrote step {} to {}", loaded.state.step, args.out.display());
    Ok(())
}

/// Burn's own format, written beside the file first.
fn burnpack(model: &model::Seq2Seq, args: &ExportArgs) -> Result<(), RunError> {
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
    write_whole(&args.out, &bytes).map_err(failed)
}
