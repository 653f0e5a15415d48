//! Search with a model of this crate: packed for the CPU's own kernels where it lies in the host's memory, else by its
//! tensors.

mod tensors;
#[cfg(test)]
mod tests;

pub use ::search::packed::{PackedNetwork, Precision};
pub use ::search::{
    Answer, Ask, Average, Candidate, Constraints, EarlyStopping, Ending, Favour, Hypothesis, Marks,
    Method, Model, Normalization, SearchConfig, SearchError, Searcher, Steps, Task, Utility,
};

use network::Input;

use self::tensors::TensorModel;
use crate::seq2seq::Seq2Seq;
use operations::{host, uses_reference};

/// `model` in the form in which it searches; the model stays as it is.
fn prepared(model: &Seq2Seq, precision: Precision, favour: Favour) -> Box<dyn Model> {
    let own = !uses_reference() && host::runs(&model.output.bias.val());
    match own {
        true => Box::new(PackedNetwork::new(model.network(), precision, favour)),
        false => Box::new(TensorModel(model.clone())),
    }
}

/// Searches with `model`, which stays as it is.
pub fn searcher(model: &Seq2Seq, precision: Precision, favour: Favour) -> Searcher {
    ensemble([model], precision, favour, Average::Probabilities)
}

/// Searches with several models that have the same vocabularies, whose distributions are averaged at every step.
pub fn ensemble<'a>(
    models: impl IntoIterator<Item = &'a Seq2Seq>,
    precision: Precision,
    favour: Favour,
    average: Average,
) -> Searcher {
    let prepare = |model| prepared(model, precision, favour);
    Searcher::new(models.into_iter().map(prepare).collect(), average)
}

/// Greedy search, whatever the config's method, with a model that is prepared for this batch alone; see [`searcher`].
///
/// # Panics
/// When `source` is not what the model's encoder reads.
pub fn greedy<'a>(
    model: &Seq2Seq,
    source: impl Into<Input<'a>>,
    config: &SearchConfig,
    marks: &Marks,
    attention: bool,
) -> Vec<Hypothesis> {
    let task = Task {
        attention,
        ..Task::new(config, marks)
    };
    searcher(model, Precision::Full, config.favour).greedy(source.into(), &task)
}

/// Beam search, in groups if the config's method has them, with a model that is prepared for this batch alone; see
/// [`searcher`].
///
/// # Panics
/// When `source` is not what the model's encoder reads.
pub fn beam<'a>(
    model: &Seq2Seq,
    source: impl Into<Input<'a>>,
    config: &SearchConfig,
    marks: &Marks,
    n_best: usize,
    attention: bool,
) -> Vec<Vec<Hypothesis>> {
    let task = Task {
        n_best,
        attention,
        ..Task::new(config, marks)
    };
    searcher(model, Precision::Full, config.favour).beam(source.into(), &task)
}
