//! Makes batches on a thread of its own, ahead of their use.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use super::batch::Batch;
use super::examples::Examples;
use super::plan::BatchConfig;
use super::share::{Share, Whole};
use crate::error::DataError;

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
    /// Whether it is the epoch's last.
    pub is_last: bool,
    /// How many batches the epoch has, about: [`super::Epoch::batches`].
    pub batches_in_epoch: usize,
    /// The batch, or the rows of it that are worked on here.
    pub batch: Batch,
    /// What is known of all of it.
    pub whole: Whole,
}

impl Prefetched {
    /// Where to start in order to get the batch after this one.
    pub fn next_position(&self) -> Position {
        Position {
            epoch: self.epoch + u64::from(self.is_last),
            batch: if self.is_last {
                0
            } else {
                self.index_in_epoch + 1
            },
        }
    }
}

/// An iterator over batches that are made ahead of their use. The batches are those of
/// [`BatchConfig::epoch`], whatever the speed of the two threads. Ends with the last epoch, at
/// once where there are no examples, and after an error; dropping it ends the thread.
#[derive(Debug)]
pub struct Prefetcher {
    receiver: Option<Receiver<Result<Prefetched, DataError>>>,
    thread: Option<JoinHandle<()>>,
}

impl Prefetcher {
    /// Starts at `start`. Stops before epoch `end` if one is given, else never. At most `ahead`
    /// batches (at least one) wait for their use.
    pub fn start(
        examples: Arc<dyn Examples>,
        config: BatchConfig,
        start: Position,
        end: Option<u64>,
        ahead: usize,
        share: Share,
    ) -> Self {
        let (sender, receiver) = sync_channel(ahead.max(1));
        let thread =
            std::thread::spawn(move || make(&*examples, &config, (start, end), share, &sender));
        Self {
            receiver: Some(receiver),
            thread: Some(thread),
        }
    }
}

fn make(
    examples: &dyn Examples,
    config: &BatchConfig,
    (start, end): (Position, Option<u64>),
    share: Share,
    sender: &SyncSender<Result<Prefetched, DataError>>,
) {
    if examples.count() == 0 {
        return;
    }
    let mut skipped = start.batch;
    for epoch in (start.epoch..).take_while(|&epoch| end.is_none_or(|end| epoch < end)) {
        let mut batches = config.epoch(examples, epoch);
        batches.skip_batches(skipped);
        let mut index = skipped;
        while let Some(places) = batches.next() {
            let (whole, own) = Whole::of(examples, &places, share);
            let gathered = examples.gather(&own, config.multiple_of);
            let failed = gathered.is_err();
            let prefetched = gathered.map(|batch| Prefetched {
                epoch,
                index_in_epoch: index,
                is_last: batches.is_over(),
                batches_in_epoch: batches.batches(),
                batch,
                whole,
            });
            // Nobody listens any more: the prefetcher was dropped.
            if sender.send(prefetched).is_err() || failed {
                return;
            }
            index += 1;
        }
        skipped = 0;
    }
}

impl Iterator for Prefetcher {
    type Item = Result<Prefetched, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.receiver.as_ref()?.recv().ok();
        if next.is_none()
            && let Some(thread) = self.thread.take()
            && let Err(panic) = thread.join()
        {
            // An end that is none would pass for the end of training.
            std::panic::resume_unwind(panic);
        }
        next
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
    use crate::batching::{Dataset, Example};

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
        Prefetcher::start(dataset(30), config(), start, end, 2, Share::WHOLE)
    }

    #[test]
    fn the_batches_are_those_of_the_plan() {
        let dataset = dataset(30);
        let mut batches = from(Position::default(), Some(3));
        for epoch in 0..3 {
            let plan = config().plan(&*dataset, epoch);
            for (index, places) in plan.iter().enumerate() {
                let next = batches.next().unwrap().unwrap();
                assert_eq!((next.epoch, next.index_in_epoch), (epoch, index));
                assert_eq!(next.batches_in_epoch, plan.len());
                assert_eq!(next.is_last, index + 1 == plan.len());
                assert_eq!(next.batch, dataset.batch(places, 1));
            }
        }
        assert!(batches.next().is_none());
    }

    #[test]
    fn starting_anywhere_goes_on_as_if_never_stopped() {
        let all = |batches: Prefetcher| batches.map(Result::unwrap).collect::<Vec<Prefetched>>();
        let whole = all(from(Position::default(), Some(3)));
        for stop in [0, 3, 7, 8, 20] {
            let rest = all(from(whole[stop].next_position(), Some(3)));
            assert_eq!(rest, whole[stop + 1..]);
        }
        let behind = Position { epoch: 0, batch: 8 };
        assert_eq!(from(behind, None).next().unwrap().unwrap(), whole[8]);
    }

    #[test]
    fn shares_are_the_rows_of_the_whole() {
        let start = |share| {
            Prefetcher::start(
                dataset(30),
                config(),
                Position::default(),
                Some(2),
                2,
                share,
            )
        };
        let all = |batches: Prefetcher| batches.map(Result::unwrap).collect::<Vec<Prefetched>>();
        let whole = all(start(Share::WHOLE));
        for of in [1, 2, 3, 5] {
            for first in 0..of {
                let own = all(start(Share { first, of }));
                assert_eq!(own.len(), whole.len());
                for (own, whole) in own.iter().zip(&whole) {
                    let rows = own.whole.own();
                    assert_eq!(
                        (rows.all, own.whole.target_tokens()),
                        (whole.batch.indices.len(), whole.batch.target_tokens)
                    );
                    let wanted = whole.batch.indices.iter().skip(first).step_by(of);
                    assert!(own.batch.indices.iter().eq(wanted));
                    for (row, place) in own.batch.indices.iter().enumerate() {
                        assert_eq!(whole.batch.indices[rows.number(row)], *place);
                    }
                    assert_eq!(own.next_position(), whole.next_position());
                }
            }
        }
    }

    #[test]
    fn dropping_it_ends_the_thread_and_an_empty_data_set_ends_at_once() {
        let mut batches = from(Position::default(), None);
        assert!(batches.next().is_some());
        drop(batches);
        let empty = Prefetcher::start(
            dataset(0),
            config(),
            Position::default(),
            None,
            1,
            Share::WHOLE,
        );
        assert_eq!(empty.count(), 0);
    }
}
