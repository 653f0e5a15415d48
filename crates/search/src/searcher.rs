//! Search with one model or several.

use kernels::parallel;

use network::Input;

use crate::beam::beam;
use crate::ensemble::{Average, Ensemble};
use crate::error::SearchError;
use crate::exhaustive::{exhaustive, floor};
use crate::greedy::greedy;
use crate::method::Method;
use crate::packed::Precision;
use crate::sample::sample;
use crate::steps::{Model, Steps};
use crate::task::{Ending, Task};
use crate::{Hypothesis, Marks, SearchConfig};

/// A model that searches, or several that search together. Made once for a whole run.
#[derive(Debug)]
pub struct Searcher {
    models: Vec<Box<dyn Model>>,
    average: Average,
}

impl Searcher {
    /// Searches with `models`, which have the same vocabularies and whose distributions are averaged at every step.
    pub fn new(models: Vec<Box<dyn Model>>, average: Average) -> Self {
        Self { models, average }
    }

    /// Whether the CPU's own kernels search, with weights that were packed for it.
    pub fn packs(&self) -> bool {
        self.models.iter().all(|model| model.is_packed())
    }

    /// Returns the precision of the weights: full where it is not packed networks that search.
    pub fn precision(&self) -> Precision {
        match &self.models[..] {
            [first, ..] if self.packs() => first.precision(),
            _ => Precision::Full,
        }
    }

    /// The fewest tokens that are the most for one of the models; see [`Model::longest_source`].
    pub fn longest_source(&self) -> Option<usize> {
        let longest = self.models.iter();
        longest.filter_map(|model| model.longest_source()).min()
    }

    /// Translations of each sentence of a batch, by the method of the task's config: by beam, diverse beam and
    /// exhaustive search the best `n_best`, best first; by sampling `n_best` samples, for minimum Bayes risk
    /// the samples among which to choose. Where its constraints leave fewer, a sentence has fewer.
    ///
    /// # Errors
    /// Phrases that samples must contain; too many hypotheses in an exhaustive search.
    ///
    /// # Panics
    /// When `source` is not what a model's encoder reads.
    pub fn search<'a>(
        &self,
        source: impl Into<Input<'a>>,
        task: &Task<'_>,
    ) -> Result<Vec<Vec<Hypothesis>>, SearchError> {
        let source = source.into();
        let config = task.config;
        let required = task.constraints.iter().any(|one| !one.required.is_empty());
        match config.method {
            Method::Beam if config.beam <= 1 && task.n_best <= 1 && task.is_plain() => {
                let found = self.greedy(source, task).into_iter();
                Ok(found.map(|best| vec![best]).collect())
            }
            Method::Beam | Method::DiverseBeam => Ok(self.beam(source, task)),
            Method::Sample | Method::Mbr if required => Err(SearchError::RequiredInSamples {
                method: config.method,
            }),
            Method::Sample | Method::Mbr => {
                let count = match config.method {
                    Method::Mbr => config.samples(),
                    _ => task.n_best,
                };
                let count = count.max(1);
                let lengths = self.lengths(&source);
                Ok(self.run(source, |steps| sample(steps, &lengths, task, count)))
            }
            Method::Exhaustive => self.exhaustive(source, task),
        }
    }

    /// The best translation of each sentence of a batch by beam search, or by greedy search when the beam is one,
    /// whatever the config's method, that ends as `ending` says.
    ///
    /// # Panics
    /// When `source` is not what a model's encoder reads.
    pub fn search_until<'a>(
        &self,
        source: impl Into<Input<'a>>,
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
        let source = source.into();
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
    pub fn greedy(&self, source: Input<'_>, task: &Task<'_>) -> Vec<Hypothesis> {
        let lengths = self.lengths(&source);
        self.run(source, |steps| greedy(steps, &lengths, task))
    }

    /// Beam search, also with a beam of one.
    pub fn beam(&self, source: Input<'_>, task: &Task<'_>) -> Vec<Vec<Hypothesis>> {
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
        let lengths = self.lengths(&source);
        self.run(source, |steps| beam(steps, &lengths, task))
    }

    /// How many positions of the first model's memory each source of a batch has.
    fn lengths(&self, source: &Input<'_>) -> Vec<usize> {
        let first = self.models.first();
        first.map_or_else(Vec::new, |first| first.lengths(source))
    }

    /// Exhaustive search, sentence by sentence.
    fn exhaustive(
        &self,
        source: Input<'_>,
        task: &Task<'_>,
    ) -> Result<Vec<Vec<Hypothesis>>, SearchError> {
        let mut found = Vec::with_capacity(source.rows());
        for (index, length) in self.lengths(&source).into_iter().enumerate() {
            let alone = source.only(index);
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
        match self.models.iter().any(|model| model.threads() > 1) {
            true => parallel::inside(work),
            false => work(),
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
        match &self.models[..] {
            [model] => self.awake(|| search(&mut *model.start(source))),
            models => self.awake(|| {
                let members = models.iter().map(|model| model.start(source));
                search(&mut Ensemble {
                    members: members.collect(),
                    average: self.average,
                })
            }),
        }
    }
}
