//! Authentication and authorization: who sends a request, for which tenant, and with which
//! permissions.
//!
//! A [`Tenant`] can only be created in this file, from a credential or from the command line, and
//! every function of the models requires one. A [`Writer`] is a viewer whose credential may write,
//! or an operator, and every function that changes the graph requires one. So neither check can be
//! forgotten. An [`Administrator`] is a viewer who may also manage the tenant's keys and its defaults, and
//! delete groups and loyalty programs together with their contents; an operator is one, too.

mod authenticator;
mod key_cache;

use std::{
    fmt::Write,
    hash::{Hash, Hasher},
    sync::Arc,
};

use sha2::{Digest, Sha256};

use crate::{
    clock::{Clock, random_bytes},
    db::{
        self, Conn, Db,
        types::{Timestamp, Uid},
    },
    models::{api_key::Scope, tenant},
    phone::Country,
};

use self::key_cache::KeyCache;

pub use self::{authenticator::Authenticator, key_cache::KNOWN};

/// The name of the tenant and of the key of `clientele serve --demo`.
pub const DEMO: &str = "demo";

/// Longest name of a tenant.
pub const TENANT_NAME_MAX: usize = 32;

/// A retailer, whose data is invisible to all others.
#[derive(Clone, Debug)]
pub struct Tenant {
    id: Arc<str>,
    /// The country of phone numbers without an international prefix.
    country: Option<Country>,
}

impl PartialEq for Tenant {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Tenant {}

impl Hash for Tenant {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

impl Tenant {
    /// The value of the column `tenant_id`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The country of phone numbers without an international prefix.
    pub const fn country(&self) -> Option<Country> {
        self.country
    }

    /// A stored tenant, with the code of its country.
    fn stored(name: &str, country: Option<&str>) -> Self {
        // Only valid codes are stored; without a country, fewer phone numbers are recognized.
        Self { id: name.into(), country: country.and_then(|code| code.parse().ok()) }
    }

    /// Stores a new tenant.
    pub async fn create(
        conn: &mut Conn<'_>,
        name: &str,
        country: Option<Country>,
        clock: &Clock,
    ) -> Result<Self, db::Error> {
        tenant::create(conn, name, country, clock).await?;
        Ok(Self { id: name.into(), country })
    }

    /// The tenant named by an operator; `None` if it does not exist.
    pub async fn named(db: &Db, name: &str) -> Result<Option<Self>, db::Error> {
        let mut lease = db.read().await?;
        if !is_tenant_name(name) {
            return Ok(None);
        }
        let country = tenant::country(&mut lease.conn(), name).await?;
        Ok(country.map(|country| Self::stored(name, country.as_deref())))
    }
}

/// Lower-case letters, digits and `-`, not at the ends; up to [`TENANT_NAME_MAX`].
pub fn is_tenant_name(name: &str) -> bool {
    let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    (1..=TENANT_NAME_MAX).contains(&name.len())
        && name.bytes().all(allowed)
        && !name.starts_with('-')
        && !name.ends_with('-')
}

/// The authenticated caller, with its tenant and permissions. Cheap to clone.
#[derive(Clone)]
pub struct Viewer {
    tenant: Tenant,
    name: Arc<str>,
    scope: Scope,
    clock: Clock,
    known: KeyCache,
}

impl Viewer {
    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// The name of the credential.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The viewer with permission to write; `None` if the credential is read-only.
    pub fn writer(&self) -> Option<Writer<'_>> {
        (self.scope >= Scope::Write).then_some(Writer(self))
    }

    /// The viewer as an administrator of its tenant; `None` if the credential has another scope.
    pub fn administrator(&self) -> Option<Administrator<'_>> {
        (self.scope >= Scope::Admin).then_some(Administrator(self))
    }
}

/// A viewer, or an operator, who may manage the keys and the defaults of its tenant, and of no other one,
/// and delete what still has contents.
#[derive(Clone, Copy)]
pub struct Administrator<'a>(&'a Viewer);

impl<'a> Administrator<'a> {
    pub fn tenant(self) -> &'a Tenant {
        &self.0.tenant
    }

    pub fn clock(self) -> &'a Clock {
        &self.0.clock
    }

    /// Clears this server's cache of valid keys, so that a revoked key is rejected immediately.
    pub fn forget_keys(self) {
        self.0.known.clear();
    }

    /// The administrator as a writer, because each scope includes the ones before it.
    pub fn writer(self) -> Writer<'a> {
        Writer(self.0)
    }
}

