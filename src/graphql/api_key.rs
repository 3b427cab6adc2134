//! A tenant's keys, for keys of the scope admin.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};

use super::{
    context::ContextExt,
    error::Error,
    payload::{UserError, outcome, payloads},
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

/// A key by which a program asks this server, as it is stored: without the key itself.
#[derive(SimpleObject)]
pub struct ApiKey {
    /// The id that the server gave.
    id: ID,
    /// What `createdBy` and `lastModifiedBy` say of changes made with the key. No other key has it.
    name: String,
    /// What the key may do.
    scope: ApiKeyScope,
    /// When the key was created.
    created_at: Timestamp,
    /// Until when the key is valid; `null` is until it is revoked.
    expires_at: Option<Timestamp>,
    /// When the key was revoked.
    revoked_at: Option<Timestamp>,
    /// When the key was last used, to the minute; `null` if it never was.
    last_used_at: Option<Timestamp>,
}

/// The scopes of a key. Each includes the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Scope")]
pub enum ApiKeyScope {
    /// Queries.
    Read,
    /// Queries and mutations.
    Write,
    /// Queries and mutations, also those of the tenant's keys, and deletions of customer groups
    /// (`DELETE_SUBTREE`) and loyalty programs (`UNENROLL_CUSTOMERS`) together with their contents.
    Admin,
}

impl From<models::api_key::ApiKey> for ApiKey {
    fn from(key: models::api_key::ApiKey) -> Self {
        // The database takes no other scopes; of an unknown one, the least is told.
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

/// Input of `apiKeyCreate`.
#[derive(Clone, Debug, InputObject)]
pub struct ApiKeyCreateInput {
    /// What `createdBy` and `lastModifiedBy` are to say of changes made with the key; up to 255
    /// characters. No other key of the tenant may have it, revoked ones included. Default: one with
    /// the key's id.
    name: Option<String>,
    /// What the key may do.
    scope: ApiKeyScope,
    /// Until when the key is valid, in the future. Default: until it is revoked.
    expires_at: Option<Timestamp>,
    /// Is it a key that begins with `sk_test_`, not `sk_live_`, so that people do not mix them up? Both
    /// can do the same.
    #[graphql(default)]
    is_test: bool,
}

/// Payload of `apiKeyCreate`.
#[derive(SimpleObject)]
pub struct ApiKeyCreatePayload {
    /// The new key; `null` if there are user errors.
    api_key: Option<ApiKey>,
    /// The key itself, for the header `Authorization: Bearer …`. It is not stored, and told this once.
    secret: Option<String>,
    /// What the user can correct; empty on success.
    user_errors: Vec<UserError>,
}

payloads! {
    "apiKeyRevoke" => ApiKeyRevokePayload {
        api_key: ApiKey
    }
}

/// Memory that the values of a key take, at most.
const BYTES: usize = 4_096;

#[derive(Default)]
pub struct ApiKeyQuery;

#[Object]
impl ApiKeyQuery {
    /// The keys of your tenant, the oldest first. It takes a key of the scope admin; others are
    /// `FORBIDDEN`.
    async fn api_keys(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Also those that were revoked or have expired.", default = false)]
        include_ended: bool,
    ) -> Result<Vec<ApiKey>, Error> {
        let now = ctx.administrator()?.clock().now();
        let (db, tenant) = ctx.source()?;
        let keys = ctx
            .load(Box::pin(async move {
                let mut lease = db.read().await?;
                models::api_key::ApiKey::list(&mut lease.conn(), &tenant).await
            }))
            .await?;
        ctx.meter()?.take_bytes(keys.len() * BYTES)?;
        let wanted = keys.into_iter().filter(|key| include_ended || key.is_valid(now));
        Ok(wanted.map(Into::into).collect())
    }
}

#[derive(Default)]
pub struct ApiKeyMutation;

#[Object]
impl ApiKeyMutation {
    /// Creates a key of your tenant. It takes a key of the scope admin; others are `FORBIDDEN`.
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

    /// Revokes a key of your tenant, from now on and for good; also the key that asks for it. One that
    /// was revoked before stays as it is. It takes a key of the scope admin; others are `FORBIDDEN`.
    async fn api_key_revoke(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id that the server gave.")] id: ID,
    ) -> Result<ApiKeyRevokePayload, Error> {
        ctx.writer()?;
        let admin = ctx.administrator()?;
        let mut lease = ctx.db()?.write().await?;
        let (conn, key) = (&mut lease.conn(), NodeType::ApiKey.uid(&id));
        let revoked = models::api_key::ApiKey::withdraw(conn, admin, key).await;
        let revoked = revoked.map_err(models::Error::from);
        Ok(outcome(revoked, NodeType::ApiKey, "id", None)?.into())
    }
}
