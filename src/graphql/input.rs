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

/// Reads the items of a list; what is wrong with one is said with its place.
pub fn all<T, U>(
    items: Vec<T>,
    field: &str,
    read: impl Fn(T) -> Result<U, models::Error>,
) -> Result<Vec<U>, models::Error> {
    let (mut read_items, mut violations) = (Vec::new(), Vec::new());
    for (position, item) in items.into_iter().enumerate() {
        match read(item) {
            Ok(item) => read_items.push(item),
            Err(models::Error::Invalid(found)) => {
                let path = || [field.to_owned(), position.to_string()];
                violations.extend(found.into_iter().map(|it| it.within(path())));
            }
            Err(error) => return Err(error),
        }
    }
    if violations.is_empty() { Ok(read_items) } else { Err(models::Error::Invalid(violations)) }
}
