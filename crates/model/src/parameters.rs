//! A model's parameters by name, on the host.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Gradients, Tensor, TensorData};

use network::NetworkError;
pub use network::{Parameters, Values};

/// The path of the part that is being walked.
#[derive(Debug, Default)]
pub struct ModulePath(Vec<String>);

impl ModulePath {
    /// Goes into the part called `name`.
    pub fn enter(&mut self, name: &str, container: &str) {
        // A variant of a family is no part of a name: `attention.query`, not
        // `attention.Additive.query`.
        let part = if container.starts_with("Enum") {
            ""
        } else {
            name
        };
        self.0.push(part.to_owned());
    }

    /// Leaves the part last entered.
    pub fn exit(&mut self) {
        self.0.pop();
    }

    /// The parts' names with dots between.
    pub fn name(&self) -> String {
        let parts: Vec<&str> = self
            .0
            .iter()
            .map(String::as_str)
            .filter(|part| !part.is_empty())
            .collect();
        parts.join(".")
    }
}

struct Collect {
    path: ModulePath,
    found: Parameters,
}

impl ModuleVisitor for Collect {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.exit();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let tensor = param.val();
        let values = Values {
            shape: tensor.dims().to_vec(),
            data: tensor.into_data().iter::<f32>().collect(),
        };
        self.found.insert(self.path.name(), values);
    }
}

/// All parameters of `module`.
pub fn collect<M: Module>(module: &M) -> Parameters {
    let mut visitor = Collect {
        path: ModulePath::default(),
        found: Parameters::new(),
    };
    module.visit(&mut visitor);
    visitor.found
}

struct CollectGradients<'a> {
    path: ModulePath,
    gradients: &'a Gradients,
    found: Parameters,
}

impl ModuleVisitor for CollectGradients<'_> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.exit();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = param.val().grad(self.gradients) {
            let values = Values {
                shape: gradient.dims().to_vec(),
                data: gradient.into_data().iter::<f32>().collect(),
            };
            self.found.insert(self.path.name(), values);
        }
    }
}

/// The gradient of each parameter of `module` that has one.
pub fn gradients<M: Module>(module: &M, gradients: &Gradients) -> Parameters {
    let mut visitor = CollectGradients {
        path: ModulePath::default(),
        gradients,
        found: Parameters::new(),
    };
    module.visit(&mut visitor);
    visitor.found
}

struct Place<'a> {
    path: ModulePath,
    left: &'a mut Parameters,
    error: Option<NetworkError>,
}

impl ModuleMapper for Place<'_> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.exit();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let name = self.path.name();
        let Some(values) = self.left.remove(&name) else {
            self.error
                .get_or_insert(NetworkError::MissingParameter { name });
            return param;
        };
        let expected = param.dims().to_vec();
        if values.shape != expected {
            self.error.get_or_insert(NetworkError::ParameterShape {
                name,
                expected,
                found: values.shape,
            });
            return param;
        }
        param.map(|tensor| {
            let data = TensorData::new(values.data, values.shape);
            let tracked = tensor.is_require_grad();
            Tensor::from_data(data, &tensor.device()).set_require_grad(tracked)
        })
    }
}

/// `module` with the values of `parameters`.
///
/// # Errors
/// When a parameter is missing, left over or of another shape.
pub fn place<M: Module>(module: M, mut parameters: Parameters) -> Result<M, NetworkError> {
    let mut mapper = Place {
        path: ModulePath::default(),
        left: &mut parameters,
        error: None,
    };
    let module = module.map(&mut mapper);
    if let Some(error) = mapper.error {
        return Err(error);
    }
    match parameters.into_keys().next() {
        Some(name) => Err(NetworkError::UnknownParameter { name }),
        None => Ok(module),
    }
}
