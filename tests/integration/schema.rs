//! `schema.graphql` is the schema of the server.

use std::collections::BTreeSet;

use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};
use serde_json::json;

use crate::support::{app::App, sdl::document, types::types};

/// Set `UPDATE_SCHEMA=1` to write the file.
#[test]
fn the_committed_schema_is_that_of_the_server() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema.graphql");
    let current = clientele::graphql::sdl();
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(path, &current).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == current,
        "schema.graphql is out of date: run `UPDATE_SCHEMA=1 cargo test schema::` and look at the \
         difference"
    );
}

#[test]
fn every_type_with_an_id_is_in_the_table_of_types() {
    let is_node = |kind: &TypeKind| match kind {
        TypeKind::Object(object) => object.implements.iter().any(|it| it.node == "Node"),
        _ => false,
    };
    let nodes = document().definitions.iter().filter_map(|definition| match definition {
        TypeSystemDefinition::Type(it) if is_node(&it.node.kind) => {
            Some(it.node.name.node.as_str())
        }
        _ => None,
    });
    assert_eq!(nodes.collect::<BTreeSet<_>>(), types().iter().map(|it| it.name.as_str()).collect());
}

both! {
    async fn the_description_of_the_schema_can_be_queried(app: App) {
        let described = app.data(
            "query($no: Boolean!) {
                __schema { description ...More __typename }
                again: __schema { text: description queryType { name description } }
                without: __schema { description @skip(if: true) queryType { name } }
                customers { totalCount }
            }
            fragment More on __Schema { more: description ... @include(if: $no) { no: description } }",
            json!({ "no": false }),
        );
        insta::assert_json_snapshot!("description", described.await);
    }
}

/// They can be executed twice, as fields of the interface and of an object type.
#[test]
fn fields_of_interfaces_have_no_selections() {
    let is_leaf = |name: &str| {
        let types = document().definitions.iter().filter_map(|definition| match definition {
            TypeSystemDefinition::Type(it) if it.node.name.node == name => Some(&it.node.kind),
            _ => None,
        });
        types.into_iter().all(|kind| matches!(kind, TypeKind::Scalar | TypeKind::Enum(_)))
    };
    for definition in &document().definitions {
        let TypeSystemDefinition::Type(it) = definition else { continue };
        let TypeKind::Interface(interface) = &it.node.kind else { continue };
        for field in &interface.fields {
            let ty = field.node.ty.node.to_string();
            let name = ty.trim_matches(['[', ']', '!']);
            assert!(is_leaf(name), "{}.{}", it.node.name.node, field.node.name.node);
        }
    }
}
