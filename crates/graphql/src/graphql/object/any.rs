//! Selections that async-graphql executes. Its code for that is large and is compiled for each type that it is called
//! with. As [`AnyObject`]s, objects of all types share one instance of it.

use std::borrow::Cow;

use async_graphql::{
    ContainerType, Context, ContextSelectionSet, OutputType, ServerResult, Value,
    registry::Registry, resolver_utils::resolve_container,
};
use futures_util::{
    FutureExt,
    future::{BoxFuture, try_join_all},
};

use crate::graphql::error::Error;

/// Implements [`OutputType::resolve`] for an object by its [`ContainerType::resolve_field`].
macro_rules! resolve_fields {
    () => {
        async fn resolve(
            &self,
            ctx: &async_graphql::ContextSelectionSet<'_>,
            _field: &async_graphql::Positioned<async_graphql::parser::types::Field>,
        ) -> async_graphql::ServerResult<async_graphql::Value> {
            async_graphql::resolver_utils::resolve_container(ctx, self).await
        }
    };
}
pub(in crate::graphql) use resolve_fields;

/// An object of any type.
pub trait AnyObject: Send + Sync {
    fn name(&self) -> Cow<'static, str>;

    /// The value of a field; `None` if there is no such field.
    fn field<'a>(&'a self, ctx: &'a Context<'_>) -> BoxFuture<'a, ServerResult<Option<Value>>>;
}

impl<T: ContainerType> AnyObject for T {
    fn name(&self) -> Cow<'static, str> {
        self.introspection_type_name()
    }

    fn field<'a>(&'a self, ctx: &'a Context<'_>) -> BoxFuture<'a, ServerResult<Option<Value>>> {
        self.resolve_field(ctx).boxed()
    }
}

impl OutputType for dyn AnyObject + '_ {
    /// Not a type of the schema. async-graphql uses the name that `introspection_type_name` returns
    /// for the object.
    fn type_name() -> Cow<'static, str> {
        "".into()
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        self.name()
    }

    /// Registers nothing: the schema contains the types of the objects instead.
    fn create_type_info(_registry: &mut Registry) -> String {
        String::new()
    }

    resolve_fields!();
}

impl ContainerType for dyn AnyObject + '_ {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        self.field(ctx).await
    }
}

/// The value of a field that returns an object.
pub async fn returned<T: ContainerType>(
    ctx: &Context<'_>,
    object: Result<T, Error>,
) -> ServerResult<Value> {
    match object {
        Ok(object) => executed(ctx, &object).await,
        Err(error) => {
            let error = async_graphql::Error::from(error).into_server_error(ctx.item.pos);
            Err(ctx.set_error_path(error))
        }
    }
}

async fn executed(ctx: &Context<'_>, object: &dyn AnyObject) -> ServerResult<Value> {
    resolve_container(&ctx.with_selection_set(&ctx.item.node.selection_set), object).await
}

/// Resolves the objects of a list to values.
pub async fn all_executed(
    ctx: &ContextSelectionSet<'_>,
    objects: Vec<&dyn AnyObject>,
) -> ServerResult<Value> {
    let executed = objects.into_iter().enumerate().map(|(place, object)| {
        let ctx = ctx.with_index(place);
        async move {
            let value = resolve_container(&ctx, object).await;
            value.map_err(|error| ctx.set_error_path(error))
        }
    });
    Ok(Value::List(try_join_all(executed).await?))
}
