//! Fields of objects that list objects of another type: connections, whose arguments are declared here once.

use async_graphql::{
    Context, InputType, OutputType, ServerResult, Value,
    registry::{MetaInputValue, Registry},
};
use futures_util::future::BoxFuture;

use super::meta::argument;
use crate::{
    graphql::{
        connection::{ConnectionOf, PageArgs, Parent, connection},
        error::Error,
        node::RowNode,
    },
    models::list::Listed,
};

/// A type of nodes that has lists.
pub trait ListedNode: RowNode<Row: Listed> {
    type Order: InputType + Default + Into<(<Self::Row as Listed>::Sort, bool)>;
    type Filter: InputType;

    /// The filter of the models that the client's filter stands for.
    fn tests(filter: Option<Box<Self::Filter>>) -> Result<<Self::Row as Listed>::Filter, Error>;
}

/// A field that lists the objects that belong to an object.
pub struct ConnectionField<R> {
    pub name: &'static str,
    /// The lines of its description.
    pub description: &'static [&'static str],
    /// Registers the field's type and the types of its arguments.
    pub register: fn(&mut Registry) -> (String, Vec<MetaInputValue>),
    pub resolve: for<'a> fn(&'a Context<'a>, &'a R) -> BoxFuture<'a, ServerResult<Value>>,
}

/// Registers the type of a connection and those of its arguments.
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
        argument::<Option<N::Order>>(
            registry,
            "orderBy",
            "Sort order. Default: most recently created first.",
        ),
        argument::<Option<N::Filter>>(registry, "filter", "Only items that match this filter."),
    ];
    (ConnectionOf::<N>::create_type_info(registry), arguments)
}

/// Loads and resolves one page of the objects that belong to a parent.
pub async fn resolve<N: ListedNode>(
    ctx: &Context<'_>,
    name: &'static str,
    parent: Parent<N::Row>,
) -> ServerResult<Value> {
    let connection =
        load::<N>(ctx, name, parent).await.map_err(|error| ctx.set_error_path(error))?;
    let selection = ctx.with_selection_set(&ctx.item.node.selection_set);
    OutputType::resolve(&connection, &selection, ctx.item).await
}

async fn load<N: ListedNode>(
    ctx: &Context<'_>,
    name: &'static str,
    parent: Parent<N::Row>,
) -> ServerResult<ConnectionOf<N>> {
    let args = PageArgs {
        first: value(ctx, "first")?,
        after: value(ctx, "after")?,
        last: value(ctx, "last")?,
        before: value(ctx, "before")?,
        offset: value(ctx, "offset")?,
    };
    let order: Option<N::Order> = value(ctx, "orderBy")?;
    let filter: Option<Box<N::Filter>> = value(ctx, "filter")?;
    let load = async {
        let (order, filter) = (order.unwrap_or_default().into(), N::tests(filter)?);
        connection(ctx, name, Some(parent), args, order, filter).await
    };
    let failed = |error| async_graphql::Error::from(error).into_server_error(ctx.item.pos);
    load.await.map_err(failed)
}

/// The value of an argument of the field.
pub fn value<T: InputType>(ctx: &Context<'_>, name: &str) -> ServerResult<T> {
    Ok(ctx.param_value(name, None)?.1)
}
