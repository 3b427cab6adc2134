//! The object that the arguments of a field select.

use async_graphql::{Context, ID};

use super::{columns, context::ContextExt, error::Error, memory, node::RowNode};
use crate::{
    id::NodeType,
    models::{Lookup, Row},
};

/// The object that a field's arguments select.
pub struct Selector {
    /// The key to look it up by.
    pub lookup: Lookup,
    /// The name of the argument that was given.
    pub argument: &'static str,
}

impl Selector {
    /// Parses the arguments `id` and `externalId`. Exactly one must be given.
    pub fn new(
        id: Option<ID>,
        external_id: Option<String>,
        node_type: NodeType,
    ) -> Result<Self, Error> {
        match (id, external_id) {
            (Some(id), None) => Ok(Self { lookup: Lookup::Id(node_type.uid(&id)), argument: "id" }),
            (None, Some(text)) => {
                // Stored external ids are trimmed, too.
                let lookup = Lookup::ExternalId(text.trim().to_owned());
                Ok(Self { lookup, argument: "externalId" })
            }
            _ => Err(Error::bad_input("id, externalId: exactly one of them must be given")),
        }
    }
}

/// Loads the object for a lookup; `None` if it does not exist.
pub async fn find<N: RowNode>(ctx: &Context<'_>, lookup: Lookup) -> Result<Option<N>, Error> {
    let ((db, tenant), columns) = (ctx.source()?, columns::of_objects::<N>(ctx));
    let row = ctx
        .load(Box::pin(async move {
            let mut lease = db.read_rows(1).await?;
            let conn = &mut lease.conn();
            let row = N::Row::find_measured(conn, &tenant, &lookup, columns).await?;
            conn.meter().take_rows(row.iter().count())?;
            Ok(row)
        }))
        .await?;
    memory::take_own(ctx, &row)?;
    Ok(row.map(|row| N::from(row.shared())))
}
