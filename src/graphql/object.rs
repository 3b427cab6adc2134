//! Objects that are rows: their plain fields, which need neither the request nor a wait, and those with resolvers
//! of their own.
//!
//! [`object!`] declares a type with its plain fields. The other fields are an ordinary `#[ComplexObject]`. The
//! library would make a future of each plain field of each row; [`Plan`] looks at the selection once for all
//! rows of a list, and copies values.

pub mod connections;

mod edges;
mod list;
mod meta;
mod plan;
mod value;

use async_graphql::{
    ComplexObject, Context, ContextSelectionSet, ServerResult, Value,
    indexmap::IndexMap,
    registry::{MetaField, MetaTypeId, Registry},
    resolver_utils::resolve_container,
};

use super::node::RowNode;

use self::{
    connections::ConnectionField,
    meta::{meta_field, meta_object},
    plan::Plan,
};

pub use self::{
    list::{Edges, Nodes, Objects},
    value::{PlainValue, probe},
};

/// A field whose value follows from the row.
pub struct PlainField<R> {
    pub name: &'static str,
    /// The lines of its description.
    pub description: &'static [&'static str],
    /// Registers the field's type, and returns its name.
    pub type_name: fn(&mut Registry) -> String,
    pub value: fn(&R) -> Value,
}

/// A type of objects that are rows.
pub trait RowObject: AsRef<Self::Row> + ComplexObject + Send + Sync {
    type Row: 'static;
    const NAME: &'static str;
    /// The lines of its description.
    const DESCRIPTION: &'static [&'static str];
    const PLAIN: &'static [PlainField<Self::Row>];
    const CONNECTIONS: &'static [ConnectionField<Self::Row>];
}

/// Declares a type of objects with its description and its plain fields: each with a description, the name in
/// GraphQL, and the value, which is computed from the row. Then come the connections, if any: each with a
/// description, the name, the type of the objects that it lists, and their relation to the row.
macro_rules! object {
    (
        $(#[doc = $type_doc:literal])+
        $Type:ident($row:ident: $Row:ty) {
            $($(#[doc = $doc:literal])+ $name:ident: $value:expr,)+
        }
        $(connections {
            $($(#[doc = $list_doc:literal])+ $list:ident: $Item:ident in $relation:expr,)+
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
            const CONNECTIONS:
                &'static [$crate::graphql::object::connections::ConnectionField<$Row>] = &[$($(
                $crate::graphql::object::connections::ConnectionField {
                    name: stringify!($list),
                    description: &[$($list_doc),+],
                    register: $crate::graphql::object::connections::register::<$Item>,
                    resolve: |ctx, row| {
                        let name = concat!(stringify!($Type), ".", stringify!($list));
                        let (uid, relation) = ($crate::models::Row::uid(row), $relation);
                        let parent = $crate::graphql::connection::Parent { uid, relation };
                        Box::pin($crate::graphql::object::connections::resolve::<$Item>(
                            ctx, name, parent,
                        ))
                    },
                },
            )+)?];
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
        }

        impl async_graphql::ObjectType for $Type {}
    };
}
pub(in crate::graphql) use object;

/// The value of an object.
pub async fn resolve<T>(object: &T, ctx: &ContextSelectionSet<'_>) -> ServerResult<Value>
where
    T: RowNode,
{
    match Plan::<T>::of(ctx) {
        Some(plan) => plan.value(ctx, object).await,
        None => resolve_container(ctx, object).await,
    }
}

/// The value of one field of an object; `None` if there is no such field.
pub async fn resolve_field<T: RowObject>(
    object: &T,
    ctx: &Context<'_>,
) -> ServerResult<Option<Value>> {
    let name = ctx.item.node.name.node.as_str();
    if let Some(field) = plain::<T>(name) {
        return Ok(Some((field.value)(object.as_ref())));
    }
    if let Some(field) = T::CONNECTIONS.iter().find(|field| field.name == name) {
        return (field.resolve)(ctx, object.as_ref()).await.map(Some);
    }
    ComplexObject::resolve_field(object, ctx).await
}

fn plain<T: RowObject>(name: &str) -> Option<&'static PlainField<T::Row>> {
    T::PLAIN.iter().find(|field| field.name == name)
}

/// Registers the type with its fields, and returns its name.
pub fn register<T: RowNode>(registry: &mut Registry) -> String {
    registry.create_output_type::<T, _>(MetaTypeId::Object, |registry| {
        let mut fields: IndexMap<String, MetaField> = IndexMap::new();
        for field in T::PLAIN {
            let type_name = (field.type_name)(registry);
            let field = meta_field(field.name, field.description, type_name, Vec::new());
            fields.insert(field.name.clone(), field);
        }
        for field in T::CONNECTIONS {
            let (type_name, arguments) = (field.register)(registry);
            let field = meta_field(field.name, field.description, type_name, arguments);
            fields.insert(field.name.clone(), field);
        }
        fields.extend(<T as ComplexObject>::fields(registry));
        meta_object::<T>(T::NAME, T::DESCRIPTION, fields)
    })
}
