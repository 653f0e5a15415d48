//! Makes a cache: pairs come in on one thread, become ids on several, and are written by another.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use serde::{Deserialize, Serialize};

use super::Entry;
use super::files::{IDS, INDEX, PART, PROGRESS, TOKENIZERS, write_whole};
use super::manifest::Manifest;
use super::record::{Record, check};
use crate::batching::Counts;
use crate::corpus::Pair;
use crate::error::{DataError, unwritable};
use crate::special::UNK;
use crate::tokenizer::{IdEncoder, Tokenizer};

/// Pairs of a block.
const BLOCK: usize = 2_048;
/// Blocks after which what was written is made sure of.
const BLOCKS_BETWEEN: usize = 256;

/// What a cache is to be made of.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'a> {
    /// Cuts sources.
    pub source: &'a Tokenizer,
    /// Cuts targets.
    pub target: &'a Tokenizer,
    /// The most tokens of source and target; pairs with more are dropped and counted.
    pub longest: [usize; 2],
    /// Threads that make ids.
    pub threads: usize,
}

/// How far a cache is that is being made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Progress {
    /// Pairs that were taken in.
    pairs: usize,
    counts: Counts,
    /// Bytes of ids.
    bytes: u64,
    /// [`Manifest::longest_targets`].
    longest_targets: Vec<u32>,
    /// [`Manifest::ends`].
    #[serde(default)]
    ends: Vec<usize>,
}

/// Takes the pairs in.
#[derive(Debug)]
pub struct Feeder<'a> {
    /// Pairs that are in the files already and come again first.
    skipped: usize,
    block: Block,
    number: usize,
    sender: SyncSender<(usize, Block)>,
    failed: Failure<'a>,
}

/// Pairs that are worked on together.
#[derive(Debug, Default)]
struct Block {
    pairs: Vec<Pair>,
    /// The number in a list of the corpus that they come from.
    part: usize,
}

/// Whether something has gone wrong behind, so that there is no use in going on.
#[derive(Debug, Clone, Copy)]
pub struct Failure<'a>(&'a AtomicBool);

impl Failure<'_> {
    /// Whether it has.
    pub fn has_failed(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl<'a> Feeder<'a> {
    /// Who can be asked whether to go on, while pairs are taken.
    pub fn failure(&self) -> Failure<'a> {
        self.failed
    }

    /// Takes a pair of corpus number `part` of a list, 0 where there is but one.
    pub fn take(&mut self, pair: Pair, part: usize) {
        if self.skipped > 0 {
            self.skipped -= 1;
            return;
        }
        if part != self.block.part && !self.block.pairs.is_empty() {
            self.send();
        }
        self.block.part = part;
        self.block.pairs.push(pair);
        if self.block.pairs.len() == BLOCK {
            self.send();
        }
    }

    fn send(&mut self) {
        let empty = Block {
            pairs: Vec::with_capacity(BLOCK),
            part: self.block.part,
        };
        let block = std::mem::replace(&mut self.block, empty);
        // Nobody takes it only where something has failed, which is told at the end.
        let _ = self.sender.send((self.number, block));
        self.number += 1;
    }
}

/// A block as it is to be written.
#[derive(Debug, Default)]
struct Encoded {
    pairs: usize,
    part: usize,
    ids: Vec<u8>,
    /// Their places count from the block's first id.
    records: Vec<Record>,
    counts: Counts,
}

