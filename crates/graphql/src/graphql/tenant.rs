//! The tenant, and its defaults for customers.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::{
    attributes::ChangedAttributes,
    context::ContextExt,
    error::Error,
    memory,
    object::Items,
    payload::{UserError, changed},
};
use crate::{
    db::types::{Decimal, Timestamp},
    models::{
        self,
        tenant::{Defaults, Details},
    },
};

/// The retailer that the API key belongs to.
#[derive(SimpleObject)]
pub struct Tenant {
    /// Name of the tenant: lower-case letters, digits and `-`; up to 32 characters. It cannot be
    /// changed.
    name: String,
    /// When the tenant was created.
    created_at: Timestamp,
    /// Values in effect for customers that have none of their own and inherit none from their
    /// groups.
    defaults: TenantDefaults,
}

/// Values in effect for customers that have none of their own and inherit none from their primary group or its
/// ancestors.
#[derive(SimpleObject)]
pub struct TenantDefaults {
    /// Price list; an identifier from another system.
    default_price_list: Option<String>,
    /// Payment terms; a name from another system.
    payment_terms: Option<String>,
    /// Payment period, in days.
    payment_terms_days: Option<i32>,
    /// Maximum amount that a customer may owe, in its `defaultCurrency`; `null` or 0 means no limit.
    /// The limit is not enforced here.
    credit_limit: Option<Decimal>,
    /// Language for correspondence; free text, like `nb`.
    language: Option<String>,
}

/// Input for `tenantUpdate`. Omitted fields keep their values, and `null` clears a field. Text is
/// trimmed, and empty text becomes `null`. Maximum length: 255 characters.
#[derive(InputObject)]
pub struct TenantUpdateInput {
    #[graphql(flatten)]
    defaults: ChangedAttributes<Defaults>,
}

/// Payload of `tenantUpdate`.
#[derive(SimpleObject)]
pub struct TenantUpdatePayload {
    /// The tenant after the mutation; `null` if there are user errors.
    tenant: Option<Tenant>,
    /// Errors that the user can correct; empty on success. If there are any, nothing was changed.
    user_errors: Items<UserError>,
}

/// Upper bound for the total length of a tenant's texts, in bytes.
const TEXTS_MAX: usize = 4_096;

impl Tenant {
    fn new(name: &str, details: Details) -> Self {
        let Details { created_at, defaults } = details;
        let defaults = TenantDefaults {
            default_price_list: defaults.default_price_list,
            payment_terms: defaults.payment_terms,
            payment_terms_days: defaults.payment_terms_days,
            credit_limit: defaults.credit_limit,
            language: defaults.language,
        };
        Self { name: name.to_owned(), created_at, defaults }
    }
}

#[derive(Default)]
pub struct TenantQuery;

#[Object]
impl TenantQuery {
    /// The tenant of the API key.
    async fn tenant(&self, ctx: &Context<'_>) -> Result<Tenant, Error> {
        let (db, tenant) = ctx.source()?;
        let details = ctx
            .load(Box::pin(async move {
                let mut lease = db.read().await?;
                models::tenant::find(&mut lease.conn(), &tenant).await
            }))
            .await?;
        memory::take_values(ctx, TEXTS_MAX)?;
        Ok(Tenant::new(ctx.tenant()?.id(), details))
    }
}

#[derive(Default)]
pub struct TenantMutation;

#[Object]
impl TenantMutation {
    /// Updates the tenant's defaults. Omitted fields keep their values. Requires the scope
    /// `ADMIN`; otherwise the error is `FORBIDDEN`.
    async fn tenant_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The changes.")] input: TenantUpdateInput,
    ) -> Result<TenantUpdatePayload, Error> {
        memory::take_values(ctx, TEXTS_MAX)?;
        ctx.writer()?;
        let admin = ctx.administrator()?;
        let mut lease = ctx.db()?.write().await?;
        let (conn, patch) = (&mut lease.conn(), input.defaults.patch);
        let updated = models::tenant::update(conn, admin, patch).await;
        let (details, user_errors) = changed(updated, "input")?;
        let tenant = details.map(|details| Tenant::new(admin.tenant().id(), details));
        Ok(TenantUpdatePayload { tenant, user_errors })
    }
}
