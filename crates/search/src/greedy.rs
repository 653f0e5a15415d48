//! Greedy search: the most probable word at every step.

use super::Hypothesis;
use super::steps::Steps;
use super::task::Task;
use super::trace::{Path, Trace};

/// A sentence on its way.
struct Row {
    /// Its place in the batch that was given.
    index: usize,
    limit: usize,
    path: Path,
    sum: f64,
    word: u32,
    /// Its row in the step before.
    parent: usize,
}

/// One translation for each sentence, of `lengths` words.
pub(super) fn greedy(steps: &mut dyn Steps, lengths: &[usize], task: &Task<'_>) -> Vec<Hypothesis> {
    let mut rows: Vec<Row> = lengths
        .iter()
        .enumerate()
        .map(|(index, &source)| Row {
            index,
            limit: task.limit(source),
            path: None,
            sum: 0.0,
            word: task.marks.start,
            parent: index,
        })
        .collect();
    let mut paths: Vec<(Path, f64)> = vec![(None, 0.0); rows.len()];
    let ask = task.ask(1);
    let mut length = 0;
    while !rows.is_empty() {
        length += 1;
        let words: Vec<u32> = rows.iter().map(|row| row.word).collect();
        let parents: Vec<usize> = rows.iter().map(|row| row.parent).collect();
        let mut answer = steps.step(&words, &parents, &ask);
        let mut place = 0;
        rows.retain_mut(|row| {
            row.parent = place;
            place += 1;
            let mut ended = true;
            if let Some(best) = answer.candidates[row.parent].first() {
                let seen = answer.attention.get_mut(row.parent);
                let seen = seen.map(std::mem::take).unwrap_or_default();
                row.word = best.token;
                row.sum += f64::from(best.log_probability);
                row.path = Trace::extend(&row.path, best.token, seen);
                ended = task.ends(best.token, length, row.limit);
            }
            if ended {
                paths[row.index] = (row.path.take(), row.sum);
            }
            !ended
        });
    }
    paths
        .iter()
        .map(|(path, log_probability)| task.complete(path, *log_probability))
        .collect()
}
