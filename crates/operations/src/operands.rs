//! Operands by name.

/// A struct with one value for each operand.
pub trait Listed: Sized {
    /// Of each operand.
    type Value;
    /// The same struct of other values.
    type With<U>: Listed<Value = U>;

    /// The number of operands.
    const COUNT: usize;

    /// The values in the order of the fields, which nobody needs to know but who reads them in that order again.
    fn into_list(self) -> Vec<Self::Value>;

    /// The struct of the next values in the same order.
    ///
    /// # Panics
    /// When there are too few.
    fn take(values: &mut impl Iterator<Item = Self::Value>) -> Self;

    /// The struct of what `change` makes of each value, in the same order.
    fn map<U>(self, change: impl FnMut(Self::Value) -> U) -> Self::With<U> {
        Self::With::take(&mut self.into_list().into_iter().map(change))
    }

    /// As [`Listed::into_list`].
    ///
    /// # Panics
    /// When `N` is not the number of operands.
    fn into_array<const N: usize>(self) -> [Self::Value; N] {
        let Ok(array) = self.into_list().try_into() else {
            panic!("there are {} operands, not {N}", Self::COUNT);
        };
        array
    }

    /// The reverse of [`Listed::into_array`].
    ///
    /// # Panics
    /// As [`Listed::take`].
    fn from_array<const N: usize>(array: [Self::Value; N]) -> Self {
        Self::take(&mut array.into_iter())
    }
}

/// Declares a struct that is [`Listed`], one operand a field. Groups of operands that several operations have may follow
/// the fields.
macro_rules! operands {
    (
        $(#[$meta:meta])*
        $visibility:vis struct $name:ident {
            $( $(#[$field_meta:meta])* $field:ident, )*
        }
        $( with { $( $group:ident: $kind:ident, )+ } )?
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, Default)]
        $visibility struct $name<T> {
            $( $(#[$field_meta])* pub $field: T, )*
            $($( pub $group: $kind<T>, )+)?
        }

        impl<T> $crate::operands::Listed for $name<T> {
            type Value = T;
            type With<U> = $name<U>;

            const COUNT: usize = [$(stringify!($field)),*].len()
                $($( + <$kind<()> as $crate::operands::Listed>::COUNT )+)?;

            fn into_list(self) -> Vec<T> {
                #[allow(unused_mut, reason = "there may be no groups")]
                let mut list = vec![$(self.$field),*];
                $($( list.extend($crate::operands::Listed::into_list(self.$group)); )+)?
                list
            }

            fn take(values: &mut impl Iterator<Item = T>) -> Self {
                Self {
                    $( $field: values.next().expect("as many values as operands"), )*
                    $($( $group: $crate::operands::Listed::take(values), )+)?
                }
            }
        }
    };
}

pub(crate) use operands;
