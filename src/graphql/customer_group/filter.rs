//! Filters and orders of groups.

use async_graphql::Enum;

use crate::{
    graphql::{
        filter::{BooleanFilter, DateTimeFilter, ExactFilter, IdFilter, TextFilter, filter, term},
        order::order,
    },
    id::NodeType,
    models::{
        customer_group::{CustomerGroupSort, CustomerGroupTest},
        filter::{Filter, TextTest},
    },
};

order! {
    /// An order of customer groups.
    CustomerGroupOrder by CustomerGroupOrderField makes CustomerGroupSort
}

/// The fields that customer groups can be ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "CustomerGroupSort")]
pub enum CustomerGroupOrderField {
    /// Creation time.
    CreatedAt,
    /// Time of the last change.
    UpdatedAt,
    /// The name, ignoring case and accents.
    #[graphql(name = "CUSTOMER_GROUP_NAME")]
    Name,
}

filter! {
    /// Filter for customer groups. All given conditions must hold; at most 100 in all.
    CustomerGroupFilter makes CustomerGroupTest {
        /// The name contains this text.
        search: String =>
            |it| Ok(Filter::Is(CustomerGroupTest::Name(TextTest::Contains(term(it)?)))),
        /// The name.
        customer_group_name: TextFilter => |it| it.tests(CustomerGroupTest::Name),
        /// ID chosen by the client.
        external_id: ExactFilter => |it| it.tests(CustomerGroupTest::ExternalId),
        /// The parent.
        parent_id: IdFilter => |it| it.tests(NodeType::CustomerGroup, CustomerGroupTest::Parent),
        /// Has no parent (`true`), or has one (`false`).
        is_root: bool => |it| Ok(Filter::Is(CustomerGroupTest::IsRoot(it))),
        /// May have children, or (`eq: false`) is a leaf.
        is_group: BooleanFilter => |it| it.tests(CustomerGroupTest::IsGroup),
        /// When the group was created.
        created_at: DateTimeFilter => |it| it.tests(CustomerGroupTest::CreatedAt),
        /// When the group was last changed.
        updated_at: DateTimeFilter => |it| it.tests(CustomerGroupTest::UpdatedAt),
    }
}
