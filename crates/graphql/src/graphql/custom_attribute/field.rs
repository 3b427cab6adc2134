//! The fields for the custom attributes of objects. They are resolved for all objects of a list at once.

use std::{iter::zip, sync::Arc};

use async_graphql::{
    Context, OutputType, ServerResult, Value,
    registry::{MetaInputValue, Registry},
};

use super::CustomAttribute;
use crate::{
    db::pick::ColumnSet,
    graphql::{
        context::ContextExt,
        error::Error,
        loader::AttributesOf,
        memory,
        object::{
            At, Items, argument, at,
            relations::{RelationField, all_failed, server_error},
            value,
        },
    },
    models::{
        custom_attribute,
        entity::{Entity, EntityAttributes},
    },
};

/// The field for one attribute, by its key.
pub const fn one<A: EntityAttributes>(name: &'static str) -> RelationField<Entity<A>> {
    RelationField {
        name,
        description: &[
            "Custom attribute with this key; `null` if the object has no value of it, or if there is no",
            "such attribute.",
        ],
        register: register_one,
        resolve: |ctx, rows| {
            Box::pin(async move {
                let key = value::<String>(ctx, "key").map(|key| Some(Arc::from(key)));
                resolve(ctx, rows, key, |found| found.into_iter().next()).await
            })
        },
    }
}

/// The field for all attributes.
pub const fn all<A: EntityAttributes>(name: &'static str) -> RelationField<Entity<A>> {
    RelationField {
        name,
        description: &["Custom attributes of which the object has a value, by key; at most 100."],
        register: |registry| {
            (<Items<CustomAttribute> as OutputType>::create_type_info(registry), Vec::new())
        },
        resolve: |ctx, rows| Box::pin(resolve(ctx, rows, Ok(None), Items)),
    }
}

fn register_one(registry: &mut Registry) -> (String, Vec<MetaInputValue>) {
    let key = argument::<String>(registry, "key", "Key of the attribute.");
    (<Option<CustomAttribute> as OutputType>::create_type_info(registry), vec![key])
}

/// Loads the attributes of all rows, or only the attribute with this key. `shown` converts the attributes of each row
/// to the field's value.
async fn resolve<A: EntityAttributes, T: OutputType>(
    ctx: &Context<'_>,
    rows: Vec<At<'_, Entity<A>>>,
    key: Result<Option<Arc<str>>, Error>,
    shown: fn(Vec<CustomAttribute>) -> T,
) -> Vec<ServerResult<Value>> {
    let load = async {
        let key = key?;
        let of_row = |row: &At<'_, Entity<A>>| AttributesOf {
            noun: A::NOUN,
            object: row.item.id,
            key: key.clone(),
        };
        let keys = rows.iter().map(of_row).collect();
        let loaded = ctx.loader()?.load_list(keys, ColumnSet::ID).await?;
        Ok::<_, Error>((loaded, key))
    };
    let (loaded, key) = match load.await {
        Ok(loaded) => loaded,
        Err(error) => return all_failed(ctx, &rows, &error),
    };
    let mut values = Vec::with_capacity(rows.len());
    for (row, found) in zip(&rows, loaded) {
        let taken = taken(ctx, found.as_deref(), key.as_deref());
        values.push(match taken {
            Ok(found) => {
                let selection = ctx.with_selection_set(&ctx.item.node.selection_set);
                shown(found).resolve(&at(&selection, row.path), ctx.item).await
            }
            Err(error) => Err(server_error(ctx, row.path, error)),
        });
    }
    values
}

/// Converts the loaded attributes and counts their memory.
fn taken(
    ctx: &Context<'_>,
    found: Option<&[custom_attribute::CustomAttribute]>,
    key: Option<&str>,
) -> Result<Vec<CustomAttribute>, Error> {
    let found = found.unwrap_or_default();
    let wanted = || found.iter().filter(|it| key.is_none_or(|key| it.key == key));
    let attributes: Vec<_> = wanted().map(CustomAttribute::from).collect();
    // The list type counts the memory of its items itself.
    if key.is_some() {
        memory::take_items(ctx, &attributes)?;
    }
    Ok(attributes)
}
