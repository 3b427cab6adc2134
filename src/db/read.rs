//! Reading of rows one by one, while the memory limit allows and the request is waited for.

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
use tokio::sync::mpsc;

use super::{
    Error, Meter, SqliteConn,
    measured::{Loaded, decode},
};

/// Size of the chunks of rows that SQLite's thread hands over, in bytes.
const CHUNK: usize = 64 << 10;

/// Maximum number of chunks in transit.
const CHUNKS: usize = 2;

/// Reads rows from SQLite, in one hop to its thread.
///
/// They arrive in small chunks and are copied. The allocator keeps freed memory for the thread that
/// allocated it: if all rows were allocated by that thread, objects made of them here could not
/// reuse their memory.
pub(crate) async fn sqlite<Q, L>(
    conn: &mut SqliteConn,
    query: Q,
    meter: Meter,
) -> QueryResult<Result<Vec<L>, Error>>
where
    Q: Query + QueryFragment<Sqlite> + QueryId + Send + 'static,
    Sqlite: QueryMetadata<Q::SqlType>,
    L: Loaded,
    L::Row: FromSqlRow<Q::SqlType, Sqlite>,
{
    let (sender, mut receiver) = mpsc::channel::<Vec<L>>(CHUNKS);
    let read = conn.spawn_blocking(move |conn| Ok(send(conn, query, &meter, &sender)));
    let take = async {
        let mut rows = Vec::new();
        while let Some(chunk) = receiver.recv().await {
            rows.extend(chunk.into_iter().map(L::copied));
        }
        rows
    };
    let (rows, outcome) = tokio::join!(take, read);
    Ok(outcome?.map(|()| rows))
}

/// Reads rows and sends them until the receiver is dropped.
fn send<Q, L>(
    conn: &mut SqliteConnection,
    query: Q,
    meter: &Meter,
    sender: &mpsc::Sender<Vec<L>>,
) -> Result<(), Error>
where
    Q: Query + QueryFragment<Sqlite> + QueryId,
    Sqlite: QueryMetadata<Q::SqlType>,
    L: Loaded,
    L::Row: FromSqlRow<Q::SqlType, Sqlite>,
{
    let (mut chunk, mut size) = (Vec::new(), 0);
    for row in LoadConnection::load(conn, query)? {
        let (row, bytes) = decode::<_, Q::SqlType, _>(&row?)?;
        meter.keep(bytes)?;
        chunk.push(L::new(row, bytes));
        size += bytes;
        if size >= CHUNK {
            let full = std::mem::take(&mut chunk);
            sender.blocking_send(full).map_err(|_gone| Error::Abandoned)?;
            size = 0;
        }
    }
    sender.blocking_send(chunk).map_err(|_gone| Error::Abandoned)
}

/// Reads rows from PostgreSQL as they arrive.
pub(crate) async fn postgres<Q, L>(
    conn: &mut AsyncPgConnection,
    query: Q,
    meter: Meter,
) -> QueryResult<Result<Vec<L>, Error>>
where
    Q: Query + QueryFragment<Pg> + QueryId,
    Pg: QueryMetadata<Q::SqlType>,
    L: Loaded,
    L::Row: FromSqlRow<Q::SqlType, Pg>,
{
    let mut rows = AsyncConnectionCore::load(conn, query).await?;
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
