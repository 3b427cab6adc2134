//! Lists: filtered, ordered and paged by keyset, for one parent, for many, or for none.

mod custom;
mod slice;
mod sort;
mod source;

use std::{collections::HashMap, future::Future, hash::Hash, sync::Arc};

use diesel::sql_types::BigInt;

use super::{
    Row,
    attribute::{Attribute, Attributes, HasAttributes},
    custom_attribute::SortKeys,
    filter::{Filter, OwnTest, RowTest},
};
use crate::{
    auth::Tenant,
    db::{
        self, Conn, Measured, RunQueryDsl, load, on,
        pick::{ColumnSet, Pick},
        sql::{
            Condition, Expr, Select, Sql, UidSet, from_parents, from_where, page_per_parent,
            parent_id,
        },
        types::{Uid, sql_types},
    },
};

pub use self::{
    slice::{Slice, sort_key},
    sort::{Sort, SortColumn, SortKey},
    source::{Search, Source, of_all},
};

/// A type with lists in the API.
pub trait Listed: Row + HasAttributes {
    /// The further tests of a filter, besides tests of columns.
    type Test: OwnTest;
    /// The relations of its rows to parents.
    type Relation: Copy + Eq + Hash + Send + Sync;

    fn sort_column(sort: Sort) -> SortColumn {
        match sort {
            Sort::CreatedAt => SortColumn::Id,
            Sort::UpdatedAt => SortColumn::Time(Self::UPDATED_AT),
            Sort::Custom(sort) => SortColumn::Custom(sort, Self::ID),
            Sort::Attribute(place) => {
                attribute::<Self>(place).map_or(SortColumn::Id, Attribute::sort_column)
            }
        }
    }

    /// The value by which the row is sorted. Values of custom attributes are not in the row: see [`sort_key`].
    fn sort_key(&self, sort: Sort) -> SortKey {
        match sort {
            Sort::CreatedAt | Sort::Custom(_) => SortKey::Id,
            Sort::UpdatedAt => SortKey::Time(self.updated_at()),
            Sort::Attribute(place) => attribute::<Self>(place)
                .map_or(SortKey::Id, |attribute| attribute.sort_key(self.attributes())),
        }
    }

    /// The columns that `sort_key` reads.
    fn sort_source(sort: Sort) -> ColumnSet {
        match sort {
            Sort::CreatedAt | Sort::Custom(_) => Some(ColumnSet::ID),
            Sort::UpdatedAt => Self::named(Self::UPDATED_AT.name),
            Sort::Attribute(place) => {
                attribute::<Self>(place).and_then(|attribute| Self::named(attribute.column))
            }
        }
        .unwrap_or(ColumnSet::ALL)
    }

    /// The condition of belonging to the parent, which the query calls `parent.id`.
    fn relation_condition(tenant: &Tenant, relation: Self::Relation) -> Condition;

    /// The filter combined with a test for belonging to that parent, if there is such a test. The
    /// rows of a single parent are then listed like all rows, which is easier to plan.
    fn with_relation(
        _filter: &FilterOf<Self>,
        _relation: Self::Relation,
        _parent: Uid,
    ) -> Option<FilterOf<Self>> {
        None
    }

    /// The filter with some of its tests resolved by a statement or two each, so that the database
    /// can estimate how many rows match.
    fn resolve(
        _conn: &mut Conn<'_>,
        _tenant: &Tenant,
        filter: FilterOf<Self>,
    ) -> impl Future<Output = Result<FilterOf<Self>, db::Error>> + Send {
        async { Ok(filter) }
    }

    /// Like [`Listed::resolve`], for a page of that list.
    fn resolve_page(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        list: &ListOf<Self>,
    ) -> impl Future<Output = Result<FilterOf<Self>, db::Error>> + Send {
        Self::resolve(conn, tenant, list.filter.clone())
    }

    /// The source of a page of that list, which has no parent.
    fn source(_tenant: &Tenant, _list: &ListOf<Self>) -> Source {
        Source::Table
    }

    /// The filter in the form that is fastest for counting.
    fn counted(filter: &FilterOf<Self>) -> FilterOf<Self> {
        filter.clone()
    }

    /// Selects columns of one page of all the tenant's rows.
    fn page(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        list: &ListOf<Self>,
        columns: ColumnSet,
    ) -> impl Future<Output = Result<Slice<Self>, db::Error>> + Send {
        let query = of_all::<Self>(tenant, list, columns);
        async {
            let rows: Vec<Measured<Self>> = load!(conn, query)?;
            let keys = sort_keys(conn, tenant, list.sort, rows.iter().map(|row| row.uid())).await?;
            Ok(Slice::new(rows, list, &keys))
        }
    }

