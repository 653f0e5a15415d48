//! Trained models on a device.

use std::path::PathBuf;

use model::{Seq2Seq, parameters, search};
use operations::uses_reference;
use runtime::command::model::ModelArgs;
use runtime::model::{Folders, OpenedModel};
use search::Precision;

use super::DeviceArgs;
use crate::backend::Choice;
use crate::config::{BackendKind, Config, Which};
use crate::error::RunError;

/// One model, to be taken apart.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) config: Config,
    pub(super) choice: Choice,
    pub(super) model: Seq2Seq,
    pub(super) source: crate::Reader,
    pub(super) target: data::tokenizer::Tokenizer,
    /// The step of its checkpoint.
    pub(super) step: u64,
}

impl Loaded {
    /// Loads the checkpoint `which` of the run in a folder.
    ///
    /// # Errors
    /// Several folders; a run, config or checkpoint that cannot be read.
    pub(super) fn load(
        run: &[PathBuf],
        which: &[Which],
        device: &DeviceArgs,
    ) -> Result<Self, RunError> {
        if run.len() > 1 {
            return Err(RunError::Usage(
                "this command is for one model: give `--run` once".into(),
            ));
        }
        let folders = Folders::open(run, &[])?;
        let choice = device.choose(&folders.members[0].1)?;
        let mut models = on_device(&folders, which, &choice)?;
        let (Some((model, step)), Some((_, config))) =
            (models.pop(), folders.members.into_iter().next())
        else {
            return Err(RunError::Usage("`--run` is missing".into()));
        };
        Ok(Self {
            config,
            choice,
            model,
            source: folders.source,
            target: folders.target,
            step,
        })
    }
}

/// The models of `folders` as modules on a device, with the steps of their checkpoints.
fn on_device(
    folders: &Folders,
    which: &[Which],
    choice: &Choice,
) -> Result<Vec<(Seq2Seq, u64)>, RunError> {
    let (source, target) = (folders.source.vocab_size(), folders.target.vocab_size());
    let networks = folders.networks(which)?.into_iter();
    networks
        .zip(&folders.members)
        .map(|((network, summary), (_, config))| {
            let model = Seq2Seq::new(&config.model, source, target, 0, &choice.device)?;
            let model = parameters::place(model, network.into_parameters())?;
            Ok((model, summary.step))
        })
        .collect()
}

/// The models of `folders` ready to search: on the CPU without tensors, else on the device that was asked for or the
/// first run was trained on.
///
/// # Errors
/// A checkpoint that cannot be read, a device that is not there, and a precision that it has not.
pub(super) fn open(
    folders: Folders,
    model: &ModelArgs,
    device: &DeviceArgs,
    precision: Precision,
) -> Result<OpenedModel, RunError> {
    let choice = device.choose(&folders.members[0].1)?;
    if choice.backend == BackendKind::Cpu && !uses_reference() {
        return Ok(folders.packed(&model.checkpoint, precision)?);
    }
    check(precision, &choice)?;
    let search = &folders.members[0].1.search;
    let (favour, average) = (search.favour, search.ensemble);
    let models = on_device(&folders, &model.checkpoint, &choice)?;
    let searcher = search::ensemble(
        models.iter().map(|(model, _)| model),
        precision,
        favour,
        average,
    );
    let steps: Vec<u64> = models.iter().map(|(_, step)| *step).collect();
    let pad_multiple = if choice.compiles_shapes() { 8 } else { 1 };
    Ok(folders.with(searcher, &steps, pad_multiple))
}

/// Refuses a precision that only the CPU's own kernels have, where they do not search.
///
/// # Errors
/// When the backend is another, or the kernels are switched off.
pub(super) fn check(precision: Precision, choice: &Choice) -> Result<(), RunError> {
    if precision == Precision::Full {
        return Ok(());
    }
    let name = precision.name();
    Err(RunError::Usage(match choice.backend {
        BackendKind::Cpu if uses_reference() => format!(
            "`--precision {name}` is for the CPU's own kernels, which ATTUNE_REFERENCE=1 and `--reference` \
             switch off: leave these out, or use `--precision f32`",
        ),
        BackendKind::Cpu => return Ok(()),
        backend => format!(
            "`--precision {name}` is for the CPU's own kernels: the backend here is {backend}; add `--backend cpu`",
        ),
    }))
}
