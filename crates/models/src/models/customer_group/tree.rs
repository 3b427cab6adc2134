//! The queries of the tree, each one statement for trees of any size, and the rules of its
//! structure.

use std::collections::{BTreeSet, HashMap, HashSet};

use diesel::sql_types::{BigInt, Nullable};

use super::{CustomerGroup, ID, NAME, PARENT_ID, TABLE, TENANT_ID};
use crate::{
    auth::Tenant,
    db::{
        self, Conn, Measured, RunQueryDsl, load, on,
        pick::{ColumnSet, Columns, Pick},
        sql::{Column, Condition, Expr, Select, Sql, each_looks_up},
        types::{Uid, sql_types},
    },
    models::{
        Code, Error, Row, Violation, grouped,
        lock::{Lock, lock_rows, lock_tenant},
        search_key::fold,
    },
};

/// Maximum number of levels in a tree; roots are on the first.
pub const MAX_DEPTH: i64 = 32;

/// Maximum depth of recursions, so that they end even if corrupt rows form a cycle.
const RECURSION_LIMIT: i64 = 2 * MAX_DEPTH;

/// A group below another.
#[derive(Clone, Debug)]
pub struct Descendant {
    pub group: Measured<CustomerGroup>,
    /// Its level: 1 for a root.
    pub depth: i64,
}

/// Locks this tenant's tree for other writers until this transaction ends.
///
/// Without the lock, two concurrent moves that are valid by themselves could put two groups below
/// each other.
pub async fn lock(tx: &mut Conn<'_>, tenant: &Tenant) -> Result<(), db::Error> {
    lock_tenant(tx, tenant).await
}

/// Locks a group and all below it, which will be deleted; returns their ids.
pub async fn lock_subtree(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    group: Uid,
) -> Result<Vec<Uid>, db::Error> {
    let root = Sql::new("SELECT id ").append(from_groups(tenant, &[group]));
    let is_below = ID.sql().sql(" IN (").append(subtree_of(tenant, root)).sql(")");
    lock_rows::<CustomerGroup>(tx, tenant, Condition::of(is_below), Lock::Update).await
}

/// Checks that the group `moved` (or a new one) can become a child of `parent`.
pub async fn check_parent(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    parent: Uid,
    moved: Option<Uid>,
) -> Result<(), Error> {
    let refuse = |code, message: String| Err(Violation::new("parentId", code, message).into());
    let Some(row) = CustomerGroup::find_many(tx, tenant, &[parent]).await?.pop() else {
        return refuse(Code::NotFound, "there is no customer group with this id".to_owned());
    };
    if Some(parent) == moved {
        return refuse(Code::Cycle, "a group cannot be its own parent".to_owned());
    }
    if !row.attributes.is_group {
        let message = "this group is a leaf (isGroup: false) and cannot have children";
        return refuse(Code::ParentIsLeaf, message.to_owned());
    }
    let above =
        ancestors(tx, tenant, &[parent], ColumnSet::ID).await?.remove(&parent).unwrap_or_default();
    if above.iter().any(|group| Some(group.id) == moved) {
        return refuse(Code::Cycle, "a group cannot move below itself".to_owned());
    }
    let levels_above = i64::try_from(above.len()).unwrap_or(MAX_DEPTH) + 1;
    let levels_moved = match moved {
        Some(moved) => height(tx, tenant, moved).await?,
        None => 1,
    };
    let depth = levels_above + levels_moved;
    if depth > MAX_DEPTH {
        let message = format!("the tree would have {depth} levels; {MAX_DEPTH} are allowed");
        return refuse(Code::TooDeep, message);
    }
    Ok(())
}

/// The number of levels of the group and its descendants.
async fn height(tx: &mut Conn<'_>, tenant: &Tenant, uid: Uid) -> Result<i64, db::Error> {
    let start = Sql::new("SELECT id, id, CAST(1 AS bigint), CAST(0 AS bigint) ")
        .append(from_groups(tenant, &[uid]));
    let query = Select {
        with: Sql::new("WITH RECURSIVE ").append(tree(tenant, start, RECURSION_LIMIT)),
        selection: Expr::<BigInt>::literal("coalesce(max(tree.depth), 1)"),
        from: Sql::new(" FROM tree"),
    };
    Ok(on!(tx, |c| query.get_result(c).await)?)
}

/// The ancestors of each group, from its parent to its root. Roots have no entry. Fails if there
/// are more than the request may read.
pub async fn ancestors(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    uids: &[Uid],
    columns: ColumnSet,
) -> Result<HashMap<Uid, Vec<Measured<CustomerGroup>>>, db::Error> {
    let query = Select {
        with: Sql::new("WITH RECURSIVE ").append(line(tenant, uids)),
        selection: (
            Expr::<sql_types::Uid>::literal("line.start_id"),
            Expr::<BigInt>::literal("line.distance"),
            Pick::<CustomerGroup>::new(TABLE, columns),
        ),
        from: join_groups(tenant, "line", "parent_id").append(limit(conn)),
    };
    let mut rows: Vec<(Uid, i64, Measured<CustomerGroup>)> = load!(conn, query)?;
    conn.meter().take_rows(rows.len())?;
    // Sorted here, because SQLite would hold all of them in memory to sort them.
    rows.sort_by_key(|(_, distance, _)| *distance);
    Ok(grouped(rows.into_iter().map(|(start, _, group)| (start, group))))
}