/// Makes the cache `name` in `folder`, or finishes one of the same name that was begun. `feed` is handed a [`Feeder`] to
/// give it all pairs, always the same in the same order; `complete` adds to the manifest what it knows by the end.
///
/// # Errors
/// Those of `feed`; a tokenizer that fails; files that cannot be written.
pub fn make<T, E: From<DataError>>(
    folder: &Path,
    name: &str,
    plan: &Plan<'_>,
    feed: impl FnOnce(&mut Feeder<'_>) -> Result<T, E>,
    complete: impl FnOnce(&mut Manifest, T),
) -> Result<Entry, E> {
    let whole = folder.join(name);
    let part = folder.join(format!("{name}{PART}"));
    fs::create_dir_all(folder).map_err(unwritable(folder))?;
    // Who comes second waits, and finds it made.
    let lock_path = folder.join(format!("{name}.lock"));
    let lock = File::create(&lock_path).map_err(unwritable(&lock_path))?;
    lock.lock().map_err(unwritable(&lock_path))?;
    if let Some(manifest) = Manifest::read(&whole) {
        let _ = fs::remove_file(&lock_path);
        let folder = whole;
        return Ok(Entry { folder, manifest });
    }
    fs::create_dir_all(&part).map_err(unwritable(&part))?;
    let tokenizers = [plan.source, plan.target];
    let is_wide = tokenizers.iter().any(|one| one.vocab_size() > 1 << 16);
    let fingerprints = tokenizers.map(Tokenizer::fingerprint);
    let mut manifest = Manifest::new(fingerprints, plan.longest, is_wide);
    let mut output = Output::begin(&part)?;
    let begun = output.progress.pairs;
    let threads = plan.threads.max(1);
    let (to_workers, blocks) = sync_channel(2 * threads);
    let (to_writer, encoded) = sync_channel(2 * threads);
    let (blocks, failed) = (Arc::new(Mutex::new(blocks)), AtomicBool::new(false));
    let (fed, written) = thread::scope(|scope| {
        for _ in 0..threads {
            let (blocks, to_writer) = (blocks.clone(), to_writer.clone());
            scope.spawn(move || work(plan, is_wide, &blocks, &to_writer));
        }
        drop(to_writer);
        // When the last of them ends early, nobody listens to the feeder, and it does not wait for ever.
        drop(blocks);
        let failed = &failed;
        let writer = scope.spawn(|| {
            let written = output.write_all(&encoded);
            if written.is_err() {
                failed.store(true, Ordering::Relaxed);
            }
            // Workers that wait for room in the channel find that nobody listens, and end.
            drop(encoded);
            written
        });
        let mut feeder = Feeder {
            skipped: begun,
            block: Block::default(),
            number: 0,
            sender: to_workers,
            failed: Failure(failed),
        };
        let fed = feed(&mut feeder);
        if !feeder.block.pairs.is_empty() {
            feeder.send();
        }
        drop(feeder);
        let written = writer
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        (fed, written)
    });
    // What failed behind is why the feeding was broken off.
    written?;
    if fed.is_err() {
        output.make_sure()?;
    }
    let told = fed?;
    let progress = output.finish()?;
    manifest.counts = progress.counts;
    manifest.bytes = progress.bytes;
    manifest.longest_targets = progress.longest_targets;
    manifest.ends = progress.ends;
    complete(&mut manifest, told);
    for (tokenizer, name) in tokenizers.into_iter().zip(TOKENIZERS) {
        tokenizer.save(&part.join(name))?;
    }
    manifest.write(&part)?;
    // What stands there is no cache of this version.
    let _ = fs::remove_dir_all(&whole);
    fs::rename(&part, &whole).map_err(unwritable(&whole))?;
    let _ = fs::remove_file(whole.join(PROGRESS));
    let _ = fs::remove_file(&lock_path);
    Ok(Entry {
        folder: whole,
        manifest,
    })
}

/// Turns blocks into ids until none is left.
fn work(
    plan: &Plan<'_>,
    is_wide: bool,
    blocks: &Mutex<Receiver<(usize, Block)>>,
    to_writer: &SyncSender<(usize, Result<Encoded, DataError>)>,
) {
    let mut encoders = [IdEncoder::new(plan.source), IdEncoder::new(plan.target)];
    loop {
        let next = blocks.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((number, block)) = next else {
            return;
        };
        let encoded = encode(&block, &mut encoders, plan.longest, is_wide);
        if to_writer.send((number, encoded)).is_err() {
            return;
        }
    }
}

fn encode(
    block: &Block,
    encoders: &mut [IdEncoder<'_>; 2],
    longest: [usize; 2],
    is_wide: bool,
) -> Result<Encoded, DataError> {
    let mut encoded = Encoded {
        pairs: block.pairs.len(),
        part: block.part,
        ..Encoded::default()
    };
    let unknown = |ids: &[u32]| ids.iter().filter(|&&id| id == UNK).count();
    let mut ids = [Vec::new(), Vec::new()];
    for pair in &block.pairs {
        IdEncoder::pair(encoders, pair, &mut ids)?;
        let [source, target] = &ids;
        let counts = &mut encoded.counts;
        if source.len() > longest[0] || target.len() > longest[1] {
            counts.dropped_over_length += 1;
            continue;
        }
        counts.examples += 1;
        counts.source_tokens += source.len();
        counts.target_tokens += target.len();
        counts.source_unknown += unknown(source);
        counts.target_unknown += unknown(target);
        let start = encoded.ids.len();
        for &id in source.iter().chain(target) {
            match is_wide {
                true => encoded.ids.extend(id.to_le_bytes()),
                false => encoded.ids.extend((id as u16).to_le_bytes()),
            }
        }
        encoded.records.push(Record {
            start: start as u64,
            // Lines are far shorter.
            lengths: [source.len() as u32, target.len() as u32],
            check: check(&encoded.ids[start..]),
        });
    }
    Ok(encoded)
}

/// The files that are being written.
struct Output {
    folder: PathBuf,
    ids: BufWriter<File>,
    index: BufWriter<File>,
    progress: Progress,
}

impl Output {
    /// Opens the files behind what is surely in them.
    fn begin(folder: &Path) -> Result<Self, DataError> {
        let path = folder.join(PROGRESS);
        let stored = fs::read(&path).ok();
        let stored = stored.and_then(|text| serde_json::from_slice(&text).ok());
        let mut progress: Progress = stored.unwrap_or_default();
        let lengths = |progress: &Progress| {
            let records = progress.counts.examples * Record::BYTES;
            [(IDS, progress.bytes), (INDEX, records as u64)]
        };
        let is_there = |(name, bytes): (&str, u64)| {
            fs::metadata(folder.join(name)).is_ok_and(|found| found.len() >= bytes)
        };
        if !lengths(&progress).into_iter().all(is_there) {
            progress = Progress::default();
        }
        let [ids, index] = lengths(&progress).map(|(name, bytes)| {
            let path = folder.join(name);
            let open = || {
                let mut file = OpenOptions::new()
                    .create(true)
                    .truncate(false)
                    .write(true)
                    .open(&path)?;
                file.set_len(bytes)?;
                file.seek(std::io::SeekFrom::End(0))?;
                Ok(BufWriter::with_capacity(1 << 20, file))
            };
            open().map_err(unwritable(&path))
        });
        Ok(Self {
            folder: folder.to_owned(),
            ids: ids?,
            index: index?,
            progress,
        })
    }

    /// Writes the blocks in their order, whatever order they come in.
    fn write_all(
        &mut self,
        blocks: &Receiver<(usize, Result<Encoded, DataError>)>,
    ) -> Result<(), DataError> {
        let mut early = BTreeMap::new();
        let mut next = 0;
        for (number, encoded) in blocks {
            early.insert(number, encoded?);
            while let Some(encoded) = early.remove(&next) {
                self.write(&encoded)?;
                next += 1;
                if next.is_multiple_of(BLOCKS_BETWEEN) {
                    self.make_sure()?;
                }
            }
        }
        Ok(())
    }

    fn write(&mut self, encoded: &Encoded) -> Result<(), DataError> {
        let [ids, index] = [IDS, INDEX].map(|name| self.folder.join(name));
        self.ids.write_all(&encoded.ids).map_err(unwritable(&ids))?;
        for record in &encoded.records {
            let start = self.progress.bytes + record.start;
            let record = Record { start, ..*record };
            let [source, target] = record.lengths;
            let longest = &mut self.progress.longest_targets;
            longest.resize(longest.len().max(source as usize + 1), 0);
            longest[source as usize] = longest[source as usize].max(target + 1);
            let written = self.index.write_all(&record.to_bytes());
            written.map_err(unwritable(&index))?;
        }
        self.progress.pairs += encoded.pairs;
        self.progress.bytes += encoded.ids.len() as u64;
        let progress = &mut self.progress;
        // A corpus of which no pair came ends where the one before it does.
        let before = progress.counts.examples;
        let known = progress.ends.len().max(encoded.part);
        progress.ends.resize(known, before);
        add(&mut progress.counts, &encoded.counts);
        progress.ends.truncate(encoded.part);
        progress.ends.push(progress.counts.examples);
        Ok(())
    }

    /// Brings all that was written to the disk, and notes how much it is.
    fn make_sure(&mut self) -> Result<(), DataError> {
        for file in [&mut self.ids, &mut self.index] {
            let synced = file.flush().and_then(|()| file.get_ref().sync_data());
            synced.map_err(unwritable(&self.folder))?;
        }
        let text = serde_json::to_vec(&self.progress).unwrap_or_default();
        write_whole(&self.folder.join(PROGRESS), &text)
    }

    fn finish(mut self) -> Result<Progress, DataError> {
        self.make_sure()?;
        Ok(self.progress)
    }
}

/// Adds what is in a block to what is in the files.
fn add(counts: &mut Counts, block: &Counts) {
    counts.examples += block.examples;
    counts.dropped_over_length += block.dropped_over_length;
    counts.source_tokens += block.source_tokens;
    counts.target_tokens += block.target_tokens;
    counts.source_unknown += block.source_unknown;
    counts.target_unknown += block.target_unknown;
}
