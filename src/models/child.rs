//! What belongs to one parent and is listed under it, in order: line items (tiers, POS links,
//! supplier numbers), and the addresses, contacts, consents and extensions of a customer.
//!
//! A parent has few children. A change reads them all, changes the list in memory, checks it as a
//! whole and writes the difference, while nobody else changes that parent's children. So one piece
//! of code keeps the order of all of them: `idx` is 1, 2, 3 … without gaps.

mod children;
mod list;
mod query;
mod save;

use std::{collections::HashMap, fmt::Debug, hash::Hash};

use diesel::{Queryable, deserialize};

use super::{
    Error, Lookup, Row, Violation,
    filter::Filter,
    list::{ListOf, Slice},
};
use crate::{
    auth::{Tenant, Writer},
    db::{
        self, Conn, Measured,
        pick::{ColumnSet, Columns, Database, FromColumns, Pick, read_picked},
        sql::{Column, Condition, Select, Sql},
        types::{Decimal, Timestamp, Uid},
    },
};

pub(super) use self::query::child_queries;
pub use self::{
    children::Children,
    list::{ChildSort, ChildTest},
};

/// Most children of one kind that a parent has.
pub const CHILDREN_MAX: usize = 500;

/// Most ids that one reordering takes.
const IDS_MAX: usize = 1_000;

/// A row that belongs to a parent. `A` is what a client may write of it, and says what kind it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Queryable)]
pub struct Child<A> {
    pub id: Uid,
    pub parent: Uid,
    /// The place among the parent's children of this kind, from 1.
    pub idx: i32,
    pub attributes: A,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// What a list of children is to have at a place.
pub enum Entry<A> {
    /// One that it has already, changed.
    Stored(Uid, Box<dyn FnOnce(&mut A) + Send>),
    New(A),
}

/// What a client may write of a [`Child`], and the rules of its kind.
///
/// The macro `child_queries` writes the queries.
pub trait ChildAttributes: Columns + Clone + PartialEq + Send + Sync + Sized + 'static {
    const TENANT_ID: Column;
    const ID: Column;
    const PARENT_ID: Column;
    const EXTERNAL_ID: Column;
    const IDX: Column;
    const UPDATED_AT: Column;
    /// The id of the parent's row.
    const PARENT_ROW: Column;
    /// The amount that this kind is also ordered by, if it has one.
    const AMOUNT: Option<Column> = None;
    /// Do clients see the place? Then a child that gets another one has changed.
    const SHOWS_PLACE: bool = true;

    /// What can be asked of this kind, besides what can be asked of every child.
    type Test: Clone + Debug + Eq + Hash + Send + Sync;

    fn test_condition(tenant: &Tenant, test: &Self::Test) -> Condition;

    /// As [`Listed::resolve`](super::list::Listed::resolve).
    fn resolve(
        _conn: &mut Conn<'_>,
        _tenant: &Tenant,
        filter: Filter<ChildTest<Self::Test>>,
    ) -> impl Future<Output = Result<Filter<ChildTest<Self::Test>>, db::Error>> + Send {
        async { Ok(filter) }
    }

    fn external_id(&self) -> Option<&str>;

    /// The value of [`ChildAttributes::AMOUNT`].
    fn amount(&self) -> Option<Decimal> {
        None
    }

    /// Fills in what the client left to the server, in a child that is new or changed: when that is
    /// done, and by whom.
    fn complete(&mut self, _now: Timestamp, _by: &str) {}

    /// Tidies the attributes and checks what needs no other row.
    fn check(&mut self) -> Result<(), Error>;

    /// What cannot be if there is also that other child of the same parent.
    fn clash(&self, other: &Self) -> Option<Violation>;

    /// What the new attributes of one child mean for those of another one.
    fn yield_to(&mut self, _changed: &Self) {}

    /// What is wrong with the list as a whole, and with which of its children.
    fn check_list(_list: &[Child<Self>]) -> Option<(Uid, Violation)> {
        None
    }

    /// What is wrong with these children of that parent, new or changed, given what else is stored.
    fn check_stored(
        _tx: &mut Conn<'_>,
        _tenant: &Tenant,
        _list: &[Child<Self>],
        _changed: &[&Child<Self>],
    ) -> impl Future<Output = Result<Vec<(Uid, Violation)>, db::Error>> + Send {
        async { Ok(Vec::new()) }
    }

    /// What keeps children from being deleted, and which ones.
    fn check_unused(
        _tx: &mut Conn<'_>,
        _tenant: &Tenant,
        _children: &[&Child<Self>],
    ) -> impl Future<Output = Result<Vec<(Uid, Violation)>, db::Error>> + Send {
        async { Ok(Vec::new()) }
    }

