//! Invalid values for each field of each input, at any depth. The fields are taken from the schema.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Ids, change, merged, new, populate, told};
use crate::support::{
    app::App,
    dump::dump,
    introspection::{Schema, is_list, is_required, items, name, type_name},
    types::{Type, types},
};

/// A field of an input.
struct Field {
    mutation: String,
    /// The field's path in the input. For a list, the path leads into the first item.
    path: Vec<String>,
    type_name: String,
    is_required: bool,
}

impl Field {
    fn name(&self) -> &str {
        self.path.iter().rfind(|part| *part != "0").unwrap()
    }
}

async fn fields(app: &App) -> Vec<Field> {
    let schema = Schema::of(app).await;
    let mut found = Vec::new();
    for mutation in schema.mutations() {
        let input = items(&mutation["args"]).find(|argument| name(argument) == "input");
        if let Some(input) = input {
            collect(&schema, name(mutation), type_name(input), &[], &mut found);
        }
    }
    found
}

fn collect(schema: &Schema, mutation: &str, input: &str, above: &[String], found: &mut Vec<Field>) {
    for field in items(&schema.named(input)["inputFields"]) {
        let mut path = [above, &[name(field).to_owned()]].concat();
        if is_list(field) {
            path.push("0".to_owned());
        }
        let type_name = type_name(field);
        if schema.named(type_name)["kind"] == "INPUT_OBJECT" {
            collect(schema, mutation, type_name, &path, found);
        } else {
            let (mutation, type_name) = (mutation.to_owned(), type_name.to_owned());
            found.push(Field { mutation, path, type_name, is_required: is_required(field) });
        }
    }
}

/// Inserts a value at this path of an input, and creates missing parents.
fn put(input: &mut Value, path: &[String], value: Value) {
    let Some((first, rest)) = path.split_first() else {
        *input = value;
        return;
    };
    if first == "0" {
        if input.is_null() {
            *input = json!([null]);
        }
        put(&mut input[0], rest, value);
    } else {
        put(&mut input[first], rest, value);
    }
}

/// The errors of a mutation for this value of the field. They contain `FIELD` in place of the
/// field's name.
async fn told_of(app: &App, ids: &Ids, field: &Field, value: &Value) -> String {
    let mut input = new(ids, &field.mutation);
    put(&mut input, &field.path, value.clone());
    let change = change(&field.mutation).replace("DEFINITION", &ids["note of CUSTOMER"]);
    let told = told(app, &change, json!({ "input": input })).await;
    let path: Vec<&str> =
        std::iter::once("input").chain(field.path.iter().map(String::as_str)).collect();
    let told: Vec<&str> = told.iter().map(String::as_str).collect();
    told.join("; ").replace(&json!(path).to_string(), "FIELD").replace(&path.join("."), "FIELD")
}

/// Sets this value in each of the fields. Returns each error with the fields that cause it.
async fn refused_for(
    app: &App,
    ids: &Ids,
    fields: impl Iterator<Item = &Field>,
    value: &Value,
) -> Value {
    let before = dump(&app.database).await;
    let mut all: BTreeMap<String, BTreeMap<&str, Vec<String>>> = BTreeMap::new();
    for field in fields {
        let told = told_of(app, ids, field, value).await;
        let of_mutation = all.entry(told).or_default().entry(&field.mutation).or_default();
        of_mutation.push(field.path.join("."));
    }
    let shown: String = value.to_string().chars().take(100).collect();
    assert!(dump(&app.database).await == before, "something was written: {shown}");
    let all = all.into_iter().map(|(told, fields)| {
        let fields = fields.into_iter().map(|(mutation, it)| (mutation.to_owned(), it.join(" ")));
        (told, fields.collect::<BTreeMap<_, _>>())
    });
    json!(all.collect::<BTreeMap<_, _>>())
}

/// Sets each value in all fields that satisfy the predicate.
async fn refused_values(
    app: &App,
    ids: &Ids,
    values: &[(&str, Value)],
    test: impl Fn(&Field) -> bool,
) -> Value {
    let fields = fields(app).await;
    let mut all = Vec::new();
    for (name, value) in values {
        let fields = fields.iter().filter(|it| test(it));
        all.push(((*name).to_owned(), refused_for(app, ids, fields, value).await));
    }
    merged(all)
}

