//! Search with one model or several.

use kernels::parallel;
use kernels::search::Precision;

use super::beam::beam;
use super::ensemble::{Average, Ensemble};
use super::exhaustive::{exhaustive, floor};
use super::greedy::greedy;
use super::method::Method;
use super::packed::PackedModel;
use super::sample::sample;
use super::steps::Steps;
use super::task::{Ending, Task};
use super::tensors::Tensors;
use super::{Hypothesis, Marks, SearchConfig};
use crate::error::ModelError;
use crate::host;
use crate::padded::Padded;
use crate::seq2seq::Seq2Seq;
use crate::sequence;

/// A model that searches, or several that search together. Made once for a whole run: on the CPU it holds the
/// weights packed for the CPU's own kernels, elsewhere the models themselves.
#[derive(Debug)]
pub struct Searcher {
    engines: Vec<Engine>,
    average: Average,
}

#[derive(Debug)]
enum Engine {
    Packed(Box<PackedModel>),
    Tensors(Box<Seq2Seq>),
}

impl Engine {
    fn new(model: &Seq2Seq, precision: Precision, rows: usize) -> Self {
        let own = !sequence::uses_reference() && host::runs(&model.output.bias.val());
        if own {
            Engine::Packed(Box::new(PackedModel::new(model, precision, rows)))
        } else {
            Engine::Tensors(Box::new(model.clone()))
        }
    }

    /// Encodes a batch.
    fn start(&self, source: Padded<'_>) -> Box<dyn Steps + '_> {
        match self {
            Engine::Packed(model) => model.start(source),
            Engine::Tensors(model) => Box::new(Tensors::new(model, source)),
        }
    }
}

impl Searcher {
    /// Prepares `model`, which stays as it is, for batches of at most `rows` rows, sentences times beams. More
    /// rows work too, but not as fast. What a sentence's translations score may depend on `rows` in the last
    /// digits; on the batch it comes in it does not.
    pub fn new(model: &Seq2Seq, precision: Precision, rows: usize) -> Self {
        Self::ensemble([model], precision, rows, Average::Probabilities)
    }

    /// Prepares several models with the same vocabularies, whose distributions are averaged at every step; see
    /// [`Searcher::new`].
    pub fn ensemble<'a>(
        models: impl IntoIterator<Item = &'a Seq2Seq>,
        precision: Precision,
        rows: usize,
        average: Average,
    ) -> Self {
        let models = models.into_iter();
        Self {
            engines: models
                .map(|model| Engine::new(model, precision, rows))
                .collect(),
            average,
        }
    }

    /// Translations of each sentence of a batch, by the method of the task's config: by beam, diverse beam and
    /// exhaustive search the best `n_best`, best first; by sampling `n_best` samples, for minimum Bayes risk
    /// the samples among which to choose. Where its constraints leave fewer, a sentence has fewer.
    ///
    /// # Errors
    /// Phrases that samples must contain; too many hypotheses in an exhaustive search.
    pub fn search(
        &self,
        source: Padded<'_>,
        task: &Task<'_>,
    ) -> Result<Vec<Vec<Hypothesis>>, ModelError> {
        let config = task.config;
        let required = task.constraints.iter().any(|one| !one.required.is_empty());
        match config.method {
            Method::Beam if config.beam <= 1 && task.n_best <= 1 && task.is_plain() => {
                let found = self.greedy(source, task).into_iter();
                Ok(found.map(|best| vec![best]).collect())
            }
            Method::Beam | Method::DiverseBeam => Ok(self.beam(source, task)),
            Method::Sample | Method::Mbr if required => Err(ModelError::CannotCombine {
                first: format!("search.method = \"{}\"", config.method),
                second: "phrases that a translation must contain".into(),
                reason: "samples are drawn word by word; use \"beam\", \"diverse-beam\" or \"exhaustive\""
                    .into(),
            }),
            Method::Sample | Method::Mbr => {
                let count = config.width(task.n_best);
                Ok(self.run(source, |steps| sample(steps, source.lengths, task, count)))
            }
            Method::Exhaustive => self.exhaustive(source, task),
        }
    }