    /// Like [`Listed::page`], with a page for each parent, in one statement.
    fn pages(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        relation: Self::Relation,
        parents: &[Uid],
        list: &ListOf<Self>,
        columns: ColumnSet,
    ) -> impl Future<Output = Result<HashMap<Uid, Slice<Self>>, db::Error>> + Send {
        pages_of_parents::<Self>(conn, tenant, relation, parents, list, columns)
    }

    /// The number of rows on all pages.
    fn count(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        filter: &FilterOf<Self>,
    ) -> impl Future<Output = Result<i64, db::Error>> + Send {
        count::<Self>(conn, tenant, filter)
    }

    /// The number of rows of each parent on all pages, in one statement.
    fn counts(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        relation: Self::Relation,
        parents: &[Uid],
        filter: &FilterOf<Self>,
    ) -> impl Future<Output = Result<HashMap<Uid, i64>, db::Error>> + Send {
        counts::<Self>(conn, tenant, relation, parents, filter)
    }
}

/// A list of rows of the type `E`.
pub type ListOf<E> = List<FilterOf<E>>;

/// A filter for rows of the type `E`.
pub type FilterOf<E> = Filter<TestOf<E>>;

/// A test of a row of the type `E`.
pub type TestOf<E> = RowTest<<E as Listed>::Test>;

/// The filter, the order and the page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct List<Filter> {
    pub filter: Filter,
    pub sort: Sort,
    pub descending: bool,
    pub page: Page,
}

impl<Test: PartialEq> List<Filter<Test>> {
    /// Maximum number of rows that are read for a page of all the tenant's rows; unlimited if it depends on
    /// how many match or are skipped.
    pub fn rows_read(&self) -> usize {
        let is_index_order = !matches!(self.sort, Sort::Custom(_)) && self.page.offset == 0;
        let is_direct = is_index_order && self.filter == Filter::default();
        if is_direct { self.page.size.saturating_add(1) } else { usize::MAX }
    }
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Page {
    pub size: usize,
    /// Taken from the end of the list instead of its beginning (its rows keep the order of the
    /// list).
    pub from_end: bool,
    /// Only rows after that position.
    pub after: Option<Position>,
    /// Only rows before that position.
    pub before: Option<Position>,
    /// Number of rows to skip.
    pub offset: u32,
}

/// The attribute at that place of the type's declaration.
fn attribute<E: HasAttributes>(place: usize) -> Option<&'static Attribute<E::Attributes>> {
    E::Attributes::ATTRIBUTES.get(place)
}

/// A position in an order: the values of the row that is, or was, there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Position {
    pub key: SortKey,
    pub uid: Uid,
}

/// The number of rows on all pages.
pub fn count<E: Listed>(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    filter: &FilterOf<E>,
) -> impl Future<Output = Result<i64, db::Error>> + Send {
    let condition = condition::<E>(tenant, &E::counted(filter), None);
    let query = Select {
        with: Sql::default(),
        selection: Expr::<BigInt>::literal("count(*)"),
        from: from_where(E::ID.table, condition),
    };
    counted(conn, query)
}

/// The result of a query for a number of rows. It is not part of [`count`], because that is compiled for each type of
/// rows.
async fn counted(conn: &mut Conn<'_>, query: Select<Expr<BigInt>>) -> Result<i64, db::Error> {
    Ok(on!(conn, |c| query.get_result(c).await)?)
}

/// The number of rows of each parent on all pages, in one statement.
pub fn counts<E: Listed>(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    relation: E::Relation,
    parents: &[Uid],
    filter: &FilterOf<E>,
) -> impl Future<Output = Result<HashMap<Uid, i64>, db::Error>> + Send {
    let condition = condition::<E>(tenant, &E::counted(filter), Some(relation));
    let rows = from_where(E::ID.table, condition);
    let count = Sql::template("(SELECT count(*){rows})", [("rows", rows)]);
    let query = Select {
        with: Sql::default(),
        selection: (parent_id(), Expr::<BigInt>::new(count)),
        from: from_parents(set(parents)),
    };
    counted_per_parent(conn, query)
}

