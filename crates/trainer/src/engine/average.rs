//! The exponential moving average of a model's weights (Polyak and Juditsky 1992): after update t, with w_t the weights,
//! a_t = d a_{t-1} + (1 - d) w_t, where d = min(decay, (1 + t) / (10 + t)), so that the first weights do not weigh for long.

use std::collections::BTreeMap;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Tensor, TensorData};
use model::Seq2Seq;
use model::parameters::{ModulePath, Parameters, Values};

use super::beside;

/// Begins the names of a model's own weights beside what the optimiser remembers, where the checkpoint's parameters are
/// their average.
const OWN: &str = "weights.";

/// An average in progress.
#[derive(Debug)]
pub(super) struct Average {
    decay: f64,
    /// Of each parameter by its name, with its shape.
    values: BTreeMap<String, (Vec<usize>, Tensor<1>)>,
}

impl Average {
    /// Of a model before its first update.
    pub(super) fn begin(decay: f64, model: &Seq2Seq) -> Self {
        let mut average = Self {
            decay,
            values: BTreeMap::new(),
        };
        average.blend(model, 0.0);
        average
    }

    /// Goes on from what [`Self::collect`] gave.
    pub(super) fn restore(decay: f64, parameters: Parameters, device: &Device) -> Self {
        let values = parameters.into_iter().map(|(name, values)| {
            let data = TensorData::new(values.data, [values.shape.iter().product::<usize>()]);
            (name, (values.shape, Tensor::from_data(data, device)))
        });
        Self {
            decay,
            values: values.collect(),
        }
    }

    /// Takes the weights after update `step` in, for the last so many `updates`.
    pub(super) fn update(&mut self, model: &Seq2Seq, step: u64, updates: u64) {
        let step = step as f64;
        let decay = self.decay.min((1.0 + step) / (10.0 + step));
        self.blend(model, decay.powf(updates as f64));
    }

    /// The averages, by name.
    pub(super) fn collect(&self) -> Parameters {
        let values = self.values.iter().map(|(name, (shape, tensor))| {
            let values = Values {
                shape: shape.clone(),
                data: tensor.to_data().iter::<f32>().collect(),
            };
            (name.clone(), values)
        });
        values.collect()
    }

    fn blend(&mut self, model: &Seq2Seq, decay: f64) {
        model.visit(&mut Blend {
            path: ModulePath::default(),
            decay,
            values: &mut self.values,
        });
    }
}

struct Blend<'a> {
    path: ModulePath,
    decay: f64,
    values: &'a mut BTreeMap<String, (Vec<usize>, Tensor<1>)>,
}

impl ModuleVisitor for Blend<'_> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.exit();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let tensor = param.val().inner();
        let shape = tensor.dims();
        let now = tensor.reshape([shape.iter().product::<usize>()]);
        let name = self.path.name();
        let blended = match self.values.remove(&name) {
            Some((_, before)) => before * self.decay + now * (1.0 - self.decay),
            // Its own storage: the weights are changed in place.
            None => now * 1.0,
        };
        self.values.insert(name, (shape.to_vec(), blended));
    }
}

/// Puts a model's own weights beside what the optimiser remembers.
pub(super) fn hide(own: Parameters, memory: &mut Parameters) {
    beside::put(OWN, own, memory);
}

/// Takes them out again.
pub(super) fn reveal(memory: &mut Parameters) -> Parameters {
    beside::take(OWN, memory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_weights_come_out_as_they_went_in() {
        let values = |number: f32| Values {
            shape: vec![1],
            data: vec![number],
        };
        let own = Parameters::from([("a.b".to_owned(), values(1.0))]);
        let memory = Parameters::from([("mean.a.b".to_owned(), values(2.0))]);
        let mut both = memory.clone();
        hide(own.clone(), &mut both);
        assert_eq!(both.len(), 2);
        assert_eq!(reveal(&mut both), own);
        assert_eq!(both, memory);
    }
}