/// The ids of each group and its ancestors.
pub async fn lines(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    groups: BTreeSet<Uid>,
) -> Result<HashMap<Uid, HashSet<Uid>>, db::Error> {
    let groups: Vec<Uid> = groups.into_iter().collect();
    let mut lines: HashMap<Uid, HashSet<Uid>> = HashMap::new();
    if groups.is_empty() {
        return Ok(lines);
    }
    let query = Select {
        with: Sql::new("WITH RECURSIVE ").append(line(tenant, &groups)),
        selection: (
            Expr::<sql_types::Uid>::literal("line.start_id"),
            Expr::<Nullable<sql_types::Uid>>::literal("line.parent_id"),
        ),
        from: Sql::new(" FROM line"),
    };
    let rows: Vec<(Uid, Option<Uid>)> = on!(conn, |c| query.load(c).await)?;
    for (group, parent) in rows {
        lines.entry(group).or_default().extend([group].into_iter().chain(parent));
    }
    Ok(lines)
}

/// ` LIMIT` to more rows than the request may read, to detect that there are too many.
pub(super) fn limit(conn: &Conn<'_>) -> Sql {
    Sql::new(" LIMIT ").literal(conn.meter().row_limit())
}

/// The level of each group: 1 for a root.
pub async fn depths(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    uids: &[Uid],
) -> Result<HashMap<Uid, i64>, db::Error> {
    let query = Select {
        with: Sql::new("WITH RECURSIVE ").append(line(tenant, uids)),
        selection: (
            Expr::<sql_types::Uid>::literal("line.start_id"),
            Expr::<BigInt>::literal("max(line.distance)"),
        ),
        from: Sql::new(" FROM line GROUP BY line.start_id"),
    };
    let rows: Vec<(Uid, i64)> = on!(conn, |c| query.load(c).await)?;
    Ok(rows.into_iter().collect())
}

/// The descendants of each group, down to `levels` below it, depth first: each group is followed by
/// its own descendants, and siblings are sorted by name. Leaves have no entry. Fails if there are
/// more than the request may read.
pub async fn descendants(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    uids: &[Uid],
    levels: Option<u32>,
    columns: ColumnSet,
) -> Result<HashMap<Uid, Vec<Descendant>>, db::Error> {
    let levels = levels.map_or(RECURSION_LIMIT, i64::from).min(RECURSION_LIMIT);
    let pick = Pick::<CustomerGroup>::new("below", columns.union(tree_order()));
    let query = Select {
        with: Sql::template(
            "WITH RECURSIVE {line}, {below}",
            [("line", line(tenant, uids)), ("below", below(tenant, &pick, levels))],
        ),
        selection: (
            Expr::<sql_types::Uid>::literal("below.start_id"),
            Expr::<BigInt>::literal("below.depth"),
            pick,
        ),
        from: Sql::new(" FROM below").append(limit(conn)),
    };
    let rows: Vec<(Uid, i64, Measured<CustomerGroup>)> = load!(conn, query)?;
    conn.meter().take_rows(rows.len())?;
    let mut found = HashMap::new();
    for (start, depth, group) in rows {
        let below: &mut Vec<Descendant> = found.entry(start).or_default();
        below.push(Descendant { group, depth });
    }
    Ok(found.into_iter().map(|(start, below)| (start, in_tree_order(start, below))).collect())
}

/// The columns that determine the order of the tree.
fn tree_order() -> ColumnSet {
    CustomerGroup::columns_named(&[PARENT_ID.name, NAME.name])
}

fn in_tree_order(root: Uid, groups: Vec<Descendant>) -> Vec<Descendant> {
    let mut children: HashMap<Option<Uid>, Vec<(String, Descendant)>> = HashMap::new();
    let mut ordered = Vec::with_capacity(groups.len());
    for group in groups {
        let name = fold(&group.group.attributes.customer_group_name);
        children.entry(group.group.attributes.parent_id).or_default().push((name, group));
    }
    for siblings in children.values_mut() {
        // Taken from the end, so sorted in reverse.
        siblings.sort_by(|(a, left), (b, right)| (b, right.group.id).cmp(&(a, left.group.id)));
    }
    let mut path = vec![root];
    while let Some(parent) = path.last() {
        match children.get_mut(&Some(*parent)).and_then(Vec::pop) {
            Some((_, child)) => {
                path.push(child.group.id);
                ordered.push(child);
            }
            None => {
                path.pop();
            }
        }
    }
    ordered
}

