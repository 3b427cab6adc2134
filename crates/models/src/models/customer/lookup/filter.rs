//! The filter of customers by a text: those that contain it, and those with search keys that match it.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, HashMap},
};

use diesel::sql_types::{BigInt, Text};

use super::{
    super::{CustomerAttributes, ID, merge::redirect_target},
    term::SearchTerm,
};
use crate::{
    auth::Tenant,
    db::{
        self, Conn, RunQueryDsl, on,
        sql::{Condition, Expr, Select, Sql, has_trigram},
        types::{Uid, sql_types},
    },
    models::{
        attribute::Attributes,
        list::Search,
        membership::Order,
        search::{KEYS, KeyTest, any_or_all_of, are_found_by, word_key},
        search_key::fold,
    },
};

/// The condition that a customer contains the text, or has search keys that match it. `customers` are those with such
/// keys, if they have been looked up.
pub fn condition(tenant: &Tenant, text: &str, customers: Option<&[Uid]>) -> Condition {
    let columns = CustomerAttributes::search_columns();
    let search = CustomerAttributes::SEARCH;
    let contains = Condition::contains(search, &columns, tenant.id(), &fold(text));
    let keys = Keys::of(tenant, text).map(|keys| {
        let holes = [("id", ID.sql()), ("customers", keys.customers(tenant))];
        let sqlite = Sql::template("{id} IN ({customers})", holes);
        Condition::of(Sql::default().per_dialect(keys.test(tenant, customers), sqlite))
    });
    Condition::any([contains].into_iter().chain(keys))
}

/// The same in both forms for SQLite: a query for the hits, and a test of a customer. `None` if no
/// index finds the hits, because the text is too short.
pub fn search(tenant: &Tenant, text: &str) -> Option<Search> {
    let columns = CustomerAttributes::search_columns();
    let (folded, keys) = (fold(text), Keys::of(tenant, text));
    if !has_trigram(&folded) {
        return None;
    }
    let index = CustomerAttributes::SEARCH;
    let hits = Condition::matching_ids(index, &columns, tenant.id(), &folded);
    let test = Condition::reads_term(&columns, &folded);
    Some(match keys {
        None => Search { hits, test },
        Some(keys) => Search {
            hits: hits.sql(" UNION ALL ").append(keys.customers(tenant)),
            test: Condition::any([test, keys.of_row(tenant)]),
        },
    })
}

/// The customers with search keys that match each of these texts, in one statement for all texts. A text that matches
/// many customers, or no keys, is left out. The limit per text decreases with the number of texts, so that not too many
/// customers are found in total.
pub async fn few_customers(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    texts: BTreeSet<String>,
) -> Result<HashMap<String, Vec<Uid>>, db::Error> {
    let with_query = |text: String| Some((Keys::of(tenant, &text)?.tsquery(tenant), text));
    let texts: Vec<(String, String)> = texts.into_iter().filter_map(with_query).collect();
    if texts.is_empty() {
        return Ok(HashMap::new());
    }
    let queries: BTreeSet<String> = texts.iter().map(|(query, _)| query.clone()).collect();
    let number = i64::try_from(queries.len()).unwrap_or(i64::MAX);
    let most = || {
        let holes =
            [("most", Order::ById.members_counted()), ("queries", Sql::default().number(number))];
        Sql::template("(SELECT {most} / {queries})", holes)
    };
    // `IS TRUE` keeps PostgreSQL from looking up all of the tenant's customers in another index: see `postgres`.
    let from = Sql::template(
        " FROM {queries} AS listed CROSS JOIN LATERAL (\
        SELECT id FROM customers WHERE (customers.tenant_id = {tenant}) IS TRUE AND {are_found} LIMIT {most}\
        ) AS found",
        [
            ("queries", Sql::default().texts(queries.into_iter().collect())),
            ("tenant", Sql::default().text(tenant.id())),
            ("are_found", are_found_by(Sql::new("listed.value"))),
            ("most", most()),
        ],
    );
    let id = Expr::<sql_types::Uid>::literal("found.id");
    let selection = (Expr::<Text>::literal("listed.value"), id, Expr::<BigInt>::new(most()));
    let query = Select { with: Sql::default(), selection, from };
    let rows: Vec<(String, Uid, i64)> = on!(conn, |c| query.load(c).await)?;
    let mut found: HashMap<String, (Vec<Uid>, i64)> = HashMap::new();
    for (query, customer, most) in rows {
        found.entry(query).or_insert_with(|| (Vec::new(), most)).0.push(customer);
    }
    let few = texts.into_iter().filter_map(|(query, text)| match found.get(&query) {
        None => Some((text, Vec::new())),
        Some((customers, most)) => {
            let are_few = i64::try_from(customers.len()).is_ok_and(|number| number < *most);
            are_few.then(|| (text, customers.clone()))
        }
    });
    Ok(few.collect())
}

