//! Words of a hypothesis so far, shared between hypotheses with a common beginning.

use std::rc::Rc;

/// The last word of a partial hypothesis, linked to the words before it.
#[derive(Debug)]
pub(super) struct Trace {
    token: u32,
    weights: Vec<f32>,
    before: Option<Rc<Trace>>,
}

/// A partial hypothesis.
pub(super) type Path = Option<Rc<Trace>>;

impl Trace {
    /// `before` with one word more.
    pub(super) fn extend(before: &Path, token: u32, weights: Vec<f32>) -> Path {
        Some(Rc::new(Trace {
            token,
            weights,
            before: before.clone(),
        }))
    }

    /// All words in order.
    pub(super) fn words(path: &Path) -> Vec<u32> {
        let mut words: Vec<u32> =
            std::iter::successors(path.as_deref(), |trace| trace.before.as_deref())
                .map(|trace| trace.token)
                .collect();
        words.reverse();
        words
    }

    /// All words in order, with their attention where there is any.
    pub(super) fn unroll(path: &Path) -> (Vec<u32>, Vec<Vec<f32>>) {
        let (mut tokens, mut attention) = (Vec::new(), Vec::new());
        let mut place = path;
        while let Some(trace) = place {
            tokens.push(trace.token);
            if !trace.weights.is_empty() {
                attention.push(trace.weights.clone());
            }
            place = &trace.before;
        }
        tokens.reverse();
        attention.reverse();
        (tokens, attention)
    }
}
