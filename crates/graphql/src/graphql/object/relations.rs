//! Relation fields: references to an object by its id, and lists of a row's children.
//!
//! They are resolved for all objects of a list at once. A field then costs one load and one future per list, instead of
//! one per row as an ordinary resolver.

use std::iter::zip;

use async_graphql::{
    Context, OutputType, QueryPathNode, QueryPathSegment, ServerError, ServerResult, Value,
    registry::{MetaInputValue, Registry},
};
use futures_util::future::BoxFuture;

use super::{
    Objects, at,
    meta::argument,
    plan::{At, values},
    value,
};
use crate::{
    db::{pick::ColumnSet, types::Uid},
    graphql::{
        columns,
        context::ContextExt,
        error::Error,
        loader::{ById, ChildrenOf},
        memory,
        node::{ListedNode, RowNode},
        order::OrderInput,
    },
    models::{
        Row,
        child::{Child, ChildAttributes, sort},
        list::{Listed, Sort},
    },
};

/// A field that returns one or several related objects.
pub struct RelationField<R> {
    pub name: &'static str,
    /// The description, by line.
    pub description: &'static [&'static str],
    /// Registers the field's type and the types of its arguments.
    pub register: fn(&mut Registry) -> (String, Vec<MetaInputValue>),
    pub resolve: Resolve<R>,
}

/// Resolves a field of each of these rows, at these paths. The context is that of the field; its own path is ignored.
pub type Resolve<R> =
    for<'a> fn(&'a Context<'a>, Vec<At<'a, R>>) -> BoxFuture<'a, Vec<ServerResult<Value>>>;

/// Registers the type of a field that returns an object or `null`.
pub fn register_one<N: RowNode>(registry: &mut Registry) -> (String, Vec<MetaInputValue>) {
    (<Option<N> as OutputType>::create_type_info(registry), Vec::new())
}

/// Registers the type of a field that returns a list.
pub fn register_children<N: RowNode>(registry: &mut Registry) -> (String, Vec<MetaInputValue>) {
    (Objects::<N>::create_type_info(registry), Vec::new())
}

/// Like [`register_children`], for a list that clients can sort.
pub fn register_sortable<N: ListedNode>(registry: &mut Registry) -> (String, Vec<MetaInputValue>) {
    let order = "Sort order. Default: by `idx`, ascending.";
    let order = argument::<Option<OrderInput<N>>>(registry, "orderBy", order);
    (Objects::<N>::create_type_info(registry), vec![order])
}

