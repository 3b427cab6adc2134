//! Tenants' credentials.

use std::{fmt, str::FromStr};

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper, prelude::*};

use super::{Code, Error, Violation, Violations};
use crate::{
    auth::{Administrator, KeyKind, KeySecret, Tenant},
    clock::Clock,
    db::{
        self, Conn, RunQueryDsl, on,
        schema::{api_keys, tenants},
        types::{Timestamp, Uid},
    },
};

/// Scope of a credential. Each includes the ones before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Allows queries.
    Read,
    /// Allows queries and mutations.
    Write,
    /// Also allows managing the tenant's keys.
    Admin,
}

impl Scope {
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Admin];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let scope = Self::ALL.into_iter().find(|scope| scope.name() == text);
        scope.ok_or_else(|| "must be read, write or admin".to_owned())
    }
}

/// A stored credential, without its secret.
#[derive(Clone, Debug, Insertable, Queryable, Selectable)]
#[diesel(table_name = api_keys, treat_none_as_default_value = false)]
#[diesel(check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct ApiKey {
    pub tenant_id: String,
    pub id: Uid,
    /// Recorded as `createdBy` and `lastModifiedBy`; unique in its tenant.
    pub name: String,
    pub scope: String,
    digest: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    /// Accurate to the minute: see [`ApiKey::touch`].
    pub last_used_at: Option<Timestamp>,
}

/// A key to create for an administrator.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    pub name: Option<String>,
    pub scope: Scope,
    pub kind: KeyKind,
    pub expires_at: Option<Timestamp>,
}

/// Minimum time between two writes of `last_used_at`, in microseconds: one minute.
const TOUCH_INTERVAL: i64 = 60_000_000;

impl ApiKey {
    /// Stores a new key. Its default name consists of its scope and id.
    pub async fn create(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        clock: &Clock,
        secret: &KeySecret,
        scope: Scope,
        name: Option<&str>,
        expires_at: Option<Timestamp>,
    ) -> Result<Self, db::Error> {
        let (id, created_at) = clock.new_id();
        let key = Self {
            tenant_id: tenant.id().to_owned(),
            id,
            name: name.map_or_else(|| format!("{scope} key {id}"), str::to_owned),
            scope: scope.name().to_owned(),
            digest: secret.digest(),
            created_at,
            expires_at,
            revoked_at: None,
            last_used_at: None,
        };
        let insert = || diesel::insert_into(api_keys::table).values(&key);
        on!(conn, |c| insert().execute(c).await)?;
        Ok(key)
    }

