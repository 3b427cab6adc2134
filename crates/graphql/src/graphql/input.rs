//! Conversion of the inputs of mutations: an omitted field stays unchanged, and `null` clears it.

use async_graphql::{ID, MaybeUndefined};

use crate::{db::types::Uid, id::NodeType};

/// Converts a reference to an object of this type. The models check whether the object exists.
pub fn reference(id: MaybeUndefined<ID>, node_type: NodeType) -> MaybeUndefined<Uid> {
    id.map_value(|id| node_type.uid(&id))
}

/// Converts references to objects of this type.
pub fn references(ids: &[ID], node_type: NodeType) -> Vec<Uid> {
    ids.iter().map(|id| node_type.uid(id)).collect()
}