/// As [`counted`], for each parent.
async fn counted_per_parent(
    conn: &mut Conn<'_>,
    query: Select<(Expr<sql_types::Uid>, Expr<BigInt>)>,
) -> Result<HashMap<Uid, i64>, db::Error> {
    let counts: Vec<(Uid, i64)> = on!(conn, |c| query.load(c).await)?;
    Ok(counts.into_iter().collect())
}

/// One page of the table's rows for each parent, in one statement, and one more for the order by a custom attribute.
pub async fn pages_of_parents<E: Listed>(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    relation: E::Relation,
    parents: &[Uid],
    list: &ListOf<E>,
    columns: ColumnSet,
) -> Result<HashMap<Uid, Slice<E>>, db::Error> {
    let tenancy = Condition::text(E::TENANT_ID, tenant.id());
    let page = select_page::<E>(tenant, list, Some(relation));
    let query = Select {
        with: Sql::default(),
        selection: (parent_id(), picked::<E>(list, columns)),
        from: page_per_parent(set(parents), E::ID, tenancy, page),
    };
    let rows: Vec<(Uid, Measured<E>)> = load!(conn, query)?;
    let keys = sort_keys(conn, tenant, list.sort, rows.iter().map(|(_, row)| row.uid())).await?;
    Ok(Slice::per_parent(rows, list, &keys))
}

/// The sort keys of these rows that are not in the rows.
async fn sort_keys(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    sort: Sort,
    rows: impl Iterator<Item = Uid>,
) -> Result<Arc<SortKeys>, db::Error> {
    let Sort::Custom(sort) = sort else { return Ok(Arc::default()) };
    let mut objects: Vec<Uid> = rows.collect();
    objects.sort_unstable();
    objects.dedup();
    Ok(Arc::new(sort.keys(conn, tenant, &objects).await?))
}

/// Picks these columns, and the one by which the list is ordered.
fn picked<E: Listed>(list: &ListOf<E>, columns: ColumnSet) -> Pick<E> {
    Pick::new(E::TABLE, columns.union(E::NEEDED).union(E::sort_source(list.sort)))
}

/// One page of all the tenant's rows, and the list with its filter resolved.
pub async fn page<E: Listed>(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    list: &ListOf<E>,
    columns: ColumnSet,
) -> Result<(ListOf<E>, Slice<E>), db::Error> {
    let resolved = resolved::<E>(conn, tenant, list).await?;
    let slice = E::page(conn, tenant, &resolved, columns).await?;
    conn.meter().take_rows(slice.rows.len())?;
    Ok((resolved, slice))
}

/// One page for each parent. If that could exceed the rows that the request may read, nothing is
/// read.
pub async fn pages<E: Listed>(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    relation: E::Relation,
    parents: &[Uid],
    list: &ListOf<E>,
    columns: ColumnSet,
) -> Result<HashMap<Uid, Slice<E>>, db::Error> {
    let most = parents.len().saturating_mul(list.page.size);
    conn.meter().take_rows(most)?;
    let resolved = resolved::<E>(conn, tenant, list).await?;
    let pages = E::pages(conn, tenant, relation, parents, &resolved, columns).await?;
    let read = pages.values().map(|page| page.rows.len()).sum();
    conn.meter().give_back_rows(most.saturating_sub(read));
    Ok(pages)
}

/// The list with its filter resolved (see [`Listed::resolve`]).
async fn resolved<E: Listed>(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    list: &ListOf<E>,
) -> Result<ListOf<E>, db::Error> {
    let filter = E::resolve_page(conn, tenant, list).await?;
    Ok(List { filter, ..list.clone() })
}

/// The rest of a query for one page of the table's rows, as for [`source::paged`].
fn select_page<E: Listed>(tenant: &Tenant, list: &ListOf<E>, relation: Option<E::Relation>) -> Sql {
    let rows = from_where(E::ID.table, condition::<E>(tenant, &list.filter, relation));
    source::paged::<E>(list, rows, E::ID)
}

fn set(uids: &[Uid]) -> Arc<UidSet> {
    Arc::new(uids.iter().copied().collect())
}

fn condition<E: Listed>(
    tenant: &Tenant,
    filter: &FilterOf<E>,
    relation: Option<E::Relation>,
) -> Condition {
    let tenancy = Condition::text(E::TENANT_ID, tenant.id());
    let relation = relation.map(|relation| E::relation_condition(tenant, relation));
    let filter = filter.condition::<E::Attributes>(tenant);
    Condition::all([tenancy].into_iter().chain(relation).chain([filter]))
}
