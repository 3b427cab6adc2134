//! Object types of rows, and their fields: attributes, which the models declare; plain fields, which are computed from
//! the row; relations to other objects; connections; and fields with resolvers.
//!
//! `object!` declares a type with all of these fields except the attributes and the resolvers, which are in an ordinary
//! `#[ComplexObject]`. async-graphql would create a future for each field of each row; [`plan::Plan`] analyzes the
//! selection once for all rows of a list.

pub mod connections;
pub mod relations;

mod any;
mod edges;
mod list;
mod merged;
mod meta;
mod plan;
mod value;

use std::collections::HashMap;

use async_graphql::{
    ComplexObject, Context, ContextBase, ContextSelectionSet, InputType, OutputType, QueryPathNode,
    ServerResult, Value,
    indexmap::IndexMap,
    registry::{MetaField, Registry},
};

use super::{
    attributes::{is_output, output, output_type},
    error::Error,
    node::RowNode,
};
use crate::models::attribute::{Attribute, Attributes, HasAttributes};

use self::{
    connections::{ConnectionField, flag_argument},
    plan::values,
    relations::RelationField,
};

pub use self::{
    any::{AnyObject, returned},
    list::{Edges, Items, Nodes, Objects},
    merged::fields_of_part,
    meta::{
        argument, meta_field, meta_input, register_enum, register_input, register_object, text,
    },
    plan::At,
    value::{PlainValue, probe},
};

/// A field whose value is computed from the row.
pub struct PlainField<R> {
    pub name: &'static str,
    /// The description, by line.
    pub description: &'static [&'static str],
    /// Registers the field's type and returns the type's name.
    pub type_name: fn(&mut Registry) -> String,
    pub value: fn(&R) -> Value,
}

/// An object type whose objects are rows.
pub trait RowObject: AsRef<Self::Row> + ComplexObject + Send + Sync + 'static {
    type Row: HasAttributes + 'static;
    const NAME: &'static str;
    /// The description, by line.
    const DESCRIPTION: &'static [&'static str];
    const PLAIN: &'static [PlainField<Self::Row>];
    const RELATIONS: &'static [RelationField<Self::Row>];
    const CONNECTIONS: &'static [ConnectionField<Self::Row>];
    /// The fields that list other objects. They are loaded by the row's id.
    const LISTS: &'static [&'static str];

    /// The attributes and all declared fields, by name.
    fn row_fields() -> &'static Fields<Self::Row>;
}

/// The fields of an object type by name, except for fields with resolvers.
pub type Fields<R> = HashMap<String, RowField<R>>;

