//! `Node`: the interface of all objects with an id.

use std::future::Future;

use async_graphql::{Context, ID, Interface, Object};

use super::{
    context::ContextExt,
    customer::{
        Customer, address::CustomerAddress, consent::CustomerConsent, contact::CustomerContact,
        extension::CustomerExtension,
    },
    customer_group::CustomerGroup,
    error::Error,
    loader::ById,
    loyalty_program::LoyaltyProgram,
    loyalty_program_collection::LoyaltyProgramCollection,
    memory,
    pos_customer_group::PosCustomerGroup,
    pos_profile::PosProfile,
    supplier_number_at_customer::SupplierNumberAtCustomer,
};
use crate::{
    db::types::Uid,
    id::{Id, NodeType},
    models::{
        self, Row, customer, loyalty_program_collection, pos_customer_group,
        supplier_number_at_customer,
    },
};

/// Most ids that `nodes` takes.
pub const NODES_MAX: usize = 100;

/// A GraphQL type whose objects are rows.
pub trait RowNode: From<Self::Row> + Send {
    type Row: Row;
    const NODE_TYPE: NodeType;

    /// Loads the object with that id for a nested field. (Boxed, because each field of an object
    /// needs memory for the largest future of any of them.)
    fn load(
        ctx: &Context<'_>,
        uid: Uid,
    ) -> impl Future<Output = Result<Option<Box<Self>>, Error>> + Send {
        async move {
            let row = ctx.loader()?.load(ById::<Self::Row>::new(uid)).await?;
            memory::take_shared(ctx, &row)?;
            Ok(row.map(|row| Box::new(Self::from(row.into_row()))))
        }
    }
}

/// Defines the types that are nodes, each with its rows and its name in [`NodeType`].
macro_rules! nodes {
    ($($Node:ident: $Row:ty),+ $(,)?) => {
        /// An object with a globally unique ID.
        #[derive(Interface)]
        #[graphql(field(
            name = "id",
            ty = "ID",
            desc = "Globally unique ID, assigned by the server."
        ))]
        pub enum Node {
            $($Node(Box<$Node>),)+
        }

        $(impl RowNode for $Node {
            type Row = $Row;
            const NODE_TYPE: NodeType = NodeType::$Node;
        })+

        /// Loads the object with that id as a field of its type does.
        async fn find(ctx: &Context<'_>, id: &ID) -> Result<Option<Node>, Error> {
            let Some(Id { node_type, uid }) = Id::parse(id) else { return Ok(None) };
            match node_type {
                NodeType::ApiKey => Ok(None),
                $(NodeType::$Node => {
                    Ok($Node::load(ctx, uid).await?.map(Node::$Node))
                })+
            }
        }
    };
}

nodes! {
    Customer: models::Customer,
    CustomerAddress: customer::address::CustomerAddress,
    CustomerConsent: customer::consent::CustomerConsent,
    CustomerContact: customer::contact::CustomerContact,
    CustomerExtension: customer::extension::CustomerExtension,
    CustomerGroup: models::CustomerGroup,
    LoyaltyProgram: models::LoyaltyProgram,
    LoyaltyProgramCollection: loyalty_program_collection::LoyaltyProgramCollection,
    PosCustomerGroup: pos_customer_group::PosCustomerGroup,
    PosProfile: models::PosProfile,
    SupplierNumberAtCustomer: supplier_number_at_customer::SupplierNumberAtCustomer,
}

#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// The object of any type with this ID; `null` if it does not exist.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "ID of the object.")] id: ID,
    ) -> Option<Result<Node, Error>> {
        find(ctx, &id).await.transpose()
    }

    /// The objects with these IDs, in the given order; `null` in place of each that does not exist.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "IDs of the objects, at most 100.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node>>, Error> {
        if ids.len() > NODES_MAX {
            return Err(Error::bad_input(format!("ids: must be at most {NODES_MAX}")));
        }
        futures_util::future::try_join_all(ids.iter().map(|id| find(ctx, id))).await
    }
}
