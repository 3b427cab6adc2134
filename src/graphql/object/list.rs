//! Lists of objects, whose selection is looked at once and not for each object.

use std::borrow::Cow;

use async_graphql::{
    ContextSelectionSet, OutputType, Positioned, ServerResult, Value, parser::types::Field,
    registry::Registry, resolver_utils::resolve_list,
};
use futures_util::future::try_join_all;

use super::{edges::EdgePlan, plan::Plan};
use crate::graphql::{connection::EdgeOf, node::RowNode};

/// A list of objects.
pub struct Objects<T>(pub Vec<T>);

/// The objects of the edges of a connection.
pub struct Nodes<'e, T: OutputType>(pub &'e [EdgeOf<T>]);

/// The edges of a connection.
pub struct Edges<'e, T: OutputType>(pub &'e [EdgeOf<T>]);

/// Implements the type of a list, whose items have another one.
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
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        objects(ctx, field, self.0.iter()).await
    }
}

impl<T: RowNode> OutputType for Nodes<'_, T> {
    list_type!(T);

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        objects(ctx, field, self.0.iter().map(|edge| &edge.node)).await
    }
}

impl<T: RowNode> OutputType for Edges<'_, T> {
    list_type!(EdgeOf<T>);

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        match EdgePlan::<T>::of(ctx) {
            Some(plan) => plan.list(ctx, self.0).await,
            None => resolve_list(ctx, field, self.0, Some(self.0.len())).await,
        }
    }
}

async fn objects<'o, T: RowNode + 'o>(
    ctx: &ContextSelectionSet<'_>,
    field: &Positioned<Field>,
    objects: impl ExactSizeIterator<Item = &'o T>,
) -> ServerResult<Value> {
    match Plan::<T>::of(ctx) {
        None => {
            let length = objects.len();
            resolve_list(ctx, field, objects, Some(length)).await
        }
        Some(plan) if plan.is_plain() => {
            let value = |object: &T| Value::Object(plan.plain_value(object.as_ref()));
            Ok(Value::List(objects.map(value).collect()))
        }
        Some(plan) => {
            let values = objects.enumerate().map(async |(place, object)| {
                let ctx = ctx.with_index(place);
                plan.value(&ctx, object).await.map_err(|error| ctx.set_error_path(error))
            });
            Ok(Value::List(try_join_all(values).await?))
        }
    }
}