/// A field of an object.
pub enum RowField<R: HasAttributes + 'static> {
    Plain(&'static PlainField<R>),
    Attribute(&'static Attribute<R::Attributes>),
    Relation(&'static RelationField<R>),
    Connection(&'static ConnectionField<R>),
}

/// Collects the fields of a type. A plain field overrides an attribute with the same name.
pub fn fields_of<T: RowObject>() -> Fields<T::Row> {
    let attributes = <T::Row as HasAttributes>::Attributes::ATTRIBUTES;
    let attributes = attributes.iter().filter(|attribute| is_output(attribute));
    let mut fields: Fields<T::Row> =
        attributes.map(|it| (it.name(), RowField::Attribute(it))).collect();
    fields.extend(T::PLAIN.iter().map(|it| (it.name.to_owned(), RowField::Plain(it))));
    fields.extend(T::RELATIONS.iter().map(|it| (it.name.to_owned(), RowField::Relation(it))));
    fields.extend(T::CONNECTIONS.iter().map(|it| (it.name.to_owned(), RowField::Connection(it))));
    fields
}

/// Declares an object type with its description and its plain fields. A plain field has a description, a name in
/// GraphQL and an expression that computes its value from the row. Optional sections follow, in this order:
///
/// - references to single objects: the type of the object, and an expression for its id or `None`;
/// - lists of the row's children by position, then lists that clients can sort: the type of the children;
/// - the fields for custom attributes: one for a single attribute, by its key, and one for all;
/// - connections: the type of the listed objects and their relation to the row. The relation can depend on a Boolean
///   argument, which is `false` by default.
///
/// With `pub struct`, the macro also declares the type itself, as a wrapper of a row that other objects may share.
macro_rules! object {
    (
        $(#[doc = $type_doc:literal])+
        pub struct $Type:ident($row:ident: $Row:ty) $($fields:tt)+
    ) => {
        $(#[doc = $type_doc])+
        pub struct $Type(std::sync::Arc<$Row>);

        impl From<std::sync::Arc<$Row>> for $Type {
            fn from(row: std::sync::Arc<$Row>) -> Self {
                Self(row)
            }
        }

        impl AsRef<$Row> for $Type {
            fn as_ref(&self) -> &$Row {
                &self.0
            }
        }

        $crate::graphql::object::object! {
            $(#[doc = $type_doc])+
            $Type($row: $Row) $($fields)+
        }
    };
    (
        $(#[doc = $type_doc:literal])+
        $Type:ident($row:ident: $Row:ty) {
            $($(#[doc = $doc:literal])+ $name:ident: $value:expr,)+
        }
        $(references {
            $($(#[doc = $one_doc:literal])+ $one:ident: $One:ident by $uid:expr,)+
        })?
        $(children {
            $($(#[doc = $children_doc:literal])+ $children:ident: $Child:ident,)+
        })?
        $(sortable children {
            $($(#[doc = $sortable_doc:literal])+ $sortable:ident: $Sortable:ident,)+
        })?
        $(custom {
            $one_custom:ident, $all_custom:ident
        })?
        $(connections {
            $(
                $(#[doc = $list_doc:literal])+
                $list:ident$(($flag:ident as $flag_name:literal: $flag_doc:literal))?: $Item:ident in $relation:expr,
            )+
        })?
    ) => {
        impl $crate::graphql::object::RowObject for $Type {
            type Row = $Row;
            const NAME: &'static str = stringify!($Type);
            const DESCRIPTION: &'static [&'static str] = &[$($type_doc),+];
            const PLAIN: &'static [$crate::graphql::object::PlainField<$Row>] = &[$(
                $crate::graphql::object::PlainField {
                    name: stringify!($name),
                    description: &[$($doc),+],
                    type_name: |registry| {
                        $crate::graphql::object::probe(registry, |$row: &$Row| Clone::clone(&$value))
                    },
                    value: |$row| $crate::graphql::object::PlainValue::value(&$value),
                },
            )+];
            const RELATIONS:
                &'static [$crate::graphql::object::relations::RelationField<$Row>] = &[
                $($($crate::graphql::object::relations::RelationField {
                    name: stringify!($one),
                    description: &[$($one_doc),+],
                    register: $crate::graphql::object::relations::register_one::<$One>,
                    resolve: |ctx, rows| {
                        let uid = |$row: &$Row| Option::<$crate::db::types::Uid>::from($uid);
                        Box::pin($crate::graphql::object::relations::one::<$One, _>(ctx, rows, uid))
                    },
                },)+)?
                $($($crate::graphql::object::relations::RelationField {
                    name: stringify!($children),
                    description: &[$($children_doc),+],
                    register: $crate::graphql::object::relations::register_children::<$Child>,
                    resolve: |ctx, rows| {
                        Box::pin($crate::graphql::object::relations::children::<$Child, _, _>(
                            ctx, rows,
                        ))
                    },
                },)+)?
                $($($crate::graphql::object::relations::RelationField {
                    name: stringify!($sortable),
                    description: &[$($sortable_doc),+],
                    register: $crate::graphql::object::relations::register_sortable::<$Sortable>,
                    resolve: |ctx, rows| {
                        Box::pin($crate::graphql::object::relations::sortable::<$Sortable, _, _>(
                            ctx, rows,
                        ))
                    },
                },)+)?
                $(
                    $crate::graphql::custom_attribute::one(stringify!($one_custom)),
                    $crate::graphql::custom_attribute::all(stringify!($all_custom)),
                )?
            ];
            const CONNECTIONS:
                &'static [$crate::graphql::object::connections::ConnectionField<$Row>] = &[$($(
                $crate::graphql::object::connections::ConnectionField {
                    name: stringify!($list),
                    description: &[$($list_doc),+],
                    flag: [$(($flag_name, $flag_doc))?].first().copied(),
                    register: $crate::graphql::object::connections::register::<$Item>,
                    resolve: |ctx, row| {
                        let name = concat!(stringify!($Type), ".", stringify!($list));
                        $(let $flag = $crate::graphql::object::connections::flag(ctx, $flag_name);)?
                        let (uid, relation) = ($crate::models::Row::uid(row), $relation);
                        let parent = $crate::graphql::connection::Parent { uid, relation };
                        Box::pin($crate::graphql::object::connections::resolve::<$Item>(
                            ctx, name, Some(parent),
                        ))
                    },
                },
            )+)?];
            const LISTS: &'static [&'static str] = &[
                $($(stringify!($children),)+)?
                $($(stringify!($sortable),)+)?
                $($(stringify!($list),)+)?
            ];

            fn row_fields() -> &'static $crate::graphql::object::Fields<$Row> {
                static FIELDS: std::sync::LazyLock<$crate::graphql::object::Fields<$Row>> =
                    std::sync::LazyLock::new($crate::graphql::object::fields_of::<$Type>);
                &FIELDS
            }
        }

        impl async_graphql::OutputType for $Type {
            fn type_name() -> std::borrow::Cow<'static, str> {
                stringify!($Type).into()
            }

            fn create_type_info(registry: &mut async_graphql::registry::Registry) -> String {
                $crate::graphql::object::register::<Self>(registry)
            }

            async fn resolve(
                &self,
                ctx: &async_graphql::ContextSelectionSet<'_>,
                _field: &async_graphql::Positioned<async_graphql::parser::types::Field>,
            ) -> async_graphql::ServerResult<async_graphql::Value> {
                $crate::graphql::object::resolve(self, ctx).await
            }
        }

        impl async_graphql::ContainerType for $Type {
            async fn resolve_field(
                &self,
                ctx: &async_graphql::Context<'_>,
            ) -> async_graphql::ServerResult<Option<async_graphql::Value>> {
                $crate::graphql::object::resolve_field(self, ctx).await
            }

            fn collect_all_fields<'a>(
                &'a self,
                ctx: &async_graphql::ContextSelectionSet<'a>,
                fields: &mut async_graphql::resolver_utils::Fields<'a>,
            ) -> async_graphql::ServerResult<()> {
                let object: &dyn $crate::graphql::object::AnyObject = self;
                fields.add_set(ctx, object)
            }
        }

        impl async_graphql::ObjectType for $Type {}
    };
}
pub(in crate::graphql) use {any::resolve_fields, merged::merged, object};

/// The value of an object.
pub async fn resolve<T>(object: &T, ctx: &ContextSelectionSet<'_>) -> ServerResult<Value>
where
    T: RowNode,
{
    let object = ctx.path_node.map(|path| At { item: object, path });
    values(ctx, object.as_slice()).await.pop().unwrap_or(Ok(Value::Null))
}

/// The value of one field of an object; `None` if there is no such field.
pub async fn resolve_field<T: RowObject>(
    object: &T,
    ctx: &Context<'_>,
) -> ServerResult<Option<Value>> {
    match T::row_fields().get(ctx.item.node.name.node.as_str()) {
        Some(RowField::Plain(field)) => Ok(Some((field.value)(object.as_ref()))),
        Some(RowField::Attribute(attribute)) => {
            Ok(Some(output((attribute.get)(object.as_ref().attributes()))))
        }
        Some(RowField::Relation(field)) => {
            let row = ctx.path_node.map(|path| At { item: object.as_ref(), path });
            (field.resolve)(ctx, row.into_iter().collect()).await.pop().transpose()
        }
        Some(RowField::Connection(field)) => (field.resolve)(ctx, object.as_ref()).await.map(Some),
        None => ComplexObject::resolve_field(object, ctx).await,
    }
}

/// The value of a field from the resolver's result, after its selected subfields are resolved.
pub async fn resolved<T: OutputType>(ctx: &Context<'_>, result: T) -> ServerResult<Value> {
    let selection = ctx.with_selection_set(&ctx.item.node.selection_set);
    result.resolve(&selection, ctx.item).await
}

/// The value of an argument of the field.
pub fn value<T: InputType>(ctx: &Context<'_>, name: &str) -> Result<T, Error> {
    let value = ctx.param_value(name, None);
    value.map(|(_, value)| value).map_err(|error| Error::bad_input(error.message))
}

/// The same context at another path in the response.
pub fn at<'a, T: Clone>(ctx: &ContextBase<'a, T>, path: QueryPathNode<'a>) -> ContextBase<'a, T> {
    let mut ctx = ctx.clone();
    ctx.path_node = Some(path);
    ctx
}

/// Registers the type with its fields and returns its name.
pub fn register<T: RowNode>(registry: &mut Registry) -> String {
    register_object::<T>(registry, T::DESCRIPTION, &mut |registry| {
        let mut fields: IndexMap<String, MetaField> = IndexMap::new();
        for field in T::PLAIN {
            let type_name = (field.type_name)(registry);
            let field = meta_field(field.name, field.description, type_name, Vec::new());
            fields.insert(field.name.clone(), field);
        }
        for attribute in <T::Row as HasAttributes>::Attributes::ATTRIBUTES {
            if is_output(attribute) && !fields.contains_key(&attribute.name()) {
                let type_name = output_type(registry, attribute);
                let (name, description) = (attribute.name(), attribute.description);
                fields.insert(name.clone(), meta_field(&name, description, type_name, Vec::new()));
            }
        }
        for field in T::RELATIONS {
            let (type_name, arguments) = (field.register)(registry);
            let field = meta_field(field.name, field.description, type_name, arguments);
            fields.insert(field.name.clone(), field);
        }
        for field in T::CONNECTIONS {
            let (type_name, mut arguments) = (field.register)(registry);
            arguments.extend(field.flag.map(|(name, text)| flag_argument(registry, name, text)));
            let field = meta_field(field.name, field.description, type_name, arguments);
            fields.insert(field.name.clone(), field);
        }
        fields.extend(<T as ComplexObject>::fields(registry));
        fields.into_values().collect()
    })
}
