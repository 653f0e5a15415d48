//! Inputs of a batch's attention.

use network::Energy;

/// Sizes of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// `T`, target time steps.
    pub time: usize,
    /// `B`, rows of the batch.
    pub batch: usize,
    /// `S`, source time steps.
    pub source: usize,
    /// `H`, hidden units of every layer and of the output.
    pub hidden: usize,
    /// `M`, numbers of one memory vector.
    pub memory: usize,
    /// `A`, numbers of one key.
    pub keys: usize,
    /// `N`, into how many parts keys, queries and memory vectors are cut, each with weights of its own (Vaswani et
    /// al., 2017, section 3.2.2); 1 for all but multi-head attention.
    pub heads: usize,
}

/// Which positions of the source a step may look at.
pub type Reach<'a> = network::Reach<&'a [f32]>;

/// A batch's memory, and the parameters of its attention.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// `[B, N, S, M / N]`
    pub memory: &'a [f32],
    /// `[B, N, S, A / N]`
    pub keys: &'a [f32],
    /// `[B]`: real source positions of each row, 1 to `S`.
    pub lengths: &'a [usize],
    /// W_q, `[H, A]`: what makes queries of states; empty where states are queries, which needs `A == H`.
    pub query_weight: &'a [f32],
    /// `[A]`, added to the queries of an additive energy; else empty.
    pub query_bias: &'a [f32],
    /// How a query and a key make an energy, with v, `[A]`.
    pub energy: Energy<&'a [f32]>,
    /// `w`, `[A]`: what the sum of the weights that a position had before is multiplied by, in the tangent of an
    /// additive energy (See et al., 2017, equation 11); empty where it does not count.
    pub coverage: &'a [f32],
    /// Where steps may look.
    pub reach: Reach<'a>,
}

impl Inputs<'_> {
    /// The width of a query that is not the state itself.
    pub(super) fn query_width(&self, shape: Shape) -> usize {
        match self.query_weight {
            [] => 0,
            _ => shape.keys,
        }
    }

    /// # Panics
    /// When a slice has another length than its documented shape, or several heads do not divide keys and memory, are
    /// additive or have a window.
    pub(crate) fn check(&self, shape: Shape) {
        let Shape {
            batch,
            source,
            hidden,
            memory,
            keys,
            heads,
            ..
        } = shape;
        assert!(hidden > 0 && memory > 0 && keys > 0, "no vector is empty");
        assert_eq!(
            self.memory.len(),
            batch * source * memory,
            "memory is [B, N, S, M / N]"
        );
        assert_eq!(
            self.keys.len(),
            batch * source * keys,
            "keys is [B, N, S, A / N]"
        );
        assert!(
            heads > 0 && memory.is_multiple_of(heads) && keys.is_multiple_of(heads),
            "the heads divide A and M"
        );
        assert_eq!(self.lengths.len(), batch, "there is one length a row");
        assert!(
            self.lengths.iter().all(|n| (1..=source).contains(n)),
            "every row has 1 to S real source positions"
        );
        let additive = self.energy.is_additive();
        let of_additive = if additive { keys } else { 0 };
        match self.query_weight {
            [] => assert!(
                keys == hidden && !additive,
                "a state that is the query needs A == H and a multiplicative energy"
            ),
            weight => assert_eq!(weight.len(), hidden * keys, "query_weight is [H, A]"),
        }
        assert_eq!(self.query_bias.len(), of_additive, "the query bias is [A]");
        if let Some(vector) = self.energy.vector() {
            assert_eq!(vector.len(), keys, "vector is [A]");
        }
        assert!(
            [0, of_additive].contains(&self.coverage.len()),
            "coverage is [A], with an additive energy"
        );
        assert!(
            heads == 1 || (!additive && matches!(self.reach, Reach::Everywhere)),
            "several heads have multiplicative energies and look everywhere"
        );
        if let Reach::Predictive {
            window,
            weight,
            vector,
        } = self.reach
        {
            assert!(
                window > 0,
                "a window has at least one position on each side"
            );
            assert_eq!(
                weight.len(),
                hidden * hidden,
                "the position's weight is [H, H]"
            );
            assert_eq!(vector.len(), hidden, "the position's vector is [H]");
        }
    }
}
