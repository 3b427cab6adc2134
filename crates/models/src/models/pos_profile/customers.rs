//! The customers that a profile may sell to.

use std::slice;

use diesel::sql_types::{Bool, Nullable};

use super::{TENANT_ID, groups_of, linked_to, named, no_profile};
use crate::{
    auth::Tenant,
    db::{
        self, Conn, RunQueryDsl, on,
        sql::{Expr, Select, Sql},
        types::{Uid, sql_types},
    },
    models::{
        Lookup, customer_group,
        membership::{GROUPS_MAX, Groups, Members},
        row::of_tenant,
    },
};

/// The customers that a profile may sell to, or the groups to look them up by.
pub enum Customers {
    Everyone,
    /// The members of these groups.
    Of(Groups),
    /// The members of the groups below those that the query selects, which are too many to look up.
    Below(Sql),
}

impl Customers {
    /// The customers of the named profile, in one statement. A missing profile is an error.
    pub async fn of_profile(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        name: &Lookup,
    ) -> Result<Self, db::Error> {
        let is_named = of_tenant(TENANT_ID, tenant, named(slice::from_ref(name)));
        let linked = linked_to(tenant, Sql::new("(SELECT id FROM profile)"));
        let query = Select {
            with: Sql::template(
                "WITH profile AS (SELECT id, sells_to_everyone FROM pos_profiles WHERE {is_named}), \
                found (id) AS ({groups}) ",
                [
                    ("is_named", is_named.into_sql()),
                    ("groups", customer_group::subtree_of(tenant, linked)),
                ],
            ),
            selection: (
                Expr::<sql_types::Uid>::literal("profile.id"),
                Expr::<Bool>::literal("profile.sells_to_everyone"),
                Expr::<Nullable<sql_types::Uid>>::literal("found.id"),
            ),
            from: Sql::new(" FROM profile LEFT JOIN found ON NOT profile.sells_to_everyone LIMIT ")
                .literal(GROUPS_MAX.saturating_add(1)),
        };
        let rows: Vec<(Uid, bool, Option<Uid>)> = on!(conn, |c| query.load(c).await)?;
        let (profile, is_open, _) = rows.first().copied().ok_or_else(no_profile)?;
        if is_open {
            return Ok(Self::Everyone);
        }
        let groups: Vec<Uid> = rows.into_iter().filter_map(|(.., group)| group).collect();
        if i64::try_from(groups.len()).is_ok_and(|groups| groups <= GROUPS_MAX) {
            return Ok(Self::Of(Groups { ids: groups, members: Members::Unknown }));
        }
        Ok(Self::Below(groups_of(tenant, profile)))
    }
}
