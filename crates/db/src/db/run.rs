//! Running a query on a connection of either database.

use std::future::{Future, ready};

use diesel::{
    QueryResult, SqliteConnection,
    backend::Backend,
    connection::Connection,
    query_builder::{AstPass, QueryFragment, QueryId},
    query_dsl,
    sqlite::Sqlite,
};
use diesel_async::{AsyncConnectionCore, AsyncPgConnection, methods};

/// Compiles one body for both kinds of connection: `on!(conn, |c| query.execute(c).await)`.
///
/// Diesel's queries are typed by their database. The macro writes the body into both arms of a
/// `match`, so each is type-checked for its database. `load!` reads many rows.
#[macro_export]
macro_rules! on {
    ($conn:expr, |$c:ident| $body:expr) => {
        match $conn {
            $crate::db::Conn::Sqlite(held) => {
                held.call(|$c| $crate::db::sqlite::result_of(async { $body }))
            }
            $crate::db::Conn::Postgres(held) => {
                $crate::db::on_postgres!(held, |$c| $body)
            }
        }
    };
}
pub use on;

/// Like `on!`, for a query that is only sent to PostgreSQL: `on_postgres!(held, |c| query.load(c).await)`.
#[macro_export]
macro_rules! on_postgres {
    ($held:expr, |$c:ident| $body:expr) => {{
        let (ahead, mut conn) = $held.send()?;
        let $c = &mut conn;
        let outcome = $crate::db::lease::in_time(ahead.of(async { $body })).await;
        $held.end(outcome)
    }};
}
pub use on_postgres;

/// Executes a statement that owns its bind values and whose result nobody needs:
/// `execute!(conn, update)`.
///
/// In a transaction on PostgreSQL it is sent with the next statement (see `db::lease::postgres`).
#[macro_export]
macro_rules! execute {
    ($conn:expr, $statement:expr) => {
        match $conn {
            $crate::db::Conn::Sqlite(held) => {
                let executed = held.call(|c| {
                    $crate::db::sqlite::result_of($crate::db::RunQueryDsl::execute($statement, c))
                });
                executed.map(|_count| ())
            }
            $crate::db::Conn::Postgres(held) => held.write($statement).await,
        }
    };
}
pub use execute;

/// Reads the rows of a query that owns its bind values: `load!(conn, query)`.
///
/// Each row is measured as it is decoded, so that reading stops at the request's memory limit.
#[macro_export]
macro_rules! load {
    ($conn:expr, $query:expr) => {
        match $conn {
            $crate::db::Conn::Sqlite(held) => {
                let meter = held.meter().clone();
                held.call(|c| Ok($crate::db::read::sqlite(c, $query, &meter)))?
            }
            $crate::db::Conn::Postgres(held) => {
                let meter = held.meter().clone();
                let (ahead, conn) = held.send()?;
                let read = $crate::db::read::postgres(conn, $query, meter);
                let outcome = $crate::db::lease::in_time(ahead.of(read)).await;
                held.end_reading(outcome)
            }
        }
    };
}
pub use load;

/// Inserts a `Vec` of rows: `insert_all!(conn, customers::table, rows)`.
///
/// PostgreSQL gets one statement, which stays prepared if it is for one row. SQLite runs in the same
/// process: one small statement, prepared once, is faster than a large one and needs less memory.
#[macro_export]
macro_rules! insert_all {
    ($conn:expr, $table:expr, $rows:expr) => {
        match $conn {
            $crate::db::Conn::Postgres(held) => {
                let mut rows = $rows;
                let only_row = if rows.len() == 1 { rows.pop() } else { None };
                let insert = diesel::insert_into($table);
                match only_row {
                    Some(row) => held.write(insert.values(row)).await,
                    None => held.write(insert.values(rows)).await,
                }?;
            }
            $crate::db::Conn::Sqlite(held) => {
                let rows = $rows;
                held.call(|c| {
                    for row in rows {
                        let insert = diesel::insert_into($table).values(row);
                        diesel::RunQueryDsl::execute(insert, c)?;
                    }
                    Ok(())
                })?;
            }
        }
    };
}
pub use insert_all;

