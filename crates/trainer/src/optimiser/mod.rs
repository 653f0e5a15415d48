//! Optimisers: from gradients to new parameters, one pass over each parameter.
//!
//! A member of the family says how one parameter moves, on the host's own memory and in tensor
//! operations for other devices. Clipping to a global norm and the walk over the model are shared.

mod adam;
mod gradients;
mod sgd;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Tensor, TensorData};
use model::NetworkError;
use model::parameters::{ModulePath, Parameters, Values};
use operations::{host, uses_reference};

pub use gradients::GradientSum;
pub(crate) use gradients::{Slot, slots};

use crate::config::{OptimizerConfig, OptimizerKind};

/// How large one update is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Stride {
    /// The learning rate.
    pub rate: f64,
    /// Factor that gradients are multiplied by first.
    pub scale: f64,
    /// Which update it is, from 1.
    pub step: u64,
}

/// A member of the family.
trait Rule: Send {
    /// How many numbers it remembers for each parameter.
    fn moments(&self) -> &'static [&'static str];

    /// Moves a parameter that lies in the host's memory.
    fn on_host(
        &self,
        stride: Stride,
        values: &mut [f32],
        gradient: &[f32],
        moments: &mut [&mut [f32]],
    );

    /// Moves a parameter on any device: its new values and moments.
    fn on_device(
        &self,
        stride: Stride,
        values: Tensor<1>,
        gradient: Tensor<1>,
        moments: Vec<Tensor<1>>,
    ) -> (Tensor<1>, Vec<Tensor<1>>);
}

/// An optimiser with all it remembers.
pub struct Optimiser {
    rule: Box<dyn Rule>,
    clip_norm: f64,
    step: u64,
    moments: BTreeMap<String, Vec<Tensor<1>>>,
}

/// Outcome of an update.
#[derive(Debug, Clone, PartialEq)]
pub struct Update {
    /// The norm of the whole gradient before clipping.
    pub norm: f64,
    /// The first parameter whose gradient is not a number, where the norm is none: nothing was moved then.
    pub fault: Option<String>,
}

impl Optimiser {
    /// The optimiser that `config` describes; gradients are scaled down to `clip_norm` (0: never).
    pub fn new(config: &OptimizerConfig, clip_norm: f64) -> Self {
        let config = config.clone().effective();
        let rule: Box<dyn Rule> = match config.kind {
            OptimizerKind::Adam | OptimizerKind::Adamw => Box::new(adam::Adam::new(&config)),
            OptimizerKind::Sgd => Box::new(sgd::Sgd::new(&config)),
        };
        Self {
            rule,
            clip_norm,
            step: 0,
            moments: BTreeMap::new(),
        }
    }

    /// Moves every parameter of `module` that has a gradient. A gradient that is not finite moves
    /// nothing: the update says so by its norm.
    pub fn update<M: Module>(
        &mut self,
        module: M,
        gradients: GradientSum,
        rate: f64,
    ) -> (M, Update) {
        let norm = gradients.norm();
        if !norm.is_finite() {
            let fault = gradients.first_not_finite(&module);
            return (module, Update { norm, fault });
        }
        self.step += 1;
        let clipped = self.clip_norm > 0.0 && norm > self.clip_norm;
        let mut walk = Walk {
            path: ModulePath::default(),
            stride: Stride {
                rate,
                scale: gradients.scale() * if clipped { self.clip_norm / norm } else { 1.0 },
                step: self.step,
            },
            gradients: gradients.into_tensors().into_iter(),
            rule: self.rule.as_ref(),
            moments: &mut self.moments,
        };
        (module.map(&mut walk), Update { norm, fault: None })
    }

    /// Names of what is remembered of each parameter.
    pub(crate) fn remembered(&self) -> &'static [&'static str] {
        self.rule.moments()
    }

    /// All that is remembered, by name.
    pub fn collect(&self) -> Parameters {
        let mut found = Parameters::new();
        for (parameter, moments) in &self.moments {
            for (name, moment) in self.rule.moments().iter().zip(moments) {
                let values = Values {
                    shape: moment.dims().to_vec(),
                    data: moment.to_data().iter::<f32>().collect(),
                };
                found.insert(format!("{name}.{parameter}"), values);
            }
        }
        found
    }

    /// Takes up what [`Optimiser::collect`] gave after `step` updates of `module`.
    ///
    /// # Errors
    /// When a moment is missing or belongs to no parameter of `module`.
    pub fn restore<M: Module>(
        &mut self,
        module: &M,
        mut stored: Parameters,
        step: u64,
    ) -> Result<(), NetworkError> {
        self.step = step;
        self.moments.clear();
        let device = module.devices()[0].clone().inner();
        let names = self.rule.moments();
        for parameter in gradients::names(module) {
            let mut moments = Vec::new();
            for name in names {
                if let Some(values) = stored.remove(&format!("{name}.{parameter}")) {
                    let data = TensorData::new(values.data, values.shape);
                    moments.push(Tensor::from_data(data, &device));
                }
            }
            // A parameter that never had a gradient has no moments at all.
            if !moments.is_empty() && moments.len() < names.len() {
                return Err(NetworkError::MissingParameter { name: parameter });
            }
            if !moments.is_empty() {
                self.moments.insert(parameter, moments);
            }
        }
        match stored.into_keys().next() {
            Some(name) => Err(NetworkError::UnknownParameter { name }),
            None => Ok(()),
        }
    }
}

impl std::fmt::Debug for Optimiser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Optimiser")
            .field("step", &self.step)
            .finish_non_exhaustive()
    }
}

/// Whether the CPU's own kernels run on `values`.
fn on_host(values: &Tensor<1>) -> bool {
    host::runs(values) && !uses_reference()
}

/// Moves each parameter in turn.
struct Walk<'a> {
    path: ModulePath,
    stride: Stride,
    gradients: std::vec::IntoIter<Option<Tensor<1>>>,
    rule: &'a dyn Rule,
    moments: &'a mut BTreeMap<String, Vec<Tensor<1>>>,
}

impl Walk<'_> {
    fn step(&mut self, values: Tensor<1>, gradient: Tensor<1>) -> Tensor<1> {
        let (rule, stride) = (self.rule, self.stride);
        let zeros = |_| Tensor::zeros(values.shape(), &values.device());
        let remembered = self
            .moments
            .entry(self.path.name())
            .or_insert_with(|| rule.moments().iter().map(zeros).collect());
        let moments = std::mem::take(remembered);
        let (values, moments) = if on_host(&values) {
            host::edit_with(values, moments, |values, moments| {
                host::consume(gradient, |gradient| {
                    rule.on_host(stride, values, gradient, moments)
                });
            })
        } else {
            rule.on_device(stride, values, gradient, moments)
        };
        *remembered = moments;
        values
    }
}

impl ModuleMapper for Walk<'_> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.exit();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(gradient) = self.gradients.next().flatten() else {
            return param;
        };
        param.map(|tensor| {
            let shape: [usize; D] = tensor.dims();
            let flat = tensor.inner().reshape([shape.iter().product::<usize>()]);
            Tensor::from_inner(self.step(flat, gradient).reshape(shape)).require_grad()
        })
    }
}
