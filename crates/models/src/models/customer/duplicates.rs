//! Customers that are probably the same person or company.
//!
//! Candidates are found by the keys that searches use, and then compared field by field, because a key does not say
//! which field it is of.

mod candidates;
mod clues;
mod walk;

use std::collections::HashMap;

use super::{Customer, address::CustomerAddressAttributes, contact::CustomerContactAttributes};
use crate::{
    auth::Tenant,
    db::{self, Conn, pick::Columns as _, types::Uid},
    models::{
        Row,
        child::{Child, ChildAttributes},
        customer::ByCustomer,
    },
};

use self::{
    candidates::Candidates,
    clues::{Clues, score},
};

pub use self::{
    clues::{Reason, Shared},
    walk::{Place, Walk, WalkPage, Within},
};

/// Maximum number of duplicates that are returned for a customer.
pub const DUPLICATES_MAX: usize = 50;

/// Two customers that are probably the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    pub customer: Uid,
    pub duplicate: Uid,
    /// From 0 to 1.
    pub score: f64,
    pub reasons: Vec<Shared>,
}

/// The duplicates of each of these customers, most probable first, in a fixed number of statements.
pub async fn of_customers(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    customers: &[Uid],
) -> Result<HashMap<Uid, Vec<Pair>>, db::Error> {
    let mut known = Known::default();
    known.load(conn, tenant, customers).await?;
    let candidates = Candidates::find(conn, tenant, &known, customers).await?;
    known.load(conn, tenant, &candidates.all().collect::<Vec<_>>()).await?;
    let pairs = customers.iter().map(|id| {
        let mut pairs = known.pairs(*id, &candidates);
        pairs.truncate(DUPLICATES_MAX);
        (*id, pairs)
    });
    Ok(pairs.collect())
}

/// The clues of customers.
#[derive(Default)]
struct Known(HashMap<Uid, Clues>);

impl Known {
    /// Reads the customers that are not known yet, in three statements.
    async fn load(
        &mut self,
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        customers: &[Uid],
    ) -> Result<(), db::Error> {
        let unknown = customers.iter().filter(|id| !self.0.contains_key(id));
        let unknown: Vec<Uid> = unknown.copied().collect();
        if unknown.is_empty() {
            return Ok(());
        }
        conn.meter().take_rows(unknown.len())?;
        let columns = Customer::columns_named(&OWN);
        let rows = Customer::find_columns(conn, tenant, &unknown, columns).await?;
        let mut contacts =
            children::<CustomerContactAttributes>(conn, tenant, &unknown, &OF_CONTACTS).await?;
        let mut addresses =
            children::<CustomerAddressAttributes>(conn, tenant, &unknown, &OF_ADDRESSES).await?;
        for row in rows {
            let contacts = contacts.remove(&row.id).unwrap_or_default();
            let addresses = addresses.remove(&row.id).unwrap_or_default();
            let contacts: Vec<_> = contacts.iter().map(|it| &it.attributes).collect();
            let addresses: Vec<_> = addresses.iter().map(|it| &it.attributes).collect();
            let clues = Clues::of(tenant, &row.attributes, &contacts, &addresses);
            self.0.insert(row.id, clues);
        }
        Ok(())
    }

    fn clues(&self, id: Uid) -> Option<&Clues> {
        self.0.get(&id)
    }

    /// A customer's duplicates among its candidates, most probable first.
    fn pairs(&self, customer: Uid, candidates: &Candidates) -> Vec<Pair> {
        let Some(clues) = self.clues(customer) else { return Vec::new() };
        let pair = |duplicate: Uid| {
            let others = self.clues(duplicate)?;
            let reasons = clues.shared(others, &candidates.keys, &candidates.names);
            let score = score(&reasons);
            (!reasons.is_empty()).then_some(Pair { customer, duplicate, score, reasons })
        };
        let mut pairs: Vec<Pair> = candidates.of(customer).filter_map(pair).collect();
        pairs.sort_by(|a, b| b.score.total_cmp(&a.score).then(b.duplicate.cmp(&a.duplicate)));
        pairs
    }
}

/// The columns from which clues are derived.
const OWN: [&str; 6] =
    ["customer_name", "tax_id", "loyalty_id", "customer_pos_id", "email_id", "mobile_no"];
const OF_CONTACTS: [&str; 2] = ["email_id", "mobile_no"];
const OF_ADDRESSES: [&str; 3] = ["email_id", "phone", "postal_code"];

async fn children<A: ChildAttributes>(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    customers: &[Uid],
    names: &[&str],
) -> Result<ByCustomer<A>, db::Error> {
    Child::columns_of_parents(conn, tenant, customers, Child::<A>::columns_named(names)).await
}
