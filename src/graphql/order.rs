//! The orders of connections.

use async_graphql::Enum;

/// Direction of a sort order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum OrderDirection {
    /// Ascending: smallest first, A to Z, oldest first.
    Asc,
    /// Descending: largest first, Z to A, newest first.
    Desc,
}

/// Defines the input type of a sort order: a field (an enum with `CreatedAt`) and a direction.
/// Default: most recently created first.
macro_rules! order {
    ($(#[$doc:meta])* $Order:ident by $Field:ident makes $Sort:ty) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, async_graphql::InputObject)]
        pub struct $Order {
            /// Field to sort by.
            field: $Field,
            /// Sort direction.
            #[graphql(default_with = "crate::graphql::order::OrderDirection::Asc")]
            direction: $crate::graphql::order::OrderDirection,
        }

        impl Default for $Order {
            fn default() -> Self {
                let direction = $crate::graphql::order::OrderDirection::Desc;
                Self { field: $Field::CreatedAt, direction }
            }
        }

        impl From<$Order> for ($Sort, bool) {
            /// The sort key, and whether it is descending.
            fn from(order: $Order) -> Self {
                let is_descending =
                    order.direction == $crate::graphql::order::OrderDirection::Desc;
                (order.field.into(), is_descending)
            }
        }
    };
}
pub(in crate::graphql) use order;
