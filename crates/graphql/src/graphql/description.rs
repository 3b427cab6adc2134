//! The description of the whole schema.
//!
//! async-graphql returns a fixed text for `__schema { description }` and offers no way to set it.
//! This module replaces the text in responses that contain it.

use apollo_compiler::{
    ExecutableDocument,
    executable::{Operation, SelectionSet},
};
use async_graphql::{Name, Value};

const DESCRIPTION: &str = "\
The customer graph of a retailer: customers with their addresses, contacts and consents, the tree of \
customer groups, loyalty programs with their tiers, and which points of sale sell to which groups.

- **Keys.** Send an API key in the header `Authorization: Bearer sk_…`. A key belongs to one tenant and \
cannot read or change the data of others.
- **IDs.** Every object has an `id`, assigned by the server; it is opaque. Most can also have an \
`externalId`, chosen by the client. Queries and mutations find an object by either; references in inputs \
take the `id`. Identifiers from other systems, like price lists, are stored without validation.
- **Lists** are Relay connections: 20 items by default, at most 100, most recently created first.
- **Mutations** report errors that a user can correct in `userErrors`; nothing is written then. All other \
errors are in the response's `errors`, with an `extensions.code`.
- **Updates** are partial: an omitted field keeps its value, and `null` clears it.";

/// The SDL with the description in front of its `schema` definition.
pub(super) fn describe(sdl: &str) -> String {
    sdl.replacen("\nschema {", &format!("\n\"\"\"\n{DESCRIPTION}\n\"\"\"\nschema {{"), 1)
}

/// The position of the schema's description in a response, as two nested response keys.
#[derive(Clone, Debug)]
pub(super) struct Place {
    schema: Name,
    description: Name,
}

/// All positions of the schema's description in the operation's response.
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

/// Inserts the description into the data of a response, at each of the given places that exists
/// there.
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
