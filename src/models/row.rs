//! Rows that have ids.

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

/// A type of rows that are found by their ids. The macro `row` implements it.
pub trait Row: Sized + Clone + Send + Sync + 'static {
    const TENANT_ID: Column;
    const ID: Column;
    /// The id that somebody else chose.
    const EXTERNAL_ID: Column;

    fn uid(&self) -> Uid;

    /// The tenant's rows for which the condition holds.
    fn select(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        condition: Condition,
    ) -> impl Future<Output = Result<Vec<Measured<Self>>, db::Error>> + Send;

    /// The row that is looked up; `None` if there is no such one.
    fn find(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        lookup: &Lookup,
    ) -> impl Future<Output = Result<Option<Self>, db::Error>> + Send {
        let found = Self::find_measured(conn, tenant, lookup);
        async { Ok(found.await?.map(Measured::into_row)) }
    }

    /// As [`Row::find`], with how much memory the row takes.
    fn find_measured(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        lookup: &Lookup,
    ) -> impl Future<Output = Result<Option<Measured<Self>>, db::Error>> + Send {
        let condition = match lookup {
            Lookup::Id(uid) => Some(Condition::uid_in(Self::ID, &[*uid])),
            // No text that is stored has control characters, and PostgreSQL takes no NUL.
            Lookup::ExternalId(text) if text.contains(char::is_control) => None,
            Lookup::ExternalId(text) => Some(Condition::text(Self::EXTERNAL_ID, text)),
        };
        async move {
            let Some(condition) = condition else { return Ok(None) };
            Ok(Self::select(conn, tenant, condition).await?.pop())
        }
    }

    /// Those of the rows with these ids that there are, in no particular order.
    fn find_many(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        uids: &[Uid],
    ) -> impl Future<Output = Result<Vec<Measured<Self>>, db::Error>> + Send {
        Self::select(conn, tenant, Condition::uid_in(Self::ID, uids))
    }
}

/// Makes a type of rows a [`Row`]: the type, its table, and the columns of its tenant, its id and
/// the id that somebody else chose.
macro_rules! row {
    ($Row:ident, $table:ident, $tenant_id:expr, $id:expr, $external_id:expr) => {
        impl $Row {
            /// Some of the tenant's rows in the order of their ids, from after that one on.
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
