//! Export of a tenant's data: NDJSON with one row per line, which `clientele import` reads, and
//! customers also as CSV.
//!
//! All rows are read page by page in one transaction with a consistent snapshot. Memory does not
//! grow with the number of rows, and the number of statements per page is constant.

mod attributes;
mod customers;
mod lines;

use std::io::{self, Write};

use self::{
    attributes::Attributes,
    lines::{Line, list},
};
use crate::{
    auth::Tenant,
    db::{self, Conn, Db, Measured, pick::ColumnSet, types::Uid},
    id::NodeType,
    models::{
        child::{Child, ChildAttributes},
        custom_attribute::Noun,
        customer_group::{MAX_DEPTH, page_of_level},
        entity::{Entity, EntityAttributes},
        loyalty_program::LoyaltyProgramAttributes,
        loyalty_program_collection::LoyaltyProgramCollectionAttributes,
        pos_customer_group::PosCustomerGroupAttributes,
    },
    transfer::{Format, RowKind, Selection},
};

/// Number of rows per page. They are read together with the objects that belong to them.
const PAGE: i64 = 500;

/// The reason why an export failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Database(#[from] db::Error),
    #[error("cannot write")]
    Write(#[from] io::Error),
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Writes all selected rows; returns the number of rows of each kind.
pub async fn run(
    db: &Db,
    tenant: &Tenant,
    selection: Selection,
    format: Format,
    out: &mut (impl Write + Send),
) -> Result<Vec<(RowKind, u64)>, Error> {
    let mut lease = db.read().await?;
    lease
        .conn()
        .snapshot(async |conn| {
            let mut counts = Vec::new();
            for kind in selection.kinds() {
                let count = match kind {
                    RowKind::AttributeDefinition => {
                        attributes::definitions(conn, tenant, out).await?
                    }
                    RowKind::CustomerGroup => groups(conn, tenant, out).await?,
                    RowKind::LoyaltyProgram => {
                        type Tier = LoyaltyProgramCollectionAttributes;
                        parents::<Tier>(conn, tenant, kind, group_of, out).await?
                    }
                    RowKind::Customer => customers::write(conn, tenant, format, out).await?,
                    RowKind::PosProfile => {
                        type Link = PosCustomerGroupAttributes;
                        parents::<Link>(conn, tenant, kind, |_, _| {}, out).await?
                    }
                };
                counts.push((kind, count));
            }
            Ok(counts)
        })
        .await
}

/// Writes the groups level by level, so that each group follows its parent.
async fn groups(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    out: &mut (impl Write + Send),
) -> Result<u64, Error> {
    let mut count = 0;
    for level in 1..=MAX_DEPTH {
        let (mut after, before) = (Uid::NOTHING, count);
        loop {
            let page = page_of_level(conn, tenant, level, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.id;
            let ids: Vec<Uid> = page.iter().map(|it| it.id).collect();
            let mut attributes = Attributes::load(conn, tenant, Noun::CustomerGroup, &ids).await?;
            for group in page {
                let mut line = Line::of(RowKind::CustomerGroup, &group);
                line.id("parentId", NodeType::CustomerGroup, group.attributes.parent_id);
                attributes.add_to(&mut line, group.id);
                line.finish(&group).write(out)?;
                count += 1;
            }
        }
        if count == before {
            break;
        }
    }
    Ok(count)
}

/// Writes rows that have children of one kind, like the tiers of programs. `references` adds the ids of other objects.
async fn parents<A: ChildAttributes>(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    kind: RowKind,
    references: fn(&mut Line, &A::Parent),
    out: &mut (impl Write + Send),
) -> Result<u64, Error> {
    let (mut after, mut count) = (Uid::NOTHING, 0);
    while let Some((ids, page)) = next_page::<A::Parent>(conn, tenant, &mut after).await? {
        let mut children = Child::<A>::of_parents(conn, tenant, &ids).await?;
        let mut attributes = Attributes::load(conn, tenant, A::Parent::NOUN, &ids).await?;
        for row in page {
            let mut line = Line::of(kind, &row);
            references(&mut line, &row.attributes);
            attributes.add_to(&mut line, row.id);
            line.field(A::FIELD, list(&children.remove(&row.id).unwrap_or_default()));
            line.finish(&row).write(out)?;
            count += 1;
        }
    }
    Ok(count)
}

/// Adds the group that a program is restricted to.
fn group_of(line: &mut Line, program: &LoyaltyProgramAttributes) {
    line.id("customerGroupId", NodeType::CustomerGroup, program.customer_group_id);
}

/// A page of rows, with their ids.
type Page<A> = (Vec<Uid>, Vec<Measured<Entity<A>>>);

/// The rows that were created next after the one with the id `after`, which becomes that of the page's last row; `None`
/// at the end.
async fn next_page<A: EntityAttributes>(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    after: &mut Uid,
) -> Result<Option<Page<A>>, db::Error> {
    let page = Entity::<A>::page_by_id(conn, tenant, *after, ColumnSet::ALL, PAGE).await?;
    let ids: Vec<Uid> = page.iter().map(|it| it.id).collect();
    let Some(last) = ids.last() else { return Ok(None) };
    *after = *last;
    Ok(Some((ids, page)))
}

/// The rows without their measured sizes.
fn rows<T>(measured: &[Measured<T>]) -> impl Iterator<Item = &T> {
    measured.iter().map(|row| &**row)
}
