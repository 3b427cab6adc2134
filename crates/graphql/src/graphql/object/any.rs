//! Selections that the library executes. Its code for that is long, and is compiled for each type that it is called with:
//! as [`AnyObject`]s, objects of all types share it.

use std::borrow::Cow;

use async_graphql::{
    ContainerType, Context, ContextSelectionSet, OutputType, Positioned, ServerResult, Value,
    parser::types::Field, registry::Registry, resolver_utils::resolve_container,
};
use futures_util::{
    FutureExt,
    future::{BoxFuture, try_join_all},
};

use crate::graphql::error::Error;

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
    /// No type has this name. The library asks the object for that of its own.
    fn type_name() -> Cow<'static, str> {
        "".into()
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        self.name()
    }

    /// Only the types of the objects are registered.
    fn create_type_info(_registry: &mut Registry) -> String {
        String::new()
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        _field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        resolve_container(ctx, self).await
    }
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

/// The values of the objects of a list.
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
