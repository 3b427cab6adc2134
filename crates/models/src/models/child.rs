//! Ordered objects that belong to one parent: line items (tiers, POS links, supplier numbers), and
//! the addresses, contacts, consents and extensions of a customer.
//!
//! A parent has few children. A change locks and reads all of them, changes the list in memory,
//! checks the whole list and writes the difference. So one piece of code maintains the order of all
//! kinds: `idx` is 1, 2, 3 … without gaps.

mod children;
mod columns;
mod list;
mod mutable;
mod save;

use std::{collections::HashMap, fmt::Debug, sync::Arc};

use super::{
    Code, Error, Row, Violation,
    attribute::{Attributes, HasAttributes, Patch, Referenced, camel_case},
    entity::EntityAttributes,
    filter::OwnTest,
    grouped,
    list::{FilterOf, Listed as _, Sort},
    row::{insert, is_row, of_tenant, selected},
    search::{self, SearchedText},
};
use crate::{
    auth::{Tenant, Writer},
    db::{
        self, Conn, Measured, execute, load,
        pick::ColumnSet,
        sql::{Changes, Column, Condition, InsertedRow, Sql, Update, from_where},
        types::{Timestamp, Uid},
    },
    id::NodeType,
};

pub use self::{
    children::Children,
    mutable::{ChildChange, NewChild},
};

/// Maximum number of children of one kind per parent.
pub const CHILDREN_MAX: usize = 500;

/// Maximum number of ids in one reordering.
const IDS_MAX: usize = 1_000;

/// A row that belongs to a parent. `A` contains its writable attributes and determines its kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Child<A> {
    pub id: Uid,
    pub parent: Uid,
    /// The position among the parent's children of this kind, from 1.
    pub idx: i32,
    pub attributes: A,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// An entry in the new list of children.
pub enum Entry<A> {
    /// An existing child, changed.
    Stored(Uid, Patch<A>),
    New(A),
}

/// Sorts children into the requested order; by default they stay sorted by position.
pub fn sort<A: ChildAttributes>(children: &mut [Arc<Child<A>>], order: Option<(Sort, bool)>) {
    let Some((sort, is_descending)) = order else { return };
    children.sort_by_key(|child| (child.sort_key(sort), child.id));
    if is_descending {
        children.reverse();
    }
}

/// The attributes of a type whose rows have children.
pub trait ParentAttributes: EntityAttributes {
    /// The column of a child that has the id of its parent.
    const CHILD_COLUMN: &'static str;
}

/// The writable attributes of a [`Child`], and the rules of its kind.
pub trait ChildAttributes: Attributes {
    /// The attributes of the parent.
    type Parent: ParentAttributes;
    /// A description of a new child: [`NewChild`], unless there is more to it.
    type New: super::mutable::Create<Child<Self>>;
    /// The changes of a child: [`ChildChange`], unless there is more to it.
    type Change: super::mutable::Update<Child<Self>>;
    const PARENT_ID: Column = Column { table: Self::TABLE, name: Self::Parent::CHILD_COLUMN };
    /// The field of the parent that lists its children of this kind.
    const FIELD: &'static str;
    /// The type of its ids.
    const NODE_TYPE: NodeType;
    const IDX: Column = Column { table: Self::TABLE, name: "idx" };
    /// Whether clients see the position, so that a moved child counts as changed.
    const SHOWS_PLACE: bool = true;

    /// The texts by which customers are found.
    const SEARCHED: &'static [SearchedText<Self>] = &[];

    /// The further tests of a filter, besides tests of columns.
    type Test: OwnTest;

    /// Like [`Listed::resolve`](super::list::Listed::resolve).
    fn resolve(
        _conn: &mut Conn<'_>,
        _tenant: &Tenant,
        filter: FilterOf<Child<Self>>,
    ) -> impl Future<Output = Result<FilterOf<Child<Self>>, db::Error>> + Send {
        async { Ok(filter) }
    }

