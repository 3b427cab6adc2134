//! The tenant's defaults: the values in effect for customers where neither they nor their groups have one.

use crate::{
    auth::{Administrator, Tenant},
    db::{
        self, Conn, Measured, execute, load,
        pick::{ColumnSet, Pick, read_picked},
        schema::tenants,
        sql::{Changes, Column, Condition, Expr, Select, Sql, Update},
        types::{Timestamp, sql_types},
    },
    models::{
        Error,
        attribute::{Attributes, Count, Line, NotNegative, Optional, Patch, attributes},
        filter::ExactTest,
        lock::lock_tenant,
    },
};

const TABLE: &str = "tenants";
const TENANT_ID: Column = Column::of::<tenants::tenant_id>(TABLE);
const DEFAULT_PRICE_LIST: Column = Column { table: TABLE, name: "default_price_list" };

attributes! {
    tenants;
    /// The values that customers inherit, from a group or from the tenant.
    pub struct Defaults {
        /// Price list; an identifier from another system.
        default_price_list: Optional<Line>,
        /// Payment terms; a name from another system.
        payment_terms: Optional<Line>,
        /// Payment period, in days.
        payment_terms_days: Optional<Count>,
        /// Maximum amount that a customer may owe, in its `defaultCurrency`. 0 means no limit.
        credit_limit: Optional<NotNegative>,
        /// Language for correspondence; free text, like `nb`.
        language: Optional<Line>,
    }
}

read_picked!(Defaults);

/// The details of a tenant that its API keys can read.
#[derive(Clone, Debug)]
pub struct Details {
    pub created_at: Timestamp,
    pub defaults: Defaults,
}

/// Reads the tenant's row. A tenant that was deleted in the meantime is an error.
pub async fn find(conn: &mut Conn<'_>, tenant: &Tenant) -> Result<Details, db::Error> {
    let query = Select {
        with: Sql::default(),
        selection: (
            Expr::<sql_types::UtcTimestamp>::literal("tenants.created_at"),
            Pick::<Defaults>::new(TABLE, ColumnSet::ALL),
        ),
        from: Sql::new(" FROM tenants WHERE ").append(is_tenant(tenant).into_sql()),
    };
    let mut rows: Vec<(Timestamp, Measured<Defaults>)> = load!(conn, query)?;
    let (created_at, defaults) =
        rows.pop().ok_or_else(|| db::Error::Missing("this tenant does not exist".to_owned()))?;
    Ok(Details { created_at, defaults: defaults.into_row() })
}

/// Changes the tenant's defaults.
pub async fn update(
    conn: &mut Conn<'_>,
    admin: Administrator<'_>,
    patch: Patch<Defaults>,
) -> Result<Details, Error> {
    let tenant = admin.tenant();
    conn.transaction(async |tx| {
        lock_tenant(tx, tenant).await?;
        let mut details = find(tx, tenant).await?;
        let before = details.defaults.clone();
        details.defaults.patch(&patch);
        details.defaults.check_kinds().finish()?;
        if details.defaults != before {
            let changes = Changes::new(before, details.defaults.clone());
            execute!(tx, Update::new(TABLE, changes, is_tenant(tenant)))?;
        }
        Ok(details)
    })
    .await
}

/// The condition that the tenant's row has a default price list that passes the test.
pub fn has_price_list(tenant: &Tenant, test: &ExactTest) -> Condition {
    Condition::all([is_tenant(tenant), test.condition(DEFAULT_PRICE_LIST)])
}

/// Like [`has_price_list`], for queries of other tables.
pub fn gives_price_list(tenant: &Tenant, test: &ExactTest) -> Condition {
    Condition::of(Sql::template(
        "EXISTS (SELECT 1 FROM tenants WHERE {has_price_list} LIMIT 1)",
        [("has_price_list", has_price_list(tenant, test).into_sql())],
    ))
}

fn is_tenant(tenant: &Tenant) -> Condition {
    Condition::text(TENANT_ID, tenant.id())
}
