//! Rules for a config beyond the types of its keys.

use std::path::Path;

use data::corpus::{CorpusSource, Features, LinkSource, Part};
use data::tokenizer::{Kind, TokenizerConfig};
use network::ModelConfig;
use network::kind::AttentionKind;

use super::violation::{MOST, Violation, only, other, required, whole};
use super::{CacheUse, Config, DataConfig, search};

/// The most often that an epoch may see a pair.
const MOST_WEIGHT: f64 = 1_000.0;

/// Remedy for a missing corpus.
const CORPUS: &str = "write it under [data]: \"builtin:en-zh:train\" (or :valid, :test, :unseen), a \
                      TSV path, or { source = \"x.en\", target = \"x.zh\" }";

impl Config {
    /// The first rule that does not hold.
    pub(super) fn check(&self) -> Result<(), Violation> {
        name(&self.name)?;
        // TOML has no larger number, and a config must survive writing.
        whole("seed", self.seed, 0..=i64::MAX as u64)?;
        self.data.check()?;
        if let Some(source) = &self.tokenizer.source {
            tokenizer("tokenizer.source", source)?;
        }
        tokenizer("tokenizer.target", &self.tokenizer.target)?;
        self.check_shared()?;
        model(&self.model)?;
        self.check_sources()?;
        if let Some(path) = &self.train.start_from {
            not_empty("train.start_from", path)?;
        }
        self.train.check()?;
        self.check_attention()?;
        self.check_cache()?;
        self.optimizer.check()?;
        self.schedule.check()?;
        self.valid.check()?;
        self.checkpoint.check()?;
        search::check(&self.search, &self.model)
    }

    /// Refuses to keep as ids alone a corpus of which more is needed.
    fn check_cache(&self) -> Result<(), Violation> {
        match self.data.cache == CacheUse::On && self.needs_memory() {
            true => Err(other(
                "data.cache",
                "ids on disk have no images, no links and no text: with `kind = \"image\"`, `[train.guided_alignment]` or \
                 `objective = \"minimum-risk\"` a corpus is in memory; remove the key",
            )),
            false => Ok(()),
        }
    }

    /// Refuses one vocabulary for two sides that are cut in different ways, or of which one has no words.
    fn check_shared(&self) -> Result<(), Violation> {
        let tokenizers = &self.tokenizer;
        if !tokenizers.shared && self.model.share_embeddings {
            return Err(other(
                "model.share_embeddings",
                "one embedding for source and target needs one vocabulary for both; set `tokenizer.shared = true`, or \
                 remove the key",
            ));
        }
        if !tokenizers.shared {
            return Ok(());
        }
        if self.model.encoder.reads_images() {
            return Err(other(
                "tokenizer.shared",
                "images have no words to share a vocabulary with; remove the key",
            ));
        }
        match &tokenizers.source {
            Some(source) if *source != tokenizers.target => Err(other(
                "tokenizer.source",
                "with `tokenizer.shared` both sides are cut alike, by [tokenizer.target]; remove this table",
            )),
            _ => Ok(()),
        }
    }

    /// Checks attention against data and training.
    fn check_attention(&self) -> Result<(), Violation> {
        let attention = &self.model.attention;
        let reads_images = self.model.encoder.reads_images();
        if attention.kind.pools() && attention.max_source_length.is_none() && !reads_images {
            let key = "model.attention.max_source_length";
            // Unless given, it is that of the data.
            whole(key, self.max_length() as u64, 1..=10_000)?;
        }
        let asks: Vec<_> = AttentionKind::ALL
            .into_iter()
            .filter(|kind| kind.asks())
            .collect();
        let covers = self.train.coverage_loss > 0.0;
        only("train.coverage_loss", covers, attention.kind, &asks)?;
        let guided = self.train.guided_alignment.is_on();
        let key = "train.guided_alignment.weight";
        only(key, guided, attention.kind, &asks)?;
        if guided && self.data.alignments.is_none() {
            return Err(required(
                "data.alignments",
                key,
                " (`[train.guided_alignment]` needs it)",
                "name a file that has the links of each training pair on a line, `0-0 1-2 ...`, as fast_align \
                 writes them; or the training corpus itself, if it is built in and has links, as \
                 `builtin:en-zh:train` has",
            ));
        }
        Ok(())
    }
}

