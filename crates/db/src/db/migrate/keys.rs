//! Folded texts of rows from before the column existed: SQL alone cannot fold as the server does.
//! An index contains only such rows, so that this costs nothing once they are done. A server of the
//! previous release, which shares the database for a while, may write more of them; the next start
//! finds those.

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
            Expr::<Text>::new(Sql::default().column(text)),
        ),
        from: Sql::new(" FROM ")
            .name(text.table)
            .sql(" WHERE ")
            .column(text)
            .sql(" IS NOT NULL AND ")
            .column(key)
            .sql(" IS NULL LIMIT ")
            .literal(BATCH),
    };
    Ok(on!(conn, |c| query.load(c).await)?)
}

impl Folded {
    /// Writes the folded texts of rows that still have these texts.
    fn update(self, unfolded: &[Unfolded]) -> Sql {
        let Self { text, key } = self;
        let of_table = |name| Column { table: text.table, name };
        let row = |(tenant, id, text): &Unfolded| {
            let row = Sql::new("SELECT ").text(tenant).sql(" AS tenant_id, ").uid(*id);
            let row = row.sql(" AS id, ").text(text).sql(" AS unfolded, ");
            row.text(fold(text)).sql(" AS folded")
        };
        let rows = unfolded.iter().map(row);
        let rows = rows.reduce(|rows, row| rows.sql(" UNION ALL ").append(row));
        Sql::new("UPDATE ")
            .name(text.table)
            .sql(" SET ")
            .name(key.name)
            .sql(" = found.folded FROM (")
            .append(rows.unwrap_or_default())
            .sql(") AS found WHERE ")
            .column(of_table("tenant_id"))
            .sql(" = found.tenant_id AND ")
            .column(of_table("id"))
            .sql(" = found.id AND ")
            .column(text)
            .sql(" = found.unfolded")
            .uncached()
    }
}
