//! The archives of merges: the rows of both customers as they were before.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, Queryable};
use serde::{Deserialize, Serialize};

use super::{
    UNDO_MICROSECONDS,
    redirect::{ABSORBED_ID, Merged, NewMerge, TENANT_ID, insert},
    snapshot::{InvalidArchive, Record, Snapshot},
};
use crate::{
    auth::{Tenant, Writer},
    db::{
        self, Conn, Db, RunQueryDsl, execute, on,
        schema::customer_merges,
        sql::{Condition, Sql},
        types::{Timestamp, Uid},
    },
    models::{row::of_tenant, tenant},
};

/// The rows of both customers before a merge.
#[derive(Serialize, Deserialize)]
pub struct Archive {
    survivor: Record,
    absorbed: Record,
}

/// A merge with its archive.
#[derive(Queryable)]
pub struct Archived {
    /// The customer to which the ids of the absorbed one redirect.
    pub customer: Uid,
    pub merged_at: Timestamp,
    pub survivor_digest: String,
    /// `None` once it has been emptied.
    pub archive: Option<String>,
}

impl Archive {
    pub fn of(survivor: &Snapshot, absorbed: &Snapshot) -> Self {
        Self { survivor: survivor.to_record(), absorbed: absorbed.to_record() }
    }

    /// The rows of the survivor and of the absorbed customer.
    pub fn read(text: &str) -> Result<[Snapshot; 2], InvalidArchive> {
        let archive: Self = serde_json::from_str(text)?;
        Ok([Snapshot::from_record(&archive.survivor)?, Snapshot::from_record(&archive.absorbed)?])
    }

    /// Stores the archive with the merge. `survivor_digest` is that of the survivor's rows after
    /// the merge.
    pub async fn insert(
        self,
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        merged: Merged,
        survivor_digest: String,
    ) -> Result<(), db::Error> {
        let archive = Some(serde_json::to_string(&self).map_err(InvalidArchive::from)?);
        insert(tx, writer.tenant(), vec![NewMerge { merged, survivor_digest, archive }]).await
    }
}

impl Archived {
    /// The merge of that customer into another one.
    pub async fn find(
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        absorbed: Uid,
    ) -> Result<Option<Self>, db::Error> {
        let merge = customer_merges::table
            .filter(customer_merges::tenant_id.eq(tenant.id()))
            .filter(Condition::uid_in(ABSORBED_ID, &[absorbed]))
            .select((
                customer_merges::customer_id,
                customer_merges::merged_at,
                customer_merges::survivor_digest,
                customer_merges::archive,
            ));
        Ok(on!(tx, |c| merge.get_result(c).await.optional())?)
    }

    /// Deletes the record of that customer's merge.
    pub async fn delete(
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        absorbed: Uid,
    ) -> Result<(), db::Error> {
        let merge = of_tenant(TENANT_ID, tenant, Condition::uid_in(ABSORBED_ID, &[absorbed]));
        let delete = Sql::new("DELETE FROM customer_merges WHERE ").append(merge.into_sql());
        Ok(execute!(tx, delete)?)
    }
}

/// Whether a merge can no longer be undone.
pub fn is_over(merged_at: Timestamp, now: Timestamp) -> bool {
    now.as_microseconds().saturating_sub(merged_at.as_microseconds()) > UNDO_MICROSECONDS
}

/// Empties the archives of merges that can no longer be undone, for all tenants: they contain personal data.
pub async fn empty_old_archives(db: &Db, now: Timestamp) -> Result<(), db::Error> {
    let since = now.as_microseconds().saturating_sub(UNDO_MICROSECONDS);
    let since = Timestamp::from_microseconds(since).unwrap_or_default();
    let tenants = tenant::list(&mut db.read().await?.conn()).await?;
    for (name, _) in tenants {
        let empty = Sql::template(
            "UPDATE customer_merges SET archive = NULL \
             WHERE tenant_id = {tenant} AND archive IS NOT NULL AND merged_at < {since}",
            [("tenant", Sql::default().text(name)), ("since", Sql::default().time(since))],
        );
        let mut lease = db.write().await?;
        let conn = &mut lease.conn();
        on!(conn, |c| empty.execute(c).await)?;
    }
    Ok(())
}
