//! Writing the search keys of rows.

use super::{SearchedText, keys_of, names::new_words};
use crate::{
    auth::Tenant,
    db::{
        self, Conn, execute,
        sql::{Sql, TextSet, always},
    },
    models::row::Row,
};

/// The column of the search keys.
const COLUMN: &str = "search_keys";

/// The search keys of a row, with their column, if customers are found by any of its texts.
pub fn stored_keys<A>(
    texts: &[SearchedText<A>],
    row: &A,
    tenant: &Tenant,
) -> Option<(&'static str, String)> {
    (!texts.is_empty()).then(|| (COLUMN, text_of_keys(texts, row, tenant)))
}

fn text_of_keys<A>(texts: &[SearchedText<A>], row: &A, tenant: &Tenant) -> String {
    keys_of(texts, row, tenant).into_iter().collect::<Vec<_>>().join(" ")
}

/// Assigns the search keys in an update, followed by a comma, if they are not as before.
pub fn changed_keys<A>(texts: &[SearchedText<A>], (before, row): (&A, &A), tenant: &Tenant) -> Sql {
    if !texts.iter().any(|text| text.is_changed(before, row)) {
        return Sql::default();
    }
    Sql::default().name(COLUMN).sql(" = ").text(text_of_keys(texts, row, tenant)).sql(", ")
}

/// Makes the search keys of stored rows anew, and adds their words.
pub async fn rebuild<R: Row, A: Sync>(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    texts: &[SearchedText<A>],
    rows: &[(&R, &A)],
) -> Result<(), db::Error> {
    let row = |(row, attributes): &(&R, &A)| {
        format!("{}{}", row.uid(), text_of_keys(texts, attributes, tenant))
    };
    let keys: TextSet = rows.iter().map(row).collect();
    if keys.is_empty() {
        return Ok(());
    }
    let digits = || Sql::new("substr(listed.value, 1, 32)");
    let postgres = Sql::new("CAST(").append(digits()).sql(" AS uuid)");
    let uid = Sql::default().per_dialect(postgres, Sql::new("unhex(").append(digits()).sql(")"));
    let update = Sql::template(
        "UPDATE {table} SET search_keys = substr(listed.value, 33) FROM {keys} AS listed \
         WHERE {tenant_id} = {tenant} AND {id} = {uid} AND search_keys <> substr(listed.value, 33)",
        [
            ("table", Sql::default().name(R::TABLE)),
            ("keys", Sql::default().texts(keys)),
            ("tenant_id", Sql::default().column(R::TENANT_ID)),
            ("tenant", Sql::default().text(tenant.id())),
            ("id", Sql::default().column(R::ID)),
            ("uid", uid),
        ],
    );
    execute!(tx, update)?;
    match new_words(tenant, texts, rows.iter().map(|(_, row)| *row), &always()) {
        Some(words) => Ok(execute!(tx, words)?),
        None => Ok(()),
    }
}