    /// Takes away what goes with a child that is deleted.
    fn before_delete(
        _tx: &mut Conn<'_>,
        _writer: Writer<'_>,
        _child: &Child<Self>,
    ) -> impl Future<Output = Result<(), db::Error>> + Send {
        async { Ok(()) }
    }

    /// Keeps children under their parents until this transaction ends, if those of this kind may go
    /// from one to another.
    fn keep_parents(
        _tx: &mut Conn<'_>,
        _tenant: &Tenant,
    ) -> impl Future<Output = Result<(), db::Error>> + Send {
        async { Ok(()) }
    }

    /// Writes down that the parent was changed.
    fn touch_parent(
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        parent: Uid,
    ) -> impl Future<Output = Result<(), db::Error>> + Send;

    /// Those columns of one page of a list of children of all parents.
    fn page(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        list: &ListOf<Child<Self>>,
        columns: ColumnSet,
    ) -> impl Future<Output = Result<Slice<Child<Self>>, db::Error>> + Send;

    /// Those columns of the rows for which the condition holds; no more rows than so many.
    fn select_rows(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        condition: Condition,
        columns: ColumnSet,
        limit: Option<i64>,
    ) -> impl Future<Output = Result<Vec<Measured<Child<Self>>>, db::Error>> + Send;

    fn insert_rows(
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        rows: Vec<Child<Self>>,
    ) -> impl Future<Output = Result<(), db::Error>> + Send;

    fn update_row(
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        row: &Child<Self>,
    ) -> impl Future<Output = Result<(), db::Error>> + Send;

    /// Writes the attributes of children of one parent. Of most kinds, a client changes one at a time,
    /// and another one makes way for it at most: these come in the order in which they are to be
    /// written. A kind that is changed as a whole list writes that in a fixed number of statements.
    fn update_rows(
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        rows: &[&Child<Self>],
    ) -> impl Future<Output = Result<(), db::Error>> + Send {
        async move {
            for row in rows {
                Self::update_row(tx, tenant, row).await?;
            }
            Ok(())
        }
    }
}

/// A query for those columns of children of a tenant, no more rows than so many.
pub(super) fn selected<A: ChildAttributes>(
    tenant: &Tenant,
    condition: Condition,
    columns: ColumnSet,
    limit: Option<i64>,
) -> Select<Pick<Child<A>>> {
    let tenancy = Condition::text(A::TENANT_ID, tenant.id());
    let from = Sql::new(" FROM ")
        .name(A::ID.table)
        .sql(" WHERE ")
        .append(Condition::all([tenancy, condition]).into_sql());
    let from = match limit {
        Some(limit) => from.sql(" LIMIT ").literal(limit),
        None => from,
    };
    let columns = columns.union(Child::<A>::PLACE);
    Select { with: Sql::default(), selection: Pick::new(A::ID.table, columns), from }
}

/// The columns that every child has besides its attributes; the second has a name for each kind.
const OWN: [&str; 5] = ["id", "parent", "idx", "created_at", "updated_at"];

impl<A: ChildAttributes> Columns for Child<A> {
    fn column(place: usize) -> Option<&'static str> {
        match place {
            1 => Some(A::PARENT_ID.name),
            _ => OWN.get(place).copied().or_else(|| A::column(place - OWN.len())),
        }
    }

    fn column_count() -> usize {
        OWN.len() + A::column_count()
    }
}

impl<DB: Database, A: ChildAttributes + FromColumns<DB>> FromColumns<DB> for Child<A> {
    fn set(&mut self, place: usize, value: Option<DB::RawValue<'_>>) -> deserialize::Result<()> {
        match place {
            0 => self.id = DB::uid(value)?,
            1 => self.parent = DB::uid(value)?,
            2 => self.idx = DB::place(value)?,
            3 => self.created_at = DB::time(value)?,
            4 => self.updated_at = DB::time(value)?,
            _ => self.attributes.set(place - OWN.len(), value)?,
        }
        Ok(())
    }
}

read_picked!(Child<A>, A);

impl<A: ChildAttributes> Row for Child<A> {
    const TENANT_ID: Column = A::TENANT_ID;
    const ID: Column = A::ID;
    const EXTERNAL_ID: Column = A::EXTERNAL_ID;

    fn uid(&self) -> Uid {
        self.id
    }

    async fn select(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        condition: Condition,
        columns: ColumnSet,
    ) -> Result<Vec<Measured<Self>>, db::Error> {
        A::select_rows(conn, tenant, condition, columns, None).await
    }
}

