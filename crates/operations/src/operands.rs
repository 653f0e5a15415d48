//! Operands by name.

/// Declares what an operation takes, one operand a field. The order of the fields is the order in which the autodiff
/// graph sees the operands; nobody else needs it. A group of operands that several operations have may follow them. The
/// constant is their number.
macro_rules! operands {
    (
        $(#[$meta:meta])*
        pub(super) struct $name:ident, $count:ident {
            $( $(#[$field_meta:meta])* $field:ident, )*
        }
        $( with $group:ident: $kind:ident { $( $member:ident ),* $(,)? } )?
    ) => {
        /// The number of operands.
        pub(super) const $count: usize = [$(stringify!($field),)* $($(stringify!($member)),*)?].len();

        $(#[$meta])*
        #[derive(Debug, Clone)]
        pub(super) struct $name<T> {
            $( $(#[$field_meta])* pub $field: T, )*
            $( pub $group: $kind<T>, )?
        }

        impl<T> $name<T> {
            /// The operands in the order of the graph.
            pub fn into_array(self) -> [T; $count] {
                [$(self.$field,)* $($(self.$group.$member),*)?]
            }

            /// The operands of what the graph hands over.
            pub fn from_array([$($field,)* $($($member),*)?]: [T; $count]) -> Self {
                Self { $($field,)* $( $group: $kind { $($member),* } )? }
            }
        }
    };
}

pub(crate) use operands;
