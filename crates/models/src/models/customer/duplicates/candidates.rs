//! The customers that share a text with another one, found by search keys and by names.

use std::collections::{BTreeSet, HashMap};

use diesel::sql_types::Text;

use super::Known;
use crate::{
    auth::Tenant,
    db::{
        self, Conn, RunQueryDsl, on,
        sql::{Expr, Select, Sql, TextSet},
        types::{Uid, sql_types},
    },
    models::{
        grouped,
        search::{KEYS, has_listed_key, listed_key},
    },
};

/// Maximum number of customers with the same text for which it counts as evidence. The number of a switchboard, or a
/// common name, does not.
const SHARED_MAX: i64 = 50;

/// The customers that share a text with each of some customers.
#[derive(Default)]
pub struct Candidates {
    /// The keys and the folded names that few customers have.
    pub keys: BTreeSet<String>,
    pub names: BTreeSet<String>,
    of: HashMap<Uid, BTreeSet<Uid>>,
}

impl Candidates {
    /// Finds the candidates of these customers, whose clues are known, in at most two statements.
    pub async fn find(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        known: &Known,
        customers: &[Uid],
    ) -> Result<Self, db::Error> {
        let clues = || customers.iter().filter_map(|id| Some((*id, known.clues(*id)?)));
        let keys: BTreeSet<&String> = clues().flat_map(|(_, clues)| clues.keys()).collect();
        let names: BTreeSet<&String> = clues().filter_map(|(_, clues)| clues.name_key()).collect();
        let by_key = with_keys(conn, tenant, &keys).await?;
        let by_name = with_names(conn, tenant, &names).await?;
        let mut found = Self::default();
        for (id, clues) in clues() {
            let with_key = clues.keys().filter_map(|key| by_key.get(key));
            let with_name = clues.name_key().and_then(|name| by_name.get(name));
            let others = with_key.chain(with_name).flatten().copied();
            found.of.entry(id).or_default().extend(others.filter(|other| *other != id));
        }
        found.keys = by_key.into_keys().collect();
        found.names = by_name.into_keys().collect();
        Ok(found)
    }

    /// The candidates of a customer.
    pub fn of(&self, customer: Uid) -> impl Iterator<Item = Uid> {
        self.of.get(&customer).into_iter().flatten().copied()
    }

    /// The candidates of all customers.
    pub fn all(&self) -> impl Iterator<Item = Uid> {
        self.of.values().flatten().copied().collect::<BTreeSet<Uid>>().into_iter()
    }
}

/// The customers with each of these keys, without the keys that too many customers have.
async fn with_keys(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    keys: &BTreeSet<&String>,
) -> Result<HashMap<String, Vec<Uid>>, db::Error> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    // Each key as a `tsquery` of PostgreSQL, with the plain key, which SQLite stores.
    let listed = keys.iter().map(|key| (listed_key(tenant, key), (*key).clone()));
    let listed: HashMap<String, String> = listed.collect();
    let quoted = Sql::default().texts(listed.keys().cloned().collect());
    let plain = Sql::default().texts(keys.iter().map(|key| (*key).clone()).collect());
    let texts = Sql::default().per_dialect(quoted, plain);
    let found = each(conn, tenant, (KEYS, "customer_id"), texts, has_listed_key()).await?;
    let plain = |key: String| listed.get(&key).cloned().unwrap_or(key);
    Ok(found.into_iter().map(|(key, customers)| (plain(key), customers)).collect())
}

/// The customers with each of these folded names, without the names that too many customers have.
async fn with_names(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    names: &BTreeSet<&String>,
) -> Result<HashMap<String, Vec<Uid>>, db::Error> {
    if names.is_empty() {
        return Ok(HashMap::new());
    }
    let texts: TextSet = names.iter().map(|name| (*name).clone()).collect();
    let texts = Sql::default().texts(texts);
    let has_name = Sql::new("customers.customer_name_key = listed.value");
    each(conn, tenant, ("customers", "id"), texts, has_name).await
}

/// Each of the texts with the ids of the table's rows that have it, without the texts that more than [`SHARED_MAX`]
/// have. `condition` refers to the table and to `listed.value`.
///
/// PostgreSQL looks up each text once. SQLite cannot limit the rows per text, so it counts them first.
async fn each(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    (table, id): (&'static str, &'static str),
    texts: Sql,
    condition: Sql,
) -> Result<HashMap<String, Vec<Uid>>, db::Error> {
    let of_table = |text| {
        let holes = [
            ("table", Sql::default().name(table)),
            ("id", Sql::default().name(id)),
            ("tenant", Sql::default().text(tenant.id())),
            ("has_text", condition.clone()),
            ("most", Sql::default().literal(SHARED_MAX)),
            ("too_many", Sql::default().literal(SHARED_MAX + 1)),
        ];
        Sql::template(text, holes)
    };
    let postgres = " CROSS JOIN LATERAL (SELECT {id} FROM {table} \
        WHERE {table}.tenant_id = {tenant} AND {has_text} LIMIT {too_many}) AS {table}";
    let sqlite = " CROSS JOIN {table} ON {table}.tenant_id = {tenant} AND {has_text} \
        WHERE (SELECT count(*) FROM (SELECT 1 FROM {table} \
        WHERE {table}.tenant_id = {tenant} AND {has_text} LIMIT {too_many}) AS found) <= {most}";
    let from = Sql::new(" FROM ").append(texts).sql(" AS listed");
    let from = from.per_dialect(of_table(postgres), of_table(sqlite));
    let customer = Expr::<sql_types::Uid>::new(of_table("{table}.{id}"));
    let selection = (Expr::<Text>::literal("listed.value"), customer);
    let query = Select { with: Sql::default(), selection, from };
    let rows: Vec<(String, Uid)> = on!(conn, |c| query.load(c).await)?;
    let mut found = grouped(rows);
    found.retain(|_, customers| i64::try_from(customers.len()).is_ok_and(|it| it <= SHARED_MAX));
    Ok(found)
}
