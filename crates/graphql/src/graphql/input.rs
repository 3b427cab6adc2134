//! Conversion of arguments and inputs. In those of mutations, an omitted field stays unchanged, and `null` clears it.

use std::fmt::Display;

use async_graphql::{ID, MaybeUndefined};

use super::error::Error;
use crate::{db::types::Uid, id::NodeType};

/// Checks the number of items that an argument asks for: from 1 to `max`.
pub fn size<T: Copy + Display + From<u8> + PartialOrd + TryFrom<i32>>(
    argument: &str,
    value: i32,
    max: T,
) -> Result<T, Error> {
    let size = T::try_from(value).ok().filter(|size| (T::from(1)..=max).contains(size));
    size.ok_or_else(|| Error::bad_input(format!("{argument}: must be from 1 to {max}")))
}

/// Converts a reference to an object of this type. The models check whether the object exists.
pub fn reference(id: MaybeUndefined<ID>, node_type: NodeType) -> MaybeUndefined<Uid> {
    id.map_value(|id| node_type.uid(&id))
}

/// Converts references to objects of this type.
pub fn references(ids: &[ID], node_type: NodeType) -> Vec<Uid> {
    ids.iter().map(|id| node_type.uid(id)).collect()
}
