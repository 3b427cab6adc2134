//! Mutations of customer groups.

use async_graphql::{Context, Enum, ID, Object};

use super::{
    CustomerGroup,
    input::{CustomerGroupCreateInput, CustomerGroupUpdateInput},
};
use crate::{
    auth::Administrator,
    graphql::{
        context::ContextExt,
        error::Error,
        payload::{CreatePayload, DeletePayload, Payload, PayloadKind, UpdatePayload},
        selector::Selector,
    },
    id::NodeType,
    models::{
        self, Lookup,
        customer_group::DeletePolicy,
        membership::{self, Named},
    },
};

#[derive(Default)]
pub struct CustomerGroupMutation;

/// A mutation of the group's members.
pub enum UpdatedCustomers {}

impl PayloadKind for UpdatedCustomers {
    type Row = models::CustomerGroup;
    type Result = CustomerGroup;
    const NODE_TYPE: NodeType = NodeType::CustomerGroup;
    const INPUT: Option<&'static str> = None;

    fn mutation() -> String {
        "customerGroupUpdateCustomers".to_owned()
    }

    fn field() -> &'static str {
        "customerGroup"
    }

    fn result(row: models::CustomerGroup) -> CustomerGroup {
        row.into()
    }
}

/// Policies for the children, customers, loyalty programs and POS links of a customer group that is
/// deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum CustomerGroupDeletePolicy {
    /// Deletes the group only if it has no children, customers, loyalty programs or POS links;
    /// otherwise the user error is `IN_USE`.
    Restrict,
    /// Moves the group's children, customers, loyalty programs and POS links to its parent. A root
    /// has no parent and must be empty. If a POS profile is already linked to the parent, its link to
    /// the deleted group is removed.
    ReassignToParent,
    /// Deletes the group, all groups below it, the loyalty programs that are restricted to one of
    /// these groups, and the POS links to these groups: all or nothing. No customer is deleted.
    /// Customers lose their memberships in the deleted groups; a customer whose primary group is
    /// deleted has no primary group. Customers in a deleted program lose the program and the tier, even
    /// if they are not in one of the groups. A POS profile that loses its last link may sell to nobody,
    /// unless it sells to everyone. Requires the scope `ADMIN`; otherwise the error is `FORBIDDEN`.
    DeleteSubtree,
}

/// A deletion that the viewer may make.
enum Deletion<'a> {
    OfGroup(DeletePolicy),
    OfSubtree(Administrator<'a>),
}

