//! Admission control: limits the concurrency and the rate of requests.

use std::{
    collections::HashSet,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    body::Body,
    extract::{Request, State},
    http::{Extensions, HeaderMap, HeaderName, StatusCode},
    middleware::Next,
    response::Response,
};
use clap::Args;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    client::Client,
    guarded::GuardedBody,
    rate_limit::{Rate, RateLimit},
    response::{Refusal, refused},
};
use crate::{
    auth::{Fingerprint, KeySecret, Tenant, Viewer},
    db::{Memory, Meter},
    graphql::ErrorCode,
};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Default rate of requests without a valid key.
const FAILED_KEY_LIMIT: Rate = Rate { burst: 20, interval: Duration::from_secs(3) };

/// Default of the memory that requests share: enough for four requests of the maximum size.
const MEMORY_BYTES: usize = 256 << 20;

/// Maximum number of keys in the cache of valid keys.
const KNOWN_MAX: usize = 10_000;

/// The limits on admitted requests.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Admission")]
pub struct AdmissionSettings {
    /// Maximum number of concurrent requests to /graphql, of which one tenant may have three quarters;
    /// further ones get the status 503.
    #[arg(
        long,
        env = "CLIENTELE_MAX_REQUESTS",
        default_value_t = 128,
        value_parser = clap::value_parser!(u16).range(1..),
        value_name = "NUMBER"
    )]
    pub max_requests: u16,

    /// Maximum memory of all requests together, in bytes, beyond 1 MiB that each has for itself; a
    /// request that needs more gets the status 503.
    #[arg(
        long,
        env = "CLIENTELE_MAX_MEMORY_BYTES",
        default_value_t = MEMORY_BYTES,
        value_name = "NUMBER"
    )]
    pub max_memory_bytes: usize,

    /// Maximum rate of requests per key, like 50/s or 1000/m, which is also the burst size.
    /// Default: no limit.
    #[arg(long, env = "CLIENTELE_RATE_LIMIT", value_name = "RATE")]
    pub rate_limit: Option<Rate>,

    /// Burst size of a key, if it differs from --rate-limit.
    #[arg(
        long,
        env = "CLIENTELE_RATE_BURST",
        requires = "rate_limit",
        value_parser = clap::value_parser!(u32).range(1..),
        value_name = "NUMBER"
    )]
    pub rate_burst: Option<u32>,

    /// Maximum rate of requests without a valid key per client address.
    #[arg(long, env = "CLIENTELE_FAILED_KEY_LIMIT", default_value_t = FAILED_KEY_LIMIT,
          value_name = "RATE")]
    pub failed_key_limit: Rate,

    /// Number of reverse proxies in front, and so of trusted entries of X-Forwarded-For, counted
    /// from the right.
    #[arg(long, env = "CLIENTELE_TRUSTED_PROXIES", default_value_t = 0, value_name = "NUMBER")]
    pub trusted_proxies: u8,
}

impl Default for AdmissionSettings {
    fn default() -> Self {
        Self {
            max_requests: 128,
            max_memory_bytes: MEMORY_BYTES,
            rate_limit: None,
            rate_burst: None,
            failed_key_limit: FAILED_KEY_LIMIT,
            trusted_proxies: 0,
        }
    }
}

/// The admission control of a server. Cheap to clone.
#[derive(Clone)]
pub struct Admission(Arc<Shared>);

struct Shared {
    requests: Arc<Semaphore>,
    memory: Memory,
    /// The number of concurrent requests of each tenant that has any. There are few such tenants, so a linear search is
    /// fast.
    of_tenants: Mutex<Vec<(Tenant, u16)>>,
    of_tenant_max: u16,
    of_keys: Option<RateLimit<(String, String)>>,
    failures: RateLimit<IpAddr>,
    /// Digests of keys that were valid. These keys are admitted even from addresses with too many
    /// failures.
    known: Mutex<HashSet<Fingerprint>>,
    trusted_proxies: usize,
}

impl Default for Admission {
    fn default() -> Self {
        Self::new(&AdmissionSettings::default())
    }
}

impl Admission {
    pub fn new(settings: &AdmissionSettings) -> Self {
        let rate = settings
            .rate_limit
            .map(|rate| Rate { burst: settings.rate_burst.unwrap_or(rate.burst), ..rate });
        Self(Arc::new(Shared {
            requests: Arc::new(Semaphore::new(settings.max_requests.into())),
            memory: Memory::new(settings.max_memory_bytes),
            of_tenants: Mutex::default(),
            of_tenant_max: settings.max_requests - settings.max_requests / 4,
            of_keys: rate.map(RateLimit::new),
            failures: RateLimit::new(settings.failed_key_limit),
            known: Mutex::default(),
            trusted_proxies: settings.trusted_proxies.into(),
        }))
    }

    /// The memory that the requests share.
    pub fn memory(&self) -> &Memory {
        &self.0.memory
    }

    /// The client's address: `None` if the request did not come over a connection.
    pub fn address(&self, extensions: &Extensions, headers: &HeaderMap) -> Option<IpAddr> {
        let peer = extensions.get::<Client>()?.ip();
        let forwarded = headers.get_all(X_FORWARDED_FOR);
        let text = forwarded.iter().filter_map(|value| value.to_str().ok());
        let entries: Vec<&str> = text.flat_map(|text| text.split(',')).collect();
        let trusted = self.0.trusted_proxies;
        let entry = trusted.checked_sub(1).and_then(|skip| entries.iter().rev().nth(skip));
        let named = entry.and_then(|entry| entry.trim().parse::<IpAddr>().ok());
        Some(named.map_or(peer, |address| address.to_canonical()))
    }

