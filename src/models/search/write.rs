//! Writing the search keys of rows, and the words in names.

use std::collections::BTreeSet;

use super::{KeyKind, SearchedText, keys_of, names_of};
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

/// A statement that adds the words of rows that are not known yet, if that condition is met.
pub fn new_words<'r, A: 'r>(
    tenant: &Tenant,
    texts: &[SearchedText<A>],
    rows: impl Iterator<Item = &'r A>,
    condition: &Sql,
) -> Option<Sql> {
    word_insertion(tenant, &rows.flat_map(|row| names_of(texts, row)).collect(), condition)
}

/// Adds the words of a changed row.
pub async fn add_words<A: Sync>(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    texts: &[SearchedText<A>],
    (before, row): (&A, &A),
) -> Result<(), db::Error> {
    let mut names = texts.iter().filter(|text| text.kind == KeyKind::Words);
    if !names.any(|text| text.is_changed(before, row)) {
        return Ok(());
    }
    let known = names_of(texts, before);
    let new = names_of(texts, row).into_iter().filter(|name| !known.contains(name)).collect();
    match word_insertion(tenant, &new, &always()) {
        Some(words) => Ok(execute!(tx, words)?),
        None => Ok(()),
    }
}

/// The places in a word of [`WORD_MAX`](crate::search_words::WORD_MAX) characters, for SQLite, which has no
/// `generate_series`.
const PLACES: &str = "json_each('[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,\
    29,30,31,32,33,34,35,36,37,38,39,40]') AS place ON place.value <= length(added.word)";

/// Adds the words that are not known yet, by each three characters of them. A known word costs one look-up.
fn word_insertion(tenant: &Tenant, words: &BTreeSet<String>, condition: &Sql) -> Option<Sql> {
    if words.is_empty() {
        return None;
    }
    // Not by `NOT EXISTS`, which PostgreSQL can turn into a join that reads all words of the tenant.
    let is_new = Sql::template(
        "(SELECT 1 FROM customer_search_words AS known WHERE known.tenant_id = {tenant} \
         AND known.gram = substr('^' || listed.value, 1, 3) AND known.word = listed.value \
         LIMIT 1) IS NULL",
        [("tenant", Sql::default().text(tenant.id()))],
    );
    let places = Sql::default().per_dialect(
        Sql::new("CROSS JOIN LATERAL generate_series(1, length(added.word)) AS place (value)"),
        Sql::new("JOIN ").sql(PLACES),
    );
    let words = words.iter().cloned().collect();
    Some(Sql::template(
        "INSERT INTO customer_search_words (tenant_id, gram, word) \
         SELECT {tenant}, substr('^' || added.word || '$', place.value, 3), added.word \
         FROM (SELECT listed.value AS word FROM {words} AS listed WHERE {condition} AND {is_new}) \
         AS added {places}",
        [
            ("tenant", Sql::default().text(tenant.id())),
            ("words", Sql::default().texts(words)),
            ("condition", condition.clone()),
            ("is_new", is_new),
            ("places", places),
        ],
    ))
}