    /// The violation if the parent of a new child does not exist.
    fn no_parent() -> Violation {
        let noun = Self::Parent::NODE_TYPE.noun();
        let message = format!("there is no {noun} with this id");
        Violation::new(&camel_case(Self::PARENT_ID.name), Code::NotFound, message)
    }

    /// Whether rows of other types refer to such children, so that none can be deleted and inserted again.
    const IS_REFERENCED: bool = false;

    /// Sets defaults that depend on the time and the user, in a new or a changed child.
    fn complete(&mut self, _before: Option<&Child<Self>>, _now: Timestamp, _by: &str) {}

    /// Copies values that a replacement of the attributes need not repeat from the stored child.
    fn take_over(&mut self, _before: &Self) {}

    /// Sets the derived attributes.
    fn derive(&mut self) {}

    /// Normalizes the attributes and runs the checks that need no other row.
    fn check(&mut self) -> Result<(), Error> {
        let violations = self.check_kinds();
        self.derive();
        violations.finish()
    }

    /// The violation if a parent cannot have both of these children.
    fn clash(&self, other: &Self) -> Option<Violation>;

    /// Whether it is the primary one. A parent has at most one: when a child becomes the primary one, no other is any
    /// more.
    fn is_primary(&self) -> bool {
        false
    }

    fn set_primary(&mut self, _is_primary: bool) {}

    /// The violation of the whole list, and the child at fault.
    fn check_list(_list: &[Child<Self>]) -> Option<(Uid, Violation)> {
        None
    }

    /// The violations of new or changed children that depend on other stored rows. `list` has all
    /// children of the parent.
    fn check_stored(
        _tx: &mut Conn<'_>,
        _tenant: &Tenant,
        _list: &[Child<Self>],
        _changed: &[&Child<Self>],
    ) -> impl Future<Output = Result<Vec<(Uid, Violation)>, db::Error>> + Send {
        async { Ok(Vec::new()) }
    }

    /// The violations that prevent children from being deleted.
    fn check_unused(
        _tx: &mut Conn<'_>,
        _tenant: &Tenant,
        _children: &[&Child<Self>],
    ) -> impl Future<Output = Result<Vec<(Uid, Violation)>, db::Error>> + Send {
        async { Ok(Vec::new()) }
    }

    /// Deletes the dependents of a child before it is deleted.
    fn before_delete(
        _tx: &mut Conn<'_>,
        _writer: Writer<'_>,
        _child: &Child<Self>,
    ) -> impl Future<Output = Result<(), db::Error>> + Send {
        async { Ok(()) }
    }

    /// Prevents children from moving to other parents until this transaction ends, for kinds that
    /// can move.
    fn keep_parents(
        _tx: &mut Conn<'_>,
        _tenant: &Tenant,
    ) -> impl Future<Output = Result<(), db::Error>> + Send {
        async { Ok(()) }
    }

    /// Writes the changed attributes of children of one parent, given as they were before and as they are now, in the
    /// order of writing. For most kinds, a client changes one child at a time, and at most one sibling gives way to it.
    /// A kind whose whole list can change writes it in a fixed number of statements.
    fn update_rows(
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        rows: &[(&Child<Self>, &Child<Self>)],
    ) -> impl Future<Output = Result<(), db::Error>> + Send {
        async move {
            save::release_external_ids(tx, tenant, rows).await?;
            for row in rows {
                update_row(tx, tenant, *row).await?;
            }
            Ok(())
        }
    }
}

/// Writes the changed attributes of a child, given as it was before and as it is now.
pub(super) async fn update_row<A: ChildAttributes>(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    (before, child): (&Child<A>, &Child<A>),
) -> Result<(), db::Error> {
    let attributes = (&before.attributes, &child.attributes);
    let keys = child.attributes.changed_keys(&before.attributes);
    let keys = keys.append(search::changed_keys(A::SEARCHED, attributes, tenant));
    let set = (
        Changes::new(before.attributes.clone(), child.attributes.clone()),
        keys.sql("updated_at = ").time(child.updated_at),
    );
    let update = Update::new(A::TABLE, set, is_row::<Child<A>>(tenant, child.id));
    execute!(tx, update)?;
    search::add_words(tx, tenant, A::SEARCHED, attributes).await
}

