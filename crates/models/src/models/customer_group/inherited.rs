//! The values that customers inherit from their groups and from the tenant.

use std::{collections::HashMap, sync::Arc};

use diesel::sql_types::Nullable;

use super::{
    PARENT_ID, TABLE, TENANT_ID,
    tree::{child_of, from_groups, group_with, limit},
};
use crate::{
    auth::Tenant,
    db::{
        self, Conn, Measured, load,
        pick::{ColumnSet, Pick},
        sql::{Column, Condition, Expr, Select, Sql},
        types::{Uid, sql_types},
    },
    models::{
        filter::ExactTest,
        row::of_tenant,
        tenant::{self, Defaults},
    },
};

const DEFAULT_PRICE_LIST: Column = Column { table: TABLE, name: "default_price_list" };

/// A group, or the tenant, from which values can be inherited.
#[derive(Clone, Debug)]
pub struct Level {
    /// The group; `None` for the tenant.
    pub group: Option<Uid>,
    pub values: Arc<Defaults>,
}

/// Some groups with all of their ancestors, and the tenant.
#[derive(Debug, Default)]
pub struct Inherited {
    /// The values of each group, with its parent.
    groups: HashMap<Uid, (Option<Uid>, Arc<Defaults>)>,
    tenant: Arc<Defaults>,
}

impl Inherited {
    /// The levels above the customers whose primary group this is, or who have none: the group, its
    /// ancestors, and the tenant.
    pub fn levels(&self, group: Option<Uid>) -> Vec<Level> {
        let mut levels = Vec::new();
        let mut next = group;
        // A corrupt tree may have a cycle.
        while let Some(group) = next.filter(|_| levels.len() < self.groups.len()) {
            let Some((parent, values)) = self.groups.get(&group) else { break };
            levels.push(Level { group: Some(group), values: Arc::clone(values) });
            next = *parent;
        }
        levels.push(Level { group: None, values: Arc::clone(&self.tenant) });
        levels
    }
}

/// Reads the values of these groups, of their ancestors and of the tenant, in one statement. Each group
/// is read once, even if it is above several others. Fails if there are more than the request may read.
pub async fn inherited(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    groups: &[Uid],
) -> Result<Inherited, db::Error> {
    let query = levels(tenant, groups, limit(conn));
    let rows: Vec<(Option<Uid>, Option<Uid>, Measured<Defaults>)> = load!(conn, query)?;
    conn.meter().take_rows(rows.len())?;
    let mut inherited = Inherited::default();
    for (group, parent, values) in rows {
        match group {
            Some(group) => {
                inherited.groups.insert(group, (parent, values.shared()));
            }
            None => inherited.tenant = values.shared(),
        }
    }
    Ok(inherited)
}

/// The columns of a level: the group and its parent, or neither for the tenant, and the values.
type LevelColumns =
    (Expr<Nullable<sql_types::Uid>>, Expr<Nullable<sql_types::Uid>>, Pick<Defaults>);

/// A query for these groups, their ancestors and the tenant.
fn levels(tenant: &Tenant, groups: &[Uid], limit: Sql) -> Select<LevelColumns> {
    let pick = Pick::<Defaults>::new("level", ColumnSet::ALL);
    let columns = |table: &'static str| {
        pick.names().fold(Sql::default(), |all, name| all.sql(", ").column(Column { table, name }))
    };
    let with = Sql::template(
        "WITH RECURSIVE line (id, parent_id{names}) AS (\
         SELECT id, parent_id{columns} {from_groups} \
         UNION SELECT above.id, above.parent_id{columns_above} FROM line {above}) ",
        [
            ("names", pick.names().fold(Sql::default(), |all, name| all.sql(", ").name(name))),
            ("columns", columns(TABLE)),
            ("from_groups", from_groups(tenant, groups)),
            ("columns_above", columns("above")),
            ("above", group_with(tenant, "above", "id", Sql::new("line.parent_id"))),
        ],
    );
    let tenant = Sql::default().text(tenant.id());
    let from = Sql::template(
        " FROM (SELECT * FROM line UNION ALL \
         SELECT NULL, NULL{columns} FROM tenants WHERE tenant_id = {tenant}) AS level{limit}",
        [("columns", columns("tenants")), ("tenant", tenant), ("limit", limit)],
    );
    let id = Expr::<Nullable<sql_types::Uid>>::literal;
    Select { with, selection: (id("level.id"), id("level.parent_id"), pick), from }
}

/// A query for the ids of the groups whose customers inherit a price list that passes the test: from the group itself,
/// from the nearest group above that has one, or from the tenant. The test can be `IsNull(true)`, but not
/// `IsNull(false)`.
///
/// The recursion begins at groups with such a price list, and descends until a group has another
/// one.
pub fn inheriting_price_list(tenant: &Tenant, test: &ExactTest) -> Sql {
    let having = match test {
        ExactTest::IsNull(_) => Sql::default(),
        test => of_groups(tenant, test.condition(DEFAULT_PRICE_LIST)).sql(" UNION "),
    };
    let has_none = Condition::null(DEFAULT_PRICE_LIST, true);
    let inherits = tenant::gives_price_list(tenant, test);
    let roots = Condition::all([Condition::null(PARENT_ID, true), has_none, inherits]);
    Sql::template(
        "WITH RECURSIVE heir (id) AS ({having}{roots} UNION SELECT child.id FROM heir {children} \
         WHERE child.default_price_list IS NULL) SELECT id FROM heir",
        [
            ("having", having),
            ("roots", of_groups(tenant, roots)),
            ("children", child_of(tenant, Sql::new("heir.id"))),
        ],
    )
}

/// A query for the ids of the tenant's groups that meet the condition.
fn of_groups(tenant: &Tenant, condition: Condition) -> Sql {
    Sql::new("SELECT id FROM customer_groups WHERE ")
        .append(of_tenant(TENANT_ID, tenant, condition).into_sql())
}
