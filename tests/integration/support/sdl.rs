//! The schema from its SDL, without a server.

use std::sync::LazyLock;

use async_graphql::parser::{
    parse_schema,
    types::{BaseType, ServiceDocument, Type as GivenType, TypeKind, TypeSystemDefinition},
};

use super::types;

static DOCUMENT: LazyLock<ServiceDocument> = LazyLock::new(|| {
    // The parser does not support descriptions of `schema`.
    let sdl = clientele::graphql::sdl();
    let (types, rest) = sdl.split_once("\n\"\"\"\nThe customer graph").unwrap();
    let (_, root) = rest.split_once("\"\"\"\n").unwrap();
    parse_schema(format!("{types}\n{root}")).unwrap()
});

pub fn document() -> &'static ServiceDocument {
    &DOCUMENT
}

/// A field of an object or of an input.
#[derive(Clone, Copy)]
pub struct Field {
    pub name: &'static str,
    /// The name of the field's type, without list and non-null wrappers.
    pub type_name: &'static str,
    pub is_list: bool,
    pub needs_argument: bool,
}

impl Field {
    fn new(name: &'static str, given: &'static GivenType, needs_argument: bool) -> Self {
        let (mut it, mut is_list) = (&given.base, false);
        let type_name = loop {
            match it {
                BaseType::Named(name) => break name.as_str(),
                BaseType::List(items) => (it, is_list) = (&items.base, true),
            }
        };
        Self { name, type_name, is_list, needs_argument }
    }

    /// The field with a selection of everything in it: all values and, for related objects, the
    /// ids.
    pub fn with_all(&self) -> String {
        let selection = match self.type_name {
            connection if connection.ends_with("Connection") => {
                "totalCount nodes { id }".to_owned()
            }
            object if types::find(object).is_some() => "id".to_owned(),
            value => all_of(value),
        };
        match selection.as_str() {
            "" => self.name.to_owned(),
            selection => format!("{} {{ {selection} }}", self.name),
        }
    }
}

/// The fields of an object or input type. Other types have none.
pub fn fields(type_name: &str) -> Vec<Field> {
    let definitions = document().definitions.iter().filter_map(|it| match it {
        TypeSystemDefinition::Type(definition) => Some(&definition.node),
        _ => None,
    });
    let kinds = definitions.filter(|it| it.name.node == type_name).map(|it| &it.kind);
    let fields = kinds.flat_map(|kind| -> Vec<Field> {
        match kind {
            TypeKind::Object(object) => {
                let fields = object.fields.iter().map(|field| {
                    let mut arguments = field.node.arguments.iter().map(|it| &it.node);
                    let is_needed =
                        arguments.any(|it| !it.ty.node.nullable && it.default_value.is_none());
                    Field::new(&field.node.name.node, &field.node.ty.node, is_needed)
                });
                fields.collect()
            }
            TypeKind::InputObject(input) => {
                let fields = input.fields.iter().map(|it| &it.node);
                fields.map(|it| Field::new(&it.name.node, &it.ty.node, false)).collect()
            }
            _ => Vec::new(),
        }
    });
    fields.collect()
}

/// All fields of an object without required arguments, selected as by [`Field::with_all`].
pub fn all_of(type_name: &str) -> String {
    let fields = fields(type_name).into_iter().filter(|field| !field.needs_argument);
    fields.map(|field| field.with_all()).collect::<Vec<_>>().join(" ")
}
