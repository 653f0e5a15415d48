//! A model card: what a model is, for those who get it, with the header that model hubs read.

use std::collections::BTreeMap;
use std::fmt::Write;

use data::corpus::Contents;

use crate::config::Config;
use crate::engine::Report;
use crate::scores::Scores;

/// What a card tells.
#[derive(Debug, Clone)]
pub struct Card<'a> {
    /// The run's settings.
    pub config: &'a Config,
    /// Updates that the model was trained for.
    pub step: u64,
    /// How many numbers its parameters have.
    pub parameters: usize,
    /// Under which terms it may be used.
    pub license: Option<&'a str>,
    /// Languages of source and target, as codes.
    pub languages: &'a [String],
    /// The run's report, where there is one.
    pub report: Option<&'a Report>,
    /// What the corpora held.
    pub contents: &'a BTreeMap<String, Contents>,
    /// Words that the hub finds the model by, beside its kinds.
    pub tags: &'a [&'a str],
    /// The name of the library that runs it.
    pub library: &'a str,
    /// How it is used: a section of Markdown.
    pub use_section: &'a str,
}

/// A text as YAML has it: JSON's strings are YAML's too.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

impl Card<'_> {
    /// The whole card.
    pub fn to_markdown(&self) -> String {
        let mut text = self.header();
        let task = self.task();
        let _ = write!(
            text,
            "\n# {}\n\nA model for {task}, trained with Attune {}: {}. {} parameters, \
             {} updates.\n",
            self.config.name,
            env!("CARGO_PKG_VERSION"),
            self.described(),
            self.parameters,
            self.step,
        );
        let _ = write!(text, "\n## Use\n\n{}\n", self.use_section.trim_end());
        text += &self.scores();
        text += &self.data();
        let _ = write!(
            text,
            "\n## Training it again\n\nWith these settings as `config.toml`:\n\n```sh\nattune --config config.toml\n```\n\n\
             ```toml\n{}\n```\n",
            self.config.to_toml().trim_end(),
        );
        text
    }

    /// The task, as hubs name it.
    fn tag(&self) -> &'static str {
        match (self.config.images().is_some(), self.languages.len()) {
            (true, _) => "image-to-text",
            (false, 2) => "translation",
            _ => "text2text-generation",
        }
    }

    fn task(&self) -> String {
        match (self.tag(), self.languages) {
            ("translation", [from, to]) => format!("translation from `{from}` to `{to}`"),
            ("image-to-text", _) => "text from images".into(),
            _ => "sequences from sequences".into(),
        }
    }

    /// The kinds of its parts.
    fn described(&self) -> String {
        let model = &self.config.model;
        format!(
            "encoder `{}`, decoder `{}`, attention `{}`, {} units",
            model.encoder.kind, model.decoder.kind, model.attention.kind, model.hidden_size
        )
    }

    fn header(&self) -> String {
        let model = &self.config.model;
        let mut text = String::from("---\n");
        if !self.languages.is_empty() {
            text += "language:\n";
            for language in self.languages {
                let _ = writeln!(text, "- {}", quoted(language));
            }
        }
        let license = self.license.unwrap_or("unknown");
        let _ = writeln!(text, "license: {}", quoted(license));
        let _ = writeln!(text, "library_name: {}", quoted(self.library));
        let _ = writeln!(text, "pipeline_tag: {}", self.tag());
        text += "tags:\n";
        let kinds = [
            model.encoder.kind.to_string(),
            model.decoder.kind.to_string(),
            model.attention.kind.to_string(),
        ];
        let mut tags = vec!["attune".to_owned(), "seq2seq".into()];
        tags.extend(self.tags.iter().map(|&tag| tag.to_owned()));
        tags.extend(kinds.into_iter().filter(|kind| kind != "none"));
        tags.dedup();
        for tag in &tags {
            let _ = writeln!(text, "- {}", quoted(tag));
        }
        text += "metrics:\n- bleu\n- chrf\n";
        let found = self.results();
        if !found.is_empty() {
            let name = quoted(&self.config.name);
            let _ = write!(text, "model-index:\n- name: {name}\n  results:\n");
            for (split, data, scores) in &found {
                let data = quoted(data);
                let _ = write!(
                    text,
                    "  - task:\n      type: {}\n    dataset:\n      name: {data}\n      type: {data}\n      split: {split}\n    \
                     metrics:\n    - type: bleu\n      value: {}\n      name: {}\n    - type: chrf\n      value: {}\n      name: chrF\n",
                    self.tag(),
                    scores.bleu,
                    quoted(&format!("BLEU {}", scores.signature)),
                    scores.chrf,
                );
            }
        }
        text + "---\n"
    }

    /// Scores of the test sets, where the report is of this model: split, corpus, scores.
    fn results(&self) -> Vec<(&'static str, String, &Scores)> {
        let Some(report) = self.report.filter(|report| report.best_step == self.step) else {
            return Vec::new();
        };
        let data = &self.config.data;
        let sets = [
            ("test", &data.test, &report.test),
            ("unseen", &data.unseen, &report.unseen),
        ];
        let sets = sets.into_iter().filter_map(|(split, corpus, scores)| {
            let corpus = corpus.as_ref().map(ToString::to_string);
            Some((split, corpus.unwrap_or_default(), scores.as_ref()?))
        });
        sets.collect()
    }

    fn scores(&self) -> String {
        let found = self.results();
        if found.is_empty() {
            return "\n## Scores\n\nNone of this checkpoint: it was not scored on a test set.\n"
                .into();
        }
        let mut text = format!(
            "\n## Scores\n\nBy {}, on corpora that nothing was chosen by.\n\n| split | corpus | sentences | BLEU | chrF | \
             exact | signature |\n|---|---|---|---|---|---|---|\n",
            self.config.search.describe()
        );
        for (split, corpus, scores) in found {
            let _ = writeln!(
                text,
                "| {split} | `{corpus}` | {} | {:.2} | {:.2} | {:.1}% | `{}` |",
                scores.sentences,
                scores.bleu,
                scores.chrf,
                100.0 * scores.exact_match,
                scores.signature,
            );
        }
        text
    }

    fn data(&self) -> String {
        let mut text = String::from("\n## Data\n\n| corpus | what | content |\n|---|---|---|\n");
        let data = &self.config.data;
        let sets = [
            ("data.train", &data.train),
            ("data.valid", &data.valid),
            ("data.test", &data.test),
            ("data.unseen", &data.unseen),
        ];
        for (key, corpus) in sets {
            let Some(corpus) = corpus else {
                continue;
            };
            let contents = self.contents.get(key).map(|contents| &contents.texts[..]);
            let contents = contents.unwrap_or_default().iter().map(ToString::to_string);
            let contents = contents.collect::<Vec<_>>().join("; ");
            let _ = writeln!(text, "| `{corpus}` | `{key}` | {contents} |");
        }
        text
    }
}