/// The methods of queries in `on!`, like those of Diesel's traits of the same name, for both kinds of connection.
///
/// On SQLite the query runs synchronously, and the returned future is ready.
pub trait RunQueryDsl: Sized {
    fn load<'q, U>(
        self,
        conn: &'q mut impl Loads<'q, Self, U>,
    ) -> impl Future<Output = QueryResult<Vec<U>>> + Send {
        conn.load_rows(self)
    }

    fn get_result<'q, U>(
        self,
        conn: &'q mut impl Loads<'q, Self, U>,
    ) -> impl Future<Output = QueryResult<U>> + Send {
        conn.load_row(self)
    }

    fn execute<'q>(
        self,
        conn: &'q mut impl Executes<'q, KeptPrepared<Self>>,
    ) -> impl Future<Output = QueryResult<usize>> + Send {
        conn.execute_statement(KeptPrepared(self))
    }
}

impl<Q> RunQueryDsl for Q {}

/// A connection that can run the query `Q` for rows `U`.
pub trait Loads<'q, Q, U> {
    fn load_rows(&'q mut self, query: Q) -> impl Future<Output = QueryResult<Vec<U>>> + Send;
    fn load_row(&'q mut self, query: Q) -> impl Future<Output = QueryResult<U>> + Send;
}

/// A connection that can run the statement `Q`.
pub trait Executes<'q, Q> {
    fn execute_statement(
        &'q mut self,
        statement: Q,
    ) -> impl Future<Output = QueryResult<usize>> + Send;
}

impl<'q, Q, U> Loads<'q, Q, U> for SqliteConnection
where
    Q: query_dsl::LoadQuery<'q, Self, U>,
    U: Send,
{
    fn load_rows(&'q mut self, query: Q) -> impl Future<Output = QueryResult<Vec<U>>> + Send {
        ready(diesel::RunQueryDsl::load(query, self))
    }

    fn load_row(&'q mut self, query: Q) -> impl Future<Output = QueryResult<U>> + Send {
        ready(diesel::RunQueryDsl::get_result(query, self))
    }
}

impl<'q, Q, U> Loads<'q, Q, U> for &AsyncPgConnection
where
    Q: methods::LoadQuery<'q, Self, U> + 'q,
    U: Send + 'q,
{
    fn load_rows(&'q mut self, query: Q) -> impl Future<Output = QueryResult<Vec<U>>> + Send {
        diesel_async::RunQueryDsl::load(query, self)
    }

    fn load_row(&'q mut self, query: Q) -> impl Future<Output = QueryResult<U>> + Send {
        diesel_async::RunQueryDsl::get_result(query, self)
    }
}

impl<Q> Executes<'_, Q> for SqliteConnection
where
    Q: QueryFragment<Sqlite> + QueryId,
{
    fn execute_statement(
        &mut self,
        statement: Q,
    ) -> impl Future<Output = QueryResult<usize>> + Send {
        ready(self.execute_returning_count(&statement))
    }
}

impl<'q, Q> Executes<'q, Q> for &AsyncPgConnection
where
    Q: QueryFragment<diesel::pg::Pg> + QueryId + Send + 'q,
{
    fn execute_statement(
        &'q mut self,
        statement: Q,
    ) -> impl Future<Output = QueryResult<usize>> + Send {
        AsyncConnectionCore::execute_returning_count(self, statement)
    }
}

/// A statement that connections prepare once.
///
/// Diesel would prepare an update each time, because its text depends on the changed columns. Here the text
/// identifies it.
pub struct KeptPrepared<Q>(Q);

impl<Q: QueryFragment<DB>, DB: Backend> QueryFragment<DB> for KeptPrepared<Q> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }

    fn is_safe_to_cache_prepared(&self, _: &DB) -> QueryResult<bool> {
        Ok(true)
    }
}

impl<Q> QueryId for KeptPrepared<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
