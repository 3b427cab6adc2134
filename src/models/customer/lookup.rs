//! Finding customers by whatever a cashier types or scans.

pub(super) mod filter;

mod matching;
mod postgres;
mod sql;
mod sqlite;
mod term;

use std::collections::BTreeSet;

use diesel::sql_types::BigInt;

use super::{DISABLED, ID};
use crate::{
    auth::Tenant,
    db::{
        self, Conn, RunQueryDsl, on,
        sql::{Condition, Expr, Select, Sql},
        types::{Uid, sql_types},
    },
    models::{
        Lookup,
        membership::{self, Groups},
        pos_profile,
    },
};

use self::sql::{Part, exact, similar_words, with_typos};
pub use self::{
    matching::{Fragment, Match, best_match},
    term::{SearchTerm, TermError},
};

/// Maximum number of hits of a search.
pub const HITS_MAX: u8 = 50;

/// A search for customers.
#[derive(Clone, Debug)]
pub struct CustomerSearch {
    pub term: SearchTerm,
    /// Only customers that this POS profile may sell to.
    pub pos_profile: Option<Lookup>,
    /// Whether disabled customers are found, too.
    pub with_disabled: bool,
    /// Maximum number of hits, up to [`HITS_MAX`].
    pub first: u8,
}

/// A customer that is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    pub customer: Uid,
    pub quality: Quality,
}

/// How well a customer matches, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quality {
    /// By an identifier, a phone number or an e-mail address.
    Identifier,
    /// By whole words.
    Words,
    /// By the beginnings of words.
    Beginnings,
    /// By words with typing errors.
    Typos,
}

impl Quality {
    const ALL: [Self; 4] = [Self::Identifier, Self::Words, Self::Beginnings, Self::Typos];

    /// A statement has it as a number, less for the better one.
    fn number(self) -> i64 {
        Self::ALL
            .iter()
            .zip(0..)
            .find_map(|(it, number)| (*it == self).then_some(number))
            .unwrap_or_default()
    }

    fn from_number(number: i64) -> Self {
        let place = usize::try_from(number).ok();
        place.and_then(|place| Self::ALL.get(place)).copied().unwrap_or(Self::Typos)
    }
}

impl CustomerSearch {
    /// The best hits, and of equal ones those that changed last. An unknown POS profile is an error.
    pub async fn hits(&self, conn: &mut Conn<'_>, tenant: &Tenant) -> Result<Vec<Hit>, db::Error> {
        let Some(filter) = self.filter(conn, tenant).await? else { return Ok(Vec::new()) };
        let query = Self::query(tenant, &filter, &exact(&self.term));
        let mut hits = load(conn, query).await?;
        let first = usize::from(self.first);
        hits.truncate(first);
        let is_full = hits.len() == first;
        let is_identified = hits.iter().any(|hit| hit.quality == Quality::Identifier);
        if is_full || is_identified || !self.term.may_have_typos() {
            return Ok(hits);
        }
        let similar = similar_words(conn, tenant, &self.term).await?;
        if similar.iter().all(BTreeSet::is_empty) {
            return Ok(hits);
        }
        let query = Self::query(tenant, &filter, &with_typos(&self.term, similar));
        let found: BTreeSet<Uid> = hits.iter().map(|hit| hit.customer).collect();
        let others = load(conn, query).await?;
        hits.extend(others.into_iter().filter(|hit| !found.contains(&hit.customer)));
        hits.truncate(first);
        Ok(hits)
    }

    /// The condition on customers; `None` if none can meet it.
    async fn filter(
        &self,
        conn: &mut Conn<'_>,
        tenant: &Tenant,
    ) -> Result<Option<Condition>, db::Error> {
        let enabled = (!self.with_disabled).then(|| Condition::flag(DISABLED, false));
        let mut in_scope = None;
        if let Some(profile) = &self.pos_profile {
            let found = pos_profile::named_profiles(conn, tenant, std::slice::from_ref(profile));
            let Some((profile, is_open)) = found.await?.remove(profile) else { return Ok(None) };
            if !is_open {
                let linked = pos_profile::groups_of(tenant, profile);
                let groups = Groups::below(conn, tenant, linked.clone(), None).await?;
                in_scope = Some(match groups {
                    Some(groups) => groups.have(tenant, ID),
                    None => membership::customer_is_in(tenant, ID, linked, true),
                });
            }
        }
        Ok(Some(Condition::all(enabled.into_iter().chain(in_scope))))
    }

    /// A query for the best hits of these parts.
    fn query(tenant: &Tenant, filter: &Condition, parts: &[Part]) -> Select<HitColumns> {
        // As many as any search may want: each number would make a statement of its own.
        let limit = HITS_MAX.into();
        let postgres = postgres::hits(tenant, filter, parts, limit);
        let from = Sql::default().per_dialect(postgres, sqlite::hits(tenant, filter, parts, limit));
        let with = Sql::default().per_dialect(Sql::default(), sqlite::counts(tenant, parts));
        let selection = (Expr::literal("best.customer_id"), Expr::literal("best.quality"));
        Select { with, selection, from }
    }
}

type HitColumns = (Expr<sql_types::Uid>, Expr<BigInt>);

async fn load(conn: &mut Conn<'_>, query: Select<HitColumns>) -> Result<Vec<Hit>, db::Error> {
    let found: Vec<(Uid, i64)> = on!(conn, |c| query.load(c).await)?;
    let hit = |(customer, quality)| Hit { customer, quality: Quality::from_number(quality) };
    Ok(found.into_iter().map(hit).collect())
}
