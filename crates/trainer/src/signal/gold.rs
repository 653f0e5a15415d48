//! Where attention is told to look.

use data::batching::Batch;
use data::corpus::Link;

/// The weights that attention should have over a batch.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GoldAlignment {
    /// `[time, rows, source]`: the links of a target token share its weight; without links all are zero.
    pub(crate) weights: Vec<f32>,
    /// Target tokens that have links.
    pub(crate) linked: usize,
}

impl GoldAlignment {
    /// Makes the weights that follow from the links of `batch`. The end mark has no links.
    pub(crate) fn of(batch: &Batch) -> Self {
        // Images have no links.
        let source = batch.source.words().map_or(0, |words| words.time);
        let rows = batch.source.rows();
        let mut weights = vec![0.0; batch.target_output.time * rows * source];
        let mut linked = 0;
        for (row, links) in batch.links.iter().enumerate() {
            for of_token in links_by_target(links) {
                linked += 1;
                let start = (of_token[0].target * rows + row) * source;
                for link in &of_token {
                    weights[start + link.source] = 1.0 / of_token.len() as f32;
                }
            }
        }
        Self { weights, linked }
    }
}

/// The links of each target token that has any.
fn links_by_target(links: &[Link]) -> Vec<Vec<Link>> {
    let mut sorted = links.to_vec();
    sorted.sort_unstable_by_key(|link| (link.target, link.source));
    let same = |one: &Link, other: &Link| one.target == other.target;
    sorted.chunk_by(same).map(<[_]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use data::batching::{Dataset, Example};

    #[test]
    fn links_share_the_weight_of_their_target_token() {
        let link = |source, target| Link { source, target };
        let dataset = Dataset {
            examples: vec![
                Example {
                    source: vec![4, 5, 3].into(),
                    target: vec![6, 7, 3],
                },
                Example {
                    source: vec![4, 3].into(),
                    target: vec![6, 3],
                },
            ],
            links: vec![vec![link(0, 1), link(1, 0), link(1, 1)], vec![link(0, 0)]],
            ..Dataset::default()
        };
        let gold = GoldAlignment::of(&dataset.batch(&[1, 0], 4));
        // Padded to four steps and four positions; the longer source comes first.
        assert_eq!(gold.weights.len(), 4 * 2 * 4);
        assert_eq!(gold.linked, 3);
        let step = |time: usize| &gold.weights[time * 8..][..8];
        assert_eq!(step(0), [0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]);
        assert_eq!(step(1), [0.5, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        assert!(gold.weights[16..].iter().all(|&weight| weight == 0.0));
    }
}
