//! An even sample of many things that come one by one.

use random::{Place, Purpose, Stream};

/// The places of a sample of a fixed size in which each of all that come is as likely as any other (Vitter 1985, algorithm
/// R). The same things give the same sample, whatever the run's seed, so that runs share vocabularies.
pub(super) struct Sample {
    size: usize,
    seen: u32,
    stream: Stream,
}

impl Sample {
    /// Of at most `size` things.
    pub(super) fn new(size: usize) -> Self {
        Self {
            size,
            seen: 0,
            stream: Stream::new(Place {
                seed: 0,
                purpose: Purpose::Vocabulary,
                step: 0,
                index: 0,
            }),
        }
    }

    /// The place of the next one, whatever was there before, if it is taken: first all places in their order.
    pub(super) fn place(&mut self) -> Option<usize> {
        let number = self.seen as usize;
        // Beyond 4 billion the chance of each is a little above its share.
        self.seen = self.seen.saturating_add(1);
        if number < self.size {
            return Some(number);
        }
        let place = self.stream.below(self.seen) as usize;
        (place < self.size).then_some(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_as_likely_to_be_in_it() {
        let mut sample = Sample::new(1_000);
        let mut found = vec![0; 1_000];
        for number in 0..100_000 {
            if let Some(place) = sample.place() {
                assert!(number >= 1_000 || place == number);
                found[place] = number;
            }
        }
        found.sort_unstable();
        found.dedup();
        assert_eq!(found.len(), 1_000);
        let first_half = found.iter().filter(|&&number| number < 50_000).count();
        assert!(first_half.abs_diff(500) < 60, "{first_half}");
    }
}
