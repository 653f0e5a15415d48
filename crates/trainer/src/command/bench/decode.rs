//! Real searches, timed.

use std::fmt;
use std::time::Instant;

use data::batching::Batch;
use kernels::instruction_sets::InstructionSets;
use kernels::profile;
use model::search::{Ending, Favour, Precision, searcher};
use model::{Hypothesis, SearchConfig, Seq2Seq};
use operations::launches;
use serde::Serialize;

use crate::backend::Choice;
use crate::error::RunError;
use crate::process_memory;
use crate::translator::{MARKS, input};

/// How to search.
#[derive(Debug, Clone)]
pub(super) struct Search {
    pub(super) config: SearchConfig,
    pub(super) precision: Precision,
    /// Whether each sentence gets as many words as the longest reference of its batch, whatever they are.
    pub(super) fixed_length: bool,
    /// Batches that are not timed.
    pub(super) warmup: usize,
    /// Goal that single-precision weights are packed for; unless given, latency where no step has many rows.
    pub(super) favour: Option<Favour>,
}

/// A measured translation. What a system cannot say is null.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Report {
    /// Sentences a second, from ids to ids.
    pub(super) sent_s: f64,
    /// Words of their translations a second, end marks counted.
    pub(super) tok_s: f64,
    /// Largest memory of the process, in units of 2^20 bytes.
    pub(super) peak_rss_mb: Option<f64>,
    /// Median time of a batch.
    pub(super) batch_ms_median: f64,
    /// Timed sentences.
    pub(super) sentences: usize,
    /// Words of their translations.
    pub(super) tokens: usize,
    /// Timed batches.
    pub(super) batches: usize,
    /// Batches before them.
    pub(super) warmup: usize,
    /// Sentences side by side.
    pub(super) batch: usize,
    /// Hypotheses side by side.
    pub(super) beam: usize,
    /// In which numbers the weights were.
    pub(super) precision: &'static str,
    /// Goal that single-precision weights were packed for, on the CPU.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) favour: Option<&'static str>,
    /// Whether the lengths were fixed.
    pub(super) fixed_length: bool,
    /// Kernel launches of a batch, encoding included, divided by the words of its longest translation, on a GPU: the
    /// median, for a batch whose shapes are new also tries out matrix products.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) launches_per_step: Option<f64>,
    /// Those divided by the words of all its translations, on a GPU: the median.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) launches_per_token: Option<f64>,
    /// The time to prepare the model, in milliseconds.
    pub(super) prepare_ms: f64,
    /// The backend.
    pub(super) backend: String,
    /// Threads of the CPU kernels.
    pub(super) threads: usize,
    /// The instruction sets that the CPU kernels may use.
    pub(super) isa: String,
}

/// Translates `batches` one after another. Also gives the best translation of each sentence of each batch.
///
/// # Errors
/// When the weights cannot have the precision.
pub(super) fn measure(
    model: Seq2Seq,
    choice: &Choice,
    batches: &[Batch],
    search: &Search,
) -> Result<(Report, Vec<Vec<Hypothesis>>), RunError> {
    let batch = batches.iter().map(|batch| batch.source.rows()).max();
    let batch = batch.unwrap_or(0);
    let begun = Instant::now();
    let usual = || Favour::for_rows(batch * search.config.beam, search.config.favour);
    let favour = search.favour.unwrap_or_else(usual);
    let searcher = searcher(&model, search.precision, favour);
    let prepare_ms = 1e3 * begun.elapsed().as_secs_f64();
    drop(model);
    let (mut times, mut sentences, mut tokens) = (Vec::new(), 0, 0);
    let (mut of_step, mut of_token) = (Vec::new(), Vec::new());
    let mut best = Vec::new();
    let mut translate = |(number, batch): (usize, &Batch)| {
        let ending = match search.fixed_length {
            true => Ending::After(batch.target_output.time),
            false => Ending::Marked,
        };
        let begun = Instant::now();
        let source = input(&batch.source);
        let work = || searcher.search_until(source, &search.config, &MARKS, 1, false, ending);
        let (found, launches) = launches::count(work);
        if number >= search.warmup {
            times.push(begun.elapsed().as_secs_f64());
            sentences += found.len();
            let words = |best: &Vec<Hypothesis>| best.first().map_or(0, |b| b.tokens.len());
            let said: usize = found.iter().map(words).sum();
            let longest = found.iter().map(words).max().unwrap_or(0);
            tokens += said;
            of_step.push(launches.total() as f64 / longest.max(1) as f64);
            of_token.push(launches.total() as f64 / said.max(1) as f64);
        }
        best.push(found.into_iter().flatten().collect());
    };
    searcher.awake(|| batches.iter().enumerate().for_each(&mut translate));
    let seconds: f64 = times.iter().sum();
    let timed = times.len();
    times.sort_by(f64::total_cmp);
    let median = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        let found = values.get(timed / 2).copied();
        found.filter(|_| choice.compiles_shapes())
    };
    let report = Report {
        sent_s: sentences as f64 / seconds,
        tok_s: tokens as f64 / seconds,
        peak_rss_mb: process_memory::peak().map(|bytes| bytes as f64 / f64::from(1 << 20)),
        batch_ms_median: 1e3 * times.get(timed / 2).copied().unwrap_or(0.0),
        sentences,
        tokens,
        batches: timed,
        warmup: search.warmup,
        batch,
        beam: search.config.beam,
        precision: search.precision.name(),
        favour: (searcher.packs() && search.precision == Precision::Full).then_some(favour.name()),
        fixed_length: search.fixed_length,
        launches_per_step: median(of_step),
        launches_per_token: median(of_token),
        prepare_ms,
        backend: choice.backend.to_string(),
        threads: profile::threads(),
        isa: InstructionSets::in_use().to_string(),
    };
    Ok((report, best))
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut row = |name: &str, value: String| writeln!(f, "{name:<22}{value}");
        row("sentences/s", format!("{:.1}", self.sent_s))?;
        row("words/s", format!("{:.0}", self.tok_s))?;
        row("batch", format!("{:.2} ms median", self.batch_ms_median))?;
        if let Some(peak) = self.peak_rss_mb {
            row("peak memory", format!("{peak:.0} MB"))?;
        }
        if let (Some(step), Some(token)) = (self.launches_per_step, self.launches_per_token) {
            row(
                "kernel launches",
                format!("{step:.1} a step, {token:.2} a word, encoding included"),
            )?;
        }
        let fixed = match self.fixed_length {
            true => ", as long as their references",
            false => "",
        };
        let favour = self.favour.map(|favour| format!(" for {favour}"));
        row(
            "translations",
            format!(
                "{} of {} words{fixed}, {} at once, beam {}, {} weights{}, after {} batches of warm-up",
                self.sentences,
                self.tokens,
                self.batch,
                self.beam,
                self.precision,
                favour.unwrap_or_default(),
                self.warmup
            ),
        )?;
        row(
            "on",
            format!(
                "{}, {} CPU threads, {}",
                self.backend, self.threads, self.isa
            ),
        )
    }
}
