//! Constructors for the types, fields and arguments in async-graphql's registry. They set only the name, the
//! description and the type.

use std::any::type_name;

use async_graphql::{
    CacheControl, InputObjectType, InputType, OutputType,
    registry::{
        Deprecation, MetaEnumValue, MetaField, MetaInputValue, MetaType, MetaTypeId, Registry,
    },
};

/// The text of a doc comment, from its lines.
pub fn text(lines: &[&str]) -> String {
    lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join("\n")
}

/// Registers an object type with these fields and returns its name.
pub fn register_object<T: OutputType>(
    registry: &mut Registry,
    description: &[&str],
    fields: &mut dyn FnMut(&mut Registry) -> Vec<MetaField>,
) -> String {
    registry.create_output_type::<T, MakeMeta<'_>>(MetaTypeId::Object, &mut |registry| {
        let fields = fields(registry);
        meta_object(&T::type_name(), type_name::<T>(), description, fields)
    })
}

/// Creates a type that is not registered yet. async-graphql's function that registers it is large and is compiled for
/// each type of closure. With this type, it is compiled only once.
type MakeMeta<'a> = &'a mut dyn FnMut(&mut Registry) -> MetaType;

fn meta_object(
    name: &str,
    rust_typename: &'static str,
    description: &[&str],
    fields: Vec<MetaField>,
) -> MetaType {
    let fields = fields.into_iter().map(|field| (field.name.clone(), field));
    MetaType::Object {
        name: name.to_owned(),
        description: Some(text(description)),
        fields: fields.collect(),
        cache_control: CacheControl::default(),
        extends: false,
        shareable: false,
        resolvable: true,
        keys: None,
        visible: None,
        inaccessible: false,
        interface_object: false,
        tags: Vec::new(),
        is_subscription: false,
        rust_typename: Some(rust_typename),
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    }
}

pub fn meta_field(
    name: &str,
    description: &[&str],
    type_name: String,
    arguments: Vec<MetaInputValue>,
) -> MetaField {
    let arguments = arguments.into_iter().map(|argument| (argument.name.clone(), argument));
    MetaField {
        name: name.to_owned(),
        description: Some(text(description)),
        args: arguments.collect(),
        ty: type_name,
        deprecation: Deprecation::NoDeprecated,
        cache_control: CacheControl::default(),
        external: false,
        requires: None,
        provides: None,
        visible: None,
        shareable: false,
        inaccessible: false,
        tags: Vec::new(),
        override_from: None,
        compute_complexity: None,
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    }
}

/// Registers an input type and returns its name.
pub fn register_input<T: InputObjectType>(
    registry: &mut Registry,
    description: &[&str],
    fields: fn(&mut Registry) -> Vec<MetaInputValue>,
) -> String {
    registry.create_input_type::<T, MakeMeta<'_>>(MetaTypeId::InputObject, &mut |registry| {
        let fields = fields(registry);
        meta_input_object(&T::type_name(), type_name::<T>(), description, fields)
    })
}

fn meta_input_object(
    name: &str,
    rust_typename: &'static str,
    description: &[&str],
    fields: Vec<MetaInputValue>,
) -> MetaType {
    let fields = fields.into_iter().map(|field| (field.name.clone(), field));
    MetaType::InputObject {
        name: name.to_owned(),
        description: (!description.is_empty()).then(|| text(description)),
        input_fields: fields.collect(),
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        rust_typename: Some(rust_typename),
        oneof: false,
        directive_invocations: Vec::new(),
    }
}

/// Registers an enum with these values and their descriptions, and returns its name.
pub fn register_enum<T: InputType>(
    registry: &mut Registry,
    description: &str,
    values: &[(String, String)],
) -> String {
    registry.create_input_type::<T, MakeMeta<'_>>(MetaTypeId::Enum, &mut |_registry| {
        meta_enum(&T::type_name(), type_name::<T>(), description, values)
    })
}

fn meta_enum(
    name: &str,
    rust_typename: &'static str,
    description: &str,
    values: &[(String, String)],
) -> MetaType {
    MetaType::Enum {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        enum_values: values.iter().map(|it| (it.0.clone(), enum_value(it.clone()))).collect(),
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        rust_typename: Some(rust_typename),
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    }
}

fn enum_value((name, description): (String, String)) -> MetaEnumValue {
    MetaEnumValue {
        name,
        description: Some(description),
        deprecation: Deprecation::NoDeprecated,
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        directive_invocations: Vec::new(),
    }
}

/// An input field whose type has this name.
pub fn meta_input(name: &str, description: &str, type_name: String) -> MetaInputValue {
    MetaInputValue {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        ty: type_name,
        deprecation: Deprecation::NoDeprecated,
        default_value: None,
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        is_secret: false,
        directive_invocations: Vec::new(),
    }
}

/// Registers the type `T` and returns an argument or an input field of it.
pub fn argument<T: InputType>(
    registry: &mut Registry,
    name: &str,
    description: &str,
) -> MetaInputValue {
    let type_name = T::create_type_info(registry);
    meta_input(name, description, type_name)
}
