//! The examples of a cache, mapped into memory.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use memmap2::{Mmap, UncheckedAdvice};

use super::Entry;
use super::files::{IDS, INDEX, TOKENIZERS};
use super::record::{Record, check};
use crate::batching::{Batch, Example, Examples, Repeats, Spread, collate};
use crate::error::DataError;
use crate::special::END;
use crate::tokenizer::Tokenizer;

/// After so many examples the pages that were touched are given back. The system brings along the pages around each, so
/// that they are many more than the examples have.
const BETWEEN: usize = 32;

/// The examples of a cache. Of its files only what is being read is in memory.
#[derive(Debug)]
pub struct Cached {
    folder: PathBuf,
    count: usize,
    id_bytes: usize,
    ids: Mmap,
    index: Mmap,
    /// Numbers of tokens of source and target that there are.
    vocabularies: [usize; 2],
    repeats: Repeats,
    spread: Spread,
    touched: AtomicUsize,
}

impl Entry {
    /// The vocabularies that the cache was made with.
    ///
    /// # Errors
    /// Those of [`Tokenizer::load`].
    pub fn tokenizers(&self) -> Result<[Tokenizer; 2], DataError> {
        let [source, target] = TOKENIZERS.map(|name| self.folder.join(name));
        Ok([Tokenizer::load(&source)?, Tokenizer::load(&target)?])
    }

    /// The examples, whose ids are below the sizes of the `vocabularies` of source and target. Corpus `n` of a list is seen
    /// `weights[n]` times an epoch.
    ///
    /// # Errors
    /// A file that is missing, or that is not as long as the manifest says.
    pub fn open(&self, vocabularies: [usize; 2], weights: &[f64]) -> Result<Cached, DataError> {
        let manifest = &self.manifest;
        let count = manifest.counts.examples;
        let index = map(&self.folder.join(INDEX), (count * Record::BYTES) as u64)?;
        let ids = map(&self.folder.join(IDS), manifest.bytes)?;
        // The length of a source has its end mark counted too.
        let longest = manifest.longest_targets.iter();
        let longest = longest.map(|&target| target as usize);
        let spread = Spread {
            sums: [manifest.counts.source_tokens, manifest.counts.target_tokens]
                .map(|tokens| tokens + count),
            longest_targets: std::iter::once(0).chain(longest).collect(),
        };
        let mut ends = manifest.ends.clone();
        ends.resize(weights.len(), count);
        Ok(Cached {
            repeats: Repeats::new(&ends, weights),
            folder: self.folder.clone(),
            count,
            id_bytes: manifest.id_bytes(),
            ids,
            index,
            vocabularies,
            spread,
            touched: AtomicUsize::new(0),
        })
    }
}

fn map(path: &Path, bytes: u64) -> Result<Mmap, DataError> {
    let file = File::open(path).map_err(|cause| DataError::reading(path.to_owned(), cause))?;
    // SAFETY: nothing that runs here writes to the files of a whole cache, and who else does gets ids that the checks
    // refuse. A file that is cut short meanwhile ends the process, which may be resumed.
    let mapped = unsafe { Mmap::map(&file) };
    let mapped = mapped.map_err(|cause| DataError::reading(path.to_owned(), cause))?;
    match mapped.len() as u64 == bytes {
        true => Ok(mapped),
        false => Err(DataError::DamagedCache {
            path: path.to_owned(),
            what: format!("it has {} bytes, and {bytes} were written", mapped.len()),
        }),
    }
}

impl Cached {
    fn record(&self, place: usize) -> Record {
        assert!(place < self.count, "{place} is not below {}", self.count);
        let bytes = &self.index[place * Record::BYTES..];
        // There are as many records as examples.
        let record = bytes.first_chunk().map(Record::of_bytes);
        let Some(record) = record else {
            unreachable!("the length of the index was checked");
        };
        if self.touched.fetch_add(1, Ordering::Relaxed) % BETWEEN == BETWEEN - 1 {
            self.release();
        }
        record
    }

    /// Gives the pages back that were touched: whoever asks for them again gets them from the file.
    fn release(&self) {
        for mapped in [&self.ids, &self.index] {
            #[cfg(unix)]
            // SAFETY: the mapping is shared with a file and never written to, so that dropped pages are read again.
            let _ = unsafe { mapped.unchecked_advise(UncheckedAdvice::DontNeed) };
        }
    }

    /// The example at `place`.
    fn example(&self, place: usize) -> Result<Example, DataError> {
        let Record {
            start,
            lengths: [source, target],
            check: expected,
        } = self.record(place);
        let damaged = |what: String| DataError::DamagedCache {
            path: self.folder.join(IDS),
            what: format!("pair {}: {what}", place + 1),
        };
        let [source, target] = [source, target].map(|length| length as usize);
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        let end = start.saturating_add((source + target) * self.id_bytes);
        let bytes = self
            .ids
            .get(start..end)
            .filter(|bytes| check(bytes) == expected);
        let Some(bytes) = bytes else {
            return Err(damaged("its ids are not those that were written".into()));
        };
        let ids: Vec<u32> = match self.id_bytes {
            2 => {
                let ids = bytes.as_chunks::<2>().0.iter();
                ids.map(|&id| u32::from(u16::from_le_bytes(id))).collect()
            }
            _ => {
                let ids = bytes.as_chunks::<4>().0.iter();
                ids.map(|&id| u32::from_le_bytes(id)).collect()
            }
        };
        let (source, target) = ids.split_at(source);
        for (side, size) in [source, target].into_iter().zip(self.vocabularies) {
            if let Some(id) = side.iter().find(|&&id| id as usize >= size) {
                return Err(damaged(format!("no token has the id {id}")));
            }
        }
        let ended = |ids: &[u32]| [ids, &[END]].concat();
        Ok(Example {
            source: ended(source).into(),
            target: ended(target),
        })
    }
}

impl Examples for Cached {
    fn count(&self) -> usize {
        self.count
    }

    fn lengths(&self, place: usize) -> [usize; 2] {
        self.record(place).lengths.map(|length| length as usize + 1)
    }

    fn repeats(&self) -> &Repeats {
        &self.repeats
    }

    fn spread(&self) -> Spread {
        self.spread.clone()
    }

    fn has_pictures(&self) -> bool {
        false
    }

    fn gather(&self, places: &[usize], multiple_of: usize) -> Result<Batch, DataError> {
        let examples: Vec<Example> = places
            .iter()
            .map(|&place| self.example(place))
            .collect::<Result<_, _>>()?;
        let mut batch = collate(&examples.iter().collect::<Vec<_>>(), multiple_of);
        for index in &mut batch.indices {
            *index = places[*index];
        }
        Ok(batch)
    }
}
