//! The values that a selection needs of each object of a type.

use std::{iter::zip, marker::PhantomData};

use async_graphql::{
    ContainerType, ContextSelectionSet, Name, Positioned, QueryPathNode, QueryPathSegment,
    ServerResult, Value,
    indexmap::IndexMap,
    parser::types::{Field, Selection, SelectionSet},
};
use futures_util::{FutureExt, future::join_all};

use super::{PlainField, RowField, RowObject, at, relations::RelationField};
use crate::{
    graphql::{attributes::output, node::RowNode},
    models::attribute::{Attribute, HasAttributes},
};

/// An item (an object or its row) and the response path of the value that is resolved for it.
pub struct At<'a, T> {
    pub item: &'a T,
    pub path: QueryPathNode<'a>,
}

/// Resolves the objects of a list to values.
pub async fn values<T: RowNode>(
    ctx: &ContextSelectionSet<'_>,
    objects: &[At<'_, T>],
) -> Vec<ServerResult<Value>> {
    // Without objects, skip the analysis of the selection, which may be large.
    if objects.is_empty() {
        return Vec::new();
    }
    Plan::<T>::of(&ctx.item.node).values(ctx, objects).await
}

/// The fields of a selection, in order. `graphql::document` has merged those with the same response name.
pub struct Plan<'a, T: RowObject> {
    /// An object with `null` for each field. Cloning it does not hash the names again.
    template: IndexMap<Name, Value>,
    slots: Vec<Slot<'a, T>>,
    /// Whether all values are computed from the rows alone.
    is_plain: bool,
    object: PhantomData<fn() -> T>,
}

enum Slot<'a, T: RowObject> {
    TypeName,
    Plain(&'static PlainField<T::Row>),
    Attribute(&'static Attribute<<T::Row as HasAttributes>::Attributes>),
    Relation(&'static RelationField<T::Row>, &'a Positioned<Field>),
    /// A field with a resolver.
    Resolver(&'a Positioned<Field>),
}

impl<'a, T: RowNode> Plan<'a, T> {
    /// The plan of a selection.
    pub fn of(selection: &'a SelectionSet) -> Self {
        let mut plan = Self {
            template: IndexMap::with_capacity(selection.items.len()),
            slots: Vec::with_capacity(selection.items.len()),
            is_plain: true,
            object: PhantomData,
        };
        for selection in &selection.items {
            if let Selection::Field(field) = &selection.node {
                plan.add(field);
            }
        }
        plan
    }

    fn add(&mut self, field: &'a Positioned<Field>) {
        let name = field.node.name.node.as_str();
        let slot = match T::row_fields().get(name) {
            Some(RowField::Plain(plain)) => Slot::Plain(plain),
            Some(RowField::Attribute(attribute)) => Slot::Attribute(attribute),
            Some(RowField::Relation(relation)) => Slot::Relation(relation, field),
            None if name == "__typename" => Slot::TypeName,
            Some(RowField::Connection(_)) | None => Slot::Resolver(field),
        };
        self.is_plain &= !matches!(slot, Slot::Relation(..) | Slot::Resolver(_));
        self.template.insert(field.node.response_key().node.clone(), Value::Null);
        self.slots.push(slot);
    }

    /// The object's value with only the plain fields set.
    fn plain_value(&self, row: &T::Row) -> IndexMap<Name, Value> {
        let mut object = self.template.clone();
        for (value, slot) in object.values_mut().zip(&self.slots) {
            match slot {
                Slot::TypeName => *value = Value::String(T::NAME.to_owned()),
                Slot::Plain(field) => *value = (field.value)(row),
                Slot::Attribute(it) => *value = output((it.get)(row.attributes())),
                Slot::Relation(..) | Slot::Resolver(_) => {}
            }
        }
        object
    }

    /// The values of the objects. Fields that are not plain are resolved concurrently.
    pub async fn values(
        &self,
        ctx: &ContextSelectionSet<'_>,
        objects: &[At<'_, T>],
    ) -> Vec<ServerResult<Value>> {
        let plain = |it: &At<'_, T>| Ok(self.plain_value(it.item.as_ref()));
        let mut values: Vec<ServerResult<_>> = objects.iter().map(plain).collect();
        if !self.is_plain && !objects.is_empty() {
            let resolved = join_all(self.slots.iter().enumerate().filter_map(|(place, slot)| {
                let resolved = match slot {
                    Slot::TypeName | Slot::Plain(_) | Slot::Attribute(_) => return None,
                    Slot::Relation(relation, field) => {
                        related(ctx, relation, field, objects).boxed()
                    }
                    Slot::Resolver(field) => resolved(ctx, field, objects).boxed(),
                };
                Some(resolved.map(move |resolved| (place, resolved)))
            }));
            for (place, resolved) in resolved.await {
                for (object, value) in zip(&mut values, resolved) {
                    set(object, place, value);
                }
            }
        }
        values.into_iter().map(|object| object.map(Value::Object)).collect()
    }
}

/// Sets the value of a field. The object keeps the first error of its fields.
fn set(object: &mut ServerResult<IndexMap<Name, Value>>, place: usize, value: ServerResult<Value>) {
    let Ok(fields) = object else { return };
    match value {
        Ok(value) => {
            if let Some((_, field)) = fields.get_index_mut(place) {
                *field = value;
            }
        }
        Err(error) => *object = Err(error),
    }
}

/// The values of a relation field, for each of these objects.
async fn related<T: RowObject>(
    ctx: &ContextSelectionSet<'_>,
    relation: &RelationField<T::Row>,
    field: &Positioned<Field>,
    objects: &[At<'_, T>],
) -> Vec<ServerResult<Value>> {
    let segment = QueryPathSegment::Name(&field.node.response_key().node);
    let rows = objects.iter().map(|it| At {
        item: it.item.as_ref(),
        path: QueryPathNode { parent: Some(&it.path), segment },
    });
    (relation.resolve)(&ctx.with_field(field), rows.collect()).await
}

/// The values of a resolver field, for each of these objects.
async fn resolved<T: RowNode>(
    ctx: &ContextSelectionSet<'_>,
    field: &Positioned<Field>,
    objects: &[At<'_, T>],
) -> Vec<ServerResult<Value>> {
    // Boxed, because the future of a field has the size of the largest resolver of the type.
    join_all(objects.iter().map(|it| {
        let (item, ctx) = (it.item, at(ctx, it.path));
        async move {
            let value = ContainerType::resolve_field(item, &ctx.with_field(field)).await?;
            Ok(value.unwrap_or_default())
        }
        .boxed()
    }))
    .await
}
