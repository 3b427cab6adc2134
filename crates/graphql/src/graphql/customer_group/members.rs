//! The mutation that changes a group's members.

use async_graphql::{Context, ID, Object};

use super::CustomerGroup;
use crate::{
    graphql::{
        context::ContextExt,
        error::Error,
        payload::{Payload, PayloadKind},
        selector::Selector,
    },
    id::NodeType,
    models::{
        self, Lookup,
        membership::{self, Named},
    },
};

/// Payload kind of the mutation that changes a group's members.
pub enum UpdatedCustomers {}

impl PayloadKind for UpdatedCustomers {
    type Row = models::CustomerGroup;
    type Result = CustomerGroup;
    const NODE_TYPE: NodeType = NodeType::CustomerGroup;
    const FIELD: &'static str = "customerGroup";

    fn mutation() -> String {
        "customerGroupUpdateCustomers".to_owned()
    }

    fn result(row: models::CustomerGroup) -> CustomerGroup {
        row.into()
    }
}

#[derive(Default)]
pub struct MembersMutation;

#[Object]
impl MembersMutation {
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

/// The customers that an argument identifies.
fn named(argument: &'static str, customers: impl Iterator<Item = Lookup>) -> Vec<Named> {
    let named = |(position, customer)| Named { customer, field: argument, position };
    customers.enumerate().map(named).collect()
}
