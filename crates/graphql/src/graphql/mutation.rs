//! The root of mutations.

use std::borrow::Cow;

use async_graphql::{
    ContainerType, Context, ContextSelectionSet, ObjectType, OutputType, Positioned, ServerResult,
    Value,
    parser::types::Field,
    registry::{MetaType, Registry},
    resolver_utils::resolve_container_serial,
};

use super::{
    api_key::ApiKeyMutation,
    attribute_definition::AttributeDefinitionMutation,
    customer::{
        Customer, address::CustomerAddress, consent::CustomerConsent, contact::CustomerContact,
        extension::CustomerExtension, merge::MergeMutation,
    },
    customer_group::{CustomerGroup, MembersMutation},
    loyalty_program::LoyaltyProgram,
    loyalty_program_collection::LoyaltyProgramCollection,
    mutations::Mutations,
    object::merged,
    pos_customer_group::PosCustomerGroup,
    pos_profile::PosProfile,
    supplier_number_at_customer::SupplierNumberAtCustomer,
    tenant::TenantMutation,
};

/// The root of mutations. Every field is nullable.
///
/// A mutation that fails must not hide what other mutations in the same request have committed.
/// Resolvers return `Result<Payload, Error>`. On an error, async-graphql would null the whole
/// response and stop. Here the error is reported, the field becomes `null`, and the next mutation
/// starts.
#[derive(Default)]
pub struct Mutation(Fields);

merged! {
    /// The root of mutations. Each mutation runs in its own transaction. A mutation that fails returns
    /// `null`, with an error in `errors`; the mutations before and after it still run.
    struct Fields as "Mutation" (
        ApiKeyMutation,
        AttributeDefinitionMutation,
        Mutations<Customer>,
        Mutations<CustomerAddress>,
        Mutations<CustomerConsent>,
        Mutations<CustomerContact>,
        Mutations<CustomerExtension>,
        Mutations<CustomerGroup>,
        MembersMutation,
        MergeMutation,
        Mutations<LoyaltyProgram>,
        Mutations<LoyaltyProgramCollection>,
        Mutations<PosCustomerGroup>,
        Mutations<PosProfile>,
        Mutations<SupplierNumberAtCustomer>,
        TenantMutation,
    );
}

impl ContainerType for Mutation {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        // Boxed, because the future is as large as the largest mutation.
        match Box::pin(self.0.resolve_field(ctx)).await {
            Err(error) => {
                ctx.add_error(error);
                Ok(Some(Value::Null))
            }
            resolved => resolved,
        }
    }
}

impl OutputType for Mutation {
    fn type_name() -> Cow<'static, str> {
        Fields::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let name = Fields::create_type_info(registry);
        let root = registry.types.get_mut(Fields::type_name().as_ref());
        if let Some(MetaType::Object { fields, .. }) = root {
            for field in fields.values_mut() {
                field.ty = field.ty.trim_end_matches('!').to_owned();
            }
        }
        name
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        _field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        resolve_container_serial(ctx, self).await
    }
}

impl ObjectType for Mutation {}
