//! The queries of a kind of child.

/// The queries of a kind of child, within its `impl ChildAttributes`: a table, the
/// column of the parent, the parent's table, and its type, which has a `touch`.
///
/// They differ only in the table's types. A generic function would have to repeat all of Diesel's
/// bounds for both databases.
macro_rules! child_queries {
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
            columns: $crate::db::pick::ColumnSet,
        ) -> Result<$crate::models::list::Slice<Child<Self>>, db::Error> {
            let columns = columns.union(Child::<Self>::PLACE);
            let query = $crate::models::list::of_all::<Child<Self>>(tenant, list, columns);
            let rows = $crate::db::load!(conn, query)?;
            Ok($crate::models::list::Slice::new(rows, list))
        }

        async fn select_rows(
            conn: &mut Conn<'_>,
            tenant: &Tenant,
            condition: Condition,
            columns: $crate::db::pick::ColumnSet,
            limit: Option<i64>,
        ) -> Result<Vec<$crate::db::Measured<Child<Self>>>, db::Error> {
            let query = $crate::models::child::selected::<Self>(tenant, condition, columns, limit);
            let mut rows: Vec<$crate::db::Measured<Child<Self>>> = $crate::db::load!(conn, query)?;
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
            (before, child): (&Child<Self>, &Child<Self>),
        ) -> Result<(), db::Error> {
            let set = (
                $crate::db::sql::Changes::new(before.attributes.clone(), child.attributes.clone()),
                $crate::db::sql::Sql::new("updated_at = ").time(child.updated_at),
            );
            let row = $crate::models::row::is_row::<Child<Self>>(tenant, child.id);
            let update = $crate::db::sql::Update::new(stringify!($table), set, row);
            Ok($crate::db::execute!(tx, update)?)
        }
    };
}
pub(in crate::models) use child_queries;
