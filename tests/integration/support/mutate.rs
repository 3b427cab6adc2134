//! Mutations by name, with arguments in JSON.

use clientele::models::api_key::Scope;
use serde_json::{Value, json};

use super::app::{App, capitalised};

impl App {
    /// The payload of a mutation: the `selection` on it, and its user errors.
    pub async fn mutate(&self, mutation: &str, arguments: Value, selection: &str) -> Value {
        self.mutate_as(&self.key, mutation, arguments, selection).await
    }

    /// Like [`App::mutate`], with this key.
    pub async fn mutate_as(
        &self,
        key: &str,
        mutation: &str,
        arguments: Value,
        selection: &str,
    ) -> Value {
        let names = || arguments.as_object().unwrap().keys();
        let declare = |name: &String| format!("${name}: {}", type_of(mutation, name));
        let declared = names().map(declare).collect::<Vec<_>>().join(", ");
        let pass = |name: &String| format!("{name}: ${name}");
        let passed = names().map(pass).collect::<Vec<_>>().join(", ");
        let query = format!(
            "mutation({declared}) {{ {mutation}({passed}) {{ {selection} \
             userErrors {{ field code message }} }} }}"
        );
        let mut answer = self.query_as(key, &query, arguments).await;
        assert_eq!(answer.get("errors"), None, "{query}: {answer}");
        answer["data"][mutation].take()
    }

    /// Creates an object and returns its id.
    pub async fn create(&self, noun: &str, input: Value) -> String {
        let selection = format!("{noun} {{ id }}");
        let payload =
            self.mutate(&format!("{noun}Create"), json!({ "input": input }), &selection).await;
        payload[noun]["id"].as_str().unwrap_or_else(|| panic!("{payload}")).to_owned()
    }

    /// Deletes an object, which must succeed.
    pub async fn delete(&self, noun: &str, id: &str) {
        let delete = format!("{noun}Delete");
        let payload = self.mutate(&delete, json!({ "id": id }), "deletedId").await;
        assert_eq!(payload, json!({ "deletedId": id, "userErrors": [] }));
    }

    /// Makes named changes one after the other. Returns the `selection` on the object with this id
    /// after each change.
    pub async fn after_each(
        &self,
        (field, id): (&str, &str),
        selection: &str,
        changes: Vec<(&str, &str, Value)>,
    ) -> Value {
        let mut answers = serde_json::Map::new();
        for (name, mutation, arguments) in changes {
            let key = self.make_key(Scope::Write, name, None).await;
            let payload = self.mutate_as(&key, mutation, arguments, "").await;
            assert_eq!(payload, json!({ "userErrors": [] }), "{name}");
            answers.insert(name.to_owned(), self.read(field, id, selection).await);
        }
        Value::Object(answers)
    }

    /// The `selection` on the object with this id, looked up by `field`.
    pub async fn read(&self, field: &str, id: &str, selection: &str) -> Value {
        let query = format!("query($id: ID!) {{ {field}(id: $id) {{ {selection} }} }}");
        self.data(&query, json!({ "id": id })).await[field].take()
    }
}

/// The type of an argument of a mutation.
fn type_of(mutation: &str, argument: &str) -> String {
    match argument {
        // These objects can only be looked up by this argument.
        "id" if ["posProfile", "apiKey", "attributeDefinition"]
            .iter()
            .any(|it| mutation.starts_with(it)) =>
        {
            "ID!".to_owned()
        }
        "id" => "ID".to_owned(),
        "externalId" | "previewToken" => "String".to_owned(),
        "input" => format!("{}Input!", capitalised(mutation)),
        "parentId" | "survivorId" | "absorbedId" => "ID!".to_owned(),
        "fields" => "[String!]".to_owned(),
        "discardChanges" | "deleteValues" => "Boolean!".to_owned(),
        "ids" | "addCustomerIds" | "removeCustomerIds" => "[ID!]!".to_owned(),
        "addCustomerExternalIds" | "removeCustomerExternalIds" => "[String!]!".to_owned(),
        "policy" => format!("{}Policy!", capitalised(mutation)),
        _ => panic!("{argument}"),
    }
}
