//! The arena against a list that says which pages were written.

use super::*;
use proptest::prelude::*;

/// An arena whose pages are those of a list that says which were written.
struct Model {
    arena: Arena,
    written: Vec<bool>,
    blocks: Vec<(usize, usize)>,
}

impl Model {
    fn new() -> Self {
        let mut arena = Arena::new();
        // A stretch of its own: what is given back must be nobody's.
        arena.base = map();
        assert_ne!(arena.base, NOWHERE);
        Self {
            arena,
            written: vec![false; 1 << 16],
            blocks: Vec::new(),
        }
    }

    fn take(&mut self, pages: usize) {
        let place = self.arena.take(pages * PAGE).unwrap();
        let (start, end) = (place.start, place.start + pages * PAGE);
        assert!(start.is_multiple_of(PAGE) && place.written <= end);
        for &(other, size) in &self.blocks {
            assert!(end <= other || other + size <= start, "blocks overlap");
        }
        for page in place.written / PAGE..end / PAGE {
            assert!(
                !self.written[page],
                "a page that was written is said to be new"
            );
        }
        self.written[start / PAGE..end / PAGE].fill(true);
        self.blocks.push((start, pages * PAGE));
    }

    fn keep(&mut self, index: usize) {
        let (start, room) = self.blocks.swap_remove(index);
        self.arena.keep(start, room);
    }

    fn relieve(&mut self, most: usize) {
        self.arena.relieve(most);
        for range in &self.arena.free[..self.arena.count] {
            if !range.kept {
                let end = (range.end / PAGE).min(self.written.len());
                self.written[range.start / PAGE..end].fill(false);
            }
        }
    }

    fn check(&self) {
        let arena = &self.arena;
        let free = &arena.free[..arena.count];
        for pair in free.windows(2) {
            assert!(pair[0].end <= pair[1].start);
            assert!(pair[0].end < pair[1].start || pair[0].kept != pair[1].kept);
        }
        let kept: usize = free
            .iter()
            .filter(|range| range.kept)
            .map(Range::size)
            .sum();
        let used: usize = self.blocks.iter().map(|(_, size)| size).sum();
        assert_eq!((arena.kept, arena.used), (kept, used));
        let all: usize = free.iter().map(Range::size).sum();
        assert_eq!(all + used, STRETCH);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn blocks_never_overlap_and_new_pages_are_new(
        steps in prop::collection::vec((0u8..5, 1usize..1500, 0usize..100), 1..120),
    ) {
        let mut model = Model::new();
        for (kind, pages, index) in steps {
            match kind {
                0..2 => model.take(pages),
                2..4 if !model.blocks.is_empty() => model.keep(index % model.blocks.len()),
                _ => model.relieve(pages * PAGE * 20),
            }
            model.check();
        }
        // SAFETY: nobody uses the mapping any more.
        unsafe { libc::munmap(address(model.arena.base, 0).cast(), STRETCH) };
    }
}

#[test]
fn kept_pages_serve_blocks_of_other_sizes() {
    let mut model = Model::new();
    model.take(300);
    model.take(200);
    model.take(100);
    model.keep(0);
    model.keep(1);
    let place = model.arena.take(450 * PAGE).unwrap();
    assert_eq!(
        place,
        Place {
            start: 0,
            written: 450 * PAGE
        }
    );
}