#[Object]
impl CustomerGroupMutation {
    /// Creates a customer group.
    async fn customer_group_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new group.")] input: CustomerGroupCreateInput,
    ) -> Result<CreatePayload<CustomerGroup>, Error> {
        let writer = ctx.writer()?;
        let mut lease = ctx.db()?.write().await?;
        let conn = &mut lease.conn();
        let attributes = input.attributes.patch.into_new();
        let created = models::CustomerGroup::create(conn, writer, attributes).await;
        Payload::created(created)
    }

    /// Updates a customer group. Omitted fields keep their values. A new `parentId` moves the group
    /// with all its descendants.
    async fn customer_group_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "ID assigned by the server. Give either this or `externalId`.")]
        id: Option<ID>,
        #[graphql(desc = "ID chosen by the client. Give either this or `id`.")] external_id: Option<
            String,
        >,
        #[graphql(desc = "The fields to change.")] input: CustomerGroupUpdateInput,
    ) -> Result<UpdatePayload<CustomerGroup>, Error> {
        let writer = ctx.writer()?;
        let selector = Selector::new(id, external_id, NodeType::CustomerGroup)?;
        let mut lease = ctx.db()?.write().await?;
        let (conn, lookup) = (&mut lease.conn(), &selector.lookup);
        let patch = &input.attributes.patch;
        let updated = models::CustomerGroup::update(conn, writer, lookup, patch).await;
        Payload::of(updated, selector.argument)
    }

    /// Permanently deletes a customer group. The policy `DELETE_SUBTREE` requires the scope `ADMIN`;
    /// otherwise the error is `FORBIDDEN`.
    async fn customer_group_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "ID assigned by the server. Give either this or `externalId`.")]
        id: Option<ID>,
        #[graphql(desc = "ID chosen by the client. Give either this or `id`.")] external_id: Option<
            String,
        >,
        #[graphql(
            desc = "Policy for the contents of the group.",
            default_with = "CustomerGroupDeletePolicy::Restrict"
        )]
        policy: CustomerGroupDeletePolicy,
    ) -> Result<DeletePayload<CustomerGroup>, Error> {
        let writer = ctx.writer()?;
        let deletion = match policy {
            CustomerGroupDeletePolicy::Restrict => Deletion::OfGroup(DeletePolicy::Restrict),
            CustomerGroupDeletePolicy::ReassignToParent => {
                Deletion::OfGroup(DeletePolicy::ReassignToParent)
            }
            CustomerGroupDeletePolicy::DeleteSubtree => Deletion::OfSubtree(ctx.administrator()?),
        };
        let selector = Selector::new(id, external_id, NodeType::CustomerGroup)?;
        let mut lease = ctx.db()?.write().await?;
        let (conn, lookup) = (&mut lease.conn(), &selector.lookup);
        let deleted = match deletion {
            Deletion::OfGroup(policy) => {
                models::CustomerGroup::delete(conn, writer, lookup, policy).await
            }
            Deletion::OfSubtree(admin) => {
                models::CustomerGroup::delete_subtree(conn, admin, lookup).await
            }
        };
        Payload::of(deleted, selector.argument)
    }

    /// Adds customers to a group and removes others, by `id` or `externalId`, all or nothing.
    /// Idempotent: adding a member, or removing a customer that is not a member, changes nothing
    /// and is not an error. A customer cannot be removed from its primary group.
    #[expect(clippy::too_many_arguments, reason = "they are the field's arguments")]
    async fn customer_group_update_customers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "ID assigned by the server. Give either this or `externalId`.")]
        id: Option<ID>,
        #[graphql(desc = "ID chosen by the client. Give either this or `id`.")] external_id: Option<
            String,
        >,
        #[graphql(
            desc = "IDs of customers to add. At most 1,000 customers in all four lists.",
            default
        )]
        add_customer_ids: Vec<ID>,
        #[graphql(desc = "IDs of customers to remove.", default)] remove_customer_ids: Vec<ID>,
        #[graphql(desc = "External IDs of further customers to add.", default)]
        add_customer_external_ids: Vec<String>,
        #[graphql(desc = "External IDs of further customers to remove.", default)]
        remove_customer_external_ids: Vec<String>,
    ) -> Result<Payload<UpdatedCustomers>, Error> {
        let writer = ctx.writer()?;
        let selector = Selector::new(id, external_id, NodeType::CustomerGroup)?;
        let add = [
            named("addCustomerIds", by_id(&add_customer_ids)),
            named("addCustomerExternalIds", by_external_id(add_customer_external_ids)),
        ];
        let remove = [
            named("removeCustomerIds", by_id(&remove_customer_ids)),
            named("removeCustomerExternalIds", by_external_id(remove_customer_external_ids)),
        ];
        let mut lease = ctx.db()?.write().await?;
        let (conn, lookup) = (&mut lease.conn(), &selector.lookup);
        let updated =
            membership::update(conn, writer, lookup, &add.concat(), &remove.concat()).await;
        Payload::of(updated, selector.argument)
    }
}

fn by_id(ids: &[ID]) -> impl Iterator<Item = Lookup> {
    ids.iter().map(|id| Lookup::Id(NodeType::Customer.uid(id)))
}

fn by_external_id(external_ids: Vec<String>) -> impl Iterator<Item = Lookup> {
    external_ids.into_iter().map(|it| Lookup::ExternalId(it.trim().to_owned()))
}

/// The customers named in an argument.
fn named(argument: &'static str, customers: impl Iterator<Item = Lookup>) -> Vec<Named> {
    let named = |(position, customer)| Named { customer, field: argument, position };
    customers.enumerate().map(named).collect()
}
