//! Makes batches on a thread of its own, ahead of their use.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use super::batch::Batch;
use super::dataset::Dataset;
use super::plan::BatchConfig;

/// A place in the stream of batches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Position {
    /// The epoch, from 0.
    pub epoch: u64,
    /// The batch within the epoch, from 0. A position behind an epoch's last batch means the next
    /// epoch's first.
    pub batch: usize,
}

/// A batch and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Prefetched {
    /// The epoch, from 0.
    pub epoch: u64,
    /// The batch's number in the epoch, from 0.
    pub index_in_epoch: usize,
    /// How many batches the epoch has.
    pub batches_in_epoch: usize,
    /// The batch.
    pub batch: Batch,
}

impl Prefetched {
    /// Where to start in order to get the batch after this one.
    pub fn next_position(&self) -> Position {
        let last = self.index_in_epoch + 1 == self.batches_in_epoch;
        Position {
            epoch: self.epoch + u64::from(last),
            batch: if last { 0 } else { self.index_in_epoch + 1 },
        }
    }
}

/// An iterator over batches that are made ahead of their use. The batches are those of
/// [`BatchConfig::plan`], whatever the speed of the two threads. Ends with the last epoch, or at
/// once where the data set is empty; dropping it ends the thread.
#[derive(Debug)]
pub struct Prefetcher {
    receiver: Option<Receiver<Prefetched>>,
    thread: Option<JoinHandle<()>>,
}

impl Prefetcher {
    /// Starts at `start`. Stops before epoch `end` if one is given, else never. At most `ahead`
    /// batches (at least one) wait for their use.
    pub fn start(
        dataset: Arc<Dataset>,
        config: BatchConfig,
        start: Position,
        end: Option<u64>,
        ahead: usize,
    ) -> Self {
        let (sender, receiver) = sync_channel(ahead.max(1));
        let thread = std::thread::spawn(move || make(&dataset, &config, start, end, &sender));
        Self {
            receiver: Some(receiver),
            thread: Some(thread),
        }
    }
}

fn make(
    dataset: &Dataset,
    config: &BatchConfig,
    start: Position,
    end: Option<u64>,
    sender: &SyncSender<Prefetched>,
) {
    if dataset.examples.is_empty() {
        return;
    }
    let mut skipped = start.batch;
    for epoch in (start.epoch..).take_while(|&epoch| end.is_none_or(|end| epoch < end)) {
        let plan = config.plan(dataset, epoch);
        for (index, places) in plan.iter().enumerate().skip(skipped) {
            let prefetched = Prefetched {
                epoch,
                index_in_epoch: index,
                batches_in_epoch: plan.len(),
                batch: dataset.batch(places, config.multiple_of),
            };
            // Nobody listens any more: the prefetcher was dropped.
            if sender.send(prefetched).is_err() {
                return;
            }
        }
        skipped = 0;
    }
}

impl Iterator for Prefetcher {
    type Item = Prefetched;

    fn next(&mut self) -> Option<Prefetched> {
        self.receiver.as_ref()?.recv().ok()
    }
}

impl Drop for Prefetcher {
    fn drop(&mut self) {
        // The thread may be waiting for room in the channel: closing it comes first.
        drop(self.receiver.take());
        if let Some(thread) = self.thread.take() {
            // Its panic, if any, has been printed, and dropping must not panic again.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batching::Example;

    fn dataset(size: u32) -> Arc<Dataset> {
        let examples = (0..size)
            .map(|id| Example {
                source: vec![4 + id; 1 + id as usize % 5].into(),
                target: vec![4 + id; 1 + id as usize % 3],
            })
            .collect();
        Arc::new(Dataset {
            examples,
            ..Dataset::default()
        })
    }

    fn config() -> BatchConfig {
        BatchConfig {
            size: 4,
            ..BatchConfig::default()
        }
    }

    fn from(start: Position, end: Option<u64>) -> Prefetcher {
        Prefetcher::start(dataset(30), config(), start, end, 2)
    }

    #[test]
    fn the_batches_are_those_of_the_plan() {
        let dataset = dataset(30);
        let mut batches = from(Position::default(), Some(3));
        for epoch in 0..3 {
            let plan = config().plan(&dataset, epoch);
            for (index, places) in plan.iter().enumerate() {
                let next = batches.next().unwrap();
                assert_eq!((next.epoch, next.index_in_epoch), (epoch, index));
                assert_eq!(next.batches_in_epoch, plan.len());
                assert_eq!(next.batch, dataset.batch(places, 1));
            }
        }
        assert!(batches.next().is_none());
    }

    #[test]
    fn starting_anywhere_goes_on_as_if_never_stopped() {
        let whole: Vec<Prefetched> = from(Position::default(), Some(3)).collect();
        for stop in [0, 3, 7, 8, 20] {
            let rest: Vec<Prefetched> = from(whole[stop].next_position(), Some(3)).collect();
            assert_eq!(rest, whole[stop + 1..]);
        }
        let behind = Position { epoch: 0, batch: 8 };
        assert_eq!(from(behind, None).next().unwrap(), whole[8]);
    }

    #[test]
    fn dropping_it_ends_the_thread_and_an_empty_data_set_ends_at_once() {
        let mut batches = from(Position::default(), None);
        assert!(batches.next().is_some());
        drop(batches);
        let empty = Prefetcher::start(dataset(0), config(), Position::default(), None, 1);
        assert_eq!(empty.count(), 0);
    }
}
