//! The schema, read by introspection.

use serde_json::{Value, json};

use super::{app::App, binary::Server};

const QUERY: &str = "{ __schema {
    queryType { fields { ...Field } }
    mutationType { fields { ...Field } }
    types { name kind fields { ...Field } inputFields { name type { ...Type } } enumValues { name }
        possibleTypes { name } }
} }
fragment Field on __Field { name type { ...Type } args { name type { ...Type } } }
fragment Type on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

/// The result of the introspection query.
pub struct Schema(Value);

impl Schema {
    pub async fn of(app: &App) -> Self {
        Self(app.data(QUERY, json!({})).await["__schema"].take())
    }

    /// The schema of a running server, read with this key.
    pub async fn served(server: &Server, key: &str) -> Self {
        let (_, mut response) = server.query(key, QUERY).await;
        Self(response["data"]["__schema"].take())
    }

    pub fn types(&self) -> impl Iterator<Item = &Value> {
        items(&self.0["types"])
    }

    /// The type with this name.
    pub fn named(&self, type_name: &str) -> &Value {
        self.types().find(|it| name(it) == type_name).unwrap()
    }

    pub fn queries(&self) -> impl Iterator<Item = &Value> {
        items(&self.0["queryType"]["fields"])
    }

    pub fn mutations(&self) -> impl Iterator<Item = &Value> {
        items(&self.0["mutationType"]["fields"])
    }
}

/// The items of a list, which may be `null`.
pub fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

pub fn name(value: &Value) -> &str {
    value["name"].as_str().unwrap()
}

/// The name of a field's type, without list and non-null wrappers.
pub fn type_name(field: &Value) -> &str {
    let mut it = &field["type"];
    while it["name"].is_null() {
        it = &it["ofType"];
    }
    name(it)
}

pub fn is_required(field: &Value) -> bool {
    field["type"]["kind"] == "NON_NULL"
}

pub fn is_list(field: &Value) -> bool {
    field["type"].to_string().contains("\"LIST\"")
}

/// Converts a name in camel case to the name of a column.
pub fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for char in name.chars() {
        if char.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(char.to_lowercase());
    }
    snake
}
