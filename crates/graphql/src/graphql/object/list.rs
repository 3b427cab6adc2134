//! Lists of objects, whose selection is analyzed once per list instead of once per object.

use std::{borrow::Cow, iter::zip};

use async_graphql::{
    ContextSelectionSet, OutputType, Positioned, QueryPathNode, QueryPathSegment, ServerResult,
    Value, parser::types::Field, registry::Registry,
};

use super::{
    any::{AnyObject, all_executed},
    at,
    edges::EdgePlan,
    plan::{At, values},
};
use crate::graphql::{
    connection::EdgeOf,
    memory::{Item, take_items},
    node::RowNode,
};

/// A list of objects.
pub struct Objects<T>(pub Vec<T>);

/// A list of objects that are not rows. With `Vec`, async-graphql's code for lists would be compiled for each type.
pub struct Items<T>(pub Vec<T>);

impl<T> FromIterator<T> for Items<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self(items.into_iter().collect())
    }
}

/// The objects of the edges of a connection.
pub struct Nodes<'e, T: OutputType>(pub &'e [EdgeOf<T>]);

/// The edges of a connection.
pub struct Edges<'e, T: OutputType>(pub &'e [EdgeOf<T>]);

/// Implements the GraphQL type of a list of items.
macro_rules! list_type {
    ($Item:ty) => {
        fn type_name() -> Cow<'static, str> {
            format!("[{}]", <$Item as OutputType>::qualified_type_name()).into()
        }

        fn create_type_info(registry: &mut Registry) -> String {
            <$Item as OutputType>::create_type_info(registry);
            Self::qualified_type_name()
        }
    };
}

impl<T: RowNode> OutputType for Objects<T> {
    list_type!(T);

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        _field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        objects(ctx, self.0.iter()).await
    }
}

impl<T: Item> OutputType for Items<T> {
    list_type!(T);

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        let of_field = ctx.with_field(field);
        take_items(&of_field, &self.0).map_err(|error| {
            of_field.set_error_path(async_graphql::Error::from(error).into_server_error(field.pos))
        })?;
        all_executed(ctx, self.0.iter().map(|item| -> &dyn AnyObject { item }).collect()).await
    }
}

impl<T: RowNode> OutputType for Nodes<'_, T> {
    list_type!(T);

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        _field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        objects(ctx, self.0.iter().map(|edge| &edge.node)).await
    }
}

impl<T: RowNode> OutputType for Edges<'_, T> {
    list_type!(EdgeOf<T>);

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        _field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        match EdgePlan::<T>::of(&ctx.item.node) {
            Some(plan) => plan.list(ctx, self.0).await,
            None => {
                let edges = self.0.iter().map(|edge| -> &dyn AnyObject { edge });
                all_executed(ctx, edges.collect()).await
            }
        }
    }
}

async fn objects<'o, T: RowNode + 'o>(
    ctx: &ContextSelectionSet<'_>,
    objects: impl Iterator<Item = &'o T>,
) -> ServerResult<Value> {
    let of_list = |(place, item)| At {
        item,
        path: QueryPathNode {
            parent: ctx.path_node.as_ref(),
            segment: QueryPathSegment::Index(place),
        },
    };
    let objects: Vec<At<'_, T>> = objects.enumerate().map(of_list).collect();
    let values = zip(&objects, values(ctx, &objects).await);
    let values = values
        .map(|(object, value)| value.map_err(|error| at(ctx, object.path).set_error_path(error)));
    Ok(Value::List(values.collect::<ServerResult<_>>()?))
}
