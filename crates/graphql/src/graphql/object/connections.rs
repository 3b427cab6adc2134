//! Connection fields of objects. The arguments of all connections are declared here.

use async_graphql::{
    Context, OutputType, ServerResult, Value,
    registry::{MetaInputValue, Registry},
};
use futures_util::future::BoxFuture;

use super::{meta::argument, returned, value};
use crate::graphql::{
    connection::{ConnectionOf, PageArgs, Parent, connection},
    custom_attribute,
    error::Error,
    filter::FilterInput,
    node::ListedNode,
    order::OrderInput,
};

/// A connection field: it lists the objects that belong to an object.
pub struct ConnectionField<R> {
    pub name: &'static str,
    /// The description, by line.
    pub description: &'static [&'static str],
    /// The name and the description of the Boolean argument that determines the relation to the row, if there is one.
    pub flag: Option<(&'static str, &'static str)>,
    /// Registers the field's type and the types of its arguments.
    pub register: fn(&mut Registry) -> (String, Vec<MetaInputValue>),
    pub resolve: for<'a> fn(&'a Context<'a>, &'a R) -> BoxFuture<'a, ServerResult<Value>>,
}

/// Registers the types of a connection and of its arguments.
pub fn register<N: ListedNode>(registry: &mut Registry) -> (String, Vec<MetaInputValue>) {
    let arguments = vec![
        argument::<Option<i32>>(
            registry,
            "first",
            "Number of items from the start, 1 to 100. Default: 20.",
        ),
        argument::<Option<String>>(registry, "after", "Only items after this cursor."),
        argument::<Option<i32>>(
            registry,
            "last",
            "Number of items from the end, 1 to 100. Not with `first`.",
        ),
        argument::<Option<String>>(registry, "before", "Only items before this cursor."),
        argument::<Option<i32>>(
            registry,
            "offset",
            "Number of items to skip, 0 to 100,000. Default: 0.",
        ),
        argument::<Option<OrderInput<N>>>(
            registry,
            "orderBy",
            "Sort order. Default: most recently created first.",
        ),
        argument::<Option<FilterInput<N>>>(
            registry,
            "filter",
            "Only items that match this filter.",
        ),
    ];
    (ConnectionOf::<N>::create_type_info(registry), arguments)
}

/// An argument that is `false` by default.
pub fn flag_argument(registry: &mut Registry, name: &str, description: &str) -> MetaInputValue {
    let flag = argument::<bool>(registry, name, description);
    MetaInputValue { default_value: Some("false".to_owned()), ..flag }
}

/// The value of such an argument. Validation has already rejected values that are not Booleans.
pub fn flag(ctx: &Context<'_>, name: &str) -> bool {
    ctx.param_value(name, Some(bool::default)).is_ok_and(|(_, flag)| flag)
}

/// Loads and resolves one page of all objects, or of those that belong to a parent.
pub async fn resolve<N: ListedNode>(
    ctx: &Context<'_>,
    name: &'static str,
    parent: Option<Parent<N::Row>>,
) -> ServerResult<Value> {
    returned(ctx, load::<N>(ctx, name, parent).await).await
}

async fn load<N: ListedNode>(
    ctx: &Context<'_>,
    name: &'static str,
    parent: Option<Parent<N::Row>>,
) -> Result<ConnectionOf<N>, Error> {
    let args = PageArgs {
        first: value(ctx, "first")?,
        after: value(ctx, "after")?,
        last: value(ctx, "last")?,
        before: value(ctx, "before")?,
        offset: value(ctx, "offset")?,
    };
    let order: Option<OrderInput<N>> = value(ctx, "orderBy")?;
    let (order, filter) = futures_util::try_join!(
        order.unwrap_or_default().looked_up(ctx),
        custom_attribute::looked_up::<N>(ctx, value(ctx, "filter")?),
    )?;
    connection(ctx, name, parent, args, order, filter).await
}