impl<A: ChildAttributes> Row for Child<A> {
    const TABLE: &'static str = A::TABLE;
    const EXTERNAL_ID: Column = Column { table: A::TABLE, name: "external_id" };
    /// Where a child belongs: the id, the parent, the place and the times.
    const NEEDED: ColumnSet = ColumnSet::first(columns::OWN.len());

    fn uid(&self) -> Uid {
        self.id
    }

    fn updated_at(&self) -> Timestamp {
        self.updated_at
    }
}

impl<A: Attributes> HasAttributes for Child<A> {
    type Attributes = A;

    fn attributes(&self) -> &A {
        &self.attributes
    }
}

impl<A: ChildAttributes> Referenced for Child<A> {
    const NODE_TYPE: NodeType = A::NODE_TYPE;
}

impl<A: ChildAttributes> Child<A> {
    /// Selects columns of the children that meet the condition, sorted by parent and position, up to `limit` rows.
    async fn select_ordered(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        condition: Condition,
        columns: ColumnSet,
        limit: Option<i64>,
    ) -> Result<Vec<Measured<Self>>, db::Error> {
        let limit = limit.map(|limit| Sql::new(" LIMIT ").literal(limit)).unwrap_or_default();
        let query = selected::<Self>(tenant, condition, columns, limit);
        let mut rows: Vec<Measured<Self>> = load!(conn, query)?;
        // Sorted here, because SQLite would hold all of them in memory to sort them.
        rows.sort_by_key(|row| (row.parent, row.idx, row.id));
        Ok(rows)
    }

    /// All children of that parent, in order.
    pub(super) async fn of_parent(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        parent: Uid,
    ) -> Result<Vec<Measured<Self>>, db::Error> {
        let of_parent = Condition::uid_in(A::PARENT_ID, &[parent]);
        Self::select_ordered(conn, tenant, of_parent, ColumnSet::ALL, None).await
    }

    /// Deletes all children of a parent, which is locked.
    pub(super) async fn delete_of_parent(
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        parent: Uid,
    ) -> Result<(), db::Error> {
        let of_parent = Condition::uid_in(A::PARENT_ID, &[parent]);
        let children = from_where(A::TABLE, of_tenant(Self::TENANT_ID, tenant, of_parent));
        Ok(execute!(tx, Sql::new("DELETE").append(children))?)
    }

    /// Inserts checked children.
    pub async fn insert_rows(
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        children: &[Self],
    ) -> Result<(), db::Error> {
        let row = |row: &Self| {
            let mut keys = row.attributes.keys();
            keys.extend(search::stored_keys(A::SEARCHED, &row.attributes, tenant));
            InsertedRow { row: row.clone(), keys }
        };
        let attributes = children.iter().map(|child| &child.attributes);
        let words = search::new_words(tenant, A::SEARCHED, attributes);
        insert(tx, tenant, children.iter().map(row).collect(), words).await
    }

    /// The children of each parent, in order. A parent without children has no entry. Fails if
    /// there are more than the request may read.
    pub async fn of_parents(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        parents: &[Uid],
    ) -> Result<HashMap<Uid, Vec<Measured<Self>>>, db::Error> {
        Self::columns_of_parents(conn, tenant, parents, ColumnSet::ALL).await
    }

    /// Like [`Child::of_parents`], with those columns only.
    pub async fn columns_of_parents(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        parents: &[Uid],
        columns: ColumnSet,
    ) -> Result<HashMap<Uid, Vec<Measured<Self>>>, db::Error> {
        let limit = Some(conn.meter().row_limit());
        let of_parents = Condition::uid_in(A::PARENT_ID, parents);
        let children = Self::select_ordered(conn, tenant, of_parents, columns, limit).await?;
        conn.meter().take_rows(children.len())?;
        Ok(grouped(children.into_iter().map(|child| (child.parent, child))))
    }
}
