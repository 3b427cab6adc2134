//! Which values a selection wants of each object of a type.

use std::marker::PhantomData;

use async_graphql::{
    ContainerType, ContextSelectionSet, Name, Positioned, ServerError, ServerResult, Value,
    indexmap::{IndexMap, map::Entry},
    parser::types::{Field, Selection, SelectionSet},
};
use futures_util::{FutureExt, future::try_join_all};

use super::{PlainField, RowObject, plain};
use crate::graphql::node::RowNode;

/// The fields of a selection, in order. Skipped ones are gone: the library removes them before it executes a
/// request.
pub struct Plan<'a, T: RowObject> {
    /// An object with `null` for each field. A copy of it needs no hashing.
    template: IndexMap<Name, Value>,
    slots: Vec<Slot<'a, T>>,
    has_resolvers: bool,
    object: PhantomData<fn() -> T>,
}

enum Slot<'a, T: RowObject> {
    TypeName,
    Plain(&'static PlainField<T::Row>),
    /// A field with a resolver of its own.
    Resolver(&'a Positioned<Field>),
}

impl<'a, T: RowNode> Plan<'a, T> {
    /// The plan of a selection; `None` for one that the library must execute, because a field with a resolver is
    /// selected twice under one name, and the results must be merged.
    pub fn of(ctx: &ContextSelectionSet<'a>) -> Option<Self> {
        Self::of_selection(ctx, &ctx.item.node)
    }

    /// As [`Plan::of`], for a selection within that of the context.
    pub fn of_selection(
        ctx: &ContextSelectionSet<'a>,
        selection: &'a SelectionSet,
    ) -> Option<Self> {
        let mut plan = Self {
            template: IndexMap::with_capacity(selection.items.len()),
            slots: Vec::with_capacity(selection.items.len()),
            has_resolvers: false,
            object: PhantomData,
        };
        plan.add_all(ctx, selection)?;
        Some(plan)
    }

    /// Whether the values need no resolvers.
    pub fn is_plain(&self) -> bool {
        !self.has_resolvers
    }

    fn add_all(
        &mut self,
        ctx: &ContextSelectionSet<'a>,
        selection: &'a SelectionSet,
    ) -> Option<()> {
        for selection in &selection.items {
            let (condition, within) = match &selection.node {
                Selection::Field(field) => {
                    self.add(field)?;
                    continue;
                }
                Selection::FragmentSpread(spread) => {
                    let fragment = ctx.query_env.fragments.get(&spread.node.fragment_name.node)?;
                    (Some(&fragment.node.type_condition), &fragment.node.selection_set)
                }
                Selection::InlineFragment(fragment) => {
                    (fragment.node.type_condition.as_ref(), &fragment.node.selection_set)
                }
            };
            if condition.is_none_or(|it| is_of::<T>(ctx, &it.node.on.node)) {
                self.add_all(ctx, &within.node)?;
            }
        }
        Some(())
    }

    fn add(&mut self, field: &'a Positioned<Field>) -> Option<()> {
        let name = field.node.name.node.as_str();
        let slot = match plain::<T>(name) {
            Some(plain) => Slot::Plain(plain),
            None if name == "__typename" => Slot::TypeName,
            None => Slot::Resolver(field),
        };
        match self.template.entry(field.node.response_key().node.clone()) {
            // One that is selected twice is one field: validation has compared them.
            Entry::Occupied(_) if !matches!(slot, Slot::Resolver(_)) => {}
            Entry::Occupied(_) => return None,
            Entry::Vacant(place) => {
                place.insert(Value::Null);
                self.has_resolvers |= matches!(slot, Slot::Resolver(_));
                self.slots.push(slot);
            }
        }
        Some(())
    }

    /// The object without the fields that have resolvers.
    pub fn plain_value(&self, row: &T::Row) -> IndexMap<Name, Value> {
        let mut object = self.template.clone();
        for (value, slot) in object.values_mut().zip(&self.slots) {
            match slot {
                Slot::TypeName => *value = Value::String(T::NAME.to_owned()),
                Slot::Plain(field) => *value = (field.value)(row),
                Slot::Resolver(_) => {}
            }
        }
        object
    }

    /// The object. Its resolvers run concurrently.
    pub async fn value(&self, ctx: &ContextSelectionSet<'_>, object: &T) -> ServerResult<Value> {
        let mut fields = self.plain_value(object.as_ref());
        if self.has_resolvers {
            let resolvers = self.slots.iter().enumerate().filter_map(|(place, slot)| match slot {
                Slot::Resolver(field) => Some((place, *field)),
                Slot::TypeName | Slot::Plain(_) => None,
            });
            // Boxed, because the future of a field has the size of the largest resolver of the type.
            let resolved = try_join_all(resolvers.map(|(place, field)| {
                async move {
                    let ctx = ctx.with_field(field);
                    let value = ContainerType::resolve_field(object, &ctx).await?;
                    Ok::<_, ServerError>((place, value.unwrap_or_default()))
                }
                .boxed()
            }));
            for (place, resolved) in resolved.await? {
                if let Some((_, value)) = fields.get_index_mut(place) {
                    *value = resolved;
                }
            }
        }
        Ok(Value::Object(fields))
    }
}

/// Whether objects of the type satisfy the type condition of a fragment.
fn is_of<T: RowObject>(ctx: &ContextSelectionSet<'_>, condition: &Name) -> bool {
    let interfaces = ctx.schema_env.registry.implements.get(T::NAME);
    condition == T::NAME || interfaces.is_some_and(|it| it.contains(condition.as_str()))
}
