//! Folded texts of rows from before the column existed: SQL alone cannot fold as the server does.
//! An index contains only such rows, so that this costs nothing once they are done. A server of the
//! previous release, which shares the database for a while, may write more of them; the next start
//! finds those.

use crate::{
    db::{
        self, Conn, Db, RunQueryDsl, on,
        schema::customer_contacts,
        sql::{Column, Select, Sql},
        types::Uid,
    },
    search_key::fold,
};

/// Rows per statement.
const BATCH: i64 = 500;

const TENANT_ID: Column = Column::of::<customer_contacts::tenant_id>("customer_contacts");
const ID: Column = Column::of::<customer_contacts::id>("customer_contacts");

/// Folds the e-mail addresses of contacts that are not folded yet.
pub async fn fold_contact_emails(db: &Db) -> Result<(), db::Error> {
    let mut lease = db.write().await?;
    let conn = &mut lease.conn();
    loop {
        let unfolded = unfolded(conn).await?;
        if unfolded.is_empty() {
            return Ok(());
        }
        let update = Sql::new("UPDATE customer_contacts SET email_id_key = folded.email_id_key")
            .sql(" FROM (")
            .append(rows(&unfolded))
            .sql(") AS folded WHERE ")
            .column(TENANT_ID)
            .sql(" = folded.tenant_id AND ")
            .column(ID)
            .sql(" = folded.id AND customer_contacts.email_id = folded.email_id")
            .uncached();
        on!(conn, |c| update.execute(c).await)?;
    }
}

/// A tenant, and the id and e-mail address of one of its contacts.
type Unfolded = (String, Uid, Option<String>);

async fn unfolded(conn: &mut Conn<'_>) -> Result<Vec<Unfolded>, db::Error> {
    let query = Select {
        with: Sql::default(),
        selection: (
            customer_contacts::tenant_id,
            customer_contacts::id,
            customer_contacts::email_id,
        ),
        from: Sql::new(
            " FROM customer_contacts WHERE email_id IS NOT NULL AND email_id_key IS NULL",
        )
        .sql(" LIMIT ")
        .number(BATCH),
    };
    Ok(on!(conn, |c| query.load(c).await)?)
}

/// The rows with their folded texts.
fn rows(unfolded: &[Unfolded]) -> Sql {
    let row = |(tenant, id, email): &Unfolded| {
        let email = email.clone().unwrap_or_default();
        let key = fold(&email);
        let row = Sql::new("SELECT ").text(tenant).sql(" AS tenant_id, ").uid(*id).sql(" AS id, ");
        row.text(email).sql(" AS email_id, ").text(key).sql(" AS email_id_key")
    };
    let rows = unfolded.iter().map(row);
    rows.reduce(|rows, row| rows.sql(" UNION ALL ").append(row)).unwrap_or_default()
}
