//! The description of the schema as a whole.
//!
//! The library has a text of its own for `__schema { description }`, the same for every schema, and no way
//! to set another. So ours is put into the responses of those who ask for it.

use apollo_compiler::{
    ExecutableDocument,
    executable::{Operation, SelectionSet},
};
use async_graphql::{Name, Value};

const DESCRIPTION: &str = "\
The customer graph of a retailer: customers with their addresses, contacts and consents, the tree of \
customer groups, loyalty programs with their tiers, and which points of sale sell to which groups.

- **Keys.** Every request has the header `Authorization: Bearer sk_…`. A key belongs to one tenant; nothing \
of another tenant can be read or changed with it.
- **Ids.** An object has an `id`, which the server gives, and may have an `externalId`, which the client \
chooses. Queries and mutations take either.
- **Lists** are Relay connections: 20 rows by default, at most 100, the most recently created first.
- **Mutations** report what a user can correct as `userErrors`, and then nothing was written. All else is \
an error of the response, with an `extensions.code`.
- **Updates** are partial: a field that is absent stays as it is, `null` clears it.";

/// The SDL with the description in front of its `schema` definition.
pub(super) fn describe(sdl: &str) -> String {
    sdl.replacen("\nschema {", &format!("\n\"\"\"\n{DESCRIPTION}\n\"\"\"\nschema {{"), 1)
}

/// Where a response has the schema's description: below these two keys.
#[derive(Clone, Debug)]
pub(super) struct Place {
    schema: Name,
    description: Name,
}

/// Each place in the operation's response that has the schema's description.
pub(super) fn places(document: &ExecutableDocument, operation: &Operation) -> Vec<Place> {
    let keys = |set: &SelectionSet, name: &'static str| {
        let fields = set.root_fields(document).filter(move |it| it.name == name);
        fields
            .map(|it| (Name::new(it.response_key()), it.selection_set.clone()))
            .collect::<Vec<_>>()
    };
    let schemas = keys(&operation.selection_set, "__schema").into_iter();
    let places = schemas.flat_map(|(schema, set)| {
        let descriptions = keys(&set, "description").into_iter();
        descriptions.map(move |(description, _)| Place { schema: schema.clone(), description })
    });
    places.collect()
}

/// Puts the description into the data of a response, at those of the places that it has.
pub(super) fn fill(data: &mut Value, places: &[Place]) {
    for Place { schema, description } in places {
        let found = member(data, schema).and_then(|schema| member(schema, description));
        if let Some(text) = found {
            *text = Value::from(DESCRIPTION);
        }
    }
}

fn member<'a>(value: &'a mut Value, key: &Name) -> Option<&'a mut Value> {
    match value {
        Value::Object(fields) => fields.get_mut(key),
        _ => None,
    }
}
