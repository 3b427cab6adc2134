//! Authentication and authorization: who sends a request, for which tenant, and with which
//! permissions.
//!
//! A [`Tenant`] can only be created in this file, from a credential or from the command line, and
//! every function of the models requires one. A [`Writer`] is a viewer whose credential may write,
//! or an operator, and every function that changes the graph requires one. So neither check can be
//! forgotten. An [`Administrator`] is a viewer who may also manage the tenant's keys and its defaults, and
//! delete groups and loyalty programs together with their contents; an operator is one, too.

mod known_keys;

use std::{
    collections::HashMap,
    fmt::Write,
    hash::{Hash, Hasher},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sha2::{Digest, Sha256};

use crate::{
    clock::{Clock, random_bytes},
    db::{
        self, Conn, Db,
        types::{Timestamp, Uid},
    },
    models::{
        api_key::{ApiKey, Scope},
        tenant,
    },
    phone::Country,
};

use self::known_keys::{KeyHolder, KnownKeys};

pub use self::known_keys::KNOWN;

/// The name of the tenant and of the key of `clientele serve --demo`.
pub const DEMO: &str = "demo";

/// Timeout for looking up a key.
const AUTHENTICATION: Duration = Duration::from_secs(5);

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
        // Only valid codes are stored; without a country, fewer phone numbers are understood.
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
    known: KnownKeys,
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
        self.0.known.forget();
    }

    /// Each scope includes the one before it.
    pub fn writer(self) -> Writer<'a> {
        Writer(self.0)
    }
}

/// The user of the command line, who has all permissions for that tenant.
pub struct Operator(Viewer);

impl Operator {
    /// `name` is recorded as `createdBy` and `lastModifiedBy`.
    pub fn new(tenant: Tenant, name: &str, clock: &Clock) -> Self {
        let (name, clock, known) = (name.into(), clock.clone(), KnownKeys::default());
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
/// It names its tenant, so that looking it up touches that tenant's rows only (and a key that leaks
/// tells whose it is). The random part has 192 bits. The two kinds are for people: a key of a test
/// system is not taken for one of the shop by mistake.
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

    /// The secret, to be shown once.
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

    /// The same digest as bytes: what is kept in memory instead of the key.
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

/// Authenticates keys, with a cache of valid ones. Cheap to clone; clones share the cache.
///
/// A valid key is cached for one second, so that most requests need no statement for it. A key that another
/// server or the command line revokes is therefore rejected by every server after one second at most.
#[derive(Clone)]
pub struct Authenticator {
    db: Db,
    clock: Clock,
    known: KnownKeys,
    /// When the use of each key was last recorded, or is about to be.
    noted: Arc<Mutex<HashMap<Uid, Timestamp>>>,
}

impl Authenticator {
    pub fn new(db: Db, clock: Clock) -> Self {
        Self { db, clock, known: KnownKeys::default(), noted: Arc::default() }
    }

    /// The viewer with that key; `None` if the key is unknown, revoked or expired.
    pub async fn authenticate(&self, secret: &KeySecret) -> Result<Option<Viewer>, db::Error> {
        let now = self.clock.now();
        let holder = match self.known.get(secret, now) {
            Some(holder) => Some(holder),
            None => self.look_up(secret, now).await?,
        };
        Ok(holder.map(|holder| {
            let KeyHolder { tenant, name, scope } = holder;
            Viewer { tenant, name, scope, clock: self.clock.clone(), known: self.known.clone() }
        }))
    }

    /// Reads the key, knows it from now on, and notes its use.
    async fn look_up(
        &self,
        secret: &KeySecret,
        now: Timestamp,
    ) -> Result<Option<KeyHolder>, db::Error> {
        let begun = self.known.begin();
        let found = async {
            let mut lease = self.db.read().await?;
            ApiKey::authenticate(&mut lease.conn(), secret, now).await
        };
        let Some((key, country)) = db::Error::in_time(AUTHENTICATION, found).await? else {
            return Ok(None);
        };
        if key.is_touch_due(now) && self.is_first_to_note(&key, now) {
            note_use(self.db.clone(), key.clone(), now);
        }
        let Ok(scope) = key.scope.parse() else { return Ok(None) };
        let tenant = Tenant::stored(&key.tenant_id, country.as_deref());
        let holder = KeyHolder { tenant, name: key.name.into(), scope };
        self.known.insert(secret, begun, holder.clone(), key.expires_at);
        Ok(Some(holder))
    }

    /// Of several requests before the use is recorded, only one records it.
    fn is_first_to_note(&self, key: &ApiKey, now: Timestamp) -> bool {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        let is_first = noted.get(&key.id).is_none_or(|last| ApiKey::is_touch_due_since(*last, now));
        if is_first {
            noted.insert(key.id, now);
        }
        is_first
    }
}

/// Records the use of the key, without delaying the request.
fn note_use(db: Db, key: ApiKey, now: Timestamp) {
    tokio::spawn(async move {
        let noted = async {
            let mut lease = db.write().await?;
            key.touch(&mut lease.conn(), now).await
        };
        if let Err(error) = noted.await {
            tracing::warn!(key = %key.name, error = %db::describe(&error), "last use not noted");
        }
    });
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
