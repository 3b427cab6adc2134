//! Creating, updating, deleting and reordering children.

use super::{Child, ChildAttributes, Children};
use crate::{
    auth::Writer,
    db::{Conn, types::Uid},
    models::{
        Error, Lookup, Row, Violation,
        attribute::Patch,
        entity::Entity,
        mutable::{Create, Created, Delete, Mutable, Update},
    },
};

/// A new child, at the end of its parent's list or at position `idx` (from 1).
pub struct NewChild<A> {
    pub parent: Uid,
    pub idx: Option<i32>,
    pub attributes: A,
}

/// The changes of a child, and the position `idx` (from 1) to which it moves, if any.
pub struct ChildChange<A> {
    pub idx: Option<i32>,
    pub patch: Patch<A>,
}

impl<A: ChildAttributes> Mutable for Child<A> {
    type New = A::New;
    type Change = A::Change;
    type Deletion<'a> = ();
}

impl<A: ChildAttributes> Create<Child<A>> for NewChild<A> {
    async fn create_in(
        self,
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
    ) -> Result<Created<Child<A>>, Error> {
        let children = Children::lock(tx, writer.tenant(), self.parent).await?;
        let mut children = children.ok_or_else(A::no_parent)?;
        let id = children.insert(writer, self.idx, self.attributes)?;
        Ok(children.save_with(tx, writer, id).await?.into())
    }
}

impl<A: ChildAttributes> Update<Child<A>> for ChildChange<A> {
    async fn update(
        self,
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        lookup: &Lookup,
    ) -> Result<Option<Child<A>>, Error> {
        self.patch.cleared().finish()?;
        let found = Children::lock_with(tx, writer.tenant(), lookup).await?;
        let Some((mut children, id)) = found else { return Ok(None) };
        children.change(writer, id, |attributes: &mut A| attributes.patch(&self.patch));
        if let Some(idx) = self.idx {
            children.move_to(id, idx)?;
        }
        children.save_with(tx, writer, id).await.map(Some)
    }
}

impl<A: ChildAttributes> Delete<Child<A>> for () {
    async fn delete(
        self,
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        lookup: &Lookup,
    ) -> Result<Option<Uid>, Error> {
        let found = Children::<A>::lock_with(tx, writer.tenant(), lookup).await?;
        let Some((mut children, id)) = found else { return Ok(None) };
        children.take(id);
        children.save(tx, writer).await?;
        Ok(Some(id))
    }
}

impl<A: ChildAttributes> Child<A> {
    /// Puts all children of a parent in this order, in a transaction that is in progress. The order names each of them
    /// once. A violation of the parent belongs to the argument `parentId`.
    pub async fn reorder(
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        parent: &Lookup,
        ids: &[Uid],
    ) -> Result<Vec<Self>, Error> {
        let tenant = writer.tenant();
        let missing = || Violation { field: vec!["parentId".to_owned()], ..A::no_parent() };
        let parent = match parent {
            Lookup::Id(id) => *id,
            Lookup::ExternalId(_) => {
                Entity::<A::Parent>::find(tx, tenant, parent).await?.ok_or_else(missing)?.id
            }
        };
        let mut children = Children::lock(tx, tenant, parent).await?.ok_or_else(missing)?;
        children.reorder(ids)?;
        children.save(tx, writer).await
    }
}
