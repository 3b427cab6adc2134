//! Documents that clients refer to instead of sending them: automatic persisted queries, which the
//! clients of a tenant register, or the operator's trusted documents.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::http::StatusCode;
use quick_cache::{Weighter, unsync::Cache};
use sha2::{Digest, Sha256};

use super::{request::Wanted, trusted::Trusted};
use crate::{
    auth::Tenant,
    graphql::{ErrorCode, request_error},
    http::response::Refusal,
};

/// Maximum number of documents that a tenant's clients can register.
const REGISTERED_MAX: usize = 1_000;

/// The SHA-256 digest of a document.
pub type Hash = [u8; 32];

pub fn hash(text: &str) -> Hash {
    Sha256::digest(text).into()
}

/// Parses a digest in hexadecimal.
pub fn parse_hash(text: &str) -> Option<Hash> {
    let mut hash = Hash::default();
    let digits = text.as_bytes().chunks_exact(2);
    if text.len() != 2 * hash.len() {
        return None;
    }
    for (byte, pair) in hash.iter_mut().zip(digits) {
        let digits = str::from_utf8(pair).ok().filter(|it| !it.starts_with('+'))?;
        *byte = u8::from_str_radix(digits, 16).ok()?;
    }
    Some(hash)
}

/// The documents that requests may contain or refer to.
pub enum Documents {
    /// Requests may contain any document, or refer to a registered one by its digest.
    Any(Registered),
    /// Requests may use trusted documents only.
    Trusted(Trusted),
}

/// The document of a request.
pub struct Document {
    pub text: Arc<str>,
    /// The digest under which to register the document if it is valid; `None` if it is not to be
    /// registered.
    registers: Option<Hash>,
}

impl From<Arc<str>> for Document {
    fn from(text: Arc<str>) -> Self {
        Self { text, registers: None }
    }
}

impl Documents {
    /// Allows any document. The clients of a tenant can register this many bytes of documents; with
    /// 0, none.
    pub fn any(bytes_per_tenant: usize) -> Self {
        Self::Any(Registered { bytes_per_tenant, tenants: Mutex::default() })
    }

    /// Finds the document of a request.
    pub fn find(&self, tenant: &Tenant, wanted: Wanted) -> Result<Document, Refusal> {
        match self {
            Self::Any(registered) => registered.find(tenant, wanted),
            Self::Trusted(trusted) => Ok(trusted.find(wanted)?.into()),
        }
    }

    /// Registers a document that has passed validation, if the client requested that.
    pub fn register(&self, tenant: &Tenant, document: &Document) {
        if let (Self::Any(registered), Some(hash)) = (self, document.registers) {
            registered.insert(tenant, hash, &document.text);
        }
    }
}

type OfTenant = Cache<Hash, Arc<str>, Weight>;

/// The documents registered by clients. Each tenant has its own cache, so no tenant can detect or
/// evict another tenant's documents.
pub struct Registered {
    bytes_per_tenant: usize,
    tenants: Mutex<HashMap<String, OfTenant>>,
}

impl Registered {
    fn find(&self, tenant: &Tenant, wanted: Wanted) -> Result<Document, Refusal> {
        if wanted.document_id.is_some() {
            let message =
                "this server has no trusted documents: send the query instead of a documentId";
            return Err(refuse(ErrorCode::BadUserInput, message));
        }
        let digest = wanted.sha256_hash.as_deref().map(parse_hash);
        match (digest, wanted.query) {
            (None, query) => Ok(Document::from(Arc::from(query.unwrap_or_default()))),
            (Some(_), query) if self.bytes_per_tenant == 0 => match query {
                Some(query) => Ok(Document::from(Arc::from(query))),
                None => {
                    Err(refuse(ErrorCode::PersistedQueryNotSupported, "PersistedQueryNotSupported"))
                }
            },
            (Some(digest), Some(query)) => {
                if digest != Some(hash(&query)) {
                    let message =
                        "extensions.persistedQuery.sha256Hash is not the digest of the query";
                    let status = StatusCode::BAD_REQUEST;
                    return Err(Refusal::new(status, ErrorCode::BadUserInput, message));
                }
                Ok(Document { text: Arc::from(query), registers: digest })
            }
            (Some(digest), None) => {
                let found = digest.and_then(|hash| self.get(tenant, hash));
                let missing =
                    || refuse(ErrorCode::PersistedQueryNotFound, "PersistedQueryNotFound");
                Ok(found.ok_or_else(missing)?.into())
            }
        }
    }

    fn get(&self, tenant: &Tenant, hash: Hash) -> Option<Arc<str>> {
        let tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        tenants.get(tenant.id())?.get(&hash).cloned()
    }

    fn insert(&self, tenant: &Tenant, hash: Hash, text: &Arc<str>) {
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        let documents = tenants.entry(tenant.id().to_owned()).or_insert_with(|| {
            let least = self.bytes_per_tenant.div_ceil(REGISTERED_MAX);
            let capacity = u64::try_from(self.bytes_per_tenant).unwrap_or(u64::MAX);
            Cache::with_weighter(REGISTERED_MAX, capacity, Weight { least })
        });
        if documents.peek(&hash).is_none() {
            documents.insert(hash, Arc::clone(text));
        }
    }
}

/// The weight of a document in its tenant's bytes: its length, with a minimum that bounds the
/// number of documents to a thousand.
struct Weight {
    least: usize,
}

impl Weighter<Hash, Arc<str>> for Weight {
    fn weight(&self, hash: &Hash, text: &Arc<str>) -> u64 {
        let bytes = (hash.len() + text.len()).max(self.least);
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }
}

/// Rejects a well-formed request. Clients that accept only `application/json` get the status 200.
pub fn refuse(code: ErrorCode, message: &str) -> Refusal {
    Refusal::of_graphql(vec![request_error(code, message)])
}
