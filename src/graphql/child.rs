//! Code shared by the queries and mutations of children (line items, addresses, …).

use std::sync::Arc;

use async_graphql::{Context, ID};

use super::{
    attributes::{ChangedAttributes, NewAttributes},
    columns,
    context::ContextExt,
    error::Error,
    input::references,
    loader::ChildrenOf,
    memory,
    node::RowNode,
    object::Objects,
    payload::{Outcome, outcome},
    query::Selector,
};
use crate::{
    db::{Measured, types::Uid},
    id::NodeType,
    models::{
        self, Code, Violation,
        child::{Child, ChildAttributes, ChildSort},
        list::Listed,
    },
};

/// A kind of child that is part of the API.
pub trait ChildNode: ChildAttributes {
    const NODE_TYPE: NodeType;
    const PARENT_TYPE: NodeType;
    /// The field of an input that names the parent.
    const PARENT_FIELD: &'static str;
}

/// Loads those of a parent's children for which `is_wanted` holds.
pub async fn list_where<A: ChildAttributes, Item: RowNode<Row = Child<A>>>(
    ctx: &Context<'_>,
    parent: Uid,
    is_wanted: impl Fn(&A) -> bool,
) -> Result<Objects<Item>, Error> {
    let columns = columns::of_objects::<Item>(ctx);
    let children = ctx.loader()?.load(ChildrenOf::<A>::new(parent), columns).await?;
    let wanted: Vec<&Measured<Child<A>>> =
        children.iter().flat_map(|it| it.iter()).filter(|it| is_wanted(&it.attributes)).collect();
    // Memory is counted before objects are made of them.
    memory::take_shared(ctx, wanted.iter().copied())?;
    Ok(Objects(wanted.into_iter().map(|it| Item::from(it.clone().shared())).collect()))
}

/// Creates a child of the parent that the input names, at the end or as the `idx`th.
pub async fn create<A: ChildNode>(
    ctx: &Context<'_>,
    parent: &ID,
    idx: Option<i32>,
    attributes: NewAttributes<A>,
) -> Result<Outcome<Child<A>>, Error> {
    let (writer, parent) = (ctx.writer()?, A::PARENT_TYPE.uid(parent));
    let attributes = attributes.patch.into_new();
    let mut lease = ctx.db()?.write().await?;
    created(Child::create(&mut lease.conn(), writer, parent, idx, attributes).await)
}

/// The outcome of creating a child; `None` means that its parent does not exist.
pub fn created<A: ChildNode>(
    result: Result<Option<Child<A>>, models::Error>,
) -> Result<Outcome<Child<A>>, Error> {
    let result = result.and_then(|child| child.ok_or_else(|| no_parent::<A>(A::PARENT_FIELD)));
    outcome(result.map(Some), A::NODE_TYPE, "id", Some("input"))
}

/// Updates a child and, with `idx`, moves it.
pub async fn update<A: ChildNode>(
    ctx: &Context<'_>,
    id: Option<ID>,
    external_id: Option<String>,
    idx: Option<i32>,
    changes: ChangedAttributes<A>,
) -> Result<Outcome<Child<A>>, Error> {
    let writer = ctx.writer()?;
    let selector = Selector::new(id, external_id, A::NODE_TYPE)?;
    let mut lease = ctx.db()?.write().await?;
    let (conn, lookup) = (&mut lease.conn(), &selector.lookup);
    let updated = Child::update(conn, writer, lookup, idx, &changes.patch).await;
    outcome(updated, A::NODE_TYPE, selector.argument, Some("input"))
}

/// Deletes a child; later ones close the gap.
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

/// Reorders the children of a parent. The new order names each of them once.
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

/// The outcome of reordering children; `None` means that their parent does not exist.
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

/// Sorts children into the requested order; by default they stay sorted by position.
pub fn sort<A: ChildAttributes>(children: &mut [Arc<Child<A>>], order: Option<(ChildSort, bool)>) {
    let Some((sort, is_descending)) = order else { return };
    children.sort_by_key(|child| (child.sort_key(sort), child.id));
    if is_descending {
        children.reverse();
    }
}

/// Defines the sort order of a kind of child: by creation, by last change and, if it has one, by an
/// amount.
macro_rules! child_order {
    (
        $Order:ident by $Field:ident: $nouns:literal
        $(, $(#[$amount_doc:meta])+ $Amount:ident)?
    ) => {
        $crate::graphql::order::order! {
            #[doc = concat!("Sort order for ", $nouns, ".")]
            $Order by $Field makes $crate::models::child::ChildSort
        }

        #[doc = concat!("Fields for sorting ", $nouns, ".")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
        pub enum $Field {
            /// Creation time.
            CreatedAt,
            /// Time of the last change.
            UpdatedAt,
            $($(#[$amount_doc])+ $Amount,)?
        }

        impl From<$Field> for $crate::models::child::ChildSort {
            fn from(field: $Field) -> Self {
                match field {
                    $Field::CreatedAt => Self::CreatedAt,
                    $Field::UpdatedAt => Self::UpdatedAt,
                    $($Field::$Amount => Self::Amount,)?
                }
            }
        }
    };
}
pub(in crate::graphql) use child_order;
