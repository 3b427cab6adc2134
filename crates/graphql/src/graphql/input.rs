//! Reading the inputs of mutations: absent means unchanged, `null` means cleared.

use async_graphql::{ID, MaybeUndefined};

use crate::{db::types::Uid, id::NodeType};

/// Reads a reference to an object of that type. The models check whether it exists.
pub fn reference(id: MaybeUndefined<ID>, node_type: NodeType) -> MaybeUndefined<Uid> {
    id.map_value(|id| node_type.uid(&id))
}

/// Reads references to objects of that type.
pub fn references(ids: &[ID], node_type: NodeType) -> Vec<Uid> {
    ids.iter().map(|id| node_type.uid(id)).collect()
}