    /// Refuses an unknown key from an address with too many failures, before the key is looked up.
    pub fn check_address(
        &self,
        address: Option<IpAddr>,
        secret: Option<&KeySecret>,
    ) -> Result<(), Refusal> {
        let Some(address) = address else { return Ok(()) };
        match self.0.failures.wait(&network(address), Instant::now()) {
            Some(wait) if !secret.is_some_and(|it| self.known().contains(&it.fingerprint())) => {
                Err(too_often("failed-keys", "too many requests with a wrong key", wait))
            }
            _ => Ok(()),
        }
    }

    /// Records that a key was invalid.
    pub fn key_failed(&self, address: Option<IpAddr>) {
        if let Some(address) = address {
            // The result is ignored: this request is rejected anyway, and the next one is checked
            // first.
            self.0.failures.take(&network(address), Instant::now()).ok();
        }
    }

    /// Records that a key is valid, and counts the request against the key's rate limit and its tenant's limit of
    /// concurrent requests.
    pub fn key_passed(
        &self,
        secret: &KeySecret,
        viewer: &Viewer,
        place: Option<&Arc<Place>>,
    ) -> Result<(), Refusal> {
        let mut known = self.known();
        if known.len() >= KNOWN_MAX {
            known.clear();
        }
        known.insert(secret.fingerprint());
        drop(known);
        if let Some(of_keys) = &self.0.of_keys {
            let key = (viewer.tenant().id().to_owned(), viewer.name().to_owned());
            of_keys
                .take(&key, Instant::now())
                .map_err(|wait| too_often("rate", "this key sends too many requests", wait))?;
        }
        let Some(place) = place else { return Ok(()) };
        let share = Share::take(&self.0, viewer.tenant())
            .ok_or_else(|| too_many("tenant-requests", "the tenant"))?;
        place.share.set(share).ok();
        Ok(())
    }

    fn known(&self) -> MutexGuard<'_, HashSet<Fingerprint>> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The address that identifies a client: an IPv4 address, or an IPv6 network, because each client
/// has many IPv6 addresses.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(it) => {
            let [a, b, c, d, ..] = it.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// A request's slot among the concurrent requests. The request holds it until its response has been
/// sent.
pub struct Place {
    _permit: OwnedSemaphorePermit,
    /// Set once the request's tenant is known.
    share: OnceLock<Share>,
    meter: OnceLock<Meter>,
}

impl Place {
    /// Holds the memory of the request as long as the slot.
    pub fn hold_memory(&self, meter: Meter) {
        self.meter.set(meter).ok();
    }
}

/// A request's slot among the concurrent requests of its tenant.
struct Share {
    admission: Arc<Shared>,
    tenant: Tenant,
}

impl Share {
    /// Takes a slot; `None` if the tenant has reached its limit, so that requests of other tenants
    /// still find one.
    fn take(admission: &Arc<Shared>, tenant: &Tenant) -> Option<Self> {
        let mut of_tenants = admission.of_tenants();
        match of_tenants.iter_mut().find(|(it, _)| it == tenant) {
            Some((_, requests)) if *requests >= admission.of_tenant_max => return None,
            Some((_, requests)) => *requests += 1,
            None => of_tenants.push((tenant.clone(), 1)),
        }
        Some(Self { admission: Arc::clone(admission), tenant: tenant.clone() })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut of_tenants = self.admission.of_tenants();
        for (_, requests) in of_tenants.iter_mut().filter(|(it, _)| *it == self.tenant) {
            *requests -= 1;
        }
        of_tenants.retain(|(_, requests)| *requests > 0);
    }
}

impl Shared {
    fn of_tenants(&self) -> MutexGuard<'_, Vec<(Tenant, u16)>> {
        self.of_tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Middleware that admits requests up to the limit of concurrent requests.
pub async fn limit(
    State(admission): State<Admission>,
    mut request: Request,
    next: Next,
) -> Response {
    let Ok(permit) = Arc::clone(&admission.0.requests).try_acquire_owned() else {
        return refused(too_many("requests", "the server"));
    };
    let place = Arc::new(Place { _permit: permit, share: OnceLock::new(), meter: OnceLock::new() });
    request.extensions_mut().insert(Arc::clone(&place));
    next.run(request).await.map(|body| Body::new(GuardedBody::new(body, place)))
}

fn too_many(limit: &'static str, whose: &str) -> Refusal {
    let message = format!("{whose} has too many requests in progress: try again later");
    let (status, code) = (StatusCode::SERVICE_UNAVAILABLE, ErrorCode::ServiceUnavailable);
    Refusal::later(status, code, limit, &message, Duration::from_secs(1))
}

fn too_often(limit: &'static str, what: &str, wait: Duration) -> Refusal {
    let message = format!("{what}: try again later");
    let (status, code) = (StatusCode::TOO_MANY_REQUESTS, ErrorCode::RateLimited);
    Refusal::later(status, code, limit, &message, wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_network_is_one_client() {
        let address = |text: &str| network(text.parse().expect("an address"));
        assert_eq!(address("2001:db8:0:1::1"), address("2001:db8:0:1:2::3"));
        assert_ne!(address("2001:db8:0:1::1"), address("2001:db8:0:2::1"));
        assert_ne!(address("192.0.2.1"), address("192.0.2.2"));
    }
}
