//! The filter of customers by a text: those that contain it, and those that it finds by search keys.

use std::cmp::Reverse;

use super::{
    super::{CustomerAttributes, ID, merge::led_to_by},
    term::SearchTerm,
};
use crate::{
    auth::Tenant,
    db::sql::{Condition, Sql, has_trigram},
    models::{
        attribute::Attributes,
        list::Search,
        search::{KEYS, KeyTest, any_or_all_of, word_key},
        search_key::fold,
    },
};

/// The condition that a customer contains the text, or has keys that it finds.
pub fn condition(tenant: &Tenant, text: &str) -> Condition {
    let columns = CustomerAttributes::search_columns();
    let search = CustomerAttributes::SEARCH;
    let contains = Condition::contains(search, &columns, tenant.id(), &fold(text));
    let keys = Keys::of(tenant, text).map(|keys| {
        let sqlite = Sql::default().column(ID).sql(" IN (").append(keys.customers(tenant));
        Condition::of(Sql::default().per_dialect(keys.test(tenant), sqlite.sql(")")))
    });
    Condition::any([contains].into_iter().chain(keys))
}

/// The same in both of SQLite's ways; `None` if they differ in nothing.
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

/// The keys that a text finds.
struct Keys {
    /// One of these, as an identifier, an e-mail address or a phone number.
    any: KeyTest,
    /// Or all of these: the words and their beginnings. The longest, which the fewest customers may have, comes first.
    words: Vec<KeyTest>,
    /// Or the customer that this external id of an absorbed one leads to.
    absorbed: String,
}

impl Keys {
    /// `None` if the text finds no keys: it may have more words than a search, for example.
    fn of(tenant: &Tenant, text: &str) -> Option<Self> {
        let SearchTerm { text: absorbed, identifiers, phone_ends, email_start, mut words } =
            SearchTerm::new(text, tenant).ok()?;
        let beginnings = phone_ends.into_iter().chain(email_start).collect();
        words.sort_by_key(|word| Reverse(word.chars().count()));
        let words = words.iter().map(|word| KeyTest::beginning(word_key(word))).collect();
        Some(Self { any: KeyTest { whole: identifiers, beginnings }, words, absorbed })
    }

    /// PostgreSQL's test of a customer.
    fn test(&self, tenant: &Tenant) -> Sql {
        // PostgreSQL can combine an array with other indexes for `or`, but no subquery.
        any_or_all_of(tenant, &self.any, &self.words)
            .sql(" OR ")
            .column(ID)
            .sql(" = ANY (ARRAY(")
            .append(led_to_by(tenant, &self.absorbed))
            .sql("))")
    }

    /// SQLite's query for the customers.
    fn customers(&self, tenant: &Tenant) -> Sql {
        let query = |test: &KeyTest| {
            Sql::new("SELECT customer_id FROM customer_search_keys WHERE tenant_id = ")
                .text(tenant.id())
                .sql(" AND ")
                .append(test.of_key(KEYS))
        };
        let any = query(&self.any).sql(" UNION ALL ").append(led_to_by(tenant, &self.absorbed));
        let Some((first, others)) = self.words.split_first() else { return any };
        let customer = || Sql::new("customer_search_keys.customer_id");
        let all = others.iter().fold(query(first), |all, test| {
            all.sql(" AND ").append(test.of_customer(tenant, customer()))
        });
        any.sql(" UNION ALL ").append(all)
    }

    /// SQLite's test of a customer.
    fn of_row(&self, tenant: &Tenant) -> Condition {
        let has =
            |test: &KeyTest| Condition::of(test.of_customer(tenant, Sql::default().column(ID)));
        let words = Condition::all(self.words.iter().map(has));
        let is_led_to = Sql::default().column(ID).sql(" IN (");
        let is_led_to = is_led_to.append(led_to_by(tenant, &self.absorbed)).sql(")");
        let words = (!self.words.is_empty()).then_some(words);
        Condition::any([has(&self.any), Condition::of(is_led_to)].into_iter().chain(words))
    }
}
