//! How probable a model finds given translations.

use network::Pairs;
use search::{Ask, Searcher};

/// The log-probability (natural logarithm) of each real target token of each pair, the end mark's last.
///
/// # Panics
/// When the source is not what a model's encoder reads.
pub fn score(searcher: &Searcher, pairs: Pairs<'_>) -> Vec<Vec<f32>> {
    let lengths = pairs.output.lengths;
    let word = |ids: &[i32], row: usize, step: usize| ids[row * pairs.output.time + step] as u32;
    let ask = Ask {
        count: 1,
        everything: true,
        ..Ask::default()
    };
    searcher.run(pairs.source, |steps| {
        let mut scores = vec![Vec::new(); lengths.len()];
        let mut rows: Vec<usize> = (0..lengths.len()).collect();
        for step in 0..lengths.iter().copied().max().unwrap_or(0) {
            let reach = |row: &usize| lengths[*row] > step;
            let (parents, left): (Vec<usize>, Vec<usize>) = (0..)
                .zip(rows.iter().copied())
                .filter(|(_, row)| reach(row))
                .unzip();
            rows = left;
            let said: Vec<u32> = rows
                .iter()
                .map(|&row| word(pairs.input.ids, row, step))
                .collect();
            let found = steps.step(&said, &parents, &ask).log_probabilities;
            let vocabulary = found.len() / rows.len().max(1);
            for (place, &row) in rows.iter().enumerate() {
                let right = word(pairs.output.ids, row, step) as usize;
                scores[row].push(found[place * vocabulary + right]);
            }
        }
        scores
    })
}
