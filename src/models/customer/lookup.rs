//! Finding customers by whatever a cashier types or scans.

mod matching;
mod sql;
mod term;

use std::collections::BTreeSet;

use diesel::sql_types::BigInt;

use super::{DISABLED, ID, UPDATED_AT};
use crate::{
    auth::Tenant,
    db::{
        self, Conn, RunQueryDsl, on,
        sql::{Condition, Expr, Select, Sql, each_looks_up},
        types::{Uid, sql_types},
    },
    models::{
        Lookup,
        membership::{self, Groups},
        pos_profile,
    },
};

use self::sql::{Hits, exact, similar_words, with_typos};
pub(super) use self::sql::{KEYS, has_listed_key, listed_key};
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

    /// A statement has it as a number.
    fn from_number(number: i64) -> Self {
        let place = usize::try_from(number).ok();
        place.and_then(|place| Self::ALL.get(place)).copied().unwrap_or(Self::Typos)
    }
}

impl CustomerSearch {
    /// The best hits, and of equal ones those that changed last. An unknown POS profile is an error.
    pub async fn hits(&self, conn: &mut Conn<'_>, tenant: &Tenant) -> Result<Vec<Hit>, db::Error> {
        let Some(filter) = self.filter(conn, tenant).await? else { return Ok(Vec::new()) };
        let query = Self::query(tenant, &filter, exact(tenant, &self.term));
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
        let query = Self::query(tenant, &filter, with_typos(tenant, &self.term, similar));
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

    /// A query for the best of these hits.
    fn query(tenant: &Tenant, filter: &Condition, hits: Hits) -> Select<HitColumns> {
        let is_hit = Sql::new("customers.tenant_id = ")
            .text(tenant.id())
            .sql(" AND customers.id = best.customer_id");
        let from = Sql::new(" FROM (SELECT customer_id, min(quality) AS quality FROM (")
            .append(hits.queries)
            .sql(") AS hits GROUP BY customer_id) AS best")
            .append(each_looks_up("customers", "customers", is_hit))
            .sql(" WHERE ")
            .append(filter.clone().into_sql())
            .sql(" ORDER BY best.quality, ")
            .column(UPDATED_AT)
            .sql(" DESC, ")
            .column(ID)
            .sql(" DESC LIMIT ")
            // Each number would make a statement of its own.
            .literal(HITS_MAX.into());
        let selection = (Expr::literal("best.customer_id"), Expr::literal("best.quality"));
        Select { with: hits.with, selection, from }
    }
}

type HitColumns = (Expr<sql_types::Uid>, Expr<BigInt>);

async fn load(conn: &mut Conn<'_>, query: Select<HitColumns>) -> Result<Vec<Hit>, db::Error> {
    let found: Vec<(Uid, i64)> = on!(conn, |c| query.load(c).await)?;
    let hit = |(customer, quality)| Hit { customer, quality: Quality::from_number(quality) };
    Ok(found.into_iter().map(hit).collect())
}
