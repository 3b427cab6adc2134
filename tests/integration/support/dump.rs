//! All rows of a database, for comparisons before and after a change.

use std::collections::{BTreeMap, BTreeSet};

use diesel::{
    Connection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query, sql_types::Text,
};
use tokio_postgres::NoTls;

use super::database::{Backend, Database};

/// The rows of each table as text, independent of their order in the database.
pub type Dump = BTreeMap<String, BTreeSet<String>>;

pub async fn dump(database: &Database) -> Dump {
    match database.backend {
        Backend::Sqlite => dump_sqlite(database),
        Backend::Postgres => dump_postgres(database).await,
    }
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn dump_sqlite(database: &Database) -> Dump {
    let path = database.url.strip_prefix("sqlite:").unwrap();
    let mut conn = SqliteConnection::establish(path).unwrap();
    let mut lines = |query: &str| -> Vec<String> {
        let rows: Vec<Line> = sql_query(query).load(&mut conn).unwrap();
        rows.into_iter().map(|row| row.line).collect()
    };
    // The rows of a virtual table are in its shadow tables.
    let tables = lines(
        "SELECT name AS line FROM sqlite_master
         WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'",
    );
    let rows_of = |table: String| {
        let columns = lines(&format!(
            "SELECT 'quote(\"' || name || '\")' AS line FROM pragma_table_info('{table}')"
        ));
        let row = columns.join(" || ', ' || ");
        let rows = lines(&format!("SELECT {row} AS line FROM \"{table}\""));
        (table, rows.into_iter().collect())
    };
    tables.into_iter().map(rows_of).collect()
}

async fn dump_postgres(database: &Database) -> Dump {
    let (client, connection) = tokio_postgres::connect(&database.url, NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    let tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'";
    let mut dump = Dump::new();
    for table in client.query(tables, &[]).await.unwrap() {
        let table: String = table.get(0);
        let query = format!("SELECT t::text FROM \"{table}\" AS t");
        let rows = client.query(&query, &[]).await.unwrap();
        dump.insert(table, rows.iter().map(|row| row.get(0)).collect());
    }
    drop(client);
    connection.await.unwrap().unwrap();
    dump
}