impl<A: ChildAttributes> Child<A> {
    /// The columns that say where a child belongs: the id, the parent, the place and the times.
    pub const PLACE: ColumnSet = ColumnSet::first(OWN.len());

    /// The children of each parent, in order. A parent without any has no entry. More than the
    /// request may read are refused.
    pub async fn of_parents(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        parents: &[Uid],
    ) -> Result<HashMap<Uid, Vec<Measured<Self>>>, db::Error> {
        Self::columns_of_parents(conn, tenant, parents, ColumnSet::ALL).await
    }

    /// As [`Child::of_parents`], with those columns only.
    pub async fn columns_of_parents(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        parents: &[Uid],
        columns: ColumnSet,
    ) -> Result<HashMap<Uid, Vec<Measured<Self>>>, db::Error> {
        let limit = Some(conn.meter().row_limit());
        let of_parents = Condition::uid_in(A::PARENT_ID, parents);
        let children = A::select_rows(conn, tenant, of_parents, columns, limit).await?;
        conn.meter().take_rows(children.len())?;
        let mut found: HashMap<Uid, Vec<Measured<Self>>> = HashMap::new();
        for child in children {
            found.entry(child.parent).or_default().push(child);
        }
        Ok(found)
    }

    /// Adds a child: at the end, or as the `idx`th, counted from 1. `None` if there is no such
    /// parent.
    pub async fn create(
        conn: &mut Conn<'_>,
        writer: Writer<'_>,
        parent: Uid,
        idx: Option<i32>,
        attributes: A,
    ) -> Result<Option<Self>, Error> {
        conn.transaction(async |tx| {
            let children = Children::lock(tx, writer.tenant(), parent).await?;
            let Some(mut children) = children else { return Ok(None) };
            let id = children.insert(writer, idx, attributes)?;
            let saved = children.save(tx, writer).await?;
            Ok(saved.into_iter().find(|child| child.id == id))
        })
        .await
    }

    /// Gives each of these parents, which were just made, its first child, checked already.
    pub async fn insert_first(
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        children: Vec<(Uid, A)>,
    ) -> Result<(), db::Error> {
        if children.is_empty() {
            return Ok(());
        }
        let first = |(parent, mut attributes): (Uid, A)| {
            let (id, now) = writer.new_id();
            attributes.complete(now, writer.name());
            Self { id, parent, idx: 1, attributes, created_at: now, updated_at: now }
        };
        A::insert_rows(tx, writer.tenant(), children.into_iter().map(first).collect()).await
    }

    /// Changes a child and, with `idx`, moves it there; `None` if there is no such one. A change
    /// that changes nothing is not written.
    pub async fn update(
        conn: &mut Conn<'_>,
        writer: Writer<'_>,
        lookup: &Lookup,
        idx: Option<i32>,
        change: impl FnOnce(&mut A) + Send,
    ) -> Result<Option<Self>, Error> {
        conn.transaction(async |tx| {
            let found = Children::lock_with(tx, writer.tenant(), lookup).await?;
            let Some((mut children, id)) = found else { return Ok(None) };
            children.change(writer, id, change);
            if let Some(idx) = idx {
                children.move_to(id, idx)?;
            }
            let saved = children.save(tx, writer).await?;
            Ok(saved.into_iter().find(|child| child.id == id))
        })
        .await
    }

    /// Deletes a child; answers its id, or `None` if there is no such one.
    pub async fn delete(
        conn: &mut Conn<'_>,
        writer: Writer<'_>,
        lookup: &Lookup,
    ) -> Result<Option<Uid>, Error> {
        conn.transaction(async |tx| {
            let found = Children::<A>::lock_with(tx, writer.tenant(), lookup).await?;
            let Some((mut children, id)) = found else { return Ok(None) };
            children.take(id);
            children.save(tx, writer).await?;
            Ok(Some(id))
        })
        .await
    }

    /// Puts a parent's children into that order, which names each of them once; `None` if there is
    /// no such parent.
    pub async fn reorder(
        conn: &mut Conn<'_>,
        writer: Writer<'_>,
        parent: Uid,
        ids: &[Uid],
    ) -> Result<Option<Vec<Self>>, Error> {
        conn.transaction(async |tx| Self::reorder_in(tx, writer, parent, ids).await).await
    }

    /// As [`Child::reorder`], in a transaction that is in progress.
    pub(super) async fn reorder_in(
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        parent: Uid,
        ids: &[Uid],
    ) -> Result<Option<Vec<Self>>, Error> {
        let children = Children::lock(tx, writer.tenant(), parent).await?;
        let Some(mut children) = children else { return Ok(None) };
        children.reorder(ids)?;
        Ok(Some(children.save(tx, writer).await?))
    }
}
