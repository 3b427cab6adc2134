//! Creating, updating and deleting entities.

use super::{Entity, EntityAttributes};
use crate::{
    auth::{Tenant, Writer},
    db::{self, Conn, RunQueryDsl, on, types::Uid},
    models::{
        Error, Lookup, Row, Violation,
        attribute::Patch,
        mutable::{Create, Created, Delete, Update},
        row::deletion,
    },
};

impl<A: EntityAttributes> Create<Entity<A>> for A {
    async fn create_in(
        mut self,
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
    ) -> Result<Created<Entity<A>>, Error> {
        self.check()?;
        self.check_others(tx, writer.tenant(), None).await?;
        let entity = Entity::new(writer, self);
        entity.insert(tx, writer.tenant()).await?;
        Ok(entity.into())
    }
}

impl<A: EntityAttributes> Update<Entity<A>> for Patch<A> {
    async fn update(
        self,
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        lookup: &Lookup,
    ) -> Result<Option<Entity<A>>, Error> {
        let found = A::find_for_update(tx, writer.tenant(), lookup).await?;
        let Some(mut entity) = found else { return Ok(None) };
        entity.change(tx, writer, &self).await?;
        Ok(Some(entity))
    }
}

/// Deletes an entity on which no other objects depend, except for those that belong to it.
impl<A: EntityAttributes> Delete<Entity<A>> for () {
    async fn delete(
        self,
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        lookup: &Lookup,
    ) -> Result<Option<Uid>, Error> {
        let tenant = writer.tenant();
        let found = Entity::<A>::find(tx, tenant, lookup).await?;
        let Some(entity) = found else { return Ok(None) };
        // The deletion of an absorbed duplicate must not delete its survivor, even if that has taken over the
        // duplicate's external id.
        let names_duplicate = match lookup {
            _ if !entity.is_named_by(lookup) => true,
            Lookup::Id(_) => false,
            Lookup::ExternalId(_) => Entity::<A>::successor(tx, tenant, lookup).await?.is_some(),
        };
        if names_duplicate {
            return Err(Violation::merged("id", entity.id).into());
        }
        Ok(entity.delete(tx, tenant).await?)
    }
}

impl<A: EntityAttributes> Entity<A> {
    /// Deletes the row; returns its id, or `None` if it does not exist any more.
    pub(in crate::models) async fn delete(
        &self,
        tx: &mut Conn<'_>,
        tenant: &Tenant,
    ) -> Result<Option<Uid>, db::Error> {
        let delete = deletion::<Self>(tenant, &[self.id]);
        let deleted = on!(tx, |c| delete.execute(c).await)?;
        Ok((deleted > 0).then_some(self.id))
    }

    /// Changes a row that is locked, in a transaction that is in progress. If nothing changes, nothing is written.
    pub(in crate::models) async fn change(
        &mut self,
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        patch: &Patch<A>,
    ) -> Result<(), Error> {
        let stored = self.clone();
        self.attributes.patch(patch);
        self.attributes.check_change(&stored.attributes)?;
        if self.attributes == stored.attributes {
            return Ok(());
        }
        self.attributes.check_others(tx, writer.tenant(), Some(&stored)).await?;
        Ok(self.write(tx, writer, &stored.attributes).await?)
    }
}
