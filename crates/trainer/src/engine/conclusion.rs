//! The end of a run: the last validation and checkpoint, and the scores of the best one.

use data::corpus::{CorpusSource, ReadOptions, read};
use model::search::{Favour, Precision, searcher};
use model::{Seq2Seq, parameters};

use super::report::Report;
use super::session::Session;
use crate::config::Which;
use crate::console::Console;
use crate::error::RunError;
use crate::interrupt::Interrupt;
use crate::scores::Scores;
use crate::translator::{Translator, cut_at_limit};

impl Session<'_> {
    /// The last validation and checkpoint.
    pub(super) fn finish(&mut self, console: &Console) -> Result<(), RunError> {
        self.state.finished = true;
        if !self.is_regular(self.state.step) {
            self.share_memory()?;
        }
        match self.state.progress.is_validated(self.state.step) {
            true => self.save()?,
            false => self.validate(console, false)?,
        }
        if self.state.faults.skipped > 0 {
            let (count, factor) = (self.state.faults.skipped, self.state.faults.factor);
            console.say(&format!(
                "{count} updates were skipped because their loss or gradient was not a number; the learning rate ended at \
                 {factor} times the schedule's"
            ));
        }
        Ok(())
    }

    /// The scores of the best checkpoint.
    pub(super) fn conclude(
        mut self,
        console: &Console,
        interrupt: &Interrupt,
    ) -> Result<Report, RunError> {
        let config = self.config;
        self.model = None;
        let readers = (&self.prepared.source, &self.prepared.target);
        let (parameters, best) = self
            .folder()
            .load_best(readers, &|line| console.say(line))?;
        let steps = self.folder().steps();
        self.state.progress.keep_marked(&steps);
        let sizes = [
            self.prepared.source.vocab_size(),
            self.prepared.target.vocab_size(),
        ];
        let model = Seq2Seq::new(
            &self.config.model,
            sizes[0],
            sizes[1],
            0,
            &self.device.clone().inner(),
        )?;
        let model = parameters::place(model, parameters)?;
        let mut score =
            |name: &str, source: Option<&CorpusSource>| -> Result<Option<Scores>, RunError> {
                let Some(source) = source else {
                    return Ok(None);
                };
                if let Some((name, code)) = interrupt.asked() {
                    let step = self.state.step;
                    return Err(RunError::Stopped { name, code, step });
                }
                let scores = self.evaluate(&model, source, console)?;
                let line = format!(
                    "{name} ({source}), step {}: {}, {}  [{}]",
                    best.step,
                    scores.line(),
                    self.config.search.describe(),
                    scores.signature,
                );
                console.say(&line);
                self.journal.log(&line);
                Ok(Some(scores))
            };
        let test = score("test", config.data.test.as_ref())?;
        let unseen = score("unseen", config.data.unseen.as_ref())?;
        let report = self.report(test, unseen)?;
        let text = serde_json::to_vec_pretty(&report).unwrap_or_default();
        self.folder().write("report.json", &text)?;
        Ok(report)
    }

    fn evaluate(
        &self,
        model: &Seq2Seq,
        source: &CorpusSource,
        console: &Console,
    ) -> Result<Scores, RunError> {
        let options = ReadOptions {
            keep_all: true,
            ..self.config.reading()
        };
        let corpus = read(source, &options)?;
        let searcher = searcher(model, Precision::Full, Favour::Throughput);
        let translator = Translator {
            searcher: &searcher,
            source: &self.prepared.source,
            target: &self.prepared.target,
            search: self.config.search.clone(),
            batch_size: self.config.valid.batch_size,
            pad_multiple: self.pad_multiple,
            tokenize: self.config.valid.tokenize(),
        };
        if let Some(notice) = translator.notice(&corpus)? {
            console.say(&format!("{source}: {notice}"));
        }
        let (scores, _) = translator.evaluate(&corpus, None)?;
        if scores.cut > 0 {
            console.say(&format!("{source}: {}", cut_at_limit(scores.cut)));
        }
        Ok(scores)
    }

    /// Returns the report of a run that had already finished.
    pub(super) fn earlier_report(&self) -> Option<Report> {
        let text = std::fs::read(self.folder().file("report.json")).ok()?;
        let report: Report = serde_json::from_slice(&text).ok()?;
        (report.steps == self.state.step).then(|| Report {
            run_dir: self.folder().path().to_owned(),
            ..report
        })
    }

    fn report(&self, test: Option<Scores>, unseen: Option<Scores>) -> Result<Report, RunError> {
        let folder = self.folder();
        let (best, last) = (
            self.state.progress.marked_validation,
            self.state.progress.last,
        );
        Ok(Report {
            run_dir: folder.path().to_owned(),
            steps: self.state.step,
            epochs: self.state.epoch + u64::from(self.state.batch > 0),
            train_seconds: (self.state.train_seconds * 1000.0).round() / 1000.0,
            backend: self.backend.clone(),
            best_step: folder.step_of(&Which::Best)?,
            valid: best.or(last),
            last_valid: last.filter(|last| best.is_some_and(|best| best.step != last.step)),
            test,
            unseen,
        })
    }
}
