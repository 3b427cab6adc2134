//! `Node`: anything that has an id.

use std::hash::Hash;

use async_graphql::{Context, ID, Interface, Object, dataloader::Loader};

use super::{
    context::ContextExt,
    customer::{
        Customer, address::CustomerAddress, consent::CustomerConsent, contact::CustomerContact,
        extension::CustomerExtension,
    },
    customer_group::CustomerGroup,
    error::Error,
    limit,
    loader::{
        ChildById, CustomerById, CustomerGroupById, LoyaltyProgramById, PosProfileById, Store,
    },
    loyalty_program::LoyaltyProgram,
    loyalty_program_collection::LoyaltyProgramCollection,
    pos_customer_group::PosCustomerGroup,
    pos_profile::PosProfile,
    supplier_number_at_customer::SupplierNumberAtCustomer,
};
use crate::{
    db::types::Uid,
    id::{Id, NodeType},
    models::child::{Child, ChildAttributes},
};

/// Most ids that `nodes` takes.
pub const NODES_MAX: usize = 100;

/// An object with an id that is unique among all objects.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "The id, which is unique among all objects."))]
pub enum Node {
    Customer(Box<Customer>),
    CustomerAddress(Box<CustomerAddress>),
    CustomerConsent(Box<CustomerConsent>),
    CustomerContact(Box<CustomerContact>),
    CustomerExtension(Box<CustomerExtension>),
    CustomerGroup(Box<CustomerGroup>),
    LoyaltyProgram(Box<LoyaltyProgram>),
    LoyaltyProgramCollection(Box<LoyaltyProgramCollection>),
    PosCustomerGroup(Box<PosCustomerGroup>),
    PosProfile(Box<PosProfile>),
    SupplierNumberAtCustomer(Box<SupplierNumberAtCustomer>),
}

#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// The object with this id, of whatever type. `null` if there is none.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The object's id.")] id: ID,
    ) -> Option<Result<Node, Error>> {
        find(ctx, &id).await.transpose()
    }

    /// The objects with these ids, in the same order; `null` where there is none.
    #[graphql(complexity = "limit::cost(ids.len(), child_complexity)")]
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The objects' ids, at most 100.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node>>, Error> {
        if ids.len() > NODES_MAX {
            return Err(Error::bad_input(format!("ids: must be at most {NODES_MAX}")));
        }
        futures_util::future::try_join_all(ids.iter().map(|id| find(ctx, id))).await
    }
}

/// The object with that id, as the field that has its type loads it.
async fn find(ctx: &Context<'_>, id: &ID) -> Result<Option<Node>, Error> {
    let Some(Id { node_type, uid }) = Id::parse(id) else { return Ok(None) };
    match node_type {
        NodeType::ApiKey => Ok(None),
        NodeType::Customer => load(ctx, CustomerById(uid), Node::Customer).await,
        NodeType::CustomerAddress => child(ctx, uid, Node::CustomerAddress).await,
        NodeType::CustomerConsent => child(ctx, uid, Node::CustomerConsent).await,
        NodeType::CustomerContact => child(ctx, uid, Node::CustomerContact).await,
        NodeType::CustomerExtension => child(ctx, uid, Node::CustomerExtension).await,
        NodeType::CustomerGroup => load(ctx, CustomerGroupById(uid), Node::CustomerGroup).await,
        NodeType::LoyaltyProgram => load(ctx, LoyaltyProgramById(uid), Node::LoyaltyProgram).await,
        NodeType::LoyaltyProgramCollection => child(ctx, uid, Node::LoyaltyProgramCollection).await,
        NodeType::PosCustomerGroup => child(ctx, uid, Node::PosCustomerGroup).await,
        NodeType::PosProfile => load(ctx, PosProfileById(uid), Node::PosProfile).await,
        NodeType::SupplierNumberAtCustomer => child(ctx, uid, Node::SupplierNumberAtCustomer).await,
    }
}

async fn load<Key, T>(
    ctx: &Context<'_>,
    key: Key,
    node: impl FnOnce(Box<T>) -> Node,
) -> Result<Option<Node>, Error>
where
    Key: Clone + Eq + Hash + Send + Sync + 'static,
    Store: Loader<Key, Error = Error>,
    T: From<<Store as Loader<Key>>::Value>,
{
    let row = ctx.loader()?.load_one(key).await?;
    Ok(row.map(|row| node(Box::new(row.into()))))
}

async fn child<A: ChildAttributes, T: From<Child<A>>>(
    ctx: &Context<'_>,
    uid: Uid,
    node: impl FnOnce(Box<T>) -> Node,
) -> Result<Option<Node>, Error> {
    load(ctx, ChildById::<A>::new(uid), node).await
}
