//! Numbers shared by several customers, from before they had to be unique.
//!
//! A unique index cannot be created while rows violate it, and the database would report at most
//! one pair. So all duplicates are found before the first migration runs: the operator sees all of
//! them, and can continue to use the previous release.

use std::fmt;

use diesel::{
    QueryResult, QueryableByName, RunQueryDsl as _, SqliteConnection, sql_query, sql_types::Text,
};
use diesel_async::AsyncPgConnection;

use crate::{
    db::types::{Uid, sql_types},
    id::NodeType,
};

/// The unique columns of customers, with their names in the API.
const UNIQUE: [(&str, &str); 2] =
    [("loyalty_id", "loyaltyId"), ("customer_pos_id", "customerPosId")];

/// Maximum number of customers in the message.
const NAMED_MAX: usize = 100;

/// Selects the columns of customers that have no unique index yet.
const COLUMNS_OF_SQLITE: &str = "SELECT c.name AS name FROM pragma_table_info('customers') AS c
    WHERE NOT EXISTS (SELECT 1 FROM pragma_index_list('customers') AS i
        JOIN pragma_index_info(i.name) AS k ON k.seqno = 1
        WHERE i.\"unique\" = 1 AND k.name = c.name)";
const COLUMNS_OF_POSTGRES: &str = "SELECT a.attname::text AS name FROM pg_attribute AS a
    WHERE a.attrelid = to_regclass('customers') AND a.attnum > 0 AND NOT a.attisdropped
      AND NOT EXISTS (SELECT 1 FROM pg_index AS x
          WHERE x.indrelid = a.attrelid AND x.indisunique AND x.indkey[1] = a.attnum)";

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Holder {
    #[diesel(sql_type = Text)]
    tenant_id: String,
    #[diesel(sql_type = Text)]
    number: String,
    #[diesel(sql_type = sql_types::Uid)]
    id: Uid,
    #[diesel(sql_type = Text)]
    external_id: String,
}

/// Selects the customers that share a number with another customer of the tenant.
fn holders(column: &str) -> String {
    format!(
        "SELECT c.tenant_id AS tenant_id, c.{column} AS number, c.id AS id,
             coalesce(c.external_id, '') AS external_id
         FROM (SELECT tenant_id, {column} AS number FROM customers WHERE {column} IS NOT NULL
               GROUP BY tenant_id, {column} HAVING count(*) > 1) AS shared
         JOIN customers AS c ON c.tenant_id = shared.tenant_id AND c.{column} = shared.number
         ORDER BY c.tenant_id, c.{column}, c.id LIMIT {}",
        NAMED_MAX + 1
    )
}

/// Numbers shared by several customers. They print as one line each.
#[derive(Debug, Default)]
pub struct Duplicates {
    lines: Vec<String>,
    customers: usize,
}

impl Duplicates {
    pub(super) fn of_sqlite(conn: &mut SqliteConnection) -> QueryResult<Self> {
        let mut found = Self::default();
        let columns: Vec<Column> = sql_query(COLUMNS_OF_SQLITE).load(conn)?;
        for (column, attribute) in unique(&columns) {
            found.add(attribute, &sql_query(holders(column)).load(conn)?);
        }
        Ok(found)
    }

    pub(super) async fn of_postgres(conn: &mut AsyncPgConnection) -> QueryResult<Self> {
        use diesel_async::RunQueryDsl;
        let mut found = Self::default();
        let columns: Vec<Column> = RunQueryDsl::load(sql_query(COLUMNS_OF_POSTGRES), conn).await?;
        for (column, attribute) in unique(&columns) {
            found.add(attribute, &RunQueryDsl::load(sql_query(holders(column)), conn).await?);
        }
        Ok(found)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    fn add(&mut self, attribute: &str, holders: &[Holder]) {
        let of_one_number =
            |a: &Holder, b: &Holder| (&a.tenant_id, &a.number) == (&b.tenant_id, &b.number);
        for holders in holders.chunk_by(of_one_number) {
            let Some(first) = holders.first() else { continue };
            let customers: Vec<String> = holders.iter().map(Holder::describe).collect();
            self.customers += customers.len();
            self.lines.push(format!(
                "tenant {}, {attribute} {:?}: {}",
                first.tenant_id,
                first.number,
                customers.join(", ")
            ));
        }
    }
}

fn unique(columns: &[Column]) -> impl Iterator<Item = (&'static str, &'static str)> {
    UNIQUE.into_iter().filter(|(column, _)| columns.iter().any(|it| it.name == *column))
}

impl Holder {
    fn describe(&self) -> String {
        let id = NodeType::Customer.id(self.id);
        if self.external_id.is_empty() {
            id.to_string()
        } else {
            format!("{id} (externalId {:?})", self.external_id)
        }
    }
}

impl fmt::Display for Duplicates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            write!(f, "\n  {line}")?;
        }
        if self.customers > NAMED_MAX { write!(f, "\n  and perhaps more") } else { Ok(()) }
    }
}
