//! Rows with ids.

use std::future::Future;

use super::Lookup;
use crate::{
    auth::Tenant,
    db::{
        self, Conn, Measured,
        sql::{Column, Condition},
        types::Uid,
    },
};

/// A type of rows with ids. The macro `row` implements it.
pub trait Row: Sized + Clone + Send + Sync + 'static {
    const TENANT_ID: Column;
    const ID: Column;
    /// The column of the id assigned elsewhere.
    const EXTERNAL_ID: Column;

    fn uid(&self) -> Uid;

    /// The tenant's rows for which the condition holds.
    fn select(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        condition: Condition,
    ) -> impl Future<Output = Result<Vec<Measured<Self>>, db::Error>> + Send;

    /// The row of a lookup; `None` if it does not exist.
    fn find(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        lookup: &Lookup,
    ) -> impl Future<Output = Result<Option<Self>, db::Error>> + Send {
        let found = Self::find_measured(conn, tenant, lookup);
        async { Ok(found.await?.map(Measured::into_row)) }
    }

    /// Like [`Row::find`], with the memory that the row takes.
    fn find_measured(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        lookup: &Lookup,
    ) -> impl Future<Output = Result<Option<Measured<Self>>, db::Error>> + Send {
        let condition = match lookup {
            Lookup::Id(uid) => Some(Condition::uid_in(Self::ID, &[*uid])),
            // No stored text has control characters, and PostgreSQL rejects NUL.
            Lookup::ExternalId(text) if text.contains(char::is_control) => None,
            Lookup::ExternalId(text) => Some(Condition::text(Self::EXTERNAL_ID, text)),
        };
        async move {
            let Some(condition) = condition else { return Ok(None) };
            Ok(Self::select(conn, tenant, condition).await?.pop())
        }
    }

    /// The existing rows with these ids, unordered.
    fn find_many(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        uids: &[Uid],
    ) -> impl Future<Output = Result<Vec<Measured<Self>>, db::Error>> + Send {
        Self::select(conn, tenant, Condition::uid_in(Self::ID, uids))
    }
}

/// Implements [`Row`] for a type, given its table and the columns of its tenant, its id and the id
/// assigned elsewhere.
macro_rules! row {
    ($Row:ident, $table:ident, $tenant_id:expr, $id:expr, $external_id:expr) => {
        impl $Row {
            /// A page of the tenant's rows, ordered by id, after the given one.
            pub async fn page_by_id(
                conn: &mut Conn<'_>,
                tenant: &Tenant,
                after: Uid,
                limit: i64,
            ) -> Result<Vec<$crate::db::Measured<Self>>, db::Error> {
                let rows = $table::table
                    .filter($table::tenant_id.eq(tenant.id().to_owned()))
                    .filter(Condition::uid_compared($id, " > ", after))
                    .order_by($table::id)
                    .limit(limit)
                    .select($crate::db::columns::<Self>());
                $crate::db::load!(conn, rows)
            }
        }

        impl $crate::models::Row for $Row {
            const TENANT_ID: Column = $tenant_id;
            const ID: Column = $id;
            const EXTERNAL_ID: Column = $external_id;

            fn uid(&self) -> Uid {
                self.id
            }

            async fn select(
                conn: &mut Conn<'_>,
                tenant: &Tenant,
                condition: Condition,
            ) -> Result<Vec<$crate::db::Measured<Self>>, db::Error> {
                let rows = $table::table
                    .filter($table::tenant_id.eq(tenant.id().to_owned()))
                    .filter(condition)
                    .select($crate::db::columns::<Self>());
                $crate::db::load!(conn, rows)
            }
        }
    };
}
pub(super) use row;
