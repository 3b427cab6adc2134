//! Lookups of customers by a text that a cashier types or scans.

pub(super) mod filter;

mod children;
mod found;
mod known;
mod matching;
mod postgres;
mod recent;
mod scope;
mod sql;
mod sqlite;
mod term;

use std::collections::BTreeSet;

use crate::{
    auth::Tenant,
    db::{self, Conn, types::Uid},
    models::Lookup,
};

pub use self::{
    children::SearchedChild,
    matching::{Fragment, Match, best_match},
    term::{SearchTerm, TermError},
};
use self::{
    found::Results,
    scope::Scope,
    sql::{Search, exact, with_typos},
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

/// The quality of a match, best first.
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

    /// Its number in statements. A better quality has a lower number.
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
    /// The best hits. Of equally good ones, those that changed last come first. An unknown POS profile is an error.
    pub async fn hits(&self, conn: &mut Conn<'_>, tenant: &Tenant) -> Result<Vec<Hit>, db::Error> {
        let scope = Scope::of(self, conn, tenant).await?;
        let mut hits = Hits::default();
        let exact = exact(&self.term);
        let search = Search { tenant, scope: &scope, parts: &exact };
        let found = Results::load(conn, search, Some(self)).await?;
        hits.add(found.hits);
        let known = found.known.filter(|_| hits.0.len() < self.first.into());
        if let Some(similar) = known.and_then(|known| known.similar(&self.term)) {
            let parts = with_typos(&self.term, similar);
            let found = Results::load(conn, Search { parts: &parts, ..search }, None).await?;
            hits.add(found.hits);
        }
        Ok(hits.best(self.first.into()))
    }
}

/// Hits of several searches. Of those of equal quality, the ones that were added first rank higher.
#[derive(Default)]
struct Hits(Vec<Hit>);

impl Hits {
    /// Adds hits, and keeps only the best one of each customer.
    fn add(&mut self, hits: impl IntoIterator<Item = Hit>) {
        self.0.extend(hits);
        self.0.sort_by_key(|hit| hit.quality);
        let mut known = BTreeSet::new();
        self.0.retain(|hit| known.insert(hit.customer));
    }

    fn best(mut self, number: usize) -> Vec<Hit> {
        self.0.truncate(number);
        self.0
    }
}
