//! `attune export`.

mod burnpack;
mod hand_over;
mod onnx;
mod package;
mod safetensors;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use model::search::Precision;

use runtime::command::model::ModelArgs;
use runtime::command::precision::PrecisionArgs;
use runtime::folder::ModelFolder;

use super::DeviceArgs;
use super::loaded::Loaded;
use crate::console::say;
use crate::error::RunError;
use crate::output::Output;
use hand_over::{CardArgs, HandOver};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// PyTorch's names and layout in a safetensors file.
    Safetensors,
    /// This project's names and layout in a Burnpack file, for Burn programs.
    Burnpack,
    /// A folder to hand over, or one file (`--out NAME.tar.zst`): `--run` takes it like a run.
    Package,
    /// A folder with ONNX graphs, for ONNX Runtime, Optimum and transformers.js.
    Onnx,
}

impl Format {
    /// As the command line has it.
    fn name(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

#[derive(Debug, Clone, Args)]
pub(super) struct ExportArgs {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    device: DeviceArgs,
    /// Format of what is exported.
    #[arg(long, value_enum)]
    format: Format,
    /// Which graphs; `onnx` only.
    #[arg(long, value_enum)]
    layout: Option<onnx::Layout>,
    #[command(flatten)]
    precision: PrecisionArgs,
    #[command(flatten)]
    card: CardArgs,
    /// The file or folder.
    #[arg(long, value_name = "PATH")]
    out: PathBuf,
}

pub(super) fn run(args: &ExportArgs) -> Result<(), RunError> {
    let precision = args.precision.precision();
    check(args, precision)?;
    let step = match args.format {
        Format::Safetensors | Format::Burnpack => write_file(args, precision)?,
        Format::Package => {
            let model = HandOver::read(&args.model, &args.card)?;
            let step = model.summary.step;
            package::write(model, precision, &args.out)?;
            step
        }
        Format::Onnx => {
            let model = HandOver::read(&args.model, &args.card)?;
            onnx::write(&model, args.layout.unwrap_or_default(), &args.out)?;
            model.summary.step
        }
    };
    say(&format!("wrote step {step} to {}", args.out.display()));
    Ok(())
}

/// Refuses what a format cannot do.
fn check(args: &ExportArgs, precision: Precision) -> Result<(), RunError> {
    let name = args.format.name();
    let refuse = |text: String| Err(RunError::Usage(text));
    if args.layout.is_some() && args.format != Format::Onnx {
        return refuse(format!(
            "`--layout` is for `--format onnx`, and not for `--format {name}`"
        ));
    }
    match (precision, args.format) {
        (Precision::Int8, Format::Burnpack) => refuse(
            "`--format burnpack` cannot hold `--precision int8`: a Burn program loads such a file into the \
             model's own single-precision parameters, which have no place for integers and their scales; use \
             `--format safetensors` or `--precision f32`"
                .into(),
        ),
        (Precision::Int8, Format::Onnx) => refuse(
            "`--format onnx` has weights in single precision and no `--precision int8`: use `--precision f32`; ONNX \
             Runtime's own tools make integers of a graph's weights"
                .into(),
        ),
        _ => Ok(()),
    }
}

/// Writes the parameters in one file; gives the checkpoint's step.
fn write_file(args: &ExportArgs, precision: Precision) -> Result<u64, RunError> {
    let output = Output::open(&args.out)?;
    let folders = args.model.run.iter().map(ModelFolder::at);
    let of_run: Vec<PathBuf> = folders.flat_map(|folder| folder.own_files()).collect();
    output.differs_from_all(of_run.iter().map(PathBuf::as_path))?;
    let loaded = Loaded::load(&args.model.run, &args.model.checkpoint, &args.device)?;
    let bytes = match args.format {
        Format::Burnpack => burnpack::bytes(&loaded.model),
        _ => safetensors::bytes(&loaded.model, precision),
    };
    let bytes = bytes.map_err(|error| RunError::UserFile {
        action: "write",
        path: args.out.clone(),
        source: std::io::Error::other(error),
    })?;
    output.replace(&bytes)?;
    Ok(loaded.step)
}
