//! Amounts, dates and times are compared by value, not by their spelling.

use clientele::{auth::Operator, clock::Clock, models::customer::CustomerAttributes};
use serde_json::{Value, json};

use crate::support::app::{App, capitalised, insert_customers};

/// Amounts in ascending order, as the API returns them; the first one is missing. The smallest and
/// the greatest have the maximum number of digits.
const LIMITS: [Option<&str>; 10] = [
    None,
    Some("0"),
    Some("0.0000000000000000000000000001"),
    Some("0.1"),
    Some("9"),
    Some("10"),
    Some("99.5"),
    Some("100"),
    Some("999999999999999999999999999.9"),
    Some("9999999999999999999999999999"),
];

const BALANCES: [Option<&str>; 10] = [
    None,
    Some("-9999999999999999999999999999"),
    Some("-10"),
    Some("-1"),
    Some("-0.5"),
    Some("-0.0000000000000000000000000001"),
    Some("0"),
    Some("0.5"),
    Some("2"),
    Some("10"),
];

/// Dates in ascending order.
const DAYS: [&str; 7] = [
    "0001-01-01",
    "0999-12-31",
    "1999-12-31",
    "2000-01-01",
    "2024-02-29",
    "2026-11-20",
    "9999-12-31",
];

/// The values in an order of creation that differs from the sort order.
fn mixed<T: Copy>(values: &[T]) -> Vec<T> {
    let (even, odd): (Vec<_>, Vec<_>) =
        values.iter().rev().enumerate().partition(|(position, _)| position.is_multiple_of(2));
    odd.into_iter().chain(even).map(|(_, value)| *value).collect()
}

/// The values of a sorted list that satisfy a comparison with the value at `place`. The list begins
/// with `first`.
fn passing<'a, T>(list: &'a [T], first: usize, operator: &str, place: usize) -> &'a [T] {
    match operator {
        "gt" => &list[place + 1..],
        "gte" => &list[place..],
        "lt" => &list[first..place],
        "lte" => &list[first..=place],
        _ => panic!("{operator}"),
    }
}

const OPERATORS: [&str; 4] = ["gt", "gte", "lt", "lte"];

impl App {
    /// The values at this path in the rows of a list.
    async fn told(&self, kind: &str, path: &str, filter: Value, order: Value) -> Vec<Value> {
        let selection = path.trim_matches('/').replace('/', " { ");
        let selection = format!("{selection}{}", " }".repeat(path.matches('/').count() - 1));
        let (list, kind) = (format!("{kind}s"), capitalised(kind));
        let query = format!(
            "query($filter: {kind}Filter, $orderBy: {kind}Order) {{
                {list}(first: 100, filter: $filter, orderBy: $orderBy) {{
                    totalCount nodes {{ {selection} }} }} }}"
        );
        let mut data = self.data(&query, json!({ "filter": filter, "orderBy": order })).await;
        let nodes = data[&list]["nodes"].take();
        let nodes = nodes.as_array().unwrap();
        assert_eq!(data[&list]["totalCount"], nodes.len());
        nodes.iter().map(|node| node.pointer(path).unwrap_or(&Value::Null).clone()).collect()
    }

    /// Asserts that sorting and filtering rows by a field agrees with the order of these values.
    async fn check_order(&self, kind: &str, field: &str, path: &str, values: &[Option<&str>]) {
        let order =
            |direction: &str| json!({ "field": order_field(field), "direction": direction });
        let expected: Vec<Value> = values.iter().map(|value| json!(value)).collect();
        let told = self.told(kind, path, Value::Null, order("ASC")).await;
        assert_eq!(told, expected);
        let mut told = self.told(kind, path, Value::Null, order("DESC")).await;
        told.reverse();
        assert_eq!(told, expected);
        let missing = values.iter().filter(|value| value.is_none()).count();
        for (place, value) in values.iter().enumerate().skip(missing) {
            for operator in OPERATORS {
                let filter = json!({ field: { operator: value } });
                let told = self.told(kind, path, filter, order("ASC")).await;
                assert_eq!(
                    told,
                    passing(&expected, missing, operator, place),
                    "{operator} {value:?}"
                );
            }
        }
    }

    async fn program_from(&self, from_date: &str, to_date: Option<&str>) {
        let create = "mutation($from: Date!, $to: Date) { loyaltyProgramCreate(input: {
            loyaltyProgramName: \"P\", fromDate: $from, toDate: $to }) {
                loyaltyProgram { fromDate toDate } userErrors { message } } }";
        let data = self.data(create, json!({ "from": from_date, "to": to_date })).await;
        let program = &data["loyaltyProgramCreate"]["loyaltyProgram"];
        assert_eq!(*program, json!({ "fromDate": from_date, "toDate": to_date }));
    }
}

