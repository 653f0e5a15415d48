//! Search with one model.

use kernels::search::Precision;

use super::beam::beam;
use super::greedy::greedy;
use super::packed::PackedModel;
use super::steps::Steps;
use super::task::{Ending, Task};
use super::tensors::Tensors;
use super::{Hypothesis, Marks, SearchConfig};
use crate::host;
use crate::input::Input;
use crate::seq2seq::Seq2Seq;
use crate::sequence;

/// A model that searches. Made once for a whole run: on the CPU it holds the weights packed for the CPU's own
/// kernels; elsewhere, and where the kernels have no such model, the model itself.
#[derive(Debug)]
pub struct Searcher {
    engine: Engine,
    precision: Precision,
    longest_source: Option<usize>,
}

#[derive(Debug)]
enum Engine {
    Packed(Box<PackedModel>),
    Tensors(Box<Seq2Seq>),
}

impl Searcher {
    /// Prepares `model`, which stays as it is, for batches of at most `rows` rows, sentences times beams. More
    /// rows work too, but not as fast. What a sentence's translations score may depend on `rows` in the last
    /// digits; on the batch it comes in it does not.
    pub fn new(model: &Seq2Seq, precision: Precision, rows: usize) -> Self {
        let own = !sequence::uses_reference() && host::runs(&model.output.bias.val());
        let packed = own.then(|| PackedModel::new(model, precision, rows));
        let (engine, precision) = match packed.flatten() {
            Some(packed) => (Engine::Packed(Box::new(packed)), precision),
            None => (Engine::Tensors(Box::new(model.clone())), Precision::Full),
        };
        Self {
            engine,
            precision,
            longest_source: model.longest_source(),
        }
    }

    /// What the weights are in: what was asked for, or full precision where the CPU's own kernels do not
    /// search this model.
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// See [`Seq2Seq::longest_source`].
    pub fn longest_source(&self) -> Option<usize> {
        self.longest_source
    }

    /// The `n_best` best translations of each sentence of a batch, best first; one by greedy search when the
    /// beam is one. `attention` says whether weights are wanted.
    ///
    /// # Panics
    /// When `source` is not what the model's encoder reads.
    pub fn search<'a>(
        &self,
        source: impl Into<Input<'a>>,
        config: &SearchConfig,
        marks: &Marks,
        n_best: usize,
        attention: bool,
    ) -> Vec<Vec<Hypothesis>> {
        self.search_until(source, config, marks, n_best, attention, Ending::Marked)
    }

    /// [`Searcher::search`] with another ending.
    ///
    /// # Panics
    /// When `source` is not what the model's encoder reads.
    pub fn search_until<'a>(
        &self,
        source: impl Into<Input<'a>>,
        config: &SearchConfig,
        marks: &Marks,
        n_best: usize,
        attention: bool,
        ending: Ending,
    ) -> Vec<Vec<Hypothesis>> {
        let source = source.into();
        let greedily = config.beam <= 1 && n_best <= 1;
        let task = &Task {
            config,
            marks,
            ending,
            n_best,
            attention,
        };
        match greedily {
            true => self
                .greedy(source, task)
                .into_iter()
                .map(|best| vec![best])
                .collect(),
            false => self.beam(source, task),
        }
    }

    /// Greedy search, whatever the config's beam.
    pub(super) fn greedy(&self, source: Input<'_>, task: &Task<'_>) -> Vec<Hypothesis> {
        let lengths = self.lengths(&source);
        self.run(source, |steps| greedy(steps, &lengths, task))
    }

    /// Beam search, also with a beam of one.
    pub(super) fn beam(&self, source: Input<'_>, task: &Task<'_>) -> Vec<Vec<Hypothesis>> {
        let n_best = task.n_best.max(1);
        let config = &SearchConfig {
            beam: task.config.beam.max(n_best),
            ..task.config.clone()
        };
        let task = &Task {
            config,
            n_best,
            ..*task
        };
        let lengths = self.lengths(&source);
        self.run(source, |steps| beam(steps, &lengths, task))
    }

    /// How many positions of the memory each source of a batch has.
    fn lengths(&self, source: &Input<'_>) -> Vec<usize> {
        match (&self.engine, source) {
            (Engine::Packed(_), Input::Words(words)) => words.lengths.to_vec(),
            (Engine::Packed(_), Input::Images(_)) => panic!("only an image encoder reads images"),
            (Engine::Tensors(model), source) => model.encoder.lengths(source),
        }
    }

    /// Does `work`, which searches for one batch after another: the threads that share the steps stay awake
    /// in between, where waking them takes a good part of the time of a short sentence. They use a processor
    /// each meanwhile, so the work should wait for nothing else.
    pub fn awake<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        match &self.engine {
            Engine::Packed(model) => model.awake(work),
            Engine::Tensors(_) => work(),
        }
    }

    /// Hands the steps of a batch to a `search` of one's own.
    ///
    /// # Panics
    /// When `source` is not what the model's encoder reads.
    pub fn run<'a, R: Send + Default>(
        &self,
        source: impl Into<Input<'a>>,
        search: impl FnOnce(&mut dyn Steps) -> R + Send,
    ) -> R {
        let source = source.into();
        if source.rows() == 0 {
            return R::default();
        }
        match (&self.engine, source) {
            (Engine::Packed(model), Input::Words(words)) => model.run(words, search),
            (Engine::Packed(_), Input::Images(_)) => panic!("only an image encoder reads images"),
            (Engine::Tensors(model), source) => search(&mut Tensors::new(model, source)),
        }
    }
}
