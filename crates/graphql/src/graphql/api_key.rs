//! Management of a tenant's API keys, which requires the scope admin.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};

use super::{
    context::ContextExt,
    error::Error,
    memory::Item,
    object::Items,
    payload::{Payload, PayloadKind, UserError, outcome},
};
use crate::{
    auth::KeyKind,
    db::types::Timestamp,
    id::NodeType,
    models::{
        self,
        api_key::{NewApiKey, Scope},
    },
};

/// An API key, without its secret.
#[derive(SimpleObject)]
pub struct ApiKey {
    /// Globally unique ID, assigned by the server.
    id: ID,
    /// Name of the key, recorded as `createdBy` and `lastModifiedBy` of the objects that it
    /// changes. Unique among the tenant's keys.
    name: String,
    /// Operations that the key allows.
    scope: ApiKeyScope,
    /// When the key was created.
    created_at: Timestamp,
    /// When the key expires; `null` if it never does.
    expires_at: Option<Timestamp>,
    /// When the key was revoked; `null` if it was not.
    revoked_at: Option<Timestamp>,
    /// When the key was last used, accurate to the minute; `null` if it never was.
    last_used_at: Option<Timestamp>,
}

/// Scopes of API keys. `WRITE` includes `READ`, and `ADMIN` includes both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Scope")]
pub enum ApiKeyScope {
    /// Allows queries, except `apiKeys`.
    Read,
    /// Allows queries and mutations, except those that require `ADMIN`.
    Write,
    /// Allows all queries and mutations, including those for the tenant's API keys and for the
    /// definitions of custom attributes, `tenantUpdate`, and deletions with the policies
    /// `DELETE_SUBTREE` and `UNENROLL_CUSTOMERS`.
    Admin,
}

impl From<models::api_key::ApiKey> for ApiKey {
    fn from(key: models::api_key::ApiKey) -> Self {
        // The database allows no other scopes; an unknown one falls back to the one with the fewest
        // permissions.
        let scope: Scope = key.scope.parse().unwrap_or(Scope::Read);
        Self {
            id: NodeType::ApiKey.id(key.id).to_string().into(),
            name: key.name,
            scope: scope.into(),
            created_at: key.created_at,
            expires_at: key.expires_at,
            revoked_at: key.revoked_at,
            last_used_at: key.last_used_at,
        }
    }
}

/// Input for `apiKeyCreate`.
#[derive(Clone, Debug, InputObject)]
pub struct ApiKeyCreateInput {
    /// Name of the key, recorded as `createdBy` and `lastModifiedBy` of the objects that it
    /// changes; up to 255 characters. Must be unique among the tenant's keys, revoked ones
    /// included. Default: derived from the scope and an ID.
    name: Option<String>,
    /// Operations that the key allows.
    scope: ApiKeyScope,
    /// When the key expires; must be in the future. Default: never.
    expires_at: Option<Timestamp>,
    /// Whether the secret starts with `sk_test_` instead of `sk_live_`, to tell the keys apart.
    /// Both kinds allow the same operations on the same data.
    #[graphql(default)]
    is_test: bool,
}

/// Payload of `apiKeyCreate`.
#[derive(SimpleObject)]
pub struct ApiKeyCreatePayload {
    /// The new key; `null` if there are user errors.
    api_key: Option<ApiKey>,
    /// The secret, for the header `Authorization: Bearer …`; `null` if there are user errors. It is
    /// returned only once and cannot be retrieved later.
    secret: Option<String>,
    /// Errors that the user can correct; empty on success. If there are any, nothing was changed.
    user_errors: Items<UserError>,
}

/// Payload kind of the mutation that revokes a key.
pub enum Revoked {}

impl PayloadKind for Revoked {
    type Row = models::api_key::ApiKey;
    type Result = ApiKey;
    const NODE_TYPE: NodeType = NodeType::ApiKey;
    const FIELD: &'static str = "apiKey";

    fn mutation() -> String {
        "apiKeyRevoke".to_owned()
    }

    fn result(key: models::api_key::ApiKey) -> ApiKey {
        key.into()
    }
}

/// Upper bound for the memory that a key's values take.
const BYTES: usize = 4_096;

impl Item for ApiKey {
    fn texts(&self) -> usize {
        BYTES
    }
}

#[derive(Default)]
pub struct ApiKeyQuery;

#[Object]
impl ApiKeyQuery {
    /// All API keys of the tenant, oldest first. Requires the scope `ADMIN`; otherwise the error is
    /// `FORBIDDEN`.
    async fn api_keys(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whether to include revoked and expired keys.", default = false)]
        include_ended: bool,
    ) -> Result<Items<ApiKey>, Error> {
        let now = ctx.administrator()?.clock().now();
        let (db, tenant) = ctx.source()?;
        let keys = ctx
            .load(Box::pin(async move {
                let mut lease = db.read().await?;
                models::api_key::ApiKey::list(&mut lease.conn(), &tenant).await
            }))
            .await?;
        let wanted = keys.into_iter().filter(|key| include_ended || key.is_valid(now));
        Ok(wanted.map(Into::into).collect())
    }
}

#[derive(Default)]
pub struct ApiKeyMutation;

#[Object]
impl ApiKeyMutation {
    /// Creates an API key for the tenant. Requires the scope `ADMIN`; otherwise the error is
    /// `FORBIDDEN`.
    async fn api_key_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new key.")] input: ApiKeyCreateInput,
    ) -> Result<ApiKeyCreatePayload, Error> {
        ctx.writer()?;
        let admin = ctx.administrator()?;
        let new = NewApiKey {
            name: input.name,
            scope: input.scope.into(),
            kind: if input.is_test { KeyKind::Test } else { KeyKind::Live },
            expires_at: input.expires_at,
        };
        let mut lease = ctx.db()?.write().await?;
        let issued = models::api_key::ApiKey::issue(&mut lease.conn(), admin, new).await;
        let (issued, user_errors) =
            outcome(issued.map(Some), NodeType::ApiKey, "id", Some("input"))?;
        let (api_key, secret) =
            issued.map(|(key, secret)| (key.into(), secret.reveal().to_owned())).unzip();
        Ok(ApiKeyCreatePayload { api_key, secret, user_errors })
    }

    /// Revokes an API key of the tenant, immediately and permanently. A key can revoke itself.
    /// Revoking a revoked key changes nothing. Requires the scope `ADMIN`; otherwise the error is
    /// `FORBIDDEN`.
    async fn api_key_revoke(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "ID of the key, assigned by the server.")] id: ID,
    ) -> Result<Payload<Revoked>, Error> {
        ctx.writer()?;
        let admin = ctx.administrator()?;
        let mut lease = ctx.db()?.write().await?;
        let (conn, key) = (&mut lease.conn(), NodeType::ApiKey.uid(&id));
        let revoked = models::api_key::ApiKey::withdraw(conn, admin, key).await;
        Payload::of(revoked.map_err(models::Error::from), "id")
    }
}