    /// Creates a key for the administrator's tenant. Its secret can only be shown now.
    pub async fn issue(
        conn: &mut Conn<'_>,
        admin: Administrator<'_>,
        mut new: NewApiKey,
    ) -> Result<(Self, KeySecret), Error> {
        let (tenant, clock) = (admin.tenant(), admin.clock());
        let mut violations = Violations::default();
        violations.line("name", &mut new.name);
        let now = clock.now();
        if new.expires_at.is_some_and(|end| end <= now) {
            let message = "must be in the future";
            violations.push(Violation::new("expiresAt", Code::Invalid, message));
        }
        violations.finish()?;
        let secret = KeySecret::generate(tenant, new.kind);
        let name = new.name.as_deref();
        match Self::create(conn, tenant, clock, &secret, new.scope, name, new.expires_at).await {
            Ok(key) => Ok((key, secret)),
            Err(db::Error::NotUnique(_)) => {
                let message = "another key has this name, or had it until it was revoked";
                Err(Violation::new("name", Code::Taken, message).into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Revokes a key of the administrator's tenant; `None` if there is no such key.
    pub async fn withdraw(
        conn: &mut Conn<'_>,
        admin: Administrator<'_>,
        id: Uid,
    ) -> Result<Option<Self>, db::Error> {
        if !Self::revoke(conn, admin.tenant(), id, admin.clock().now()).await? {
            return Ok(None);
        }
        admin.forget_keys();
        let key = api_keys::table.find((admin.tenant().id(), id));
        Ok(on!(conn, |c| key.select(Self::as_select()).get_result(c).await.optional())?)
    }

    /// The key with that `secret`, if it is valid now, and the country of its tenant.
    pub async fn authenticate(
        conn: &mut Conn<'_>,
        secret: &KeySecret,
        now: Timestamp,
    ) -> Result<Option<(Self, Option<String>)>, db::Error> {
        let of_key = tenants::tenant_id.eq(api_keys::tenant_id);
        let found: Option<(Self, Option<String>)> = on!(conn, |c| {
            api_keys::table
                .inner_join(tenants::table.on(of_key))
                .filter(api_keys::tenant_id.eq(secret.tenant()))
                .filter(api_keys::digest.eq(secret.digest()))
                .select((Self::as_select(), tenants::country))
                .get_result(c)
                .await
                .optional()
        })?;
        Ok(found.filter(|(key, _)| key.is_valid(now)))
    }

    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }

    /// Whether it is time to record the use of the key.
    pub fn is_touch_due(&self, now: Timestamp) -> bool {
        self.last_used_at.is_none_or(|last| Self::is_touch_due_since(last, now))
    }

    /// The same, if its use was last recorded at that time.
    pub fn is_touch_due_since(last: Timestamp, now: Timestamp) -> bool {
        now.as_microseconds().saturating_sub(last.as_microseconds()) >= TOUCH_INTERVAL
    }

    /// Records the use of the key.
    pub async fn touch(&self, conn: &mut Conn<'_>, now: Timestamp) -> Result<(), db::Error> {
        on!(conn, |c| {
            diesel::update(api_keys::table.find((&self.tenant_id, self.id)))
                .set(api_keys::last_used_at.eq(now))
                .execute(c)
                .await
        })?;
        Ok(())
    }

    /// All keys of the tenant, oldest first, including revoked and expired ones. Fails if there are
    /// more than the request may read.
    pub async fn list(conn: &mut Conn<'_>, tenant: &Tenant) -> Result<Vec<Self>, db::Error> {
        let at_most = conn.meter().row_limit();
        let keys: Vec<Self> = on!(conn, |c| {
            api_keys::table
                .filter(api_keys::tenant_id.eq(tenant.id()))
                .order_by(api_keys::id)
                .limit(at_most)
                .select(Self::as_select())
                .load(c)
                .await
        })?;
        conn.meter().take_rows(keys.len())?;
        Ok(keys)
    }

    /// Replaces the secret of the key; the old one is invalid from then on. Returns `None` if the
    /// tenant has no such key, or has revoked it. Without `expires_at`, the expiry is unchanged.
    pub async fn rotate(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        id: Uid,
        secret: &KeySecret,
        expires_at: Option<Timestamp>,
    ) -> Result<Option<Self>, db::Error> {
        let key = api_keys::table.find((tenant.id(), id)).filter(api_keys::revoked_at.is_null());
        let change = (
            api_keys::digest.eq(secret.digest()),
            expires_at.map(|at| api_keys::expires_at.eq(Some(at))),
        );
        Ok(on!(conn, |c| {
            let update = diesel::update(key).set(change).returning(Self::as_returning());
            update.get_result(c).await.optional()
        })?)
    }

    /// Revokes the key; `false` if the tenant has no such key. Revoking a revoked key changes
    /// nothing.
    pub async fn revoke(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        id: Uid,
        now: Timestamp,
    ) -> Result<bool, db::Error> {
        let key = api_keys::table.find((tenant.id(), id));
        let revoked = on!(conn, |c| {
            diesel::update(key.filter(api_keys::revoked_at.is_null()))
                .set(api_keys::revoked_at.eq(now))
                .execute(c)
                .await
        })?;
        let known = on!(conn, |c| key.count().get_result::<i64>(c).await)?;
        Ok(revoked > 0 || known > 0)
    }
}
