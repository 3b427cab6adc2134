//! What clients say about groups.

use async_graphql::{Enum, ID, InputObject, MaybeUndefined};

use crate::{
    graphql::{
        connection::OrderDirection,
        error::Error,
        filter::{
            BooleanFilter, DateTimeFilter, ExactFilter, IdFilter, TextFilter, check_size, term,
        },
        input::{reference, set},
    },
    id::NodeType,
    models::{
        self,
        customer_group::{CustomerGroupAttributes, CustomerGroupSort, CustomerGroupTest},
        filter::{Filter, TextTest},
    },
};

/// An order of customer groups.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct CustomerGroupOrder {
    /// What to order by.
    field: CustomerGroupOrderField,
    /// The direction.
    #[graphql(default_with = "OrderDirection::Asc")]
    direction: OrderDirection,
}

/// What customer groups can be ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "CustomerGroupSort")]
pub enum CustomerGroupOrderField {
    /// When they were created.
    CreatedAt,
    /// When they were last changed.
    UpdatedAt,
    /// The name, ignoring case and accents.
    #[graphql(name = "CUSTOMER_GROUP_NAME")]
    Name,
}

impl Default for CustomerGroupOrder {
    fn default() -> Self {
        Self { field: CustomerGroupOrderField::CreatedAt, direction: OrderDirection::Desc }
    }
}

impl From<CustomerGroupOrder> for (CustomerGroupSort, bool) {
    fn from(order: CustomerGroupOrder) -> Self {
        (order.field.into(), order.direction == OrderDirection::Desc)
    }
}

/// Filter for customer groups. All given conditions must hold; at most 100 in all.
#[derive(Clone, Debug, Default, InputObject)]
pub struct CustomerGroupFilter {
    /// All of these hold.
    and: Option<Vec<CustomerGroupFilter>>,
    /// Any of these holds.
    or: Option<Vec<CustomerGroupFilter>>,
    /// This does not hold.
    not: Option<Box<CustomerGroupFilter>>,
    /// The name has this text somewhere within.
    search: Option<String>,
    /// The name.
    customer_group_name: Option<TextFilter>,
    /// The id that the client chose.
    external_id: Option<ExactFilter>,
    /// The parent.
    parent_id: Option<IdFilter>,
    /// Has no parent (`true`), or has one (`false`).
    is_root: Option<bool>,
    /// May have children, or (`eq: false`) is a leaf.
    is_group: Option<BooleanFilter>,
    /// When the group was created.
    created_at: Option<DateTimeFilter>,
    /// When the group was last changed.
    updated_at: Option<DateTimeFilter>,
}

impl CustomerGroupFilter {
    pub fn tests(filter: Option<Self>) -> Result<Filter<CustomerGroupTest>, Error> {
        check_size(filter.map(Self::into_tests).transpose()?.unwrap_or_default())
    }

    fn into_tests(self) -> Result<Filter<CustomerGroupTest>, Error> {
        let many = |filters: Vec<Self>| filters.into_iter().map(Self::into_tests).collect();
        let mut tests = Vec::new();
        tests.extend(self.and.map(many).transpose()?.map(Filter::All));
        tests.extend(self.or.map(many).transpose()?.map(Filter::Any));
        let not = self.not.map(|filter| filter.into_tests()).transpose()?;
        tests.extend(not.map(|filter| Filter::Not(Box::new(filter))));
        if let Some(text) = self.search {
            tests.push(Filter::Is(CustomerGroupTest::Name(TextTest::Contains(term(text)?))));
        }
        if let Some(filter) = self.customer_group_name {
            tests.push(filter.tests(CustomerGroupTest::Name)?);
        }
        if let Some(filter) = self.external_id {
            tests.push(filter.tests(CustomerGroupTest::ExternalId)?);
        }
        if let Some(filter) = self.parent_id {
            tests.push(filter.tests(NodeType::CustomerGroup, CustomerGroupTest::Parent)?);
        }
        tests.extend(self.is_root.map(|it| Filter::Is(CustomerGroupTest::IsRoot(it))));
        tests.extend(self.is_group.map(|it| Filter::Is(CustomerGroupTest::IsGroup(it.eq))));
        tests.extend(self.created_at.map(|it| it.tests(CustomerGroupTest::CreatedAt)));
        tests.extend(self.updated_at.map(|it| it.tests(CustomerGroupTest::UpdatedAt)));
        Ok(Filter::All(tests))
    }
}

/// Input of `customerGroupCreate`. Texts have up to 255 characters; they are trimmed, and an empty one
/// is a missing one.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerGroupCreateInput {
    /// The name, of 1 to 255 characters.
    customer_group_name: String,
    #[graphql(flatten)]
    attributes: CustomerGroupAttributesInput,
}

/// Input of `customerGroupUpdate`: what is not given stays, and `null` clears. Texts have up to 255
/// characters; they are trimmed, and an empty one is a missing one.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerGroupUpdateInput {
    /// The name, of 1 to 255 characters. It cannot be cleared.
    customer_group_name: MaybeUndefined<String>,
    #[graphql(flatten)]
    attributes: CustomerGroupAttributesInput,
}

/// What may be given of a customer group, new or not.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerGroupAttributesInput {
    /// An id of the client's choosing, unique among the groups; up to 255 characters.
    external_id: MaybeUndefined<String>,
    /// The parent, which must have `isGroup: true`; `null` for a root. On a change, the group moves
    /// with all below it.
    parent_id: MaybeUndefined<ID>,
    /// May the group have children? `false` for a new one.
    is_group: MaybeUndefined<bool>,
    /// The price list of the group's customers; up to 255 characters.
    default_price_list: MaybeUndefined<String>,
    /// The name of the payment terms of the group's customers; up to 255 characters.
    payment_terms: MaybeUndefined<String>,
}

impl CustomerGroupCreateInput {
    pub fn into_attributes(self) -> Result<CustomerGroupAttributes, models::Error> {
        let mut attributes = CustomerGroupAttributes {
            customer_group_name: self.customer_group_name,
            ..CustomerGroupAttributes::default()
        };
        self.attributes.into_change()?(&mut attributes);
        Ok(attributes)
    }
}

impl CustomerGroupUpdateInput {
    pub fn into_change(
        self,
    ) -> Result<impl FnOnce(&mut CustomerGroupAttributes) + Send, models::Error> {
        let change = self.attributes.into_change()?;
        Ok(move |it: &mut CustomerGroupAttributes| {
            set(&mut it.customer_group_name, self.customer_group_name);
            change(it);
        })
    }
}

impl CustomerGroupAttributesInput {
    fn into_change(
        self,
    ) -> Result<impl FnOnce(&mut CustomerGroupAttributes) + Send, models::Error> {
        let parent = reference(self.parent_id, NodeType::CustomerGroup, "parentId")?;
        Ok(move |it: &mut CustomerGroupAttributes| {
            self.external_id.update_to(&mut it.external_id);
            parent.update_to(&mut it.parent_id);
            set(&mut it.is_group, self.is_group);
            self.default_price_list.update_to(&mut it.default_price_list);
            self.payment_terms.update_to(&mut it.payment_terms);
        })
    }
}
