//! What a search asks of a step, and what the step answers.

/// What is wanted of a step.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    /// How many next words of each row.
    pub count: usize,
    /// Words that are not to be among them, though they keep their probability.
    pub barred: Vec<u32>,
    /// Whether the attention of each row is wanted.
    pub attention: bool,
    /// Whether the log-probabilities of all words are wanted.
    pub everything: bool,
}

/// A next word.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// Its id.
    pub token: u32,
    /// Its log-probability (natural logarithm), among all words.
    pub log_probability: f32,
}

/// What a step says of each row.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The most probable words that are allowed, best first, the smaller id first among equals; for each
    /// row at most as many as were asked for.
    pub candidates: Vec<Vec<Candidate>>,
    /// If asked for and the model has attention: for each row the weight of each position of its sentence.
    pub attention: Vec<Vec<f32>>,
    /// If asked for: `[rows, V]`.
    pub log_probabilities: Vec<f32>,
}
