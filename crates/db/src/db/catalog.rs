//! Checks of the database itself and not of its rows, for `clientele check`. Each function returns
//! a line per problem.

use std::collections::BTreeSet;

use diesel::{Connection, QueryableByName, SqliteConnection, sql_types::Text};
use diesel_migrations::MigrationHarness;

use super::{Conn, Db, Error, migrate, on, pool::Pools};

/// A name or a sentence that a statement returns as `name`.
#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

async fn names(
    db: &Db,
    sqlite: &'static str,
    postgres: &'static str,
) -> Result<Vec<String>, Error> {
    let mut lease = db.read().await?;
    let conn = &mut lease.conn();
    let text = if matches!(conn, Conn::Sqlite(_)) { sqlite } else { postgres };
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let query = diesel::sql_query(text);
    let rows: Vec<Name> = on!(conn, |c| super::RunQueryDsl::load(query, c).await)?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}

/// The tables that this user cannot write to. On SQLite, the file if nobody can write to it.
pub async fn missing_permissions(db: &Db) -> Result<Vec<String>, Error> {
    let postgres = "SELECT format('no permission to write to %s', tablename) AS name \
         FROM pg_tables WHERE schemaname = current_schema() AND NOT ( \
             has_table_privilege(quote_ident(schemaname) || '.' || quote_ident(tablename), 'SELECT') \
             AND has_table_privilege(quote_ident(schemaname) || '.' || quote_ident(tablename), 'INSERT') \
             AND has_table_privilege(quote_ident(schemaname) || '.' || quote_ident(tablename), 'UPDATE') \
             AND has_table_privilege(quote_ident(schemaname) || '.' || quote_ident(tablename), 'DELETE')) \
         UNION ALL SELECT 'the server is a replica, which cannot be written to' \
             WHERE pg_is_in_recovery() \
         UNION ALL SELECT 'transactions are read-only by default' \
             WHERE current_setting('default_transaction_read_only') = 'on' \
         ORDER BY 1";
    if let Pools::Sqlite { path, .. } = &db.pools {
        let is_read_only = path.metadata().is_ok_and(|file| file.permissions().readonly());
        return Ok(is_read_only.then(|| "the file is read-only".to_owned()).into_iter().collect());
    }
    names(db, "", postgres).await
}

/// Missing extensions, and settings that error detection relies on.
pub async fn missing_extensions(db: &Db) -> Result<Vec<String>, Error> {
    let sqlite = "SELECT 'SQLite is built without fts5' AS name \
         WHERE NOT EXISTS (SELECT 1 FROM pragma_module_list WHERE name = 'fts5')";
    let postgres = "SELECT format('the extension %s is missing', needed) AS name \
         FROM unnest(ARRAY['btree_gin', 'pg_trgm']) AS needed \
         WHERE NOT EXISTS (SELECT 1 FROM pg_extension WHERE extname = needed) \
         UNION ALL SELECT 'the encoding of the database is not UTF8' \
             WHERE current_setting('server_encoding') <> 'UTF8' \
         UNION ALL SELECT format('lc_messages is %s: it must be C or English', setting) \
             FROM pg_settings WHERE name = 'lc_messages' AND setting !~ '^(C|POSIX|en|$)' \
         ORDER BY 1";
    names(db, sqlite, postgres).await
}

/// Indexes of the migrations that are missing, or that PostgreSQL has marked as invalid.
pub async fn missing_indexes(db: &Db) -> Result<Vec<String>, Error> {
    let sqlite = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL";
    let postgres = "SELECT relname::text AS name FROM pg_index \
         JOIN pg_class ON pg_class.oid = indexrelid \
         WHERE indisvalid AND relnamespace = current_schema()::regnamespace";
    let is_sqlite = matches!(db.read().await?.conn(), Conn::Sqlite(_));
    let present: BTreeSet<String> = names(db, sqlite, postgres).await?.into_iter().collect();
    let needed = tokio::task::spawn_blocking(move || needed_indexes(is_sqlite)).await;
    let needed = needed.map_err(|error| Error::Unavailable(error.into()))??;
    let missing = needed.into_iter().filter(|name| !present.contains(name));
    Ok(missing.map(|name| format!("{name} is missing or not valid")).collect())
}

/// The names of the indexes created by the migrations. Both trees have the same indexes, except for
/// substring search and for search keys.
fn needed_indexes(is_sqlite: bool) -> Result<Vec<String>, Error> {
    let unavailable = |error: Box<dyn std::error::Error + Send + Sync>| Error::Unavailable(error);
    let mut conn = SqliteConnection::establish(":memory:").map_err(|it| unavailable(it.into()))?;
    conn.run_pending_migrations(migrate::SQLITE).map_err(unavailable)?;
    let sql =
        "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name";
    let rows: Vec<Name> = diesel::RunQueryDsl::load(diesel::sql_query(sql), &mut conn)?;
    let names = rows.into_iter().map(|row| row.name);
    if is_sqlite {
        return Ok(names.collect());
    }
    let on_postgres = |name: String| match name.strip_suffix("_docs_by_doc") {
        Some(search) => search.to_owned(),
        None if name == "customer_search_keys_by_customer" => "customers_by_search_key".to_owned(),
        None => name,
    };
    Ok(names.map(on_postgres).collect())
}

/// Damaged pages in SQLite's file, and rows with missing parents. PostgreSQL has its own tools for
/// this (`pg_amcheck`), and enforces its references.
pub async fn damage(db: &Db) -> Result<Vec<String>, Error> {
    let integrity =
        "SELECT integrity_check AS name FROM pragma_integrity_check WHERE integrity_check <> 'ok'";
    let references = "SELECT \"table\" || ' row ' || coalesce(rowid, '?') || ' refers to a row of ' \
         || parent || ' that is missing' AS name FROM pragma_foreign_key_check LIMIT 20";
    let mut found = names(db, integrity, "").await?;
    found.extend(names(db, references, "").await?);
    Ok(found)
}
