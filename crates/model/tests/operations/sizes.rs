//! Sizes at which operations are compared.

/// One batch's lengths and one model's sizes.
pub struct Sizes {
    /// Name that says what is special about it.
    pub name: &'static str,
    /// Words of each source, of which each has `source` places.
    pub lengths: &'static [usize],
    pub source: usize,
    /// Words of each target, of which each has `target` places.
    pub targets: &'static [usize],
    pub target: usize,
    pub input: usize,
    pub hidden: usize,
    pub memory: usize,
    pub words: usize,
}

impl Sizes {
    /// Sentences.
    pub fn batch(&self) -> usize {
        self.lengths.len()
    }
}

const RAGGED: Sizes = Sizes {
    name: "ragged",
    lengths: &[4, 1, 3, 4, 2],
    source: 4,
    targets: &[3, 1, 2, 3, 3],
    target: 3,
    input: 6,
    hidden: 8,
    memory: 10,
    words: 12,
};

/// More rows than a tile, a panel or a thread's share has, and than are divided by columns.
const LENGTHS: [usize; 70] = {
    let mut lengths = [0; 70];
    let mut row = 0;
    while row < 70 {
        lengths[row] = 1 + row * 3 % 5;
        row += 1;
    }
    lengths
};

/// The cases.
pub const SIZES: [Sizes; 9] = [
    RAGGED,
    Sizes {
        name: "nothing padded",
        lengths: &[3, 3],
        source: 3,
        targets: &[4, 4],
        target: 4,
        ..RAGGED
    },
    Sizes {
        name: "one step",
        lengths: &[1, 1, 1],
        source: 1,
        targets: &[1, 1, 1],
        target: 1,
        ..RAGGED
    },
    Sizes {
        name: "one sentence",
        lengths: &[5],
        source: 5,
        targets: &[4],
        target: 4,
        ..RAGGED
    },
    Sizes {
        name: "one padded sentence",
        lengths: &[2],
        source: 5,
        targets: &[1],
        target: 3,
        ..RAGGED
    },
    Sizes {
        name: "one of everything",
        lengths: &[1],
        source: 1,
        targets: &[1],
        target: 1,
        input: 1,
        hidden: 1,
        memory: 1,
        words: 1,
    },
    Sizes {
        name: "one step of odd sizes",
        lengths: &[3],
        source: 4,
        targets: &[1],
        target: 1,
        input: 3,
        hidden: 5,
        memory: 7,
        words: 9,
    },
    Sizes {
        name: "odd sizes",
        lengths: &[9, 2, 7, 1, 9, 5, 8],
        source: 9,
        targets: &[5, 3, 4, 1, 5, 2, 5],
        target: 5,
        input: 19,
        hidden: 37,
        memory: 43,
        words: 53,
    },
    Sizes {
        name: "many rows",
        lengths: &LENGTHS,
        source: 5,
        targets: &LENGTHS,
        target: 5,
        input: 17,
        hidden: 33,
        memory: 35,
        words: 131,
    },
];
