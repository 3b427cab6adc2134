//! What the queries and mutations of children (line items, addresses, …) have in common.

use async_graphql::{Context, ID};

use super::{
    context::ContextExt,
    error::Error,
    input::references,
    loader::ChildrenOf,
    payload::{Outcome, outcome},
    query::Selector,
};
use crate::{
    db::types::Uid,
    id::NodeType,
    models::{
        self, Code, Violation,
        child::{Child, ChildAttributes},
    },
};

/// Most ids that one reordering takes.
const IDS_MAX: usize = 1_000;

/// A kind of child that clients know.
pub trait ChildNode: ChildAttributes {
    const NODE_TYPE: NodeType;
    const PARENT_TYPE: NodeType;
    /// The field of an input that names the parent.
    const PARENT_FIELD: &'static str;
}

/// The child with this id, or with this id of the client's choosing.
pub async fn find<A: ChildNode>(
    ctx: &Context<'_>,
    id: Option<ID>,
    external_id: Option<String>,
) -> Result<Option<Child<A>>, Error> {
    let selector = Selector::new(id, external_id, A::NODE_TYPE)?;
    let Some(lookup) = selector.lookup else { return Ok(None) };
    let (db, tenant) = ctx.source()?;
    ctx.load(async move {
        let mut lease = db.read().await?;
        Child::find(&mut lease.conn(), &tenant, &lookup).await
    })
    .await
}

/// The children of a parent, in order, as a nested field loads them.
pub async fn list<A: ChildAttributes, Item: From<Child<A>>>(
    ctx: &Context<'_>,
    parent: Uid,
) -> Result<Vec<Item>, Error> {
    list_where(ctx, parent, |_| true).await
}

/// Those of a parent's children that `is_wanted`.
pub async fn list_where<A: ChildAttributes, Item: From<Child<A>>>(
    ctx: &Context<'_>,
    parent: Uid,
    is_wanted: impl Fn(&A) -> bool,
) -> Result<Vec<Item>, Error> {
    let children = ctx.loader()?.load_one(ChildrenOf::<A>::new(parent)).await?;
    let wanted: Vec<&Child<A>> =
        children.iter().flat_map(|it| it.iter()).filter(|it| is_wanted(&it.attributes)).collect();
    // Counted before they are copied.
    ctx.loader()?.loader().count_rows(wanted.len())?;
    Ok(wanted.into_iter().cloned().map(Item::from).collect())
}

/// Creates a child of the parent that the input names, at the end or as the `idx`th.
pub async fn create<A: ChildNode>(
    ctx: &Context<'_>,
    parent: &ID,
    idx: Option<i32>,
    attributes: Result<A, models::Error>,
) -> Result<Outcome<Child<A>>, Error> {
    let writer = ctx.writer()?;
    let result = match (A::PARENT_TYPE.parse(parent), attributes) {
        (Some(parent), Ok(attributes)) => {
            let mut lease = ctx.db()?.write().await?;
            Child::create(&mut lease.conn(), writer, parent, idx, attributes).await
        }
        (None, _) => Ok(None),
        (_, Err(error)) => Err(error),
    };
    let result = result.and_then(|child| child.ok_or_else(|| no_parent::<A>(A::PARENT_FIELD)));
    outcome(result.map(Some), A::NODE_TYPE, "id", Some("input"))
}

/// Changes a child and, with `idx`, moves it there.
pub async fn update<A: ChildNode>(
    ctx: &Context<'_>,
    id: Option<ID>,
    external_id: Option<String>,
    idx: Option<i32>,
    change: Result<impl FnOnce(&mut A) + Send, models::Error>,
) -> Result<Outcome<Child<A>>, Error> {
    let writer = ctx.writer()?;
    let selector = Selector::new(id, external_id, A::NODE_TYPE)?;
    let result = match (selector.lookup, change) {
        (Some(lookup), Ok(change)) => {
            let mut lease = ctx.db()?.write().await?;
            Child::update(&mut lease.conn(), writer, &lookup, idx, change).await
        }
        (None, _) => Ok(None),
        (_, Err(error)) => Err(error),
    };
    outcome(result, A::NODE_TYPE, selector.argument, Some("input"))
}

/// Deletes a child; those after it close the gap.
pub async fn delete<A: ChildNode>(
    ctx: &Context<'_>,
    id: Option<ID>,
    external_id: Option<String>,
) -> Result<Outcome<Uid>, Error> {
    let writer = ctx.writer()?;
    let selector = Selector::new(id, external_id, A::NODE_TYPE)?;
    let result = match selector.lookup {
        Some(lookup) => {
            let mut lease = ctx.db()?.write().await?;
            Child::<A>::delete(&mut lease.conn(), writer, &lookup).await
        }
        None => Ok(None),
    };
    outcome(result, A::NODE_TYPE, selector.argument, None)
}

/// Puts the children of a parent into an order that names each of them once.
pub async fn reorder<A: ChildNode, Item: From<Child<A>>>(
    ctx: &Context<'_>,
    parent: Option<Uid>,
    ids: &[ID],
) -> Result<Outcome<Vec<Item>>, Error> {
    let writer = ctx.writer()?;
    let result = match (parent, check_ids::<A>(ids)) {
        (Some(parent), Ok(ids)) => {
            let mut lease = ctx.db()?.write().await?;
            Child::<A>::reorder(&mut lease.conn(), writer, parent, &ids).await
        }
        (None, _) => Ok(None),
        (_, Err(error)) => Err(error),
    };
    let result = result.and_then(|list| list.ok_or_else(|| no_parent::<A>("parentId")));
    let (list, user_errors) = outcome(result.map(Some), A::NODE_TYPE, "id", None)?;
    Ok((list.map(|list| list.into_iter().map(Item::from).collect()), user_errors))
}

fn check_ids<A: ChildNode>(ids: &[ID]) -> Result<Vec<Uid>, models::Error> {
    if ids.len() > IDS_MAX {
        let message = format!("at most {IDS_MAX} ids at once");
        return Err(Violation::new("ids", Code::TooMany, message).into());
    }
    references(ids, A::NODE_TYPE, "ids")
}

fn no_parent<A: ChildNode>(field: &str) -> models::Error {
    let message = format!("there is no {} with this id", A::PARENT_TYPE.noun());
    Violation::new(field, Code::NotFound, message).into()
}
