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
    let (db, tenant) = ctx.source()?;
    ctx.load(async move {
        let mut lease = db.read().await?;
        Child::find(&mut lease.conn(), &tenant, &selector.lookup).await
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
    attributes: A,
) -> Result<Outcome<Child<A>>, Error> {
    let (writer, parent) = (ctx.writer()?, A::PARENT_TYPE.uid(parent));
    let mut lease = ctx.db()?.write().await?;
    created(Child::create(&mut lease.conn(), writer, parent, idx, attributes).await)
}

/// Sorts out what the creation of a child came to; `None` is for want of its parent.
pub fn created<A: ChildNode>(
    result: Result<Option<Child<A>>, models::Error>,
) -> Result<Outcome<Child<A>>, Error> {
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
    let updated = match change {
        Ok(change) => {
            let mut lease = ctx.db()?.write().await?;
            Child::update(&mut lease.conn(), writer, &selector.lookup, idx, change).await
        }
        Err(error) => Err(error),
    };
    outcome(updated, A::NODE_TYPE, selector.argument, Some("input"))
}

/// Deletes a child; those after it close the gap.
pub async fn delete<A: ChildNode>(
    ctx: &Context<'_>,
    id: Option<ID>,
    external_id: Option<String>,
) -> Result<Outcome<Uid>, Error> {
    let writer = ctx.writer()?;
    let selector = Selector::new(id, external_id, A::NODE_TYPE)?;
    let mut lease = ctx.db()?.write().await?;
    let deleted = Child::<A>::delete(&mut lease.conn(), writer, &selector.lookup).await;
    outcome(deleted, A::NODE_TYPE, selector.argument, None)
}

/// Puts the children of a parent into an order that names each of them once.
pub async fn reorder<A: ChildNode, Item: From<Child<A>>>(
    ctx: &Context<'_>,
    parent: &ID,
    ids: &[ID],
) -> Result<Outcome<Vec<Item>>, Error> {
    let (writer, parent) = (ctx.writer()?, A::PARENT_TYPE.uid(parent));
    let mut lease = ctx.db()?.write().await?;
    let ids = references(ids, A::NODE_TYPE);
    reordered(Child::<A>::reorder(&mut lease.conn(), writer, parent, &ids).await)
}

/// Sorts out what the reordering of children came to; `None` is for want of their parent.
pub fn reordered<A: ChildNode, Item: From<Child<A>>>(
    result: Result<Option<Vec<Child<A>>>, models::Error>,
) -> Result<Outcome<Vec<Item>>, Error> {
    let result = result.and_then(|list| list.ok_or_else(|| no_parent::<A>("parentId")));
    let (list, user_errors) = outcome(result.map(Some), A::NODE_TYPE, "id", None)?;
    Ok((list.map(|list| list.into_iter().map(Item::from).collect()), user_errors))
}

fn no_parent<A: ChildNode>(field: &str) -> models::Error {
    let message = format!("there is no {} with this id", A::PARENT_TYPE.noun());
    Violation::new(field, Code::NotFound, message).into()
}

/// Makes the queries of a kind of child, one by its id and the connection of all, and what the
/// latter is ordered by.
///
/// `queries! { Query: Attributes => Node; one: "the one", all: "several"; Order by OrderField,
/// Filter }`
macro_rules! queries {
    (
        $Query:ident: $Attributes:ty => $Node:ident;
        $one:ident: $noun:literal, $all:ident ($connection:literal): $nouns:literal;
        $Order:ident by $Field:ident, $Filter:ident
    ) => {
        $crate::graphql::order::order! {
            #[doc = concat!("An order of ", $nouns, ".")]
            $Order by $Field makes $crate::models::child::ChildSort
        }

        #[doc = concat!("What ", $nouns, " can be ordered by.")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
        #[graphql(remote = "crate::models::child::ChildSort")]
        pub enum $Field {
            /// When they were created.
            CreatedAt,
            /// When they were last changed.
            UpdatedAt,
        }

        #[derive(Default)]
        pub struct $Query;

        #[async_graphql::Object]
        impl $Query {
            #[doc = concat!(
                        "The ", $noun, " with this id. `null` if there is none. ",
                        "Exactly one argument must be given."
                    )]
            async fn $one(
                &self,
                ctx: &async_graphql::Context<'_>,
                #[graphql(desc = "The id that the server gave.")] id: Option<async_graphql::ID>,
                #[graphql(desc = "The id that the client chose.")] external_id: Option<String>,
            ) -> Option<Result<$Node, $crate::graphql::error::Error>> {
                let found = $crate::graphql::child::find::<$Attributes>(ctx, id, external_id).await;
                found.map(|it| it.map($Node::from)).transpose()
            }

            #[doc = concat!(
                        "All ", $nouns, ". Most recently created first, unless ordered otherwise."
                    )]
            #[expect(clippy::too_many_arguments, reason = "they are the field's arguments")]
            #[graphql(
                complexity = "crate::graphql::connection::cost(first, last, child_complexity)"
            )]
            async fn $all(
                &self,
                ctx: &async_graphql::Context<'_>,
                #[graphql(desc = "Number of items from the start, 1 to 100. Default: 20.")]
                first: Option<i32>,
                #[graphql(desc = "Only items after this cursor.")] after: Option<String>,
                #[graphql(desc = "Number of items from the end, 1 to 100.")] last: Option<i32>,
                #[graphql(desc = "Only items before this cursor.")] before: Option<String>,
                #[graphql(desc = "Number of items to skip, at most 100,000.")] offset: Option<i32>,
                #[graphql(desc = "The order. Default: most recently created first.")]
                order_by: Option<$Order>,
                #[graphql(desc = "Only items that match this filter.")] filter: Option<$Filter>,
            ) -> Result<
                $crate::graphql::connection::ConnectionOf<$Node>,
                $crate::graphql::error::Error,
            > {
                use $crate::graphql::connection::{PageArgs, connection};
                let args = PageArgs { first, after, last, before, offset };
                let order = order_by.unwrap_or_default().into();
                let filter = $Filter::tests(filter)?;
                connection::<$crate::models::child::Child<$Attributes>, _>(
                    ctx,
                    $connection,
                    None,
                    args,
                    order,
                    filter,
                )
                .await
            }
        }
    };
}
pub(in crate::graphql) use queries;
