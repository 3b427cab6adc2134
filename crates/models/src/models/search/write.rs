//! Writing the search keys of rows.

use super::{SearchedText, keys_of};
use crate::{
    auth::Tenant,
    db::{
        self, Conn, execute,
        sql::{Sql, TextSet},
        types::Uid,
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

/// The assignment of the search keys in an `UPDATE`, followed by a comma; empty if no searched text
/// has changed.
pub fn changed_keys<A>(texts: &[SearchedText<A>], (before, row): (&A, &A), tenant: &Tenant) -> Sql {
    if !texts.iter().any(|text| text.is_changed(before, row)) {
        return Sql::default();
    }
    Sql::default().name(COLUMN).sql(" = ").text(text_of_keys(texts, row, tenant)).sql(", ")
}

/// Rebuilds the search keys of rows, and writes those that differ.
pub async fn store_keys<R: Row, A: Sync>(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    texts: &[SearchedText<A>],
    rows: &[(&R, &A)],
) -> Result<(), db::Error> {
    let row = |(row, attributes): &(&R, &A)| {
        format!("{}{}\n", row.uid(), text_of_keys(texts, attributes, tenant))
    };
    let (set, differs) = ("search_keys = made.keys", "search_keys <> made.keys");
    store::<R>(tx, tenant, rows.iter().map(row).collect(), (set, differs)).await
}

/// Like [`store_keys`], together with the keys of the rows' children: such a row is in many indexes, so it is written
/// only once.
pub async fn store_all_keys<R: Row, A: Sync>(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    texts: &[SearchedText<A>],
    rows: &[(&R, &A)],
    child_keys: impl Fn(Uid) -> String,
) -> Result<(), db::Error> {
    let row = |(row, attributes): &(&R, &A)| {
        let keys = text_of_keys(texts, attributes, tenant);
        format!("{}{keys}\n{}", row.uid(), child_keys(row.uid()))
    };
    let set = "search_keys = made.keys, child_search_keys = made.child_keys";
    let differs = "(search_keys <> made.keys OR child_search_keys <> made.child_keys)";
    store::<R>(tx, tenant, rows.iter().map(row).collect(), (set, differs)).await
}

/// Executes an update of rows, each of which is a text: the 32 digits of its id, its keys and, after a line feed, the
/// keys of its children.
async fn store<R: Row>(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    rows: TextSet,
    (set, differs): (&'static str, &'static str),
) -> Result<(), db::Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let postgres = Sql::new("CAST(substr(listed.value, 1, 32) AS uuid)");
    let sqlite = Sql::new("unhex(substr(listed.value, 1, 32))");
    let uid = Sql::default().per_dialect(postgres, sqlite);
    let postgres = Sql::new("strpos(listed.value, chr(10))");
    let end = Sql::default().per_dialect(postgres, Sql::new("instr(listed.value, char(10))"));
    let update = Sql::template(
        "UPDATE {table} SET {set} FROM (SELECT {uid} AS id, \
         substr(listed.value, 33, {end} - 33) AS keys, substr(listed.value, {end} + 1) AS child_keys \
         FROM {rows} AS listed) AS made \
         WHERE {tenant_id} = {tenant} AND {id} = made.id AND {differs}",
        [
            ("table", Sql::default().name(R::TABLE)),
            ("set", Sql::new(set)),
            ("uid", uid),
            ("end", end),
            ("rows", Sql::default().texts(rows)),
            ("tenant_id", Sql::default().column(R::TENANT_ID)),
            ("tenant", Sql::default().text(tenant.id())),
            ("id", Sql::default().column(R::ID)),
            ("differs", Sql::new(differs)),
        ],
    );
    Ok(execute!(tx, update)?)
}
