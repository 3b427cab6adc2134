//! Reads rows one by one, until the memory limit is reached or the request is abandoned.

use diesel::{
    QueryResult, SqliteConnection,
    connection::LoadConnection,
    deserialize::FromSqlRow,
    expression::QueryMetadata,
    pg::Pg,
    query_builder::{Query, QueryFragment, QueryId},
    sqlite::Sqlite,
};
use diesel_async::{AsyncConnectionCore, AsyncPgConnection};
use futures_util::StreamExt;

use super::{
    Error, Meter,
    measured::{Loaded, decode},
};

/// Reads rows from SQLite in place, without copying each value, until the meter stops it.
pub fn sqlite<Q, L>(conn: &mut SqliteConnection, query: Q, meter: &Meter) -> Result<Vec<L>, Error>
where
    Q: Query + QueryFragment<Sqlite> + QueryId,
    Sqlite: QueryMetadata<Q::SqlType>,
    L: Loaded,
    L::Row: FromSqlRow<Q::SqlType, Sqlite>,
{
    let mut kept = Vec::new();
    for row in LoadConnection::load(conn, query)? {
        let (row, bytes) = decode::<_, Q::SqlType, _>(&row?)?;
        meter.keep(bytes)?;
        kept.push(L::new(row, bytes));
    }
    Ok(kept)
}

/// Reads rows from PostgreSQL as they arrive.
pub async fn postgres<Q, L>(
    mut conn: &AsyncPgConnection,
    query: Q,
    meter: Meter,
) -> QueryResult<Result<Vec<L>, Error>>
where
    Q: Query + QueryFragment<Pg> + QueryId,
    Pg: QueryMetadata<Q::SqlType>,
    L: Loaded,
    L::Row: FromSqlRow<Q::SqlType, Pg>,
{
    let mut rows = AsyncConnectionCore::load(&mut conn, query).await?;
    let mut kept = Vec::new();
    while let Some(row) = rows.next().await {
        let (row, bytes) = decode::<_, Q::SqlType, _>(&row?)?;
        if let Err(stopped) = meter.keep(bytes) {
            return Ok(Err(stopped));
        }
        kept.push(L::new(row, bytes));
    }
    Ok(Ok(kept))
}
