use std::sync::{Arc, Barrier, Mutex};

use proptest::prelude::*;

use super::*;

/// Threads that pass for processes.
#[derive(Debug)]
struct Thread {
    rank: usize,
    blocks: Arc<Mutex<Vec<Vec<f32>>>>,
    barrier: Arc<Barrier>,
}

impl Thread {
    /// Puts down what this one has and reads what all have.
    fn meet<T>(&self, own: &[f32], read: impl FnOnce(&[Vec<f32>]) -> T) -> T {
        self.blocks.lock().unwrap()[self.rank] = own.to_vec();
        self.barrier.wait();
        let found = read(&self.blocks.lock().unwrap());
        self.barrier.wait();
        found
    }
}

impl Workers for Thread {
    fn rank(&self) -> usize {
        self.rank
    }

    fn size(&self) -> usize {
        self.blocks.lock().unwrap().len()
    }

    fn exchange(&self, blocks: &[f32], received: &mut [f32], _wait: Wait) {
        let (rank, part) = (self.rank, blocks.len() / self.size());
        self.meet(blocks, |all| {
            for (received, sent) in received.chunks_mut(part).zip(all) {
                received.copy_from_slice(&sent[rank * part..][..part]);
            }
        });
    }

    fn collect(&self, block: &[f32], all: &mut [f32], _wait: Wait) {
        self.meet(block, |found| all.copy_from_slice(&found.concat()));
    }

    fn collect_doubles(&self, _block: &[f64], _all: &mut [f64]) {
        unreachable!("sums of gradients are single");
    }

    fn share(&self, bytes: Vec<u8>) -> Vec<u8> {
        bytes
    }

    fn abort(&self, _code: i32) {}
}

/// What each of the threads gets of `sum`.
fn sums(values: &[Vec<f32>], sum: fn(&dyn Workers, &mut Vec<f32>)) -> Vec<Vec<f32>> {
    let blocks = Arc::new(Mutex::new(vec![Vec::new(); values.len()]));
    let barrier = Arc::new(Barrier::new(values.len()));
    let threads: Vec<_> = (0..values.len())
        .map(|rank| {
            let (blocks, barrier) = (blocks.clone(), barrier.clone());
            let thread = Thread {
                rank,
                blocks,
                barrier,
            };
            let mut own = values[rank].clone();
            std::thread::spawn(move || {
                sum(&thread, &mut own);
                own
            })
        })
        .collect();
    threads.into_iter().map(|one| one.join().unwrap()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn all_get_the_sums_in_the_order_of_the_ranks(
        size in 1usize..6,
        values in proptest::collection::vec(-1e3f32..1e3, 0..23),
    ) {
        let of_rank = |rank: usize| values.iter().map(|value| value * (rank as f32 + 0.3)).collect();
        let all: Vec<Vec<f32>> = (0..size).map(of_rank).collect();
        let wanted: Vec<f32> = (0..values.len())
            .map(|place| all.iter().map(|one| one[place]).reduce(|sum, one| sum + one).unwrap())
            .collect();
        for found in sums(&all, |workers, values| sum(workers, values, Wait::Busy)) {
            prop_assert_eq!(&found, &wanted);
        }
        let rounded = sums(&all, sum_rounded);
        for found in &rounded {
            prop_assert_eq!(found, &rounded[0]);
            for (found, (place, wanted)) in found.iter().zip(wanted.iter().enumerate()) {
                let most: f32 = all.iter().map(|one| one[place].abs()).sum();
                prop_assert!((found - wanted).abs() <= most / 128.0, "{} {}", found, wanted);
            }
        }
    }
}