/// A query for the ids of those groups (`SELECT id …`) and of their descendants.
pub fn subtree_of(tenant: &Tenant, groups: Sql) -> Sql {
    Sql::template(
        "WITH RECURSIVE subtree (id) AS ({groups} UNION SELECT child.id FROM subtree {children}) \
         SELECT id FROM subtree",
        [("groups", groups), ("children", child_of(tenant, Sql::new("subtree.id")))],
    )
}

/// A query for the ids of those groups (`SELECT id …`) and of their ancestors.
pub fn line_of(tenant: &Tenant, groups: Sql) -> Sql {
    Sql::template(
        "WITH RECURSIVE line (id) AS ({groups} UNION SELECT below.parent_id FROM line {below} \
         WHERE below.parent_id IS NOT NULL) SELECT id FROM line",
        [("groups", groups), ("below", group_with(tenant, "below", "id", Sql::new("line.id")))],
    )
}

/// `FROM customer_groups`, restricted to these groups of the tenant.
pub(super) fn from_groups(tenant: &Tenant, uids: &[Uid]) -> Sql {
    let of_tenant = Condition::text(TENANT_ID, tenant.id()).into_sql();
    let holes = [("of_tenant", of_tenant), ("listed", Condition::uid_in(ID, uids).into_sql())];
    Sql::template("FROM customer_groups WHERE {of_tenant} AND {listed}", holes)
}

/// A common table expression: for each group (`start_id`) a row for itself (`distance` 1) and for
/// each ancestor, with the `parent_id`.
fn line(tenant: &Tenant, uids: &[Uid]) -> Sql {
    Sql::template(
        "line (start_id, parent_id, distance) AS (\
         SELECT {id}, {parent_id}, CAST(1 AS bigint) {from_groups} \
         UNION ALL SELECT line.start_id, parent.parent_id, line.distance + 1 \
         FROM line {parent} WHERE line.distance < {limit})",
        [
            ("id", ID.sql()),
            ("parent_id", PARENT_ID.sql()),
            ("from_groups", from_groups(tenant, uids)),
            ("parent", group_with(tenant, "parent", "id", Sql::new("line.parent_id"))),
            ("limit", Sql::default().literal(RECURSION_LIMIT)),
        ],
    )
}

/// A common table expression: the rows of `start` (an id, the same again, its depth, and 0), and
/// their descendants, down to `levels` levels below.
pub(super) fn tree(tenant: &Tenant, start: Sql, levels: i64) -> Sql {
    let children = child_of(tenant, Sql::new("tree.id"));
    Sql::template(
        "tree (start_id, id, depth, level) AS ({start} \
         UNION ALL SELECT tree.start_id, child.id, tree.depth + 1, tree.level + 1 \
         FROM tree {children} WHERE tree.level < {levels})",
        [("start", start), ("children", children), ("levels", Sql::default().number(levels))],
    )
}

/// A common table expression: the groups below each group of `line` (`start_id`), down to `levels` levels, with their
/// depth and the picked columns. It carries these through the recursion, because looking each group up again by its id
/// would take as long as finding it.
fn below(tenant: &Tenant, pick: &Pick<CustomerGroup>, levels: i64) -> Sql {
    let names = pick.names().fold(Sql::default(), |all, name| all.sql(", ").name(name));
    let of_child = |all: Sql, name| all.sql(", ").column(Column { table: "child", name });
    Sql::template(
        "below (start_id, depth, level{names}) AS (\
         SELECT top.start_id, top.depth + 1, CAST(1 AS bigint){columns} \
         FROM (SELECT start_id, max(distance) AS depth FROM line GROUP BY start_id) AS top \
         {children_of_top} WHERE 1 <= {levels} \
         UNION ALL SELECT below.start_id, below.depth + 1, below.level + 1{columns} \
         FROM below {children} WHERE below.level < {levels})",
        [
            ("names", names),
            ("columns", pick.names().fold(Sql::default(), of_child)),
            ("children_of_top", child_of(tenant, Sql::new("top.start_id"))),
            ("children", child_of(tenant, Sql::new("below.id"))),
            ("levels", Sql::default().number(levels)),
        ],
    )
}

/// ` FROM` a common table expression, joined with the group whose id is in that column.
pub(super) fn join_groups(tenant: &Tenant, table: &'static str, column: &'static str) -> Sql {
    let groups = group_with(tenant, TABLE, "id", Column { table, name: column }.sql());
    Sql::template(" FROM {table} {groups}", [("table", Sql::new(table)), ("groups", groups)])
}

/// Joins the children of the group with the id `parent`, as `child`.
pub(super) fn child_of(tenant: &Tenant, parent: Sql) -> Sql {
    group_with(tenant, "child", "parent_id", parent)
}

/// Joins the groups whose `column` has the value, an expression on the preceding row, as `name`.
pub(super) fn group_with(
    tenant: &Tenant,
    name: &'static str,
    column: &'static str,
    value: Sql,
) -> Sql {
    let of = |column| Column { table: name, name: column }.sql();
    let of_tenant = of("tenant_id").sql(" = ").text(tenant.id());
    let condition = of_tenant.sql(" AND ").append(of(column)).sql(" = ").append(value);
    each_looks_up(TABLE, name, condition)
}
