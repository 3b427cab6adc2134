//! All pairs of duplicates, in pages: a request examines a bounded number of customers.

use std::collections::BTreeSet;

use super::{Candidates, Known, Pair};
use crate::{
    auth::Tenant,
    db::{self, Conn, pick::ColumnSet, types::Uid},
    models::{
        Customer,
        customer::ID,
        filter::{Filter, IdTest, Predicate, RowTest},
        list::{self, FilterOf, List, ListOf, Listed, Page, Position, Sort, SortKey},
    },
};

/// Maximum number of customers that a request examines.
const EXAMINED_MAX: usize = 500;

/// Maximum number of candidates with which a request compares them. It examines one customer at least.
const CANDIDATES_MAX: usize = 5_000;

/// A walk through the customers that match a filter, in the order of their creation, which changes and merges between
/// pages do not affect; the latest one comes first.
pub struct Walk {
    pub filter: FilterOf<Customer>,
    /// Maximum number of pairs.
    pub first: usize,
    pub after: Option<Place>,
}

/// A place in a walk.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// The last customer whose pairs have all been returned.
    pub after: Option<Uid>,
    /// The next customer, if some of its pairs have been returned.
    pub within: Option<Within>,
}

/// A customer and the last of its pairs that has been returned. (Not the number of pairs: duplicates are deleted and
/// merged between pages.)
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Within {
    pub customer: Uid,
    pub score: f64,
    pub duplicate: Uid,
}

impl Within {
    fn last(pair: &Pair) -> Self {
        Self { customer: pair.customer, score: pair.score, duplicate: pair.duplicate }
    }

    /// Whether the pair has been returned: the most probable pairs come first.
    fn is_past(self, pair: &Pair) -> bool {
        let by_score = pair.score.total_cmp(&self.score).then(pair.duplicate.cmp(&self.duplicate));
        pair.customer == self.customer && by_score.is_ge()
    }
}

/// The pairs of a part of a walk.
pub struct WalkPage {
    pub pairs: Vec<Pair>,
    /// The place at which the page ends; `None` if no customer was examined.
    pub end: Option<Place>,
    pub has_more: bool,
}

impl Walk {
    /// Examines some customers, in a fixed number of statements. A pair is returned with the customer that the walk
    /// visits first.
    pub async fn page(&self, conn: &mut Conn<'_>, tenant: &Tenant) -> Result<WalkPage, db::Error> {
        let list = self.list();
        let (resolved, slice) = list::page::<Customer>(conn, tenant, &list, ColumnSet::ID).await?;
        let ids: Vec<Uid> = slice.rows.iter().map(|row| row.id).collect();
        let mut known = Known::default();
        known.load(conn, tenant, &ids).await?;
        let candidates = Candidates::find(conn, tenant, &known, &ids).await?;
        let (examined, compared) = within_bounds(&ids, &candidates);
        known.load(conn, tenant, &compared).await?;
        let earlier = matching(conn, tenant, &resolved.filter, &compared).await?;
        let mut walked = WalkPage {
            pairs: Vec::new(),
            end: None,
            has_more: slice.has_more || examined.len() < ids.len(),
        };
        let mut after = self.after.as_ref().and_then(|it| it.after);
        for id in examined {
            let is_of_this =
                |pair: &Pair| !earlier.contains(&pair.duplicate) || pair.duplicate < *id;
            let pairs = known.pairs(*id, &candidates);
            let pairs: Vec<Pair> = pairs.into_iter().filter(is_of_this).collect();
            let count = pairs.len();
            for (position, pair) in pairs.into_iter().enumerate() {
                if self.within().is_some_and(|within| within.is_past(&pair)) {
                    continue;
                }
                if walked.pairs.len() == self.first {
                    walked.has_more = true;
                    return Ok(walked);
                }
                let is_last = position + 1 == count;
                let within = (!is_last).then(|| Within::last(&pair));
                let after = if is_last { Some(*id) } else { after };
                walked.pairs.push(pair);
                walked.end = Some(Place { after, within });
            }
            after = Some(*id);
            walked.end = Some(Place { after, within: None });
        }
        Ok(walked)
    }

    fn within(&self) -> Option<Within> {
        self.after.as_ref().and_then(|it| it.within)
    }

    fn list(&self) -> ListOf<Customer> {
        let after = self.after.as_ref().and_then(|it| it.after);
        let after = after.map(|uid| Position { key: SortKey::Id, uid });
        let page = Page { size: EXAMINED_MAX, from_end: false, after, before: None, offset: 0 };
        List { filter: self.filter.clone(), sort: Sort::CreatedAt, descending: true, page }
    }
}

/// The first of these customers, with at most [`CANDIDATES_MAX`] candidates together, and these
/// candidates.
fn within_bounds<'c>(customers: &'c [Uid], candidates: &Candidates) -> (&'c [Uid], Vec<Uid>) {
    let mut compared = BTreeSet::new();
    let mut examined = 0;
    for customer in customers {
        let of_customer: Vec<Uid> = candidates.of(*customer).collect();
        if examined > 0 && compared.len() + of_customer.len() > CANDIDATES_MAX {
            break;
        }
        compared.extend(of_customer);
        examined += 1;
    }
    (customers.get(..examined).unwrap_or_default(), compared.into_iter().collect())
}

/// The customers among these that match the filter, so that the walk visits them, too.
async fn matching(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    filter: &FilterOf<Customer>,
    customers: &[Uid],
) -> Result<BTreeSet<Uid>, db::Error> {
    if *filter == Filter::default() || customers.is_empty() {
        return Ok(customers.iter().copied().collect());
    }
    let among = RowTest::column(ID, Predicate::Id(IdTest::In(customers.to_vec())));
    let page = Page { size: CANDIDATES_MAX, from_end: false, after: None, before: None, offset: 0 };
    let list = List {
        filter: Filter::Is(among).and(filter),
        sort: Sort::CreatedAt,
        descending: false,
        page,
    };
    let found = Customer::page(conn, tenant, &list, ColumnSet::ID).await?;
    Ok(found.rows.iter().map(|row| row.id).collect())
}