/// Resolves a field that returns the object with the id that a row refers to, or `null`.
pub async fn one<N: RowNode, R>(
    ctx: &Context<'_>,
    rows: Vec<At<'_, R>>,
    reference: impl Fn(&R) -> Option<Uid>,
) -> Vec<ServerResult<Value>> {
    let mut resolved: Vec<ServerResult<Value>> = rows.iter().map(|_| Ok(Value::Null)).collect();
    let rows = rows.into_iter().enumerate();
    let wanted: Vec<(usize, At<'_, R>, Uid)> =
        rows.filter_map(|(place, row)| reference(row.item).map(|uid| (place, row, uid))).collect();
    let load = async {
        let keys = wanted.iter().map(|(.., uid)| ById::<N::Row>::new(*uid)).collect();
        ctx.loader()?.load_list(keys, columns::of_objects::<N>(ctx)).await
    };
    // A field that failed is `null`, and its error is added to the response.
    let failed = |path, error| ctx.add_error(server_error(ctx, path, error));
    let mut found = Vec::with_capacity(wanted.len());
    match load.await {
        Ok(loaded) => {
            for ((place, row, _), target) in zip(&wanted, loaded) {
                let Some(target) = target else { continue };
                match memory::take_shared(ctx, [&target]) {
                    Ok(()) => found.push((*place, row.path, N::from(target.shared()))),
                    Err(error) => failed(row.path, error),
                }
            }
        }
        Err(error) => wanted.iter().for_each(|(_, row, _)| failed(row.path, error.clone())),
    }
    let objects: Vec<At<'_, N>> =
        found.iter().map(|(_, path, item)| At { item, path: *path }).collect();
    let selection = ctx.with_selection_set(&ctx.item.node.selection_set);
    for ((place, ..), value) in zip(&found, values(&selection, &objects).await) {
        match (value, resolved.get_mut(*place)) {
            (Ok(value), Some(field)) => *field = Ok(value),
            (Err(error), _) => ctx.add_error(error),
            (Ok(_), None) => {}
        }
    }
    resolved
}

/// Resolves a field that lists the children of a row by position.
pub async fn children<N, R, A>(ctx: &Context<'_>, rows: Vec<At<'_, R>>) -> Vec<ServerResult<Value>>
where
    N: RowNode<Row = Child<A>>,
    R: Row,
    A: ChildAttributes,
{
    ordered::<N, R, A>(ctx, &rows, None).await
}

/// Resolves a field that lists the children of a row in the order of its argument `orderBy`.
pub async fn sortable<N, R, A>(ctx: &Context<'_>, rows: Vec<At<'_, R>>) -> Vec<ServerResult<Value>>
where
    N: ListedNode<Row = Child<A>>,
    R: Row,
    A: ChildAttributes,
{
    let order = async {
        let order = value::<Option<OrderInput<N>>>(ctx, "orderBy")?;
        let Some(order) = order else { return Ok(None) };
        order.looked_up(ctx).await.map(Some)
    };
    match order.await {
        Ok(order) => ordered::<N, R, A>(ctx, &rows, order).await,
        Err(error) => all_failed(ctx, &rows, &error),
    }
}

/// Resolves a field that lists the children of a row, in this order.
async fn ordered<N, R, A>(
    ctx: &Context<'_>,
    rows: &[At<'_, R>],
    order: Option<(Sort, bool)>,
) -> Vec<ServerResult<Value>>
where
    N: RowNode<Row = Child<A>>,
    R: Row,
    A: ChildAttributes,
{
    let load = async {
        let source = order.map(|(sort, _)| Child::<A>::sort_source(sort));
        let columns = source.into_iter().fold(columns::of_objects::<N>(ctx), ColumnSet::union);
        let keys = rows.iter().map(|row| ChildrenOf::<A>::new(row.item.uid())).collect();
        ctx.loader()?.load_list(keys, columns).await
    };
    let loaded = match load.await {
        Ok(loaded) => loaded,
        Err(error) => return all_failed(ctx, rows, &error),
    };
    let mut lengths = Vec::with_capacity(rows.len());
    let mut objects: Vec<N> = Vec::new();
    let mut paths = Vec::new();
    for (row, children) in zip(rows, loaded) {
        let children = children.unwrap_or_default();
        // Memory is counted before objects are made of them.
        if let Err(error) = memory::take_shared(ctx, children.iter()) {
            lengths.push(Err(server_error(ctx, row.path, error)));
            continue;
        }
        lengths.push(Ok(children.len()));
        let mut children: Vec<_> = children.iter().map(|child| child.clone().shared()).collect();
        sort(&mut children, order);
        let path = |place| QueryPathNode {
            parent: Some(&row.path),
            segment: QueryPathSegment::Index(place),
        };
        paths.extend((0..children.len()).map(path));
        objects.extend(children.into_iter().map(N::from));
    }
    let objects: Vec<At<'_, N>> =
        zip(&objects, paths).map(|(item, path)| At { item, path }).collect();
    let selection = ctx.with_selection_set(&ctx.item.node.selection_set);
    let mut values = values(&selection, &objects).await.into_iter();
    let mut list = |(row, length): (&At<'_, R>, ServerResult<usize>)| {
        let items: ServerResult<Vec<Value>> = values.by_ref().take(length?).collect();
        items.map(Value::List).map_err(|error| at(ctx, row.path).set_error_path(error))
    };
    zip(rows, lengths).map(&mut list).collect()
}

/// The same error for the field of each row.
pub fn all_failed<R>(
    ctx: &Context<'_>,
    rows: &[At<'_, R>],
    error: &Error,
) -> Vec<ServerResult<Value>> {
    rows.iter().map(|row| Err(server_error(ctx, row.path, error.clone()))).collect()
}

/// Converts an error to that of the field at this path.
pub fn server_error(ctx: &Context<'_>, path: QueryPathNode<'_>, error: Error) -> ServerError {
    let error = async_graphql::Error::from(error).into_server_error(ctx.item.pos);
    at(ctx, path).set_error_path(error)
}
