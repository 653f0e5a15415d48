//! Making a cache of the training pairs.

use std::cell::Cell;
use std::path::Path;
use std::time::{Duration, Instant};

use data::cache::{Entry, Feeder, Manifest, Plan, Stamp, make};
use data::corpus::{CorpusSource, Totals, read_each};
use data::tokenizer::Tokenizer;

use super::bounds::longest;
use super::heard::Heard;
use super::known::About;
use super::pairs::{Pairs, options, stopped};
use crate::config::Config;
use crate::error::RunError;
use crate::filter::Filters;

/// How often it is said how far the making is.
const BETWEEN: Duration = Duration::from_secs(10);
/// Hexadecimal digits of a cache's name.
const DIGITS: usize = 12;

/// What a cache is to be made of.
pub(super) struct Making<'a> {
    pub(super) config: &'a Config,
    pub(super) corpus: &'a CorpusSource,
    /// What was read of it.
    pub(super) pairs: &'a Pairs,
    /// Those of source and target.
    pub(super) tokenizers: [&'a Tokenizer; 2],
    pub(super) about: &'a About,
    pub(super) heard: Heard<'a>,
}

impl Making<'_> {
    /// Makes the cache in a folder of its own in `folder`, or goes on with one that was begun.
    pub(super) fn make(&self, folder: &Path) -> Result<Entry, RunError> {
        let name = self.name();
        let count = self.pairs.count;
        let console = self.heard.console;
        let shown = folder.join(&name);
        let shown = shown.display();
        let [source, target] = self.tokenizers;
        let plan = Plan {
            source,
            target,
            longest: longest(self.config, None),
            threads: std::thread::available_parallelism().map_or(1, usize::from),
        };
        let begun = Instant::now();
        let stamps = Stamp::of(self.corpus).unwrap_or_default();
        let is_made = Cell::new(false);
        let feed = |feeder: &mut Feeder<'_>| {
            is_made.set(true);
            console.say(&format!(
                "the {count} pairs become ids in {shown}, once for all runs of this corpus"
            ));
            self.feed(feeder)
        };
        let complete = |manifest: &mut Manifest, totals: Totals| {
            manifest.stamps.clone_from(&stamps);
            manifest.contents = totals.contents;
            // A struct of plain values can always be written.
            manifest.about = serde_json::to_value(self.about).unwrap_or_default();
        };
        let mut entry = make(folder, &name, &plan, feed, complete)?;
        if entry.manifest.contents != self.pairs.corpus.contents {
            return Err(RunError::Usage(format!(
                "{} has changed while it was read: start again, and `{shown}` can be deleted",
                self.corpus,
            )));
        }
        if !is_made.get() {
            console.say(&format!(
                "{} is as it was when its ids were made",
                self.corpus
            ));
            // What cannot be noted is found out again by the next run.
            let _ = entry.stamp(stamps);
            return Ok(entry);
        }
        let seconds = begun.elapsed().as_secs_f64().max(1e-9);
        let speed = count as f64 / seconds;
        console.say(&format!("made in {seconds:.1} s ({speed:.0} pairs/s)"));
        Ok(entry)
    }

    /// Reads the corpus once more, and gives its pairs to `feeder`.
    fn feed(&self, feeder: &mut Feeder<'_>) -> Result<Totals, RunError> {
        let mut filters = Filters::new(&self.config.data.filter).map_err(RunError::Usage)?;
        let failed = feeder.failure();
        let go_on = || self.heard.interrupt.asked().is_none() && !failed.has_failed();
        let (mut fed, mut said) = (0usize, Instant::now());
        let read = read_each(
            self.corpus,
            &options(self.config),
            &go_on,
            &mut |pair, origin| {
                if !filters.keeps(&pair, origin, false) {
                    return;
                }
                feeder.take(pair, origin.part);
                fed += 1;
                if fed.is_multiple_of(10_000) && said.elapsed() >= BETWEEN {
                    said = Instant::now();
                    let of = self.pairs.count;
                    self.heard.console.say(&format!("  {fed} of {of} pairs"));
                }
            },
        );
        let totals = read.map_err(|error| stopped(error, self.heard))?;
        // A file of scores may have failed this time.
        filters
            .report(totals.summary.read)
            .map_err(RunError::Usage)?;
        Ok(totals)
    }

    /// A name that no other corpus and no other settings have.
    fn name(&self) -> String {
        let fingerprints = self.tokenizers.map(Tokenizer::fingerprint);
        let longest = longest(self.config, None);
        let all = (
            &self.pairs.corpus.contents,
            fingerprints,
            longest,
            self.about.name(),
        );
        // Plain values can always be written.
        let text = serde_json::to_vec(&all).unwrap_or_default();
        let hash = format!("{:032x}", xxhash_rust::xxh3::xxh3_128(&text));
        format!("{}-{}", folder_stem(self.corpus), &hash[..DIGITS])
    }
}

/// The part of a corpus's name that a folder can have.
fn folder_stem(corpus: &CorpusSource) -> String {
    let first = corpus.files().first().and_then(|path| path.file_name());
    let name = match first {
        Some(name) => name.to_string_lossy().into_owned(),
        None => corpus.to_string(),
    };
    let plain = |letter: char| letter.is_ascii_alphanumeric() || ".-_".contains(letter);
    let letters = name
        .chars()
        .map(|letter| if plain(letter) { letter } else { '-' });
    letters.take(40).collect()
}
