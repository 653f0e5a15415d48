//! Gradients summed over the batches of one update.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Gradients, Tensor};
use model::parameters::ModulePath;
use operations::{host, optimiser};

/// The gradient of each parameter, in the order in which a module is walked. What it stands for is
/// `scale` times that: gradients of a sum become those of a mean without a pass over them.
#[derive(Debug)]
pub struct GradientSum {
    tensors: Vec<Option<Tensor<1>>>,
    scale: f64,
    /// The place of a copy of another parameter, which counts only once for the norm.
    copy: Option<usize>,
    /// The place of one that is the sum over all processes already.
    summed: Option<usize>,
}

impl GradientSum {
    /// No gradients yet; their sum will be multiplied by `scale`.
    pub fn new(scale: f64) -> Self {
        Self {
            tensors: Vec::new(),
            scale,
            copy: None,
            summed: None,
        }
    }

    /// Adds the gradients of one backward pass through `module`.
    pub fn add<M: Module>(&mut self, module: &M, gradients: Gradients) {
        let mut visitor = Take {
            gradients,
            sum: self,
            place: 0,
        };
        module.visit(&mut visitor);
    }

    /// Takes the values of the gradients out that are not the sums over all processes yet; there are so many `slots`.
    pub(crate) fn take_values(&mut self, slots: usize) -> Vec<Option<Vec<f32>>> {
        self.tensors.resize(slots, None);
        (0..slots)
            .map(|place| (self.summed != Some(place)).then(|| self.take_value(place))?)
            .collect()
    }

    /// Takes the values of one gradient out.
    pub(crate) fn take_value(&mut self, place: usize) -> Option<Vec<f32>> {
        let data = self.tensors.get_mut(place)?.take()?.into_data();
        // Without a copy, as a rule.
        let values = data.convert::<f32>().try_into_vec::<f32>();
        Some(values.expect("numbers of the kind they were made to be"))
    }

    /// Puts gradients in the places of those that were taken.
    pub(crate) fn put(&mut self, tensors: Vec<Option<Tensor<1>>>) {
        for (place, tensor) in self.tensors.iter_mut().zip(tensors) {
            if tensor.is_some() {
                *place = tensor;
            }
        }
    }

    /// Puts one in its place that is the sum over all processes already.
    pub(crate) fn put_summed(&mut self, place: usize, tensor: Tensor<1>) {
        self.tensors[place] = Some(tensor);
        self.summed = Some(place);
    }

    /// Gives two parameters of `module` that are copies of one the sum of their gradients.
    pub fn tie<M: Module>(&mut self, module: &M, tied: [&str; 2]) {
        let names = names(module);
        let place = |name: &str| names.iter().position(|own| own == name);
        let [Some(first), Some(second)] = tied.map(place) else {
            return;
        };
        let both = [first, second].map(|place| self.tensors.get_mut(place).and_then(Option::take));
        let sum = match both {
            [Some(first), Some(second)] => Some(first + second),
            [first, second] => first.or(second),
        };
        if let Some(sum) = sum {
            self.tensors[first] = Some(sum.clone());
            self.tensors[second] = Some(sum);
            self.copy = Some(first);
        }
    }

    /// The Euclidean norm over all parameters together.
    pub fn norm(&self) -> f64 {
        let counted = self.tensors.iter().enumerate();
        let counted = counted.filter(|(place, _)| Some(*place) != self.copy);
        let tensors: Vec<&Tensor<1>> = counted.filter_map(|(_, tensor)| tensor.as_ref()).collect();
        let Some(first) = tensors.first() else {
            return 0.0;
        };
        let squares = if super::on_host(first) {
            let square = |tensor: &Tensor<1>| {
                host::read(tensor.clone(), operations::optimiser::cpu::squared_norm)
            };
            tensors.into_iter().map(square).sum()
        } else if let Some(sum) = optimiser::squared_norm(&tensors) {
            sum
        } else {
            // One number leaves the device.
            let square = |tensor: &Tensor<1>| tensor.clone().square().sum();
            let total = Tensor::cat(tensors.into_iter().map(square).collect(), 0).sum();
            f64::from(total.into_scalar::<f32>())
        };
        self.scale * squares.sqrt()
    }

    /// The first parameter of `module` whose gradient holds what is not a number.
    pub fn first_not_finite<M: Module>(&self, module: &M) -> Option<String> {
        let bad = |tensor: &Option<Tensor<1>>| {
            let data = tensor.as_ref().map(Tensor::to_data);
            data.is_some_and(|data| data.iter::<f32>().any(|value| !value.is_finite()))
        };
        let place = self.tensors.iter().position(bad)?;
        names(module).into_iter().nth(place)
    }

    pub(super) fn scale(&self) -> f64 {
        self.scale
    }

    pub(super) fn into_tensors(self) -> Vec<Option<Tensor<1>>> {
        self.tensors
    }
}

struct Take<'a> {
    gradients: Gradients,
    sum: &'a mut GradientSum,
    place: usize,
}

impl ModuleVisitor for Take<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let place = self.place;
        self.place += 1;
        if self.sum.tensors.len() == place {
            self.sum.tensors.push(None);
        }
        let Some(gradient) = param.val().grad_remove(&mut self.gradients) else {
            return;
        };
        let count = gradient.shape().num_elements();
        let gradient = gradient.reshape([count]);
        let slot = &mut self.sum.tensors[place];
        *slot = Some(match slot.take() {
            Some(sum) => sum + gradient,
            None => gradient,
        });
    }
}

/// A parameter among those of a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Slot {
    /// Its name.
    pub(crate) name: String,
    /// How many numbers it has.
    pub(crate) count: usize,
    /// How many of them make a row: the last dimension.
    pub(crate) width: usize,
}

/// The name of each parameter, in the order in which a module is walked.
pub(super) fn names<M: Module>(module: &M) -> Vec<String> {
    slots(module).into_iter().map(|slot| slot.name).collect()
}

/// Each parameter, in the order in which a module is walked.
pub(crate) fn slots<M: Module>(module: &M) -> Vec<Slot> {
    struct Slots {
        path: ModulePath,
        found: Vec<Slot>,
    }
    impl ModuleVisitor for Slots {
        fn enter_module(&mut self, name: &str, container: &str) {
            self.path.enter(name, container);
        }

        fn exit_module(&mut self, _name: &str, _container: &str) {
            self.path.exit();
        }

        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let shape: [usize; D] = param.val().dims();
            self.found.push(Slot {
                name: self.path.name(),
                count: shape.iter().product(),
                width: shape.last().copied().unwrap_or(1).max(1),
            });
        }
    }
    let mut visitor = Slots {
        path: ModulePath::default(),
        found: Vec::new(),
    };
    module.visit(&mut visitor);
    visitor.found
}