impl DataConfig {
    fn check(&self) -> Result<(), Violation> {
        for (key, corpus) in self.corpora() {
            for path in corpus.into_iter().flat_map(CorpusSource::files) {
                not_empty(key, path)?;
            }
            for part in corpus.into_iter().flat_map(CorpusSource::parts) {
                check_part(key, &part)?;
            }
        }
        let filter = &self.filter;
        let of_lines = [
            ("data.alignments", self.alignments.is_some()),
            ("data.filter.scores", filter.scores.is_some()),
            (
                "data.filter.reverse_scores",
                filter.reverse_scores.is_some(),
            ),
        ];
        let of_lines = of_lines.into_iter().find(|(_, is_given)| *is_given);
        let corpora = self.train.as_ref().map_or(0, |train| train.parts().len());
        if let (2.., Some((key, _))) = (corpora, of_lines) {
            return Err(other(
                key,
                "this file belongs to the lines of one corpus, and `data.train` is a list; write its corpora into one file",
            ));
        }
        self.filter.check()?;
        if self.train.is_none() {
            return Err(required(
                "data.train",
                "data",
                " (what to learn from)",
                CORPUS,
            ));
        }
        if self.valid.is_none() {
            return Err(required(
                "data.valid",
                "data",
                " (what to measure progress on)",
                CORPUS,
            ));
        }
        match &self.alignments {
            Some(LinkSource::File(path)) => not_empty("data.alignments", path)?,
            Some(LinkSource::Builtin(links))
                if self.train != Some(CorpusSource::Builtin(*links)) =>
            {
                return Err(other(
                    "data.alignments",
                    "the links of a built-in corpus are those of its own pairs: name the corpus that is \
                     `data.train`, or a file with the links of your pairs",
                ));
            }
            Some(LinkSource::Builtin(_)) | None => {}
        }
        whole(
            "data.max_characters",
            self.max_characters as u64,
            1..=1_000_000,
        )?;
        whole("data.max_length", self.max_length as u64, 0..=100_000)?;
        if let Some(folder) = &self.cache_dir {
            not_empty("data.cache_dir", folder)?;
        }
        whole("data.most_in_memory", self.most_in_memory as u64, 1..=MOST)?;
        whole("data.prefetch", self.prefetch as u64, 0..=10_000)
    }
}

/// Refuses weights and tags that mean nothing.
fn check_part(key: &str, part: &Part) -> Result<(), Violation> {
    let name = part.corpus.to_string();
    let refused = |reason: String| Err(other(key, reason));
    if !(part.weight > 0.0 && part.weight <= MOST_WEIGHT) {
        return refused(format!(
            "the weight of {name} is {}; it is how often an epoch sees each pair, above 0 and at most {MOST_WEIGHT}",
            part.weight
        ));
    }
    if part.weight != 1.0 && key != "data.train" {
        return refused(format!(
            "{name} has a weight, and only `data.train` is learned from; remove it"
        ));
    }
    let is_one = |tag: &String| {
        let features = Features::new(tag);
        features.is_some_and(|features| features.iter().eq([tag.as_str()]))
    };
    match part.tag.as_ref().filter(|tag| !is_one(tag)) {
        Some(tag) => refused(format!(
            "the tag {tag:?} of {name} is not one token; a tag has no spaces and no semicolons"
        )),
        None => Ok(()),
    }
}

/// Refuses names that make no folder.
fn name(name: &str) -> Result<(), Violation> {
    if name.trim().is_empty() {
        return Err(other(
            "name",
            "the name is empty; the run folder is called by it",
        ));
    }
    if matches!(name, "." | "..") || name.contains(['/', '\\']) || name.contains(char::is_control) {
        return Err(other(
            "name",
            "this cannot be the name of a folder (no `/`, `\\` or control characters); to put \
             the run elsewhere, use --run-dir",
        ));
    }
    Ok(())
}

fn not_empty(key: &str, path: &Path) -> Result<(), Violation> {
    if path.as_os_str().is_empty() {
        return Err(other(
            key,
            "the path is empty; name a file or remove the key",
        ));
    }
    Ok(())
}

fn tokenizer(table: &str, tokenizer: &TokenizerConfig) -> Result<(), Violation> {
    if let Some(path) = &tokenizer.file {
        return not_empty(&format!("{table}.file"), path);
    }
    // Four special marks, for two kinds the 256 bytes, and one token.
    let least = match tokenizer.kind {
        Kind::Auto | Kind::Word | Kind::Space | Kind::Char => 5,
        Kind::Bpe | Kind::Unigram => 261,
    };
    let size = tokenizer.vocab_size as u64;
    whole(&format!("{table}.vocab_size"), size, least..=10_000_000)?;
    whole(
        &format!("{table}.min_frequency"),
        tokenizer.min_frequency,
        1..=MOST,
    )
}

fn model(model: &ModelConfig) -> Result<(), Violation> {
    model.check()?;
    whole(
        "model.embedding_size",
        model.embedding_size as u64,
        1..=65_536,
    )?;
    whole("model.hidden_size", model.hidden_size as u64, 1..=65_536)?;
    let memory = model.encoder.memory_size(model.hidden_size);
    whole("model.encoder.hidden_size", memory as u64, 1..=65_536)?;
    let (encoder, decoder) = (&model.encoder, &model.decoder);
    let many = 1_000_000;
    let bounded = [
        ("encoder.layers", encoder.layers, 100),
        ("decoder.layers", decoder.layers, 100),
        ("encoder.kernel_width", encoder.kernel_width(), 1_000),
        ("decoder.kernel_width", decoder.kernel_width(), 1_000),
        ("encoder.max_positions", encoder.max_positions(), many),
        ("decoder.max_positions", decoder.max_positions(), many),
        ("encoder.channels", encoder.channels(), 65_536),
        ("encoder.height", encoder.height(), 65_536),
        ("encoder.input_channels", encoder.input_channels(), 1_000),
    ];
    bounded
        .into_iter()
        .try_for_each(|(key, value, most)| whole(&format!("model.{key}"), value as u64, 1..=most))
}
