//! The interface that all parts of the tree share: a walk over their parameters.

use crate::error::NetworkError;

/// The name of a place in the tree, with dots between the parts.
#[derive(Debug, Default)]
pub struct Path(String);

impl Path {
    /// Does `work` in the part called `name`.
    pub(super) fn inside<R>(&mut self, name: &str, work: impl FnOnce(&mut Self) -> R) -> R {
        let length = self.0.len();
        if length > 0 {
            self.0.push('.');
        }
        self.0.push_str(name);
        let result = work(self);
        self.0.truncate(length);
        result
    }

    /// The name.
    pub(super) fn name(&self) -> &str {
        &self.0
    }
}

/// A function that makes a new value from a parameter's name and value, or fails.
pub type Change<'c, T, U> = dyn FnMut(&str, T) -> Result<U, NetworkError> + 'c;

/// A part of the tree, with a value of one type for each parameter.
pub trait Part: Sized {
    /// Type of each parameter's value.
    type Value;
    /// The same part with other values.
    type With<U>;

    /// The part with what `change` makes of the name and value of each parameter, in the order of the fields.
    ///
    /// # Errors
    /// The first that `change` gives.
    fn try_map<U>(
        self,
        path: &mut Path,
        change: &mut Change<'_, Self::Value, U>,
    ) -> Result<Self::With<U>, NetworkError>;

    /// Shows `see` the name and value of each parameter, in the same order.
    fn visit<'a>(&'a self, path: &mut Path, see: &mut dyn FnMut(&str, &'a Self::Value));
}

impl<P: Part> Part for Option<P> {
    type Value = P::Value;
    type With<U> = Option<P::With<U>>;

    fn try_map<U>(
        self,
        path: &mut Path,
        change: &mut Change<'_, P::Value, U>,
    ) -> Result<Self::With<U>, NetworkError> {
        self.map(|part| part.try_map(path, change)).transpose()
    }

    fn visit<'a>(&'a self, path: &mut Path, see: &mut dyn FnMut(&str, &'a P::Value)) {
        if let Some(part) = self {
            part.visit(path, see);
        }
    }
}

/// The parts are called by their numbers.
impl<P: Part> Part for Vec<P> {
    type Value = P::Value;
    type With<U> = Vec<P::With<U>>;

    fn try_map<U>(
        self,
        path: &mut Path,
        change: &mut Change<'_, P::Value, U>,
    ) -> Result<Self::With<U>, NetworkError> {
        let numbered = self.into_iter().enumerate();
        numbered
            .map(|(number, part)| {
                path.inside(&number.to_string(), |path| part.try_map(path, change))
            })
            .collect()
    }

    fn visit<'a>(&'a self, path: &mut Path, see: &mut dyn FnMut(&str, &'a P::Value)) {
        for (number, part) in self.iter().enumerate() {
            path.inside(&number.to_string(), |path| part.visit(path, see));
        }
    }
}

/// Declares parts of the tree. What stands before a field says what it is: a `value` for one parameter, a `maybe` for
/// one that may be missing, a `part` with a name of its own, parts whose parameters are named as if they lay `here`,
/// or what is `known` without parameters.
macro_rules! parts {
    ($(
        $(#[$meta:meta])*
        pub struct $name:ident { $( $(#[$field_meta:meta])* $how:ident $field:ident: $type:ty, )* }
    )*) => { $(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name<T> { $( $(#[$field_meta])* pub $field: $type, )* }

        impl<T> $crate::tree::Part for $name<T> {
            type Value = T;
            type With<U> = $name<U>;

            fn try_map<U>(
                self,
                path: &mut $crate::tree::Path,
                change: &mut $crate::tree::Change<'_, T, U>,
            ) -> Result<$name<U>, $crate::NetworkError> {
                Ok($name {
                    $( $field: parts!(@map $how self.$field, stringify!($field), path, change), )*
                })
            }

            fn visit<'a>(
                &'a self,
                path: &mut $crate::tree::Path,
                see: &mut dyn FnMut(&str, &'a T),
            ) {
                $( parts!(@visit $how self.$field, stringify!($field), path, see); )*
            }
        }
    )* };
    (@map value $value:expr, $name:expr, $path:ident, $change:ident) => {
        $path.inside($name, |path| $change(path.name(), $value))?
    };
    (@map maybe $value:expr, $name:expr, $path:ident, $change:ident) => {
        match $value {
            Some(value) => Some($path.inside($name, |path| $change(path.name(), value))?),
            None => None,
        }
    };
    (@map part $value:expr, $name:expr, $path:ident, $change:ident) => {
        $path.inside($name, |path| $crate::tree::Part::try_map($value, path, $change))?
    };
    (@map here $value:expr, $name:expr, $path:ident, $change:ident) => {
        $crate::tree::Part::try_map($value, $path, $change)?
    };
    (@map known $value:expr, $name:expr, $path:ident, $change:ident) => {
        $value
    };
    (@visit value $value:expr, $name:expr, $path:ident, $see:ident) => {
        $path.inside($name, |path| $see(path.name(), &$value))
    };
    (@visit maybe $value:expr, $name:expr, $path:ident, $see:ident) => {
        if let Some(value) = &$value {
            $path.inside($name, |path| $see(path.name(), value));
        }
    };
    (@visit part $value:expr, $name:expr, $path:ident, $see:ident) => {
        $path.inside($name, |path| $crate::tree::Part::visit(&$value, path, $see))
    };
    (@visit here $value:expr, $name:expr, $path:ident, $see:ident) => {
        $crate::tree::Part::visit(&$value, $path, $see)
    };
    (@visit known $value:expr, $name:expr, $path:ident, $see:ident) => {};
}

pub(super) use parts;
