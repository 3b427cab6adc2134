//! Every filter and order of a list has an index, in both databases.

use crate::{
    migrations::facts,
    support::{
        app::App,
        database::Backend,
        introspection::{Schema, items, name, snake_case, type_name},
        types::{Type, types},
    },
};

/// All indexes: the table, and the second key (the first is the tenant) with the condition of a
/// partial index.
async fn indexes(app: &App) -> Vec<(String, String)> {
    let query = match app.database.backend {
        Backend::Sqlite => {
            "SELECT m.name AS owner, coalesce(c.name, '') || ' | ' || coalesce(s.sql, '') AS fact
             FROM sqlite_schema m JOIN pragma_index_list(m.name) i
             JOIN pragma_index_info(i.name) c ON c.seqno = 1
             LEFT JOIN sqlite_schema s ON s.name = i.name WHERE m.type = 'table'"
        }
        Backend::Postgres => {
            "SELECT t.relname::text AS owner, lower(pg_get_indexdef(x.indexrelid, 2, false) || ' | ' ||
                 coalesce('WHERE ' || pg_get_expr(x.indpred, x.indrelid), '')) AS fact
             FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid
             WHERE t.relnamespace = 'public'::regnamespace"
        }
    };
    facts(&app.database, query).await
}

/// Whether the index can find rows by this column: by the column itself, by the expression for
/// missing values or, for a flag, as a partial index of the rows with the flag.
fn serves(index: &str, column: &str) -> bool {
    let index = index.to_lowercase();
    let key = index.split(" | ").next().unwrap();
    key == column
        || index.contains(&format!("coalesce({column},"))
        || index.ends_with(&format!("where {column}"))
}

/// The table and the column that a filter condition or an order uses.
fn column(table: &'static str, field: &str, conditions: &str) -> Option<(&'static str, String)> {
    let column = match (table, field) {
        // A search uses a trigram index where that pays off, and `Keyed` texts are found by the customer's search keys.
        // `golden_sql` shows the plans.
        (_, "and" | "or" | "not" | "search") | ("customer_addresses", "phone" | "emailId") => {
            return None;
        }
        // The id begins with the time of creation.
        (_, "createdAt") => "id".to_owned(),
        ("customer_groups", "isRoot") => "parent_id".to_owned(),
        ("customers", "customerGroup") => {
            return Some(("customer_group_memberships", "customer_group_id".to_owned()));
        }
        (_, "attribute") => {
            let values = match table {
                "customers" => "customer_attribute_values",
                "customer_groups" => "customer_group_attribute_values",
                "loyalty_programs" => "loyalty_program_attribute_values",
                _ => "pos_profile_attribute_values",
            };
            return Some((values, "definition_id".to_owned()));
        }
        ("customers", "effectivePriceList") => "default_price_list".to_owned(),
        ("customers", "consent") => return Some(("customer_consents", "name".to_owned())),
        ("customers", "posProfileId") => {
            return Some(("pos_profiles", "pos_profile_id".to_owned()));
        }
        ("pos_profiles", "customerGroup") => {
            return Some(("pos_customer_groups", "customer_group_id".to_owned()));
        }
        ("pos_customer_groups", "posProfileId") => "profile_id".to_owned(),
        ("customers", "contact") => return Some(("customer_contacts", "customer_id".to_owned())),
        ("customers", "address") => return Some(("customer_addresses", "customer_id".to_owned())),
        // These are compared by their folded keys, too, although their filters are not
        // `TextFilter`s.
        ("customer_contacts", "emailId" | "firstName" | "lastName")
        | ("customer_addresses", "city") => format!("{}_key", snake_case(field)),
        _ if conditions == "TextFilter" => format!("{}_key", snake_case(field)),
        _ => snake_case(field),
    };
    Some((table, column))
}

both! {
    async fn every_filter_and_every_order_has_its_index(app: App) {
        let schema = Schema::of(&app).await;
        let indexes = indexes(&app).await;
        let mut missing = Vec::new();
        for Type { name: listed, table, .. } in types() {
            let table = *table;
            let of_filter = items(&schema.named(&format!("{listed}Filter"))["inputFields"]);
            let mut columns: Vec<_> =
                of_filter.filter_map(|it| column(table, name(it), type_name(it))).collect();
            assert!(columns.len() >= 4, "{listed}");
            for order in items(&schema.named(&format!("{listed}OrderField"))["enumValues"]) {
                let order = name(order).to_lowercase();
                let is_text = ["_name", "email_id", "mobile_no", "tax_id"].iter().any(|it| order.ends_with(it));
                columns.push((table, match order.as_str() {
                    "created_at" => "id".to_owned(),
                    order if is_text => format!("{order}_key"),
                    order => order.to_owned(),
                }));
            }
            for (table, column) in columns {
                let of_table = indexes.iter().filter(|(of, _)| of == table);
                if !of_table.clone().any(|(_, index)| serves(index, &column)) {
                    missing.push(format!("{table}.{column}"));
                }
            }
        }
        assert_eq!(missing, [""; 0]);
    }
}