/// The search keys that match a text.
struct Keys {
    /// One of these, as an identifier, an e-mail address or a phone number.
    any: KeyTest,
    /// Or all of these: the words and their beginnings. The longest comes first, because it is probably the rarest.
    words: Vec<KeyTest>,
    /// Or the customer to which this external id of an absorbed one redirects.
    absorbed: String,
}

impl Keys {
    /// `None` if no keys match the text, for example because it has more words than a search may
    /// have.
    fn of(tenant: &Tenant, text: &str) -> Option<Self> {
        let SearchTerm { text: absorbed, identifiers, phone_ends, email_start, mut words } =
            SearchTerm::new(text, tenant).ok()?;
        let beginnings = phone_ends.into_iter().chain(email_start).collect();
        words.sort_by_key(|word| Reverse(word.chars().count()));
        let words = words.iter().map(|word| KeyTest::beginning(word_key(word))).collect();
        Some(Self { any: KeyTest { whole: identifiers, beginnings }, words, absorbed })
    }

    /// PostgreSQL's query for the customers.
    fn tsquery(&self, tenant: &Tenant) -> String {
        any_or_all_of(tenant, &self.any, &self.words)
    }

    /// PostgreSQL's test of a customer. It tests for `customers` instead of the keys, if those have been looked up.
    fn test(&self, tenant: &Tenant, customers: Option<&[Uid]>) -> Sql {
        let has_keys = match customers {
            None => Some(Condition::of(are_found_by(Sql::default().text(self.tsquery(tenant))))),
            // PostgreSQL uses no index for an empty array, and would read all of the tenant's customers.
            Some([]) => None,
            Some(customers) => Some(Condition::uid_in(ID, customers)),
        };
        // For `OR`, PostgreSQL can combine the index lookup of an array with other indexes, but not
        // that of a subquery.
        let is_redirect_target = self.is_redirect_target(tenant, "{id} = ANY (ARRAY({led_to}))");
        Condition::any(has_keys.into_iter().chain([is_redirect_target])).into_sql()
    }

    /// SQLite's query for the customers.
    fn customers(&self, tenant: &Tenant) -> Sql {
        let query = |test: &KeyTest| {
            Sql::template(
                "SELECT customer_id FROM customer_search_keys WHERE tenant_id = {tenant} AND {is_key}",
                [("tenant", Sql::default().text(tenant.id())), ("is_key", test.of_key(KEYS))],
            )
        };
        let any =
            query(&self.any).sql(" UNION ALL ").append(redirect_target(tenant, &self.absorbed));
        let Some((first, others)) = self.words.split_first() else { return any };
        let customer = || Sql::new("customer_search_keys.customer_id");
        let all = others.iter().fold(query(first), |all, test| {
            all.sql(" AND ").append(test.of_customer(tenant, customer()))
        });
        any.sql(" UNION ALL ").append(all)
    }

    /// SQLite's test of a customer.
    fn of_row(&self, tenant: &Tenant) -> Condition {
        let has = |test: &KeyTest| Condition::of(test.of_customer(tenant, ID.sql()));
        let words = Condition::all(self.words.iter().map(has));
        let is_redirect_target = self.is_redirect_target(tenant, "{id} IN ({led_to})");
        let words = (!self.words.is_empty()).then_some(words);
        Condition::any([has(&self.any), is_redirect_target].into_iter().chain(words))
    }

    fn is_redirect_target(&self, tenant: &Tenant, test: &'static str) -> Condition {
        let led_to = redirect_target(tenant, &self.absorbed);
        Condition::of(Sql::template(test, [("id", ID.sql()), ("led_to", led_to)]))
    }
}
