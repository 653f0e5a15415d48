//! Every operation over whole sequences that has a kernel, on any device: what it gives for some sizes,
//! with the gradients of all that it is given.

mod attention;
mod cross_entropy;
mod decoder;
mod images;
mod recurrent;
mod rows;
mod sizes;
mod work;

use burn::tensor::Device;

pub use sizes::SIZES;
use sizes::Sizes;
use work::Work;
pub use work::{Outcome, assert_close};

/// Family of similar operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    Recurrent,
    Decoder,
    Attention,
    CrossEntropy,
    Rows,
    Images,
}

/// Makes an operation's inputs for some sizes, does it and hands over its results.
type Run = Box<dyn Fn(&Sizes, &mut Work)>;

/// An operation with its settings.
pub struct Operation {
    pub family: Family,
    settings: String,
    run: Run,
}

impl Operation {
    fn new(family: Family, settings: String, run: impl Fn(&Sizes, &mut Work) + 'static) -> Self {
        Self {
            family,
            settings,
            run: Box::new(run),
        }
    }

    /// Name of the operation at these sizes, for messages of failure.
    pub fn name(&self, sizes: &Sizes) -> String {
        format!("{:?} ({}), {}", self.family, self.settings, sizes.name)
    }

    /// Its results, and the gradients of a weighting of them.
    pub fn outcome(&self, sizes: &Sizes, device: &Device) -> Outcome {
        let mut work = Work::new(device);
        (self.run)(sizes, &mut work);
        work.finish()
    }
}

/// All of them.
pub fn all() -> Vec<Operation> {
    let mut all = recurrent::all();
    all.extend(decoder::all());
    all.extend(attention::all());
    all.extend(cross_entropy::all());
    all.extend(rows::all());
    all.extend(images::all());
    all
}
