//! `Node`: anything that has an id.

use async_graphql::{Context, ID, Interface, Object};

use super::{
    context::ContextExt,
    customer::Customer,
    customer_group::CustomerGroup,
    error::Error,
    loader::{CustomerById, CustomerGroupById},
};
use crate::id::{Id, NodeType};

/// Most ids that `nodes` takes.
pub const NODES_MAX: usize = 100;

/// An object with an id that is unique among all objects.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "The id, which is unique among all objects."))]
pub enum Node {
    Customer(Box<Customer>),
    CustomerGroup(Box<CustomerGroup>),
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
    #[graphql(complexity = "ids.len().saturating_mul(child_complexity)")]
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

async fn find(ctx: &Context<'_>, id: &ID) -> Result<Option<Node>, Error> {
    let Some(Id { node_type, uid }) = Id::parse(id) else { return Ok(None) };
    let loader = ctx.loader()?;
    Ok(match node_type {
        NodeType::ApiKey => None,
        NodeType::Customer => loader
            .load_one(CustomerById(uid))
            .await?
            .map(|row| Node::Customer(Box::new(row.into()))),
        NodeType::CustomerGroup => loader
            .load_one(CustomerGroupById(uid))
            .await?
            .map(|row| Node::CustomerGroup(Box::new(row.into()))),
    })
}
