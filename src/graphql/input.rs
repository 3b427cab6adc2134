//! Reading what mutations are given: absent means unchanged, `null` means cleared.

use async_graphql::{ID, MaybeUndefined};

use crate::{
    db::types::Uid,
    id::NodeType,
    models::{self, Code, Violation},
};

/// Sets what cannot be `null`; clearing it gives the default (and the models refuse an empty name).
pub fn set<T: Default>(target: &mut T, value: MaybeUndefined<T>) {
    if !value.is_undefined() {
        *target = value.take().unwrap_or_default();
    }
}

/// Reads a reference to an object of that type.
pub fn reference(
    id: MaybeUndefined<ID>,
    node_type: NodeType,
    field: &str,
) -> Result<MaybeUndefined<Uid>, models::Error> {
    match id {
        MaybeUndefined::Undefined => Ok(MaybeUndefined::Undefined),
        MaybeUndefined::Null => Ok(MaybeUndefined::Null),
        MaybeUndefined::Value(id) => match node_type.parse(&id) {
            Some(uid) => Ok(MaybeUndefined::Value(uid)),
            None => {
                let message = format!("there is no {} with this id", node_type.noun());
                Err(Violation::new(field, Code::NotFound, message).into())
            }
        },
    }
}

/// Reads references to objects of that type.
pub fn references(ids: &[ID], node_type: NodeType, field: &str) -> Result<Vec<Uid>, models::Error> {
    let (mut uids, mut violations) = (Vec::new(), Vec::new());
    for (position, id) in ids.iter().enumerate() {
        match node_type.parse(id) {
            Some(uid) => uids.push(uid),
            None => {
                let message = format!("there is no {} with this id", node_type.noun());
                violations.push(Violation::at(field, position, Code::NotFound, message));
            }
        }
    }
    if violations.is_empty() { Ok(uids) } else { Err(models::Error::Invalid(violations)) }
}
