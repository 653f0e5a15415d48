//! Finds all pieces that start at a place in a word.

/// A prefix tree over pieces, in the order of breadth: the children of a node are neighbours.
pub(super) struct Trie {
    /// For each node its first child; a node's children end where the next node's begin.
    first_child: Vec<u32>,
    /// For each node the symbol that leads to it.
    symbol: Vec<u32>,
    /// For each node the piece that ends there.
    piece: Vec<Option<u32>>,
}

impl Trie {
    /// A tree of the given pieces, all different; a piece's place is its number.
    pub(super) fn new<'a>(pieces: impl Iterator<Item = &'a [u32]>) -> Self {
        let mut sorted: Vec<(&[u32], u32)> = pieces.zip(0..).collect();
        sorted.sort_unstable();
        let mut trie = Self {
            first_child: Vec::new(),
            symbol: vec![0],
            piece: vec![None],
        };
        // For each node in order: the range of pieces below it, and its depth.
        let mut below = vec![(0, sorted.len(), 0)];
        let mut node = 0;
        while node < below.len() {
            let (mut start, end, depth) = below[node];
            trie.first_child.push(below.len() as u32);
            if start < end && sorted[start].0.len() == depth {
                trie.piece[node] = Some(sorted[start].1);
                start += 1;
            }
            while start < end {
                let symbol = sorted[start].0[depth];
                let same = sorted[start..end].partition_point(|(piece, _)| piece[depth] == symbol);
                below.push((start, start + same, depth + 1));
                trie.symbol.push(symbol);
                trie.piece.push(None);
                start += same;
            }
            node += 1;
        }
        trie.first_child.push(below.len() as u32);
        trie
    }

    /// Calls `found(length, piece)` for each piece that `text` starts with, the shortest first.
    pub(super) fn prefixes(&self, text: &[u32], mut found: impl FnMut(usize, usize)) {
        let mut node = 0;
        for (depth, symbol) in text.iter().enumerate() {
            let first = self.first_child[node] as usize;
            let children = &self.symbol[first..self.first_child[node + 1] as usize];
            // Where all symbols have a child, as below the root, a symbol is its own place.
            let place = if children.get(*symbol as usize) == Some(symbol) {
                *symbol as usize
            } else {
                match children.binary_search(symbol) {
                    Ok(place) => place,
                    Err(_) => return,
                }
            };
            node = first + place;
            if let Some(piece) = self.piece[node] {
                found(depth + 1, piece as usize);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn the_prefixes_found_are_the_prefixes_there_are(
            pieces in proptest::collection::btree_set(proptest::collection::vec(0u32..4, 1..5), 0..40),
            text in proptest::collection::vec(0u32..4, 0..8),
        ) {
            let pieces: BTreeSet<Vec<u32>> = pieces;
            let trie = Trie::new(pieces.iter().map(Vec::as_slice));
            let mut found = Vec::new();
            trie.prefixes(&text, |length, piece| found.push((length, piece)));
            let mut expected: Vec<(usize, usize)> = pieces
                .iter()
                .enumerate()
                .filter(|(_, piece)| text.starts_with(piece))
                .map(|(index, piece)| (piece.len(), index))
                .collect();
            expected.sort_unstable();
            prop_assert_eq!(found, expected);
        }
    }
}