/// `creditLimit` becomes `CREDIT_LIMIT`.
fn order_field(field: &str) -> String {
    let letter = |letter: char| match letter {
        'A'..='Z' => format!("_{letter}"),
        _ => letter.to_uppercase().to_string(),
    };
    field.chars().map(letter).collect()
}

both! {
    async fn amounts_are_compared_as_numbers(app: App) {
        for (limit, balance) in mixed(&LIMITS).into_iter().zip(mixed(&BALANCES)) {
            let create = "mutation($credit: CustomerCreditInput) {
                customerCreate(input: { customerName: \"C\", credit: $credit }) {
                    customer { credit { limit balance } } userErrors { message } } }";
            let credit = json!({ "limit": limit, "balance": balance });
            let data = app.data(create, json!({ "credit": credit })).await;
            assert_eq!(data["customerCreate"]["customer"]["credit"], credit);
        }
        app.check_order("customer", "creditLimit", "/credit/limit", &LIMITS).await;
        app.check_order("customer", "creditBalance", "/credit/balance", &BALANCES).await;

        // A range: missing values are neither inside nor outside.
        let within = json!({ "creditBalance": { "gte": "-1", "lt": "0.5" } });
        let order = json!({ "field": "CREDIT_BALANCE" });
        let told = app.told("customer", "/credit/balance", within.clone(), order.clone()).await;
        assert_eq!(told, ["-1", "-0.5", "-0.0000000000000000000000000001", "0"]);
        let without = json!({ "not": within });
        let told = app.told("customer", "/credit/balance", without, order).await;
        assert_eq!(told.len(), BALANCES.len() - 4);
    }

    async fn amounts_are_returned_in_one_spelling(app: App) {
        for (given, told) in [
            ("1.50", "1.5"), ("10.00", "10"), ("007", "7"), ("0.000", "0"), ("-0", "0"),
            ("0.10", "0.1"), ("100", "100"), (".5", "0.5"),
        ] {
            let create = "mutation($limit: Decimal) { customerCreate(input: {
                customerName: \"C\", credit: { limit: $limit } }) {
                    customer { id credit { limit } } userErrors { message } } }";
            let data = app.data(create, json!({ "limit": given })).await;
            let customer = &data["customerCreate"]["customer"];
            assert_eq!(customer["credit"]["limit"], told);
            let query = "query($id: ID!) { customer(id: $id) { credit { limit } } }";
            let data = app.data(query, json!({ "id": customer["id"] })).await;
            assert_eq!(data["customer"]["credit"]["limit"], told);
            // All spellings denote the same amount.
            let filter = json!({ "creditLimit": { "gte": given, "lte": told } });
            let found = app.told("customer", "/credit/limit", filter, Value::Null).await;
            assert!(found.iter().all(|limit| limit == told) && !found.is_empty(), "{given}: {found:?}");
        }
    }

    async fn first_days_are_compared_as_days(app: App) {
        for day in mixed(&DAYS) {
            app.program_from(day, Some("9999-12-31")).await;
        }
        app.check_order("loyaltyProgram", "fromDate", "/fromDate", &DAYS.map(Some)).await;
    }

    async fn last_days_are_compared_as_days(app: App) {
        let days: Vec<_> = [None].into_iter().chain(DAYS.map(Some)).collect();
        for day in mixed(&days) {
            app.program_from("0001-01-01", day).await;
        }
        app.check_order("loyaltyProgram", "toDate", "/toDate", &days).await;
    }

    async fn times_are_compared_to_the_microsecond(app: App) {
        // Use a real clock, so that ids have random parts and creation times differ by about a
        // microsecond.
        let operator = Operator::new(app.tenant.clone(), "setup", &Clock::system());
        let named = |number: usize| CustomerAttributes {
            customer_name: format!("C{number}"),
            ..CustomerAttributes::default()
        };
        let mut lease = app.db.write().await.unwrap();
        lease.conn().transaction(async |tx| {
            insert_customers(tx, operator.writer(), (0..8).map(named).collect()).await
        }).await.unwrap();
        drop(lease);
        for (field, path) in [("createdAt", "/createdAt"), ("updatedAt", "/updatedAt")] {
            let order = json!({ "field": "CREATED_AT" });
            let times = app.told("customer", path, Value::Null, order).await;
            assert_eq!(times.len(), 8);
            assert!(times.iter().map(Value::as_str).is_sorted_by(|a, b| a < b), "{times:?}");
            let times: Vec<_> = times.iter().map(Value::as_str).collect();
            app.check_order("customer", field, path, &times).await;
            // A time between two microseconds is truncated, and any offset is accepted.
            let time = times[3].unwrap().trim_end_matches('Z');
            for spelling in [format!("{time}Z"), format!("{time}+00:00"), format!("{time}000Z")] {
                let filter = json!({ field: { "gte": spelling, "lte": spelling } });
                let told = app.told("customer", path, filter, Value::Null).await;
                assert_eq!(told, [json!(times[3])], "{spelling}");
            }
        }
    }
}
