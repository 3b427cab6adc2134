//! POS profiles.

mod query;

use async_graphql::{Context, Enum, ID, InputObject, Object};

use super::{
    child,
    connection::{ConnectionOf, OrderDirection, PageArgs, Parent, connection, cost},
    context::ContextExt,
    customer::{Customer, CustomerFilter, CustomerOrder},
    error::Error,
    filter::{DateTimeFilter, ExactFilter, check_size, uids},
    limit::{self, CHILDREN_COST},
    loader::PosProfileById,
    pos_customer_group::PosCustomerGroup,
};
use crate::{
    db::types::{Timestamp, Uid},
    id::NodeType,
    models::{
        self,
        customer::CustomerRelation,
        filter::Filter,
        pos_customer_group::PosCustomerGroupAttributes,
        pos_profile::{PosProfileSort, PosProfileTest},
    },
};

pub use self::query::PosProfileQuery;

/// A POS profile: settings of points of sale, which another system has. Here is known to which groups of
/// customers it may sell; it is there from its first link to its last.
pub struct PosProfile(models::PosProfile);

impl From<models::PosProfile> for PosProfile {
    fn from(row: models::PosProfile) -> Self {
        Self(row)
    }
}

impl PosProfile {
    /// The profile with that id, as a nested field loads it.
    pub async fn load(ctx: &Context<'_>, uid: Uid) -> Result<Option<Self>, Error> {
        Ok(ctx.loader()?.load_one(PosProfileById(uid)).await?.map(Self))
    }

    /// Its id in the system that has it.
    pub fn name(&self) -> &str {
        &self.0.pos_profile_id
    }
}

/// A POS profile: settings of points of sale, which another system has. Here is known to which groups of
/// customers it may sell; it is there from its first link to its last.
#[Object]
impl PosProfile {
    /// The id that the server gave.
    pub async fn id(&self) -> ID {
        NodeType::PosProfile.id(self.0.id).to_string().into()
    }

    /// The profile's id in the system that has it.
    async fn pos_profile_id(&self) -> &str {
        self.name()
    }

    /// When the profile got its first link.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// When its links were last changed.
    async fn updated_at(&self) -> Timestamp {
        self.0.updated_at
    }

    /// The name of the credential that gave the profile its first link.
    async fn created_by(&self) -> &str {
        &self.0.created_by
    }

    /// The name of the credential that changed its links last.
    async fn last_modified_by(&self) -> &str {
        &self.0.last_modified_by
    }

    /// The links to the groups that the profile may sell to, in order.
    #[graphql(complexity = "limit::cost(CHILDREN_COST, child_complexity)")]
    async fn pos_customer_groups(&self, ctx: &Context<'_>) -> Result<Vec<PosCustomerGroup>, Error> {
        child::list::<PosCustomerGroupAttributes, _>(ctx, self.0.id).await
    }

    /// The customers that the profile may sell to: those in the groups that it has links to, or in
    /// groups below them, each once, save for disabled ones.
    /// Most recently created first, unless ordered otherwise.
    #[expect(clippy::too_many_arguments, reason = "they are the field's arguments")]
    #[graphql(complexity = "cost(first, last, child_complexity)")]
    async fn customers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Number of items from the start, 1 to 100. Default: 20.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Only items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Number of items from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only items before this cursor.")] before: Option<String>,
        #[graphql(desc = "Number of items to skip, at most 100,000.")] offset: Option<i32>,
        #[graphql(desc = "The order. Default: most recently created first.")] order_by: Option<
            CustomerOrder,
        >,
        #[graphql(desc = "Only items that match this filter.")] filter: Option<CustomerFilter>,
    ) -> Result<ConnectionOf<Customer>, Error> {
        let parent = Parent { uid: self.0.id, relation: CustomerRelation::InPosScope };
        let args = PageArgs { first, after, last, before, offset };
        let (order, filter) = (order_by.unwrap_or_default().into(), CustomerFilter::tests(filter)?);
        connection::<models::Customer, _>(
            ctx,
            "PosProfile.customers",
            Some(parent),
            args,
            order,
            filter,
        )
        .await
    }
}

/// An order of POS profiles.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct PosProfileOrder {
    /// What to order by.
    field: PosProfileOrderField,
    /// The direction.
    #[graphql(default_with = "OrderDirection::Asc")]
    direction: OrderDirection,
}

/// What POS profiles can be ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "PosProfileSort")]
pub enum PosProfileOrderField {
    /// When they got their first link.
    CreatedAt,
    /// When their links were last changed.
    UpdatedAt,
    /// The id in the system that has them, byte by byte.
    PosProfileId,
}

impl Default for PosProfileOrder {
    fn default() -> Self {
        Self { field: PosProfileOrderField::CreatedAt, direction: OrderDirection::Desc }
    }
}

impl From<PosProfileOrder> for (PosProfileSort, bool) {
    fn from(order: PosProfileOrder) -> Self {
        (order.field.into(), order.direction == OrderDirection::Desc)
    }
}

/// Filter for POS profiles. All given conditions must hold; at most 100 in all.
#[derive(Clone, Debug, Default, InputObject)]
pub struct PosProfileFilter {
    /// All of these hold.
    and: Option<Vec<PosProfileFilter>>,
    /// Any of these holds.
    or: Option<Vec<PosProfileFilter>>,
    /// This does not hold.
    not: Option<Box<PosProfileFilter>>,
    /// The id in the system that has it.
    pos_profile_id: Option<ExactFilter>,
    /// The groups that it has links to.
    customer_group: Option<PosProfileGroupFilter>,
    /// When the profile got its first link.
    created_at: Option<DateTimeFilter>,
    /// When its links were last changed.
    updated_at: Option<DateTimeFilter>,
}

/// Condition on the groups that a POS profile has links to.
#[derive(Clone, Debug, InputObject)]
pub struct PosProfileGroupFilter {
    /// Has a link to one of these groups; at most 1,000. An id that does not exist matches nothing.
    #[graphql(name = "in")]
    is_in: Vec<ID>,
    /// Or to any group above one of them: may sell to the customers of one of them.
    #[graphql(default = false)]
    include_ancestors: bool,
}

impl PosProfileFilter {
    pub fn tests(filter: Option<Self>) -> Result<Filter<PosProfileTest>, Error> {
        check_size(filter.map(Self::into_tests).transpose()?.unwrap_or_default())
    }

    fn into_tests(self) -> Result<Filter<PosProfileTest>, Error> {
        let many = |filters: Vec<Self>| filters.into_iter().map(Self::into_tests).collect();
        let mut tests = Vec::new();
        tests.extend(self.and.map(many).transpose()?.map(Filter::All));
        tests.extend(self.or.map(many).transpose()?.map(Filter::Any));
        let not = self.not.map(|filter| filter.into_tests()).transpose()?;
        tests.extend(not.map(|filter| Filter::Not(Box::new(filter))));
        if let Some(filter) = self.pos_profile_id {
            tests.push(filter.tests(PosProfileTest::PosProfileId)?);
        }
        if let Some(PosProfileGroupFilter { is_in, include_ancestors }) = self.customer_group {
            let groups = uids(&is_in, NodeType::CustomerGroup)?;
            tests.push(Filter::Is(PosProfileTest::Group { groups, include_ancestors }));
        }
        tests.extend(self.created_at.map(|it| it.tests(PosProfileTest::CreatedAt)));
        tests.extend(self.updated_at.map(|it| it.tests(PosProfileTest::UpdatedAt)));
        Ok(Filter::All(tests))
    }
}
