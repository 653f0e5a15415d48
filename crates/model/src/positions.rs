//! Learned vectors that tell where in a sequence something stands.

use burn::module::{Module, Param};
use burn::tensor::{Int, Tensor, TensorData};

use crate::initial::Initialiser;

/// A vector for each position (Gehring et al. 2017, section 3.1). Positions beyond the last one
/// share its vector.
#[derive(Module, Debug)]
pub struct Positions {
    /// `[positions, size]`.
    pub table: Param<Tensor<2>>,
}

impl Positions {
    /// Vectors of `size` numbers for `count` positions, drawn like word vectors: uniform with a
    /// standard deviation of 0.1.
    pub fn new(initial: &Initialiser, name: &str, count: usize, size: usize) -> Self {
        let table = initial.uniform(name, [count, size], 0.1 * 3f32.sqrt());
        Self { table }
    }

    /// The vectors of `count` positions from `first` on, `[count, size]`.
    pub fn vectors(&self, first: usize, count: usize) -> Tensor<2> {
        let table = self.table.val();
        let known = table.dims()[0];
        if first + count <= known {
            return table.narrow(0, first, count);
        }
        let places = first..first + count;
        let places: Vec<i32> = places.map(|place| place.min(known - 1) as i32).collect();
        let places = TensorData::new(places, [count]);
        let places = Tensor::<1, Int>::from_data(places, &table.device());
        table.select(0, places)
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;

    #[test]
    fn positions_beyond_the_last_share_its_vector() {
        let positions = Positions::new(&Initialiser::new(1, &Device::flex()), "table", 3, 2);
        let numbers = |first, count| {
            let vectors = positions.vectors(first, count).into_data();
            vectors.iter::<f32>().collect::<Vec<_>>()
        };
        let all = numbers(0, 3);
        assert_eq!(numbers(1, 2), all[2..]);
        assert_eq!(numbers(2, 3), [&all[4..], &all[4..], &all[4..]].concat());
    }
}
