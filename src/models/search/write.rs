//! Writing the search keys of rows.

use std::collections::BTreeSet;

use super::{SearchedText, grams, keys_of, names_of};
use crate::{
    auth::Tenant,
    db::{
        self, Conn, execute,
        sql::{Sql, TextSet, UidSet, always},
        types::Uid,
    },
};

/// A row with texts by which a customer is found.
pub struct Source<'r, A> {
    pub customer: Uid,
    pub id: Uid,
    pub row: &'r A,
}

/// Adds the keys of new rows.
pub async fn insert<A: Sync>(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    texts: &[SearchedText<A>],
    sources: &[Source<'_, A>],
) -> Result<(), db::Error> {
    write(tx, insertions(tenant, texts, sources, &always())).await
}

/// Statements that add the keys of new rows, if that condition is met.
pub fn insertions<A>(
    tenant: &Tenant,
    texts: &[SearchedText<A>],
    sources: &[Source<'_, A>],
    condition: &Sql,
) -> Vec<Sql> {
    let keys = match sources {
        [source] => key_insertion(tenant, source, keys_of(texts, source.row, tenant), condition),
        sources => {
            let of_source = |source: &Source<'_, A>| {
                let row = |key: String| format!("{}{}{key}", source.customer, source.id);
                keys_of(texts, source.row, tenant).into_iter().map(row).collect::<Vec<_>>()
            };
            insertion_of_many(tenant, sources.iter().flat_map(of_source).collect(), condition)
        }
    };
    let names = sources.iter().flat_map(|source| names_of(texts, source.row)).collect();
    keys.into_iter().chain(name_insertion(tenant, &names, condition)).collect()
}

/// Writes the keys of a row that were not there before a change, and deletes the others.
pub async fn update<A: Sync>(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    texts: &[SearchedText<A>],
    source: Source<'_, A>,
    before: &A,
) -> Result<(), db::Error> {
    if texts.is_empty() {
        return Ok(());
    }
    let (stored, keys) = (keys_of(texts, before, tenant), keys_of(texts, source.row, tenant));
    let deleted: TextSet = stored.difference(&keys).cloned().collect();
    if !deleted.is_empty() {
        let delete = of_source(tenant, &source).sql(" AND key").is_any_text(deleted);
        execute!(tx, delete)?;
    }
    let keys = keys.difference(&stored).cloned().collect();
    let keys = key_insertion(tenant, &source, keys, &always());
    let (known, names) = (names_of(texts, before), names_of(texts, source.row));
    let names = name_insertion(tenant, &names.difference(&known).cloned().collect(), &always());
    write(tx, keys.into_iter().chain(names)).await
}

async fn write(
    tx: &mut Conn<'_>,
    statements: impl IntoIterator<Item = Sql>,
) -> Result<(), db::Error> {
    for statement in statements {
        execute!(tx, statement)?;
    }
    Ok(())
}

/// Adds keys of a row.
fn key_insertion<A>(
    tenant: &Tenant,
    source: &Source<'_, A>,
    keys: BTreeSet<String>,
    condition: &Sql,
) -> Option<Sql> {
    let ids = Sql::default().uid(source.customer).sql(", ").uid(source.id);
    let row = Sql::new(", listed.value, ").append(ids);
    (!keys.is_empty()).then(|| insertion(tenant, row, keys.into_iter().collect(), condition))
}

/// Adds keys, each after the ids of its customer and of its source.
fn insertion_of_many(tenant: &Tenant, keys: Vec<String>, condition: &Sql) -> Option<Sql> {
    let uid = |start: &'static str| {
        let digits = || Sql::new("substr(listed.value, ").sql(start).sql(", 32)");
        let postgres = Sql::new("CAST(").append(digits()).sql(" AS uuid)");
        Sql::default().per_dialect(postgres, Sql::new("unhex(").append(digits()).sql(")"))
    };
    let ids = uid("1").sql(", ").append(uid("33"));
    let row = Sql::new(", substr(listed.value, 65), ").append(ids);
    (!keys.is_empty()).then(|| insertion(tenant, row, keys.into_iter().collect(), condition))
}

fn insertion(tenant: &Tenant, row: Sql, keys: TextSet, condition: &Sql) -> Sql {
    Sql::new("INSERT INTO customer_search_keys (tenant_id, key, customer_id, source_id) SELECT ")
        .text(tenant.id())
        .append(row)
        .sql(" FROM ")
        .texts(keys)
        .sql(" AS listed WHERE ")
        .append(condition.clone())
        .sql(" ON CONFLICT DO NOTHING")
}

/// Adds the words that are not known yet.
fn name_insertion(tenant: &Tenant, words: &BTreeSet<String>, condition: &Sql) -> Option<Sql> {
    let of_word = |word: &String| -> Vec<String> {
        grams(word).into_iter().map(|gram| gram + word).collect()
    };
    let rows: TextSet = words.iter().flat_map(of_word).collect();
    let gram = "substr(listed.value, 1, 3)";
    let word = "substr(listed.value, 4)";
    let insert = Sql::new("INSERT INTO customer_search_words (tenant_id, gram, word) SELECT ")
        .text(tenant.id())
        .sql(", ")
        .sql(gram)
        .sql(", ")
        .sql(word)
        .sql(" FROM ");
    // Not by `NOT EXISTS`, which PostgreSQL can turn into a join that reads all words of the tenant.
    let is_new = Sql::new("(SELECT 1 FROM customer_search_words AS known WHERE known.tenant_id = ")
        .text(tenant.id())
        .sql(" AND known.gram = ")
        .sql(gram)
        .sql(" AND known.word = ")
        .sql(word)
        .sql(" LIMIT 1) IS NULL");
    let listed = |rows: TextSet| Sql::default().texts(rows).sql(" AS listed WHERE ");
    (!rows.is_empty())
        .then(|| insert.append(listed(rows)).append(condition.clone()).sql(" AND ").append(is_new))
}

/// Deletes the keys of deleted contacts or addresses of a customer.
pub async fn delete_of_sources(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    customer: Uid,
    sources: &[Uid],
) -> Result<(), db::Error> {
    let sources = sources.iter().copied().collect::<UidSet>().into();
    let delete = of_customer(tenant.id()).sql(" = ").uid(customer).sql(" AND source_id");
    Ok(execute!(tx, delete.is_any_uid(sources))?)
}

/// Deletes the keys of deleted customers, with those of their contacts and addresses.
pub async fn delete_of_customers(
    tx: &mut Conn<'_>,
    tenant: &str,
    customers: &[Uid],
) -> Result<(), db::Error> {
    let customers = customers.iter().copied().collect::<UidSet>().into();
    let delete = of_customer(tenant).is_any_uid(customers);
    Ok(execute!(tx, delete)?)
}

fn of_source<A>(tenant: &Tenant, source: &Source<'_, A>) -> Sql {
    let delete = of_customer(tenant.id()).sql(" = ").uid(source.customer);
    delete.sql(" AND source_id = ").uid(source.id)
}

/// Deletes the keys of a customer; the condition on its id follows.
fn of_customer(tenant: &str) -> Sql {
    Sql::new("DELETE FROM customer_search_keys WHERE tenant_id = ")
        .text(tenant)
        .sql(" AND customer_id")
}
