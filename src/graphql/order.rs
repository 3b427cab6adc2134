//! The orders of connections.

use async_graphql::Enum;

/// The direction of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum OrderDirection {
    /// From small to large, from A to Z, from old to new.
    Asc,
    /// From large to small, from Z to A, from new to old.
    Desc,
}

/// Makes the input type of an order: by a field, which is an enum that has `CreatedAt`, in a
/// direction. The default is: most recently created first.
macro_rules! order {
    ($(#[$doc:meta])* $Order:ident by $Field:ident makes $Sort:ty) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, async_graphql::InputObject)]
        pub struct $Order {
            /// The field to order by.
            field: $Field,
            /// The direction.
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
