//! Objects that are created or changed together with the values of their custom attributes.

use super::{Assignment, Prepared};
use crate::{
    auth::Writer,
    db::Conn,
    models::{
        Error, Lookup,
        entity::{Entity, EntityAttributes},
        mutable::{Create, Created, Update},
    },
};

/// A new object, or the changes of one, with values of its custom attributes. Without any, there are no statements for
/// them.
pub struct WithAttributes<T> {
    pub object: T,
    pub attributes: Vec<Assignment>,
}

impl<T> From<T> for WithAttributes<T> {
    fn from(object: T) -> Self {
        Self { object, attributes: Vec::new() }
    }
}

impl<A: EntityAttributes, T: Create<Entity<A>>> Create<Entity<A>> for WithAttributes<T> {
    async fn create_in(
        self,
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
    ) -> Result<Created<Entity<A>>, Error> {
        let tenant = writer.tenant();
        let prepared = Prepared::new(tx, tenant, A::NOUN, &self.attributes).await;
        let prepared = violations_of(prepared)?;
        let created = self.object.create_in(tx, writer).await;
        let (prepared, created) = both(prepared, created)?;
        prepared.write_new(tx, tenant, created.row.id).await?;
        Ok(created)
    }

    async fn create(
        self,
        conn: &mut Conn<'_>,
        writer: Writer<'_>,
    ) -> Result<Created<Entity<A>>, Error> {
        if self.attributes.is_empty() {
            return self.object.create(conn, writer).await;
        }
        conn.transaction(async move |tx| self.create_in(tx, writer).await).await
    }
}

impl<A: EntityAttributes, T: Update<Entity<A>>> Update<Entity<A>> for WithAttributes<T> {
    async fn update(
        self,
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        lookup: &Lookup,
    ) -> Result<Option<Entity<A>>, Error> {
        let tenant = writer.tenant();
        let prepared = Prepared::new(tx, tenant, A::NOUN, &self.attributes).await;
        let prepared = violations_of(prepared)?;
        let updated = self.object.update(tx, writer, lookup).await;
        if matches!(updated, Ok(None)) {
            return Ok(None);
        }
        let (prepared, updated) = both(prepared, updated)?;
        let Some(mut entity) = updated else { return Ok(None) };
        if prepared.write(tx, tenant, entity.id).await? {
            entity.mark(tx, writer).await?;
        }
        Ok(Some(entity))
    }
}

/// The prepared values, or their violations, which are reported together with others. Any other error is passed on.
fn violations_of(prepared: Result<Prepared, Error>) -> Result<Result<Prepared, Error>, Error> {
    match prepared {
        Err(error @ Error::Database(_)) => Err(error),
        other => Ok(other),
    }
}

/// Both results, or the violations of both.
fn both<T>(
    prepared: Result<Prepared, Error>,
    object: Result<T, Error>,
) -> Result<(Prepared, T), Error> {
    match (prepared, object) {
        (Ok(prepared), Ok(object)) => Ok((prepared, object)),
        (Err(Error::Invalid(of_attributes)), Err(Error::Invalid(mut violations))) => {
            violations.extend(of_attributes);
            Err(Error::Invalid(violations))
        }
        (_, Err(error)) | (Err(error), _) => Err(error),
    }
}
