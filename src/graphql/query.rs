//! The root of queries.

use async_graphql::{ID, MergedObject};

use super::{
    customer::CustomerQuery, customer_group::CustomerGroupQuery, error::Error, node::NodeQuery,
};
use crate::{id::NodeType, models::Lookup};

/// What can be asked.
#[derive(Default, MergedObject)]
pub struct Query(CustomerQuery, CustomerGroupQuery, NodeQuery);

/// How an object is looked up, given `id` and `externalId`; `Ok(None)` if nothing can have that id.
pub fn lookup(
    id: Option<ID>,
    external_id: Option<String>,
    node_type: NodeType,
) -> Result<Option<Lookup>, Error> {
    match (id, external_id) {
        (Some(id), None) => Ok(node_type.parse(&id).map(Lookup::Id)),
        (None, Some(text)) if text.contains(char::is_control) => Ok(None),
        (None, Some(text)) => Ok(Some(Lookup::ExternalId(text))),
        _ => Err(Error::bad_input("id, externalId: exactly one of them must be given")),
    }
}