/// The user of the command line, who has all permissions for that tenant.
pub struct Operator(Viewer);

impl Operator {
    /// `name` is recorded as `createdBy` and `lastModifiedBy`.
    pub fn new(tenant: Tenant, name: &str, clock: &Clock) -> Self {
        let (name, clock, known) = (name.into(), clock.clone(), KeyCache::default());
        Self(Viewer { tenant, name, scope: Scope::Admin, clock, known })
    }

    pub fn writer(&self) -> Writer<'_> {
        Writer(&self.0)
    }

    pub fn administrator(&self) -> Administrator<'_> {
        Administrator(&self.0)
    }
}

/// A viewer who may write.
#[derive(Clone, Copy)]
pub struct Writer<'a>(&'a Viewer);

impl<'a> Writer<'a> {
    pub fn tenant(self) -> &'a Tenant {
        &self.0.tenant
    }

    /// The value for `createdBy` and `lastModifiedBy`.
    pub fn name(self) -> &'a str {
        &self.0.name
    }

    pub fn now(self) -> Timestamp {
        self.0.clock.now()
    }

    pub fn new_id(self) -> (Uid, Timestamp) {
        self.0.clock.new_id()
    }
}

/// A key: `sk_live_TENANT_RANDOM` or `sk_test_TENANT_RANDOM`.
///
/// It contains the tenant's name, so that a lookup reads only that tenant's rows (and a leaked key
/// shows whose it is). The random part has 192 bits. The prefix keeps people from mistaking the key
/// of a test system for a live one.
pub struct KeySecret {
    text: String,
    fingerprint: Fingerprint,
}

/// The SHA-256 digest of a key.
pub type Fingerprint = [u8; 32];

impl KeySecret {
    fn new(text: String) -> Self {
        let fingerprint = Sha256::digest(&text).into();
        Self { text, fingerprint }
    }

    pub fn generate(tenant: &Tenant, kind: KeyKind) -> Self {
        let random = hexadecimal(&random_bytes::<24>());
        Self::new(format!("sk_{}_{}_{random}", kind.name(), tenant.id()))
    }

    /// The demo's key, which is public: only a server that was started with `--demo` accepts it.
    pub fn demo() -> Self {
        Self::new(format!("sk_test_{DEMO}_everybodyknowsthiskeyitopensthedemoonly"))
    }

    pub fn is_demo(&self) -> bool {
        self.text == Self::demo().text
    }

    /// Parses the value of `Authorization: Bearer …`.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("sk_live_").or_else(|| text.strip_prefix("sk_test_"))?;
        let (tenant, random) = rest.split_once('_')?;
        let plausible = |byte: u8| byte.is_ascii_alphanumeric();
        (is_tenant_name(tenant) && random.len() <= 64 && random.bytes().all(plausible))
            .then(|| Self::new(text.to_owned()))
    }

    /// The secret, which is shown only when the key is created.
    pub fn reveal(&self) -> &str {
        &self.text
    }

    pub fn tenant(&self) -> &str {
        self.text.split('_').nth(2).unwrap_or_default()
    }

    /// The stored form of the key: its SHA-256 digest in hexadecimal. It needs no salt, because 192
    /// random bits cannot be guessed.
    pub fn digest(&self) -> String {
        hexadecimal(&self.fingerprint)
    }

    /// The same digest as bytes, which is kept in memory instead of the key.
    pub const fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }
}

/// The bytes in hexadecimal.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        write!(text, "{byte:02x}").ok();
        text
    })
}

#[derive(Clone, Copy, Debug)]
pub enum KeyKind {
    Live,
    Test,
}

impl KeyKind {
    const fn name(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Test => "test",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_names_its_tenant() {
        let secret = KeySecret::generate(&Tenant::stored("north-2", None), KeyKind::Live);
        assert!(secret.reveal().starts_with("sk_live_north-2_"));
        let parsed = KeySecret::parse(secret.reveal()).expect("own format");
        assert_eq!(parsed.tenant(), "north-2");
        assert_eq!(parsed.digest(), secret.digest());
        assert!(KeySecret::parse(KeySecret::demo().reveal()).is_some_and(|key| key.is_demo()));
        for text in ["", "sk_live_", "sk_live_x", "sk_live__x", "sk_dead_a_b", "sk_live_A_b"] {
            assert!(KeySecret::parse(text).is_none(), "{text}");
        }
    }
}
