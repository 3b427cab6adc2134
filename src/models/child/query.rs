//! The queries of a kind of child.

/// The columns and queries of a kind of child, within its `impl ChildAttributes`: a table, the
/// column of the parent, the parent's table, and its type, which has a `touch`.
///
/// They differ only in the table's types. A generic function would have to repeat all of Diesel's
/// bounds for both databases.
macro_rules! child_queries {
    (@columns $table:ident, $parent_id:ident) => {
        (
            $table::id,
            $table::$parent_id,
            $table::idx,
            $crate::db::columns::<Self>(),
            $table::created_at,
            $table::updated_at,
        )
    };
    ($table:ident, $parent_id:ident, $parent_table:literal, $Parent:ident) => {
        const TENANT_ID: Column = Column::of::<$table::tenant_id>(stringify!($table));
        const ID: Column = Column::of::<$table::id>(stringify!($table));
        const PARENT_ID: Column = Column::of::<$table::$parent_id>(stringify!($table));
        const EXTERNAL_ID: Column = Column::of::<$table::external_id>(stringify!($table));
        const IDX: Column = Column::of::<$table::idx>(stringify!($table));
        const UPDATED_AT: Column = Column::of::<$table::updated_at>(stringify!($table));
        const PARENT_ROW: Column = Column { table: $parent_table, name: "id" };

        fn external_id(&self) -> Option<&str> {
            self.external_id.as_deref()
        }

        async fn touch_parent(
            tx: &mut Conn<'_>,
            writer: Writer<'_>,
            parent: Uid,
        ) -> Result<(), db::Error> {
            $Parent::touch(tx, writer, parent).await
        }

        async fn page(
            conn: &mut Conn<'_>,
            tenant: &Tenant,
            list: &$crate::models::list::ListOf<Child<Self>>,
        ) -> Result<$crate::models::list::Slice<Child<Self>>, db::Error> {
            let child = child_queries!(@columns $table, $parent_id);
            let query = $crate::models::list::of_all::<Child<Self>, _>(tenant, list, child);
            let rows = $crate::db::load!(conn, query)?;
            Ok($crate::models::list::Slice::new(rows, list))
        }

        async fn select_rows(
            conn: &mut Conn<'_>,
            tenant: &Tenant,
            condition: Condition,
            at_most: usize,
        ) -> Result<Vec<$crate::db::Measured<Child<Self>>>, db::Error> {
            let rows = $table::table
                .filter($table::tenant_id.eq(tenant.id().to_owned()))
                .filter(condition)
                .limit(i64::try_from(at_most).unwrap_or(i64::MAX))
                .select(child_queries!(@columns $table, $parent_id));
            let mut rows: Vec<$crate::db::Measured<Child<Self>>> = $crate::db::load!(conn, rows)?;
            // Sorted here, because SQLite would hold all of them in memory to sort them.
            rows.sort_by_key(|row| (row.parent, row.idx, row.id));
            Ok(rows)
        }

        async fn insert_rows(
            tx: &mut Conn<'_>,
            tenant: &Tenant,
            rows: Vec<Child<Self>>,
        ) -> Result<(), db::Error> {
            let row = |child: Child<Self>| {
                (
                    $table::tenant_id.eq(tenant.id().to_owned()),
                    $table::id.eq(child.id),
                    $table::$parent_id.eq(child.parent),
                    $table::idx.eq(child.idx),
                    child.attributes,
                    $table::created_at.eq(child.created_at),
                    $table::updated_at.eq(child.updated_at),
                )
            };
            let rows: Vec<_> = rows.into_iter().map(row).collect();
            insert_all!(tx, $table::table, rows);
            Ok(())
        }

        async fn update_row(
            tx: &mut Conn<'_>,
            tenant: &Tenant,
            child: &Child<Self>,
        ) -> Result<(), db::Error> {
            let row = $table::table.find((tenant.id(), child.id));
            let change = (&child.attributes, $table::updated_at.eq(child.updated_at));
            on!(tx, |c| diesel::update(row).set(change).execute(c).await)?;
            Ok(())
        }
    };
}
pub(in crate::models) use child_queries;
