//! Objects that combine the fields of several types, for the root types.

use async_graphql::registry::{MetaField, MetaType};

/// Declares an object with the fields of the given types, which must have no data.
///
/// async-graphql's `MergedObject` nests the types in each other, so that each of their functions is compiled for each
/// level.
macro_rules! merged {
    (
        $(#[doc = $doc:literal])+
        $vis:vis struct $Type:ident as $name:literal ($($Part:ty,)+);
    ) => {
        $(#[doc = $doc])+
        #[derive(Default)]
        $vis struct $Type;

        impl async_graphql::OutputType for $Type {
            fn type_name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }

            fn create_type_info(registry: &mut async_graphql::registry::Registry) -> String {
                $crate::graphql::object::register_object::<Self>(registry, &[$($doc),+], &mut |registry| {
                    let parts = [$(registry.create_fake_output_type::<$Part>()),+];
                    parts.into_iter().flat_map($crate::graphql::object::fields_of_part).collect()
                })
            }

            $crate::graphql::object::resolve_fields!();
        }

        impl async_graphql::ContainerType for $Type {
            async fn resolve_field(
                &self,
                ctx: &async_graphql::Context<'_>,
            ) -> async_graphql::ServerResult<Option<async_graphql::Value>> {
                $(
                    if let Some(value) = <$Part>::default().resolve_field(ctx).await? {
                        return Ok(Some(value));
                    }
                )+
                Ok(None)
            }
        }

        impl async_graphql::ObjectType for $Type {}
    };
}
pub(in crate::graphql) use merged;

/// The fields of a type that is part of a merged object.
pub fn fields_of_part(part: MetaType) -> Vec<MetaField> {
    match part {
        MetaType::Object { fields, .. } => fields.into_values().collect(),
        _ => Vec::new(),
    }
}
