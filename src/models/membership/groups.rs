//! Groups that are looked up before their members are listed.

use std::sync::Arc;

use diesel::sql_types::BigInt;

use super::{CUSTOMER_GROUP_ID, TENANT_ID};
use crate::{
    auth::Tenant,
    db::{
        self, Conn, RunQueryDsl, on,
        sql::{Column, Condition, Expr, Select, Sql, UidSet},
        types::{Uid, sql_types},
    },
    models::customer_group,
};

/// Some groups, looked up.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Groups {
    pub ids: Vec<Uid>,
    /// Whether there are so many members that scanning any list soon finds some.
    pub have_many: bool,
}

/// Maximum number of groups to look up. Beyond it, the database finds the customers itself.
const GROUPS_MAX: usize = 10_000;

/// The number from which members count as many: finding and sorting all of them then takes as long
/// as scanning a list of a million customers for some.
const MANY: i64 = 5_000;

impl Groups {
    /// The groups that the query selects (`SELECT id …`) and all below them; `None` if there are
    /// too many.
    pub async fn below(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        groups: Sql,
    ) -> Result<Option<Self>, db::Error> {
        let subtree = customer_group::subtree_of(tenant, groups);
        // PostgreSQL has statistics for this.
        let members = members(tenant, subtree.clone());
        let members = Sql::default().per_dialect(Sql::new("CAST(0 AS bigint)"), members);
        let at_most = i64::try_from(GROUPS_MAX).unwrap_or(i64::MAX);
        let query = Select {
            with: Sql::default(),
            selection: (
                diesel::dsl::sql::<sql_types::Uid>("found.id"),
                Expr::<BigInt>::new(members),
            ),
            from: Sql::new(" FROM (")
                .append(subtree)
                .sql(") AS found LIMIT ")
                .number(at_most.saturating_add(1)),
        };
        let found: Vec<(Uid, i64)> = on!(conn, |c| query.load(c).await)?;
        let have_many = found.iter().any(|(_, members)| *members >= MANY);
        let ids: Vec<Uid> = found.into_iter().map(|(id, _)| id).collect();
        Ok((ids.len() <= GROUPS_MAX).then_some(Self { ids, have_many }))
    }

    /// These groups; `None` if there is nothing to look up.
    pub async fn of(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        groups: &[Uid],
    ) -> Result<Option<Self>, db::Error> {
        let Conn::Sqlite(_) = conn else { return Ok(None) };
        let set: UidSet = groups.iter().copied().collect();
        let named = Sql::new("SELECT id FROM ").uids(Arc::new(set)).sql(" AS named");
        let query = Select {
            with: Sql::default(),
            selection: Expr::<BigInt>::new(members(tenant, named)),
            from: Sql::default(),
        };
        let members: i64 = on!(conn, |c| query.get_result(c).await)?;
        Ok(Some(Self { ids: groups.to_vec(), have_many: members >= MANY }))
    }

    /// The condition that a customer (by its id's column) is in one of them.
    pub fn have(&self, tenant: &Tenant, customer: Column) -> Condition {
        let of_tenant = || Condition::text(TENANT_ID, tenant.id());
        let in_groups = Condition::uid_in(CUSTOMER_GROUP_ID, &self.ids);
        let found = Sql::default()
            .column(customer)
            .sql(" IN (SELECT customer_id FROM customer_group_memberships WHERE ")
            .append(Condition::all([of_tenant(), in_groups]).into_sql())
            .sql(")");
        if !self.have_many {
            return Condition::of(found);
        }
        // SQLite evaluates a subquery completely before it reads the list. This form makes it read
        // the list and check, by the index of the customer (hence the plus), whether each is in one
        // of the groups.
        let ids = Arc::new(self.ids.iter().copied().collect::<UidSet>());
        let met = Sql::new("EXISTS (SELECT 1 FROM customer_group_memberships WHERE ")
            .append(of_tenant().into_sql())
            .sql(" AND +customer_group_id")
            .is_any_uid(ids)
            .sql(" AND customer_id = ")
            .column(customer)
            .sql(")");
        Condition::of(Sql::default().per_dialect(found, met))
    }
}

/// The number of members in the groups that the query selects, up to [`MANY`].
fn members(tenant: &Tenant, groups: Sql) -> Sql {
    Sql::new("(SELECT count(*) FROM (SELECT 1 FROM customer_group_memberships AS member")
        .sql(" WHERE member.tenant_id = ")
        .text(tenant.id())
        .sql(" AND member.customer_group_id IN (")
        .append(groups)
        .sql(") LIMIT ")
        .number(MANY)
        .sql(") AS some)")
}
