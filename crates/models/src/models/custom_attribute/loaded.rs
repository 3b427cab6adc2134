//! The values of objects, as responses show them.

use std::collections::HashMap;

use super::{Noun, Value, ValueType, definition, stored};
use crate::{
    auth::Tenant,
    db::{self, Conn, types::Uid},
};

/// An attribute of an object, which has at least one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomAttribute {
    pub key: String,
    pub value_type: ValueType,
    pub is_list: bool,
    pub values: Vec<Value>,
}

/// The attributes of objects, by key: all of them, or those with these keys. Two statements for any number of objects.
pub async fn of_objects(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    noun: Noun,
    objects: &[Uid],
    keys: Option<Vec<String>>,
) -> Result<HashMap<Uid, Vec<CustomAttribute>>, db::Error> {
    let has_keys = keys.is_some();
    let definitions = match keys {
        Some(keys) => definition::with_keys(conn, tenant, noun, keys).await?,
        None => definition::of_noun(conn, tenant, noun).await?,
    };
    let mut found: HashMap<Uid, Vec<CustomAttribute>> = HashMap::new();
    if definitions.is_empty() || objects.is_empty() {
        return Ok(found);
    }
    let wanted: Option<Vec<Uid>> = has_keys.then(|| definitions.iter().map(|it| it.id).collect());
    let mut values: HashMap<(Uid, Uid), Vec<Value>> = HashMap::new();
    let types: HashMap<Uid, ValueType> =
        definitions.iter().map(|it| (it.id, it.value_type)).collect();
    for row in stored::find(conn, tenant, noun, objects, wanted.as_deref()).await? {
        let value_type = types.get(&row.definition_id);
        if let Some(value) = value_type.and_then(|it| Value::read(*it, &row.value)) {
            values.entry((row.object_id, row.definition_id)).or_default().push(value);
        }
    }
    for object in objects {
        for definition in &definitions {
            let Some(values) = values.remove(&(*object, definition.id)) else { continue };
            found.entry(*object).or_default().push(CustomAttribute {
                key: definition.key.clone(),
                value_type: definition.value_type,
                is_list: definition.is_list,
                values,
            });
        }
    }
    Ok(found)
}