    /// The best translation of each sentence of a batch by beam search, or by greedy search when the beam is one,
    /// whatever the config's method, that ends as `ending` says.
    pub fn search_until(
        &self,
        source: Padded<'_>,
        config: &SearchConfig,
        marks: &Marks,
        n_best: usize,
        attention: bool,
        ending: Ending,
    ) -> Vec<Vec<Hypothesis>> {
        let config = &SearchConfig {
            method: Method::Beam,
            ..config.clone()
        };
        let task = &Task {
            ending,
            n_best,
            attention,
            ..Task::new(config, marks)
        };
        if config.beam <= 1 && n_best <= 1 && task.is_plain() {
            let found = self.greedy(source, task).into_iter();
            return found.map(|best| vec![best]).collect();
        }
        self.beam(source, task)
    }

    /// Greedy search, whatever the config's beam.
    pub(super) fn greedy(&self, source: Padded<'_>, task: &Task<'_>) -> Vec<Hypothesis> {
        self.run(source, |steps| greedy(steps, source.lengths, task))
    }

    /// Beam search, also with a beam of one.
    pub(super) fn beam(&self, source: Padded<'_>, task: &Task<'_>) -> Vec<Vec<Hypothesis>> {
        let n_best = task.n_best.max(1);
        let groups = task.config.groups();
        let config = &SearchConfig {
            beam: task.config.beam.max(n_best).next_multiple_of(groups),
            groups: Some(groups),
            ..task.config.clone()
        };
        let task = &Task {
            config,
            n_best,
            ..*task
        };
        self.run(source, |steps| beam(steps, source.lengths, task))
    }

    /// Exhaustive search, sentence by sentence.
    fn exhaustive(
        &self,
        source: Padded<'_>,
        task: &Task<'_>,
    ) -> Result<Vec<Vec<Hypothesis>>, ModelError> {
        let mut found = Vec::with_capacity(source.rows());
        for (index, &length) in source.lengths.iter().enumerate() {
            let alone = Padded {
                ids: &source.ids[index * source.time..][..source.time],
                lengths: &[length],
                time: source.time,
            };
            let n_best = task.n_best.max(1);
            let config = &SearchConfig {
                beam: task.config.beam.max(n_best),
                ..task.config.clone()
            };
            let task = &Task {
                config,
                n_best,
                constraints: task.constraints.get(index..=index).unwrap_or_default(),
                ..*task
            };
            let floor = self.run(alone, |steps| floor(steps, length, task));
            let best = self.run(alone, |steps| {
                Some(exhaustive(steps, 0, length, task, floor))
            });
            found.push(best.unwrap_or_else(|| Ok(Vec::new()))?);
        }
        Ok(found)
    }

    /// Does `work`, which searches for one batch after another: the threads that share the steps stay awake
    /// in between, where waking them takes a good part of the time of a short sentence. They use a processor
    /// each meanwhile, so the work should wait for nothing else.
    pub fn awake<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        let packed = |engine: &Engine| matches!(engine, Engine::Packed(_));
        match &self.engines[..] {
            [Engine::Packed(model)] => model.awake(work),
            engines if engines.iter().all(packed) => parallel::inside(work),
            _ => work(),
        }
    }

    /// Hands the steps of a batch to a `search` of one's own.
    pub fn run<R: Send + Default>(
        &self,
        source: Padded<'_>,
        search: impl FnOnce(&mut dyn Steps) -> R + Send,
    ) -> R {
        if source.rows() == 0 {
            return R::default();
        }
        match &self.engines[..] {
            [Engine::Packed(model)] => model.run(source, search),
            [Engine::Tensors(model)] => search(&mut Tensors::new(model, source)),
            engines => self.awake(|| {
                let members = engines.iter().map(|engine| engine.start(source));
                search(&mut Ensemble {
                    members: members.collect(),
                    average: self.average,
                })
            }),
        }
    }
}