both! {
    async fn invalid_texts_are_refused(app: App) {
        let ids = populate(&app).await;
        let values = [
            ("10,001 characters", "x".repeat(10_001)),
            ("NUL", "a\0b".to_owned()),
            ("DEL", "a\u{7f}b".to_owned()),
        ];
        let values = values.map(|(name, text)| (name, json!(text)));
        let told = refused_values(&app, &ids, &values, |field| field.type_name == "String").await;
        insta::assert_json_snapshot!("texts", told);
    }

    async fn missing_required_texts_are_refused(app: App) {
        let ids = populate(&app).await;
        let values = [
            ("empty", json!("")),
            ("spaces", json!(" \u{a0}\u{2003} ")),
            ("null", Value::Null),
            ("256 characters", json!("x".repeat(256))),
            ("256 characters of many bytes", json!("🏪".repeat(256))),
            ("10,000 characters", json!("x".repeat(10_000))),
            ("a line break", json!("a\nb")),
            ("NUL", json!("a\0b")),
            ("NUL alone", json!("\0")),
            ("an escape", json!("\u{1b}[31m")),
            ("zero-width spaces", json!("\u{200b}\u{feff}")),
            ("a line separator", json!("a\u{2028}b")),
            ("a paragraph separator", json!("a\u{2029}b")),
            ("an override of the direction", json!("a\u{202e}b")),
            ("an isolate", json!("\u{2066}ab")),
            ("a control character of Latin 1", json!("a\u{85}b")),
            ("long and with NUL", json!("\0".to_owned() + &"x".repeat(256))),
            ("a number", json!(1)),
        ];
        let required: Vec<String> = fields(&app).await.into_iter()
            .filter(|field| field.is_required && field.type_name == "String")
            .map(|field| field.name().to_owned())
            .collect();
        // The name of an API key is optional.
        let is_required =
            |field: &Field| field.mutation != "apiKeyCreate" && required.iter().any(|it| it == field.name());
        insta::assert_json_snapshot!("required", refused_values(&app, &ids, &values, is_required).await);
    }

    async fn invalid_codes_and_urls_are_refused(app: App) {
        let ids = populate(&app).await;
        let mut all = serde_json::Map::new();
        for (name, values) in [
            ("emailId", &["a", "@b", "a@", "a@b..c", "a b@c", "a@b c", "a@.", "a\u{2003}@b", "@@", "@@b", "a@b@c"][..]),
            ("countryCode", &["XX", "no", "NOR", "N", "N0", "AA", "UK", "EU"]),
            ("website", &["javascript:alert(1)", "not a url", "www.example.com", "https:example.com", "https://",
                "https:///x", "ftp://example.com", "data:text/html,x", "//example.com", "https://a b.example",
                "https://example.com/a b", "https://example.com:x", "file:///etc/passwd"]),
            ("image", &["javascript:alert(1)", "not a url", "data:image/png;base64,AAAA"]),
            ("defaultCurrency", &["ABC", "eur", "EU", "EURO", "E1R", "€€€", "E R"]),
        ] {
            let values: Vec<_> = values.iter().map(|value| (*value, json!(value))).collect();
            let told = refused_values(&app, &ids, &values, |field| field.name() == name).await;
            all.insert(name.to_owned(), told);
        }
        insta::assert_json_snapshot!("codes", all);
    }

    async fn external_ids_of_other_objects_are_refused(app: App) {
        let ids = populate(&app).await;
        let fields = fields(&app).await;
        let before = dump(&app.database).await;
        let mut all = Vec::new();
        for field in fields.iter().filter(|field| field.name() == "externalId") {
            // The external id of another object of the same type.
            let taken = match field.path.iter().rfind(|part| *part != "0" && *part != "externalId") {
                Some(list) => list.as_str(),
                None => field.mutation.trim_end_matches("Create").trim_end_matches("Update"),
            };
            let is_listed = |it: &Type| it.parent.as_ref().is_some_and(|(_, list)| *list == taken);
            let of_type = types().iter().find(|it| it.one == taken || is_listed(it)).unwrap();
            let taken = match of_type.letter {
                "C" => "C-2".to_owned(),
                "G" => "G-1".to_owned(),
                "P" => "P-2".to_owned(),
                _ => of_type.external_id(9),
            };
            for value in [taken.clone(), format!(" {taken}\t")] {
                let told = told_of(&app, &ids, field, &json!(value)).await;
                assert!(told.starts_with("TAKEN "), "{} {}: {told}", field.mutation, field.path.join("."));
                all.push((format!("{} {} {value:?}", field.mutation, field.path.join(".")), json!(told)));
            }
        }
        assert!(dump(&app.database).await == before, "something was written");
        insta::assert_json_snapshot!("external_ids_taken", merged(all));
    }

    async fn invalid_decimals_are_refused(app: App) {
        let ids = populate(&app).await;
        let values = [
            ("40 digits", json!("1234567890".repeat(4))),
            ("29 digits", json!("12345678901234567890123456789")),
            ("NaN", json!("NaN")),
            ("Infinity", json!("Infinity")),
            ("1e400", json!("1e400")),
            ("a huge float", json!(1e300)),
            ("a tiny float", json!(1e-29)),
            ("empty", json!("")),
            ("a minus", json!("-")),
            ("a comma", json!("1,5")),
            ("an exponent", json!("1e2")),
            ("29 digits after the point", json!("0.00000000000000000000000000001")),
            ("a plus", json!("+1")),
            ("a space", json!(" 1")),
            ("NUL", json!("1\0")),
            ("an Arabic digit", json!("١")),
            ("a flag", json!(true)),
            ("a list", json!([])),
        ];
        let told = refused_values(&app, &ids, &values, |field| field.type_name == "Decimal").await;
        insta::assert_json_snapshot!("decimals", told);
    }

    async fn negative_amounts_are_refused(app: App) {
        let ids = populate(&app).await;
        let names = [
            "minSpent", "collectionFactor", "conversionFactor", "expiryDuration", "paymentTermsDays", "limit",
            "creditLimit",
        ];
        for name in names {
            let found = fields(&app).await.iter().filter(|field| field.name() == name).count();
            assert!(found >= 2, "{name}");
        }
        let is_amount = |it: &Field| names.contains(&it.name());
        let told = refused_values(&app, &ids, &[("-1", json!(-1))], is_amount).await;
        insta::assert_json_snapshot!("below_zero", told);
    }

    async fn invalid_integers_are_refused(app: App) {
        let ids = populate(&app).await;
        let values = [
            ("a fraction", json!(1.5)),
            ("a text", json!("1")),
            ("too big", json!(2_147_483_648_i64)),
            ("a flag", json!(true)),
        ];
        let told = refused_values(&app, &ids, &values, |field| field.type_name == "Int").await;
        insta::assert_json_snapshot!("numbers", told);
    }

    async fn invalid_dates_are_refused(app: App) {
        let ids = populate(&app).await;
        let values = [
            ("no such day", json!("2026-02-30")),
            ("today", json!("today")),
            ("without zeros", json!("2026-1-1")),
            ("a number", json!(5)),
            ("empty", json!("")),
            ("a time", json!("2026-01-01T00:00:00Z")),
            ("the year 0", json!("0000-01-01")),
            ("the year 10000", json!("10000-01-01")),
            ("NUL", json!("2026-01-01\0")),
        ];
        let told = refused_values(&app, &ids, &values, |field| field.type_name == "Date").await;
        insta::assert_json_snapshot!("dates", told);
    }

    async fn invalid_times_are_refused(app: App) {
        let ids = populate(&app).await;
        let values = [
            ("no offset", json!("2026-11-20T03:41:35")),
            ("a space", json!("2026-11-20 03:41:35Z")),
            ("no seconds", json!("2026-11-20T03:41Z")),
            ("a zone", json!("2026-11-20T03:41:35Z[UTC]")),
            ("no such day", json!("2026-02-30T00:00:00Z")),
            ("24 o'clock", json!("2026-11-20T24:00:00Z")),
            ("a second that was not", json!("2026-11-20T12:00:60Z")),
            ("the year 0", json!("0000-12-31T23:59:59Z")),
            ("the year 10000", json!("9999-12-31T23:59:59-01:00")),
            ("a number", json!(5)),
            ("empty", json!("")),
            ("NUL", json!("2026-11-20T03:41:35Z\0")),
        ];
        let told = refused_values(&app, &ids, &values, |field| field.type_name == "DateTime").await;
        insta::assert_json_snapshot!("times", told);
    }

    async fn invalid_enum_values_and_flags_are_refused(app: App) {
        let ids = populate(&app).await;
        let types = ["ApiKeyScope", "AttributeNoun", "AttributeType", "CustomerType", "CustomerAddressType", "LoyaltyProgramType", "Boolean"];
        let others: Vec<String> = fields(&app).await.into_iter()
            .map(|field| field.type_name)
            .filter(|it| !types.contains(&it.as_str()))
            .filter(|it| !["String", "ID", "Int", "Decimal", "Date", "DateTime"].contains(&it.as_str()))
            .collect();
        assert_eq!(others, [""; 0], "a new type needs its test here");
        let values = [("CAT", json!("CAT")), ("empty", json!("")), ("lower case", json!("company")), ("a number", json!(1))];
        let is_one = |field: &Field| types.contains(&field.type_name.as_str());
        insta::assert_json_snapshot!("one_of_a_few", refused_values(&app, &ids, &values, is_one).await);
    }
}
