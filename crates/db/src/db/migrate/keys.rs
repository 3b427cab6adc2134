//! Backfills folded texts of rows that are older than the column, because SQL alone cannot fold as
//! the server does. A partial index contains only such rows, so that this costs nothing once all
//! are folded. A server of the previous release that shares the database during an upgrade may
//! write more of them; the next start folds these.

use diesel::sql_types::Text;

use crate::{
    db::{
        self, Conn, Db, RunQueryDsl, on,
        sql::{Column, Expr, Select, Sql},
        types::{Uid, sql_types},
    },
    search_key::fold,
};

/// Rows per statement.
const BATCH: i64 = 500;

/// A text with its folded copy.
#[derive(Clone, Copy)]
struct Folded {
    text: Column,
    key: Column,
}

/// The texts whose folded copies were added to existing tables.
const FOLDED: [Folded; 4] = [
    folded("customer_contacts", "email_id", "email_id_key"),
    folded("customer_contacts", "first_name", "first_name_key"),
    folded("customer_contacts", "last_name", "last_name_key"),
    folded("customer_addresses", "city", "city_key"),
];

const fn folded(table: &'static str, text: &'static str, key: &'static str) -> Folded {
    Folded { text: Column { table, name: text }, key: Column { table, name: key } }
}

/// Folds the texts that are not folded yet.
pub async fn fold_texts(db: &Db) -> Result<(), db::Error> {
    let mut lease = db.write().await?;
    let conn = &mut lease.conn();
    for folded in FOLDED {
        loop {
            let unfolded = unfolded(conn, folded).await?;
            if unfolded.is_empty() {
                break;
            }
            let update = folded.update(&unfolded);
            on!(conn, |c| update.execute(c).await)?;
        }
    }
    Ok(())
}

/// A tenant, and the id and the text of one of its rows.
type Unfolded = (String, Uid, String);

async fn unfolded(conn: &mut Conn<'_>, folded: Folded) -> Result<Vec<Unfolded>, db::Error> {
    let Folded { text, key } = folded;
    let query = Select {
        with: Sql::default(),
        selection: (
            Expr::<Text>::literal("tenant_id"),
            Expr::<sql_types::Uid>::literal("id"),
            Expr::<Text>::new(text.sql()),
        ),
        from: Sql::template(
            " FROM {table} WHERE {text} IS NOT NULL AND {key} IS NULL LIMIT {batch}",
            [
                ("table", Sql::default().name(text.table)),
                ("text", text.sql()),
                ("key", key.sql()),
                ("batch", Sql::default().literal(BATCH)),
            ],
        ),
    };
    Ok(on!(conn, |c| query.load(c).await)?)
}

impl Folded {
    /// Writes the folded texts of rows that still have these texts.
    fn update(self, unfolded: &[Unfolded]) -> Sql {
        let Self { text, key } = self;
        let of_table = |name| Column { table: text.table, name }.sql();
        let row = |(tenant, id, text): &Unfolded| {
            let row = Sql::new("SELECT ").text(tenant).sql(" AS tenant_id, ").uid(*id);
            let row = row.sql(" AS id, ").text(text).sql(" AS unfolded, ");
            row.text(fold(text)).sql(" AS folded")
        };
        let rows = unfolded.iter().map(row);
        let rows = rows.reduce(|rows, row| rows.sql(" UNION ALL ").append(row));
        let update = Sql::template(
            "UPDATE {table} SET {key} = found.folded FROM ({rows}) AS found \
             WHERE {tenant_id} = found.tenant_id AND {id} = found.id AND {text} = found.unfolded",
            [
                ("table", Sql::default().name(text.table)),
                ("key", Sql::default().name(key.name)),
                ("rows", rows.unwrap_or_default()),
                ("tenant_id", of_table("tenant_id")),
                ("id", of_table("id")),
                ("text", text.sql()),
            ],
        );
        update.uncached()
    }
}
