//! Memberships as they are stored, to be read and written exactly.

use diesel::{ExpressionMethods, Queryable};

use super::{CUSTOMER_ID, TENANT_ID};
use crate::{
    auth::Tenant,
    db::{
        self, Conn, RunQueryDsl, execute, insert_all, on,
        schema::customer_group_memberships,
        sql::{Condition, Expr, Select, Sql},
        types::{Timestamp, Uid, sql_types},
    },
    models::row::of_tenant,
};

/// Maximum number of memberships per `INSERT`, because the number of parameters is limited.
const ROWS: usize = 5_000;

/// A membership, with when and by whom it was created.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Membership {
    pub customer: Uid,
    pub group: Uid,
    pub created_at: Timestamp,
    pub created_by: String,
}

type Columns = (sql_types::Uid, sql_types::Uid, sql_types::UtcTimestamp, diesel::sql_types::Text);

impl Membership {
    /// The memberships of these customers, in the order of both ids, up to `limit`.
    pub async fn of_customers(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        customers: &[Uid],
        limit: i64,
    ) -> Result<Vec<Self>, db::Error> {
        let of_customers = of_tenant(TENANT_ID, tenant, Condition::uid_in(CUSTOMER_ID, customers));
        let query = Select {
            with: Sql::default(),
            selection: Expr::<Columns>::literal(
                "customer_id, customer_group_id, created_at, created_by",
            ),
            from: Sql::template(
                " FROM customer_group_memberships WHERE {of_customers} LIMIT {limit}",
                [
                    ("of_customers", of_customers.into_sql()),
                    ("limit", Sql::default().literal(limit)),
                ],
            ),
        };
        let mut memberships: Vec<Self> = on!(conn, |c| query.load(c).await)?;
        // Sorted here, because SQLite would also sort them in memory.
        memberships.sort_by_key(|it| (it.customer, it.group));
        Ok(memberships)
    }

    /// Inserts memberships as they are.
    pub async fn insert_all(
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        memberships: &[Self],
    ) -> Result<(), db::Error> {
        let row = |it: &Self| {
            (
                customer_group_memberships::tenant_id.eq(tenant.id().to_owned()),
                customer_group_memberships::customer_id.eq(it.customer),
                customer_group_memberships::customer_group_id.eq(it.group),
                customer_group_memberships::created_at.eq(it.created_at),
                customer_group_memberships::created_by.eq(it.created_by.clone()),
            )
        };
        for some in memberships.chunks(ROWS) {
            let rows: Vec<_> = some.iter().map(row).collect();
            insert_all!(tx, customer_group_memberships::table, rows);
        }
        Ok(())
    }

    /// Deletes a customer's memberships. The one in its primary group must exist again when the transaction ends,
    /// because a deferred foreign key refers to it.
    pub async fn delete_of(
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        customer: Uid,
    ) -> Result<(), db::Error> {
        let of_customer = Condition::uid_in(CUSTOMER_ID, &[customer]);
        let of_customer = of_tenant(TENANT_ID, tenant, of_customer);
        let delete = Sql::new("DELETE FROM customer_group_memberships WHERE ");
        Ok(execute!(tx, delete.append(of_customer.into_sql()))?)
    }
}
