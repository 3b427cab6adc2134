//! Filters and sort orders of customer groups.

use async_graphql::Enum;

use crate::{
    graphql::{
        filter::{DateTimeFilter, TextFilter, filter, term},
        order::order,
    },
    models::{
        customer_group::{CustomerGroupAttributes, CustomerGroupSort, CustomerGroupTest},
        filter::{Filter, TextTest},
    },
};

order! {
    /// Sort order for customer groups.
    CustomerGroupOrder by CustomerGroupOrderField makes CustomerGroupSort
}

/// Fields for sorting customer groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "CustomerGroupSort")]
pub enum CustomerGroupOrderField {
    /// Creation time.
    CreatedAt,
    /// Time of the last change.
    UpdatedAt,
    /// Name, ignoring case and accents.
    #[graphql(name = "CUSTOMER_GROUP_NAME")]
    Name,
}

filter! {
    /// Filter for customer groups. All given conditions must match; at most 100 conditions, nested
    /// ones included.
    CustomerGroupFilter of CustomerGroupAttributes makes CustomerGroupTest {
        /// Text contained in the name, ignoring case and accents; up to 255 characters.
        search: String =>
            |it| Ok(Filter::Is(CustomerGroupTest::Name(TextTest::Contains(term(it)?)))),
        /// Name of the group.
        customer_group_name: TextFilter => |it| it.tests(CustomerGroupTest::Name),
        /// Whether the group is a root.
        is_root: bool => |it| Ok(Filter::Is(CustomerGroupTest::IsRoot(it))),
        /// When the group was created.
        created_at: DateTimeFilter => |it| it.tests(CustomerGroupTest::CreatedAt),
        /// When the group was last changed.
        updated_at: DateTimeFilter => |it| it.tests(CustomerGroupTest::UpdatedAt),
    }
}
