//! Filters of customer groups.

use crate::{
    graphql::filter::{DateTimeFilter, TextFilter, filter, term},
    models::{
        customer_group::{CustomerGroupAttributes, CustomerGroupTest},
        filter::{Filter, TextTest},
    },
};

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
